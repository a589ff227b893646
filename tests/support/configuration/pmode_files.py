"""Configuration for tests: a small catalogue, a hub and three organisations as files, and messages that fit them.

Certificates are made on demand from the path at which a file names them; all share one key, so thousands cost little.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from support.configuration.editor import kind_of, said_of
from support.keys.pki import PARTIES, identity

from gateway.ebms.model import AgreementRef, PartInfo, Party, PartyId, Property, Service, UserMessage
from gateway.ebms.names import INITIATOR, OIN_TYPE, RESPONDER, TEST_ACTION, TEST_SERVICE, UNIT_TYPE
from gateway.written.complaints import Complaint, ConfigurationFault
from pmodes.configuration import Configuration
from pmodes.files import read_configuration
from xsd.catalogue import Catalogue, Module, load_catalogue
from xsd.message_type import MessageType

HUB = PARTIES["hub"][0]
COUNSELLOR = PARTIES["counsellor"][0]
CREDITOR = PARTIES["creditor"][0]
UNIT = f"{CREDITOR}:000000000011"
DAY = date(2026, 7, 30)  # on which messages are matched
WARD = "00000099000000007000"  # a party for which the counsellor acts

HUB_YAML = f"""\
name: Knooppunt
party: "{HUB}"
environment: test
certificates:
  signing: [certificates/hub-signing.pem]
  encryption: [certificates/hub-encryption.pem]
"""

COUNSELLOR_YAML = f"""\
name: Gemeente Testdrecht
party: "{COUNSELLOR}"
roles: [shv-fase-2]
modules:
  Schuldregeling: ["1.1", "2.0"]
certificates:
  signing: [certificates/counsellor-signing.pem]
  encryption: [certificates/counsellor-encryption.pem]
acts_for: ["{WARD}"]
"""

CREDITOR_YAML = f"""\
name: Incasso Proef
party: "{CREDITOR}"
roles: [schuldeiser]
modules:
  Schuldregeling: ["2.0"]
certificates:
  signing: [certificates/creditor-signing.pem, certificates/creditor-signing-next.pem]
  encryption: [certificates/creditor-encryption.pem]
language: en
mailbox:
  term_working_days: 5
  extension_days: 14
"""

UNIT_YAML = f"""\
name: Incasso Proef, vestiging
party: "{UNIT}"
roles: [schuldeiser]
modules:
  Schuldregeling: ["1.1"]
certificates:
  signing: [certificates/unit-signing.pem]
  encryption: [certificates/unit-encryption.pem]
