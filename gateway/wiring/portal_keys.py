"""The keys and certificates of the portal: TLS of its listener and to the broker, the key of logins, and who signs for
the broker.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crypto.certificates import Certificate
from crypto.keys import Signer, Unwrapper
from gateway.settings import KeySection, PortalSection
from gateway.wiring.key_reading import KeyReading
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.outbound import trusting
from gateway.wiring.own_certificates import OwnCertificate

_LOGIN = "portal.eherkenning"
_TLS_CLIENT = f"{_LOGIN}.tls_client"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalKeys:
    """What the portal speaks TLS with, signs logins with, and opens them with, the newest key first."""

    tls: ssl.SSLContext | None
    signer: Signer
    unwrappers: tuple[Unwrapper, ...] = field(repr=False)
    broker_signers: tuple[Certificate, ...]
    to_broker: ssl.SSLContext | None = None  # what logins are resolved with, where the broker demands a certificate


def read_portal_keys(portal: PortalSection, reading: KeyReading, authorities: Path | None) -> PortalKeys | None:
    """All of them; None where something is wrong, which the reading tells. `authorities` are those that the hub trusts
    where it connects to others.
    """
    others = tuple(reading.certificates)
    tls = None
    if portal.tls_certificate is not None and portal.tls_key is not None:
        tls = reading.tls("portal", portal, portal.tls_certificate, portal.tls_key)
    others = (*others, *(each for each in reading.certificates if each.key == "portal.tls_certificate"))
    pairs = []
    for place, section in _keys(portal):
        pair = reading.pair(place, section, "login")
        reading.alone(place, "a login", pair, others)
        pairs.append(pair)
    to_broker = _to_broker(portal, reading, others, authorities)
    signers = [
        reading.certificate(f"{_LOGIN}.broker_signers[{index}]", path, "broker")
        for index, path in enumerate(_signers(portal))
    ]
    found = [each for each in pairs if each is not None]
    if reading.complaints or not found:
        return None
    return PortalKeys(
        tls=tls,
        signer=found[0].key.signer(found[0].certificate),
        unwrappers=tuple(each.key.unwrapper(each.certificate) for each in found),
        broker_signers=tuple(each[0] for each in signers if each is not None),
        to_broker=to_broker,
    )


def _to_broker(
    portal: PortalSection, reading: KeyReading, others: Sequence[OwnCertificate], authorities: Path | None
) -> ssl.SSLContext | None:
    """The key of logins may be shown there too, by which the broker knows the portal; none of the others may."""
    if portal.eherkenning is None or portal.eherkenning.tls_client is None:
        return None
    try:
        trusted = trusting(authorities)
    except NotStartable as fault:
        reading.complaints += fault.complaints
        return None
    client = reading.tls_client(_TLS_CLIENT, portal.eherkenning.tls_client, trusted)
    reading.alone(_TLS_CLIENT, "a login", client, others)
    return None if client is None else client.tls


def list_portal_certificates(portal: PortalSection, reading: KeyReading) -> None:
    """The certificates alone, without a key or a password."""
    if portal.tls_certificate is not None:
        reading.certificate("portal.tls_certificate", portal.tls_certificate, "tls")
    for place, section in _keys(portal):
        reading.certificate(f"{place}.certificate", section.certificate, "login")
    if portal.eherkenning is not None and portal.eherkenning.tls_client is not None:
        reading.certificate(f"{_TLS_CLIENT}.certificate", portal.eherkenning.tls_client.certificate, "login-tls")
    for index, path in enumerate(_signers(portal)):
        reading.certificate(f"{_LOGIN}.broker_signers[{index}]", path, "broker")


def _keys(portal: PortalSection) -> Iterator[tuple[str, KeySection]]:
    """Those of the way to log in that the portal has, the one that signs first."""
    if portal.oidc is not None:
        yield "portal.oidc", portal.oidc
    if portal.eherkenning is not None:
        yield _LOGIN, portal.eherkenning
        others = enumerate(portal.eherkenning.other_keys)
        yield from ((f"{_LOGIN}.other_keys[{index}]", each) for index, each in others)


def _signers(portal: PortalSection) -> list[Path]:
    return [] if portal.eherkenning is None else portal.eherkenning.broker_signers
