"""Each unit of a bundle takes effect or is refused, and an Error, however bent, is never answered by one (X05)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from support.hub import TestedHub, running_hub
from support.pki import NOW, identity
from support.security import sign_anew
from support.wire import Draft, Reply, Wire, new_id, post, pull_request, saldoverzoek, signal_wire

from gateway.ebms.model import ErrorEntry, ErrorSignal, Messaging
from gateway.ebms.names import EB
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
    found = await hub.store.messages(MessageFilter(), NOW)
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


def with_error_in_push(error: ErrorSignal) -> Wire:
    """A push of the creditor's, which will be refused for what it answers, with an error beside it."""
    draft: Draft = saldoverzoek("creditor", "counsellor", action="SaldoverzoekAntwoord")
    wire = draft.wire()
    root = etree.fromstring(wire.envelope)
    from_error = etree.fromstring(signal_wire(Messaging(error=error), identity("creditor").signing_key).body)
    first(root, f"{{{EB}}}Messaging").insert(0, first(from_error, SIGNAL))
    sign_anew(root, identity("creditor").signing_key)
    envelope = etree.tostring(root)
    return replace(wire, body=wire.body.replace(wire.envelope, envelope), envelope=envelope)


async def test_a_signer_is_read_from_what_was_kept(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await post(hub, saldoverzoek().wire())
        (signer,) = await hub.store.signers()
        assert certificate_of(signer.certificate) == identity("counsellor").signing.certificate
