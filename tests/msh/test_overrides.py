"""Each parameter that may be overridden does something, on each leg on which it may: shown through a hub by what a peer
gets, or by what is said of the files where the hub adds nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, catalogue, configuration_texts, load_test_certificates, running_hub
from support.hubs.pulling import pull, push
from support.keys.pki import PARTIES
from support.messages.bending import MimePart, attribute, lines_of, packed, related, resigned, unpacked
from support.messages.wire import Draft, Wire, post, saldoverzoek

from crypto import names as security_names
from crypto.suites import AS4_1_15_RSA, SUITES, narrow_suite
from gateway.ebms import names
from gateway.written.complaints import ConfigurationFault
from pmodes.configuration import Configuration, configure
from pmodes.files import read_configuration
from pmodes.model import Leg, Override, Place
from pmodes.parameters import PARAMETERS

OTHER = narrow_suite(
    "other",
    signature=AS4_1_15_RSA.signature.uri,
    digest=AS4_1_15_RSA.digest.uri,
    key_transport=AS4_1_15_RSA.key_transport.name,
    content=security_names.AES256_GCM,
)
OWNERS = {Leg.SENDING: "counsellor", Leg.RECEIVING: "creditor"}
KEYS = {Leg.SENDING: "sending", Leg.RECEIVING: "receiving"}
WRONG_BSN = (b"<BSN>999990019</BSN>", b"<BSN>123456789</BSN>")

Seen = Callable[[TestedHub], Awaitable[object]]


def configured(leg: Leg, overrides: Mapping[str, object]) -> Configuration:
    """The test organisations, of which the owner of the leg overrides these there."""
    texts = configuration_texts({OWNERS[leg]: {"overrides": {KEYS[leg]: dict(overrides)}}})
    suites = {**SUITES, OTHER.name: OTHER}
    return read_configuration(texts, catalogue=catalogue(), load=load_test_certificates, suites=suites)


def pushed(make: Callable[[], Draft | Wire]) -> Seen:
    """What the hub says of a message."""

    async def seen(hub: TestedHub) -> object:
        made = make()
        return (await post(hub, made.wire() if isinstance(made, Draft) else made)).codes

    return seen


def pulled(look: Callable[[bytes], object]) -> Seen:
    """What the receiver finds in the octets that it pulls."""

    async def seen(hub: TestedHub) -> object:
        await push(hub)
        return look((await pull(hub)).body)

    return seen


async def receipted(hub: TestedHub) -> object:
    """How the receipt for a push names the hub's certificate."""
    return b"BinarySecurityToken" in (await post(hub, saldoverzoek().wire())).body


async def roles(hub: TestedHub) -> object:
    """The roles in a message that is pulled."""
    await push(hub)
    found = (await pull(hub)).user_message
    assert found is not None
    return found.from_party.role, found.to_party.role


async def usual_mailbox(hub: TestedHub) -> object:
    """What a pull on the MPC brings that the creditor has by its party id."""
    await push(hub)
    return (await pull(hub)).codes


def plain() -> Draft:
    return replace(saldoverzoek(), encrypted=False)


def optional_must_understand() -> Wire:
    absent = attribute("Messaging", f"{{{names.SOAP12}}}mustUnderstand", None)
    return resigned(saldoverzoek(), absent)


def without_type() -> Wire:
    wire = saldoverzoek().wire()
    return packed(wire, unpacked(wire), content_type=related(kind=None))


def with_undeclared_part() -> Wire:
    wire = saldoverzoek().wire()
    return packed(
        wire, (*unpacked(wire), MimePart(lines=lines_of("undeclared@tests.example", "text/plain"), octets=b"?"))
    )


