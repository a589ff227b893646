"""The road of OpenID Connect as the settings say it, with the key that was read last."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID
from support.clocks import StandingClock
from support.identity.logins import AT, issued, us
from wiring.test_portal_settings import HUB, OIDC

from crypto.keys import SigningKey
from crypto.pki import certificates_pem, private_key_pem
from gateway.clock import SystemClock
from gateway.identity.login import LoginKind
from gateway.identity.oidc import key_id_of
from gateway.net.destination import Destinations
from gateway.net.fetching import NotFetched, Outbound
from gateway.portal.oidc_road import OidcRoad
from gateway.settings import parse_settings, read_settings
from gateway.site.making import Site
from gateway.store.portal.model import OpenLogin
from gateway.wiring import ConfiguredSite, NotStartable
from gateway.wiring.oidc_login import oidc_road
from gateway.wiring.portal_keys import PortalKeys
from xsd.catalogue import load_catalogue

NO_RSA_KEY = r"portal\.oidc\.certificate: \S+: no suite works with a key of this kind; give one of: RSA$"
KEYS = PortalKeys(tls=None, signer=us().signer, unwrappers=(), broker_signers=())


class Outgoing(Outbound):
    """Keeps what the provider is asked, and gets no answer."""

    def __init__(self) -> None:
        super().__init__(Destinations(hosts=frozenset(), networks=()))
        self.asked: list[bytes] = []

    async def post(self, _url: str, octets: bytes, **_how: Any) -> bytes:
        self.asked.append(octets)
        raise NotFetched("nobody is there")


def road(more: str = "") -> OidcRoad:
    section = parse_settings(HUB + OIDC + more).portal
    assert section is not None
    assert section.oidc is not None
    return oidc_road(section.url, section.oidc, lambda: KEYS, Outgoing())


def test_a_login_goes_to_the_address_of_the_settings_as_the_client_of_its_service_PO_84() -> None:
    now = StandingClock(AT).now()
    for kind in LoginKind:
        found = road('acr_values = ["idp:eherkenning"]\n')
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


def put_key(site: Site, key: SigningKey) -> None:
    """The key of logins that the settings name is that one from now on."""
    folder = site.settings.parent
    (folder / "login.key").write_bytes(private_key_pem(key.private_key))
    (folder / "login.key").chmod(0o600)
    (folder / "login.pem").write_bytes(certificates_pem(key.certificate))


def made(name: str) -> SigningKey:
    found = issued(name)
    return SigningKey(private_key=found.private_key, certificate=found.certificate)


def of_another_kind() -> SigningKey:
    key, name = ed25519.Ed25519PrivateKey.generate(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "login")])
    at = SystemClock().now()
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, at - timedelta(days=1), at + timedelta(days=10))
    return SigningKey(private_key=key, certificate=builder.sign(key, None))


async def asking(found: OidcRoad, outgoing: Outgoing) -> str:
    """The name of the key that asks for a token."""
    opened = OpenLogin(request_id="n" * 64, road="oidc", kind=LoginKind.USER, memo="v" * 64, began_at=AT)
    with pytest.raises(NotFetched):
        await found.finish({"code": "c", "state": "s", "iss": "https://broker.example/oidc"}, opened, AT)
    (assertion,) = parse_qs(outgoing.asked[-1].decode())["client_assertion"]
    head = assertion.partition(".")[0]
    return str(json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


async def test_a_reload_takes_over_the_key_that_asks_for_tokens_and_publishes_it_in_its_place(site: Site) -> None:
    first, following, clock = made("login"), made("the next login key"), SystemClock()
    with site.settings.open("a") as file:
        file.write(OIDC)
    put_key(site, first)
    settings = read_settings(site.settings)
    read, outgoing = ConfiguredSite(settings, load_catalogue()), Outgoing()
    assert settings.portal is not None
    assert settings.portal.oidc is not None

    def keys() -> PortalKeys:
        assert read.own.portal is not None
        return read.own.portal

    found = oidc_road(settings.portal.url, settings.portal.oidc, keys, outgoing)
    for key in (first, following):
        put_key(site, key)
        read.take_over(read.read_again(clock.now()))
        (published,) = json.loads(found.keys or b"")["keys"]
        assert [published["kid"], await asking(found, outgoing)] == [key_id_of(key.certificate)] * 2
    put_key(site, of_another_kind())
    with pytest.raises(NotStartable, match=NO_RSA_KEY):
        read.read_again(clock.now())
    assert await asking(found, outgoing) == key_id_of(following.certificate)


def test_a_key_of_another_kind_keeps_the_hub_from_starting(site: Site) -> None:
    with site.settings.open("a") as file:
        file.write(OIDC)
    put_key(site, of_another_kind())
    with pytest.raises(NotStartable, match=NO_RSA_KEY):
        ConfiguredSite(read_settings(site.settings), load_catalogue())
