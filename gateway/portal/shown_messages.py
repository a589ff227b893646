"""Messages as pages show them: rows of metadata with names, words and terms in the language of the page.

Nothing here knows content: there is none at the hub to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.pages.texts import Texts
from gateway.portal.moments import ShownMoment, ShownTerm, shown_moment, shown_term
from gateway.portal.type_words import TypeWords
from gateway.store.model import MessageRecord
from pmodes.configuration import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMessage:
    """One message that waits for a unit, or that it sent."""

    id: str
    type: str  # in words
    action: str  # its name in the catalogue
    module: str
    version: str
    party: str  # from whom it came, or to whom it went: a name
    party_id: str
    reference: str
    conversation: str
    at: ShownMoment  # accepted by the hub
    stays_until: ShownTerm
    answer_due: ShownTerm | None
    answers: str | None  # the reference of the question that it answers
    is_question: bool
    is_answered: bool  # its answer has been accepted already
    is_waived: bool  # another message of the unit made its answer unnecessary
    sealed_to: str  # SHA-256 thumbprint of the certificate, which a browser holds against its own
    size_octets: int


@dataclass(frozen=True, slots=True)
class Wording:
    """What rows are worded by: language, names and calendar in force, and the time."""

    texts: Texts
    type_words: TypeWords
    configuration: Configuration
    now: datetime

    def received(self, record: MessageRecord) -> ShownMessage:
        """A message in a unit's mailbox."""
        return self._shown(record, record.metadata.original_sender)

    def sent(self, record: MessageRecord) -> ShownMessage:
        """A message that a unit sent."""
        return self._shown(record, record.metadata.final_recipient)

    def name_of(self, party: str) -> str:
        """What a party is called, its id where no file names it any more."""
        found = self.configuration.by_party.get(party)
        return party if found is None else found.name

    def _shown(self, record: MessageRecord, party: str) -> ShownMessage:
        about = record.metadata
        module, _, version = about.service.removeprefix(f"{self.configuration.hub.base}:").partition(":")
        return ShownMessage(
            id=about.message_id,
            type=self.type_words.label(about.service, about.action, self.texts.language),
            action=about.action,
            module=module,
            version=version,
            party=self.name_of(party),
            party_id=party,
            reference=about.tracking_identifier,
            conversation=about.conversation_id,
            at=shown_moment(about.accepted_at, self.texts),
            stays_until=self._term(about.expires_at),
            answer_due=None if about.answer_due is None or not about.question else self._term(about.answer_due),
            answers=about.cross_reference,
            is_question=about.question,
            is_answered=record.answered,
            is_waived=record.waived,
            sealed_to=about.sealed_to,
            size_octets=about.size_octets,
        )

    def _term(self, ends_at: datetime) -> ShownTerm:
        return shown_term(ends_at, self.now, self.texts, self.configuration.hub.closing_days)
