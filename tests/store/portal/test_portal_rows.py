"""The portal's rows in whichever database: what a changed octet does, and what is shown of them."""

from __future__ import annotations

import pytest
from support.portal.engines import OpenPortal, PortalPlace
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
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import DocumentKind
from gateway.store.portal.verbs.records import TABLES


async def test_secrets_are_shown_by_no_repr(portal: PortalStore) -> None:
    new = await begun(portal, await portal.find_or_make_person(person_key(1)))
    handles = await portal.open_login(login())
    shown = f"{new!r} {handles!r}"
    secrets = (new.token, new.session.csrf_token, str(new.session.pairing_code), handles.handle, handles.cookie)
    assert [each for each in secrets if each in shown] == []


async def test_the_table_of_columns_is_that_of_the_database(portal: PortalStore, place: PortalPlace) -> None:
    assert {table: await place.columns(table) for table in TABLES} == TABLES


DAMAGE = {
    "a link to a unit that was never given": "UPDATE link SET unit = 'another'",
    "a link that had ended": "UPDATE link SET until = NULL, ended_by = NULL",
    "a session of another person": "UPDATE session SET person = (SELECT id FROM person WHERE id <> session.person)",
    "a session that began later": "UPDATE session SET began_at = began_at + 1",
    "a person of another organisation": "UPDATE person SET organisation = 'KVK:87654321'",
    "a lock of another unit": "UPDATE lock SET unit = 'another'",
    "a copy that was changed": "UPDATE wrapped_copy SET octets = OCTET",
    "a certificate that was swapped": "UPDATE key_set SET decryption_certificate = OCTET",
    "an IBAN that was changed": "UPDATE document SET octets = OCTET",
    "a notification address of somebody else": "UPDATE mail_address SET address = 'thief@elsewhere.example'",
    "a letter to somebody else": "UPDATE mail_line SET address = 'thief@elsewhere.example'",
}


@pytest.mark.parametrize("what", DAMAGE)
async def test_a_row_that_is_not_what_was_written_counts_for_nothing(
    open_portal: OpenPortal, place: PortalPlace, what: str
) -> None:
    portal = await open_portal()
    person, leaver = await paired(portal, 1), await paired(portal, 2)
    await portal.unlink(leaver.id, organisation=ORGANISATION, unit=UNIT, by=ADMINISTRATOR)
    own, keys = await counting(portal, person), key_set(person)
    await portal.propose_key_set(keys, [copy(keys, own)])
    await portal.keep_document(document(1, b"one"))
    await asked(portal)
    new = await begun(portal, person)
    await portal.aclose()
    assert await place.change(DAMAGE[what]) > 0
    portal = await open_portal()

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


async def test_a_closed_store_says_so(portal: PortalStore) -> None:
    await portal.aclose()
    await portal.aclose()
    with pytest.raises(StoreUnavailable):
        await portal.notice()
    with pytest.raises(StoreUnavailable):
        await portal.find_or_make_person(person_key(1))
