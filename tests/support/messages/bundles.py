"""Several units in one envelope: errors of the creditor beside what else it says, all under one signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from lxml import etree
from support.hubs.hub import TestedHub
from support.keys.pki import NOW, identity
from support.messages.security import sign_anew
from support.messages.wire import (
    Draft,
    Reply,
    Wire,
    new_id,
    post,
    pull_request,
    saldoverzoek,
    signal_wire,
)

from crypto.keys import SigningKey
from gateway.ebms.model import ErrorEntry, ErrorSignal, Messaging
from gateway.ebms.names import EB
from gateway.store.model import MessageFilter

SIGNAL = f"{{{EB}}}SignalMessage"


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


def first(root: etree._Element, tag: str) -> etree._Element:
    return next(root.iter(tag))


def signed_anew(
    wire: Wire, change: Callable[[etree._Element], object] = lambda _root: None, signer: SigningKey | None = None
) -> Wire:
    """A message of an envelope alone, changed and then signed by whoever sends it: the creditor, or another signer."""
    root = etree.fromstring(wire.body)
    change(root)
    sign_anew(root, signer or identity("creditor").signing_key)
    return replace(wire, body=etree.tostring(root))


def with_error(root: etree._Element, error: ErrorSignal) -> Wire:
    """A PullRequest with an error beside it, signed by the creditor."""
    from_error = etree.fromstring(signal_wire(Messaging(error=error), identity("creditor").signing_key).body)
    first(root, f"{{{EB}}}Messaging").append(first(from_error, SIGNAL))
    sign_anew(root, identity("creditor").signing_key)
    return Wire(content_type="application/soap+xml", body=etree.tostring(root))


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
