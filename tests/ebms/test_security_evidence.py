"""Each verdict of the security layer carries what it rests on: which reference, certificate, algorithm, time or part it
was, and what that was held against; never a value of the message, and never to the peer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from support.keys.pki import NOW, identity
from support.messages.part_vectors import DOCUMENT, KEY, TAG_OCTETS, Kept, PartVector
from support.messages.security import drop, put
from support.messages.signed_messages import (
    EB,
    Wire,
    check,
    first,
    make,
    open_parts,
    policy_for,
    references,
    sign_anew,
)
from support.messages.units import RECEIPT, REFERENCES, USER_MESSAGE

from crypto import names
from crypto.certificates import Certificate, check_validity, thumbprint_sha256
from crypto.decrypt import DecryptionPolicy
from crypto.elements import Element
from crypto.faults import SecurityFault
from crypto.findings import Finding
from crypto.suites import AS4_1_15_RSA
from crypto.timestamps import Lifetime, check_lifetime
from gateway.ebms.errors import EbmsError, error_for
from gateway.ebms.evidence import ABSENT, ANOTHER, Compared
from gateway.ebms.media_type import parse_content_type
from gateway.ebms.mime import PartBegin
from gateway.ebms.part_opener import Inflation, PartOpener
from gateway.ebms.receipts import check_receipt

CANARY = "canary-of-a-message"
PARTS = {f"{CANARY}-1@sender.example": b"octets of one", f"{CANARY}-2@sender.example": b"octets of two"}
CREDITOR = identity("creditor").signing.certificate
OURS = identity("hub").encryption.certificate
OVER = CREDITOR.not_valid_after_utc + timedelta(hours=1)


@dataclass(frozen=True)
class Row:
    """One kind of verdict: what ends in it, and what its evidence says, in the order of `Compared`."""

    act: Callable[[], object]
    what: str
    expected: str
    found: str


def name_of(certificate: Certificate) -> str:
    return f"certificate {thumbprint_sha256(certificate).hex()}"


def term_of(certificate: Certificate) -> str:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return f"valid from {begins.isoformat()} until {ends.isoformat()}"


def judged(change: Callable[[Element], object] | None = None, **policy: object) -> Callable[[], object]:
    """A good message of two parts, changed on its way."""

    def act() -> object:
        wire = make(parts=PARTS)
        judged_by = replace(policy_for(), **policy)  # type: ignore[arg-type] # fields of VerificationPolicy, by name
        return check(wire if change is None else wire.altered(change), judged_by)

    return act


def other_id(document: Element) -> None:
    next(document.iter(f"{{{EB}}}MessageId")).text = CANARY


def to(uri: str, index: int) -> Callable[[Element], object]:
    return lambda document: references(document)[index].set("URI", uri)


def without(index: int) -> Callable[[Element], object]:
    def change(document: Element) -> None:
        reference = references(document)[index]
        reference.getparent().remove(reference)
        sign_anew(document)

    return change


def token_elsewhere(document: Element) -> None:
    first(document, names.TOKEN_REFERENCE).set("URI", f"#{CANARY}")


def digest_named(algorithm: str) -> Callable[[Element], object]:
    return lambda document: first(document, names.DIGEST_METHOD).set("Algorithm", algorithm)


def encrypted(change: Callable[[Element], object] | None = None) -> Wire:
    wire = make(parts=PARTS, recipient=identity("hub"))
    return wire if change is None else wire.altered(change)


def opened(vector: PartVector, sent: bytes, *, inflated: int = 1000) -> Callable[[], object]:
    """A second part that came as these octets, behind one that holds."""

    def act() -> None:
        vectors = (DOCUMENT, vector)
        opener = PartOpener(
            replace(USER_MESSAGE, parts=tuple(each.info for each in vectors)),
            {each.content_id: each.reference for each in vectors},
            keys={each.content_id: KEY for each in vectors},
            mime_types={each.content_id: each.wire_type for each in vectors},
            content=lambda info, place: Kept(),
            inflation=Inflation(octets=inflated, ratio=100, each=True),
            parse_xml=False,
        )
        media_type = parse_content_type(vector.media_type)
        part = opener.begin(PartBegin(root=False, content_id=vector.content_id, media_type=media_type))
        assert part is not None
        part.feed(sent)
        part.close()

    return act


def flipped(octets: bytes) -> bytes:
    return octets[:-1] + bytes([octets[-1] ^ 1])


SECOND = DOCUMENT.changed("second", content=b"<second/>")
TORN = DOCUMENT.changed("torn", plain=SECOND.octets[:-3])
LARGE = DOCUMENT.changed("large", content=bytes(1001))
TAKEN_DIGESTS = " or ".join(each.uri for each in AS4_1_15_RSA.accepted_digests)

ROWS: dict[str, Row] = {
    "the digest of an element": Row(
        judged(other_id), "ds:Reference 1 of 4, to Messaging", f"its digest by {names.SHA256}", ANOTHER
    ),
    "a reference to an element that is not there": Row(
        judged(to(f"#{CANARY}", 1)), "ds:Reference 2 of 4", "an element that may be signed", ABSENT
    ),
    "a reference to a part that nobody declares": Row(
        judged(to(f"cid:{CANARY}@x", 3)), "ds:Reference 4 of 4", "a part that the header declares", ABSENT
    ),
    "a token that is not there": Row(judged(token_elsewhere), "wsse:Reference", "a token in wsse:Security", ABSENT),
    "a header that is not signed": Row(judged(without(0)), "eb:Messaging", "signed", "1 not signed"),
    "a part that is not signed": Row(judged(without(2)), "declared parts", "signed", "1 not signed"),
    "an algorithm": Row(judged(digest_named(names.SHA1)), "DigestMethod/@Algorithm", TAKEN_DIGESTS, f'"{names.SHA1}"'),
    "an algorithm that nobody published": Row(
        judged(digest_named(CANARY)),
        "DigestMethod/@Algorithm",
        TAKEN_DIGESTS,
        f"({len(CANARY)} characters that no specification names)",
    ),
    "a certificate of somebody else": Row(
        judged(certificates=(OURS, identity("hub").signing.certificate)),
        "ds:KeyInfo (token)",
        f"{name_of(OURS)} or {name_of(identity('hub').signing.certificate)}",
        "another certificate",
    ),
    "a certificate of nobody": Row(
        judged(certificates=()),
        "ds:KeyInfo (token)",
        "a certificate of a P-Mode, and there is none",
        "another certificate",
    ),
    "a key that is too short": Row(
        judged(minimum_rsa_bits=16_384),
        name_of(CREDITOR),
        "fit for signing",
        "the certificate's RSA key has fewer than 16384 bits",
    ),
    "the signature value": Row(
        judged(lambda document: first(document, names.REFERENCE).set("Id", CANARY)),
        "ds:SignatureValue",
        f"that of {name_of(CREDITOR)} by {names.RSA_SHA256}",
        ANOTHER,
    ),
    "a certificate that is over": Row(
        judged(at=OVER), name_of(CREDITOR), f"valid at {OVER.isoformat()}", term_of(CREDITOR)
    ),
    "a certificate that has not begun": Row(
        lambda: check_validity(CREDITOR, datetime(2001, 1, 1, tzinfo=UTC)),
        name_of(CREDITOR),
        "valid at 2001-01-01T00:00:00+00:00",
        term_of(CREDITOR),
    ),
    "a Timestamp that has expired": Row(
        lambda: check_lifetime(Lifetime(expires=NOW - timedelta(seconds=61)), NOW),
        "wsu:Expires",
        f"{NOW.isoformat()} at the earliest",
        "61 s before that",
    ),
    "a Timestamp of the future": Row(
        lambda: check_lifetime(Lifetime(created=NOW + timedelta(minutes=6)), NOW),
        "wsu:Created",
        f"{(NOW + timedelta(minutes=5)).isoformat()} at the latest",
        "60 s after that",
    ),
    "a key transport of another kind": Row(
        lambda: open_parts(encrypted(put(names.ENCRYPTION_METHOD, "Algorithm", names.RSA_OAEP_MGF1P))),
        "EncryptionMethod/@Algorithm",
        names.RSA_OAEP,
        f'"{names.RSA_OAEP_MGF1P}"',
    ),
    "a key transport whose MGF is left out": Row(
        lambda: open_parts(encrypted(drop(names.MGF))),
        "EncryptionMethod/MGF/@Algorithm",
        names.MGF1_SHA256,
        ABSENT,
    ),
    "a key transport with the MGF of SHA-1": Row(
        lambda: open_parts(encrypted(put(names.MGF, "Algorithm", names.MGF1_SHA1))),
        "EncryptionMethod/MGF/@Algorithm",
        names.MGF1_SHA256,
        f'"{names.MGF1_SHA1}"',
    ),
    "a key transport with another digest": Row(
        lambda: open_parts(encrypted(put(names.DIGEST_METHOD, "Algorithm", CANARY))),
        "EncryptionMethod/DigestMethod/@Algorithm",
        names.SHA256,
        f"({len(CANARY)} characters that no specification names)",
    ),
    "a part that is not encrypted": Row(
        lambda: open_parts(make(parts=PARTS)), "declared parts", "encrypted", "2 not encrypted"
    ),
    "a message that is encrypted for somebody else": Row(
        lambda: open_parts(encrypted(), identity("creditor").decryption_key),
        "xenc:EncryptedKey (ski)",
        name_of(identity("creditor").encryption.certificate),
        "another certificate",
    ),
    "a message that is encrypted for a certificate of ours that is over": Row(
        lambda: open_parts(
            encrypted(), policy=DecryptionPolicy(suite=AS4_1_15_RSA, at=OURS.not_valid_after_utc + timedelta(days=1))
        ),
        name_of(OURS),
        f"valid at {(OURS.not_valid_after_utc + timedelta(days=1)).isoformat()}",
        term_of(OURS),
    ),
    "the tag of a part": Row(
        opened(SECOND, flipped(SECOND.sent)), "tag of part 2", "that of the part under its key", ANOTHER
    ),
    "a part that is too short": Row(
        opened(SECOND, SECOND.sent[:20]), "length of part 2", f"{12 + TAG_OCTETS} octets at least", "20"
    ),
    "the digest of a part": Row(
        opened(SECOND.changed("second", signed_as=b"else"), SECOND.sent),
        "digest of part 2",
        f"the signed one by {names.SHA256}",
        ANOTHER,
    ),
    "the compression of a part": Row(
        opened(TORN, TORN.sent),
        "compression of part 2",
        "gzip (RFC 1952)",
        f"truncated, after {len(TORN.octets)} octets",
    ),
    "what a part inflates to": Row(
        opened(LARGE, LARGE.sent),
        "compression of part 2",
        "1000 octets at most",
        f"larger than allowed, after {len(LARGE.octets)} octets",
    ),
    "a receipt without a reference": Row(
        lambda: check_receipt(replace(RECEIPT, references=REFERENCES[:2]), REFERENCES),
        "ds:Reference 3 of 3, to a part",
        f"its digest by {names.SHA256}",
        ABSENT,
    ),
    "a receipt with a reference besides": Row(
        lambda: check_receipt(RECEIPT, REFERENCES[:2]), "ds:Reference", "those of the message, each once", "1 besides"
    ),
}


@pytest.mark.parametrize("kind", ROWS)
def test_a_verdict_says_what_was_compared_and_shows_nothing_of_the_message(kind: str) -> None:
    row = ROWS[kind]
    with pytest.raises((SecurityFault, EbmsError)) as caught:
        row.act()
    fault = caught.value
    error = error_for(fault) if isinstance(fault, SecurityFault) else fault
    assert isinstance(error, EbmsError)
    assert error.compared == (Compared(what=row.what, expected=row.expected, found=row.found),)
    assert CANARY not in repr((error.compared, error.detail))
    for entry in error.entries():
        assert entry.detail is None
        assert row.expected not in str(entry.description)


def test_a_digest_of_a_receipt_that_differs_is_told_by_its_place_and_so_is_what_nobody_sent() -> None:
    wrong = replace(REFERENCES[1], digest_value=bytes(32))
    with pytest.raises(EbmsError) as caught:
        check_receipt(replace(RECEIPT, references=(REFERENCES[0], wrong, REFERENCES[2])), REFERENCES)
    assert [(each.what, each.found) for each in caught.value.compared] == [
        ("ds:Reference 2 of 3, to an element", ANOTHER),
        ("ds:Reference", "1 besides"),
    ]


def test_every_kind_of_finding_has_its_row() -> None:
    met = set()
    for row in ROWS.values():
        with pytest.raises((SecurityFault, EbmsError)) as caught:
            row.act()
        if isinstance(caught.value, SecurityFault):
            met.add(type(caught.value.finding))
    from_parts = {each for each in get_args(Finding) if each.__name__ == "CiphertextFound"}
    assert met | from_parts == set(get_args(Finding))


def test_each_parameter_of_a_key_transport_that_differs_is_told() -> None:
    wire = encrypted(drop(names.MGF)).altered(drop(names.DIGEST_METHOD))
    with pytest.raises(SecurityFault) as caught:
        open_parts(wire)
    assert [(each.what, each.expected, each.found) for each in error_for(caught.value).compared] == [
        ("EncryptionMethod/DigestMethod/@Algorithm", names.SHA256, ABSENT),
        ("EncryptionMethod/MGF/@Algorithm", names.MGF1_SHA256, ABSENT),
    ]


def test_a_type_that_is_absent_is_told_so() -> None:
    with pytest.raises(SecurityFault, match=r"encryption of the type \(none is named\) is not accepted"):
        open_parts(encrypted(put(names.ENCRYPTED_DATA, "Type", None)))
