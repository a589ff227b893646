"""What one partner may agree and another not: how a signature names its certificate, how many parts there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from interop.alterations import renamed_id
from interop.judges import JdkJudge
from interop.oracles import Opinion, WireMessage, bergshamra_verdict, signxml_verdict
from interop.product import product_verdict
from support.keys.pki import NOW, identity
from support.messages.wire import Draft, Part, saldoverzoek

from crypto.key_references import KeyReference

Judges = dict[str, Callable[[WireMessage], Opinion]]


@pytest.fixture
def judges(jdk: JdkJudge) -> Judges:
    return {"JDK": jdk, "signxml": signxml_verdict, "pybergshamra": bergshamra_verdict, "ourselves": product_verdict}


def on_the_wire(draft: Draft) -> WireMessage:
    wire, hub = draft.wire(), identity("hub")
    key = hub.encryption.private_key
    assert isinstance(key, RSAPrivateKey)
    return WireMessage(
        content_type=wire.content_type,
        body=wire.body,
        certificate=identity("counsellor").signing.certificate,
        key=key,
        recipient=hub.encryption.certificate,
        at=NOW,
    )


@pytest.mark.parametrize("form", KeyReference)
def test_a_signature_holds_however_it_names_its_certificate(judges: Judges, form: KeyReference) -> None:
    message = on_the_wire(replace(saldoverzoek(), key_reference=form))
    assert {name: judge(message).reason for name, judge in judges.items() if not judge(message).valid} == {}


@pytest.mark.parametrize("form", KeyReference)
def test_the_name_of_another_certificate_is_refused_in_every_form(judges: Judges, form: KeyReference) -> None:
    signed = on_the_wire(replace(saldoverzoek(), key_reference=form))
    message = replace(signed, certificate=identity("stranger").signing.certificate)
    assert [name for name, judge in judges.items() if judge(message).valid] == []


def test_sixty_parts_of_all_sizes_hold_before_every_judge(judges: Judges) -> None:
    sizes = [0, 1, 15, 16, 17, 65_536, 1_000_003, *range(53)]
    parts = [Part(octets=bytes(size), mime_type="application/octet-stream") for size in sizes]
    message = on_the_wire(saldoverzoek().with_parts(*parts))
    opinions = {name: judge(message) for name, judge in judges.items()}
    assert {name: opinion.reason for name, opinion in opinions.items() if not opinion.valid} == {}
    assert all(len(opinion.payloads) == len(sizes) for opinion in opinions.values())
    assert [name for name, judge in judges.items() if judge(renamed_id(message)).valid] == []
