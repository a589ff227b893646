"""Reading certificates and keys, and the test authority that makes them."""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import cache
from types import FrameType
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.keys import issuing
from support.keys.made_up import ED25519, SIGNATURE, TRANSPORT, X25519
from support.keys.pki import NOW, PARTIES, authority, identity, key_pem
from support.messages.signed_messages import check, make

from crypto.certificates import (
    certificate_objection,
    der,
    load_certificates,
    may_sign,
    subject_key_identifier,
    thumbprint_sha1,
    thumbprint_sha256,
)
from crypto.elements import _IDS, ids_of
from crypto.faults import FailedAuthentication, UnusableCredential
from crypto.key_transports import KEY_TRANSPORTS, KeyTransport
from crypto.keys import holds_private_key, is_pkcs12, load_private_key
from crypto.paths.untrusted import load_untrusted
from crypto.pki import KEY_KINDS, KeyKind, Usage, certificates_pem, issue, new_authority
from crypto.signature_algorithms import SIGNATURES, SignatureAlgorithm


def test_certificates_are_read_from_pem_with_several_and_from_der() -> None:
    one, other = identity("hub").signing.certificate, identity("creditor").signing.certificate
    assert load_certificates(certificates_pem(one, other)) == (one, other)
    assert load_certificates(one.public_bytes(Encoding.DER)) == (one,)


@pytest.mark.parametrize("octets", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_is_refused(octets: bytes) -> None:
    with pytest.raises(UnusableCredential):
        load_certificates(octets)


def test_a_certificate_is_named_by_its_digests_and_its_key() -> None:
    certificate = identity("hub").signing.certificate
    encoded = certificate.public_bytes(Encoding.DER)
    assert thumbprint_sha1(certificate) == hashlib.sha1(encoded).digest()
    assert thumbprint_sha256(certificate) == hashlib.sha256(encoded).digest()
    assert len(subject_key_identifier(certificate)) == 20


def test_a_certificate_whose_extensions_cannot_be_read_is_unusable_and_may_do_nothing() -> None:
    certificate = issuing.holder("X", extensions=((issuing.X400_NAMES, False),)).certificate
    with pytest.raises(UnusableCredential, match="extensions cannot be read"):
        subject_key_identifier(certificate)
    assert certificate_objection(certificate, issuing.AT, usage="signing") == (
        "the certificate's extensions cannot be read"
    )
    assert not may_sign(certificate)


def test_a_certificate_without_key_identifier_is_named_by_the_digest_of_its_key() -> None:
    certificate = identity("creditor", "rsa-1024").signing.certificate
    computed = x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
    assert subject_key_identifier(certificate) == computed


@pytest.mark.parametrize("password", [None, b"secret"])
def test_a_private_key_comes_back_from_pem(password: bytes | None) -> None:
    key = identity("hub").signing.private_key
    assert load_private_key(key_pem(key, password), password).pem(None) == key_pem(key, None)


@pytest.mark.parametrize(("written_with", "read_with"), [(b"secret", None), (b"secret", b"other"), (None, b"needless")])
def test_CE_12_a_key_with_another_password_is_refused(written_with: bytes | None, read_with: bytes | None) -> None:
    pem = key_pem(identity("hub").signing.private_key, written_with)
    with pytest.raises(UnusableCredential):
        load_private_key(pem, read_with)


def test_CE_12_what_is_no_key_is_refused() -> None:
    with pytest.raises(UnusableCredential):
        load_private_key(b"no key")


def test_keys_do_not_show_in_representations() -> None:
    assert "private_key" not in repr(identity("hub").signing_key)
    assert "private_key" not in repr(identity("hub").signing)


@pytest.mark.parametrize("name", PARTIES)
def test_the_subject_carries_the_party_id_and_the_authority_vouches_for_it(name: str) -> None:
    certificate = identity(name).signing.certificate
    (serial_number,) = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    assert serial_number.value == identity(name).party_id
    certificate.verify_directly_issued_by(authority().certificate)


@pytest.mark.parametrize(
    ("usage", "signing", "encryption", "purpose"),
    [
        ("signing", True, False, None),
        ("encryption", False, True, None),
        ("tls-server", True, True, ExtendedKeyUsageOID.SERVER_AUTH),
        ("tls-client", True, False, ExtendedKeyUsageOID.CLIENT_AUTH),
    ],
)
def test_a_certificate_serves_its_usage(
    usage: Usage, signing: bool, encryption: bool, purpose: x509.ObjectIdentifier | None
) -> None:
    small = new_authority("small", at=NOW, days=1, key_bits=2048)
    issued = issue(
        small,
        common_name="localhost",
        party_id="1",
        at=NOW,
        days=1,
        usage=usage,
        san=("localhost", "127.0.0.1"),
    )
    objections = [certificate_objection(issued.certificate, NOW, usage=each) for each in ("signing", "encryption")]
    assert [each is None for each in objections] == [signing, encryption]
    names = issued.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    purposes = [each.value for each in issued.certificate.extensions if each.oid == x509.OID_EXTENDED_KEY_USAGE]
    assert [list(each) for each in purposes] == ([[purpose]] if purpose else [])
    assert issued.certificate.not_valid_after_utc - issued.certificate.not_valid_before_utc == timedelta(days=1)


def test_DS_25_a_thousand_verifications_in_eight_threads_agree() -> None:
    wires = [make(sender=identity(name), parts={f"{name}@knooppunt.example": b""}) for name in ("hub", "creditor")]

    def verify_one(number: int) -> bool:
        wire = wires[number % 2]
        try:
            check(wire)
        except FailedAuthentication:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(verify_one, range(1000)))
    assert answers == [False, True] * 500


