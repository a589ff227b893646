"""Each unit of a bundle takes effect or is refused by an eb:Error of its own; none is dropped in silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import running_hub
from support.keys.pki import NOW, identity
from support.longer import longer
from support.messages.security import sign_anew
from support.messages.wire import Draft, Reply, Wire, mpc_of, new_id, post, pull_request, saldoverzoek, signal_wire

from crypto.keys import SigningKey
from gateway.ebms.model import ErrorEntry, ErrorSignal, Messaging, PullRequest, Receipt, UserMessage
from gateway.ebms.names import EB, EBBP, SOAP_XML_UTF8
from gateway.store.model import MessageFilter

Unit = PullRequest | Receipt | ErrorSignal


def a_pull(owner: str = "creditor") -> PullRequest:
    return PullRequest(message_id=new_id(), timestamp=NOW, mpc=mpc_of(owner))


def an_error() -> ErrorSignal:
    entry = ErrorEntry(code="EBMS:0004", severity="failure")
    return ErrorSignal(message_id=new_id(), timestamp=NOW, ref_to_message_id=new_id(), errors=(entry,))


def unit(signal: Unit) -> etree._Element:
    kind = {PullRequest: "pull_request", Receipt: "receipt", ErrorSignal: "error"}[type(signal)]
    wire = signal_wire(Messaging(**{kind: signal}), identity("creditor").signing_key)  # type: ignore[arg-type]
    return next(etree.fromstring(wire.body).iter(f"{{{EB}}}SignalMessage"))


def bundle(*signals: Unit, draft: Draft | None = None, key: SigningKey | None = None) -> Wire:
    """These signals in this order, before a user message where there is one, under one signature."""
    first, *others = signals
    alone = signal_wire(Messaging(pull_request=a_pull()), identity("creditor").signing_key)
    wire = alone if draft is None else draft.wire()
    root = etree.fromstring(wire.envelope)
    messaging = next(root.iter(f"{{{EB}}}Messaging"))
    if draft is None:
        messaging.remove(messaging[0])
    for number, each in enumerate((first, *others)):
        messaging.insert(number, unit(each))
    sign_anew(root, key or (identity("creditor").signing_key if draft is None else draft.signer))
    envelope = etree.tostring(root)
    return replace(wire, body=wire.body.replace(wire.envelope, envelope), envelope=envelope)


def told(reply: Reply) -> list[tuple[str, str | None]]:
    return [(each.code, each.ref_to_message_in_error) for each in (reply.error.errors if reply.error else ())]


async def pulled_receipt(hub: object) -> Receipt:
    await post(hub, saldoverzoek().wire())
    return (await post(hub, pull_request())).receipt_of()


def an_answer(said: UserMessage) -> Draft:
    conversation = {"conversation": said.conversation_id, "reference": said.property("trackingIdentifier") or ""}
    return saldoverzoek("creditor", "counsellor", action="SaldoverzoekAntwoord", answering=conversation)


BUNDLES = ["two-pulls", "three-pulls-and-a-receipt", "two-receipts", "two-receipts-and-a-pull"]


@pytest.mark.parametrize("name", BUNDLES)
async def test_each_signal_of_a_bundle_that_nobody_may_send_is_refused_by_its_id(tmp_path: Path, name: str) -> None:
    async with running_hub(tmp_path) as hub:
        receipt = await pulled_receipt(hub)
        signals = {
            "two-pulls": (a_pull(), a_pull()),
            "three-pulls-and-a-receipt": (a_pull(), receipt, a_pull(), a_pull()),
            "two-receipts": (receipt, replace(receipt, message_id=new_id())),
            "two-receipts-and-a-pull": (receipt, replace(receipt, message_id=new_id()), a_pull()),
        }[name]
        reply = await post(hub, bundle(*signals, an_error()))
        alone = name == "three-pulls-and-a-receipt"  # of two receipts nobody says which is meant (decision 0010)
        codes = ["EBMS:0302" if alone and isinstance(each, Receipt) else "EBMS:0009" for each in signals]
        assert sorted(told(reply)) == sorted(zip(codes, (each.message_id for each in signals), strict=True))
        assert not hub.log.of("receipt_taken")
        assert len(hub.log.of("error_distrusted")) == 1, "an error is not answered"
        assert (await post(hub, pull_request())).codes == ("EBMS:0006",), "the one that was leased is still leased"


async def test_each_of_two_user_messages_is_refused_by_its_id(tmp_path: Path) -> None:
    draft, other = saldoverzoek(), new_id()
    wire = draft.wire()
    root = etree.fromstring(wire.envelope)
    second = etree.fromstring(etree.tostring(next(root.iter(f"{{{EB}}}UserMessage"))))
    next(second.iter(f"{{{EB}}}MessageId")).text = other
    next(root.iter(f"{{{EB}}}UserMessage")).addnext(second)
    async with running_hub(tmp_path) as hub:
        reply = await post(hub, replace(wire, body=wire.body.replace(wire.envelope, etree.tostring(root))))
        assert told(reply) == [("EBMS:0008", draft.user_message.message_id), ("EBMS:0008", other)]


async def test_what_stands_beside_a_header_that_cannot_be_read_is_refused_with_it(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        receipt, draft = await pulled_receipt(hub), saldoverzoek("creditor", "counsellor")
        wire = bundle(receipt, draft=draft)
        broken = wire.envelope.replace(b"<eb:Action>", b"<eb:More></eb:More><eb:Action>")
        reply = await post(hub, replace(wire, body=wire.body.replace(wire.envelope, broken)))
        assert told(reply) == [("EBMS:0009", draft.user_message.message_id), ("EBMS:0302", receipt.message_id)]


@pytest.mark.parametrize(
    ("bent", "told_of_form"), [("error", False), *longer(("pull", True))], ids=lambda value: str(value)
)
async def test_a_sentence_about_ids_is_told_to_the_unit_that_has_them(
    tmp_path: Path, bent: str, told_of_form: bool
) -> None:
    """An Error is answered by nothing, and the pull beside it, whose id is as it should be, by the code's sentence."""
    pull, error = a_pull(), an_error()
    if bent == "error":
        error = replace(error, message_id="é")
    else:
        pull = replace(pull, message_id="é")
    async with running_hub(tmp_path) as hub:
        reply = await post(hub, bundle(pull, error))
        assert told(reply) == [("EBMS:0009", pull.message_id if bent == "error" else None)]
        assert reply.error is not None
        assert ("visible ASCII" in str(reply.error.errors[0])) is told_of_form


