"""What the operator says above the pages of the portal, and what the helpdesk finds by the number of an error page."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from support.clocks import StandingClock
from support.portal.desks import nothing_asked
from support.portal.portals import TestedPortal, running_portal

from gateway.administration.administered import Desks, FileChange
from gateway.administration.notices import LONGEST, MOST_CHARACTERS, put_up, shown
from gateway.cli.main import main
from gateway.cli.portal_desk import _lines_with
from gateway.refused import Refused
from gateway.site.making import Site, make_site
from gateway.store.portal.interface import PortalStore

WEEK = timedelta(days=7)


async def untold(_change: FileChange) -> None:
    raise AssertionError("a notice writes no certificate")


def desks(store: PortalStore) -> Desks:
    return Desks(store=store, put_certificates=untold, foretold=nothing_asked, grant=nothing_asked)


async def test_a_notice_stands_above_every_page_in_place_of_the_settings_until_its_time_is_over(
    tmp_path: Path,
) -> None:
    async with running_portal(tmp_path, notice="of the settings") as portal:
        now = portal.clock.now()
        assert "of the settings" in (await portal.browser().get("/")).words
        await put_up(desks(portal.store), "  Zaterdag   dicht <b>", now + WEEK, now=now)
        for page in await pages(portal):
            assert "Zaterdag dicht <b>" in page
            assert "of the settings" not in page
        portal.clock.at = now + WEEK
        assert await shown(desks(portal.store)) is None
        assert "of the settings" in (await portal.browser().get("/")).words


async def pages(portal: TestedPortal) -> list[str]:
    inside = await portal.linked()
    return [(await portal.browser().get("/")).words, (await inside.get("/berichten")).words]


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("", WEEK), (" \n ", WEEK), ("a" * (MOST_CHARACTERS + 1), WEEK), ("a\u202eb", WEEK), ("a\x1b[2J", WEEK),
        ("said", timedelta(0)), ("said", LONGEST + timedelta(seconds=1)),
    ],
)  # fmt: skip
async def test_a_notice_that_cannot_be_read_or_never_ends_is_refused(
    tmp_path: Path, text: str, ends: timedelta
) -> None:
    async with running_portal(tmp_path) as portal:
        now = portal.clock.now()
        with pytest.raises(Refused):
            await put_up(desks(portal.store), text, now + ends, now=now)
        with pytest.raises(Refused, match="time zone"):
            await put_up(desks(portal.store), "said", (now + WEEK).replace(tzinfo=None), now=now)
        assert await shown(desks(portal.store)) is None


def knooppunt(site: Site, *command: str) -> Result:
    return CliRunner().invoke(main, [*command, "--hub", str(site.settings)], catch_exceptions=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A hub that writes its log to a file."""
    folder = tmp_path_factory.mktemp("portal") / "site"
    made = make_site(folder, [], at=StandingClock().now(), settings_text='\n[log]\nfile = "hub.log"\n')
    lines = [
        '{"event":"portal_refused","number":"ABCDEFG2","detail":"a\x1bb"}',
        '{"event":"other","number":"ZZZZZZZ2"}',
    ]
    (made.settings.parent / "hub.log").write_text("\n".join(lines) + "\n")
    return made


def test_a_number_is_found_in_the_log_as_it_was_read_out(site: Site) -> None:
    for said in ("ABCDEFG2", "abcd efg2", "abcd-efg2"):
        found = knooppunt(site, "portal", "fault", said)
        assert (found.exit_code, found.stdout) == (
            0, '{"event":"portal_refused","number":"ABCDEFG2","detail":"a?b"}\n'
        ), found.stderr  # fmt: skip
    (line,) = json.loads(knooppunt(site, "portal", "fault", "ABCDEFG2", "--json").stdout)["facts"]["lines"]
    assert "portal_refused" in line


@pytest.mark.parametrize(("said", "code"), [("ABCDEFG3", 1), ("ABCDEFG1", 2), ("detail", 2), ("ABCDEFG22", 2)])
def test_a_number_that_nobody_has_or_that_is_none_finds_nothing(site: Site, said: str, code: int) -> None:
    ended = knooppunt(site, "portal", "fault", said)
    assert (ended.exit_code, ended.stdout) == (code, "")


def test_a_log_that_went_to_standard_output_is_said_to_be_elsewhere(tmp_path: Path) -> None:
    made = make_site(tmp_path / "site", [], at=StandingClock().now())
    ended = knooppunt(made, "portal", "fault", "ABCDEFG2")
    assert ended.exit_code == 1
    assert "journalctl" in ended.stderr


def test_without_a_hub_there_is_no_notice_to_show_or_to_set(site: Site) -> None:
    for command in (("portal", "notice"), ("portal", "notice", "said"), ("portal", "notice", "--clear")):
        ended = knooppunt(site, *command)
        assert (ended.exit_code, "no hub runs" in ended.stderr) == (1, True), ended.stderr
    assert knooppunt(site, "portal", "notice", "said", "--clear").exit_code == 2


def test_why_a_day_is_not_waited_for_is_an_option_of_the_approval_PO_55(site: Site) -> None:
    asked = ("request", "approve", "REQUEST", "seven words", "--sooner", "two people confirmed it")
    ended = knooppunt(site, *asked)
    assert (ended.exit_code, "no hub runs" in ended.stderr) == (1, True), ended.stderr
    assert knooppunt(site, *asked[:-1]).exit_code == 2


@given(octets=st.binary(max_size=400))
def test_whatever_lies_in_a_log_is_shown_as_text_that_does_nothing(
    tmp_path_factory: pytest.TempPathFactory, octets: bytes
) -> None:
    file = tmp_path_factory.mktemp("log") / "hub.log"
    file.write_bytes(octets + b"ABCDEFG2" + octets)
    assert all(line.isprintable() for line in _lines_with(file, b"ABCDEFG2"))
