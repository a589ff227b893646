"""Messages of leg 2 that no participant takes, each with the code that the hub is told: one table for every reader.

A row is (what the hub offers, changes of the participant, the code).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from support.client.participants import knows
from support.hubs.hub_script import Answer, bent, leg_two, origin_of, plain
from support.keys.pki import NOW, PARTIES, identity
from support.messages.whole_parts import compress
from support.messages.wire import Draft, Part, multipart, saldoverzoek, split

from gateway.client.inbox import MEMORY
from gateway.ebms import names
from gateway.limits import ClientLimits


def foreign_origin() -> Draft:
    """The proof of another message of the same sender."""
    return leg_two(saldoverzoek("creditor", "counsellor"), origin=origin_of(saldoverzoek("creditor", "counsellor")))


def swapped_part() -> Draft:
    """The proof is right, the part is another one under its name."""
    leg_one = saldoverzoek("creditor", "counsellor")
    draft = leg_two(leg_one)
    other = replace(draft.parts[0], octets=b"<other/>")
    return replace(draft, parts=(other, *draft.parts[1:]))


def dropped_part() -> Draft:
    leg_one = saldoverzoek("creditor", "counsellor")
    longer = leg_one.with_parts(*leg_one.parts, Part(octets=b"%PDF", mime_type="application/pdf"))
    return leg_two(leg_one, origin=origin_of(longer))


def renamed(name: str, value: str) -> Draft:
    return leg_two().with_property(name, value)


def with_ciphertext(draft: Draft, content: Callable[[bytes], bytes]) -> Answer:
    """The message with the first part's ciphertext changed."""
    first = draft.parts[0].content_id
    return plain(draft.wire(part_alter=lambda part, octets: content(octets) if part == first else octets))


def part_saying(**plain_: object) -> Draft:
    leg_one = saldoverzoek("creditor", "counsellor")
    return leg_two(leg_one.with_parts(replace(leg_one.parts[0], **plain_)), origin=None)  # type: ignore[arg-type]


def rebuilt(draft: Draft, change: Callable[[list[tuple[str, str, bytes]]], object]) -> Answer:
    """The message with its MIME parts changed: (Content-ID, media type, octets) each."""
    wire = draft.wire()
    envelope, parts = split(wire.content_type, wire.body)
    carried = [(part, names.OCTET_STREAM, octets) for part, octets in parts.items()]
    change(carried)
    return plain(multipart(envelope, carried))


def one_iv() -> Answer:
    """Message and proof encrypted under one key, and one IV."""

    def change(parts: list[tuple[str, str, bytes]]) -> None:
        iv = parts[0][2][:12]
        parts[1] = (*parts[1][:2], iv + parts[1][2][12:])

    return rebuilt(leg_two(), change)


def for_another() -> Draft:
    """What was sent to the administrator, proof and all, sealed to us."""
    leg_one = saldoverzoek("creditor", "administrator")
    return leg_two(leg_one)


def for_nobody() -> Draft:
    """What names no final recipient, as the sender signed it."""
    leg_one = saldoverzoek("creditor", "counsellor")
    kept = tuple(each for each in leg_one.user_message.properties if each.name != names.FINAL_RECIPIENT)
    return leg_two(leg_one.saying(properties=kept))


def ancient() -> Draft:
    """Octets that were accepted once and forgotten since, in a fresh message of the hub."""
    long_ago = NOW - MEMORY - timedelta(seconds=1)
    old = identity("creditor", "expired")
    leg_one = saldoverzoek("creditor", "counsellor", at=long_ago, signer=old.signing_key)
    return leg_two(leg_one, origin=origin_of(leg_one, old.signing.certificate)).saying(timestamp=NOW)


class TwoFaced(Part):
    """A part of which other octets are encrypted than were signed."""

    @property
    def signed_octets(self) -> bytes:
        signing = sys._getframe(1).f_code.co_name == "_digest"
        return compress(b"<signed/>" if signing else b"<sent/>", salt=bytes(16))


class Canonical(Part):
    """An XML part in clear that its signer digests in its canonical form (WSS SwA Profile 5.4.2)."""

    @property
    def signed_octets(self) -> bytes:
        signing = sys._getframe(1).f_code.co_name == "_digest"
        return b"<a></a>" if signing else b"<?xml version='1.0'?><a><!-- gone --></a>"


def not_what_was_signed() -> Draft:
    leg_one = saldoverzoek("creditor", "counsellor")
    return leg_two(leg_one.with_parts(TwoFaced(octets=b"")), origin=None)


def younger_proof() -> Draft:
    leg_one = saldoverzoek("creditor", "counsellor", at=NOW + timedelta(hours=1))
    return leg_two(leg_one).saying(timestamp=NOW)


def unfinished() -> Answer:
    wire = leg_two().wire()
    return plain(replace(wire, body=wire.body[:-20]))


