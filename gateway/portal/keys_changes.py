"""What browsers do with the keys of their unit: make locks and sets, seal them, let each other in.

The server keeps what they say and verifies what it can: that a lock was opened (the unit's key signed its challenge),
and that a document is signed by the organisation's key of the set that it belongs to. A new set is a request, which
the operator decides.

SECURITY: a copy for somebody else's lock is kept only with a roster that lists that lock, and any copy only of whoever
has one of that set himself: so a copy tells that its owner was let in. Whoever lets somebody in logged in a quarter of
an hour ago at most.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from uuid import UUID

from crypto.certificates import der, load_der, may_encrypt, may_sign
from crypto.desk_keys import check_document, check_enrolment
from crypto.faults import FailedAuthentication
from gateway.portal.administering import people_administering
from gateway.portal.faults import Missing, NotAllowed, PortalFault, Unusable
from gateway.portal.key_values import (
    Done,
    SaidCopy,
    SignedText,
    base64_text,
    certificate_said,
    copies_said,
    octets_said,
    signed_said,
)
from gateway.portal.names import name_said
from gateway.portal.organisation_key import want_own_key
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.portal.young_login import want_young
from gateway.store.portal.interface import TooManyOpen
from gateway.store.portal.model import (
    DocumentKind,
    KeptDocument,
    KeySet,
    KeySetState,
    Lock,
    LockKind,
    RequestKind,
    RequestState,
    WrappedCopy,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockMade:
    """What a new lock is to sign once it was opened."""

    challenge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMade:
    """The request that a new set is."""

    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CeremonySaid:
    """A ceremony, with how much was said."""

    id: str
    said: int


async def add_lock(visit: Visit, portal: Portal) -> Outcome:
    """A lock of whoever asks; it does not count before it was opened."""
    visitor, is_passkey = visit.somebody, visit.said("kind") == LockKind.PASSKEY.value
    if visit.said("kind") not in set(LockKind):
        raise Unusable("field kind: no kind of lock")
    asked = Lock(
        id=_new_id(visit),
        organisation=visitor.organisation,
        unit=visit.unit,
        person=visitor.person,
        kind=LockKind(visit.said("kind")),
        name=name_said(visit),
        public_key=octets_said(visit, "public_key"),
        sealed_key=octets_said(visit, "sealed_key"),
        credential_id=octets_said(visit, "credential", most=1024) if is_passkey else None,
        is_backup_eligible=bool(isinstance(visit.json, dict) and visit.json.get("synced") is True),
    )
    try:
        lock = await portal.store.add_lock(asked)
    except TooManyOpen:
        raise _too_many() from None
    if lock is None:
        raise changed("a lock of this id is there")
    return Shown(view=LockMade(challenge=base64_text(lock.challenge)))


async def count_lock(visit: Visit, portal: Portal) -> Outcome:
    """The lock was opened: the unit's key that lay in it signed its challenge."""
    lock = await _lock(visit, portal)
    key_set = await _set(visit, portal, visit.said("set"))
    try:
        check_enrolment(
            load_der(key_set.signing_certificate),
            octets_said(visit, "signature"),
            unit=visit.unit,
            lock=lock.id,
            challenge=lock.challenge,
        )
    except FailedAuthentication as fault:
        raise Unusable(f"the challenge of the lock: {fault}") from None
    if not await portal.store.count_lock(lock.id, unit=visit.unit, person=visit.somebody.person):
        raise changed("the lock counts already")
    return Shown(view=Done())


async def remove_lock(visit: Visit, portal: Portal) -> Outcome:
    """A lock of one's own, or for an administrator anybody's."""
    visitor = visit.somebody
    own = {each.id for each in await portal.store.locks(visit.unit) if each.person == visitor.person}
    if visit.path["lock"] not in own:
        if visit.unit not in visitor.administers:
            raise Missing("no such lock")
        want_young(visit)
    if not await portal.store.remove_lock(
        visit.path["lock"], organisation=visitor.organisation, unit=visit.unit, by=visitor.person
    ):
        raise Missing("no such lock")
    return Shown(view=Done())


