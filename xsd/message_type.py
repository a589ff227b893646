"""One message type of one module version, as its catalogue file says it: the value that everything else is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from xsd.rule_kinds import Rule
from xsd.schema_files import ModuleSchema

HUB_ROLE: Final = "knooppunt"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredAttachment:
    """A document that a sender in one of `roles` must send along: `kind` as in Stuurgegevens/Bijlagen/Bijlage/Soort."""

    kind: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageType:
    """One message type of one module version. `question` awaits one of `answers` within the term; a notification may
    have `answers` too, which nobody awaits. `answers_to` is the other direction. `waives` names questions that a
    sender of this message need not answer any more in the same conversation; `waived_by` is the other direction."""

    module: str
    version: str
    name: str
    element: str
    namespace: str
    service: str
    question: bool
    answers: tuple[str, ...]
    answers_to: tuple[str, ...]
    waives: tuple[str, ...]
    waived_by: tuple[str, ...]
    answer_term_working_days: int | None
    senders: tuple[str, ...]
    receivers: tuple[str, ...]
    attachments: tuple[RequiredAttachment, ...]
    rules: tuple[Rule, ...] = field(repr=False)
    schema: ModuleSchema = field(compare=False, repr=False)

    @property
    def folder(self) -> Path:
        """The folder of the module version."""
        return self.schema.folder

    @property
    def is_for_hub(self) -> bool:
        """Whether the hub itself receives it, and nobody else."""
        return self.receivers == (HUB_ROLE,)

    def required_attachments(self, sender_roles: Iterable[str]) -> tuple[str, ...]:
        """The kinds of document a sender with these roles must send along: those that every role of its that may send
        the message demands."""
        able = [role for role in sender_roles if role in self.senders]
        return tuple(a.kind for a in self.attachments if able and all(role in a.roles for role in able))