NOT_TAKEN: dict[str, tuple[Callable[[], Answer], dict[str, object], str]] = {
    # what: (the answer, changes of the participant, the code that the hub is told)
    "a ciphertext changed": (lambda: bent(leg_two(), 40), {}, "EBMS:0102"),
    "an IV changed": (lambda: bent(leg_two(), 0), {}, "EBMS:0102"),
    "a tag changed": (lambda: bent(leg_two(), -1), {}, "EBMS:0102"),
    "a ciphertext cut": (lambda: with_ciphertext(leg_two(), lambda octets: octets[:-5]), {}, "EBMS:0102"),
    "a part of nothing": (lambda: with_ciphertext(leg_two(), lambda _octets: b""), {}, "EBMS:0102"),
    "another part than was signed": (lambda: plain(not_what_was_signed().wire()), {}, "EBMS:0101"),
    "a part that is missing": (lambda: rebuilt(leg_two(), lambda parts: parts.pop()), {}, "EBMS:0011"),
    "no part at all": (lambda: rebuilt(leg_two(), lambda parts: parts.clear()), {}, "EBMS:0011"),
    "a part too many": (
        lambda: rebuilt(leg_two(), lambda parts: parts.append(("more@hub.example", names.OCTET_STREAM, b"x"))),
        {},
        "EBMS:0007",
    ),
    "a body without its end": (unfinished, {}, "EBMS:0007"),
    "another key": (
        lambda: plain(leg_two().wire()),
        {"decryption_keys": (identity("creditor").decryption_key,)},
        "EBMS:0102",
    ),
    "not encrypted": (lambda: plain(replace(leg_two(), encrypted=False).wire()), {}, "EBMS:0103"),
    "not gzip": (lambda: plain(part_saying(plain=b"this is no gzip").wire()), {}, "EBMS:0303"),
    "torn gzip": (lambda: plain(part_saying(plain=compress(b"<a/>", salt=bytes(16))[:-3]).wire()), {}, "EBMS:0303"),
    "two parts under one IV": (one_iv, {}, "EBMS:0103"),
    "larger than taken": (
        lambda: plain(leg_two().wire()),
        {"limits": ClientLimits(inflated_octets=100)},
        "EBMS:0303",
    ),
    "to somebody else": (
        lambda: plain(leg_two().saying(to_party=saldoverzoek("creditor").user_message.from_party).wire()),
        {},
        "EBMS:0003",
    ),
    "from somebody else": (
        lambda: plain(leg_two().saying(from_party=saldoverzoek("creditor").user_message.from_party).wire()),
        {},
        "EBMS:0003",
    ),
    "of another mailbox": (lambda: plain(leg_two().saying(mpc="urn:knooppunt:mpc:other").wire()), {}, "EBMS:0003"),
    "of no mailbox": (lambda: plain(leg_two().saying(mpc=None).wire()), {}, "EBMS:0003"),
    "no proof, where one is required": (
        lambda: plain(leg_two(origin=None).wire()),
        {"origin_required": True},
        "EBMS:0103",
    ),
    "an unknown sender, where proof is required": (
        lambda: plain(leg_two().wire()),
        {"origin_required": True},
        "EBMS:0103",
    ),
    "proof by another certificate than those of the book, where proof is required": (
        lambda: plain(leg_two().wire()),
        {**knows("creditor", "administrator"), "origin_required": True},
        "EBMS:0103",
    ),
    "proof that nobody signed, of a sender of the book": (
        lambda: plain(swapped_part().wire()),
        knows("creditor"),
        "EBMS:0101",
    ),
    "another final recipient, with its own proof (SR-22)": (
        lambda: plain(for_another().wire()),
        {},
        "EBMS:0003",
    ),
    "no final recipient, in the proof neither": (lambda: plain(for_nobody().wire()), knows("creditor"), "EBMS:0003"),
    "a proof older than the memory of an inbox (SR-22)": (lambda: plain(ancient().wire()), {}, "EBMS:0003"),
    "proof of another message": (lambda: plain(foreign_origin().wire()), {}, "EBMS:0101"),
    "proof of more parts": (lambda: plain(dropped_part().wire()), {}, "EBMS:0101"),
    "proof of another part": (lambda: plain(swapped_part().wire()), {}, "EBMS:0101"),
    "proof that is younger than the message": (lambda: plain(younger_proof().wire()), {}, "EBMS:0101"),
    "proof that is no proof": (lambda: plain(leg_two(origin=b"<Origin/>").wire()), {}, "EBMS:0101"),
    "a reference that the sender did not sign": (
        lambda: plain(renamed(names.TRACKING_IDENTIFIER, "other").wire()),
        {},
        "EBMS:0101",
    ),
    "a sender that the sender is not": (
        lambda: plain(renamed(names.ORIGINAL_SENDER, PARTIES["administrator"][0]).wire()),
        {},
        "EBMS:0101",
    ),
    "a recipient that the sender did not name": (
        lambda: plain(renamed(names.FINAL_RECIPIENT, PARTIES["administrator"][0]).wire()),
        {},
        "EBMS:0003",
    ),
    "an action that the sender did not sign": (lambda: plain(leg_two().saying(action="Other").wire()), {}, "EBMS:0101"),
}
