"""The site of `knooppunt demo --serve`: a hub, three organisations with systems, and two at a desk of its portal; these
two only where a mock broker can be had.

Who is at a desk has no keys at first, so nothing can be sealed to them. As soon as the operator approved those that
were made in a browser, others ask them something.

The site is made once; what starts on the same folder again finds everything where it was. The broker lies in the
process that leaves the hub running, and its metadata are written anew each time.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import yaml

from gateway.administration import verbs
from gateway.administration.client import AnsweringHub
from gateway.site.desk_needs import broker_lacks
from gateway.site.documents import Document, make_document
from gateway.site.making import Made, make_site
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
from gateway.store.model import MessageFilter
from xsd.catalogue import Catalogue, load_catalogue

if TYPE_CHECKING:
    from gateway.site.with_portal import MadePortal

QUESTION: Final = "saldoverzoek.xml"
_INVENTORY, _ARRANGEMENT = ("Schuldinventarisatie", "2.0"), ("Schuldregeling", "2.0")
COMES: Final[Mapping[str, tuple[tuple[str, tuple[str, str], str], ...]]] = MappingProxyType(
    {
        DESK_CREDITOR: (
            (CREDIT_BANK, _INVENTORY, "Saldoverzoek"),
            (CREDIT_BANK, _ARRANGEMENT, "Saldoverzoek"),  # with claims: a list of questions can be made of it
            (CREDIT_BANK, _ARRANGEMENT, "Kennisgeving"),
        ),
        DESK_COUNSELLOR: ((CREDITOR, _ARRANGEMENT, "Statusverzoek"),),
    }
)
"""What comes to a desk once it has keys: who sends it, of which module version, and what."""
_LOOK_SECONDS: Final = 1.0  # a person who approves keys waits no longer than this


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedSite:
    """A site that is to run: its settings, its portal if it has one, and who is at a desk of it."""

    folder: Path
    settings: Path
    portal: MadePortal | None
    desks: tuple[Planned, ...]
    lacks: str | None  # why nobody can sit at a desk

    async def start_broker(self, until: AsyncExitStack) -> None:
        """Have the broker at work, if there is a portal."""
        if self.portal is not None:
            from gateway.site.with_portal import open_broker  # late: it needs signxml

            await until.enter_async_context(open_broker(self.portal))

    async def ask_who_has_keys(self, tell: Callable[[str, int], None]) -> None:
        """Watch the running hub until every desk had keys and was sent what comes to it; of each, `tell` is told the
        name and how many messages the hub took.
        """
        left = [] if self.portal is None else [*self.desks]
        while left:
            for desk in [each for each in left if self._has_keys(each)]:
                left.remove(desk)
                if not await self._was_asked(desk):
                    tell(desk.name, await self._ask(desk))
            await asyncio.sleep(_LOOK_SECONDS)

    def _has_keys(self, desk: Planned) -> bool:
        """Whether its file names certificates, which approval writes there."""
        certificates = _written(self.folder, desk)["certificates"]
        return bool(certificates["signing"] and certificates["encryption"])

    async def _was_asked(self, desk: Planned) -> bool:
        """Whether the hub ever took a message for it, in this run or one before."""
        hub = await AnsweringHub.connect(self.settings.parent / "data")
        try:
            return bool(await hub.ask(verbs.messages, MessageFilter(receiver=_written(self.folder, desk)["party"])))
        finally:
            await hub.aclose()

    async def _ask(self, desk: Planned) -> int:
        catalogue = load_catalogue()
        receiver = str(_written(self.folder, desk)["party"])
        comes = COMES[desk.slug]
        asking = {sender for sender, _, _ in comes}
        systems = [_made(self.folder, each) for each in three() if each.slug in asking]
        async with cast(systems, catalogue) as players:
            results = [
                await players[sender].push(_document(catalogue, module, kind, players[sender].made.party, receiver))
                for sender, module, kind in comes
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
        sender, receiver = (made.organisation(each).party for each in (CREDIT_BANK, CREDITOR))
        question = _document(load_catalogue(), _ARRANGEMENT, "Saldoverzoek", sender, receiver)
        (folder / QUESTION).write_bytes(question.octets)
    return ServedSite(folder=folder, settings=settings, portal=portal, desks=desks, lacks=lacks)


def _portal_port(settings: Path) -> int | None:
    port = tomllib.loads(settings.read_text("utf-8")).get("portal", {}).get("port")
    return port if isinstance(port, int) else None


def _written(folder: Path, planned: Planned) -> dict[str, Any]:
    """The file of that organisation, as it is now."""
    path = folder / "hub" / "pmodes" / f"{planned.slug}.yaml"
    return dict(yaml.safe_load(path.read_text("utf-8")))


def _made(folder: Path, planned: Planned) -> Made:
    return Made(
        name=planned.name,
        slug=planned.slug,
        party=str(_written(folder, planned)["party"]),
        roles=planned.roles,
        folder=folder / "participants" / planned.slug,
    )


def _document(catalogue: Catalogue, module: tuple[str, str], kind: str, sender: str, receiver: str) -> Document:
    found = catalogue.message(*module, kind)
    if found is None:
        raise LookupError(f"the message sets that this program ships have no {kind}: install it again")
    return make_document(found, None, sender=sender, receiver=receiver, at=datetime.now(UTC))