async def test_a_bundle_of_many_units_is_told_fifty_and_how_many_more(tmp_path: Path) -> None:
    pulls = [a_pull() for _ in range(60)]
    async with running_hub(tmp_path) as hub:
        for count, entries in ((50, 50), (51, 50), (60, 50)):
            reply = await post(hub, bundle(*pulls[:count]))
            assert len(told(reply)) == entries
            assert reply.error is not None
            last = reply.error.errors[-1].description or ""
            assert (f"{count - 49} more" in last) is (count > 50)


@pytest.mark.parametrize("receipt_counts", [True, False])
async def test_a_user_message_with_a_pull_and_a_receipt_is_told_of_each_that_has_no_effect(
    tmp_path: Path, receipt_counts: bool
) -> None:
    async with running_hub(tmp_path) as hub:
        receipt, wanted = await pulled_receipt(hub), a_pull()
        if not receipt_counts:
            receipt = replace(receipt, ref_to_message_id=new_id())
        draft = saldoverzoek("creditor", "counsellor")
        await post(hub, saldoverzoek().wire())
        reply = await post(hub, bundle(wanted, receipt, draft=draft))
        refused = [] if receipt_counts else [("EBMS:0302", receipt.message_id)]
        assert told(reply) == [
            ("EBMS:0008", draft.user_message.message_id),
            *refused,
            ("EBMS:0008", wanted.message_id),
        ]
        assert bool(hub.log.of("receipt_taken")) is receipt_counts
        assert (await post(hub, pull_request())).user_message is not None, "nothing was leased"


