"""The road of OpenID Connect as the settings say it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID
from support.clocks import StandingClock
from support.identity.logins import AT, us
from wiring.test_portal_settings import HUB, OIDC

from crypto.keys import SigningKey
from gateway.identity.login import LoginKind
from gateway.net.destination import Destinations
from gateway.net.fetching import Outbound
from gateway.portal.oidc_road import OidcRoad
from gateway.settings import parse_settings
from gateway.wiring import NotStartable
from gateway.wiring.oidc_login import oidc_road
from gateway.wiring.portal_keys import PortalKeys

KEYS = PortalKeys(tls=None, signer=us().signer, unwrappers=(), broker_signers=())


def road(keys: PortalKeys = KEYS, more: str = "") -> OidcRoad:
    section = parse_settings(HUB + OIDC + more).portal
    assert section is not None
    assert section.oidc is not None
    outbound = Outbound(Destinations(hosts=frozenset(), networks=()))
    return oidc_road(section.url, section.oidc, keys, outbound)


def test_a_login_goes_to_the_address_of_the_settings_as_the_client_of_its_service_PO_84() -> None:
    now = StandingClock(AT).now()
    for kind in LoginKind:
        found = road(more='acr_values = ["idp:eherkenning"]\n')
        way = found.leave(found.depart(kind, now), kind, "handle", now)
        assert (way.action, way.origin) == ("https://broker.example/oidc/auth", "https://broker.example")
        assert way.fields["client_id"] == f"portal-{kind.value}"
        assert way.fields["redirect_uri"] == f"https://portaal.example/oidc/{kind.value}/callback"
        assert way.fields["acr_values"] == "idp:eherkenning"


def test_no_login_begins_with_the_values_of_another() -> None:
    found, now = road(), StandingClock(AT).now()
    one, other = (found.depart(LoginKind.USER, now) for _ in range(2))
    assert len({one.request_id, one.memo, other.request_id, other.memo}) == 4


def test_the_key_that_asks_for_tokens_is_published() -> None:
    (key,) = json.loads(road().keys or b"")["keys"]
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


def test_a_key_of_another_kind_keeps_the_hub_from_starting() -> None:
    key, name = ed25519.Ed25519PrivateKey.generate(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "login")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, AT, AT + timedelta(days=10))
    signer = SigningKey(private_key=key, certificate=builder.sign(key, None))
    with pytest.raises(NotStartable, match=r"portal\.oidc\.key: a client assertion is signed with an RSA key"):
        road(replace(KEYS, signer=signer))
