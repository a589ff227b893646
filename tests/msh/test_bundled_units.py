"""Each unit of a bundle takes effect or is refused for itself, and all of it is told in one answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import running_hub
from support.keys.pki import NOW, identity
from support.messages.bundles import (
    SIGNAL,
    error_about,
    first,
    last_error,
    pulled_by_creditor,
    signed_anew,
    with_error,
    with_error_in_push,
)
from support.messages.wire import (
    Draft,
    mpc_of,
    new_id,
    party,
    post,
    pull_request,
    saldoverzoek,
    signal_wire,
)

from gateway.ebms.model import Messaging
from gateway.ebms.names import DEFAULT_MPC, EB


@pytest.mark.parametrize("beside", ["pull", "receipt", "push"])
async def test_an_error_beside_another_unit_takes_effect(tmp_path: Path, beside: str) -> None:
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        error, key = error_about(pulled), identity("creditor").signing_key
        await post(hub, saldoverzoek().wire())
        other = await post(hub, pull_request())
        match beside:
            case "pull":
                root = etree.fromstring(pull_request().body)
                reply = await post(hub, with_error(root, error))
                assert reply.codes == ("EBMS:0006",)
                assert reply.error is not None
                assert reply.error.ref_to_message_id == first(root, f"{{{EB}}}MessageId").text
            case "receipt":
                reply = await post(hub, signal_wire(Messaging(receipt=other.receipt_of(), error=error), key))
                assert (reply.status, hub.log.of("receipt_taken") != []) == (204, True)
            case _:
                reply = await post(hub, with_error_in_push(error))
                assert reply.codes != ()
        assert (await last_error(hub)) == "EBMS:0004", hub.log.lines


@pytest.mark.parametrize("time", ["now", "two-hours-ahead"])
@pytest.mark.parametrize("digests", ["right", "wrong"])
async def test_a_receipt_and_an_error_without_more_are_judged_each_for_itself(
    tmp_path: Path, time: str, digests: str
) -> None:
    """An error out of time may be the hub's own fault, which is 503: the receipt has had its effect by then."""
    async with running_hub(tmp_path, time_confirmed=False) as hub:
        pulled = await pulled_by_creditor(hub)
        await post(hub, saldoverzoek().wire())
        receipt = (await post(hub, pull_request())).receipt_of()
        if digests == "wrong":
            receipt = replace(receipt, ref_to_message_id=error_about(pulled).ref_to_message_id)
        error = error_about(pulled)
        if time != "now":
            error = replace(error, timestamp=NOW + timedelta(hours=2))
        wire = signal_wire(Messaging(receipt=receipt, error=error), identity("creditor").signing_key)
        reply = await post(hub, wire)
        if time != "now":
            assert (reply.status, reply.body) == (503, b"")
        elif digests == "wrong":
            assert reply.codes == ("EBMS:0302",)
        else:
            assert (reply.status, reply.body) == (204, b"")
        assert bool(hub.log.of("receipt_taken")) is (digests == "right")
        assert (await last_error(hub)) == ("EBMS:0004" if time == "now" else None)