async def test_a_bundle_that_a_stranger_signed_is_refused_for_that_and_each_unit_is_told(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        receipt, wanted, draft = await pulled_receipt(hub), a_pull(), saldoverzoek("creditor", "counsellor")
        reply = await post(hub, bundle(wanted, receipt, draft=draft, key=identity("stranger").signing_key))
        assert told(reply) == [
            ("EBMS:0101", draft.user_message.message_id),
            ("EBMS:0302", receipt.message_id),
            ("EBMS:0008", wanted.message_id),
        ]
        assert not hub.log.of("receipt_taken")


@pytest.mark.parametrize("pulls", [1, 2])
async def test_a_repetition_beside_a_pull_gets_its_receipt_and_the_pull_is_refused(tmp_path: Path, pulls: int) -> None:
    """The acceptance earns the receipt; every other unit is judged by now, or not taken (decision 0017)."""
    async with running_hub(tmp_path) as hub:
        asked = saldoverzoek()
        assert (await post(hub, asked.wire())).receipt is not None
        question = await post(hub, pull_request())
        answer, wanted = an_answer(asked.user_message), [a_pull() for _ in range(pulls)]
        assert (await post(hub, answer.wire())).receipt is not None, hub.log.lines
        await post(hub, saldoverzoek().wire())
        wire = bundle(*wanted, question.receipt_of(), draft=answer)
        reply = await post(hub, wire)
        assert reply.receipt is not None, hub.log.lines
        assert reply.receipt.ref_to_message_id == answer.user_message.message_id
        assert told(reply) == [("EBMS:0008", each.message_id) for each in wanted]
        assert hub.log.of("receipt_taken")
        assert (await post(hub, wire)).body == reply.body, "the same octets get the same answer"
        assert len(await hub.store.messages(MessageFilter())) == 3
        assert (await post(hub, pull_request())).user_message is not None, "nothing was leased"


async def test_a_pull_beside_a_receipt_that_is_refused_is_told_that_nothing_is_handed_out(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        receipt, wanted = replace(await pulled_receipt(hub), ref_to_message_id=new_id()), a_pull()
        await post(hub, saldoverzoek().wire())
        reply = await post(hub, bundle(receipt, wanted))
        assert told(reply) == [("EBMS:0302", receipt.message_id), ("EBMS:0004", wanted.message_id)]
        assert (await post(hub, pull_request())).user_message is not None, "nothing was leased"


def said(tag: str, text: str) -> Callable[[etree._Element], None]:
    def change(signal: etree._Element) -> None:
        next(signal.iter(f"{{{EB}}}{tag}")).text = text

    return change


def with_comment(tag: str) -> Callable[[etree._Element], None]:
    def change(signal: etree._Element) -> None:
        element = next(signal.iter(f"{{{EB}}}{tag}"))
        comment = etree.Comment("x")
        comment.tail, element.text = (element.text or "")[4:], (element.text or "")[:4]
        element.append(comment)

    return change


def with_an_error(signal: etree._Element) -> None:
    signal.append(next(iter(unit(an_error()).iter(f"{{{EB}}}Error"))))


def with_many_references(signal: etree._Element) -> None:
    reference = next(signal.iter(f"{{{EBBP}}}MessagePartNRInformation"))
    for _ in range(100):
        reference.addnext(etree.fromstring(etree.tostring(reference)))


def without(tag: str) -> Callable[[etree._Element], None]:
    def change(signal: etree._Element) -> None:
        element = next(signal.iter(f"{{{EB}}}{tag}"))
        element.getparent().remove(element)  # type: ignore[union-attr]

    return change


# What may be wrong with the signal that a receipt stands in: (the change, whether its MessageId can still be repeated)
BENT_RECEIPTS: dict[str, tuple[Callable[[etree._Element], object], bool]] = {
    "a reference with a blank": (said("RefToMessageId", " one@tests.example"), True),
    "a reference in brackets": (said("RefToMessageId", "<one@tests.example>"), True),
    "a reference that is not ASCII": (said("RefToMessageId", "\u00e9@tests.example"), True),
    "a reference too long": (said("RefToMessageId", "a" * 300), True),
    "an empty reference": (said("RefToMessageId", ""), True),
    "a comment in the reference": (with_comment("RefToMessageId"), True),
    "no reference": (without("RefToMessageId"), True),
    "an id in brackets": (said("MessageId", "<one@tests.example>"), False),
    "an id with blanks": (said("MessageId", " one@tests.example "), False),
    "an id too long": (said("MessageId", "a" * 300), False),
    "an empty id": (said("MessageId", ""), False),
    "a comment in the id": (with_comment("MessageId"), False),
    "no id": (without("MessageId"), False),
    "no MessageInfo": (without("MessageInfo"), False),
    "a day that does not exist": (said("Timestamp", "2026-02-30T00:00:00Z"), True),
    "a year of five digits": (said("Timestamp", "12345-01-01T00:00:00Z"), True),
    "a moment before all others": (said("Timestamp", "0001-01-01T00:00:00+14:00"), True),
    "no time": (without("Timestamp"), True),
    "an attribute too many": (lambda signal: next(signal.iter(f"{{{EB}}}Receipt")).set("more", "1"), True),
    "an error in the same signal": (with_an_error, True),
    "more references than anybody reads": (with_many_references, True),
}


@pytest.mark.parametrize("beside", ["nothing", "a pull"])
@pytest.mark.parametrize("name", BENT_RECEIPTS)
async def test_a_receipt_is_refused_by_one_code_whatever_is_wrong_with_its_signal(
    tmp_path: Path, name: str, beside: str
) -> None:
    change, has_id = BENT_RECEIPTS[name]
    async with running_hub(tmp_path) as hub:
        receipt, wanted = await pulled_receipt(hub), a_pull()
        root = etree.fromstring(bundle(receipt, *([wanted] if beside == "a pull" else [])).envelope)
        change(next(root.iter(f"{{{EB}}}SignalMessage")))
        sign_anew(root, identity("creditor").signing_key)
        reply = await post(hub, Wire(content_type=SOAP_XML_UTF8, body=etree.tostring(root)))
        about = receipt.message_id if has_id else None
        nothing_given = "EBMS:0004" if name == "no reference" else "EBMS:0009"  # the header can be read there
        beside_it = {(nothing_given, wanted.message_id)} if beside == "a pull" else set()
        assert set(told(reply)) == {("EBMS:0302", about), *beside_it}, hub.log.lines
        assert reply.error is not None
        assert reply.error.ref_to_message_id == told(reply)[0][1]
        (description,) = (each.description for each in reply.error.errors if each.code == "EBMS:0302")
        assert description == "The receipt is not accepted."
        assert not hub.log.of("receipt_taken")


async def test_a_pull_with_an_error_in_its_own_signal_is_told_by_its_id(tmp_path: Path) -> None:
    """No error answers an error (X05), but a signal that asks for something is answered."""
    async with running_hub(tmp_path) as hub:
        wanted = a_pull()
        root = etree.fromstring(bundle(wanted).envelope)
        with_an_error(next(root.iter(f"{{{EB}}}SignalMessage")))
        sign_anew(root, identity("creditor").signing_key)
        reply = await post(hub, Wire(content_type=SOAP_XML_UTF8, body=etree.tostring(root)))
        assert told(reply) == [("EBMS:0009", wanted.message_id)]
