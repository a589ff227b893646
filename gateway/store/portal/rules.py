"""What the portal's store decides: pure functions from what is read to what is written; each engine asks them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.digest import digest
from gateway.identity.login import PersonKey
from gateway.store.portal.model import (
    BrokerMetadata,
    Ceremony,
    KeptDocument,
    KeySet,
    KeySetState,
    Lock,
    NextKey,
    PortalRequest,
    RequestKind,
    RequestState,
    WrappedCopy,
    holders_of_key,
    key_in_force,
)
from gateway.store.portal.terms import (
    CEREMONY_WORDS,
    OCTETS_OF_A_WORD,
    SESSION_IDLE,
    SESSION_LONGEST,
)


def kept_of_key(key: PersonKey) -> bytes:
    """What a person is known by again; nobody reads the pseudonym out of it who does not have it."""
    return digest("person", key.issuer, key.organisation.kind, key.organisation.value, key.pseudonym)


def session_counts(began_at: datetime, used_at: datetime, now: datetime) -> bool:
    """Whether a session is neither too old nor idle for too long."""
    return now < began_at + SESSION_LONGEST and now < used_at + SESSION_IDLE


def follows(document: KeptDocument, newest: KeptDocument | None) -> bool:
    """Whether this is the version after the newest, and says so."""
    if newest is None:
        return document.counter == 1 and document.previous_sha256 == b""
    return document.counter == newest.counter + 1 and document.previous_sha256 == hashlib.sha256(newest.octets).digest()


def metadata_that_count(
    offered: BrokerMetadata, kept: BrokerMetadata | None, anew_from: datetime | None, now: datetime
) -> BrokerMetadata:
    """The metadata of a broker that are offered, or those that were relied on before where they end later. What was
    relied on before `anew_from` stands against nothing any more, once that moment has come.
    """
    stands = kept is not None and not (anew_from is not None and kept.relied_at < anew_from <= now)
    return kept if kept is not None and stands and kept.valid_until > offered.valid_until else offered


def with_word(ceremony: Ceremony, by: str, after: int, said: bytes, now: datetime) -> Ceremony | None:
    """The ceremony with one word more: the newcomer and one other speak, and nobody who heard less than was said."""
    if now >= ceremony.ends_at or after != len(ceremony.said):
        return None
    if len(ceremony.said) >= CEREMONY_WORDS or len(said) > OCTETS_OF_A_WORD:
        return None
    if by == ceremony.newcomer:
        approver = ceremony.approver
    elif ceremony.approver in (None, by):
        approver = by
    else:
        return None
    return replace(ceremony, approver=approver, said=(*ceremony.said, said))


def decided(
    request: PortalRequest, state: RequestState, by: str, reason: str | None, now: datetime
) -> PortalRequest | None:
    """The request with its decision; None where it has one."""
    if request.state is not RequestState.SUBMITTED or state is RequestState.SUBMITTED:
        return None
    return replace(request, state=state, decided_at=now, decided_by=by, reason=reason)


def activated(key_set: KeySet, now: datetime) -> KeySet | None:
    """In force from now; None for a set that was not proposed."""
    if key_set.state is not KeySetState.PROPOSED:
        return None
    return replace(key_set, state=KeySetState.ACTIVE, active_since=now)


def retired(key_set: KeySet, now: datetime) -> KeySet:
    """Another is in force, and messages may wait under this one."""
    return replace(key_set, state=KeySetState.RETIRED, retired_at=now)


def is_lost(key_set: KeySet, requests: Sequence[PortalRequest]) -> bool:
    """Whether, after this set of the unit was made, another came into force because all locks had been lost."""
    return key_set.made_at is not None and any(
        each.kind is RequestKind.LOST_KEYS
        and each.state is RequestState.APPROVED
        and each.unit == key_set.unit
        and each.about != key_set.id
        and key_set.made_at <= each.asked_at
        for each in requests
    )


def kind_of(active: KeySet | None, follows: Collection[str]) -> RequestKind:
    """What a new set asks for, whose roster follows on these sets: where the one in force is none of them, whoever made
    it could not open that one.
    """
    return RequestKind.KEY_SET if active is None or active.id in follows else RequestKind.LOST_KEYS


def may_take(asked: NextKey, sets: Collection[KeySet]) -> bool:
    """Whether the next key takes the place of the former one, of these sets of the organisation: that one counts, all
    units that hold it go along, and in none of them a set waits under another key, which its next roster does not
    follow.
    """
    going = frozenset(each.roster.unit for each in asked.going)
    proposed = {each.organisation_key for each in sets if each.unit in going and each.state is KeySetState.PROPOSED}
    is_whole = len(going) == len(asked.going) and holders_of_key(sets) == going
    return key_in_force(sets) == asked.former and is_whole and proposed <= {asked.former}


def gives_own(copies: Collection[WrappedCopy], locks: Collection[Lock], before: Collection[WrappedCopy]) -> bool:
    """Whether whoever wraps these copies has one of each of their sets, of those that lie in these locks, in a lock of
    his own: he has none to give else, or has none any more.
    """
    owners = {each.id: each.person for each in locks}
    held = {(owners.get(each.lock), each.key_set) for each in before}
    return all((each.wrapped_by, each.key_set) in held for each in copies)


def differ_by_pins(copies: Collection[WrappedCopy], before: Collection[WrappedCopy]) -> bool:
    """Whether what is wrapped to these locks already stays, but for its pins: keys of before come back by nobody."""
    kept = {(each.key_set, each.lock): each.octets for each in before}
    return all(_is_sealed_alike(each.octets, kept.get((each.key_set, each.lock), each.octets)) for each in copies)


def merely_pinned(copy: WrappedCopy, before: Collection[WrappedCopy]) -> bool:
    """Whether a copy was there already, sealed as it is: its owner laid other pins beside it, or came again."""
    kept = next((each for each in before if (each.key_set, each.lock) == (copy.key_set, copy.lock)), None)
    return kept is not None and _is_sealed_alike(copy.octets, kept.octets)


def _is_sealed_alike(octets: bytes, before: bytes) -> bool:
    """Whether two copies of a set for a lock differ by the pins that its owner laid beside it, or by nothing."""
    return octets == before or _without_pins(octets) == _without_pins(before)


def ended(key_set: KeySet, now: datetime) -> KeySet | None:
    """Of no use any more; None where it ended before."""
    if key_set.state is KeySetState.ENDED:
        return None
    return replace(key_set, state=KeySetState.ENDED, ended_at=now)


def _without_pins(octets: bytes) -> dict[str, Any] | bytes:
    """What is no object has no pins: it is alike to itself alone."""
    try:
        return {**json.loads(octets), "pins": None}
    except (ValueError, TypeError):
        return octets
