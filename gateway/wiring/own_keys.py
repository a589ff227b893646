"""The hub's own keys and certificates, each file read once: what is checked here is what the hub then works with.

Every fault is told by the key of the settings and the file, all of them together. A key that others can read, a key
that is not that of its certificate, a second key of a kind that signs, and a certificate that has ended or not begun
keep a hub from starting: with any of them it could sign or open nothing that a participant would take. What kinds there
are is the suites' to say.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from crypto.keys import PrivateKey, Signer
from crypto.suites import SUITES, Suite
from gateway.msh.in_force import OwnKeys
from gateway.passwords import Passwords
from gateway.settings import KeySection, Settings
from gateway.wiring.key_reading import KeyReading, since_of
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.own_certificates import OwnCertificate
from gateway.wiring.portal_keys import PortalKeys, list_portal_certificates, read_portal_keys

_Section = TypeVar("_Section", bound=KeySection)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFiles:
    """What the hub signs, opens and speaks TLS with, and the key of its address book where it has one; `as_read` has
    each private key under what it was read from.
    """

    keys: OwnKeys
    directory: Signer | None
    tls: ssl.SSLContext | None
    portal: PortalKeys | None
    certificates: tuple[OwnCertificate, ...]
    as_read: Mapping[bytes, PrivateKey] = field(repr=False)


def read_own_keys(
    settings: Settings,
    passwords: Passwords,
    suites: Mapping[str, Suite] = SUITES,
    *,
    before: Mapping[bytes, PrivateKey] = MappingProxyType({}),
) -> OwnFiles:
    """Everything that the settings name; NotStartable with every complaint.

    Of `before` the private keys are taken whose octets and password are the same: to check one takes many
    milliseconds, in which nothing else of the process runs.
    """
    reading = KeyReading(passwords, suites, before=before)
    found = _read(settings, reading)
    if reading.complaints or found is None:
        raise NotStartable(tuple(reading.complaints))
    return found


def check_own_keys(settings: Settings) -> tuple[tuple[OwnCertificate, ...], tuple[str, ...], tuple[str, ...]]:
    """The certificates that can be read, every complaint, and what was not looked at for want of a password."""
    reading = KeyReading(Passwords(), SUITES, passwords_needed=False)
    _read(settings, reading)
    return tuple(reading.certificates), tuple(reading.complaints), tuple(reading.notes)


def _read(settings: Settings, reading: KeyReading) -> OwnFiles | None:
    listen = settings.listen
    signing = [reading.pair(place, each, "signing") for place, each in _placed("signing", settings.keys.signing)]
    reading.one_of_each_kind(signing)
    decryption = [
        reading.pair(place, each, "encryption") for place, each in _placed("decryption", settings.keys.decryption)
    ]
    reading.each_once("decryption", decryption)
    tls = None
    if listen.tls_certificate is not None and listen.tls_key is not None:
        clients = None
        if listen.client_ca is not None and listen.client_certificate != "none":
            clients = listen.client_ca, listen.client_certificate == "required"
        tls = reading.tls("listen", listen, listen.tls_certificate, listen.tls_key, clients)
    directory = None
    if settings.directory is not None:
        others = tuple(reading.certificates)
        directory = reading.pair("directory", settings.directory, "directory")
        reading.alone("directory", "the address book", directory, others)
    portal = None if settings.portal is None else read_portal_keys(settings.portal, reading, settings.outbound.ca)
    _authorities_of_servers(settings, reading)
    if reading.complaints:
        return None
    return OwnFiles(
        portal=portal,
        directory=None if directory is None else directory.key.signer(directory.certificate),
        keys=OwnKeys(
            signing=tuple(each.key.signer(each.certificate) for each in signing if each),
            since=MappingProxyType({each.certificate: each.since for each in signing if each and each.since}),
            decryption=tuple(each.key.unwrapper(each.certificate) for each in decryption if each),
        ),
        tls=tls,
        certificates=tuple(reading.certificates),
        as_read=reading.as_read,
    )


def own_certificates(settings: Settings) -> tuple[tuple[OwnCertificate, ...], tuple[str, ...]]:
    """The certificates alone, without a key or a password, and what could not be read of them."""
    reading = KeyReading(Passwords({}), SUITES)
    for place, signing in _placed("signing", settings.keys.signing):
        reading.certificate(f"{place}.certificate", signing.certificate, "signing", since=since_of(signing))
    for place, each in _placed("decryption", settings.keys.decryption):
        reading.certificate(f"{place}.certificate", each.certificate, "encryption")
    if settings.directory is not None:
        reading.certificate("directory.certificate", settings.directory.certificate, "directory")
    if settings.portal is not None:
        list_portal_certificates(settings.portal, reading)
    if settings.listen.tls_certificate is not None:
        reading.certificate("listen.tls_certificate", settings.listen.tls_certificate, "tls")
        if settings.listen.client_ca is not None and settings.listen.client_certificate != "none":
            reading.authorities("listen.client_ca", settings.listen.client_ca, "client")
    _authorities_of_servers(settings, reading)
    return tuple(reading.certificates), tuple(reading.complaints)


def _authorities_of_servers(settings: Settings, reading: KeyReading) -> None:
    """Whom the hub trusts where it connects to others: a server that they vouch for is not reached once they ended."""
    mail = None if settings.mail is None else settings.mail.ca
    for key, path in (("outbound.ca", settings.outbound.ca), ("mail.ca", mail)):
        if path is not None:
            reading.authorities(key, path, "server")


def _placed(use: str, keys: Sequence[_Section]) -> Iterator[tuple[str, _Section]]:
    return ((f"keys.{use}[{index}]", each) for index, each in enumerate(keys))
