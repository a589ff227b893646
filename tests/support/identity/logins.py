"""One login by SAML as every test has it: ourselves, the mock broker, an answer, and the reading of it.

    read(answer())                          the login
    read(answer(level="...:loa2"))          LoginRefused

`given` is an answer as octets where a test bends it by hand; `logged_in` reads those.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from crypto.keys import DecryptionKey, SigningKey
from crypto.login_decryption import key_name_of
from crypto.pki import Issued, Usage, self_issued
from gateway.identity.login import LoginCheck, LoginKind, LoginRefused
from gateway.identity.saml import AskedLogin, Broker, LoginService, Proven, RelyingParty
from gateway.identity.saml import read as read_answer
from gateway.site.broker.answer import BrokerAnswer, answer_for, written
from gateway.site.broker.values import BrokerKey, Chosen, Customer, MockBroker, OfferedService

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ENTITY = "urn:etoegang:DV:00000099000000009000:entities:0001"
CONSUMER = "https://portaal.example/eherkenning/1.13/acs"
BROKER = "urn:etoegang:HM:00000099000000007000:entities:0001"
SERVICES = {
    LoginKind.USER: LoginService(
        kind=LoginKind.USER,
        index=1,
        service_id="urn:etoegang:DV:00000099000000009000:services:1",
        service_uuid="6f4b0e0a-0000-4000-8000-000000000001",
    ),
    LoginKind.ADMINISTRATOR: LoginService(
        kind=LoginKind.ADMINISTRATOR,
        index=2,
        service_id="urn:etoegang:DV:00000099000000009000:services:2",
        service_uuid="6f4b0e0a-0000-4000-8000-000000000002",
    ),
}
ASKED = AskedLogin(request_id="_asked", kind=LoginKind.USER, begun_at=AT)
RESOLVE_ID = "_resolve"
KVK_NUMBER = "12345678"
WHO = Chosen(number=KVK_NUMBER, person="Jansen", level="loa3", service=1)


@cache
def issued(name: str, usage: Usage = "signing", *, days: int = 365) -> Issued:
    """A certificate of that name, and its key; each made once."""
    at, party = AT - timedelta(days=10), "00000099000000009000"
    return self_issued(common_name=name, party_id=party, at=at, days=days, usage=usage)


def broker_key(name: str = "broker", *, days: int = 365) -> BrokerKey:
    """A key that a broker signs with."""
    made = issued(name, days=days)
    assert isinstance(made.private_key, rsa.RSAPrivateKey)
    return BrokerKey(private_key=made.private_key, certificate=made.certificate)


def unwrapper(name: str = "login decryption") -> DecryptionKey:
    """A key that a broker encrypts for."""
    made = issued(name, "encryption")
    return DecryptionKey(private_key=made.private_key, certificate=made.certificate)


@cache
def us() -> RelyingParty:
    """The portal."""
    made = issued("login signing")
    return RelyingParty(
        entity_id=ENTITY,
        consumer_url=CONSUMER,
        services=SERVICES,
        signer=SigningKey(private_key=made.private_key, certificate=made.certificate),
        unwrappers=(unwrapper(),),
    )


@cache
def mock() -> MockBroker:
    """The broker as it knows us."""
    return MockBroker(
        entity_id=BROKER,
        url="https://broker.example",
        key=broker_key(),
        customer=Customer(
            entity_id=ENTITY,
            consumer_url=CONSUMER,
            certificate=us().signer.certificate,
            encryption=unwrapper().certificate,
            encryption_name=key_name_of(unwrapper().certificate),
            services={
                each.index: OfferedService(
                    service_id=each.service_id, service_uuid=each.service_uuid, name=each.kind.value
                )
                for each in SERVICES.values()
            },
        ),
        organisations=((KVK_NUMBER, "Incassobureau Proef B.V."),),
        advisers=(broker_key("means"), broker_key("mandates")),
    )


def broker(*keys: BrokerKey) -> Broker:
    """The broker as we know it, with these keys or its own."""
    return Broker(
        entity_id=BROKER,
        login_url=mock().login_url,
        resolution_urls={0: mock().resolution_url},
        certificates={each.name: [each.certificate] for each in keys or (broker_key(),)},
        valid_until=AT + timedelta(days=30),
    )


def answer(chosen: Chosen = WHO, **otherwise: Any) -> BrokerAnswer:
    """What the broker says, but for what is said otherwise."""
    return replace(answer_for(mock(), chosen, request_id=ASKED.request_id, at=AT, number="1"), **otherwise)


def given(said: BrokerAnswer) -> bytes:
    """The answer as it comes over the wire."""
    return written(said, resolve_id=RESOLVE_ID)


def logged_in(octets: bytes, **otherwise: Any) -> Proven:
    """What is read out of these octets, by ourselves at `AT` unless it is said otherwise."""
    expected: dict[str, Any] = {
        "us": us(), "broker": broker(), "asked": ASKED, "resolve_id": RESOLVE_ID, "now": AT, **otherwise,
    }  # fmt: skip
    return read_answer(octets, **expected)


def read(said: BrokerAnswer, **otherwise: Any) -> Proven:
    """The login that an answer comes to."""
    return logged_in(given(said), **otherwise)


def refused(octets: bytes | BrokerAnswer, check: LoginCheck, **otherwise: Any) -> LoginRefused:
    """The refusal of an answer, which has to be by that check."""
    with pytest.raises(LoginRefused) as caught:
        logged_in(octets if isinstance(octets, bytes) else given(octets), **otherwise)
    assert caught.value.check == check, caught.value
    return caught.value
