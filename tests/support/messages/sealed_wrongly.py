"""What tests of encryption send that does not open, and how the hub refuses it."""

from __future__ import annotations

from dataclasses import replace

from support.hubs.contract import Refused
from support.hubs.hub import TestedHub
from support.hubs.rows import Sent, Stimulus, both, delivered
from support.keys.pki import identity
from support.messages.encrypting import (
    cut_to,
    enciphered,
    last_flipped,
    padded_in_the_old_way,
    refer_to,
    wrapped_as,
    wrapped_for,
    wrapped_key_of,
)
from support.messages.security import because, hub_with, with_attachments
from support.messages.wire import Draft, saldoverzoek

from crypto.content_ids import content_id_uri

NOT_AGREED = Refused("EBMS:0103")
DOES_NOT_OPEN = Refused("EBMS:0102")
DOES_NOT_HOLD = Refused("EBMS:0101")


def to_expired() -> Draft:
    """A question for a certificate of the hub that has expired."""
    return replace(saldoverzoek(), recipient=identity("hub", "expired"))


def to_next() -> Draft:
    """A question for the next certificate of the hub."""
    return replace(saldoverzoek(), recipient=identity("hub", "next"))


def two_for_the_first() -> Sent:
    """Two parts, and both encryptions say they are the first one's."""
    made = with_attachments()
    return Sent(wire=made.wire(alter=refer_to(content_id_uri(made.parts[0].content_id), 1)), draft=made)


async def old_certificates(hub: TestedHub) -> None:
    """What is for an old certificate of ours opens while it holds, and not when it has expired."""
    keys = (identity("hub", "next").decryption_key, *(identity("hub", each).decryption_key for each in ("expired",)))
    old_and_new = (identity("hub").decryption_key, *keys)
    act = both(delivered(saldoverzoek, to_next), because("not ours", DOES_NOT_OPEN, to_expired))
    await hub_with(act, decryption_keys=old_and_new)(hub)


ORACLE: dict[str, Stimulus] = {
    "wrong key": enciphered(change=wrapped_for("stranger")),
    "wrong padding": enciphered(change=wrapped_as(padded_in_the_old_way)),
    "wrong tag": enciphered(last_flipped),
    "short ciphertext": enciphered(cut_to(20)),
    "wrapped key of another size": enciphered(change=wrapped_as(wrapped_key_of(32))),
}
