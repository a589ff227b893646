"""The operator's notice above all pages of the portal: what it may be, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from gateway.administration.administered import Desks
from gateway.administration.asked import Notice
from gateway.refused import Refused
from gateway.store.portal.model import PortalNotice

MOST_CHARACTERS: Final = 500  # a sentence or two, above every page also on a telephone
LONGEST: Final = timedelta(days=90)  # nobody forgets one for years


async def shown(desks: Desks) -> Notice | None:
    """The one that stands there now."""
    found = await desks.store.notice()
    return None if found is None else Notice(text=found.text, until=found.until)


async def put_up(desks: Desks, text: str, until: datetime, *, now: datetime) -> Notice:
    """In the place of any other, until its time is over. Raises `Refused`."""
    said = " ".join(text.split())
    if not said or len(said) > MOST_CHARACTERS or not said.isprintable():
        raise Refused(
            f"a notice is one line of 1 to {MOST_CHARACTERS} characters, all of which can be read", "write another text"
        )
    if until.tzinfo is None:
        raise Refused("its end has no time zone", "write it with an offset, such as +01:00")
    if not now < until <= now + LONGEST:
        raise Refused(
            f"a notice ends within {LONGEST.days} days from now", "name a moment in that time; it can be set again"
        )
    await desks.store.set_notice(PortalNotice(text=said, until=until))
    return Notice(text=said, until=until)
