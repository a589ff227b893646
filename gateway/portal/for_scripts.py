"""What the scripts of a page fetch besides messages: descriptions of forms, and the signed address book.

Neither holds anything of a message; the book is verified by whoever fetches it.
"""

from __future__ import annotations

from typing import Final

from gateway.portal.faults import Missing
from gateway.portal.portal import Portal
from gateway.portal.visit import Octets, Outcome, Visit

_END: Final = ".json"


async def form(visit: Visit, portal: Portal) -> Outcome:
    """The description of one message type as a form."""
    name = visit.path["file"]
    if not name.endswith(_END):
        raise Missing("no form")
    found = portal.forms.octets(visit.path["module"], visit.path["version"], name.removesuffix(_END))
    if found is None:
        raise Missing("no such message type")
    return Octets(body=found, content_type="application/json")


async def directory(_visit: Visit, portal: Portal) -> Outcome:
    """The issue of the address book that is in force, as it was signed."""
    book = portal.hub.address_book()
    if book is None:
        raise Missing("the hub makes no address book")
    return Octets(body=book.octets, content_type="application/xml")
