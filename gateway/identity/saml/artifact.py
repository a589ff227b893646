"""What a browser brings back, and what we ask the broker for it: the artifact and the ArtifactResolve.

Clauses: SAML 2.0 Bindings 3.2, 3.6.4 (artifacts of type 4); Core 3.5.1. Whoever sends it does so to the URL that stands
here and to no other; the browser's cookie and RelayState are judged before that.

SECURITY: the artifact says which broker it comes from, and one that names another is refused before anything is sent.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crypto.elements import base64_text
from crypto.markup import attribute, text
from crypto.signed_element import sign_element
from gateway.identity.login import LoginRefused
from gateway.identity.saml import names
from gateway.identity.saml.moments import moment
from gateway.identity.saml.parties import Broker, RelyingParty

SOAP_ACTION: Final = '"http://www.oasis-open.org/committees/security"'
_TYPE_4: Final = b"\x00\x04"
_OCTETS: Final = 44  # type, index, SourceID, message handle


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """An artifact as it came, with the index of who resolves it, and the RelayState beside it."""

    value: str
    index: int
    relay_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveRequest:
    """What is posted where; the answer has to name `request_id`."""

    url: str
    octets: bytes
    request_id: str


def artifact_of(query: Iterable[tuple[str, str]], broker: Broker) -> Artifact:
    """The artifact in the query of the return URL; LoginRefused (`source`) unless it is one of that broker's."""
    pairs = list(query)
    artifacts = [value for name, value in pairs if name == "SAMLart"]
    states = [value for name, value in pairs if name == "RelayState"]
    if len(artifacts) != 1 or len(states) != 1:
        raise LoginRefused("source", f"the browser brings {len(artifacts)} artifacts and {len(states)} relay states")
    try:
        octets = binascii.a2b_base64(artifacts[0], strict_mode=True)
    except ValueError:  # also for characters that are no ASCII
        octets = b""
    if len(octets) != _OCTETS or not octets.startswith(_TYPE_4) or base64_text(octets) != artifacts[0]:
        raise LoginRefused("source", "the artifact is none of type 4")
    source = hashlib.sha1(broker.entity_id.encode("utf-8"), usedforsecurity=False).digest()
    if not hmac.compare_digest(octets[4:24], source):
        raise LoginRefused("source", "the artifact comes from another than the configured broker")
    index = int.from_bytes(octets[2:4])
    if index not in broker.resolution_urls:
        raise LoginRefused("source", "the artifact names an endpoint that is not in the broker's metadata")
    return Artifact(value=artifacts[0], index=index, relay_state=states[0])


def resolve_request(
    us: RelyingParty, broker: Broker, artifact: Artifact, *, request_id: str, at: datetime
) -> ResolveRequest:
    """The question to the broker: what does this artifact stand for? `request_id` was never used before."""
    url = broker.resolution_urls[artifact.index]
    before = (
        f'<samlp:ArtifactResolve xmlns:samlp="{names.SAMLP}" Destination="{attribute(url)}"'
        f' ID="{attribute(request_id)}" IssueInstant="{moment(at)}" Version="{names.VERSION}">'
        f'<saml:Issuer xmlns:saml="{names.SAML}">{text(us.entity_id)}</saml:Issuer>'
    )
    after = f"<samlp:Artifact>{text(artifact.value)}</samlp:Artifact></samlp:ArtifactResolve>"
    signed = sign_element(before, after, id_value=request_id, key=us.signer, key_name=us.key_name)
    octets = b"".join(
        (
            f'<soap:Envelope xmlns:soap="{names.SOAP}"><soap:Body>'.encode("ascii"),
            signed,
            b"</soap:Body></soap:Envelope>",
        )
    )
    return ResolveRequest(url=url, octets=octets, request_id=request_id)
