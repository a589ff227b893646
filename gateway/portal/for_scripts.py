"""What the scripts of a page fetch besides messages: descriptions of forms, schemas, the signed address book, and with
which names and certificates the hub and a unit of its know each other.

None of it holds anything of a message; the book is verified by whoever fetches it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from crypto.certificates import Certificate, CertificateUsage, der
from gateway.ebms.model import PartyId
from gateway.ebms.party_ids import mailbox_mpc, party_id
from gateway.msh.vouching import endorsed_by_hub
from gateway.portal.faults import Missing
from gateway.portal.key_values import base64_text
from gateway.portal.messages import unit_named
from gateway.portal.portal import Portal
from gateway.portal.visit import Octets, Outcome, Shown, Visit
from pmodes.model import Leg

_END: Final = ".json"
_CERTIFICATE: Final = re.compile(rb"<ds:X509Certificate>([A-Za-z0-9+/=]+)</ds:X509Certificate>")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndorsedView:
    """A certificate of the hub, and that a key of the hub says so."""

    usage: CertificateUsage
    certificate: str
    endorsement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointView:
    """What the endpoint in a browser is set up with; certificates are DER in base64. A browser relies on those that its
    organisation's signed settings name, and on those for which one of them vouches.
    """

    unit: PartyId
    hub: PartyId
    mpc: str
    hub_signing: tuple[str, ...]
    hub_encryption: str
    directory: tuple[str, ...]  # by which address books are verified; none where the hub makes none
    vouched: tuple[EndorsedView, ...]  # by the keys with which the hub signs now
    proves_origin: bool  # by the P-Mode of the unit every message brings its sender's proof


async def endpoint(visit: Visit, portal: Portal) -> Outcome:
    """The names and certificates of the hub for a unit, as the P-Modes in force have them."""
    configuration, unit, book = portal.hub.configuration(), unit_named(visit, portal), portal.hub.address_book()
    hub = configuration.hub
    # The book's own word for its key: a browser that knows another one goes by that.
    said = None if book is None else _CERTIFICATE.search(book.octets, book.octets.rfind(b"<ds:KeyInfo>"))
    return Shown(
        view=EndpointView(
            unit=party_id(unit.party_id),
            hub=party_id(hub.party_id),
            mpc=mailbox_mpc(hub.base, unit.party_id),
            hub_signing=_written(hub.signing_certificates),
            hub_encryption=_written(hub.encryption_certificates)[0],
            directory=() if said is None else (said[1].decode("ascii"),),
            vouched=tuple(_vouched(portal)),
            proves_origin=configuration.template(unit, Leg.RECEIVING).origin,
        )
    )


async def schema(visit: Visit, portal: Portal) -> Outcome:
    """The schema of a module version with the files that it includes, as one document."""
    found = portal.forms.schema(visit.path["module"], visit.path["version"])
    if found is None:
        raise Missing("no such module version")
    return Octets(body=found, content_type="application/json")


async def form(visit: Visit, portal: Portal) -> Outcome:
    """The description of one message type as a form."""
    name = visit.path["file"]
    if not name.endswith(_END):
        raise Missing("no form")
    found = portal.forms.octets(visit.path["module"], visit.path["version"], name.removesuffix(_END))
    if found is None:
        raise Missing("no such message type")
    return Octets(body=found, content_type="application/json")


async def directory(_visit: Visit, portal: Portal) -> Outcome:
    """The issue of the address book that is in force, as it was signed."""
    book = portal.hub.address_book()
    if book is None:
        raise Missing("the hub makes no address book")
    return Octets(body=book.octets, content_type="application/xml")


def _vouched(portal: Portal) -> Iterator[EndorsedView]:
    for usage, certificate, said in endorsed_by_hub(portal.hub.in_force()):
        yield EndorsedView(usage=usage, certificate=base64_text(der(certificate)), endorsement=base64_text(said))


def _written(certificates: tuple[Certificate, ...]) -> tuple[str, ...]:
    return tuple(base64_text(der(each)) for each in certificates)
