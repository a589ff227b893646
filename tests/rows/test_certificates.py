"""Abuse of certificates over sockets, as far as it needs no revocation: CE-01, CE-02, CE-03, CE-07, CE-08.

A P-Mode pins certificates, so most of what a certificate may say about itself is asked of nobody: what is not pinned is
nobody's (EBMS:0101), what is pinned has to be valid now, for signing, with a key that is large enough.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from support.hubs.hub import TestedHub
from support.hubs.raw import listener
from support.hubs.rows import Act, Row, Sent, Stimulus, refused, sent_of, taken
from support.keys.pki import NOW, Variant, authority, identity
from support.messages.security import forged, hub_with, nth
from support.messages.signing import (
    DOES_NOT_HOLD,
    also_pinned,
    of_the_same_name,
    own,
    pinned,
    self_signed,
    signed_by,
    the_authority_itself,
)
from support.messages.wire import Draft, saldoverzoek

from crypto import names
from crypto.certificates import der
from crypto.elements import Element
from crypto.key_references import KeyReference
from crypto.keys import SigningKey
from crypto.pki import issue


def at_the_edge(edge: str, seconds: float, *, holds: bool) -> Act:
    """A pinned certificate, by the hub's clock so many seconds from the end of its validity, or from its start."""
    variant: Variant = "expired" if edge == "end" else "not-yet-valid"

    async def act(hub: TestedHub) -> None:
        certificate = identity("counsellor", variant).signing.certificate
        ends = {"start": certificate.not_valid_before_utc, "end": certificate.not_valid_after_utc}
        at = ends[edge] + timedelta(seconds=seconds)
        hub.clock.move(at - hub.clock.now())

        def draft() -> Draft:
            return replace(saldoverzoek(at=at), signer=own(variant)())

        await (taken(draft) if holds else refused(DOES_NOT_HOLD, draft, good=lambda: saldoverzoek(at=at)))(hub)

    return act


EDGES = [
    (edge, seconds, (seconds >= 0) == (edge == "start") or seconds == 0)
    for edge in ("start", "end")
    for seconds in (-5, -1, -0.5, 0, 0.5, 1, 5)
]


def tls_client() -> SigningKey:
    issued = issue(
        authority(), common_name="Gemeente Testdrecht Schuldhulp", party_id=identity("counsellor").party_id,
        at=NOW - timedelta(days=1), days=2, usage="tls-client",
    )  # fmt: skip
    return SigningKey(private_key=issued.private_key, certificate=issued.certificate)


def another_by_the_authority() -> SigningKey:
    """The known authority issues the counsellor's name to somebody else."""
    issued = issue(
        authority(), common_name="Gemeente Testdrecht Schuldhulp", party_id=identity("counsellor").party_id,
        at=NOW - timedelta(days=1), days=30, usage="signing",
    )  # fmt: skip
    return SigningKey(private_key=issued.private_key, certificate=issued.certificate)


def encryption_key() -> SigningKey:
    """The counsellor's own encryption key signs."""
    mine = identity("counsellor").encryption
    return SigningKey(private_key=mine.private_key, certificate=mine.certificate)


def ours_with(old: str, new: str) -> Stimulus:
    """The token holds the counsellor's own certificate with octets of it, in hexadecimal, replaced by others."""

    def change(root: Element) -> None:
        octets = der(identity("counsellor").signing.certificate).hex()
        assert old in octets
        nth(root, names.BINARY_SECURITY_TOKEN).text = base64.b64encode(
            bytes.fromhex(octets.replace(old, new, 1))
        ).decode()

    return forged(change)


def negative_serial() -> Sent:
    """The first bit of the serial number, which follows the version, is set."""
    octets = der(identity("counsellor").signing.certificate).hex()
    place = octets.index("a003020102") + 10
    length = int(octets[place + 2 : place + 4], 16)
    serial = octets[place : place + 4 + 2 * length]
    first = int(serial[4:6], 16)
    return sent_of(ours_with(serial, f"{serial[:4]}{first ^ 0x80:02x}{serial[6:]}")())


