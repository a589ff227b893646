"""What administrators are told of a store that is not what the hub stored, and what no command changes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.store.copies import LOG_NAME, lived, older_copy

from gateway.cli.main import main
from gateway.site.making import make_site
from gateway.site.organisations import planned
from gateway.store.sqlite.store import DATABASE_NAME

LISTINGS = {
    "message list": 1,
    "message open": 0,
    "mailbox list": 1,
}
OF_A_HUB = ("event count", "reload", "store confirm-time", "mailbox test 00000001", f"message expire {'0' * 64}")
OF_A_STORE = (
    *LISTINGS, "message show leg2-1@hub.example", "store show", "store recheck", "store purge",
    "store confirm-restored", "store confirm-restored --yes", "store release-ballast",
)  # fmt: skip


@pytest.fixture
async def settings(tmp_path: Path) -> Path:
    """Of a hub that was killed: what it accepted last lies in the log of its store."""
    site = make_site(tmp_path, [planned("Bank", "shv-fase-2")], at=datetime.now(UTC))
    await lived(site.settings.parent / "data", killed=True)
    assert (site.settings.parent / "data" / LOG_NAME).stat().st_size
    return site.settings


def knooppunt(command: str, settings: Path, *options: str) -> Result:
    return CliRunner().invoke(main, [*command.split(), "--hub", str(settings), *options], catch_exceptions=False)


def seen(data: Path) -> dict[str, object]:
    return {
        str(path.relative_to(data)): (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None
        for path in sorted(data.rglob("*"))
        if path.name != "lock"
    }


@pytest.mark.parametrize("command", [*OF_A_STORE, *OF_A_HUB])
def test_of_an_emptied_store_every_command_says_how_it_is_mended_and_leaves_all_as_it_lies(
    settings: Path, command: str
) -> None:
    data = settings.parent / "data"
    (data / DATABASE_NAME).write_bytes(b"")
    before = seen(data)
    ended = knooppunt(command, settings)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert f"{data / DATABASE_NAME} is empty, and of its store are there: " in ended.stderr
    assert f"put back the store.db that belongs to the {LOG_NAME} which lies there" in ended.stderr
    assert f"move what is left aside (mv {data} {data}.lost)" in ended.stderr
    assert seen(data) == before


def test_a_check_and_a_new_store_say_the_same_of_an_emptied_one_and_leave_it(settings: Path) -> None:
    data = settings.parent / "data"
    (data / DATABASE_NAME).write_bytes(b"")
    before = seen(data)
    checked = knooppunt("pmode check", settings)
    made = knooppunt("store new", settings)
    status = json.loads(knooppunt("status", settings, "--json").stdout)["facts"]["worries"]
    for said in (checked.stderr + checked.stdout, made.stderr, status[0]):
        assert f"put back the store.db that belongs to the {LOG_NAME} which lies there" in said
    assert (checked.exit_code, made.exit_code) == (1, 1)
    assert seen(data) == before


@pytest.mark.parametrize("command", OF_A_HUB)
def test_what_only_a_hub_can_answer_opens_no_store_where_none_runs(settings: Path, command: str) -> None:
    before = seen(settings.parent / "data")
    ended = knooppunt(command, settings)
    assert ended.exit_code == 1
    assert "no hub runs" in ended.stderr
    assert "start the hub" in ended.stderr
    assert seen(settings.parent / "data") == before


@pytest.mark.parametrize("command", LISTINGS)
def test_a_listing_of_a_store_in_doubt_lists_what_lies_there_and_says_the_doubt(settings: Path, command: str) -> None:
    older_copy(settings.parent / "data")
    told = knooppunt(command, settings)
    assert told.exit_code == 1
    assert told.stdout
    assert "the store is not what this hub stored: " in told.stderr
    assert "store confirm-restored" in told.stderr
    document = json.loads(knooppunt(command, settings, "--json").stdout)
    assert (document["outcome"], len(document["facts"])) == ("refused", LISTINGS[command])
    assert "the store is not what this hub stored: " in document["error"]


def test_one_message_of_a_store_in_doubt_is_shown_or_missed_with_the_doubt(settings: Path) -> None:
    older_copy(settings.parent / "data")
    for number, told in ((1, "what is listed is what lies there"), (2, "no message here has this id, and the store")):
        ended = knooppunt(f"message show leg2-{number}@hub.example", settings)
        assert (ended.exit_code, bool(ended.stdout)) == (1, number == 1)
        assert told in ended.stderr
        assert "the store is not what this hub stored: " in ended.stderr


def test_a_store_in_doubt_is_not_read_again_for_damage_and_the_command_says_why(settings: Path) -> None:
    older_copy(settings.parent / "data")
    ended = knooppunt("store recheck", settings)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "the store is not what this hub stored: " in ended.stderr
