"""Organisations that work at a desk, at a hub without a portal: what is accepted for them nobody can read.

The P-Mode files may say so before the settings do, so it is a warning and keeps no hub from starting.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.settings import Settings
from pmodes.configuration import Configuration
from pmodes.counting import counted
from pmodes.validity import Concern


def desks_without_portal(settings: Settings, configuration: Configuration) -> Iterator[Concern]:
    """One concern for all of them."""
    desks = [each for each in configuration.organisations if each.access == "desk" and not each.suspended]
    if settings.portal is not None or not desks:
        return
    works = "works" if len(desks) == 1 else "work"
    sentence = (
        f"the settings have no such section, and {counted(len(desks), 'organisation')} {works} at a desk"
        f" ({', '.join(each.name for each in desks[:3])}{', ...' if len(desks) > 3 else ''}): what is accepted for them"
        " waits until its term is over and nobody can read it; give the settings a section [portal]"
    )
    yield Concern(place="portal", sentence=sentence)
