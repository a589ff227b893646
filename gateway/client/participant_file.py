"""Reads and writes the folder of a participant: `participant.yaml` with the files of keys that it names.

    party: "00000099000000001000"      # own party id: an OIN, or OIN:establishment number; or a list of one of each
    hub:
      party: "00000099000000009000"
      url: https://hub.example/as4
      signing: [hub-signing.pem]       # today's certificate, and tomorrow's around a rollover
      encryption: hub-encryption.pem
      ca: ca.pem                       # optional: who vouches for the hub's TLS certificate, else the system's list
      directory: hub-directory.pem     # optional: what the hub signs its address book with; around a change two
    signing: {key: signing.key, certificate: signing.pem}
    decryption:                        # the newest first; an old key stays until nothing waits under it
      - {key: encryption.key, certificate: encryption.pem}
    suite: as4-1.15-rsa                # optional, as agreed with the hub
    key_reference: token               # optional: token, ski, issuer-serial or thumbprint
    tls: {key: tls.key, certificate: tls.pem}      # optional: where the hub asks for a client certificate
    mpc: urn:knooppunt:mpc:00000099000000001000    # optional: derived from base and party
    base: urn:knooppunt                # optional: what the hub's names begin with
    agreement: urn:example:agreement   # optional: the AgreementRef that the hub expects, or its {value: …, type: …}
    roles: [shv-fase-2]                # optional: which documents have to go along is checked by them before sending
    senders:                           # optional: who may sign for whom, by the name of the sender; before the book
      "00000099000000002000": [other-signing.pem]
    trust:                             # optional: roots that vouch for changed certificates in the address book
      roots: [root.pem]
      intermediates: [authority.pem]   # optional: candidates for the way to a root
    origin: reported                   # optional: required refuses messages without a proof of origin that verifies
    receipts: non-repudiation          # optional: awareness also takes signed receipts that repeat no digests

File names are relative to the folder; certificates are PEM or DER, `hub.ca` too, which may be a list, and keys PEM or
PKCS #12, that of `tls` PEM alone. Every file is a plain one of a mebibyte at most. An IPv6 address in `hub.url` stands
in brackets. Beside a key may stand `password_file`, the first line of which opens it. Unknown keys are refused, and
every complaint says what to do; all of them come at once, before anything is sent.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml
from cryptography.x509 import Certificate

from crypto.certificates import may_encrypt, may_sign, readable_key
from crypto.key_references import KeyReference
from crypto.key_transports import KeyTransport
from crypto.keys import PrivateKey
from crypto.paths import TrustedRoot
from crypto.signature_algorithms import SignatureAlgorithm
from crypto.suites import SUITES, Suite
from gateway.client.participant import Participant, TlsIdentity
from gateway.client.participant_shape import CertificateFile, PairShape, ParticipantShape
from gateway.ebms.model import AgreementRef
from gateway.ebms.party_ids import mailbox_mpc, party_id
from gateway.named_file import TEXT_OCTETS, FileRefused, read_named
from gateway.whole_file import write_key_file, write_whole
from gateway.written.complaints import Complaint, KeyPath, dotted
from gateway.written.editor_schema import EditorSchema
from gateway.written.source import Source
from gateway.written.utf8 import NotUtf8, text_of
from gateway.written.yaml_text import read_yaml
from xsd.catalogue import BASE

FILE_NAME = "participant.yaml"
DEFAULT_SUITE = "as4-1.15-rsa"
_OTHERS: Final = stat.S_IWGRP | stat.S_IRWXO


class ParticipantFault(Exception):
    """The folder of a participant cannot be used; `complaints` is every reason, each with its line in the file and what
    to do about it.
    """

    def __init__(self, path: Path, complaints: Iterable[Complaint]) -> None:
        self.path = path
        self.complaints = tuple(str(each) for each in sorted(complaints))
        super().__init__("\n".join(f"{path.parent}/{each}" for each in self.complaints))


def load_participant(folder: Path) -> Participant:
    """Read the folder, or the file in it; raises `ParticipantFault` with everything that is wrong."""
    path = folder if folder.is_file() else folder / FILE_NAME
    complaints: list[Complaint] = []
    try:
        written = read_yaml(text_of(read_named(path, most_octets=TEXT_OCTETS)))
    except FileRefused as fault:
        remedy = fault.remedy
        if fault.errno == errno.ENOENT:
            remedy = f"name a folder that has {path.name}, which {path.parent} has not; `knooppunt pki new` makes some"
        said = f"cannot be used: {fault}; {remedy}"
        raise ParticipantFault(path, [Complaint(file=path.name, line=0, path="", sentence=said)]) from None
    except NotUtf8 as fault:
        raise ParticipantFault(path, [Complaint(file=path.name, line=0, path="", sentence=str(fault))]) from None
    source = Source(path.name, written, complaints)
    shape = source.shape(ParticipantShape, context={"folder": path.parent})
    if shape is not None:
        _check_kinds(source, shape)
    if shape is None or complaints:
        raise ParticipantFault(path, complaints)
    return _participant(path.parent, shape)


def _participant(folder: Path, shape: ParticipantShape) -> Participant:
    base = shape.base or BASE
    return Participant(
        party_ids=tuple(party_id(each) for each in shape.party),
        signing_key=shape.signing.made(PrivateKey.signer),
        decryption_keys=tuple(each.made(PrivateKey.unwrapper) for each in shape.decryption),
        suite=SUITES[shape.suite or DEFAULT_SUITE],
        key_reference=KeyReference(shape.key_reference or "token"),
        hub_party=party_id(shape.hub.party),
        url=shape.hub.url,
        hub_signing=_certificates(shape.hub.signing),
        hub_encryption=shape.hub.encryption.certificates[0],
        mpc=shape.mpc or mailbox_mpc(base, shape.party[0]),
        base=base,
        agreement_ref=None if shape.agreement is None else AgreementRef(**shape.agreement.model_dump()),
        roles=tuple(shape.roles),
        ca=_certificates(shape.hub.ca),
        tls=None if shape.tls is None else _tls(folder, shape.tls),
        senders={sender: _certificates(files) for sender, files in shape.senders.items()},
        hub_directory=_certificates(shape.hub.directory),
        roots=() if shape.trust is None else tuple(map(_root, _certificates(shape.trust.roots))),
        intermediates=() if shape.trust is None else _certificates(shape.trust.intermediates),
        origin_required=shape.origin == "required",
        awareness_receipts=shape.receipts == "awareness",
        concerns=tuple(_concerns(folder, shape)),
    )


def _root(certificate: Certificate) -> TrustedRoot:
    return TrustedRoot(certificate=certificate)


def _certificates(files: Iterable[CertificateFile]) -> tuple[Certificate, ...]:
    return tuple(certificate for each in files for certificate in each.certificates)


def _tls(folder: Path, pair: PairShape) -> TlsIdentity:
    return TlsIdentity(
        certificate_file=folder / pair.certificate.name,
        key_file=folder / pair.key.name,
        password=None if pair.password_file is None else pair.password_file.password,
    )


def _concerns(folder: Path, shape: ParticipantShape) -> Iterator[str]:
    """What nobody else may read. That others can is said, and no more: the folder is the participant's own."""
    pairs: list[tuple[KeyPath, PairShape]] = [(("signing",), shape.signing)]
    pairs += [(("decryption", at), each) for at, each in enumerate(shape.decryption)]
    pairs += [] if shape.tls is None else [(("tls",), shape.tls)]
    for where, pair in pairs:
        for key, file in (("key", pair.key), ("password_file", pair.password_file)):
            if file is not None and (folder / file.name).stat().st_mode & _OTHERS:
                path = folder / file.name
                yield f"{dotted((*where, key))}: others can read or change it; run: chmod 600 {path}"

    for at, each in enumerate(shape.decryption):
        if not any(may_encrypt(certificate) for certificate in each.certificate.certificates):
            yield (
                f"{dotted(('decryption', at))}: the key usage of the certificate in {each.certificate.name} allows no"
                " encryption, so a hub seals nothing to it; name the pair that is registered there for encryption"
            )


