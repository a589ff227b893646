"""Reads and writes the folder of a participant: `participant.yaml` with the PEM files that it names.

    party: "00000099000000001000"      # own party id: an OIN, or OIN:establishment number; a list, if there are more
    hub:
      party: "00000099000000009000"
      url: https://hub.example/as4
      signing: [hub-signing.pem]       # today's certificate, and tomorrow's around a rollover
      encryption: hub-encryption.pem
      ca: ca.pem                       # optional: who vouches for the hub's TLS certificate, else the system's list
    signing: {key: signing.key, certificate: signing.pem}
    decryption:                        # the newest first; an old key stays until nothing waits under it
      - {key: encryption.key, certificate: encryption.pem}
    suite: as4-1.15-rsa                # optional, as agreed with the hub
    key_reference: token               # optional: token, ski, issuer-serial or thumbprint
    tls: {key: tls.key, certificate: tls.pem}      # optional: where the hub asks for a client certificate
    mpc: urn:knooppunt:mpc:00000099000000001000    # optional: derived from base and party
    base: urn:knooppunt                # optional: what the hub's names begin with
    agreement: urn:example:agreement   # optional: the AgreementRef that the hub expects
    roles: [shv-fase-2]                # optional: which documents have to go along is checked by them before sending
    senders:                           # optional address book: who may sign for whom, by the name of the sender
      "00000099000000002000": [other-signing.pem]
    origin: reported                   # optional: required refuses messages without a proof of origin that verifies
    receipts: non-repudiation          # optional: awareness also takes signed receipts that repeat no digests

File names are relative to the folder; certificates are PEM or DER, `hub.ca` too, which may be a list. Every file is a
plain one of a mebibyte at most. An IPv6 address in `hub.url` stands in brackets. Beside a key may stand
`password_file`, the first line of which opens it. Unknown keys are refused, and every complaint says what to do; all of
them come at once, before anything is sent.
"""

from __future__ import annotations

import ssl
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Final, TypeVar

import yaml
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509 import Certificate

from crypto.certificates import load_certificates, readable_key
from crypto.faults import PasswordMissing, PasswordNeedless, UnusableCredential
from crypto.key_references import KeyReference
from crypto.key_transports import KeyTransport
from crypto.keys import DecryptionKey, SigningKey, load_private_key
from crypto.signature_algorithms import SignatureAlgorithm
from crypto.suites import SUITES, Suite
from gateway.addresses import read_url
from gateway.client.participant import Participant, TlsIdentity
from gateway.ebms.model import AgreementRef
from gateway.ebms.party_ids import default_type, mailbox_mpc, party_id
from gateway.ebms.values import is_uri
from gateway.first_line import first_line
from gateway.named_file import TEXT_OCTETS, FileRefused, read_named
from gateway.written.yaml_text import read_yaml
from xsd.catalogue import BASE, ROLES

FILE_NAME = "participant.yaml"
DEFAULT_SUITE = "as4-1.15-rsa"
_TOP_KEYS = {
    "party", "hub", "signing", "decryption", "suite", "key_reference", "tls", "mpc", "base", "senders", "origin",
    "receipts", "agreement", "roles",
}  # fmt: skip
_HUB_KEYS = {"party", "url", "signing", "encryption", "ca"}
_KEY_KEYS = {"key", "certificate", "password_file"}

_PASSWORD_ADVICE: Final[Mapping[type[UnusableCredential], str]] = {
    PasswordMissing: "say where it is with {}.password_file",
    PasswordNeedless: "take out {}.password_file, or encrypt the key",
}
_OTHERS: Final = stat.S_IWGRP | stat.S_IRWXO

T = TypeVar("T")


class ParticipantFault(Exception):
    """The folder of a participant cannot be used; `complaints` is every reason, each with what to do about it."""

    def __init__(self, path: Path, complaints: Iterable[str]) -> None:
        self.path = path
        self.complaints = tuple(complaints)
        super().__init__("\n".join(f"{path}: {complaint}" for complaint in self.complaints))


