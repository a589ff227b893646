"""Each unit of a bundle takes effect or is refused, and an Error, however bent, is never answered by one (X05)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import TestedHub, running_hub
from support.keys.pki import NOW, identity
from support.messages.security import sign_anew
from support.messages.wire import (
    Draft,
    Reply,
    Wire,
    mpc_of,
    multipart,
    new_id,
    party,
    post,
    pull_request,
    saldoverzoek,
    signal_wire,
)

from crypto.keys import SigningKey
from crypto.names import WSSE
from crypto.signature_algorithms import SignatureAlgorithm
from gateway.ebms.model import ErrorEntry, ErrorSignal, Messaging
from gateway.ebms.names import DEFAULT_MPC, EB
from gateway.msh.signers import certificate_of
from gateway.store.model import MessageFilter

ERROR, SIGNAL = f"{{{EB}}}Error", f"{{{EB}}}SignalMessage"


def error_about(pulled: Reply) -> ErrorSignal:
    """The creditor could not use what it pulled."""
    assert pulled.user_message is not None
    about = pulled.user_message.message_id
    entry = ErrorEntry(code="EBMS:0004", severity="failure", ref_to_message_in_error=about)
    return ErrorSignal(message_id=new_id(), timestamp=NOW, ref_to_message_id=about, errors=(entry,))


async def pulled_by_creditor(hub: TestedHub) -> Reply:
    await post(hub, saldoverzoek().wire())
    return await post(hub, pull_request())


async def last_error(hub: TestedHub) -> str | None:
    found = await hub.store.messages(MessageFilter())
    return next((each.last_error for each in found if each.last_error is not None), None)


def bent(change: Callable[[etree._Element], object]) -> Callable[[Wire], Wire]:
    """The error changed by its sender, and then signed."""

    def make(wire: Wire) -> Wire:
        root = etree.fromstring(wire.body)
        change(root)
        sign_anew(root, identity("creditor").signing_key)
        return replace(wire, body=etree.tostring(root))

    return make


def first(root: etree._Element, tag: str) -> etree._Element:
    return next(root.iter(tag))


def without_reference(root: etree._Element) -> None:
    info = first(root, f"{{{EB}}}MessageInfo")
    info.remove(first(root, f"{{{EB}}}RefToMessageId"))


BENT: dict[str, Callable[[etree._Element], object]] = {
    "no-code": lambda root: first(root, ERROR).attrib.pop("errorCode"),
    "no-severity": lambda root: first(root, ERROR).attrib.pop("severity"),
    "unknown-attribute": lambda root: first(root, ERROR).set("more", "1"),
    "unknown-element": lambda root: etree.SubElement(first(root, ERROR), f"{{{EB}}}More"),
    "reference-in-the-error-alone": without_reference,
}


@pytest.mark.parametrize("name", BENT)
async def test_a_bent_error_takes_the_effect_it_can_and_is_not_answered_by_an_error_X05(
    tmp_path: Path, name: str
) -> None:
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        good = signal_wire(Messaging(error=error_about(pulled)), identity("creditor").signing_key)
        reply = await post(hub, bent(BENT[name])(good))
        assert (reply.status, reply.body) == (204, b"")
        assert await last_error(hub) is not None, hub.log.lines


@pytest.mark.parametrize("tag", [f"{{{EB}}}MessageId", f"{{{EB}}}Timestamp", f"{{{EB}}}MessageInfo"])
async def test_an_error_that_says_nothing_usable_is_logged_and_not_answered_X05(tmp_path: Path, tag: str) -> None:
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        good = signal_wire(Messaging(error=error_about(pulled)), identity("creditor").signing_key)

        def cut(root: etree._Element) -> None:
            element = first(root, tag)
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)

        reply = await post(hub, bent(cut)(good))
        assert (reply.status, reply.body) == (204, b"")
        assert await last_error(hub) is None
        assert hub.log.of("refused")


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


def with_error(root: etree._Element, error: ErrorSignal) -> Wire:
    """A PullRequest with an error beside it, signed by the creditor."""
    from_error = etree.fromstring(signal_wire(Messaging(error=error), identity("creditor").signing_key).body)
    first(root, f"{{{EB}}}Messaging").append(first(from_error, SIGNAL))
    sign_anew(root, identity("creditor").signing_key)
    return Wire(content_type="application/soap+xml", body=etree.tostring(root))


def with_error_in_push(error: ErrorSignal, draft: Draft | None = None, key: SigningKey | None = None) -> Wire:
    """A push of the creditor's, which will be refused for what it answers, with an error beside it."""
    draft = draft or saldoverzoek("creditor", "counsellor", action="SaldoverzoekAntwoord")
    wire = draft.wire()
    root = etree.fromstring(wire.envelope)
    from_error = etree.fromstring(signal_wire(Messaging(error=error), identity("creditor").signing_key).body)
    first(root, f"{{{EB}}}Messaging").insert(0, first(from_error, SIGNAL))
    sign_anew(root, key or identity("creditor").signing_key)
    envelope = etree.tostring(root)
    return replace(wire, body=wire.body.replace(wire.envelope, envelope), envelope=envelope)


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
        assert reply.codes == ("EBMS:0010", "EBMS:0302")
        assert reply.error is not None
        assert reply.error.errors[1].ref_to_message_in_error == receipt.message_id
        assert not hub.log.of("receipt_taken")


