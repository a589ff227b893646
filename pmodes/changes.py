"""What a change of the files changes, and for whom: two configurations in, sentences out.

Somebody is the same as before by his first party id; a file may be renamed, and a unit may move to a file of its own.
What comes to several alike, as a default of hub.yaml does, is one change for all of them. What makes no difference, as
a certificate under another name, is none. The sentences stand in `pmodes.changed_organisation` and
`pmodes.changed_hub`, one place for each key of the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pmodes.change import Change, Who
from pmodes.changed_hub import HUB
from pmodes.changed_organisation import ORGANISATION, joining
from pmodes.configuration import Configuration
from pmodes.model import HubParty, Organisation

LEAVES: Final = "leaves: it can neither send nor pull; what waits for it ends with its term, and its senders are told"


def changes(old: Configuration, new: Configuration) -> tuple[Change, ...]:
    """Everything that becomes different once `new` is in force where `old` was: the hub first, then the organisations
    in the order of their files, and last those who leave.
    """
    found: dict[tuple[str, str], list[Who]] = {}
    for who, key, sentence in _all(old, new):
        found.setdefault((key, sentence), []).append(who)
    return tuple(Change(who=tuple(who), key=key, sentence=sentence) for (key, sentence), who in found.items())


def _all(old: Configuration, new: Configuration) -> Iterator[tuple[Who, str, str]]:
    hub = _who(new.hub)
    for key, told_of_hub in HUB.items():
        for sentence in told_of_hub(old.hub, new.hub):
            yield hub, key, sentence
    before = _by_party(old)
    for organisation in new.organisations:
        who = _who(organisation)
        earlier = before.pop(organisation.party_id, None)
        if earlier is None:
            for sentence in joining(organisation, new):
                yield who, "", sentence
            continue
        for key, told in ORGANISATION.items():
            for sentence in told(earlier, organisation, old, new):
                yield who, key, sentence
    for organisation in before.values():
        yield _who(organisation), "", LEAVES


def _by_party(configuration: Configuration) -> dict[str, Organisation]:
    return {each.party_id: each for each in configuration.organisations}


def _who(party: HubParty | Organisation) -> Who:
    return Who(name=party.name, party=party.party_id)
