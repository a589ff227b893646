"""What the broker answers to an artifact: the checks, in their order, and the login that is left when all held.

The checks, by the numbers that they have in `read`:

     1  document       size, encoding, one parser; no DTD, comment, processing instruction
     2  source         the artifact is the broker's: `artifact.py`; the peer is: whoever sent
     3  response       the answer to our question, by the broker, with success
     4  shape          one Response and in it one Assertion, each at its fixed place
     5  signature      of ArtifactResponse and of Assertion, each over itself, by a key of the broker's metadata
     6                 from here on, what was signed is read and nothing else
     7  parties        Issuer, Destination, Recipient, Audience
     8  request        the open login of this browser, ten minutes old at most
     9  time           with a minute of skew; the person was asked anew
    10  replay         the caller's: `Proven.assertion_id` until `Proven.remember_until`
    11  level
    12  service        by id and UUID the one that was asked for; the kind of login follows from it
    13  identity       opened with our key: the organisation, the person, a branch, an intermediary
    14                 the verdict

SECURITY: all of this comes through a browser's hands and over the network. Each step takes what the one before it
proved. Nothing is decrypted before the signature held, and nothing in saml:Advice is read at all.
"""

from __future__ import annotations

from datetime import datetime

from gateway.identity.login import Login, Proven
from gateway.identity.saml import checks
from gateway.identity.saml.identifying import identified
from gateway.identity.saml.parties import AskedLogin, Broker, RelyingParty
from gateway.identity.saml.verifying import verified
from gateway.identity.saml.walking import parsed


def read(
    octets: bytes, *, us: RelyingParty, broker: Broker, asked: AskedLogin, resolve_id: str, now: datetime
) -> Proven:
    """The login in the broker's answer; LoginRefused, with the first check that did not hold."""
    document = parsed(octets)  # 1
    outer = checks.artifact_response(document, resolve_id, broker)  # 3
    walked = checks.walk(outer)  # 4
    signed = verified(walked, broker, now)  # 5, 6
    checks.succeeded(signed.response)
    checks.parties(signed, us, broker)  # 7
    checks.request(signed, asked, now)  # 8
    times = checks.times(signed, asked, now)  # 9
    level = checks.level(signed.assertion, us.required)  # 11
    attributes = checks.attributes(signed.assertion)
    service = checks.service(attributes, us.services[asked.kind])  # 12
    identity = identified(attributes, us)  # 13
    return Proven(  # 14
        login=Login(
            kind=service.kind,
            issuer=broker.entity_id,
            organisation=identity.organisation,
            branch=identity.branch,
            intermediary=identity.intermediary,
            pseudonym=identity.pseudonym,
            level=level,
            at=times.authenticated_at,
        ),
        assertion_id=signed.assertion_id,
        remember_until=times.remember_until,
    )
