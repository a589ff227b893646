"""The site of `knooppunt demo --serve`: a hub, three organisations with systems, and two at a desk of its portal, for
whom messages wait; these two only where a mock broker can be had.

The site is made once; what starts on the same folder again finds everything where it was. The broker lies in the
process that leaves the hub running, and its metadata are written anew each time.
"""

from __future__ import annotations

import tomllib
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.site.desk_needs import broker_lacks
from gateway.site.documents import Document, Drawn, make_document
from gateway.site.making import Site, make_site
from gateway.site.organisations import (
    CREDIT_BANK,
    CREDITOR,
    DESK_COUNSELLOR,
    DESK_CREDITOR,
    Planned,
    at_desks,
    three,
)
from gateway.site.players import acknowledged, cast
from gateway.site.ports import free_ports, port_near
from xsd.catalogue import Catalogue, load_catalogue

if TYPE_CHECKING:
    from gateway.site.with_portal import MadePortal

QUESTION: Final = "saldoverzoek.xml"
WAITING: Final = (
    (CREDIT_BANK, DESK_CREDITOR, "Saldoverzoek"),
    (CREDIT_BANK, DESK_CREDITOR, "Saldoverzoek"),
    (CREDIT_BANK, DESK_CREDITOR, "Kennisgeving"),
    (CREDITOR, DESK_COUNSELLOR, "Statusverzoek"),
)
"""Who sends what to whom, before anybody looks; all of Schuldregeling 2.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedSite:
    """A site that is to run: its settings, its portal if it has one, and what it still has to be filled with."""

    folder: Path
    settings: Path
    portal: MadePortal | None
    desks: tuple[Planned, ...]
    lacks: str | None  # why nobody can sit at a desk
    made: Site | None  # None when it was there before

    async def start_broker(self, until: AsyncExitStack) -> None:
        """Have the broker at work, if there is a portal."""
        if self.portal is not None:
            from gateway.site.with_portal import open_broker  # late: it needs signxml

            await until.enter_async_context(open_broker(self.portal))

    async def fill(self) -> int:
        """Send what waits at the desks of a site that was made just now, through its running hub; how many."""
        if self.made is None or self.portal is None:
            return 0
        catalogue = load_catalogue()
        async with cast(self.made.with_systems, catalogue) as players:
            results = [
                await players[sender].push(_document(self.made, catalogue, kind, sender, receiver))
                for sender, receiver, kind in WAITING
            ]
        return acknowledged(results)


def site_to_serve(folder: Path, port: int) -> ServedSite:
    """The site of that folder, made if there is none; the portal gets a port beside the hub's if one is free."""
    settings = folder / "hub" / "hub.toml"
    lacks, made, portal, desks = broker_lacks(), None, None, at_desks()
    if lacks is None:
        from gateway.site.with_portal import make_portal, make_site_with_portal, offered  # late: it needs signxml

        (broker_port,) = free_ports(1)
        now = datetime.now(UTC)
        if not settings.exists():
            made, portal = make_site_with_portal(
                folder, [*three(), *desks], at=now, port=port, portal_port=port_near(port), broker_port=broker_port
            )
        elif (portal_port := _portal_port(settings)) is not None:
            portal = make_portal(
                folder, port=portal_port, broker_port=broker_port, organisations=offered(desks), at=now
            )
        else:
            lacks = f"the site in {folder} was made without a portal: name another folder with --keep"
    elif not settings.exists():
        made = make_site(folder, three(), at=datetime.now(UTC), port=port)
    if made is not None:
        question = _document(made, load_catalogue(), "Saldoverzoek", CREDIT_BANK, CREDITOR)
        (folder / QUESTION).write_bytes(question.octets)
    return ServedSite(folder=folder, settings=settings, portal=portal, desks=desks, lacks=lacks, made=made)


def _portal_port(settings: Path) -> int | None:
    port = tomllib.loads(settings.read_text("utf-8")).get("portal", {}).get("port")
    return port if isinstance(port, int) else None


def _document(site: Site, catalogue: Catalogue, kind: str, sender: str, receiver: str) -> Document:
    found = catalogue.message("Schuldregeling", "2.0", kind)
    if found is None:
        raise LookupError(f"the message sets that this program ships have no {kind}: install it again")
    return make_document(
        found,
        Drawn(),
        sender=site.organisation(sender).party,
        receiver=site.organisation(receiver).party,
        at=datetime.now(UTC),
    )
