"""The door that a request comes through: the endpoint, where systems call, or the desk of one unit.

A unit that works at a desk has no system, so at the endpoint it is nobody. At its own desk it is the only one: nobody
else sends there, whoever signed, nothing is pulled, and it sends in no other name than its own. What may be sent to
whom is the same at every door.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pmodes.configuration import Configuration, Sender, signers_of
from pmodes.trust import own_oins

NOBODY: Final = ""


def at_desk(configuration: Configuration, party: str) -> Configuration:
    """The same P-Modes as they are looked at where this unit's desk is; of a party that is none, nobody is found."""
    unit = configuration.by_party.get(party)
    is_unit = unit is not None and unit.access == "desk" and unit.party_id == party
    here = (unit,) if unit is not None and is_unit else ()
    return replace(
        configuration,
        desk=party if here else NOBODY,
        by_mpc={},
        senders={each.key: (each,) for each in (Sender(organisation=one) for one in here)},
        signers=signers_of(here),
        by_own_oin={oin: one for one in here if one.trust == "roots" for oin in own_oins(one)},
        vouched={},
    )
