"""For which of its own certificates the hub vouches with the keys with which it signs now, so that whoever knows the
key of today takes the certificate of tomorrow unasked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from crypto.certificates import Certificate, CertificateUsage
from crypto.endorsements import endorse
from gateway.msh.in_force import InForce

Endorsed: TypeAlias = tuple[CertificateUsage, Certificate, bytes]


def endorsed_by_hub(now_in_force: InForce) -> Iterator[Endorsed]:
    """The certificates of the hub, by each key that signs but the one that is a certificate's own."""
    hub = now_in_force.configuration.hub
    listed: tuple[tuple[CertificateUsage, tuple[Certificate, ...]], ...] = (
        ("signing", hub.signing_certificates),
        ("encryption", hub.encryption_certificates),
    )
    for usage, certificates in listed:
        for certificate in certificates:
            for key in now_in_force.keys.signing:
                if key.certificate != certificate:
                    yield usage, certificate, endorse(certificate, party=hub.party_id, usage=usage, key=key)