def breaking_a_rule() -> Draft:
    draft = saldoverzoek()
    (part,) = draft.parts
    return draft.with_parts(replace(part, octets=part.octets.replace(*WRONG_BSN)))


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An override, and what is seen to be otherwise with it; None: files that have it are refused."""

    name: str
    leg: Leg
    value: object
    seen: Seen | None
    beside: Mapping[str, object] = field(default_factory=dict)  # overridden in both cases


def sending(name: str, value: object, seen: Seen | None, **beside: object) -> Effect:
    return Effect(name=name, leg=Leg.SENDING, value=value, seen=seen, **beside)  # type: ignore[arg-type]


def receiving(name: str, value: object, seen: Seen | None) -> Effect:
    return Effect(name=name, leg=Leg.RECEIVING, value=value, seen=seen)


COMPRESSION = "PMode[1].PayloadService.CompressionType"
STRENGTH = "PMode[1].Security.X509.Encryption.MinimumStrength"
TABLE = (
    sending("PMode.Initiator.Role", "urn:role:other", pushed(saldoverzoek)),
    receiving("PMode.Initiator.Role", "urn:role:other", roles),
    sending("PMode.Responder.Role", "urn:role:other", pushed(saldoverzoek)),
    receiving("PMode.Responder.Role", "urn:role:other", roles),
    sending("PMode[1].BusinessInfo.MPC", "urn:mpc:other", pushed(saldoverzoek)),
    receiving("PMode[1].BusinessInfo.MPC", "urn:mpc:other", usual_mailbox),
    sending("PMode[1].Security.X509.Encryption.Encrypt", False, pushed(plain)),
    sending(STRENGTH, 192, None),
    receiving(STRENGTH, 192, None),
    sending(COMPRESSION, "", pushed(saldoverzoek)),
    sending("Knooppunt.Suite", OTHER.name, pushed(saldoverzoek)),
    receiving("Knooppunt.Suite", OTHER.name, pulled(lambda octets: security_names.AES256_GCM.encode() in octets)),
    sending("Knooppunt.KeyReference", "ski", receipted),
    receiving("Knooppunt.KeyReference", "ski", pulled(lambda octets: b"BinarySecurityToken" in octets)),
    receiving(
        "Knooppunt.EncryptionKeyReference", "issuer-serial", pulled(lambda octets: b"X509SerialNumber" in octets)
    ),
    sending("Knooppunt.MinimumRsaBits", 3072, None),
    receiving("Knooppunt.MinimumRsaBits", 3072, None),
    sending("Knooppunt.Revocation", "hard", None),
    receiving("Knooppunt.Revocation", "hard", None),
    receiving("Knooppunt.Origin", False, pulled(lambda octets: octets.count(b"\r\nContent-ID:"))),
    sending("Knooppunt.MustUnderstandRequired", True, pushed(optional_must_understand)),
    sending("Knooppunt.TypeParameterRequired", True, pushed(without_type)),
    sending("Knooppunt.CompressedWhenOff", True, pushed(saldoverzoek), beside={COMPRESSION: ""}),
    sending("Knooppunt.UndeclaredPartsRefused", False, pushed(with_undeclared_part)),
    sending("Knooppunt.RefToMessageIdRefused", True, pushed(lambda: saldoverzoek().saying(ref_to_message_id="a@b.c"))),
    sending("Knooppunt.LayerTwo", True, pushed(breaking_a_rule)),
    receiving("Knooppunt.LayerTwo", True, pushed(breaking_a_rule)),
)


def test_whatever_may_be_overridden_on_a_leg_has_its_effect_here() -> None:
    assert {(each.name, each.leg) for each in TABLE} == {
        (each.name, leg) for each in PARAMETERS if each.kind is not None for leg in each.override_legs
    }


def test_every_parameter_that_may_be_overridden_may_be_so_on_a_leg_that_has_it() -> None:
    assert [each.name for each in PARAMETERS if each.kind is not None and not each.override_legs <= each.legs] == []


def owned(overrides: Mapping[str, object], **changes: object) -> Configuration:
    """A hub whose files nobody held together, with a counsellor that overrides these when it sends."""
    place = Place(file="counsellor.yaml", line=1)
    found = {name: Override(value=value, place=place) for name, value in overrides.items()}  # type: ignore[arg-type]
    usual = configured(Leg.SENDING, {})
    others = [
        replace(each, overrides={Leg.SENDING: found}, **changes)  # type: ignore[arg-type]
        if each.party_id == PARTIES["counsellor"][0]
        else each
        for each in usual.organisations
    ]
    return configure(usual.hub, others, catalogue=usual.catalogue)


async def said(folder: Path, configuration: Configuration, draft: Draft) -> tuple[str, ...]:
    async with running_hub(folder, configuration=configuration) as hub:
        return (await post(hub, draft.wire())).codes


async def test_a_signature_by_a_shorter_rsa_key_than_was_asked_for_is_refused(tmp_path: Path) -> None:
    for bits, codes in ((2048, ()), (2049, ("EBMS:0101",))):
        found = await said(tmp_path / str(bits), owned({"Knooppunt.MinimumRsaBits": bits}), saldoverzoek())
        assert found == codes


async def test_a_part_under_a_shorter_key_than_was_asked_for_is_refused_though_its_suite_takes_it(
    tmp_path: Path,
) -> None:
    both = replace(OTHER, accepted_contents=(*OTHER.accepted_contents, AS4_1_15_RSA.content))
    for suite, bits, codes in (
        (AS4_1_15_RSA, 128, ()),
        (AS4_1_15_RSA, 129, ("EBMS:0103",)),
        (OTHER, 256, ()),
    ):
        draft = replace(saldoverzoek(), suite=suite)
        found = await said(tmp_path / f"{suite.name}-{bits}", owned({STRENGTH: bits}, suite=both), draft)
        assert found == codes


@pytest.mark.parametrize("effect", TABLE, ids=[f"{each.name} {KEYS[each.leg]}" for each in TABLE])
async def test_an_override_changes_what_is_seen(tmp_path: Path, effect: Effect) -> None:
    overridden = {**effect.beside, effect.name: effect.value}
    if effect.seen is None:
        assert configured(effect.leg, effect.beside)
        with pytest.raises(ConfigurationFault) as caught:
            configured(effect.leg, overridden)
        assert all(effect.name in str(each) for each in caught.value.complaints)
        return
    seen = []
    for place, overrides in enumerate((effect.beside, overridden)):
        async with running_hub(tmp_path / str(place), configuration=configured(effect.leg, overrides)) as hub:
            seen.append(await effect.seen(hub))
    assert seen[0] != seen[1]
