"""What the browser makes of a message, told by the names of a test: which party it is, what it knows, what came.

desk_opens(leg_two().wire())                               # as the counsellor; Refused where it refuses
desk_opens(wire, senders=knows("creditor"))
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from support.browser.asking import asked, certificates, key_pair
from support.keys.pki import NOW, PARTIES, Identity, identity
from support.messages.wire import Wire, mpc_of, party

from crypto.certificates import der


def knows(*names: str) -> dict[str, list[bytes]]:
    """An address book that has the signing certificates of these parties under their own names."""
    return {PARTIES[name][0]: [der(identity(name).signing.certificate)] for name in names}


def desk_opens(
    wire: Wire,
    *,
    name: str = "counsellor",
    keys: Sequence[Identity] = (),
    hub: Sequence[Identity] = (),
    senders: Mapping[str, Sequence[bytes]] | None = None,
    now: datetime = NOW,
    self: Mapping[str, object] | None = None,
    origin_required: bool = False,
    limits: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """What `openMessage` answers to that party; `keys` are others than its own, `hub` others than the hub's."""
    usual = {"partyIds": [PARTIES[name][0]], "mpc": mpc_of(name), "hub": PARTIES["hub"][0]}
    return asked().ask(  # type: ignore[no-any-return]
        "open",
        octets=wire.body,
        contentType=wire.content_type,
        self={**usual, **(self or {})},
        keys=[key_pair(each.encryption.certificate, each.encryption.private_key) for each in keys or [identity(name)]],
        hubCertificates=certificates([each.signing.certificate for each in hub or [identity("hub")]]),
        senders=senders or {},
        now=now,
        originRequired=origin_required,
        limits=limits or {},
    )


def desk_receipts(opened: Mapping[str, Any], name: str, *, at: datetime = NOW, message_id: str = "") -> dict[str, Any]:
    """The receipt of that party for what it opened."""
    signing = identity(name).signing
    return asked().ask(  # type: ignore[no-any-return]
        "receipt",
        messageId=message_id or f"{uuid.uuid4()}@desk.example",
        at=at,
        about=opened["facts"]["messageId"],
        references=opened["references"],
        key=key_pair(signing.certificate, signing.private_key),
    )


def desk_packs(push: Mapping[str, object], signer: str, *, recipient: str = "hub") -> dict[str, Any]:
    """What that party sends, encrypted to the recipient."""
    signing = identity(signer).signing
    return asked().ask(  # type: ignore[no-any-return]
        "push",
        push=push,
        key=key_pair(signing.certificate, signing.private_key),
        hub=der(identity(recipient).encryption.certificate),
    )


def desk_reads(
    answer: bytes,
    sent: Mapping[str, Any],
    *,
    content_type: str,
    message_id: str,
    question: str = "answer",
    now: datetime = NOW,
    hub: Sequence[Identity] = (),
) -> dict[str, Any]:
    """What an answer of the hub to what was sent says."""
    return asked().ask(  # type: ignore[no-any-return]
        question,
        octets=answer,
        contentType=content_type,
        sent={"messageId": message_id, "references": sent["references"]},
        now=now,
        hubCertificates=certificates([each.signing.certificate for each in hub or [identity("hub")]]),
    )


def as_wire(packed: Mapping[str, Any], message_id: str = "") -> Wire:
    """What the browser packed, to be posted."""
    return Wire(content_type=packed["contentType"], body=packed["octets"], message_id=message_id)


def party_id(name: str) -> dict[str, str | None]:
    """A party id as the browser has it."""
    (found,) = party(name).party_ids
    return {"value": found.value, "type": found.type}
