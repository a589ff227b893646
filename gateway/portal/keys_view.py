"""What the server keeps of a unit's keys, for the browsers of that unit: sets, locks, sealed copies, signed documents.

A browser gets what opens its own locks, and of those of others who has which. It is shown as it lies here; whether it
is true is judged in the key Worker, by what lies under the lock itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crypto.certificates import der
from gateway.portal.key_renewal import who_left
from gateway.portal.key_values import base64_text
from gateway.portal.messages import unit_named
from gateway.portal.moments import ShownMoment, shown_moment
from gateway.portal.organisation_key import key_holders
from gateway.portal.portal import Portal
from gateway.portal.settings_changes import needed_versions
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.store.portal.model import (
    DocumentKind,
    KeptDocument,
    KeySet,
    KeySetState,
    Lock,
    PortalRequest,
    RequestKind,
    RequestState,
    WrappedCopy,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetView:
    """One set: its certificates."""

    id: str
    state: KeySetState
    signing: str
    decryption: str
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockView:
    """One lock; of somebody else's there is nothing to open it with."""

    id: str
    person: str
    person_name: str | None
    name: str
    kind: str
    synced: bool  # its passkey is copied to other machines, as the browser that made it said
    counts: bool
    has_left: bool  # its owner, who worked for the unit
    is_own: bool
    public_key: str
    sealed_key: str | None
    credential: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyView:
    """A set, sealed to a lock of one's own."""

    set: str
    lock: str
    copy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedView:
    """A signed document, and when the server received it."""

    text: str
    signature: str
    received_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonyView:
    """Two browsers of which one lets the other in, and what they said so far."""

    id: str
    newcomer: str
    newcomer_name: str | None
    approver: str | None
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """What became of the last request for keys; where all were lost, what waits expires with its approval, which has a
    day to wait.
    """

    state: str
    reason: str | None
    lost: bool
    not_before: ShownMoment | None  # of an approval that has to wait


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitKeysView:
    """All of it; `in_force` are the certificates that messages are sealed to and signatures verified with now."""

    unit: str
    name: str
    person: str
    in_force: tuple[str, ...]
    sets: tuple[SetView, ...]
    locks: tuple[LockView, ...]
    copies: tuple[CopyView, ...]
    roster: SignedView | None
    renewals: tuple[SignedView, ...]  # of the organisation's key, oldest first
    holders: tuple[str, ...]  # the units that hold that key
    settings: tuple[SignedView, ...]  # newest first, as far back as a day
    ceremonies: tuple[CeremonyView, ...]
    request: RequestView | None


async def unit_keys(visit: Visit, portal: Portal) -> Outcome:
    """The keys of one unit, as a browser of it may have them."""
    unit, visitor = visit.unit, visit.somebody
    party = unit_named(visit, portal)
    locks = await portal.store.locks(unit)
    left = who_left(unit, await portal.store.links(visitor.organisation, ended=True))
    own = {each.id for each in locks if each.person == visitor.person}
    copies = [each for each in await portal.store.copies(unit) if each.lock in own]
    sets = [each for each in await portal.store.key_sets(unit) if each.state is not KeySetState.ENDED]
    settings = await portal.store.documents(DocumentKind.SETTINGS, organisation=visitor.organisation)
    renewals = await portal.store.documents(DocumentKind.ORGANISATION, organisation=visitor.organisation)
    requests = [
        each
        for each in await portal.store.requests(organisation=visitor.organisation)
        if each.unit == unit and each.kind.is_for_keys
    ]
    certificates = (*party.signing_certificates, *party.encryption_certificates)
    last = next(iter(requests), None)
    roster = await _roster([each for each in locks if each.id in own], copies, sets, requests, visit, portal)
    return Shown(
        view=UnitKeysView(
            unit=unit,
            name=party.name,
            person=visitor.person,
            in_force=tuple(base64_text(der(each)) for each in certificates),
            sets=tuple(_set(each) for each in sets),
            locks=tuple([
                _lock(
                    each,
                    await _name(each.person, visit, portal),
                    has_left=each.person in left,
                    is_own=each.id in own,
                )
                for each in locks
            ]),
            copies=tuple(
                CopyView(set=each.key_set, lock=each.lock, copy=each.octets.decode("utf-8")) for each in copies
            ),
            roster=None if roster is None else _signed(roster),
            renewals=tuple(_signed(each) for each in reversed(renewals)),
            holders=tuple(sorted(await key_holders(visit, portal))),
            settings=tuple(_signed(each) for each in needed_versions(settings, visit.now)),
            ceremonies=tuple([
                CeremonyView(
                    id=each.id,
                    newcomer=each.newcomer,
                    newcomer_name=await _name(each.newcomer, visit, portal),
                    approver=each.approver,
                    said=tuple(said.decode("utf-8") for said in each.said),
                )
                for each in await portal.store.ceremonies(unit)
            ]),
            request=None if last is None else _request(last, visit),
        )
    )  # fmt: skip


