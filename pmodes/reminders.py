"""What an administrator is reminded of that certificates do not tell: what an organisation has not signed, and module
versions that end. Nothing here refuses anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from pmodes.configuration import Configuration
from pmodes.model import Organisation
from pmodes.participation import ActiveVersion
from pmodes.places import place_of
from pmodes.term import local_day
from pmodes.validity import NOTICE, Concern

_AGREEMENTS: Final = (
    ("connection", "aansluitovereenkomst"),
    ("processing", "verwerkersovereenkomst"),
)


def reminders(configuration: Configuration, at: datetime) -> tuple[Concern, ...]:
    """Everything that there is to be reminded of on the day of that moment, by the place in the files."""
    today = local_day(at)
    soon, in_production = today + NOTICE, configuration.hub.environment == "production"
    found: list[Concern] = []
    for each in configuration.organisations:  # there are thousands
        if in_production:
            found += unsigned(each)
        if each.modules_until >= soon:
            continue
        for module, versions in each.modules.items():
            for index, version in enumerate(versions):
                if version.ends is not None and version.ends < soon:
                    said = _said(module, version, version.ends, today, versions)
                    found.append(_about(each, f"modules.{module}[{index}]", said))
    return tuple(sorted(found))


def unsigned(organisation: Organisation) -> Iterator[Concern]:
    """Of the agreements that it has not signed, as far as its file says."""
    for key, name in _AGREEMENTS:
        if getattr(organisation.agreements, key) is None:
            yield _about(
                organisation, f"agreements.{key}", f"there is no date of its {name}; write the day it was signed"
            )


def _said(module: str, version: ActiveVersion, ends: date, today: date, versions: tuple[ActiveVersion, ...]) -> str:
    if ends < today:
        return f"{module} {version.version} has ended, on {ends}; take it out"
    follows = any(each is not version and (each.ends is None or each.ends > ends) for each in versions)
    then = "" if follows else ", and no other version is active after it"
    return f"{module} {version.version} ends on {ends}{then}"


def _about(organisation: Organisation, key: str, sentence: str) -> Concern:
    return Concern(place=place_of(organisation, key), sentence=sentence)