async def propose(visit: Visit, portal: Portal) -> Outcome:
    """A new set of keys, sealed to locks of the unit, with the roster that lists them: a request to the operator."""
    visitor = visit.somebody
    want_young(visit)
    signing, decryption = certificate_said(visit, "signing"), certificate_said(visit, "decryption")
    if not may_sign(signing) or not may_encrypt(decryption):
        raise Unusable("certificates of other uses")
    key, roster = octets_said(visit, "organisation"), signed_said(visit, "roster")
    await want_no_loss(roster, visit, portal)
    await want_own_key(key, visit, portal)
    _verify(roster, key)
    copies = copies_said(visit)
    want_listed(roster, visit.unit, {each.lock for each in copies})
    key_set = KeySet(
        id=_new_id(visit),
        organisation=visitor.organisation,
        unit=visit.unit,
        made_by=visitor.person,
        signing_certificate=der(signing),
        decryption_certificate=der(decryption),
        organisation_key=key,
    )
    try:
        request = await portal.store.propose_key_set(
            key_set,
            await wrapped(copies, visit, portal),
            roster=kept_roster(roster, visit),
            follows=await _followed(key, roster, visit, portal),
        )
    except TooManyOpen:
        raise _too_many() from None
    if request is None:
        raise changed("a set of this id is there, a lock is not, or the roster does not follow")
    return Shown(view=SetMade(request=request.id))


async def wrap(visit: Visit, portal: Portal) -> Outcome:
    """Copies for locks of one's own; with a roster that follows also for others that it lists. What is sealed in a copy
    that is there changes with a roster only: without one it gets other pins, and nothing else.
    """
    copies = copies_said(visit)
    locks = {each.lock for each in copies}
    own = {each.id for each in await portal.store.locks(visit.unit) if each.person == visit.somebody.person}
    roster = signed_said(visit, "roster") if visit.says("roster") else None
    if roster is None and not locks <= own:
        raise NotAllowed(detail="copies for locks of others without a roster")
    if roster is not None:
        want_young(visit)
        await want_no_loss(roster, visit, portal)
        _verify(roster, (await _newest(visit, portal)).organisation_key)
        want_listed(roster, visit.unit, locks)
    kept = None if roster is None else kept_roster(roster, visit)
    if not await portal.store.wrap(await wrapped(copies, visit, portal), unit=visit.unit, roster=kept):
        raise changed("a set or a lock is gone, none lies in a lock of one's own, or the roster does not follow")
    return Shown(view=Done())


async def open_ceremony(visit: Visit, portal: Portal) -> Outcome:
    """Whoever asks would like to be let in."""
    visitor = visit.somebody
    try:
        ceremony = await portal.store.open_ceremony(
            organisation=visitor.organisation, unit=visit.unit, newcomer=visitor.person, said=_word(visit)
        )
    except TooManyOpen:
        raise PortalFault(HTTPStatus.TOO_MANY_REQUESTS, "error.too_many_ceremonies") from None
    return Shown(view=CeremonySaid(id=ceremony.id, said=len(ceremony.said)))


async def say(visit: Visit, portal: Portal) -> Outcome:
    """One word more of a ceremony. Only who can let in becomes the approver: anybody else in that place would keep the
    newcomer out.
    """
    after, word = visit.said("after", most=3), _word(visit)
    await _want_able(visit, portal)
    ceremony = await portal.store.say(
        visit.path["ceremony"],
        unit=visit.unit,
        by=visit.somebody.person,
        after=int(after) if after.isdecimal() else 0,
        said=word,
    )
    if ceremony is None:
        raise changed("a word that does not fit")
    return Shown(view=CeremonySaid(id=ceremony.id, said=len(ceremony.said)))


async def end_ceremony(visit: Visit, portal: Portal) -> Outcome:
    """One of the two goes away."""
    if not await portal.store.end_ceremony(visit.path["ceremony"], unit=visit.unit, by=visit.somebody.person):
        raise Missing("no such ceremony")
    return Shown(view=Done())


async def _want_able(visit: Visit, portal: Portal) -> None:
    """Refuse who would be the approver, and has no administrator's lock that counts on the unit's roster."""
    unit, person = visit.unit, visit.somebody.person
    for each in await portal.store.ceremonies(unit):
        if each.id == visit.path["ceremony"] and person in (each.newcomer, each.approver):
            return
    if person not in await people_administering([unit], visit.somebody.organisation, portal):
        raise NotAllowed(detail="a ceremony to be approved without a lock of an administrator")


def _word(visit: Visit) -> bytes:
    return visit.said("said", most=16_000).encode("utf-8", "replace")


def _new_id(visit: Visit) -> str:
    try:
        return str(UUID(visit.said("id", most=36)))
    except ValueError:
        raise Unusable("field id: no UUID") from None


def _verify(roster: SignedText, key: bytes) -> None:
    try:
        check_document(roster.octets, roster.signature, purpose="roster", organisation_key=key)
    except FailedAuthentication as fault:
        raise Unusable(f"field roster: {fault}") from None