async def _name(person: str, visit: Visit, portal: Portal) -> str | None:
    found = await portal.store.person(person, organisation=visit.somebody.organisation)
    return None if found is None else found.name


async def _roster(
    own: list[Lock],
    copies: list[WrappedCopy],
    sets: list[KeySet],
    requests: Sequence[PortalRequest],
    visit: Visit,
    portal: Portal,
) -> KeptDocument | None:
    """The newest roster. While it is asked for new keys because all locks were lost, whoever has a copy of the set in
    force gets the one of before that, which a refusal leaves: he opens what he opened before, whatever the newer ones
    list. Not who asked, nor whom he let in by a lock that was made since.
    """
    kind, organisation = DocumentKind.ROSTER, visit.somebody.organisation
    newest = await portal.store.document(kind, organisation=organisation, unit=visit.unit)
    asked = next(iter(requests), None)
    if asked is None or (asked.kind, asked.state) != (RequestKind.LOST_KEYS, RequestState.SUBMITTED):
        return newest
    active = next((each.id for each in sets if each.state is KeySetState.ACTIVE), None)
    if asked.asked_by == visit.somebody.person or active not in {each.key_set for each in copies}:
        return newest
    since = asked.lost_since([each for each in requests if each.state is RequestState.WITHDRAWN])
    let_in = {each.lock for each in copies if each.key_set == asked.about}
    if any(each.id in let_in and each.made_at is not None and each.made_at >= since for each in own):
        return newest
    versions = await portal.store.documents(kind, organisation=organisation, unit=visit.unit)
    return next((each for each in versions if each.kept_at is not None and each.kept_at < since), newest)


def _request(request: PortalRequest, visit: Visit) -> RequestView:
    earliest = request.earliest_approval
    has_to_wait = request.state is RequestState.SUBMITTED and earliest > visit.now
    return RequestView(
        state=request.state.value,
        reason=request.reason if request.state is RequestState.REFUSED else None,
        lost=request.kind is RequestKind.LOST_KEYS,
        not_before=shown_moment(earliest, visit.texts) if has_to_wait else None,
    )


def _set(key_set: KeySet) -> SetView:
    return SetView(
        id=key_set.id,
        state=key_set.state,
        signing=base64_text(key_set.signing_certificate),
        decryption=base64_text(key_set.decryption_certificate),
        organisation=base64_text(key_set.organisation_key),
    )


def _lock(lock: Lock, person_name: str | None, *, has_left: bool, is_own: bool) -> LockView:
    credential = None if lock.credential_id is None else base64_text(lock.credential_id)
    return LockView(
        id=lock.id,
        person=lock.person,
        person_name=person_name,
        name=lock.name,
        kind=lock.kind.value,
        synced=lock.is_backup_eligible,
        counts=lock.counts_since is not None,
        has_left=has_left,
        is_own=is_own,
        public_key=base64_text(lock.public_key),
        sealed_key=base64_text(lock.sealed_key) if is_own else None,
        credential=credential if is_own else None,
    )


def _signed(document: KeptDocument) -> SignedView:
    return SignedView(
        text=document.octets.decode("utf-8"),
        signature=base64_text(document.signature),
        received_at=document.kept_at,
    )