@dataclass(slots=True)
class _Reading:
    """One pass over a file: what is wrong is noted, and reading goes on."""

    folder: Path
    complaints: list[str] = field(default_factory=list)
    concerns: list[str] = field(default_factory=list)

    def mapping(self, value: object, where: str, keys: set[str] | None) -> Mapping[str, object]:
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            self.complaints.append(f"{where} must be a mapping of names to values")
            return {}
        for unknown in sorted(value.keys() - keys) if keys is not None else ():
            self.complaints.append(f"{where}: unknown key {unknown!r}; known are {', '.join(sorted(keys or ()))}")
        return value

    def text(self, value: object, where: str, otherwise: str | None = None) -> str:
        if value is None and otherwise is not None:
            return otherwise
        if not isinstance(value, str) or not value:
            quotes = "; put quotes around a number" if isinstance(value, int) else ""
            self.complaints.append(f"{where} is missing or not a text{quotes}")
            return ""
        return value

    def uri(self, value: object, where: str, otherwise: str) -> str:
        text = self.text(value, where, otherwise)
        if text and not is_uri(text):
            self.complaints.append(f"{where} must be a URI without blanks, such as {otherwise}")
        return text

    def party(self, value: object, where: str) -> str:
        text = self.text(value, where)
        if text and default_type(text) is None:
            self.complaints.append(f"{where} must be an OIN of 20 digits, or an OIN, a colon and 12 digits")
        return text

    def roles(self, value: object) -> tuple[str, ...]:
        known = [each for each in value if each in ROLES] if isinstance(value, list) else []
        if not isinstance(value, list) or len(known) < len(value):
            self.complaints.append(f"roles must be a list of: {', '.join(ROLES)}")
        return tuple(known)

    def octets(self, value: object, where: str) -> bytes | None:
        name = self.text(value, where)
        if not name:
            return None
        try:
            return read_named(self.folder / name, most_octets=TEXT_OCTETS)
        except FileRefused as fault:
            self.complaints.append(f"{where}: {name} cannot be used, {fault}; put the file there")
            return None

    def secret(self, value: object, where: str) -> bytes | None:
        """What nobody else may read. That others can is said, and no more: the folder is the participant's own."""
        octets = self.octets(value, where)
        path = self.folder / str(value)
        if octets is not None and path.stat().st_mode & _OTHERS:
            self.concerns.append(f"{where}: others can read or change it; run: chmod 600 {path}")
        return octets

    def made(self, make: Callable[[], T], where: str, advice: str) -> T | None:
        try:
            return make()
        except (ValueError, TypeError) as fault:
            self.complaints.append(f"{where}: {fault}; {advice}")
            return None

    def certificates(self, value: object, where: str) -> tuple[Certificate, ...]:
        found: list[Certificate] = []
        if value == []:
            self.complaints.append(f"{where} names no certificate; name at least one file")
        for name in value if isinstance(value, list) else [value]:
            octets = self.octets(name, where)
            if octets is not None:
                advice = "give a certificate in PEM or DER form"
                found += self.made(partial(load_certificates, octets), where, advice) or ()
        return tuple(found)

    def certificate(self, value: object, where: str) -> Certificate | None:
        found = self.certificates(value, where)
        return found[0] if found else None

    def pair(self, value: object, where: str, make: Callable[..., T]) -> T | None:
        entry = self.mapping(value, where, _KEY_KEYS)
        octets = self.secret(entry.get("key"), f"{where}.key")
        certificate = self.certificate(entry.get("certificate"), f"{where}.certificate")
        if octets is None or certificate is None:
            return None
        found = self.private_key(octets, entry, where)
        if found is None:
            return None
        return self.made(
            lambda: make(private_key=found[0], certificate=certificate), where, "name two files that belong together"
        )

    def private_key(
        self, octets: bytes, entry: Mapping[str, object], where: str
    ) -> tuple[PrivateKeyTypes, str | None] | None:
        """The key of a file, and the password that the entry names and that opened it; not tried where that cannot be
        had.
        """
        password = self.password(entry, where)
        if password is None and "password_file" in entry:
            return None
        try:
            return load_private_key(octets, None if password is None else password.encode()), password
        except UnusableCredential as fault:
            otherwise = "give a private key in PEM form, with the password that opens it"
            advice = _PASSWORD_ADVICE.get(type(fault), otherwise)
            self.complaints.append(f"{where}.key: {fault}; {advice.format(where)}")
            return None

    def kind(
        self,
        certificates: Iterable[Certificate],
        where: str,
        suite: Suite,
        algorithms: Sequence[SignatureAlgorithm | KeyTransport],
    ) -> None:
        """Complain of a key that none of these algorithms of the suite works with."""
        for certificate in certificates:
            key = readable_key(certificate)
            if key is None or not any(each.fits(key) for each in algorithms):
                wanted = " or ".join(dict.fromkeys(each.key_kind for each in algorithms))
                self.complaints.append(
                    f"{where}: the key is of a kind that suite {suite.name} does not work with; give a key and"
                    f" certificate of the kind {wanted}"
                )

    def password(self, entry: Mapping[str, object], where: str) -> str | None:
        if "password_file" not in entry:
            return None
        octets = self.secret(entry["password_file"], f"{where}.password_file")
        if octets is None:
            return None
        said = "the password is the first line of the file, in UTF-8"
        try:
            password = first_line(octets).decode("utf-8")
        except UnicodeDecodeError:  # whose own words repeat an octet of the password
            self.complaints.append(f"{where}.password_file: what is there is not UTF-8; {said}")
            return None
        if not password:
            self.complaints.append(f"{where}.password_file: the password is empty; {said}")
            return None
        return password


