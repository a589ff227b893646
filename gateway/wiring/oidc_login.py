"""The login by OpenID Connect, of its settings: the provider as it is known, ourselves as it registered us, the road.

Nothing is discovered: the addresses of the provider stand in the settings, and its keys alone are fetched.
"""

from __future__ import annotations

import os

from gateway.identity.login import Level, LoginKind
from gateway.identity.oidc import ClaimPaths, LoginClient, Provider, Registration, key_id_of, our_keys
from gateway.net.fetching import Outbound
from gateway.portal.oidc_road import OidcRoad
from gateway.settings import OidcSection
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.portal_keys import PortalKeys


def oidc_road(url: str, login: OidcSection, keys: PortalKeys, outbound: Outbound) -> OidcRoad:
    """The road of a portal at that address; `NotStartable` where its key is not of the kind that asks for tokens."""
    certificate = keys.signer.certificate
    try:
        published = our_keys((certificate,))
        us = Registration(
            clients={kind: _client(url, kind, each) for kind, each in _clients(login)},
            signer=keys.signer,
            key_id=key_id_of(certificate),
            required=Level(login.level),
            claims=ClaimPaths(**{name: tuple(path) for name, path in login.claims.model_dump().items()}),
            acr_values=tuple(login.acr_values),
        )
    except ValueError as fault:
        raise NotStartable((f"portal.oidc.key: {fault}",)) from None
    return OidcRoad(us, _provider(login), outbound, keys=published, random=os.urandom)


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
