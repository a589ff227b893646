"""One pass over the files of the hub's own keys and certificates: what is wrong is noted, and reading goes on.

Each file is read once. Every fault is told by the key of the settings and the file. What kinds of key there are is the
suites' to say.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from crypto.certificates import Certificate, load_certificates, readable_key
from crypto.faults import CertificateForKey, PasswordMissing, PasswordNeedless, UnusableCredential
from crypto.key_transports import KeyTransport
from crypto.keys import PrivateKey, holds_certificate_alone, is_pkcs12, load_private_key
from crypto.signature_algorithms import SignatureAlgorithm
from crypto.suites import Suite
from gateway.edge.tls import TlsFiles, tls_context
from gateway.named_file import KEY_OCTETS, TEXT_OCTETS, FileRefused, OpenToOthers, read_named
from gateway.passwords import NoPassword, PasswordNotHere, Passwords
from gateway.settings import KeySection, ListenSection, PasswordReference, PortalSection, SigningKeySection
from gateway.wiring.own_certificates import OwnCertificate
from pmodes.term import day_begins
from pmodes.validity import Use

_OUT_OF_PKCS12: Final = "write it out with: openssl pkcs12 -in FILE -clcerts -nokeys -out CERTIFICATE, and name that"
_NAME_THE_KEY: Final = "; name the file with its private key"


def since_of(named: SigningKeySection) -> datetime | None:
    """From when a key signs in place of the one before it."""
    return None if named.since is None else day_begins(named.since)


# What OpenSSL says of certificates and keys that it refuses, in our words.
_OF_TLS: Mapping[str, str] = {
    "EE_KEY_TOO_SMALL": "the key of the certificate is too short; RSA needs 2048 bits at least",
    "CA_KEY_TOO_SMALL": "a key in the chain of the certificate is too short; RSA needs 2048 bits at least",
    "CA_MD_TOO_WEAK": "a certificate in the chain is signed over a digest that is too weak, such as SHA-1",
}


@dataclass(frozen=True, slots=True)
class KeyPair:
    key: PrivateKey
    certificate: Certificate
    kind: str
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsNames:
    """How the settings name a key and a certificate of TLS, and what that certificate is for."""

    key: str
    certificate: str
    use: Use


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsPair:
    """A certificate with its chain as PEM text, and the key that belongs to it."""

    certificate: Certificate
    chain: bytes
    key: PrivateKey
    password: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsClient:
    """What a client speaks, and the certificate that it shows."""

    tls: ssl.SSLContext
    certificate: Certificate


@dataclass(slots=True)
class KeyReading:
    """One pass over the files: what is wrong is noted, and reading goes on."""

    passwords: Passwords
    suites: Mapping[str, Suite]
    passwords_needed: bool = True
    complaints: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what could not be looked at
    certificates: list[OwnCertificate] = field(default_factory=list)
    before: Mapping[bytes, PrivateKey] = field(default_factory=dict)
    as_read: dict[bytes, PrivateKey] = field(default_factory=dict)

    def octets(self, name: str, path: Path, *, most: int = KEY_OCTETS) -> bytes | None:
        try:
            return read_named(path, most_octets=most)
        except FileRefused as fault:
            self.complaints.append(f"{name}: {path}: {fault.told}")
            return None

    def secret(self, name: str, path: Path) -> bytes | None:
        """The octets of a private key, which are for nobody else."""
        try:
            try:
                return read_named(path, most_octets=KEY_OCTETS, secret=True)
            except OpenToOthers as fault:
                # Of a certificate everybody may read, and to close it would not make it a key.
                is_certificate = holds_certificate_alone(read_named(path, most_octets=KEY_OCTETS))
                said = f"{CertificateForKey()}{_NAME_THE_KEY}" if is_certificate else fault.told
        except FileRefused as fault:
            said = fault.told
        self.complaints.append(f"{name}: {path}: {said}")
        return None

    def certificate(
        self, name: str, path: Path, use: Use, *, since: datetime | None = None
    ) -> tuple[Certificate, bytes] | None:
        octets = self.octets(name, path)
        if octets is None:
            return None
        try:
            found, *chain = load_certificates(octets)
        except UnusableCredential as fault:
            advice = _OUT_OF_PKCS12 if is_pkcs12(octets) else "name a certificate in PEM or DER form"
            self.complaints.append(f"{name}: {path}: {fault}; {advice}")
            return None
        self.certificates.append(OwnCertificate(key=name, use=use, certificate=found, since=since))
        if use == "tls":  # of the other uses nobody is shown a chain
            self.certificates += (
                OwnCertificate(key=f"{name}[{index}]", use="tls-chain", certificate=each)
                for index, each in enumerate(chain, start=1)
            )
        return found, octets

    def authorities(self, name: str, path: Path, use: Use) -> bytes | None:
        """Authorities of clients or servers, of which each is told of when it ends; OpenSSL reads them as PEM alone."""
        octets = self.octets(name, path, most=TEXT_OCTETS)
        if octets is None:
            return None
        try:
            if b"-----BEGIN" not in octets:
                raise UnusableCredential("no certificate can be read as PEM text")
            found = load_certificates(octets)
        except UnusableCredential as fault:
            whose = "clients" if use == "client" else "servers"
            self.complaints.append(f"{name}: {path}: {fault}; name a file with the authorities of {whose}")
            return None
        several = len(found) > 1
        self.certificates += (
            OwnCertificate(key=f"{name}[{index}]" if several else name, use=use, certificate=each)
            for index, each in enumerate(found)
        )
        return octets

    def private_key(
        self, name: str, octets: bytes | None, path: Path, password: bytes | None, reference: PasswordReference
    ) -> PrivateKey | None:
        if octets is None:
            return None
        read_from = (
            hashlib.sha256(octets).digest() + hashlib.sha256(password or b"").digest() + bytes([password is None])
        )
        try:
            found = self.before.get(read_from) or load_private_key(octets, password)
            self.as_read[read_from] = found
            return found
        except UnusableCredential as fault:
            self.complaints.append(f"{name}: {path}: {fault}{_advice(fault, name.rpartition('.')[0], reference)}")
            return None

    def password(self, name: str, reference: PasswordReference) -> tuple[bool, bytes | None]:
        try:
            return True, self.passwords.password(reference)
        except NoPassword as fault:
            said = f"{name.rpartition('.')[0]}.{reference.said_as}: {fault}"
            not_tried = isinstance(fault, PasswordNotHere) and not self.passwords_needed
            (self.notes if not_tried else self.complaints).append(said)
            return False, None

    def pair(self, place: str, named: KeySection, use: Use) -> KeyPair | None:
        key_name, certificate_name = f"{place}.key", f"{place}.certificate"
        since = since_of(named) if isinstance(named, SigningKeySection) else None
        octets = self.secret(key_name, named.key)
        found = self.certificate(certificate_name, named.certificate, use, since=since)
        had, password = self.password(key_name, named.password)
        private_key = self.private_key(key_name, octets, named.key, password, named.password) if had else None
        if private_key is None or found is None:
            return None
        if not self.together(key_name, private_key, named.key, found[0], named.certificate):
            return None
        kind = self.kind(certificate_name, found[0], named.certificate, use)
        return None if kind is None else KeyPair(private_key, found[0], kind, since)

    def kind(self, name: str, certificate: Certificate, file: Path, use: Use) -> str | None:
        """What kind of key it is, where a suite works with it for that use."""
        algorithms: list[SignatureAlgorithm | KeyTransport] = [
            algorithm
            for suite in self.suites.values()
            for algorithm in (suite.accepted_key_transports if use == "encryption" else (suite.signature,))
        ]
        key = readable_key(certificate)
        kind = None if key is None else next((each.key_kind for each in algorithms if each.fits(key)), None)
        if kind is None:
            wanted = " or ".join(dict.fromkeys(each.key_kind for each in algorithms))
            self.complaints.append(f"{name}: {file}: no suite works with a key of this kind; give one of: {wanted}")
        return kind

    def each_once(self, use: str, pairs: Sequence[KeyPair | None]) -> None:
        """One that is named twice is a slip: another was meant, or it was left behind."""
        first: dict[Certificate, int] = {}
        for index, each in enumerate(pairs):
            if each is not None and first.setdefault(each.certificate, index) != index:
                earlier = f"keys.{use}[{first[each.certificate]}]"
                self.complaints.append(
                    f"keys.{use}[{index}]: its certificate is that of {earlier}; leave one out, or name another"
                )

    def alone(self, place: str, what: str, pair: KeyPair | TlsClient | None, others: Sequence[OwnCertificate]) -> None:
        """Complain of a key that serves something else besides, where it has to serve `what` alone: whoever gets hold
        of another key of the hub must not speak with this one.
        """
        if pair is None:
            return
        own = readable_key(pair.certificate)
        same = next((each for each in others if readable_key(each.certificate) == own), None)
        if same is not None:
            self.complaints.append(
                f"{place}.key: is the key of {same.key} too, and the key of {what} serves nothing else;"
                " make one for it alone"
            )

    def one_of_each_kind(self, pairs: Sequence[KeyPair | None]) -> None:
        """Complain of a second key that would sign for the same participants from the same moment."""
        first: dict[tuple[str, datetime | None], int] = {}
        for index, pair in enumerate(pairs):
            if pair is None:
                continue
            earlier = first.setdefault((pair.kind, pair.since), index)
            if earlier != index:
                self.complaints.append(
                    f"keys.signing[{index}]: is of the kind {pair.kind}, as keys.signing[{earlier}] is, and the hub"
                    " signs with one of each kind; take one of them out, or say `from` when the next one signs"
                )

    def together(self, name: str, private_key: PrivateKey, key: Path, certificate: Certificate, file: Path) -> bool:
        if private_key.belongs_to(certificate):
            return True
        self.complaints.append(f"{name}: the key {key} does not belong to the certificate {file}; name two that do")
        return False

    def tls(
        self,
        place: str,
        section: ListenSection | PortalSection,
        certificate: Path,
        key: Path,
        clients: tuple[Path, bool] | None = None,
    ) -> ssl.SSLContext | None:
        """What a listener speaks; `clients` are the authorities of theirs, and whether each has to show one."""
        names = TlsNames(key=f"{place}.tls_key", certificate=f"{place}.tls_certificate", use="tls")
        found = self._tls_pair(names, key, certificate, section.tls_key_password)
        authority = None
        if clients is not None:
            authority = self.authorities("listen.client_ca", clients[0], "client")
            if authority is None:
                return None
        if found is None:
            return None
        return self._opened(
            found,
            f"{names.certificate} and tls_key",
            lambda certificate, key, open_files: tls_context(
                TlsFiles(
                    certificate=certificate,
                    key=key,
                    key_password=found.password,
                    client_authority=None if authority is None else _as_file(authority, open_files),
                    client_required=clients is not None and clients[1],
                    minimum=section.minimum_tls if isinstance(section, ListenSection) else "1.2",
                )
            ),
        )

    def tls_client(self, place: str, section: KeySection, trusting: ssl.SSLContext) -> TlsClient | None:
        """What shows that certificate to whom it connects to, and trusts whom the other context trusts."""
        names = TlsNames(key=f"{place}.key", certificate=f"{place}.certificate", use="login-tls")
        found = self._tls_pair(names, section.key, section.certificate, section.password)
        if found is None:
            return None

        def shown(certificate: str, key: str, _open_files: ExitStack) -> ssl.SSLContext:
            trusting.load_cert_chain(certificate, key, found.password)
            return trusting

        tls = self._opened(found, f"{names.certificate} and key", shown)
        return None if tls is None else TlsClient(tls=tls, certificate=found.certificate)

    def _tls_pair(self, names: TlsNames, key: Path, certificate: Path, reference: PasswordReference) -> TlsPair | None:
        """A key and its certificate as OpenSSL reads them, of whichever kind."""
        octets = self.secret(names.key, key)
        found = self.certificate(names.certificate, certificate, names.use)
        had, password = self.password(names.key, reference)
        private_key = self.private_key(names.key, octets, key, password, reference) if had else None
        if private_key is None or found is None:
            return None
        if not self.together(names.key, private_key, key, found[0], certificate):
            return None
        if b"-----BEGIN" not in found[1]:
            self.complaints.append(
                f"{names.certificate}: {certificate}: is not PEM text, which TLS needs; write it anew with openssl"
                " -outform PEM"
            )
            return None
        return TlsPair(certificate=found[0], chain=found[1], key=private_key, password=password)

    def _opened(
        self, pair: TlsPair, said_as: str, make: Callable[[str, str, ExitStack], ssl.SSLContext]
    ) -> ssl.SSLContext | None:
        """What is made of the pair, by names of files that are there as long as it is made."""
        try:
            with ExitStack() as open_files:
                return make(
                    _as_file(pair.chain, open_files), _as_file(pair.key.pem(pair.password), open_files), open_files
                )
        except (OSError, ssl.SSLError, ValueError) as fault:
            said = _OF_TLS.get(getattr(fault, "reason", None) or "") or getattr(fault, "strerror", None) or fault
            self.complaints.append(f"{said_as} cannot be used: {said}")
            return None


def _advice(fault: UnusableCredential, section: str, reference: PasswordReference) -> str:
    """Which setting of a password to write, or to take out."""
    match fault:
        case PasswordMissing():
            first, *others = reference.keys
            return f"; say where it is with {section}.{first} (or {' or '.join(others)})"
        case PasswordNeedless():
            return f"; take out {section}.{reference.said_as}, or encrypt the key"
        case CertificateForKey():
            return _NAME_THE_KEY
        case _:
            return "; name a private key in PEM or PKCS #12 form"


def _as_file(octets: bytes, open_files: ExitStack) -> str:
    """A name under which OpenSSL, which takes names alone, finds these octets as long as it reads."""
    descriptor = os.memfd_create("octets", os.MFD_CLOEXEC)
    open_files.callback(os.close, descriptor)
    os.write(descriptor, octets)
    return f"/proc/self/fd/{descriptor}"