async def test_a_signer_is_read_from_what_was_kept(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await post(hub, saldoverzoek().wire())
        (signer,) = await hub.store.signers()
        assert certificate_of(signer.certificate) == identity("counsellor").signing.certificate


def with_errors(*errors: ErrorSignal, beside: Wire | None = None) -> Wire:
    """Several errors under the creditor's one signature, alone or beside another unit."""
    key = identity("creditor").signing_key
    alone = signal_wire(Messaging(error=errors[0]), key)
    root = etree.fromstring(alone.body if beside is None else beside.body)
    for each in errors[1:] if beside is None else errors:
        made = etree.fromstring(signal_wire(Messaging(error=each), key).body)
        first(root, f"{{{EB}}}Messaging").append(first(made, SIGNAL))
    sign_anew(root, key)
    return Wire(content_type="application/soap+xml", body=etree.tostring(root))


BESIDE_AN_ERROR = ["good", "about-nothing", "stale", "ahead"]


@pytest.mark.parametrize(
    ("beside", "other"),
    [("nothing", "bent"), *((beside, other) for beside in ("nothing", "pull") for other in BESIDE_AN_ERROR)],
)
@pytest.mark.parametrize("order", ["before", "behind"])
async def test_each_error_of_an_envelope_is_judged_for_itself_and_logged(
    tmp_path: Path, beside: str, other: str, order: str
) -> None:
    async with running_hub(tmp_path, time_confirmed=other != "ahead") as hub:
        one, two = await pulled_by_creditor(hub), await pulled_by_creditor(hub)
        good, second = error_about(one), error_about(two)
        match other:
            case "about-nothing":
                second = replace(
                    second,
                    ref_to_message_id=None,
                    errors=(replace(second.errors[0], ref_to_message_in_error=new_id()),),
                )
            case "stale":
                second = replace(second, timestamp=NOW - timedelta(minutes=20))
            case "ahead":
                second = replace(second, timestamp=NOW + timedelta(minutes=6))
            case "bent":
                second = replace(second, message_id=" ")
            case _:
                pass
        errors = (second, good) if order == "before" else (good, second)
        reply = await post(hub, with_errors(*errors, beside=pull_request() if beside == "pull" else None))
        assert len(hub.log.of("error_taken")) == (2 if other == "good" else 1), hub.log.lines
        logged = [event for event in ("error_distrusted", "error_unmatched", "postponed") if hub.log.of(event)]
        bent_or_unknown = {"about-nothing": "error_unmatched", "stale": "error_distrusted", "bent": "error_unmatched"}
        ahead = "postponed" if beside == "nothing" else "error_distrusted"
        assert logged == ([] if other == "good" else [bent_or_unknown.get(other, ahead)])
        expected = 200 if beside == "pull" else 503 if other == "ahead" else 204
        assert (reply.status, reply.codes) == (expected, ("EBMS:0006",) if beside == "pull" else ())


async def test_an_unknown_signal_beside_a_known_unit_is_ignored_and_logged(tmp_path: Path) -> None:  # H59
    root = etree.fromstring(pull_request().body)
    foreign = etree.SubElement(first(root, f"{{{EB}}}Messaging"), SIGNAL)
    foreign.append(etree.fromstring(etree.tostring(first(root, f"{{{EB}}}MessageInfo"))))
    first(foreign, f"{{{EB}}}MessageId").text = new_id()
    etree.SubElement(foreign, "{urn:foreign}Foo")
    sign_anew(root, identity("creditor").signing_key)
    async with running_hub(tmp_path) as hub:
        wire = Wire(content_type="application/soap+xml", body=etree.tostring(root))
        assert (await post(hub, wire)).codes == ("EBMS:0006",)
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


def two_of(tag: str) -> Callable[[Wire], Wire]:
    def make(wire: Wire) -> Wire:
        root = etree.fromstring(wire.body)
        block = first(root, tag)
        block.addnext(etree.fromstring(etree.tostring(block)))
        return replace(wire, body=etree.tostring(root))

    return make


def packed_with(old: bytes, new: bytes) -> Callable[[Wire], Wire]:
    """The error as the root of a multipart message that has another part, with something else in its packaging."""

    def make(wire: Wire) -> Wire:
        packed = multipart(wire.body, [("part@tests.example", "text/plain", b"octets")])
        return replace(packed, body=new.join(packed.body.rsplit(old, 1)))

    return make


def long_epilogue(wire: Wire) -> Wire:
    packed = multipart(wire.body, [])
    return replace(packed, body=packed.body + b"x" * 2000)


def root_of_another_length(wire: Wire) -> Wire:
    packed = multipart(wire.body, [])
    return replace(packed, body=packed.body.replace(b"Content-Type:", b"Content-Length: 100000\r\nContent-Type:", 1))


UNTAKEABLE: dict[str, tuple[Callable[[Wire], Wire], int]] = {
    "two-securities": (two_of(f"{{{WSSE}}}Security"), 204),
    "two-messagings": (two_of(f"{{{EB}}}Messaging"), 204),
    "long-epilogue": (long_epilogue, 400),
    "content-encoding-of-a-part": (packed_with(b"Content-Type:", b"Content-Encoding: gzip\r\nContent-Type:"), 400),
    "content-length-of-the-root": (root_of_another_length, 400),
}


@pytest.mark.parametrize("name", UNTAKEABLE)
async def test_an_error_in_an_envelope_or_package_that_is_bent_is_logged_and_not_answered_by_one_X05(
    tmp_path: Path, name: str
) -> None:
    change, status = UNTAKEABLE[name]
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        good = signal_wire(Messaging(error=error_about(pulled)), identity("creditor").signing_key)
        reply = await post(hub, change(good))
        assert (reply.status, reply.body) == (status, b""), hub.log.lines
        assert hub.log.of("refused")


LINES = ("error_distrusted", "error_unmatched", "error_repeated")


@pytest.mark.parametrize("beside", ["nothing", "pull"])
@pytest.mark.parametrize("name", ["about-nothing", "stale", "repeated", "by-a-stranger", "of-every-kind"])
async def test_the_errors_of_one_envelope_that_change_nothing_are_one_line_in_the_log(
    tmp_path: Path, beside: str, name: str
) -> None:
    async with running_hub(tmp_path) as hub:
        good = error_about(await pulled_by_creditor(hub))
        other = [replace(error_about(await pulled_by_creditor(hub)), message_id=new_id()) for _ in range(2)]
        stale = [replace(each, timestamp=NOW - timedelta(minutes=20)) for each in other]
        nothing = [replace(good, message_id=new_id(), ref_to_message_id=new_id()) for _ in range(9)]
        if name in ("repeated", "of-every-kind"):
            assert (await post(hub, with_errors(good))).status == 204
        errors = {
            "about-nothing": nothing,
            "stale": stale,
            "repeated": [good, good],
            "by-a-stranger": other,
            "of-every-kind": [good, *stale, *nothing],
        }[name]
        taken = len(hub.log.of("error_taken"))
        wire = with_errors(*errors, beside=pull_request() if beside == "pull" else None)
        if name == "by-a-stranger":
            root = etree.fromstring(wire.body)
            sign_anew(root, identity("stranger").signing_key)
            wire = replace(wire, body=etree.tostring(root))
        reply = await post(hub, wire)
        assert reply.error is None or beside == "pull"
        (line,) = [each for event in LINES for each in hub.log.of(event)]
        assert line["errors"] == len(errors)
        assert len(hub.log.of("error_taken")) == taken


@pytest.mark.parametrize("about", ["a-message", "nothing"])
async def test_an_error_about_nothing_costs_what_one_about_a_message_costs(
    tmp_path: Path, about: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both by a stranger: one public-key operation, and no answer (X05)."""
    operations: list[str] = []
    verify = SignatureAlgorithm.verify

    def counted(self: SignatureAlgorithm, *arguments: object) -> None:
        operations.append(self.uri)
        verify(self, *arguments)  # type: ignore[arg-type]

    async with running_hub(tmp_path) as hub:
        error = error_about(await pulled_by_creditor(hub))
        if about == "nothing":
            error = replace(error, ref_to_message_id=new_id())
        wire = signal_wire(Messaging(error=error), identity("stranger").signing_key)
        monkeypatch.setattr(SignatureAlgorithm, "verify", counted)
        reply = await post(hub, wire)
        assert (reply.status, reply.body, len(operations)) == (204, b"", 1)
        assert not hub.log.of("error_taken")
