"""The login by OpenID Connect, of its settings: the provider as it is known, ourselves as it registered us, the road.

Nothing is discovered: the addresses of the provider stand in the settings, and its keys alone are fetched.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from gateway.identity.login import Level, LoginKind
from gateway.identity.oidc import ClaimPaths, LoginClient, Provider, Registration, key_id_of
from gateway.net.fetching import Outbound
from gateway.portal.oidc_road import OidcRoad
from gateway.settings import OidcSection
from gateway.wiring.portal_keys import PortalKeys


def oidc_road(url: str, login: OidcSection, keys: Callable[[], PortalKeys], outbound: Outbound) -> OidcRoad:
    """The road of a portal at that address, which asks with the key that was read last."""

    def us() -> Registration:
        signer = keys().signer
        return Registration(
            clients={kind: _client(url, kind, each) for kind, each in _clients(login)},
            signer=signer,
            key_id=key_id_of(signer.certificate),
            required=Level(login.level),
            claims=ClaimPaths(**{name: tuple(path) for name, path in login.claims.model_dump().items()}),
            acr_values=tuple(login.acr_values),
        )

    return OidcRoad(us, _provider(login), outbound, random=os.urandom)


def _clients(login: OidcSection) -> tuple[tuple[LoginKind, str], ...]:
    return (LoginKind.USER, login.user), (LoginKind.ADMINISTRATOR, login.administrator)


def _client(url: str, kind: LoginKind, client_id: str) -> LoginClient:
    return LoginClient(kind=kind, client_id=client_id, redirect_uri=f"{url}/oidc/{kind.value}/callback")


def _provider(login: OidcSection) -> Provider:
    return Provider(
        issuer=login.issuer,
        authorization_url=login.authorization_url,
        token_url=login.token_url,
        keys_url=login.keys_url,
        services=frozenset(kind for kind, _ in _clients(login)),
        levels={acr: Level(level) for acr, level in login.levels.items()},
        audience=login.audience or login.issuer,
    )
