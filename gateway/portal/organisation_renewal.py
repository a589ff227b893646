"""Another key of the organisation in the place of the one that a leaver may have copied: for it signs the key before.

Browsers follow from the key that they pinned to the next one by that signature, and take nothing of the former any
more. The new one comes with the unit's roster under it, and with copies for the locks of the administrators on that. No
set of keys changes: the operator's yes was to the sets, and is not asked again.

SECURITY: a second key after the same one would be one that its leaver signed for. So there is one chain, of which the
server keeps the first that came, and it goes on from the key that counts now; and who administers no more, and may have
a copy of that, is not asked. A key that other units hold, too, is not renewed: their administrators would be left
without it. The store judges all that anew in the transaction that writes.
"""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error
from hashlib import sha256
from http import HTTPStatus

from crypto.desk_keys import check_document
from crypto.faults import FailedAuthentication
from gateway.portal.faults import NotAllowed, PortalFault, Unusable
from gateway.portal.key_values import Done, SignedText, copies_said, signed_said
from gateway.portal.keys_changes import changed, kept_roster, want_listed, want_no_loss, wrapped
from gateway.portal.organisation_key import is_renewable, organisation_key, units_of
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.portal.young_login import want_young
from gateway.store.portal.model import DocumentKind, KeptDocument, NextKey


async def renew_organisation_key(visit: Visit, portal: Portal) -> Outcome:
    """Keep the next key of the organisation, with the roster and the copies of the unit that made it."""
    want_young(visit)
    visitor = visit.somebody
    if visit.unit not in visitor.administers:
        raise NotAllowed(detail="the next key of an organisation, and no administrator")
    renewal, roster, copies = signed_said(visit, "renewal"), signed_said(visit, "roster"), copies_said(visit)
    await want_no_loss(roster, visit, portal)
    former, key = await organisation_key(visit, portal), _key(renewal)
    if not await is_renewable(visit, portal):
        raise PortalFault(HTTPStatus.CONFLICT, "error.key_of_several_units", detail="other units hold that key, too")
    try:
        check_document(renewal.octets, renewal.signature, purpose="organisation", organisation_key=former)
        check_document(roster.octets, roster.signature, purpose="roster", organisation_key=key)
    except FailedAuthentication as fault:
        raise Unusable(f"the next key of the organisation: {fault}") from None
    want_listed(roster, visit.unit, {each.lock for each in copies})
    settings = await portal.store.document(DocumentKind.SETTINGS, organisation=visitor.organisation)
    before = await portal.store.document(DocumentKind.ROSTER, organisation=visitor.organisation, unit=visit.unit)
    if not _takes_along(settings, before, roster, former):
        raise changed("the roster does not take along the newest settings")
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
        roster=kept_roster(roster, visit),
        units=frozenset(units_of(visit, portal)),
        settings=settings,
    )
    if not await portal.store.renew_organisation_key(asked, await wrapped(copies, visit, portal)):
        raise changed("the key, its sets, the settings, a copy or the roster does not follow")
    return Shown(view=Done())


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
