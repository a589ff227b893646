"""The keys and certificates of the portal: TLS of its listener, the key of logins, and who signs for the broker."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crypto.certificates import Certificate
from crypto.keys import Signer, Unwrapper
from gateway.settings import KeySection, PortalSection
from gateway.wiring.key_reading import KeyReading

_LOGIN = "portal.eherkenning"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalKeys:
    """What the portal speaks TLS with, signs logins with, and opens them with, the newest key first."""

    tls: ssl.SSLContext | None
    signer: Signer
    unwrappers: tuple[Unwrapper, ...] = field(repr=False)
    broker_signers: tuple[Certificate, ...]


def read_portal_keys(portal: PortalSection, reading: KeyReading) -> PortalKeys | None:
    """All of them; None where something is wrong, which the reading tells."""
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
    )


def list_portal_certificates(portal: PortalSection, reading: KeyReading) -> None:
    """The certificates alone, without a key or a password."""
    if portal.tls_certificate is not None:
        reading.certificate("portal.tls_certificate", portal.tls_certificate, "tls")
    for place, section in _keys(portal):
        reading.certificate(f"{place}.certificate", section.certificate, "login")
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
