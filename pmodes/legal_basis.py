"""On what ground an organisation handles people's debts, and which document it therefore has to send along.

Whoever works under the Wgs (Wet gemeentelijke schuldhulpverlening) needs no authorisation by the client; under a
mandate (volmacht) the client's consent comes with a message, by the court's order (bewind, Wsnp) that order does. Which
message types know such a document at all stands in their catalogue (`xsd`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from xsd.message_type import MessageType

LegalBasis: TypeAlias = Literal["wgs", "mandate", "court"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """One legal basis: the kind of document that shows it, None where none does, and the roles that can have it."""

    document: str | None
    roles: frozenset[str]


BASES: Final[Mapping[LegalBasis, Basis]] = MappingProxyType(
    {
        "wgs": Basis(document=None, roles=frozenset({"shv-fase-1", "shv-fase-2", "kredietbank"})),
        "mandate": Basis(
            document="Toestemmingsverklaring",
            roles=frozenset({"shv-fase-1", "shv-fase-2", "shv-overig", "kredietbank"}),
        ),
        "court": Basis(document="Beschikking", roles=frozenset({"shv-overig", "bewindvoerder"})),
    }
)


def required_documents(
    message_type: MessageType, roles: Collection[str], legal_basis: LegalBasis | None
) -> tuple[str, ...]:
    """The kinds of document that must come with a message: what the legal basis asks for where the message type knows
    it, and without one what the roles say.
    """
    if legal_basis is None:
        return message_type.required_attachments(sorted(roles))
    document = BASES[legal_basis].document
    return tuple(each.kind for each in message_type.attachments if each.kind == document)


def objection(roles: Collection[str], legal_basis: LegalBasis) -> str | None:
    """Why none of these roles works on that ground, as a sentence that says what to write instead; None if one does."""
    if not BASES[legal_basis].roles.isdisjoint(roles):
        return None
    possible = [name for name, basis in BASES.items() if not basis.roles.isdisjoint(roles)]
    instead = f"write {' or '.join(possible)}" if possible else "leave the key out"
    return f"{', '.join(sorted(roles))} does not work on the ground {legal_basis}; {instead}"
