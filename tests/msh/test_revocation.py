"""A revoked certificate at the hub: what becomes of what it signed, and of what would be sealed to it, over sockets.

The authority is a server of the test. What it says, and what the P-Mode wants, decide together; nothing is fetched
while a message is there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support.hubs.hub import TestedHub, catalogue, configuration_texts, load_test_certificates, running_hub
from support.hubs.pulling import pull, push, records, states
from support.hubs.repeating import answer, assert_receipted, configured
from support.hubs.watching import LOOPBACK
from support.keys import issuing, revoking
from support.keys.pki import NOW, PARTIES, identity
from support.messages.signing_anew import EB, phase4, signed_anew
from support.messages.wire import Reply, new_id, post, pull_request, saldoverzoek, signal_wire
from support.net.answering import Answering, answering

from crypto.certificates import Certificate, thumbprint_sha256
from crypto.keys import SigningKey
from gateway.ebms.errors import Other
from gateway.ebms.model import ErrorSignal, Messaging
from gateway.jobs.revocation_kept import KeptAnswers
from gateway.jobs.revocation_watch import RevocationWatch
from gateway.net.fetching import Outbound
from gateway.store.model import State
from gateway.wiring.revocation_asked import AskedFor
from pmodes.files import read_configuration

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TAKEN, REFUSED, LATER = "taken", "EBMS:0101", "503"
OUTCOMES = [
    ("good", "off", TAKEN),
    ("good", "soft", TAKEN),
    ("good", "hard", TAKEN),
    ("revoked", "off", TAKEN),  # nobody was asked
    ("revoked", "soft", REFUSED),
    ("revoked", "hard", REFUSED),
    ("nothing", "off", TAKEN),
    ("nothing", "soft", TAKEN),
    ("nothing", "hard", LATER),
    ("stale", "off", TAKEN),
    ("stale", "soft", TAKEN),
    ("stale", "hard", LATER),
]


@dataclass
class Asking:
    """A hub whose authority is `server`."""

    hub: TestedHub
    server: Answering
    watch: RevocationWatch

    async def fetches(self, said: str, *revoked: Certificate) -> None:
        """The authority says this from now on, and the hub fetches what is due."""
        now = self.hub.clock.now()
        if said == "nothing":
            self.server.says(b"", status="503 Busy")
        else:
            self.server.says(revoking.crl(*revoked, at=now, number=int(now.timestamp())))
        await self.watch.look()
        if said == "stale":
            self.hub.clock.move(DAY + HOUR)


def files(
    url: str,
    who: str,
    wanted: Mapping[str, Any],
    *,
    kind: str = "crl",
    issuer: str = "authority",
    trust: Any = None,
    **others: Any,
) -> dict[str, dict[str, object]]:
    trusted = {} if trust is None else {"trust": trust}
    return {
        "hub": {"revocation": [{"issuer": issuer, kind: url}], **trusted},
        "counsellor": {"overrides": {"Knooppunt.Revocation": "off"}},
        "creditor": {"overrides": {"Knooppunt.Revocation": "off"}},
        "administrator": {"overrides": {"Knooppunt.Revocation": "off"}},
        who: {"overrides": dict(wanted), **others},
    }


@asynccontextmanager
async def asking(
    folder: Path, who: str, wanted: str | None, leg: str = "sending", *, load: Any = None, **others: Any
) -> AsyncIterator[Asking]:
    """A hub with an authority, where the P-Mode of that organisation wants this on that leg; None: what is usual."""
    async with answering(b"") as server:
        overrides = {leg: {} if wanted is None else {"Knooppunt.Revocation": wanted}}
        async with running_hub(folder, extra=files(server.url, who, overrides, **others), load=load) as hub:
            asked = AskedFor(hub.hub.configuration, hub.hub.known_signers, hub.known.missed)
            watch = RevocationWatch(
                hub.known, KeptAnswers(None), Outbound(LOOPBACK), hub.clock, hub.log, asked=asked, chance=lambda: 0.5
            )
            yield Asking(hub, server, watch)


def outcome(reply: Reply) -> str:
    if reply.status == 503:
        assert int(reply.headers["Retry-After"]) > 0
        return LATER
    return next(iter(reply.codes), TAKEN)


def signing(name: str) -> Certificate:
    return identity(name).signing.certificate


@pytest.mark.parametrize(("said", "wanted", "expected"), OUTCOMES)
async def test_a_message_is_taken_refused_or_put_off_by_what_is_known_of_its_signer_SR_12(
    tmp_path: Path, said: str, wanted: str, expected: str
) -> None:
    async with asking(tmp_path, "counsellor", wanted) as asked:
        await asked.fetches(said, *([signing("counsellor")] if said == "revoked" else []))
        before = asked.server.connections
        reply = await post(asked.hub, saldoverzoek(at=asked.hub.clock.now()).wire())
        assert outcome(reply) == expected
        assert asked.server.connections == before  # nothing is fetched for a message
        alarmed = (said, wanted) in (("nothing", "soft"), ("stale", "soft"))
        assert bool(asked.hub.log.of("revocation_unknown")) is alarmed
        if expected == LATER:
            assert asked.hub.log.of("postponed")[-1]["cause"] == "revocation"


async def test_where_an_authority_is_named_and_nothing_else_is_said_it_is_soft(tmp_path: Path) -> None:
    async with asking(tmp_path, "counsellor", None) as asked:
        await asked.fetches("nothing")
        assert outcome(await post(asked.hub, saldoverzoek().wire())) == TAKEN
        assert asked.hub.log.of("revocation_unknown")


async def test_an_alarm_about_a_certificate_sounds_once_an_hour(tmp_path: Path) -> None:
    async with asking(tmp_path, "counsellor", "soft") as asked:
        await asked.fetches("nothing")
        for minutes, alarms in ((0, 1), (59, 1), (1, 2)):
            asked.hub.clock.move(timedelta(minutes=minutes))
            await push(asked.hub)
            assert len(asked.hub.log.of("revocation_unknown")) == alarms


@pytest.mark.parametrize(("said", "wanted", "expected"), OUTCOMES)
async def test_a_pull_is_answered_refused_or_put_off_by_what_is_known_of_its_signer(
    tmp_path: Path, said: str, wanted: str, expected: str
) -> None:
    async with asking(tmp_path, "creditor", wanted) as asked:
        await push(asked.hub)
        await asked.fetches(said, *([signing("creditor")] if said == "revoked" else []))
        assert outcome(await pull(asked.hub)) == expected
        assert await states(asked.hub) == [State.OFFERED if expected == TAKEN else State.STORED]


@pytest.mark.parametrize(("said", "wanted", "expected"), OUTCOMES)
async def test_a_receipt_is_taken_refused_or_put_off_by_what_is_known_of_its_signer(
    tmp_path: Path, said: str, wanted: str, expected: str
) -> None:
    """A receipt that is not accepted is EBMS:0302, whatever the cause."""
    async with asking(tmp_path, "creditor", wanted) as asked:
        await push(asked.hub)
        await asked.fetches("good")
        pulled = await pull(asked.hub)
        asked.hub.clock.move(12 * HOUR)
        await asked.fetches(said, *([signing("creditor")] if said == "revoked" else []))
        reply = await post(asked.hub, pulled.receipt_wire("creditor", at=asked.hub.clock.now()))
        if said == "nothing" and wanted == "hard":
            expected = TAKEN  # the answer of this morning still holds
        assert outcome(reply) == {REFUSED: "EBMS:0302"}.get(expected, expected)
        assert (await states(asked.hub) == [State.RECEIPTED]) is (expected == TAKEN)


async def test_a_receipt_that_came_with_a_revoked_pull_is_not_taken(tmp_path: Path) -> None:
    async with asking(tmp_path, "creditor", "soft") as asked:
        await push(asked.hub)
        pulled = await pull(asked.hub)
        await asked.fetches("revoked", signing("creditor"))
        reply = await post(asked.hub, pull_request("creditor", receipt=pulled.receipt_of()))
        assert reply.codes[0] == REFUSED
        assert await states(asked.hub) == [State.OFFERED]


async def test_an_error_by_a_revoked_signer_has_no_effect(tmp_path: Path) -> None:
    for number, (said, counted) in enumerate((("good", True), ("revoked", False))):
        async with asking(tmp_path / str(number), "creditor", "soft") as asked:
            await push(asked.hub)
            pulled = await pull(asked.hub)
            assert pulled.user_message is not None
            await asked.fetches(said, *([signing("creditor")] if said == "revoked" else []))
            error = ErrorSignal(
                message_id=new_id(),
                timestamp=asked.hub.clock.now(),
                ref_to_message_id=pulled.user_message.message_id,
                errors=Other().entries("en"),
            )
            await post(asked.hub, signal_wire(Messaging(error=error), identity("creditor").signing_key))
            assert bool(asked.hub.log.of("error_taken")) is counted
            assert bool(asked.hub.log.of("error_distrusted")) is not counted


async def test_what_came_beside_a_repetition_waits_where_nobody_can_say_of_late_whether_its_signer_was_revoked(
    tmp_path: Path,
) -> None:
    draft = saldoverzoek()
    said = draft.user_message
    conversation = {"conversation": said.conversation_id, "reference": said.property("trackingIdentifier") or ""}
    async with asking(tmp_path, "counsellor", "hard") as asked:
        hub = asked.hub
        await asked.fetches("good")
        await post(hub, draft.wire())
        await push(hub, saldoverzoek("creditor", "counsellor", action="SaldoverzoekAntwoord", answering=conversation))
        pulled = await pull(hub, "counsellor")
        hub.clock.move(DAY + HOUR)
        root = etree.fromstring(pulled.receipt_wire("counsellor", at=hub.clock.now()).body)
        beside = etree.tostring(next(root.iter(f"{{{EB}}}SignalMessage")), encoding="unicode")
        for alone, expected in ((True, TAKEN), (False, LATER)):
            more = "" if alone else beside
            wire = signed_anew(draft, phase4(), identity("counsellor"), at=hub.clock.now(), beside=more)
            assert outcome(await post(hub, wire)) == expected
        assert not hub.log.of("receipt_taken")


SEALING = [
    ("good", "off", TAKEN),
    ("good", "hard", TAKEN),
    ("revoked", "off", TAKEN),
    ("revoked", "soft", LATER),
    ("revoked", "hard", LATER),
    ("nothing", "soft", TAKEN),
    ("nothing", "hard", LATER),
]


@pytest.mark.parametrize(("said", "wanted", "expected"), SEALING)
async def test_nothing_is_sealed_to_a_revoked_certificate_and_its_sender_is_told_to_come_again(
    tmp_path: Path, said: str, wanted: str, expected: str
) -> None:
    async with asking(tmp_path, "creditor", wanted, "receiving") as asked:
        await asked.fetches(said, *([identity("creditor").encryption.certificate] if said == "revoked" else []))
        assert outcome(await post(asked.hub, saldoverzoek().wire())) == expected
        if expected == LATER:
            cause = "receiver-certificate" if said == "revoked" else "revocation"
            assert asked.hub.log.of("postponed")[-1]["cause"] == cause


@pytest.mark.parametrize(("said", "told"), [("good", True), ("nothing", True), ("revoked", False)])
async def test_a_sender_is_told_that_its_message_expired_unless_its_certificate_is_known_to_be_revoked(
    tmp_path: Path, said: str, told: bool
) -> None:
    async with asking(tmp_path, "counsellor", "hard", "receiving") as asked:
        await asked.fetches("good")
        await push(asked.hub)
        asked.hub.clock.move(20 * DAY)
        await asked.fetches(said, *([identity("counsellor").encryption.certificate] if said == "revoked" else []))
        await asked.hub.running.keeper.keep()
        (ended,) = asked.hub.log.of("message_expired")
        assert ended["notice"] is told


@pytest.mark.parametrize(("revoked", "sealed_to"), [((), ("next",)), (("next",), ())])
async def test_where_the_receiver_has_another_certificate_that_one_is_sealed_to(
    tmp_path: Path, revoked: Any, sealed_to: Any
) -> None:
    listed = {"signing": ["creditor-signing"], "encryption": ["creditor-encryption", "creditor-next-encryption"]}
    async with asking(tmp_path, "creditor", "soft", "receiving", certificates=listed) as asked:
        await asked.fetches("revoked", identity("creditor", *revoked).encryption.certificate)
        await push(asked.hub)
        expected = thumbprint_sha256(identity("creditor", *sealed_to).encryption.certificate)
        (record,) = await records(asked.hub)
        assert record.metadata.sealed_to == expected.hex()


async def test_what_was_accepted_keeps_its_receipt_and_a_revoked_certificate_earns_no_other_SR_02(
    tmp_path: Path,
) -> None:
    draft = saldoverzoek()
    async with asking(tmp_path, "counsellor", "soft") as asked:
        await asked.fetches("good")
        wire = draft.wire()
        first = await post(asked.hub, wire)
        asked.hub.clock.move(12 * HOUR)
        await asked.fetches("revoked", signing("counsellor"))
        assert (await post(asked.hub, wire)).body == first.body
        anew = signed_anew(draft, phase4(), identity("counsellor"), at=asked.hub.clock.now())
        assert (await post(asked.hub, anew)).codes == (REFUSED,)


async def test_a_certificate_that_has_left_its_file_is_asked_about_as_long_as_a_repetition_may_come(
    tmp_path: Path,
) -> None:
    draft = saldoverzoek()
    async with asking(tmp_path, "counsellor", "soft") as asked:
        await asked.fetches("good")
        assert_receipted(await post(asked.hub, wire := draft.wire()), wire)
        rolled = configuration_texts(
            files(
                asked.server.url,
                "counsellor",
                {},
                certificates={"signing": ["counsellor-next-signing"], "encryption": ["counsellor-encryption"]},
            )
        )
        under = read_configuration(rolled, catalogue=catalogue(), load=load_test_certificates)
        asked.watch._asked = AskedFor(lambda: under, asked.hub.hub.known_signers, dict)
        asked.hub.clock.move(12 * HOUR)
        await asked.fetches("revoked", signing("counsellor"))
        anew = signed_anew(draft, phase4(), identity("counsellor"), at=asked.hub.clock.now())
        assert (await answer(asked.hub, anew, under=under)).codes == (REFUSED,)
        assert asked.hub.log.of("certificate_revoked")[0]["place"] == "an earlier acceptance"


async def test_what_was_accepted_is_repeated_where_nobody_can_say_of_late_whether_its_signer_was_revoked(
    tmp_path: Path,
) -> None:
    draft = saldoverzoek()
    async with asking(tmp_path, "counsellor", "hard") as asked:
        await asked.fetches("good")
        assert_receipted(await post(asked.hub, wire := draft.wire()), wire)
        asked.hub.clock.move(2 * DAY)
        assert outcome(await post(asked.hub, saldoverzoek(at=asked.hub.clock.now()).wire())) == LATER
        anew = signed_anew(draft, phase4(), identity("counsellor"), at=asked.hub.clock.now())
        assert_receipted(await post(asked.hub, anew), anew)


async def test_what_is_known_to_be_revoked_is_refused_though_nobody_is_to_be_asked_any_more(tmp_path: Path) -> None:
    async with asking(tmp_path, "counsellor", "soft") as asked:
        await asked.fetches("revoked", signing("counsellor"))
        under = configured()  # no authority is named in these files
        reply = await answer(asked.hub, saldoverzoek().wire(), under=under)
        assert reply.codes == (REFUSED,)


async def test_a_message_that_was_put_off_is_taken_once_somebody_has_said_that_its_signer_is_good(
    tmp_path: Path,
) -> None:
    async with asking(tmp_path, "counsellor", "hard") as asked:
        await asked.fetches("nothing")
        wire = saldoverzoek().wire()
        assert outcome(await post(asked.hub, wire)) == LATER
        asked.hub.clock.move(timedelta(minutes=2))
        await asked.fetches("good")
        assert outcome(await post(asked.hub, wire)) == TAKEN


@pytest.mark.parametrize(("revoked", "expected"), [(False, TAKEN), (True, REFUSED)])
async def test_a_certificate_that_a_root_vouches_for_is_asked_about_once_it_was_used(
    tmp_path: Path, revoked: bool, expected: str
) -> None:
    """No file lists it, so the first message is put off."""
    signer = issuing.holder(
        issuing.named("Somebody", PARTIES["counsellor"][0]),
        revoking.ours(),
        key=issuing.rsa_key(number=9),
        begins=NOW - DAY,
        ends=NOW + 9 * DAY,
    )
    key = SigningKey(certificate=signer.certificate, private_key=signer.private_key)
    listed = {"signing": ["counsellor-signing"], "encryption": ["counsellor-encryption"], "trust": "roots"}
    async with asking(
        tmp_path, "counsellor", "hard", kind="ocsp", trust={"roots": ["authority"]}, certificates=listed
    ) as asked:
        asked.server.says(b"", status="503 Busy")
        await asked.watch.look()
        wire = saldoverzoek(signer=key).wire()
        assert outcome(await post(asked.hub, wire)) == LATER
        asked.server.says(revoking.response(signer.certificate, revoked=revoked))
        await asked.watch.look()
        assert outcome(await post(asked.hub, wire)) == expected


@pytest.mark.parametrize(("wanted", "revoked", "expected"), [
    ("soft", False, TAKEN), ("soft", True, REFUSED), ("hard", False, LATER), ("hard", True, REFUSED),
])  # fmt: skip
async def test_an_authority_below_a_root_that_was_revoked_vouches_for_nobody(
    tmp_path: Path, wanted: str, revoked: bool, expected: str
) -> None:
    """The root's CRL is fetched; nobody is named who would know about the authority's own certificates."""
    times = {"begins": NOW - DAY, "ends": NOW + 9 * DAY}
    root = issuing.authority("Root", **times)
    middle = issuing.authority("Middle", root, **times)
    signer = issuing.holder(
        issuing.named("Somebody", PARTIES["counsellor"][0]), middle, key=issuing.rsa_key(number=9), **times
    )
    key = SigningKey(certificate=signer.certificate, private_key=signer.private_key)
    listed: dict[str, object] = {"signing": [], "encryption": ["counsellor-encryption"], "trust": "roots"}
    async with asking(
        tmp_path,
        "counsellor",
        wanted,
        issuer="root",
        trust={"roots": ["root"], "intermediates": ["middle"]},
        load={"root": root.certificate, "middle": middle.certificate},
        certificates=listed,
    ) as asked:
        asked.server.says(revoking.crl(*([middle.certificate] if revoked else []), by=root))
        await asked.watch.look()
        assert outcome(await post(asked.hub, saldoverzoek(signer=key).wire())) == expected


async def test_a_revoked_signer_and_a_stranger_get_one_answer(tmp_path: Path) -> None:
    async with asking(tmp_path, "creditor", "soft") as asked:
        await asked.fetches("revoked", signing("creditor"))
        of_revoked = await pull(asked.hub)
        of_stranger = await post(asked.hub, pull_request("creditor", signer=identity("stranger").signing_key))
        (one,), (other,) = (each.error.errors for each in (of_revoked, of_stranger) if each.error is not None)
        assert (one.code, one.description) == (other.code, other.description)
