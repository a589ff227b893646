"""What a CRL and an OCSP response say of a certificate, and why one is not to be used (CE-02, SR-11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st
from support.keys import issuing
from support.keys.issuing import (
    AT,
    AUTHORITY,
    DAY,
    NO_CA,
    Holder,
    authority,
    crl,
    crl_finding,
    distribution,
    holder,
    signed_with,
    usages,
)

from crypto.revocation import RevocationFinding, judge_ocsp

POINT = "http://crl.example/all.crl"
NAMES = [x509.UniformResourceIdentifier(POINT)]
SECOND = issuing.timedelta(seconds=1)
ISSUER = authority("Issuer", key=issuing.ec_key(1))
OTHER = authority("Other", key=issuing.ec_key(2))
NAMESAKE = authority("Issuer", key=issuing.ec_key(2))
RSA_ISSUER = authority("Issuer", key=issuing.rsa_key())
UNFIT = authority("Issuer", key=issuing.ec_key(1), extensions=(AUTHORITY[0], (usages("key_cert_sign"), True)))
LEAF = holder("Leaf", ISSUER, key=issuing.ec_key(3))
DISTRIBUTED = holder(
    "Leaf",
    ISSUER,
    key=issuing.ec_key(3),
    extensions=(
        (x509.CRLDistributionPoints([x509.DistributionPoint(NAMES, None, None, None)]), False),
    ),
)  # fmt: skip
SERIAL = LEAF.certificate.serial_number
UNKNOWN_EXTENSION = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
X400_POINT = x509.UnrecognizedExtension(
    x509.ObjectIdentifier("2.5.29.28"), b"\x30\x06\xa0\x04\xa0\x02\xa3\x00"
)  # fmt: skip
RESPONDER = ((NO_CA, True), (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False))


def ask(octets: bytes, *, of: Holder = LEAF, issuer: Holder = ISSUER, **other: Any) -> RevocationFinding:
    return crl_finding(octets, certificate=of.certificate, issuer=issuer.certificate, at=other.pop("at", AT), **other)


def responded(octets: bytes, **other: Any) -> RevocationFinding:
    return judge_ocsp(octets, certificate=LEAF.certificate, issuer=ISSUER.certificate, at=other.pop("at", AT), **other)


CRLS: dict[str, tuple[Callable[[], RevocationFinding], str, str]] = {
    "not listed": (lambda: ask(crl(ISSUER, 5)), "good", "does not list"),
    "on its first second": (lambda: ask(crl(ISSUER, this_update=AT)), "good", "does not list"),
    "on its last second": (lambda: ask(crl(ISSUER, next_update=AT)), "good", "does not list"),
    "by a clock that is somewhat ahead": (lambda: ask(crl(ISSUER, this_update=AT + 300 * SECOND)), "good", ""),
    "by a clock that is far ahead": (
        lambda: ask(crl(ISSUER, this_update=AT + 301 * SECOND)), "unusable", "after the moment"
    ),
    "stale": (lambda: ask(crl(ISSUER, next_update=AT - SECOND)), "unusable", "stale"),
    "revoked": (
        lambda: ask(crl(ISSUER, SERIAL, reason=x509.ReasonFlags.key_compromise)),
        "revoked",
        "since 2026-04-21T12:00:00Z, reason keyCompromise",
    ),
    "revoked by a stale one": (lambda: ask(crl(ISSUER, SERIAL, next_update=AT - SECOND)), "revoked", "since"),
    "on hold": (lambda: ask(crl(ISSUER, SERIAL, reason=x509.ReasonFlags.certificate_hold)), "revoked", "Hold"),
    "of a namesake with another key": (lambda: ask(crl(NAMESAKE)), "unusable", "does not hold"),
    "revoked by a namesake": (lambda: ask(crl(NAMESAKE, SERIAL)), "unusable", "does not hold"),
    "by another issuer": (lambda: ask(crl(OTHER)), "unusable", "by another issuer"),
    "asked of another issuer": (lambda: ask(crl(OTHER), issuer=OTHER), "unusable", "of another issuer"),
    "signed without cRLSign": (lambda: ask(crl(ISSUER), issuer=UNFIT), "unusable", "cRLSign"),
    "signed with MD5": (
        lambda: hashed_with(hashes.MD5()), "unusable", "MD5"
    ),
    "signed with SHA-1": (lambda: hashed_with(hashes.SHA1()), "unusable", "SHA-1"),
    "delta": (
        lambda: ask(crl(ISSUER, extensions=[(x509.DeltaCRLIndicator(3), True)])), "unusable", "delta"
    ),
    "indirect": (
        lambda: ask(crl(ISSUER, extensions=[(distribution(indirect_crl=True), True)])), "unusable", "indirect"
    ),
    "of attribute certificates": (
        lambda: ask(crl(ISSUER, extensions=[(distribution(only_contains_attribute_certs=True), True)])),
        "unusable", "attribute",
    ),
    "of authorities": (
        lambda: ask(crl(ISSUER, extensions=[(distribution(only_contains_ca_certs=True), True)])),
        "unusable", "authorities",
    ),
    "of end certificates": (
        lambda: ask(crl(ISSUER, extensions=[(distribution(only_contains_user_certs=True), True)])), "good", "",
    ),
    "of end certificates, about an authority": (
        lambda: ask(
            crl(ISSUER, extensions=[(distribution(only_contains_user_certs=True), True)]), of=authority("Sub", ISSUER)
        ),
        "unusable", "end certificates only",
    ),
    "of some reasons": (
        lambda: ask(
            crl(
                ISSUER,
                extensions=[
                    (distribution(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise])), True)
                ],
            )
        ),
        "unusable", "some reasons",
    ),
    "of its distribution point": (lambda: ask(of_point(POINT), of=DISTRIBUTED), "good", ""),
    "of another distribution point": (
        lambda: ask(of_point(POINT + "2"), of=DISTRIBUTED), "unusable", "another distribution point"
    ),
    "with an unknown critical extension": (
        lambda: ask(crl(ISSUER, extensions=[(UNKNOWN_EXTENSION, True)])), "unusable", "critical extension"
    ),
    "of a distribution point whose name cannot be read": (
        lambda: ask(crl(ISSUER, extensions=[(X400_POINT, True)])), "unusable", "cannot be read"
    ),
    "with an unknown extension": (lambda: ask(crl(ISSUER, extensions=[(UNKNOWN_EXTENSION, False)])), "good", ""),
    "with an entry that speaks for another issuer": (
        lambda: ask(
            crl(
                ISSUER,
                SERIAL,
                entry_extensions=[(x509.CertificateIssuer([x509.DirectoryName(OTHER.name)]), True)],
            )
        ),
        "unusable", "critical extension",
    ),
    "as new as the one seen": (lambda: ask(crl(ISSUER, number=7), newest_seen_number=7), "good", ""),
    "older than one seen": (lambda: ask(crl(ISSUER, number=7), newest_seen_number=8), "unusable", "older than one"),
    "without a number after one that had one": (
        lambda: ask(crl(ISSUER, number=None), newest_seen_number=1), "unusable", "has no number"
    ),
    "without a number": (lambda: ask(crl(ISSUER, number=None)), "good", ""),
    "no CRL": (lambda: ask(b"0\x03\x02\x01\x01"), "unusable", "cannot be read"),
    "nothing": (lambda: ask(b""), "unusable", "cannot be read"),
}  # fmt: skip


def hashed_with(algorithm: hashes.HashAlgorithm) -> RevocationFinding:
    return ask(signed_with(algorithm, crl(RSA_ISSUER), RSA_ISSUER), issuer=RSA_ISSUER)


def of_point(uri: str) -> bytes:
    return crl(ISSUER, extensions=[(distribution(full_name=[x509.UniformResourceIdentifier(uri)]), True)])


SR_11 = ("delta", "indirect", "by another issuer", "older than one seen", "without a number after one that had one")


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=f"{'SR-11' if each in SR_11 else 'CE-02'} {each}") for each in CRLS]
)
def test_a_crl_says_good_or_revoked_or_why_it_is_not_used(case: str) -> None:
    judged, status, words = CRLS[case]
    found = judged()
    assert (found.status, words in found.detail) == (status, True), found


OCSP: dict[str, tuple[Callable[[], RevocationFinding], str, str]] = {
    "good": (lambda: responded(issuing.ocsp_response(LEAF.certificate, ISSUER)), "good", ""),
    "by the digest of its key": (
        lambda: responded(issuing.ocsp_response(LEAF.certificate, ISSUER, by_hash=True)), "good", ""
    ),
    "with ids of SHA-1": (
        lambda: responded(issuing.ocsp_response(LEAF.certificate, ISSUER, id_hash=hashes.SHA1())), "good", ""
    ),
    "revoked": (lambda: responded(revoked_response()), "revoked", "reason superseded"),
    "revoked, and stale": (lambda: responded(revoked_response(), at=AT + 9 * DAY), "revoked", "since"),
    "unknown": (
        lambda: responded(issuing.ocsp_response(LEAF.certificate, ISSUER, status=ocsp.OCSPCertStatus.UNKNOWN)),
        "unknown", "does not know",
    ),
    "stale": (
        lambda: responded(issuing.ocsp_response(LEAF.certificate, ISSUER), at=AT + DAY + SECOND), "unusable", "stale"
    ),
    "on its last second": (lambda: responded(issuing.ocsp_response(LEAF.certificate, ISSUER), at=AT + DAY), "good", ""),
    "by a clock that is somewhat ahead": (
        lambda: responded(issuing.ocsp_response(LEAF.certificate, ISSUER, this_update=AT + 300 * SECOND)), "good", ""
    ),
    "by a clock that is far ahead": (
        lambda: responded(issuing.ocsp_response(LEAF.certificate, ISSUER, this_update=AT + 301 * SECOND)),
        "unusable", "after the moment",
    ),
    "without a next one": (
        lambda: responded(issuing.ocsp_response(LEAF.certificate, ISSUER, next_update=None)), "unusable", "stale"
    ),
    "about another certificate": (
        lambda: responded(issuing.ocsp_response(holder("Leaf", ISSUER).certificate, ISSUER)), "unusable", "another"
    ),
    "about another issuer's": (
        lambda: responded(issuing.ocsp_response(LEAF.certificate, NAMESAKE, ISSUER)), "unusable", "another certificate"
    ),
    "by a namesake": (
        lambda: responded(issuing.ocsp_response(LEAF.certificate, NAMESAKE)), "unusable", "does not hold"
    ),
    "by a responder that was appointed": (lambda: responded(by_responder()), "good", ""),
    "by a responder that holds back its certificate": (
        lambda: responded(by_responder(hold_certificate=False)), "unusable", "does not hold"
    ),
    "by an end certificate": (lambda: responded(by_responder(holder("R", ISSUER))), "unusable", "OCSPSigning"),
    "by the responder of another": (
        lambda: responded(by_responder(holder("R", OTHER, extensions=RESPONDER))), "unusable", "another issuer"
    ),
    "by the responder of a namesake": (
        lambda: responded(by_responder(holder("R", NAMESAKE, extensions=RESPONDER))), "unusable", "does not hold"
    ),
    "by a responder whose certificate has ended": (
        lambda: responded(by_responder(holder("R", ISSUER, extensions=RESPONDER, ends=AT - SECOND))),
        "unusable", "not valid",
    ),
    "by a responder that may not sign": (
        lambda: responded(
            by_responder(holder("R", ISSUER, extensions=(*RESPONDER, (usages("key_encipherment"), True))))
        ),
        "unusable", "OCSPSigning",
    ),
    "by a responder whose extensions cannot be read": (
        lambda: responded(
            by_responder(holder("R", ISSUER, extensions=(*RESPONDER, (issuing.X400_NAMES, False))))
        ),
        "unusable", "cannot be read",
    ),
    "with the nonce": (lambda: responded(with_nonce(b"n" * 16), nonce=b"n" * 16), "good", ""),
    "with another nonce": (lambda: responded(with_nonce(b"m" * 16), nonce=b"n" * 16), "unusable", "nonce"),
    "without the nonce": (
        lambda: responded(issuing.ocsp_response(LEAF.certificate, ISSUER), nonce=b"n"), "unusable", "nonce"
    ),
    "no answer": (
        lambda: responded(
            ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(
                issuing.Encoding.DER
            )
        ),
        "unusable", "try_later",
    ),
    "nothing": (lambda: responded(b""), "unusable", "cannot be read"),
}  # fmt: skip


def revoked_response() -> bytes:
    return issuing.ocsp_response(
        LEAF.certificate, ISSUER, status=ocsp.OCSPCertStatus.REVOKED, since=AT - DAY,
        reason=x509.ReasonFlags.superseded,
    )  # fmt: skip


def by_responder(responder: Holder | None = None, **other: Any) -> bytes:
    by = responder or holder("Responder", ISSUER, extensions=RESPONDER)
    return issuing.ocsp_response(LEAF.certificate, ISSUER, by, **other)


def with_nonce(nonce: bytes) -> bytes:
    return issuing.ocsp_response(LEAF.certificate, ISSUER, extensions=[(x509.OCSPNonce(nonce), False)])


@pytest.mark.parametrize("case", [pytest.param(each, id=f"CE-02 {each}") for each in OCSP])
def test_a_responder_says_good_or_revoked_or_why_it_is_not_used(case: str) -> None:
    judged, status, words = OCSP[case]
    found = judged()
    assert (found.status, words in found.detail) == (status, True), found


def test_a_revocation_tells_since_when_and_a_crl_its_times_and_number() -> None:
    found = ask(crl(ISSUER, SERIAL, reason=x509.ReasonFlags.superseded))
    assert (found.revoked_at, found.reason, found.crl_number) == (AT - 10 * DAY, "superseded", 7)
    assert (found.this_update, found.next_update) == (AT - DAY, AT + DAY)


def test_of_a_crl_whose_signature_does_not_hold_nothing_is_told() -> None:
    found = ask(crl(NAMESAKE, SERIAL))
    assert (found.this_update, found.revoked_at, found.crl_number) == (None, None, None)


def test_a_crl_in_pem_says_the_same() -> None:
    octets = crl(ISSUER, SERIAL)
    assert ask(x509.load_der_x509_crl(octets).public_bytes(issuing.Encoding.PEM)) == ask(octets)


GOOD_CRL, GOOD_RESPONSE = crl(ISSUER, 5), issuing.ocsp_response(LEAF.certificate, ISSUER)

UNUSED_BITS = {  # how many bits at the end of a signature do not count is nothing that it covers
    GOOD_CRL: GOOD_CRL.index(x509.load_der_x509_crl(GOOD_CRL).signature) - 1,
    GOOD_RESPONSE: GOOD_RESPONSE.index(ocsp.load_der_ocsp_response(GOOD_RESPONSE).signature) - 1,
}


@given(data=st.data())
def test_octets_that_were_changed_are_never_good_and_never_raise(data: st.DataObject) -> None:
    for octets, asked in ((GOOD_CRL, ask), (GOOD_RESPONSE, responded)):
        place = data.draw(st.integers(0, len(octets) - 1).filter(UNUSED_BITS[octets].__ne__))
        changed = octets[:place] + bytes([octets[place] ^ data.draw(st.integers(1, 255))]) + octets[place + 1 :]
        assert asked(changed).status == "unusable"


@given(octets=st.binary(max_size=200))
def test_any_octets_at_all_are_judged(octets: bytes) -> None:
    assert ask(octets).status == responded(octets).status == "unusable"