def _check_kinds(source: Source, shape: ParticipantShape) -> None:
    suite = SUITES[shape.suite or DEFAULT_SUITE]
    signs, opens = suite.accepted_signatures, suite.accepted_key_transports
    _check_kind(source, ("signing",), [shape.signing.certificate], suite, [suite.signature])
    for at, each in enumerate(shape.decryption):
        _check_kind(source, ("decryption", at), [each.certificate], suite, opens)
    _check_kind(source, ("hub", "signing"), shape.hub.signing, suite, signs)
    _check_kind(source, ("hub", "encryption"), [shape.hub.encryption], suite, [suite.key_transport])
    for sender, files in shape.senders.items():
        _check_kind(source, ("senders", sender), files, suite, signs)
        for file in files:  # of the hub's and of one's own a failure tells; an address book is believed silently
            if any(may_sign(each) for each in file.certificates):
                continue
            source.complain(
                ("senders", sender),
                f"the key usage of the certificate in {file.name} allows no signatures; give the certificate that its"
                " owner signs with",
            )


def _check_kind(
    source: Source,
    path: KeyPath,
    files: Iterable[CertificateFile],
    suite: Suite,
    algorithms: Sequence[SignatureAlgorithm | KeyTransport],
) -> None:
    """Complain of a key that none of these algorithms of the suite works with."""
    for certificate in _certificates(files):
        key = readable_key(certificate)
        if key is None or not any(each.fits(key) for each in algorithms):
            wanted = " or ".join(dict.fromkeys(each.key_kind for each in algorithms))
            source.complain(
                path,
                f"the key is of a kind that suite {suite.name} does not work with; give a key and certificate of the"
                f" kind {wanted}",
            )


