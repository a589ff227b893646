"""A configuration of which some organisations changed: those are looked at, and of the others the indexes are kept.

A configuration in force holds no contradiction. So one of which other organisations came can hold only what these have
with each other, with the hub or with those that stayed; where one of them shares a name, a mailbox or a certificate
with one that stayed, or a withdrawn certificate came or went, everything is held against everything as at a start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Final, TypeVar

from crypto.certificates import Certificate, thumbprint_sha256
from crypto.key_references import LookupKey
from gateway.ebms.consistency import mpc_of
from gateway.ebms.party_ids import oin_of
from pmodes.configuration import Configuration, configure, push_mpc
from pmodes.consistency import contradictions
from pmodes.model import Organisation
from pmodes.trust import own_oins

_K = TypeVar("_K")
_V = TypeVar("_V")

_FEW: Final = 20


def as_before(before: Configuration, organisations: Iterable[Organisation]) -> Iterator[Organisation]:
    """The same organisations; a unit that its file and its organisation leave as it was is the one of before itself."""
    units = {(each.file, each.at): each for each in before.organisations if each.unit_of is not None}
    for each in organisations:
        known = None if each.unit_of is None else units.get((each.file, each.at))
        # A file that was read again may have moved its lines, and says the same.
        yield known if known is not None and known.lines is each.lines and known == each else each


def changed_from(before: Configuration, organisations: tuple[Organisation, ...]) -> Configuration | None:
    """The configuration of these organisations, in the place of those of before, under the same hub; None where
    everything has to be looked at to know that.
    """
    stays = frozenset(map(id, before.organisations)) & frozenset(map(id, organisations))
    came = [each for each in organisations if id(each) not in stays]
    gone = [each for each in before.organisations if id(each) not in stays]
    if _has_to_do(before, came, gone, [each for each in organisations if id(each) in stays]):
        return None
    hub, catalogue, suites = before.hub, before.catalogue, before.suites
    if next(contradictions(hub, came, catalogue, suites), None) is not None:
        return None
    old = configure(hub, gone, catalogue=catalogue, suites=suites)
    new = configure(hub, came, catalogue=catalogue, suites=suites)
    senders = _replaced(before.senders, old.senders, new.senders)
    return replace(
        before,
        organisations=organisations,
        by_own_oin=_replaced(before.by_own_oin, old.by_own_oin, new.by_own_oin),
        by_party=_replaced(before.by_party, old.by_party, new.by_party),
        by_mpc=_replaced(before.by_mpc, old.by_mpc, new.by_mpc),
        mailboxes=_replaced(before.mailboxes, old.mailboxes, new.mailboxes),
        senders=senders,
        signers=_signers(before, old, new, organisations),
        most_party_ids=max(map(len, senders), default=1),
        agreements=(
            before.agreements | new.agreements
            if old.agreements <= new.agreements
            else frozenset(each.agreement for each in organisations if each.agreement is not None)
        ),
        push_mpcs=(
            before.push_mpcs | new.push_mpcs
            if old.push_mpcs <= new.push_mpcs
            else frozenset(mpc_of(push_mpc(hub, each)) for each in organisations)
        ),
        templates={},
        derived={},
        vouched={},
    )


def _has_to_do(
    before: Configuration, came: Sequence[Organisation], gone: Sequence[Organisation], stayed: Sequence[Organisation]
) -> bool:
    """Whether those that came or went share with one that stayed what one alone may have, or have a say in what others
    may have.
    """
    withdrawn = frozenset[str]().union(*(each.compromised for each in came))
    if withdrawn != frozenset[str]().union(*(each.compromised for each in gone)):
        return True
    fresh = _certificates(came) - _certificates(gone)
    if before.compromised and any(thumbprint_sha256(each).hex() in before.compromised for each in fresh):
        return True
    taken = {name for each in (*came, *gone) for name in each.speaks_for}
    leaving = frozenset(map(id, gone))
    if any(owner is not None and id(owner) not in leaving for owner in map(before.by_party.get, taken)):
        return True
    mailboxes = {each.mpc for each in came}
    oins = {oin_of(name) for each in came for name in each.speaks_for}
    vouched_for = {oin for each in came if each.trust == "roots" for oin in own_oins(each)}
    for each in stayed:  # there are thousands
        if each.mpc in mailboxes:
            return True
        if each.trust == "roots" and not oins.isdisjoint(own_oins(each)):
            return True
        if each.acts_for and any(party.value in taken for party in each.acts_for):
            return True
    if vouched_for and any(oin_of(name) in vouched_for for each in stayed for name in each.speaks_for):
        return True
    return bool(fresh) and _any_of(fresh, stayed)


def _any_of(certificates: Set[Certificate], organisations: Iterable[Organisation]) -> bool:
    """Whether one of them has one of these."""
    sought = tuple(certificates) if len(certificates) <= _FEW else certificates  # comparing takes 1/20 of hashing
    for each in organisations:
        for one in each.signing_certificates:
            if one in sought:
                return True
        for one in each.encryption_certificates:
            if one in sought:
                return True
    return False


def _certificates(organisations: Iterable[Organisation]) -> set[Certificate]:
    return {
        certificate
        for each in organisations
        for certificate in (*each.signing_certificates, *each.encryption_certificates)
    }


def _signers(
    before: Configuration, old: Configuration, new: Configuration, organisations: Sequence[Organisation]
) -> Mapping[LookupKey, tuple[Organisation, ...]]:
    """By each form of naming a certificate those that sign with it, in their order; several may have one serial
    number.
    """
    left = frozenset(map(id, old.organisations))
    found = dict(before.signers)
    for key in {**old.signers, **new.signers}:
        both = [each for each in found.pop(key, ()) if id(each) not in left] + [*new.signers.get(key, ())]
        if len(both) > 1:
            places = {id(each): place for place, each in enumerate(organisations)}
            both.sort(key=lambda each: places[id(each)])
        if both:
            found[key] = tuple(both)
    return found


def _replaced(before: Mapping[_K, _V], old: Mapping[_K, _V], new: Mapping[_K, _V]) -> Mapping[_K, _V]:
    found = dict(before)
    for key in old:
        del found[key]
    found.update(new)
    return found
