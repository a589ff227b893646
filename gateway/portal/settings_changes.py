"""The next version of an organisation's settings document, as a browser signed it.

Browsers judge the document; what the server knows better than they do it holds against it: who is speaking, and since
when that person has had a lock.

SECURITY: whoever changes settings logged in a quarter of an hour ago at most. An account is proposed and agreed with in
one's own name only, so nobody agrees twice by writing down two names; and the second yes is of somebody who has had a
lock for a week, so that no stranger is let in to give it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import takewhile
from typing import Any, Final

from crypto.desk_keys import check_document
from crypto.faults import FailedAuthentication
from gateway.portal.faults import NotAllowed, PortalFault, Unusable
from gateway.portal.key_values import Done, SignedText, signed_said
from gateway.portal.keys_changes import changed
from gateway.portal.organisation_key import organisation_key, units_of
from gateway.portal.organisations import desk_units
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.portal.young_login import want_young
from gateway.store.portal.model import DocumentKind, KeptDocument, SignedUnder

SETTLED: Final = timedelta(days=7)  # as long as a lock counts before its owner gives a second yes
_WAIT: Final = timedelta(days=1)  # after which an account may be used without one


async def sign_settings(visit: Visit, portal: Portal) -> Outcome:
    """Keep the next version."""
    want_young(visit)
    visitor, settings = visit.somebody, signed_said(visit, "settings")
    under = await _verify(settings, visit, portal)
    before = await portal.store.document(DocumentKind.SETTINGS, organisation=visitor.organisation)
    await _want_own_names(settings.says, {} if before is None else _says(before), visit, portal)
    kept = KeptDocument(
        kind=DocumentKind.SETTINGS,
        organisation=visitor.organisation,
        counter=settings.counter,
        previous_sha256=settings.previous,
        octets=settings.octets,
        signature=settings.signature,
        kept_by=visitor.person,
    )
    if not await portal.store.keep_document(kept, under=under):
        if await organisation_key(visit, portal) != under.key:
            raise changed("the key of the organisation was renewed meanwhile")
        raise PortalFault(HTTPStatus.CONFLICT, "error.settings_changed", detail="the settings do not follow")
    return Shown(view=Done())


def needed_versions(versions: tuple[KeptDocument, ...], now: datetime) -> tuple[KeptDocument, ...]:
    """Those of the last day and the one that held before, newest first: with fewer a browser cannot tell that an
    account has stood there for a day, and more it does not ask.
    """
    young = tuple(takewhile(lambda each: each.kept_at is None or now - each.kept_at < _WAIT, versions))
    return versions[: len(young) + 1]


async def _verify(settings: SignedText, visit: Visit, portal: Portal) -> SignedUnder:
    """Under which key they are signed; that it still counts is judged anew where they are written."""
    key = await organisation_key(visit, portal)
    try:
        check_document(settings.octets, settings.signature, purpose="settings", organisation_key=key)
    except FailedAuthentication as fault:
        raise Unusable(f"field settings: {fault}") from None
    return SignedUnder(key=key, units=frozenset(units_of(visit, portal)))


async def _want_own_names(says: Mapping[str, Any], before: Mapping[str, Any], visit: Visit, portal: Portal) -> None:
    person, known = visit.somebody.person, {each.get("iban"): each for each in _accounts(before)}
    for each in _accounts(says):
        old = known.get(each.get("iban"))
        if each == old:
            continue
        agreed = each.get("agreedBy")
        if old is not None and {**old, "agreedBy": agreed} == each and agreed == person != each.get("by"):
            await _want_settled(visit, portal)
        elif each.get("by") != person or agreed is not None:
            raise NotAllowed(detail="an account in the name of somebody else")


async def _want_settled(visit: Visit, portal: Portal) -> None:
    for unit in desk_units(portal.hub.configuration(), visit.somebody.organisation):
        for lock in await portal.store.locks(unit.party_id):
            own = lock.person == visit.somebody.person
            if own and lock.counts_since is not None and visit.now - lock.counts_since >= SETTLED:
                return
    raise NotAllowed("error.agrees_too_early", detail="no lock of seven days")


def _accounts(says: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = says.get("accounts", [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unusable("field settings: no list of accounts")
    return found


def _says(document: KeptDocument) -> Mapping[str, Any]:
    return dict(json.loads(document.octets))
