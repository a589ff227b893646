"""The portal's database by SQLite: what lies in it, what a changed octet does, and how its statements are found."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from support.clocks import StandingClock
from support.portal.portal_samples import (
    ORGANISATION,
    begun,
    login,
)
from support.portal.portal_samples import key as person_key

from gateway.store.portal.sqlite.statements import SQL
from gateway.store.portal.sqlite.store import DATABASE_NAME, SqlitePortalStore


def octets_in(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.iterdir())


async def opened(path: Path) -> SqlitePortalStore:
    return await SqlitePortalStore.open(path, clock=StandingClock())


async def test_no_secret_and_no_pseudonym_lies_in_the_file(tmp_path: Path) -> None:
    portal = await opened(tmp_path)
    person = await portal.find_or_make_person(person_key(1))
    new = await begun(portal, person)
    handles = await portal.open_login(login())
    code = str(new.session.pairing_code)
    secrets = (new.token, new.session.csrf_token, code, handles.handle, handles.cookie, person_key(1).pseudonym)
    await portal.aclose()
    octets = octets_in(tmp_path)
    assert person.id.encode() in octets
    assert [each for each in secrets if each.encode() in octets] == []


async def test_what_a_verb_says_is_on_stable_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each verb that writes or reads comes back after a flush of all that it saw."""
    portal = await opened(tmp_path)
    await portal.find_or_make_person(person_key(1))
    writer = portal._access._writer  # type: ignore[attr-defined]
    for verb in (
        portal.find_or_make_person(person_key(2)),
        portal.persons(ORGANISATION),
        portal.open_login(login()),
    ):
        await verb
        assert writer._durable == writer._committed
    await portal.aclose()


# Looked up with every page; a scan would grow with everybody's rows. The others are what an operator or the round asks.
LOOKUPS = [name for name in SQL if SQL[name].startswith("SELECT") and name not in {
    "notice", "requests", "all_approving", "find_nobodys_locks", "find_nobodys_key_sets", "units_told", "count_mail",
    "mail_failed_last", "arrivals",
}]  # fmt: skip


@pytest.mark.parametrize("statement", LOOKUPS)
async def test_a_lookup_goes_by_an_index(tmp_path: Path, statement: str) -> None:
    await (await opened(tmp_path)).aclose()
    connection = apsw.Connection(str(tmp_path / DATABASE_NAME))
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {SQL[statement]}", AnyBinding())]
    connection.close()
    assert [step for step in plan if step.startswith("SCAN")] == [], plan


class AnyBinding(dict[str, object]):
    """Has every name."""

    def __missing__(self, name: str) -> object:
        return 1