def want_listed(roster: SignedText, unit: str, locks: set[str]) -> None:
    """Refuse a roster of another unit, or without one of these locks, by their ids."""
    listed = roster.says.get("locks")
    known = {each.get("id") for each in listed if isinstance(each, dict)} if isinstance(listed, list) else set()
    if roster.says.get("unit") != unit or not locks <= known:
        raise Unusable("field roster: of another unit, or without a lock that a copy is for")


async def want_no_loss(roster: SignedText, visit: Visit, portal: Portal, *, unit: str | None = None) -> None:
    """Refuse a roster that goes on from the one before a loss that the operator has not decided. Whoever has a lock
    after all opens by that one, and there is one chain: only once the loss was refused does it go on from there.
    """
    organisation, unit = visit.somebody.organisation, unit or visit.unit
    open_ones = await portal.store.requests(organisation=organisation, states=[RequestState.SUBMITTED])
    if not any(each.unit == unit and each.kind is RequestKind.LOST_KEYS for each in open_ones):
        return
    newest = await portal.store.document(DocumentKind.ROSTER, organisation=organisation, unit=unit)
    if newest is not None and roster.previous != sha256(newest.octets).digest():
        raise PortalFault(
            HTTPStatus.CONFLICT, "error.loss_asked", detail="a roster of before a loss that is not decided"
        )


async def _followed(key: bytes, roster: SignedText, visit: Visit, portal: Portal) -> frozenset[str]:
    """The sets that a roster lists beside its new one, as far as whoever asks can open them: he has a lock that counts
    with a copy of it, and the organisation's key that signed the roster is that of the set, too. What a roster lists is
    only said, and the key may be held by somebody whom another unit let in.
    """
    listed = roster.says.get("sets")
    known = {each.get("id") for each in listed if isinstance(each, dict)} if isinstance(listed, list) else set()
    opened = await _held(visit, portal) & known
    sets = await portal.store.key_sets(visit.unit)
    return frozenset(each.id for each in sets if each.id in opened and each.organisation_key == key)


async def _held(visit: Visit, portal: Portal) -> set[str]:
    """The sets of which whoever asks has a copy in a lock of his own that counts."""
    locks = await portal.store.locks(visit.unit)
    own = {each.id for each in locks if each.person == visit.somebody.person and each.counts_since}
    return {each.key_set for each in await portal.store.copies(visit.unit) if each.lock in own}


async def _lock(visit: Visit, portal: Portal) -> Lock:
    """The lock of whoever asks that the route names."""
    for each in await portal.store.locks(visit.unit):
        if each.id == visit.path["lock"] and each.person == visit.somebody.person:
            return each
    raise Missing("no such lock")


async def _set(visit: Visit, portal: Portal, set_id: str) -> KeySet:
    for each in await portal.store.key_sets(visit.unit):
        if each.id == set_id and each.state is not KeySetState.ENDED:
            return each
    raise Missing("no such set")


async def _newest(visit: Visit, portal: Portal) -> KeySet:
    for each in await portal.store.key_sets(visit.unit):
        if each.state is not KeySetState.ENDED:
            return each
    raise Missing("no set")


async def wrapped(
    copies: tuple[SaidCopy, ...], visit: Visit, portal: Portal, *, unit: str | None = None
) -> list[WrappedCopy]:
    """Copies as they are kept, of the unit of the visit or that one: pins go on to a lock's next copy, sealed as they
    are.
    """
    pins: dict[str, object] = {}
    for each in await portal.store.copies(unit or visit.unit):
        found = json.loads(each.octets).get("pins")
        if found is not None:
            pins.setdefault(each.lock, found)
    by = visit.somebody.person
    return [
        WrappedCopy(key_set=each.set, lock=each.lock, octets=each.with_pins(pins.get(each.lock)), wrapped_by=by)
        for each in copies
    ]


def kept_roster(signed: SignedText, visit: Visit, *, unit: str | None = None) -> KeptDocument:
    """A roster as it is kept, of the unit of the visit or that one."""
    return KeptDocument(
        kind=DocumentKind.ROSTER,
        organisation=visit.somebody.organisation,
        unit=unit or visit.unit,
        counter=signed.counter,
        previous_sha256=signed.previous,
        octets=signed.octets,
        signature=signed.signature,
        kept_by=visit.somebody.person,
    )


def _too_many() -> PortalFault:
    return PortalFault(HTTPStatus.TOO_MANY_REQUESTS, "error.too_many_keys")


def changed(detail: str) -> PortalFault:
    """Somebody else was here in between: the page reads everything again."""
    return PortalFault(HTTPStatus.CONFLICT, "error.keys_changed", detail=detail)