def load_participant(folder: Path) -> Participant:
    """Read the folder, or the file in it; raises `ParticipantFault` with everything that is wrong."""
    path = folder if folder.is_file() else folder / FILE_NAME
    try:
        written = read_yaml(read_named(path, most_octets=TEXT_OCTETS).decode("utf-8-sig"))
    except FileRefused as fault:
        raise ParticipantFault(path, [f"cannot be read: {fault}; `knooppunt pki new` makes one"]) from None
    except UnicodeDecodeError as fault:
        raise ParticipantFault(path, [f"is not YAML in UTF-8: {fault}; write it in UTF-8"]) from None
    if written.faults:
        raise ParticipantFault(
            path, [f"cannot be read as YAML: line {each.line}: {each.sentence}" for each in written.faults]
        )
    reading = _Reading(path.parent)
    participant = _read(reading, reading.mapping(written.value, "the file", _TOP_KEYS))
    if participant is None or reading.complaints:
        raise ParticipantFault(path, reading.complaints)
    return participant


def _read(reading: _Reading, top: Mapping[str, object]) -> Participant | None:
    hub = reading.mapping(top.get("hub"), "hub", _HUB_KEYS)
    named = top.get("party")
    parties = [reading.party(each, "party") for each in (named if isinstance(named, list) and named else [named])]
    hub_party = reading.party(hub.get("party"), "hub.party")
    base = reading.uri(top.get("base"), "base", BASE)
    signing_key = reading.pair(top.get("signing"), "signing", SigningKey)
    hub_encryption = reading.certificate(hub.get("encryption"), "hub.encryption")
    hub_signing = reading.certificates(hub.get("signing"), "hub.signing")
    suite = SUITES.get(suite_name := reading.text(top.get("suite"), "suite", DEFAULT_SUITE))
    if suite is None:
        reading.complaints.append(f"suite {suite_name!r} is not known; choose from {', '.join(sorted(SUITES))}")
    reference = reading.text(top.get("key_reference"), "key_reference", "token")
    if reference not in list(KeyReference):
        reading.complaints.append(f"key_reference must be one of {', '.join(KeyReference)}")
    origin = reading.text(top.get("origin"), "origin", "reported")
    if origin not in ("reported", "required"):
        reading.complaints.append("origin must be reported or required")
    agreement = reading.text(top.get("agreement"), "agreement", "")
    receipts = reading.text(top.get("receipts"), "receipts", "non-repudiation")
    if receipts not in ("non-repudiation", "awareness"):
        reading.complaints.append("receipts must be non-repudiation or awareness")
    roles = reading.roles(top.get("roles", []))
    decryption_keys = _decryption_keys(reading, top.get("decryption"))
    senders = reading.mapping(top.get("senders", {}), "senders", None)
    book = {
        reading.party(sender, "senders"): reading.certificates(names, f"senders.{sender}")
        for sender, names in senders.items()
    }
    if suite is not None:
        signs, opens = suite.accepted_signatures, suite.accepted_key_transports
        reading.kind([signing_key.certificate] if signing_key else [], "signing", suite, [suite.signature])
        for at, each in enumerate(decryption_keys):
            reading.kind([each.certificate], f"decryption[{at}]", suite, opens)
        reading.kind(hub_signing, "hub.signing", suite, signs)
        reading.kind([hub_encryption] if hub_encryption else [], "hub.encryption", suite, [suite.key_transport])
        for sender, certificates in book.items():
            reading.kind(certificates, f"senders.{sender}", suite, signs)
    url = _url(reading, hub.get("url"))
    ca = reading.certificates(hub["ca"], "hub.ca") if "ca" in hub else ()
    tls = _tls(reading, top["tls"]) if "tls" in top else None
    mpc = reading.uri(top.get("mpc"), "mpc", mailbox_mpc(base, parties[0]))
    if signing_key is None or hub_encryption is None or suite is None or reading.complaints:
        return None
    return Participant(
        party_ids=tuple(party_id(each) for each in parties),
        signing_key=signing_key,
        decryption_keys=decryption_keys,
        suite=suite,
        key_reference=KeyReference(reference),
        hub_party=party_id(hub_party),
        url=url,
        hub_signing=hub_signing,
        hub_encryption=hub_encryption,
        mpc=mpc,
        base=base,
        agreement_ref=AgreementRef(value=agreement) if agreement else None,
        roles=roles,
        ca=ca,
        tls=tls,
        senders=book,
        origin_required=origin == "required",
        awareness_receipts=receipts == "awareness",
        concerns=tuple(reading.concerns),
    )


