"""What a unit knows of others: whose certificates it took, and which issue of the address book it saw last. Its
browsers sign it for each other with the unit's own key; the portal keeps the newest version.

SECURITY: a browser believes it by the unit's signature and by the highest counter that its lock has seen. Here is only
verified that a set of the unit signed it, so that nobody puts something in its place that no browser can read.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from crypto.certificates import load_der
from crypto.desk_keys import check_known
from crypto.faults import FailedAuthentication
from gateway.portal.faults import PortalFault, Unusable
from gateway.portal.key_values import SignedText, base64_text, signed_said
from gateway.portal.portal import Portal
from gateway.portal.visit import Outcome, Shown, Visit
from gateway.store.portal.model import DocumentKind, KeptDocument, KeySetState


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedKnown:
    """The newest version, as a browser signed it."""

    text: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownView:
    """None where no browser of the unit has said anything yet."""

    known: SignedKnown | None


async def known(visit: Visit, portal: Portal) -> Outcome:
    """What the unit knows."""
    organisation = visit.somebody.organisation
    found = await portal.store.document(DocumentKind.KNOWN, organisation=organisation, unit=visit.unit)
    if found is None:
        return Shown(view=KnownView(known=None))
    signed = SignedKnown(text=found.octets.decode("utf-8"), signature=base64_text(found.signature))
    return Shown(view=KnownView(known=signed))


async def keep_known(visit: Visit, portal: Portal) -> Outcome:
    """The next version; of two colleagues who bring one at once the second is told to read again."""
    said = signed_said(visit, "known")
    if said.says.get("unit") != visit.unit or not await _is_signed(said, visit, portal):
        raise Unusable("field known: of another unit, or signed by none of its sets")
    document = KeptDocument(
        kind=DocumentKind.KNOWN,
        organisation=visit.somebody.organisation,
        unit=visit.unit,
        counter=said.counter,
        previous_sha256=said.previous,
        octets=said.octets,
        signature=said.signature,
        kept_by=visit.somebody.person,
    )
    if not await portal.store.keep_document(document):
        raise PortalFault(HTTPStatus.CONFLICT, "error.keys_changed", detail="what is known does not follow")
    return Shown(view=KnownView(known=None))


async def _is_signed(said: SignedText, visit: Visit, portal: Portal) -> bool:
    for each in await portal.store.key_sets(visit.unit):
        if each.state is KeySetState.ENDED:
            continue
        try:
            check_known(load_der(each.signing_certificate), said.octets, said.signature)
        except FailedAuthentication:
            continue
        return True
    return False
