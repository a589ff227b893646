"""Requests that wait too long are a worry of `knooppunt status`, and `org show` asks for a second administrator."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner
from support.clocks import StandingClock
from support.hubs.processes import CREDITOR, new_site
from support.portal.desks import nothing_asked
from support.portal.engines import PORTAL_ENGINES
from support.portal.portal_samples import ORGANISATION, begun, key
from support.store.engines import open_sqlite

from gateway.administration.administered import Administered, Desks, Running
from gateway.administration.asking import Directly
from gateway.administration.overdue import overdue
from gateway.administration.server import AdministrationServer
from gateway.cli.main import main
from gateway.identity.login import LoginKind, OrganisationNumber
from gateway.settings import read_settings
from gateway.store.portal.model import PortalRequest, RequestKind
from gateway.store.portal.wishes import LeavingWish, ListsWish, write_wish

PARTY = "00000099000001002000"
NOW = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
LEAVING = write_wish(LeavingWish(last_day=date(2027, 1, 3)))


def asked(kind: RequestKind, ago: timedelta, about: str = "") -> PortalRequest:
    return PortalRequest(
        id=kind.value, kind=kind, organisation=ORGANISATION, unit="u", asked_by="p", about=about, asked_at=NOW - ago
    )


@pytest.mark.parametrize(
    ("kind", "longest", "about"),
    [
        (RequestKind.KEY_SET, DAY, ""),
        (RequestKind.LOST_KEYS, 2 * DAY, ""),
        (RequestKind.LISTS, 7 * DAY, write_wish(ListsWish(on=True))),
    ],
)
def test_a_request_waits_too_long_after_the_days_of_its_kind(kind: RequestKind, longest: timedelta, about: str) -> None:
    assert overdue([asked(kind, longest - SECOND, about)], (), NOW) == ()
    (found,) = overdue([asked(kind, longest, about)], (), NOW)
    assert found.why == f"it waits since {NOW - longest:%Y-%m-%d}"


def test_a_leaving_waits_too_long_from_the_day_after_its_last_one_however_long_ago_it_was_asked() -> None:
    leaving = asked(RequestKind.LEAVING, 60 * DAY, LEAVING)
    (found,) = overdue([leaving], (), NOW)
    assert "its last day was 2027-01-03" in found.why
    assert overdue([leaving], (), NOW - DAY) == ()
    (begun,) = overdue([leaving], {leaving.id}, NOW - DAY)
    assert begun.why == "its approval began and did not end"


async def test_status_names_what_waits_too_long_and_org_show_how_many_administrators_there_are(tmp_path: Path) -> None:
    site = new_site(tmp_path / "site")
    file = site.settings.parent / "pmodes" / f"{CREDITOR.slug}.yaml"
    file.write_text(f"{file.read_text('utf-8')}access: desk\nkvk: '12345678'\n", "utf-8")
    data, clock = read_settings(site.settings).data.directory, StandingClock(NOW)
    (tmp_path / "desks").mkdir()
    desks = await PORTAL_ENGINES["sqlite"](tmp_path / "desks", clock)
    number = OrganisationNumber(kind="KVK", value="12345678")
    await begun(desks, await desks.find_or_make_person(key(1, number)), kind=LoginKind.ADMINISTRATOR)
    for kind, about in ((RequestKind.LEAVING, LEAVING), (RequestKind.LISTS, write_wish(ListsWish(on=True)))):
        await desks.submit_request(kind, about, organisation=number, unit=PARTY, by="p")
    (leaving,) = (each for each in await desks.requests() if each.kind is RequestKind.LEAVING)
    no = cast(Any, nothing_asked)
    of = Desks(store=desks, put_certificates=no, foretold=nothing_asked, grant=nothing_asked)
    running = cast(
        Running, SimpleNamespace(desks=of, time_grounds=tuple, reload_refused=tuple, events=tuple, vitals=None)
    )
    store = await open_sqlite(data, at=NOW)
    server = await AdministrationServer.start(Directly(Administered(store=store, clock=clock, running=running)), data)

    async def facts(*command: str) -> Any:
        ended = await asyncio.to_thread(CliRunner().invoke, main, [*command, "--hub", str(site.settings), "--json"])
        return json.loads(ended.stdout)["facts"]

    named = [each for each in (await facts("status"))["worries"] if each.startswith("request ")]
    assert named == [
        f"request {leaving.id}, leaving of {PARTY}: its last day was 2027-01-03; decide it:"
        f" `knooppunt request show {leaving.id}`"
    ]
    assert (await facts("org", "show", PARTY))["administrators"] == 1
    said = await asyncio.to_thread(CliRunner().invoke, main, ["org", "show", PARTY, "--hub", str(site.settings)])
    assert "1: ask for a second one to log in before it goes live" in said.stdout
    await server.aclose()
    await asyncio.gather(store.aclose(), desks.aclose())
    assert (await facts("org", "show", PARTY))["administrators"] is None
