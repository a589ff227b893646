"""The portal's database by SQLite: what lies in it, what a changed octet does, and how its statements are found."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest
from support.clocks import StandingClock
from support.portal.mail_samples import asked
from support.portal.portal_samples import (
    ADMINISTRATOR,
    ORGANISATION,
    UNIT,
    begun,
    copy,
    counting,
    document,
    key_set,
    login,
    paired,
)
from support.portal.portal_samples import key as person_key

from gateway.store.interface import DamagedRecord, StoreUnavailable
from gateway.store.portal.model import DocumentKind
from gateway.store.portal.sqlite.statements import SQL
from gateway.store.portal.sqlite.store import DATABASE_NAME, SqlitePortalStore
from gateway.store.portal.verbs.records import TABLES


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


async def test_secrets_are_shown_by_no_repr(tmp_path: Path) -> None:
    portal = await opened(tmp_path)
    new = await begun(portal, await portal.find_or_make_person(person_key(1)))
    handles = await portal.open_login(login())
    shown = f"{new!r} {handles!r}"
    secrets = (new.token, new.session.csrf_token, str(new.session.pairing_code), handles.handle, handles.cookie)
    assert [each for each in secrets if each in shown] == []
    await portal.aclose()


async def test_the_table_of_columns_is_that_of_the_database(tmp_path: Path) -> None:
    await (await opened(tmp_path)).aclose()
    connection = apsw.Connection(str(tmp_path / DATABASE_NAME))
    for table, columns in TABLES.items():
        found = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "padding"]
        assert tuple(found) == columns
    connection.close()


DAMAGE = {
    "a link to a unit that was never given": "UPDATE link SET unit = 'another'",
    "a link that had ended": "UPDATE link SET until = NULL, ended_by = NULL",
    "a session of another person": "UPDATE session SET person = (SELECT id FROM person WHERE id <> session.person)",
    "a session that began later": "UPDATE session SET began_at = began_at + 1",
    "a person of another organisation": "UPDATE person SET organisation = 'KVK:87654321'",
    "a lock of another unit": "UPDATE lock SET unit = 'another'",
    "a copy that was changed": "UPDATE wrapped_copy SET octets = x'00'",
    "a certificate that was swapped": "UPDATE key_set SET decryption_certificate = x'00'",
    "an IBAN that was changed": "UPDATE document SET octets = x'00'",
    "a notification address of somebody else": "UPDATE mail_address SET address = 'thief@elsewhere.example'",
    "a letter to somebody else": "UPDATE mail_line SET address = 'thief@elsewhere.example'",
}


@pytest.mark.parametrize("what", DAMAGE)
async def test_a_row_that_is_not_what_was_written_counts_for_nothing(tmp_path: Path, what: str) -> None:
    portal = await opened(tmp_path)
    person, leaver = await paired(portal, 1), await paired(portal, 2)
    await portal.unlink(leaver.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    own, keys = await counting(portal, person), key_set(person)
    await portal.propose_key_set(keys, [copy(keys, own)])
    await portal.keep_document(document(1, b"one"))
    await asked(portal)
    new = await begun(portal, person)
    await portal.aclose()
    connection = apsw.Connection(str(tmp_path / DATABASE_NAME))
    connection.execute(DAMAGE[what])
    assert connection.changes() > 0
    connection.close()
    portal = await opened(tmp_path)

    async def all_that_is_asked() -> None:
        await portal.find_session(new.token)
        await portal.persons(ORGANISATION)
        await portal.links(ORGANISATION, ended=True)
        await portal.locks(UNIT)
        await portal.locks("another")
        await portal.key_sets(UNIT)
        await portal.copies(UNIT)
        await portal.document(DocumentKind.SETTINGS, organisation=ORGANISATION)
        await portal.is_linked(leaver.id, UNIT)
        await portal.addresses(ORGANISATION)
        await portal.take_letter()

    with pytest.raises(DamagedRecord):
        await all_that_is_asked()
    await portal.aclose()


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    portal = await opened(tmp_path)
    await portal.aclose()
    await portal.aclose()
    with pytest.raises(StoreUnavailable):
        await portal.notice()
    with pytest.raises(StoreUnavailable):
        await portal.find_or_make_person(person_key(1))


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
