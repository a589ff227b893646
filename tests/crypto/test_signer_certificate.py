"""Whose certificate a signature is checked with, and when that certificate may sign (S27 to S36, S47, CE-01, CE-03)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from support.keys.pki import NOW, Identity, Variant, authority, identity
from support.messages.signed_messages import Wire, check, in_security, make, policy_for, positions

from crypto import names
from crypto.certificates import certificate_objection
from crypto.elements import Element, base64_text
from crypto.faults import FailedAuthentication, PolicyNoncompliance, SecurityFault
from crypto.key_references import KeyReference, write_key_reference, write_token
from crypto.pki import issue
from crypto.verify import signer_candidates

DS = f"{{{names.DS}}}"

Change = Callable[[Element], None]


@pytest.fixture(scope="module")
def wire() -> Wire:
    return make()


@pytest.mark.parametrize(
    ("clause", "variant", "part_of_detail"),
    [
        ("S29", "expired", "expired"),
        ("S30", "not-yet-valid", "not yet valid"),
        ("S33", "wrong-usage", "key usage"),
        ("S47", "rsa-1024", "bits"),
    ],
)
def test_a_pinned_certificate_that_may_not_sign_is_refused(clause: str, variant: Variant, part_of_detail: str) -> None:
    sender = identity("creditor", variant)
    with pytest.raises(FailedAuthentication, match=part_of_detail):
        check(make(sender=sender), policy_for(sender))


@pytest.mark.parametrize(("clause", "form"), list(zip(["S02", "S03", "S04", "S06"], KeyReference, strict=True)))
def test_a_certificate_that_is_not_pinned_is_refused_however_it_is_named(clause: str, form: KeyReference) -> None:
    wire = make(sender=identity("stranger"), key_reference=form)
    with pytest.raises(FailedAuthentication):
        check(wire)
    check(wire, policy_for(identity("creditor"), identity("stranger")))


@pytest.mark.parametrize(
    ("moment", "valid"),
    [
        ("start", True),
        ("start - 1s", False),
        ("end", True),
        ("end + 1s", False),
        ("end + 1us", False),
        ("start - 1us", False),
        ("end - 1us", True),
    ],
)
def test_CE_01_both_ends_of_the_validity_are_inclusive(moment: str, valid: bool) -> None:
    certificate = identity("creditor").signing.certificate
    ends = {"start": certificate.not_valid_before_utc, "end": certificate.not_valid_after_utc}
    steps = {"": timedelta(0), "1s": timedelta(seconds=1), "1us": timedelta(microseconds=1)}
    name, _, step = moment.partition(" ")
    at = ends[name] + steps[step[2:]] * (-1 if step.startswith("-") else 1)
    assert (certificate_objection(certificate, at, usage="signing") is None) == valid


def test_S35_after_rollover_both_certificates_hold_until_the_old_one_is_unpinned() -> None:
    old, new = identity("creditor"), identity("creditor", "next")
    both = policy_for(old, new)
    assert check(make(sender=old), both).certificate == old.signing.certificate
    assert check(make(sender=new), both).certificate == new.signing.certificate
    with pytest.raises(FailedAuthentication):
        check(make(sender=old), policy_for(new))


def test_S35_a_renewed_certificate_over_the_same_key_is_found_behind_the_expired_one() -> None:
    sender = identity("creditor")
    old = (
        x509.CertificateBuilder()
        .subject_name(sender.signing.certificate.subject)
        .issuer_name(sender.signing.certificate.issuer)
        .public_key(sender.signing.certificate.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=20))
        .not_valid_after(NOW - timedelta(days=10))
        .sign(authority().private_key, hashes.SHA256())
    )
    policy = replace(policy_for(sender), certificates=(old, sender.signing.certificate))
    wire = make(sender=sender, key_reference=KeyReference.SKI)
    assert check(wire, policy).certificate == sender.signing.certificate


def test_S36_of_several_tokens_the_one_that_is_referenced_counts(wire: Wire) -> None:
    def add_token(document: Element) -> None:
        token = write_token(identity("hub").encryption.certificate, "X509-other")
        positions(document).security.insert(0, in_security(token))

    assert check(wire.altered(add_token)).certificate == identity("creditor").signing.certificate


def test_S47_a_test_policy_may_allow_small_keys() -> None:
    sender = identity("creditor", "rsa-1024")
    check(make(sender=sender), replace(policy_for(sender), minimum_rsa_bits=1024))


def test_CE_03_a_certificate_for_tls_of_the_same_party_is_not_the_pinned_one() -> None:
    tls = issue(
        authority(),
        common_name="Incassobureau Proef B.V.",
        party_id=identity("creditor").party_id,
        at=NOW - timedelta(days=1),
        days=2,
        usage="tls-client",
    )

    class TlsIdentity(Identity):
        signing = tls

    with pytest.raises(FailedAuthentication):
        check(make(sender=TlsIdentity("creditor", "ordinary")))


def replace_key_info(*, fill: Change) -> Change:
    def change(document: Element) -> None:
        key_info = next(document.iter(names.KEY_INFO))
        for child in list(key_info):
            key_info.remove(child)
        fill(key_info)

    return change


def key_value(key_info: Element) -> None:
    octets = (
        identity("creditor")
        .signing_key.certificate.public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    value = etree.SubElement(etree.SubElement(key_info, f"{DS}KeyValue"), f"{DS}RSAKeyValue")
    etree.SubElement(value, f"{DS}Modulus").text = base64_text(octets)


def x509_data(key_info: Element) -> None:
    data = etree.SubElement(key_info, names.X509_DATA)
    etree.SubElement(data, f"{DS}X509Certificate").text = base64_text(
        identity("stranger").signing.certificate.public_bytes(Encoding.DER)
    )


def x509_data_in_reference(key_info: Element) -> None:
    x509_data(etree.SubElement(key_info, names.SECURITY_TOKEN_REFERENCE))


def refer_by_ski(key_info: Element, name: str) -> None:
    reference = write_key_reference(identity(name).signing.certificate, KeyReference.SKI)
    key_info.append(in_security(reference))


def token_and_ski_differ(key_info: Element) -> None:
    refer_by_ski(key_info, "creditor")
    refer_by_ski(key_info, "stranger")


def two_in_one_reference(key_info: Element) -> None:
    for each in ("creditor", "stranger"):
        refer_by_ski(key_info, each)
    one, other = key_info
    one.append(other[0])
    key_info.remove(other)


def retrieval_method(key_info: Element) -> None:
    etree.SubElement(key_info, names.RETRIEVAL_METHOD, URI="file:///etc/hostname")


def key_info_reference(key_info: Element) -> None:
    etree.SubElement(key_info, names.KEY_INFO_REFERENCE, URI="#id-3")


def right_serial_of_another_issuer(key_info: Element) -> None:
    issuer_serial("CN=Somebody else", str(identity("creditor").signing.certificate.serial_number))(key_info)


def embedded(key_info: Element) -> None:
    reference = etree.SubElement(key_info, names.SECURITY_TOKEN_REFERENCE)
    etree.SubElement(reference, f"{{{names.WSSE}}}Embedded")


def token_elsewhere(key_info: Element) -> None:
    header = key_info.getroottree().getroot()[0]
    certificate = identity("creditor").signing.certificate
    header.append(in_security(write_token(certificate, "X509-body")))
    key_info.append(in_security(write_key_reference(certificate, KeyReference.TOKEN, token_id="X509-body")))


def token_by_url(key_info: Element) -> None:
    reference = etree.SubElement(key_info, names.SECURITY_TOKEN_REFERENCE)
    etree.SubElement(reference, names.TOKEN_REFERENCE, URI="http://127.0.0.1:9/certificate")


def token_nowhere(key_info: Element) -> None:
    reference = etree.SubElement(key_info, names.SECURITY_TOKEN_REFERENCE)
    etree.SubElement(reference, names.TOKEN_REFERENCE, URI="#nowhere")


def pki_path_reference(key_info: Element) -> None:
    reference = etree.SubElement(key_info, names.SECURITY_TOKEN_REFERENCE)
    path = names.X509_V3.replace("X509v3", "X509PKIPathv1")
    etree.SubElement(reference, names.TOKEN_REFERENCE, URI="#X509-1", ValueType=path)


def unknown_identifier(key_info: Element) -> None:
    reference = etree.SubElement(key_info, names.SECURITY_TOKEN_REFERENCE)
    etree.SubElement(reference, names.KEY_IDENTIFIER, ValueType="urn:x").text = "AAAA"


def issuer_serial(issuer: str, serial: str) -> Change:
    def fill(key_info: Element) -> None:
        reference = etree.SubElement(key_info, names.SECURITY_TOKEN_REFERENCE)
        data = etree.SubElement(etree.SubElement(reference, names.X509_DATA), names.X509_ISSUER_SERIAL)
        etree.SubElement(data, names.X509_ISSUER_NAME).text = issuer
        etree.SubElement(data, names.X509_SERIAL_NUMBER).text = serial

    fill.__name__ = f"issuer-serial-{issuer[:10]}-{serial[:5]}"
    return fill


@pytest.mark.parametrize(
    ("fill", "fault"),
    [
        (lambda _: None, FailedAuthentication),
        (key_value, FailedAuthentication),
        (x509_data, FailedAuthentication),
        (x509_data_in_reference, FailedAuthentication),
        (token_and_ski_differ, FailedAuthentication),
        (token_elsewhere, FailedAuthentication),
        (token_nowhere, FailedAuthentication),
        (issuer_serial("CN=Somebody else", "1"), FailedAuthentication),
        (right_serial_of_another_issuer, FailedAuthentication),
        (issuer_serial("CN=Knooppunt test authority", "1"), FailedAuthentication),
        (issuer_serial("no name", "1"), PolicyNoncompliance),
        (issuer_serial("X=unknown", "1"), PolicyNoncompliance),
        (issuer_serial("CN=x", "1_0"), PolicyNoncompliance),
        (issuer_serial("CN=x", "9" * 100), PolicyNoncompliance),
        (issuer_serial("CN=" + "x" * 2000, "1"), PolicyNoncompliance),
        (two_in_one_reference, PolicyNoncompliance),
        (retrieval_method, PolicyNoncompliance),
        (key_info_reference, PolicyNoncompliance),
        (embedded, PolicyNoncompliance),
        (token_by_url, PolicyNoncompliance),
        (pki_path_reference, PolicyNoncompliance),
        (unknown_identifier, PolicyNoncompliance),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_DS_16_DS_20_a_key_that_comes_with_the_message_in_another_way_is_refused(
    wire: Wire, fill: Change, fault: type[SecurityFault]
) -> None:
    with pytest.raises(fault):
        check(wire.altered(replace_key_info(fill=fill)))


def change_token(**attributes: str | None) -> Change:
    def change(document: Element) -> None:
        token = next(document.iter(names.BINARY_SECURITY_TOKEN))
        for name, value in attributes.items():
            if name == "text":
                token.text = value
            elif value is None:
                del token.attrib[name]
            else:
                token.set(name, value)

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (change_token(ValueType=names.X509_V3.replace("X509v3", "X509PKIPathv1")), PolicyNoncompliance),
        (change_token(ValueType=None), PolicyNoncompliance),
        (change_token(EncodingType="urn:hex"), PolicyNoncompliance),
        (change_token(text="A" * 16385), PolicyNoncompliance),
        (change_token(text="A" * 16384), FailedAuthentication),
        (change_token(text="?"), FailedAuthentication),
        (change_token(text=""), FailedAuthentication),
    ],
)
def test_S05_a_token_that_is_not_one_certificate_is_refused(
    wire: Wire, change: Change, fault: type[SecurityFault]
) -> None:
    with pytest.raises(fault):
        check(wire.altered(change))


@pytest.mark.parametrize("form", KeyReference)
def test_the_signer_can_be_looked_up_before_anything_is_trusted(form: KeyReference) -> None:
    named = signer_candidates(positions(make(key_reference=form).document()).security)
    assert named.form is form
    everybody = [identity(each).signing.certificate for each in ("hub", "counsellor", "creditor", "stranger")]
    assert named.named_among(everybody) == identity("creditor").signing.certificate


def test_a_certificate_is_judged_for_encryption_by_its_own_key_usage() -> None:
    certificate = identity("hub").encryption.certificate
    assert certificate_objection(certificate, NOW, usage="encryption") is None
    assert certificate_objection(certificate, NOW, usage="signing") is not None


@pytest.mark.parametrize("at", [NOW - timedelta(days=1), NOW])
def test_the_time_to_judge_at_is_the_policys(at: datetime) -> None:
    sender = identity("creditor", "not-yet-valid")
    later = replace(policy_for(sender), at=at + timedelta(days=3))
    check(make(sender=sender), later)