def of_a_curve_spelled_out(root: Element) -> None:
    """A certificate of a key on P-256 whose curve is no name but numbers."""
    key = ec.generate_private_key(ec.SECP256R1())
    ours = identity("counsellor").signing.certificate
    certificate = (
        x509.CertificateBuilder()
        .subject_name(ours.subject)
        .issuer_name(ours.issuer)
        .public_key(key.public_key())
        .serial_number(ours.serial_number)
        .not_valid_before(ours.not_valid_before_utc)
        .not_valid_after(ours.not_valid_after_utc)
        .sign(authority().private_key, hashes.SHA256())
    )
    named = bytes.fromhex("06082a8648ce3d030107")
    octets = der(certificate)
    assert named in octets
    spelled = octets.replace(named, bytes.fromhex("30080201010201010500"))
    nth(root, names.BINARY_SECURITY_TOKEN).text = base64.b64encode(spelled).decode()


async def ce_02(hub: TestedHub) -> None:
    """A certificate that names places to ask about revocation is used as it was pinned; nobody is asked."""
    async with listener() as nobody:
        ours = identity("counsellor").signing
        address = [x509.UniformResourceIdentifier(nobody.url)]
        point = x509.DistributionPoint(full_name=address, relative_name=None, reasons=None, crl_issuer=None)
        access = x509.AccessDescription(x509.oid.AuthorityInformationAccessOID.OCSP, address[0])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(ours.certificate.subject)
            .issuer_name(ours.certificate.issuer)
            .public_key(ours.certificate.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=1))
            .add_extension(x509.CRLDistributionPoints([point]), critical=False)
            .add_extension(x509.AuthorityInformationAccess([access]), critical=False)
            .sign(authority().private_key, hashes.SHA256())
        )
        key = SigningKey(private_key=ours.private_key, certificate=certificate)
        await hub_with(taken(signed_by(lambda: key)), configuration=lambda: also_pinned(certificate))(hub)


async def ce_07(hub: TestedHub) -> None:
    """What nobody pinned is nobody's; a self-signed certificate that was pinned is as good as any."""
    strangers = (self_signed, the_authority_itself, another_by_the_authority, of_the_same_name)
    await refused(DOES_NOT_HOLD, *(signed_by(each) for each in strangers))(hub)
    key = self_signed()
    await hub_with(taken(signed_by(lambda: key)), configuration=lambda: also_pinned(key.certificate))(hub)


CE = (
    *(
        Row(
            f"CE-01 {edge} {seconds:+}s",
            "both ends of the validity are inclusive",
            at_the_edge(edge, seconds, holds=holds),
            extra=pinned("ordinary", "expired" if edge == "end" else "not-yet-valid"),
        )
        for edge, seconds, holds in EDGES
    ),
    Row("CE-02", "nobody is asked about revocation while a message is judged", ce_02),
    Row(
        "CE-03",
        "a certificate for TLS or for encryption signs nothing",
        refused(
            DOES_NOT_HOLD, signed_by(tls_client), signed_by(encryption_key), signed_by(encryption_key, KeyReference.SKI)
        ),
    ),
    Row("CE-07", "self-signed, the authority itself, and the same name by it are nobody until they are pinned", ce_07),
    Row(
        "CE-08",
        "weak and odd certificates are refused",
        refused(
            DOES_NOT_HOLD,
            signed_by(own("rsa-1024")),
            ours_with("2a864886f70d01010b", "2a864886f70d010105"),  # signed with SHA-256, says SHA-1
            negative_serial,
            forged(of_a_curve_spelled_out),
        ),
    ),
)


@pytest.mark.parametrize("row", [pytest.param(each, id=each.id) for each in CE])
async def test_certificates(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
