"""Whatever stands in an envelope whose signature does not hold, it costs one public-key operation (decision 0013)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import TestedHub, running_hub
from support.keys.pki import NOW, identity
from support.messages.bundles import signed_anew
from support.messages.operations import counted_operations
from support.messages.security import sign_anew
from support.messages.wire import Reply, Wire, new_id, party, ping, post, pull_request, saldoverzoek, signal_wire

from crypto.names import SIGNATURE_VALUE
from gateway.ebms.model import ErrorEntry, ErrorSignal, Messaging
from gateway.ebms.names import EB

SIGNAL, MESSAGING = f"{{{EB}}}SignalMessage", f"{{{EB}}}Messaging"

UNITS = {
    "message": ("message",),
    "message-receipt": ("message", "receipt"),
    "message-error": ("message", "error"),
    "message-receipt-error": ("message", "receipt", "error"),
    "message-of-nobody-receipt-error": ("message-of-nobody", "receipt", "error"),
    "pull": ("pull",),
    "pull-of-nobody": ("pull-of-nobody",),
    "pull-receipt-error": ("pull", "receipt", "error"),
    "receipt": ("receipt",),
    "error": ("error",),
    "receipt-error": ("receipt", "error"),
    "receipt-two-errors": ("receipt", "error", "error-about-another"),
}
PULLS = {"pull": "", "pull-of-nobody": "urn:nothing"}
MESSAGES = {"message": ping, "message-of-nobody": lambda: ping().saying(from_party=party("stranger"))}


def envelope(units: tuple[str, ...], about: list[Reply], signer: str) -> Wire:
    """These units under one signature that names the signer's certificate; it does not hold where that is known."""
    receipt = replace(about[0].receipt_of(), message_id=new_id())
    errors = [
        ErrorSignal(
            message_id=new_id(),
            timestamp=NOW,
            ref_to_message_id=each.user_message.message_id,
            errors=(ErrorEntry(code="EBMS:0004", severity="failure"),),
        )
        for each in about
        if each.user_message is not None
    ]
    signals = {
        "receipt": Messaging(receipt=receipt),
        "error": Messaging(error=errors[0]),
        "error-about-another": Messaging(error=errors[1]),
    }
    key = identity(signer).signing_key
    wires = [
        replace(MESSAGES[each](), signer=key).wire()
        if each in MESSAGES
        else pull_request("counsellor", mpc=PULLS[each], signer=key)
        if each in PULLS
        else signal_wire(signals[each], key)
        for each in units
    ]
    root, *others = [etree.fromstring(each.envelope) for each in wires]
    header = next(root.iter(MESSAGING))
    for other in others:
        header.insert(0, next(other.iter(SIGNAL)))
    sign_anew(root, key)
    if signer != "stranger":
        value = next(root.iter(SIGNATURE_VALUE))
        assert value.text
        value.text = ("B" if value.text[0] != "B" else "C") + value.text[1:]
    return Wire(content_type="application/soap+xml", body=etree.tostring(root))


async def pulled(hub: TestedHub) -> Reply:
    await post(hub, saldoverzoek().wire())
    return await post(hub, pull_request())


def about_nothing(reply: Reply) -> Reply:
    assert reply.messaging is not None
    assert reply.user_message is not None
    other = replace(reply.messaging, user_message=replace(reply.user_message, message_id=new_id()))
    return replace(reply, messaging=other)


@pytest.mark.parametrize("about", ["a-message", "nothing"])
@pytest.mark.parametrize("signer", ["stranger", "counsellor", "creditor"])
@pytest.mark.parametrize("name", UNITS)
async def test_an_envelope_that_nobody_signed_costs_one_public_key_operation_whatever_it_holds_SR_05(
    tmp_path: Path, name: str, signer: str, about: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A participant's certificate that is named with a value that is not its own is no dearer than a stranger's."""
    async with running_hub(tmp_path) as hub:
        replies = [await pulled(hub), await pulled(hub)]
        told = replies if about == "a-message" else [about_nothing(each) for each in replies]
        wire = envelope(UNITS[name], told, signer)
        operations = counted_operations(monkeypatch)
        reply = await post(hub, wire)
        by_the_reader = 1 if reply.body else 0
        assert len(operations) - by_the_reader == 1, (reply.status, reply.codes, hub.log.lines)
        assert not hub.log.of("receipt_taken")
        assert not hub.log.of("error_taken")


async def test_a_receipt_and_an_error_beside_a_message_of_another_name_take_effect_by_one_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_hub(tmp_path) as hub:
        first, second = await pulled(hub), await pulled(hub)
        wire = signed_anew(envelope(("message", "receipt", "error-about-another"), [second, first], "creditor"))
        operations = counted_operations(monkeypatch)
        reply = await post(hub, wire)
        assert reply.codes == ("EBMS:0101",)
        assert len(operations) == 2, "one by the hub, one by whoever read its answer"
        assert hub.log.of("receipt_taken")
        assert hub.log.of("error_taken")
