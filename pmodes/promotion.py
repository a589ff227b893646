"""What of an organisation holds for acceptance and not in production, and what production wants besides.

Acceptance and production are the same program with other settings: the party ids, certificates and dates of a file, and
the word `environment` in hub.yaml. So the file of production is that of acceptance with these replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from gateway.ebms.party_ids import is_test_party
from gateway.written.complaints import line_of
from pmodes.model import Organisation
from pmodes.production import unencrypted_by
from pmodes.reminders import unsigned
from pmodes.validity import Concern


def missing_for_production(organisations: Iterable[Organisation], today: date) -> tuple[Concern, ...]:
    """What is still missing of the parties of one file before production takes them, by the place in that file."""
    return tuple(sorted({concern for each in organisations for concern in _missing(each, today)}))


def _missing(organisation: Organisation, today: date) -> Iterator[Concern]:
    for key, parties in (("party", organisation.party_ids), ("acts_for", organisation.acts_for)):
        for party in parties:
            if is_test_party(party.value):
                yield _about(organisation, key, f"{party.value} is a test party; write its real OIN")
    yield from unsigned(organisation)
    for module, versions in organisation.modules.items():
        for index, each in enumerate(versions):
            if each.of_itself or each.is_active(today):
                continue
            ended = each.ends is not None and each.ends < today
            said = (
                f"has ended, on {each.ends}; take it out" if ended else f"is active from {each.begins} and not before"
            )
            yield _about(organisation, f"modules.{module}[{index}]", f"{module} {each.version} {said}")
    for override in unencrypted_by(organisation):
        yield Concern(
            place=str(override.place), sentence="messages need not come encrypted, which is for tests; take it out"
        )
    if organisation.suspended:
        yield _about(organisation, "suspended", "it is suspended, and may neither push nor pull")


def _about(organisation: Organisation, key: str, sentence: str) -> Concern:
    at = f"{organisation.at}." if organisation.at else ""
    return Concern(place=f"{organisation.file}:{line_of(organisation.lines, key)}: {at}{key}", sentence=sentence)