async def test_a_receipt_that_is_refused_beside_a_pull_does_not_silence_the_error(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        receipt = replace(pulled.receipt_of(), ref_to_message_id=new_id())
        root = etree.fromstring(pull_request(receipt=receipt).body)
        assert (await post(hub, with_error(root, error_about(pulled)))).codes == ("EBMS:0302", "EBMS:0004")
        assert await last_error(hub) == "EBMS:0004"


def no_pmode(draft: Draft) -> Draft:
    return draft.saying(action="Kwijtingsbrief")


def too_old(draft: Draft) -> Draft:
    return draft.saying(timestamp=NOW - timedelta(days=100))


def of_no_profile(draft: Draft) -> Draft:
    """What is refused before anything of P-Modes or signatures is asked."""
    properties = draft.user_message.properties
    return draft.saying(properties=(*properties, properties[0]))


def of_nobody(draft: Draft) -> Draft:
    return draft.saying(from_party=replace(party("stranger"), role=draft.user_message.from_party.role))


def of_another(draft: Draft) -> Draft:
    return draft.saying(from_party=replace(party("counsellor"), role=draft.user_message.from_party.role))


def by_a_stranger(draft: Draft) -> Draft:
    return replace(draft, signer=identity("stranger").signing_key)


# What is wrong with a user message of the creditor's, what it is answered with, and whether the units beside it count:
# they do wherever the creditor signed.
REFUSED: dict[str, tuple[Callable[[Draft], Draft], tuple[str, ...], bool]] = {
    "match": (no_pmode, ("EBMS:0001",), True),
    "time": (too_old, ("EBMS:0003",), True),
    "header": (of_no_profile, ("EBMS:0010",), True),
    "verify": (by_a_stranger, ("EBMS:0101", "EBMS:0302"), False),
    "nobody-known": (of_nobody, ("EBMS:0101",), True),
    "another-party": (of_another, ("EBMS:0101",), True),
    "match-and-verify": (lambda draft: by_a_stranger(no_pmode(draft)), ("EBMS:0001", "EBMS:0302"), False),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_beside_a_refused_user_message_is_judged_for_itself_by_who_signed_it(
    tmp_path: Path, name: str
) -> None:
    change, codes, counts = REFUSED[name]
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        await post(hub, saldoverzoek().wire())
        receipt = (await post(hub, pull_request())).receipt_of()
        draft = change(saldoverzoek("creditor", "counsellor", action="SaldoverzoekAntwoord"))
        key = draft.signer
        reply = await post(hub, with_error_in_push(error_about(pulled), replace(draft, receipt=receipt), key))
        assert reply.codes == codes, (reply.status, hub.log.lines)
        if not counts:
            assert reply.error is not None
            assert reply.error.errors[0].ref_to_message_in_error == draft.user_message.message_id
            assert reply.error.errors[1].ref_to_message_in_error == receipt.message_id
        assert bool(hub.log.of("receipt_taken")) is counts
        assert bool(hub.log.of("error_taken")) is counts
        assert bool(hub.log.of("error_distrusted")) is not counts


async def test_what_is_beside_another_message_under_a_used_id_is_judged(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        asked = saldoverzoek()
        said = asked.user_message
        conversation = {"conversation": said.conversation_id, "reference": said.property("trackingIdentifier") or ""}
        assert (await post(hub, asked.wire())).receipt is not None
        answered = saldoverzoek("creditor", "counsellor", action="SaldoverzoekAntwoord", answering=conversation)
        assert (await post(hub, answered.wire())).receipt is not None, hub.log.lines
        pulled = await post(hub, pull_request("counsellor"))
        other = asked.with_property("trackingIdentifier", "another")
        reply = await post(hub, replace(other, receipt=pulled.receipt_of()).wire())
        assert reply.codes == ("EBMS:0003",)
        assert hub.log.of("receipt_taken"), hub.log.lines


MPCS = {"anothers": mpc_of("counsellor"), "nobodys": "urn:knooppunt:mpc:none", "default": DEFAULT_MPC}


@pytest.mark.parametrize("mpc", MPCS)
async def test_a_good_receipt_beside_a_pull_of_a_wrong_mpc_is_taken_and_the_pull_alone_refused(
    tmp_path: Path, mpc: str
) -> None:
    async with running_hub(tmp_path) as hub:
        pulled, other = await pulled_by_creditor(hub), await pulled_by_creditor(hub)
        root = etree.fromstring(pull_request(mpc=MPCS[mpc], receipt=pulled.receipt_of()).body)
        reply = await post(hub, with_error(root, error_about(other)))
        assert reply.codes == ("EBMS:0010",), hub.log.lines
        assert reply.error is not None
        assert reply.error.errors[0].ref_to_message_in_error == first(root, f"{{{EB}}}MessageId").text
        assert [line["outcome"] for line in hub.log.of("receipt_taken")] == ["closed"]
        assert await last_error(hub) == "EBMS:0004"


@pytest.mark.parametrize("mpc", MPCS)
@pytest.mark.parametrize("wrong", ["about-nothing", "signed-by-a-stranger", "of-another-party"])
async def test_a_bad_receipt_beside_a_pull_of_a_wrong_mpc_is_refused_with_it_by_one_answer_for_all(
    tmp_path: Path, mpc: str, wrong: str
) -> None:
    async with running_hub(tmp_path) as hub:
        receipt = (await pulled_by_creditor(hub)).receipt_of()
        if wrong == "about-nothing":
            receipt = replace(receipt, ref_to_message_id=new_id())
        signer = {"signed-by-a-stranger": "stranger", "of-another-party": "administrator"}.get(wrong, "creditor")
        wire = pull_request(mpc=MPCS[mpc], receipt=receipt, signer=identity(signer).signing_key)
        reply = await post(hub, wire)
        assert reply.codes == ("EBMS:0101" if signer == "stranger" else "EBMS:0010", "EBMS:0302")
        assert reply.error is not None
        assert reply.error.errors[1].ref_to_message_in_error == receipt.message_id
        assert not hub.log.of("receipt_taken")


async def test_an_unknown_signal_beside_a_known_unit_is_ignored_and_logged(tmp_path: Path) -> None:  # H59
    def with_foreign_signal(root: etree._Element) -> None:
        foreign = etree.SubElement(first(root, f"{{{EB}}}Messaging"), SIGNAL)
        foreign.append(etree.fromstring(etree.tostring(first(root, f"{{{EB}}}MessageInfo"))))
        first(foreign, f"{{{EB}}}MessageId").text = new_id()
        etree.SubElement(foreign, "{urn:foreign}Foo")

    async with running_hub(tmp_path) as hub:
        assert (await post(hub, signed_anew(pull_request(), with_foreign_signal))).codes == ("EBMS:0006",)
        assert len(hub.log.of("signal_ignored")) == 1


@pytest.mark.parametrize("taken", [True, False])
async def test_a_user_message_beside_a_receipt_that_is_refused_is_judged_for_itself_and_both_are_told(
    tmp_path: Path, taken: bool
) -> None:
    async with running_hub(tmp_path) as hub:
        asked = saldoverzoek()
        said = asked.user_message
        conversation = {"conversation": said.conversation_id, "reference": said.property("trackingIdentifier") or ""}
        assert (await post(hub, asked.wire())).receipt is not None
        bad = replace((await post(hub, pull_request())).receipt_of(), ref_to_message_id=new_id())
        draft = saldoverzoek("creditor", "counsellor", action="SaldoverzoekAntwoord", answering=conversation)
        draft = replace(draft if taken else too_old(draft), receipt=bad)
        wire = draft.wire()
        reply = await post(hub, wire)
        assert reply.codes == (("EBMS:0302",) if taken else ("EBMS:0003", "EBMS:0302")), hub.log.lines
        assert reply.error is not None
        about = [each.ref_to_message_in_error for each in reply.error.errors]
        assert about == [*([] if taken else [draft.user_message.message_id]), bad.message_id]
        assert (reply.receipt is not None) is taken
        assert bool((await post(hub, pull_request("counsellor"))).user_message) is taken
        again = await post(hub, wire)
        assert (again.body == reply.body) is taken
