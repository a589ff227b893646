"""Another key of the organisation in the place of the one that a leaver may have copied: for it signs the key before.

Browsers follow from the key that they pinned to the next one by that signature, and take nothing of the former any
more. So all units that hold the key go at once: the new one comes with the roster of each under it, and with copies for
the locks of the administrators on that, made by somebody who has such a lock in each. No set of keys changes: the
operator's yes was to the sets, and is not asked again.

SECURITY: a second key after the same one would be one that its leaver signed for. So there is one chain, of which the
server keeps the first that came, and it goes on from the key that counts now; and who administers no more, and may have
a copy of that, is not asked. A unit that stayed behind would go on taking what the former key signs, and its
administrators would be left without the next one: so none stays. The store judges all that anew in the transaction
that writes.
"""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

from crypto.desk_keys import check_document
from crypto.faults import FailedAuthentication
from gateway.portal.faults import NotAllowed, PortalFault, Unusable
from gateway.portal.key_values import Done, SaidCopy, SignedText, copies_in, signed_in, signed_said
from gateway.portal.keys_changes import changed, kept_roster, want_listed, want_no_loss, wrapped
from gateway.portal.organisation_key import key_holders, organisation_key, units_of
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.portal.young_login import want_young
from gateway.store.portal.model import DocumentKind, KeptDocument, NextKey, UnderNextKey


@dataclass(frozen=True, slots=True, kw_only=True)
class _Going:
    """What a call brings of one of the units."""

    unit: str
    roster: SignedText
    copies: tuple[SaidCopy, ...]


async def renew_organisation_key(visit: Visit, portal: Portal) -> Outcome:
    """Keep the next key of the organisation, with the rosters and the copies of all units that hold the former one."""
    want_young(visit)
    visitor = visit.somebody
    if visit.unit not in visitor.administers:
        raise NotAllowed(detail="the next key of an organisation, and no administrator")
    renewal, going = signed_said(visit, "renewal"), _going(visit)
    if not {each.unit for each in going} <= visitor.administers:
        raise NotAllowed(detail="the next key of an organisation, for a unit of another one")
    for each in going:
        await want_no_loss(each.roster, visit, portal, unit=each.unit)
    former, key = await organisation_key(visit, portal), _key(renewal)
    if {each.unit for each in going} != await key_holders(visit, portal):
        raise PortalFault(HTTPStatus.CONFLICT, "error.key_of_several_units", detail="other units hold that key, too")
    settings = await portal.store.document(DocumentKind.SETTINGS, organisation=visitor.organisation)
    try:
        check_document(renewal.octets, renewal.signature, purpose="organisation", organisation_key=former)
        for each in going:
            check_document(each.roster.octets, each.roster.signature, purpose="roster", organisation_key=key)
    except FailedAuthentication as fault:
        raise Unusable(f"the next key of the organisation: {fault}") from None
    for each in going:
        want_listed(each.roster, each.unit, {one.lock for one in each.copies})
        before = await portal.store.document(DocumentKind.ROSTER, organisation=visitor.organisation, unit=each.unit)
        if not _takes_along(settings, before, each.roster, former):
            raise changed("a roster does not take along the newest settings")
    document = KeptDocument(
        kind=DocumentKind.ORGANISATION,
        organisation=visitor.organisation,
        counter=renewal.counter,
        previous_sha256=renewal.previous,
        octets=renewal.octets,
        signature=renewal.signature,
        kept_by=visitor.person,
    )
    asked = NextKey(
        key=key,
        former=former,
        renewal=document,
        going=tuple([await _kept(each, visit, portal) for each in going]),
        units=frozenset(units_of(visit, portal)),
        settings=settings,
    )
    if not await portal.store.renew_organisation_key(asked):
        raise changed("the key, its sets, the settings, a copy or a roster does not follow")
    return Shown(view=Done())


async def _kept(going: _Going, visit: Visit, portal: Portal) -> UnderNextKey:
    copies = await wrapped(going.copies, visit, portal, unit=going.unit)
    return UnderNextKey(roster=kept_roster(going.roster, visit, unit=going.unit), copies=tuple(copies))


def _going(visit: Visit) -> tuple[_Going, ...]:
    found = visit.json.get("units") if isinstance(visit.json, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unusable("field units: no list of units")
    return tuple(
        _Going(unit=str(each.get("unit")), roster=signed_in(each, "roster"), copies=copies_in(each)) for each in found
    )


def _takes_along(settings: KeptDocument | None, before: KeptDocument | None, roster: SignedText, former: bytes) -> bool:
    """Whether a roster names the newest settings: browsers refuse those that only the former key signed, or only the
    roster before named.
    """
    named, newest = roster.says.get("endorsed", ""), "" if settings is None else sha256(settings.octets).hexdigest()
    if settings is None or named:
        return bool(named == newest)
    if before is not None and json.loads(before.octets).get("endorsed") == newest:
        return False
    try:
        check_document(settings.octets, settings.signature, purpose="settings", organisation_key=former)
    except FailedAuthentication:
        return True  # of before all locks were lost: nobody goes by them any more
    return False


def _key(renewal: SignedText) -> bytes:
    found = renewal.says.get("organisation")
    try:
        return b64decode(found if isinstance(found, str) else "-", validate=True)
    except (Error, ValueError):
        raise Unusable("field renewal: names no key") from None
