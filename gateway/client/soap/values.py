"""What a system asks and is told, without a word of how it is written on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.client.inbox import InboxMessage
from gateway.client.outgoing import Attachment
from gateway.ebms.model import ErrorEntry

MOST_AT_ONCE: Final = 100  # messages of one fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A message to send; its document names it by the caller's own Referentienummer."""

    module: str
    version: str
    message_type: str
    document: bytes
    attachments: tuple[Attachment, ...] = ()


class SentState(StrEnum):
    """In the words of the domain; only the first changes."""

    UNDER_WAY = "onderweg"
    RECEIVED = "ontvangen"  # the hub's receipt is here
    REFUSED = "geweigerd"  # the hub said no, and signed it
    GIVEN_UP = "opgegeven"  # whether the hub has it is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a message up to now. `mark` (kenmerk) is its MessageId, by which the hub's operator knows it as
    well; `errors` are the hub's for a refusal, else what the last attempt came to.
    """

    mark: str
    reference: str
    state: SentState
    created_at: datetime
    closed_at: datetime | None
    attempts: int
    errors: tuple[ErrorEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """Messages to fetch: of these types and of that conversation, where any is named."""

    most: int = MOST_AT_ONCE
    message_types: frozenset[str] = frozenset()
    conversation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What was fetched, each message under the MessageId of the hub as its mark, and whether there is more. `damaged`
    are marks of messages that the disk changed: they are not given.
    """

    messages: tuple[InboxMessage, ...]
    has_more: bool
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """Whom to look up: by a party id, a part of the name in whatever case, a role in the words of the catalogue."""

    party: str | None = None
    name: str | None = None
    role: str | None = None


class ReferenceUsed(Exception):
    """Other content was asked to be sent under this Referentienummer before."""

    def __init__(self, mark: str) -> None:
        super().__init__("this Referentienummer was used for another content")
        self.mark = mark  # of the first


class UnknownMark(Exception):
    """Marks or a reference under which nothing is here."""

    def __init__(self, *marks: str) -> None:
        super().__init__("nothing is known under this kenmerk")
        self.marks = marks
