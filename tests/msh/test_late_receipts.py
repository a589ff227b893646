"""A receipt after the term: kept as evidence, and the sender is told once that the receiver has its message (T11)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import (
    ROLES,
    TestedHub,
    catalogue,
    configuration_texts,
    load_test_certificates,
    modules_for,
    running_hub,
)
from support.keys.pki import PARTIES, identity
from support.messages.signing_anew import phase4, signed_anew
from support.messages.wire import Draft, Reply, post, pull_request, saldoverzoek

from gateway.ebms import names
from gateway.msh.expire import expire_sealed_to
from gateway.store.model import EvidenceKind, MessageFilter, MessageRecord, State
from gateway.store.rules.expiry import LOG_DAYS
from pmodes.files import read_configuration
from xsd.checking.layers import message_violations
from xsd.generated.knooppunt_1_0 import Statusmelding, Toestand


async def record_of(hub: TestedHub, pulled: Reply) -> MessageRecord:
    assert pulled.user_message is not None
    message_id = pulled.user_message.message_id
    found = await hub.store.messages(MessageFilter(message_id=message_id))
    return next(each for each in found if each.metadata.message_id == message_id)


async def pulled_and_expired(hub: TestedHub, draft: Draft) -> Reply:
    """The creditor pulls and says nothing until the term is over."""
    assert (await post(hub, draft.wire())).receipt is not None
    pulled = await post(hub, pull_request(at=hub.clock.now()))
    record = await record_of(hub, pulled)
    hub.clock.move(record.metadata.expires_at - hub.clock.now() + timedelta(hours=1))
    await hub.running.keeper.keep()
    return pulled


async def receipt(hub: TestedHub, pulled: Reply, name: str = "creditor") -> None:
    hub.clock.move(timedelta(seconds=1))
    answer = await post(hub, pulled.receipt_wire(name, at=hub.clock.now()))
    assert (answer.status, answer.codes) == (204, ())


async def notices(hub: TestedHub, name: str = "counsellor") -> list[Statusmelding]:
    """Everything that waits in that mailbox, receipted; each conforms to its schema and its rules."""
    found = []
    while (pulled := await post(hub, pull_request(name, at=hub.clock.now()))).user_message is not None:
        (octets,) = pulled.plain(name).values()
        document = etree.fromstring(octets)
        kind = catalogue().of_root(str(document.tag))
        assert kind is not None
        assert message_violations(kind, document) == ()
        found.append(Statusmelding.from_xml(octets))
        await receipt(hub, pulled, name)
    assert pulled.codes == ("EBMS:0006",)
    return found


@pytest.mark.parametrize(("term", "event"), [(15, "receipt_taken"), (4, "receipt_late")])
@pytest.mark.parametrize("with_a_pull", [False, True])
async def test_a_stored_receipt_that_is_sent_first_after_ten_days_is_taken_or_late_and_never_refused_SR_07(
    tmp_path: Path, term: int, event: str, with_a_pull: bool
) -> None:
    """Made and signed when the message was pulled, alone or beside a PullRequest of today; and once more after that."""
    async with running_hub(tmp_path, extra={"creditor": {"mailbox": {"term_working_days": term}}}) as hub:
        await post(hub, saldoverzoek().wire())
        pulled = await post(hub, pull_request())
        stored, unit = pulled.receipt_wire("creditor"), pulled.receipt_of()
        hub.clock.move(timedelta(days=10))
        await hub.running.keeper.keep()
        for times in (1, 2):
            hub.clock.move(timedelta(minutes=1))
            if with_a_pull:
                reply = await post(hub, pull_request(at=hub.clock.now(), receipt=unit))
                assert reply.codes == ("EBMS:0006",), hub.log.lines
            else:
                reply = await post(hub, stored)
                assert (reply.status, reply.body) == (204, b""), hub.log.lines
            assert hub.log.of(event)
            assert len(hub.log.of("receipt_late") + hub.log.of("receipt_taken")) == times
        kinds = [kind for kind, _, _ in await hub.store.evidence((await record_of(hub, pulled)).metadata.message_id)]
        assert kinds == [EvidenceKind.GIVEN, EvidenceKind.LATE if event == "receipt_late" else EvidenceKind.TAKEN]


async def test_the_sender_is_told_that_its_message_arrived_after_all(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek()
        accepted_at = hub.clock.now()
        pulled = await pulled_and_expired(hub, draft)
        expired_at = hub.clock.now()
        hub.clock.move(timedelta(hours=5))
        await receipt(hub, pulled)
        confirmed_at = hub.clock.now()
        first, second = await notices(hub)
        assert (first.toestand, first.bevestigd_op) == (Toestand.VERLOPEN, None)
        assert second.toestand is Toestand.ALSNOGBEVESTIGD
        assert second.bericht == first.bericht
        assert second.bericht.referentienummer == draft.user_message.property(names.TRACKING_IDENTIFIER)
        assert second.bericht.ontvanger == PARTIES["creditor"][0]
        assert second.stuurgegevens.referentienummer != first.stuurgegevens.referentienummer
        moments = (second.aangenomen_op, second.aangeboden_op, second.verlopen_op, second.bevestigd_op)
        assert moments == (accepted_at, accepted_at, expired_at, confirmed_at)
        evidence = await hub.store.evidence((await record_of(hub, pulled)).metadata.message_id)
        assert [kind for kind, _, _ in evidence] == [EvidenceKind.GIVEN, EvidenceKind.LATE]
        assert hub.log.of("receipt_late")[0]["notice"] is True


async def test_of_what_was_sent_for_another_party_that_party_is_told_in_the_mailbox_of_who_sent_it(
    tmp_path: Path,
) -> None:
    sender, party = "administrator", PARTIES["counsellor"][0]
    roles = ROLES["counsellor"]
    texts = configuration_texts({sender: {"roles": roles, "modules": modules_for(roles), "acts_for": [party]}})
    del texts["counsellor.yaml"]
    under = read_configuration(texts, catalogue=catalogue(), load=load_test_certificates)
    async with running_hub(tmp_path, configuration=under) as hub:
        wire = signed_anew(saldoverzoek(), phase4(), identity(sender), at=hub.clock.now())
        assert (await post(hub, wire)).receipt is not None, hub.log.lines
        hub.clock.move(timedelta(days=20))
        await hub.running.keeper.keep()
        told = await post(hub, pull_request(sender, at=hub.clock.now()))
        assert told.user_message is not None
        (octets,) = told.plain(sender).values()
        named = told.user_message.property(names.FINAL_RECIPIENT)
        assert named == Statusmelding.from_xml(octets).stuurgegevens.ontvanger == party


async def test_it_is_told_once_however_often_the_receipt_comes(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_and_expired(hub, saldoverzoek())
        await asyncio.gather(*(post(hub, pulled.receipt_wire("creditor", at=hub.clock.now())) for _ in range(8)))
        await receipt(hub, pulled)
        assert [each.toestand for each in await notices(hub)] == [Toestand.VERLOPEN, Toestand.ALSNOGBEVESTIGD]
        await receipt(hub, pulled)
        assert await notices(hub) == []
        assert len(hub.log.of("receipt_late")) == 1


async def test_it_is_told_by_a_receipt_that_comes_with_the_next_pull(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_and_expired(hub, saldoverzoek())
        at = hub.clock.now()
        answer = await post(hub, pull_request(at=at, receipt=pulled.receipt_of(at=at)))
        assert answer.codes == ("EBMS:0006",)
        assert [each.toestand for each in await notices(hub)] == [Toestand.VERLOPEN, Toestand.ALSNOGBEVESTIGD]


async def test_the_message_itself_stays_gone(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_and_expired(hub, saldoverzoek())
        before = await record_of(hub, pulled)
        assert before.state is State.REMOVED
        await receipt(hub, pulled)
        assert await record_of(hub, pulled) == before
        assert (await post(hub, pull_request(at=hub.clock.now()))).codes == ("EBMS:0006",)


async def test_what_was_ended_for_a_lost_key_can_be_confirmed_after_all(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await post(hub, saldoverzoek().wire())
        pulled = await post(hub, pull_request())
        assert (await expire_sealed_to((await record_of(hub, pulled)).metadata.sealed_to, hub.hub)).notified == 1
        await receipt(hub, pulled)
        found = [each.toestand for each in await notices(hub)]
        assert found == [Toestand.VERLOPENOPVERZOEK, Toestand.ALSNOGBEVESTIGD]


async def test_a_receipt_in_time_brings_no_notice(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await post(hub, saldoverzoek().wire())
        pulled = await post(hub, pull_request())
        await receipt(hub, pulled)
        hub.clock.move(timedelta(days=20))
        await hub.running.keeper.keep()
        await receipt(hub, pulled)
        assert await notices(hub) == []


async def test_no_notice_is_written_about_a_notice(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await pulled_and_expired(hub, saldoverzoek())
        notice = await post(hub, pull_request("counsellor", at=hub.clock.now()))
        hub.clock.move(timedelta(days=20))
        await hub.running.keeper.keep()
        await receipt(hub, notice, "counsellor")
        assert await notices(hub) == []
        assert hub.log.of("receipt_late")[0]["notice"] is False


async def test_a_sender_to_whom_nothing_can_be_sealed_gets_no_notice_and_the_receipt_is_kept(tmp_path: Path) -> None:
    expired = {"signing": ["counsellor-signing"], "encryption": ["counsellor-expired-encryption"]}
    async with running_hub(tmp_path, extra={"counsellor": {"certificates": expired}}) as hub:
        await post(hub, saldoverzoek().wire())
        pulled = await post(hub, pull_request())
        message_id = (await record_of(hub, pulled)).metadata.message_id
        assert await hub.store.expire(message_id, notice=None, notice_parts=None, at_once=True)
        await receipt(hub, pulled)
        assert [kind for kind, _, _ in await hub.store.evidence(message_id)] == [EvidenceKind.GIVEN, EvidenceKind.LATE]
        assert hub.log.of("receipt_late")[0]["notice"] is False


async def test_a_receipt_that_comes_while_the_log_lets_go_of_its_message_is_refused_like_any_for_no_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is found, and is gone when the receipt is kept."""
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_and_expired(hub, saldoverzoek())
        close = hub.store.close

        async def then_purged(*arguments: object, **options: object) -> object:
            outcome = await close(*arguments, **options)  # type: ignore[arg-type]
            hub.clock.move(timedelta(days=LOG_DAYS + 1))
            await hub.store.purge()
            return outcome

        monkeypatch.setattr(hub.store, "close", then_purged)
        answer = await post(hub, pulled.receipt_wire("creditor", at=hub.clock.now()))
        assert (answer.status, answer.codes) == (200, ("EBMS:0302",))
        assert hub.log.of("defect") == []
