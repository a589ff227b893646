"""The facts about an organisation as documents of `knooppunt org` give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.store.model import Contact
from pmodes.configuration import Configuration
from pmodes.counterparts import Exchange, answer_working_days
from pmodes.legal_basis import required_documents
from pmodes.model import Organisation
from pmodes.term import local_day
from pmodes.validity import Listed, reach


def until(certificates: Sequence[Listed], use: str, at: datetime) -> datetime | None:
    """Until when those for one use last, one after the other."""
    return reach([each for each in certificates if each.use == use], at)


def by_party(certificates: Sequence[Listed]) -> Mapping[str, Sequence[Listed]]:
    """Certificates by the party id of their owner."""
    found: dict[str, list[Listed]] = {}
    for each in certificates:
        found.setdefault(each.party, []).append(each)
    return found


def facts_of(found: Organisation, certificates: Sequence[Listed], at: datetime) -> dict[str, object]:
    """What a line of the list says."""
    today = local_day(at)
    return {
        "name": found.name,
        "party": found.party_id,
        "unit_of": found.unit_of and found.unit_of.party_id,
        "file": found.file,
        "roles": sorted(found.roles),
        "modules": [
            {
                "module": module,
                "version": each.version,
                "from": each.begins and each.begins.isoformat(),
                "until": each.ends and each.ends.isoformat(),
                "active": each.is_active(today),
                "of_itself": each.of_itself,
                "answer_working_days": each.answer_working_days,
            }
            for module, versions in found.modules.items()
            for each in versions
        ],
        "access": found.access,
        "suspended": found.suspended,
        "signing_until": until(certificates, "signing", at),
        "encryption_until": until(certificates, "encryption", at),
    }


def more_facts_of(found: Organisation, configuration: Configuration) -> dict[str, object]:
    """What there is to say of one organisation besides."""
    return {
        "at": found.at or None,
        "party_ids": [each.value for each in found.party_ids],
        "kvk": found.kvk,
        "establishment": found.establishment,
        "legal_basis": found.legal_basis,
        "desk_lists": found.desk_lists,
        "collectief": found.collectief,
        "listed": found.is_listed,
        "addresses": [str(each) for each in found.addresses],
        "connection_agreed": found.agreements.connection and found.agreements.connection.isoformat(),
        "processing_agreed": found.agreements.processing and found.agreements.processing.isoformat(),
        "acts_for": [each.value for each in found.acts_for],
        "mpc": found.mpc,
        "term_working_days": found.mailbox.term_working_days,
        "extension_days": found.mailbox.extension_days,
        "suite": found.suite.name,
        "environment": configuration.hub.environment,
    }


def certificate_facts(each: Listed, at: datetime) -> dict[str, object]:
    """One certificate, at that moment."""
    return {
        "use": each.use,
        "begins_at": each.begins_at,
        "ends_at": each.ends_at,
        "days_left": each.days_left(at),
        "valid": each.valid(at),
        "place": each.place,
    }


def exchange_facts(each: Exchange, found: Organisation) -> dict[str, object]:
    """One message type that the organisation sends or is sent."""
    kind = each.message_type
    return {
        "module": kind.module,
        "version": kind.version,
        "message": kind.name,
        "sends": each.sends,
        "others": [other.party_id for other in each.others],
        "documents": list(required_documents(kind, found.roles, found.legal_basis)) if each.sends else [],
        "answer_working_days": None if each.sends else answer_working_days(found, kind),
    }


def contact_facts(contact: Contact | None) -> dict[str, object]:
    """What became of its last test message, and when it was last heard."""
    laid = None if contact is None or contact.test_laid_at is None else contact
    return {
        "ping": laid
        and {
            "message_id": laid.test_id,
            "laid_at": laid.test_laid_at,
            "closed_at": laid.test_closed_at,
            "confirmed": laid.is_confirmed,
        },
        "heard_at": contact and contact.heard_at,
        "pinged_at": contact and contact.pinged_at,
    }