def write_participant(
    folder: Path,
    *,
    party: str,
    hub_party: str,
    url: str,
    files: Mapping[str, bytes],
    ca: bool = False,
    tls: bool = False,
    pairs: tuple[str, str] = ("signing", "encryption"),
    directory: bool = False,
    suite: str = DEFAULT_SUITE,
    base: str = BASE,
    senders: Mapping[str, bytes] | None = None,
    roles: Sequence[str] = (),
    only_new: bool = False,
) -> Path:
    """Write a folder that `load_participant` reads; returns the file.

    `files` holds PEM by name: NAME.key and NAME.pem for each of `pairs`, the one that signs and the one that opens,
    which may be one; hub-signing.pem, hub-encryption.pem; ca.pem when `ca`, hub-directory.pem when
    `directory`; tls.key and tls.pem when `tls`. `senders` holds PEM by party id. Keys get mode 0600.

    With `only_new` FileExistsError, and nothing is written, where something has the name of one of these files.
    """
    signs, opens = pairs
    hub: dict[str, object] = {
        "party": hub_party,
        "url": url,
        "signing": ["hub-signing.pem"],
        "encryption": "hub-encryption.pem",
        **({"ca": "ca.pem"} if ca else {}),
        **({"directory": "hub-directory.pem"} if directory else {}),
    }
    content: dict[str, object] = {
        "party": party,
        "hub": hub,
        "signing": {"key": f"{signs}.key", "certificate": f"{signs}.pem"},
        "decryption": [{"key": f"{opens}.key", "certificate": f"{opens}.pem"}],
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
    if only_new and (taken := [name for name in (*written, FILE_NAME) if os.path.lexists(folder / name)]):
        raise FileExistsError(f"{folder} has {', '.join(taken)} already")
    folder.mkdir(parents=True, exist_ok=True)
    for name, octets in written.items():
        write_key_file(folder / name, octets)
    path = folder / FILE_NAME
    schema = EditorSchema.PARTICIPANT
    write_whole(folder / schema.file_name, schema.octets, durable=False)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    write_whole(path, (schema.first_line + text).encode())
    return path
