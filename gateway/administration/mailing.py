"""Mail to organisations at desks, as the operator sees it: how much waits, and whether the server takes a letter."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from gateway.addresses import read_mail_address
from gateway.administration.administered import Desks
from gateway.refused import Refused
from gateway.store.portal.mail import MailStanding

_ADDRESS: Final = re.compile(r"[^\s<>]*@[^\s<>]*")
_NO_MAIL: Final = ("the hub sends no mail", "give its settings a section [mail], then start it again")


async def standing(desks: Desks | None) -> MailStanding | None:
    """How much waits; None where none is sent. No address of an organisation stands in it, whatever a server said."""
    if desks is None or desks.test_mail is None:
        return None
    found = await desks.store.mail_standing()
    return replace(found, failure=found.failure and _ADDRESS.sub("…", found.failure))


async def test(desks: Desks, address: str) -> None:
    """Have the server take a letter to that address; raises `Refused` with what it said."""
    if desks.test_mail is None:
        raise Refused(*_NO_MAIL)
    try:
        to = read_mail_address(address)
    except ValueError as fault:
        raise Refused(f"the address {fault}", "give one address") from None
    why = await desks.test_mail(to)
    if why is not None:
        raise Refused(
            f"the mail server did not take the letter: {why}",
            "mend what it says, in the section [mail] of the settings or at the server, and try again",
        )