def test_the_map_of_ids_takes_linear_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question to the document, and so many steps for each id, however many there are."""
    questions = 0

    def asking(document: etree._Element) -> object:
        nonlocal questions
        questions += 1
        return _IDS(document)

    def steps(count: int) -> int:
        document = etree.fromstring(
            "<a>" + "".join(f'<b Id="i{number}" id="j{number}" other="x"/>' for number in range(count)) + "</a>"
        )
        seen = 0

        def count_step(frame: FrameType, event: str, _argument: object) -> Any:
            nonlocal seen
            seen += event == "line"
            return count_step if frame.f_code is ids_of.__code__ else None

        before = sys.gettrace()
        sys.settrace(count_step)
        try:
            found = ids_of(document)
        finally:
            sys.settrace(before)
        assert len(found) == 2 * count
        return seen

    monkeypatch.setattr("crypto.elements._IDS", asking)
    few, more, most = steps(10), steps(1_010), steps(2_010)
    assert few < more
    assert most - more == more - few
    assert questions == 3


@pytest.mark.parametrize("algorithm", [*SIGNATURES.values(), *KEY_TRANSPORTS.values(), SIGNATURE, TRANSPORT])
@pytest.mark.parametrize("kind", [*KEY_KINDS.values(), ED25519, X25519], ids=lambda kind: kind.name)
def test_an_algorithm_works_with_keys_of_the_kind_that_it_names_and_of_no_other(
    algorithm: SignatureAlgorithm | KeyTransport, kind: KeyKind
) -> None:
    """Those of the tables, and those that the tests make up."""
    assert algorithm.fits(kind.new(2048).public_key()) == (algorithm.key_kind == kind.name)


CERTIFICATE = der(authority().certificate)
# The library has an error of its own for the version; the signature is not what reading looks at.
OF_NO_VERSION = CERTIFICATE.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020105"), 1)


def test_a_certificate_of_no_version_that_there_is_cannot_be_read() -> None:
    with pytest.raises(UnusableCredential, match="no certificate can be read"):
        load_certificates(OF_NO_VERSION)
    assert load_untrusted(OF_NO_VERSION) is None


@given(data=st.data())
def test_a_certificate_with_one_octet_changed_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(CERTIFICATE) - 1))
    other = bytes([CERTIFICATE[place] ^ data.draw(st.integers(1, 255))])
    load_untrusted(CERTIFICATE[:place] + other + CERTIFICATE[place + 1 :])


@cache
def in_pkcs12() -> bytes:
    who = identity("hub").signing
    encryption = BestAvailableEncryption(b"secret")
    return serialize_key_and_certificates(b"hub", who.private_key, who.certificate, None, encryption)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=60)  # what is bent may ask for more rounds of a key derivation
@given(data=st.data())
def test_whatever_stands_in_a_file_it_is_a_key_or_refused_with_a_reason(data: st.DataObject) -> None:
    octets = bytearray(
        data.draw(st.sampled_from([in_pkcs12(), key_pem(identity("hub").signing.private_key, None), b""]))
    )
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(octets)))
        octets[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    found = bytes(octets[: data.draw(st.integers(0, len(octets)))]) if data.draw(st.booleans()) else bytes(octets)
    holds_private_key(found)
    for password in (None, b"secret"):
        with suppress(UnusableCredential):
            load_private_key(found, password).pem(None)


def test_what_begins_otherwise_is_no_pkcs12() -> None:
    certificate = der(identity("hub").signing.certificate)
    assert [is_pkcs12(each) for each in (in_pkcs12(), in_pkcs12()[:7], certificate, b"\x30", b"", b"\x30\xff" * 9)] == [
        True, False, False, False, False, False,
    ]  # fmt: skip
    assert not holds_private_key(certificate)