"""

FILES: Mapping[str, str] = {
    "hub.yaml": HUB_YAML,
    "counsellor.yaml": COUNSELLOR_YAML,
    "creditor.yaml": CREDITOR_YAML,
    "unit.yaml": UNIT_YAML,
}


@cache
def _key() -> rsa.RSAPrivateKey:
    key = identity("hub").signing.private_key
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@cache
def certificate(path: str) -> x509.Certificate:
    """The certificate at a path; the words of the path say what it may be used for."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, path[-64:])])
    encryption, both = "encryption" in path, "both" in path
    usage = x509.KeyUsage(
        digital_signature=both or not encryption, key_encipherment=both or encryption, content_commitment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(_key().public_key())
    builder = builder.serial_number(int.from_bytes(path.encode()[-19:]) + 1).add_extension(usage, critical=True)
    start = 2027 if "next" in path else 2020
    builder = builder.not_valid_before(datetime(start, 1, 1, tzinfo=UTC)).not_valid_after(
        datetime(2040, 1, 1, tzinfo=UTC)
    )
    return builder.sign(_key(), hashes.SHA256())


def load(path: str) -> tuple[x509.Certificate, ...]:
    """What stands at a path: nothing where it says "missing", else one certificate."""
    if "missing" in path:
        raise FileNotFoundError(path)
    return (certificate(path),)


@cache
def _shipped() -> Catalogue:
    return load_catalogue()


def _module(name: str, version: str) -> Module:
    """The shipped Saldoverzoek and its answer under another module's name."""
    service = f"urn:knooppunt:{name}:{version}"
    messages = []
    for action in ("Saldoverzoek", "SaldoverzoekAntwoord"):
        shipped = _shipped().message("Schuldregeling", "2.0", action)
        assert shipped is not None
        counsellor, creditor = ("shv-fase-2",), ("schuldeiser",)
        asks = action == "Saldoverzoek"
        messages.append(
            replace(
                shipped,
                module=name,
                version=version,
                service=service,
                element=f"{{{service}}}{action}",
                senders=counsellor if asks else creditor,
                receivers=creditor if asks else counsellor,
                attachments=(),
            )
        )
    module = _shipped().module("Schuldregeling", "2.0")
    assert module is not None
    return replace(
        module, name=name, version=version, service=service, messages=tuple(messages), of_itself_for=frozenset()
    )


@cache
def catalogue() -> Catalogue:
    """Two versions of Schuldregeling and one of Betalingsregeling, each a question and its answer."""
    modules = (_module("Schuldregeling", "1.1"), _module("Schuldregeling", "2.0"), _module("Betalingsregeling", "2.0"))
    types = [each for module in modules for each in module.messages]
    return Catalogue(modules, {(t.service, t.name): t for t in types}, {t.element: t for t in types})


def read(files: Mapping[str, str] | None = None, **changed: str) -> Configuration:
    """The configuration of these files; `creditor="..."` puts another text in the place of creditor.yaml. What the hub
    takes, the schemas for editors take."""
    texts = {**(FILES if files is None else files), **{f"{name}.yaml": text for name, text in changed.items()}}
    found = read_configuration(texts, catalogue=catalogue(), load=load)
    assert {name: said for name, text in texts.items() if (said := said_of(kind_of(name), text))} == {}
    return found


@cache
def configuration() -> Configuration:
    """The configuration of FILES."""
    return read()


def party(value: str, role: str) -> Party:
    """A party with one id of our own types."""
    return Party(party_ids=(PartyId(value=value, type=UNIT_TYPE if ":" in value else OIN_TYPE),), role=role)


def message(sender: str = COUNSELLOR, receiver: str = CREDITOR, **changed: Any) -> UserMessage:
    """A Saldoverzoek that the configuration has a P-Mode for, changed as asked."""
    plain = UserMessage(
        message_id="1@example.org",
        timestamp=datetime(2026, 3, 4, 10, tzinfo=UTC),
        from_party=party(sender, INITIATOR),
        to_party=party(HUB, RESPONDER),
        service=Service(value="urn:knooppunt:Schuldregeling:2.0"),
        action="Saldoverzoek",
        conversation_id="c",
        properties=(
            Property(name="trackingIdentifier", value="t"),
            Property(name="originalSender", value=sender),
            Property(name="finalRecipient", value=receiver),
        ),
        parts=(PartInfo(href="cid:document", properties=(Property(name="MimeType", value="application/xml"),)),),
    )
    return replace(plain, **changed)


def ping(**changed: Any) -> UserMessage:
    """A message of the test service, without properties or parts."""
    plain = message(service=Service(value=TEST_SERVICE), action=TEST_ACTION, properties=(), parts=())
    return replace(plain, **changed)


def type_of(sent: UserMessage) -> MessageType:
    """The message type of a message, by the catalogue."""
    found = catalogue().find(sent.service.value, sent.action)
    assert found is not None
    return found


def agreement(value: str, type_: str | None = None, pmode: str | None = None) -> AgreementRef:
    """An eb:AgreementRef."""
    return AgreementRef(value=value, type=type_, pmode=pmode)


# What a sentence has that says what to write instead.
_INSTEAD = re.compile(
    r"; |\b(must|did you mean|this key is needed|stands twice|and more of this kind|is empty|needs?|"
    r"write|give|leave|take|put|name|list|cannot begin|is closed|lacks?|below|are not used|correct|indented)\b"
)


def complaints(**changed: str) -> list[Complaint]:
    """Everything that is said of files of which some are changed; each sentence says what to write instead."""
    with pytest.raises(ConfigurationFault) as caught:
        read(**changed)
    assert [str(each) for each in caught.value.complaints if not _INSTEAD.search(each.sentence)] == []
    return list(caught.value.complaints)


def the_complaint(**changed: str) -> str:
    """The one thing that is said of them."""
    found = complaints(**changed)
    assert len(found) == 1, found
    return str(found[0])


def organisation(text: str) -> str:
    """The counsellor's file with lines of another, which stand for the same key, in the place of its own."""
    lines = COUNSELLOR_YAML.splitlines()
    for line in text.splitlines():
        key = line.split(":")[0]
        same = [each for each in lines if each.startswith(f"{key}:")]
        if same:
            lines[lines.index(same[0])] = line
        else:
            lines.append(line)
    return "\n".join(lines)
