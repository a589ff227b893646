"""Messages whose ebMS header says something else, for the rows on it."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree
from support.hubs.rows import Sent, Stimulus
from support.keys.pki import PARTIES
from support.messages.bending import (
    eb,
    resigned,
)
from support.messages.wire import Draft, saldoverzoek

from gateway.ebms import names
from gateway.ebms.model import Party, PartyId

OIN, COUNSELLOR = names.OIN_TYPE, PARTIES["counsellor"][0]
CANARY = "canary-4711"


def saying(draft: Callable[[], Draft] = saldoverzoek, **changes: object) -> Callable[[], Draft]:
    """A question with other header values."""
    return lambda: draft().saying(**changes)


def bent(*alterations: Callable[[etree._Element], object], draft: Callable[[], Draft] = saldoverzoek) -> Stimulus:
    """A question whose envelope was altered before it was signed."""

    def make() -> Sent:
        made = draft()
        return Sent(wire=resigned(made, lambda root: [each(root) for each in alterations]), draft=made)

    return make


def from_ids(*ids: tuple[str, str | None]) -> Party:
    """eb:From with these ids."""
    return Party(party_ids=tuple(PartyId(value=value, type=kind) for value, kind in ids), role=names.INITIATOR)


def twice(path: str) -> Callable[[etree._Element], object]:
    """Let an element stand twice."""

    def alter(root: etree._Element) -> None:
        element = eb(root, path)
        element.addnext(etree.fromstring(etree.tostring(element)))

    return alter