def _decryption_keys(reading: _Reading, value: object) -> tuple[DecryptionKey, ...]:
    if not isinstance(value, list) or not value:
        reading.complaints.append("decryption must be a list of key and certificate, the newest first")
        return ()
    found = (reading.pair(entry, f"decryption[{at}]", DecryptionKey) for at, entry in enumerate(value))
    return tuple(key for key in found if key is not None)


def _url(reading: _Reading, value: object) -> str:
    """The address of the hub, every part of it looked at now and not at the first message."""
    url = reading.text(value, "hub.url")
    if not url:
        return url
    try:
        endpoint = read_url(url)
    except ValueError as fault:
        reading.complaints.append(f"hub.url {fault}; write it as https://hub.example/as4")
        return url
    if endpoint.scheme == "http" and not _is_loopback(endpoint.host):
        reading.complaints.append("hub.url must begin with https; http is for a hub on this machine alone")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tls(reading: _Reading, value: object) -> TlsIdentity | None:
    """The files are named to the TLS library, which reads them again; that they fit is seen here."""
    entry = reading.mapping(value, "tls", _KEY_KEYS)
    key = reading.secret(entry.get("key"), "tls.key")
    certificate = reading.certificate(entry.get("certificate"), "tls.certificate")
    found = None if key is None or certificate is None else reading.private_key(key, entry, "tls")
    if found is None:
        return None

    def made() -> TlsIdentity:
        identity = TlsIdentity(
            certificate_file=reading.folder / str(entry["certificate"]),
            key_file=reading.folder / str(entry["key"]),
            password=found[1],
        )
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(
                identity.certificate_file, identity.key_file, identity.password or ""
            )
        except OSError as fault:
            raise ValueError(fault.args[-1]) from None
        return identity

    return reading.made(made, "tls", "key and certificate must be PEM files that belong together")


def write_participant(
    folder: Path,
    *,
    party: str,
    hub_party: str,
    url: str,
    files: Mapping[str, bytes],
    ca: bool = False,
    tls: bool = False,
    suite: str = DEFAULT_SUITE,
    base: str = BASE,
    senders: Mapping[str, bytes] | None = None,
    roles: Sequence[str] = (),
) -> Path:
    """Write a folder that `load_participant` reads; returns the file.

    `files` holds PEM by name: signing.key, signing.pem, encryption.key, encryption.pem, hub-signing.pem,
    hub-encryption.pem; ca.pem when `ca`; tls.key and tls.pem when `tls`. `senders` holds PEM by party id. Keys get
    mode 0600.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hub: dict[str, object] = {
        "party": hub_party,
        "url": url,
        "signing": ["hub-signing.pem"],
        "encryption": "hub-encryption.pem",
        **({"ca": "ca.pem"} if ca else {}),
    }
    content: dict[str, object] = {
        "party": party,
        "hub": hub,
        "signing": {"key": "signing.key", "certificate": "signing.pem"},
        "decryption": [{"key": "encryption.key", "certificate": "encryption.pem"}],
        "suite": suite,
        "base": base,
        **({"roles": list(roles)} if roles else {}),
        **({"tls": {"key": "tls.key", "certificate": "tls.pem"}} if tls else {}),
    }
    written = dict(files)
    if senders:
        names = {sender: f"sender-{sender.replace(':', '-')}.pem" for sender in senders}
        written |= {names[sender]: pem for sender, pem in senders.items()}
        content["senders"] = {sender: [name] for sender, name in names.items()}
    for name, octets in written.items():
        path = folder / name
        path.touch(mode=0o600 if name.endswith(".key") else 0o644)
        path.write_bytes(octets)
    path = folder / FILE_NAME
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), "utf-8")
    return path
