"""SIGKILL while organisations are told by mail, restart, and everybody is told of everything once (PO-67).

A server may have taken a letter of which the process that died could not write so: it gets the same letter again, under
the same Message-ID, and no other.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.longer import longer
from support.portal.engines import PortalPlace, opened_at
from support.portal.mail_samples import FORENOON, arrives, counting_address, round_of
from support.store.killing import COUNT, killed

from gateway.store.portal.terms import MAIL_LEASE

CHILD = Path(__file__).with_name("mailing_child.py")
POINTS = (
    "N1.before:3:kill",
    "N1.after:1:kill",
    "N2.before:1:kill",
    "N2.after:1:kill",
    "N3.before:1:kill",
    "N3.after:1:kill",
)
OTHERS = (
    "N1.before:1:kill",
    "N2.before:3:kill",
    "N2.after:4:kill",
    "N3.before:4:kill",
    "N3.after:3:kill",
)
KILLS = (
    *(("sqlite", each) for each in (*POINTS, *OTHERS)),
    *(("postgres", each) for each in POINTS),
    *longer(*(("postgres", each) for each in OTHERS)),
)


@pytest.mark.parametrize(("place", "failpoint"), KILLS, indirect=["place"], ids=str)
def test_nothing_is_lost_and_nothing_told_twice(place: PortalPlace, failpoint: str) -> None:
    asyncio.run(prepare(place))
    said = killed([CHILD, place.where, str(COUNT)], failpoint)
    assert "done" not in said
    taken = [(to, message_id) for word, to, message_id in map(str.split, filter(_is_taken, said))]
    asyncio.run(go_on(place, taken))
    by_address = {to: {one for each, one in taken if each == to} for to, _ in taken}
    assert by_address.keys() == {f"{number}@organisatie.example" for number in range(1, COUNT + 1)}
    assert {len(each) for each in by_address.values()} == {1}, "two letters say the same"
    twice = [to for (to, _), count in Counter(taken).items() if count > 1]
    assert len(twice) == (1 if failpoint.startswith("N3.before") else 0)


def _is_taken(line: str) -> bool:
    return line.startswith("taken ")


async def prepare(place: PortalPlace) -> None:
    """An address that counts for each unit."""
    async with opened_at(place, StandingClock(FORENOON)) as store:
        for number in range(1, COUNT + 1):
            await counting_address(store, f"{number}@organisatie.example", unit=f"unit-{number}")


async def go_on(place: PortalPlace, taken: list[tuple[str, str]]) -> None:
    """The next process, once the leases of the dead one are over: it looks at what arrived after what that one saw."""
    clock = StandingClock(FORENOON + MAIL_LEASE)

    async def take(letter: EmailMessage) -> None:
        taken.append((letter["To"], letter["Message-ID"]))

    async with opened_at(place, clock) as store:

        async def look() -> None:
            for number in range((await store.arrivals_seen() or 0) + 1, COUNT + 1):
                await arrives(store, clock.now(), number=number, unit=f"unit-{number}")

        await round_of(store, look, take, clock).look()
