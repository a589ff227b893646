"""People, locks, key sets and documents as the portal's store gets them."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from typing import Any

from gateway.identity.login import LoginKind, OrganisationNumber, PersonKey
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import (
    Deed,
    DocumentKind,
    Handling,
    KeptDocument,
    KeySet,
    Lock,
    LockKind,
    NewSession,
    OpenLogin,
    Person,
    WrappedCopy,
)

ORGANISATION = OrganisationNumber(kind="KVK", value="12345678")
OTHER_ORGANISATION = OrganisationNumber(kind="RSIN", value="123456789")
UNIT = "00000009876543210000:000012345678"
OTHER_UNIT = "00000009876543210000:000087654321"
ISSUER = "urn:etoegang:HM:00000003520354010000:entities:9113"
ADMINISTRATOR = "the administrator's id"


def key(number: int, organisation: OrganisationNumber = ORGANISATION) -> PersonKey:
    return PersonKey(issuer=ISSUER, organisation=organisation, pseudonym=f"pseudonym-{number}")


async def paired(store: PortalStore, number: int = 1, unit: str = UNIT) -> Person:
    """Somebody whom an administrator linked by the code on screen, if he is not linked yet."""
    person = await store.find_or_make_person(key(number))
    if await store.is_linked(person.id, unit):
        return person
    session = await begun(store, person)
    code = session.session.pairing_code
    assert code is not None
    linked = await store.link_by_code(code, organisation=ORGANISATION, unit=unit, by=ADMINISTRATOR)
    assert linked == person
    await store.end_session(session.token)
    return person


async def begun(store: PortalStore, person: Person, **changes: Any) -> NewSession:
    return await store.begin_session(person.id, **{"kind": LoginKind.USER} | changes)


def login(**changes: Any) -> OpenLogin:
    return replace(OpenLogin(request_id="_request", road="saml", kind=LoginKind.USER, memo="{}"), **changes)


def lock(person: Person, unit: str = UNIT, **changes: Any) -> Lock:
    sample = Lock(
        id=str(uuid.uuid4()),
        organisation=ORGANISATION,
        unit=unit,
        person=person.id,
        kind=LockKind.PASSKEY,
        name="laptop",
        public_key=b"public",
        sealed_key=b"sealed",
        credential_id=b"credential",
        is_backup_eligible=True,
    )
    return replace(sample, **changes)


async def counting(store: PortalStore, person: Person, unit: str = UNIT, **changes: Any) -> Lock:
    """A lock whose round trip held."""
    sample = lock(person, unit, **changes)
    assert await store.add_lock(sample) is not None
    assert await store.count_lock(sample.id, unit=unit, person=person.id)
    return sample


def key_set(person: Person, unit: str = UNIT, **changes: Any) -> KeySet:
    sample = KeySet(
        id=str(uuid.uuid4()),
        organisation=ORGANISATION,
        unit=unit,
        made_by=person.id,
        signing_certificate=b"signing",
        decryption_certificate=b"decryption",
        organisation_key=b"organisation",
    )
    return replace(sample, **changes)


def copy(key_set: KeySet, lock: Lock, octets: bytes = b"wrapped") -> WrappedCopy:
    return WrappedCopy(key_set=key_set.id, lock=lock.id, octets=octets, wrapped_by=key_set.made_by)


def document(counter: int, octets: bytes, before: bytes | None = None, **changes: Any) -> KeptDocument:
    sample = KeptDocument(
        kind=DocumentKind.SETTINGS,
        organisation=ORGANISATION,
        counter=counter,
        previous_sha256=b"" if before is None else hashlib.sha256(before).digest(),
        octets=octets,
        signature=b"signature",
        kept_by=ADMINISTRATOR,
    )
    return replace(sample, **changes)


def handling(**changes: Any) -> Handling:
    sample = Handling(
        organisation=ORGANISATION,
        unit=UNIT,
        person="somebody",
        deed=Deed.OPENED,
        service="urn:knooppunt:Schuldregeling:2.0",
        action="Saldoverzoek",
    )
    return replace(sample, **changes)
