"""Check 5 and 6 of a login: the signatures, and what they leave to be read.

The Response may carry a signature of its own; inside a signed ArtifactResponse it need not, and one that is there has
to hold.

SECURITY: what is handed on are the signed octets, parsed anew; no element of the document that came is read after this.
Outer signatures are verified before inner ones, because each is taken out of the document to be verified.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crypto.certificates import Certificate, check_validity
from crypto.elements import Element, document_root, ids_of, local_name
from crypto.faults import SecurityFault
from crypto.names import SIGNATURE
from crypto.signed_element import verify_element
from gateway.identity.login import LoginRefused
from gateway.identity.saml import names
from gateway.identity.saml.parties import Broker
from gateway.identity.saml.walking import one, parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """The elements at their fixed places in the document that came; `assertion` is None where the Response says no."""

    artifact_response: Element
    response: Element
    assertion: Element | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAnswer:
    """What the broker signed, each parsed from its signed octets: the Response, and the Assertion as a document of its
    own; None where the Response says no.
    """

    response: Element
    said: Element | None

    @property
    def assertion(self) -> Element:
        """The Assertion; the status was asked before."""
        if self.said is None:
            raise LoginRefused("shape", "Response holds 0 Assertion")
        return self.said

    @property
    def assertion_id(self) -> str:
        """The id of the Assertion, which is what was signed by."""
        return self.assertion.get("ID", "")


def verified(walked: Walked, broker: Broker, now: datetime) -> SignedAnswer:
    """What the broker's keys of today signed; LoginRefused (`signature`)."""
    try:
        ids = ids_of(document_root(walked.artifact_response))
        outer = _octets(walked.artifact_response, ids, broker, now)
        if next(walked.response.iterchildren(SIGNATURE), None) is not None:
            _octets(walked.response, ids, broker, now)
        inner = None if walked.assertion is None else _octets(walked.assertion, ids, broker, now)
    except SecurityFault as fault:
        raise LoginRefused("signature", fault.detail) from None
    return SignedAnswer(
        response=one(parsed(outer), names.RESPONSE),
        said=None if inner is None else parsed(inner),
    )


def _octets(element: Element, ids: Mapping[str, Element], broker: Broker, now: datetime) -> bytes:
    def keys_named(name: str | None) -> Sequence[Certificate]:
        return () if name is None else broker.certificates.get(name, ())

    try:
        octets, certificate = verify_element(element, id_attribute="ID", ids=ids, keys_named=keys_named)
        check_validity(certificate, now)
    except SecurityFault as fault:
        raise type(fault)(f"{local_name(element)}: {fault.detail}") from None
    return octets
