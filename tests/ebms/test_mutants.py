"""Ten thousand damaged envelopes: each is refused in our own words, or means exactly what was signed.

The mutants come from a seed, so a failure names the number of the mutant that can be made again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from random import Random

import pytest
from lxml import etree
from support.keys.pki import NOW, identity
from support.messages.units import CONTENT_ID, ERROR, PULL_REQUEST, RECEIPT, USER_MESSAGE

from crypto.faults import SecurityFault
from crypto.key_references import KeyReference
from crypto.suites import AS4_1_15_RSA as SUITE
from crypto.verify import VerificationPolicy, verify
from gateway.ebms import names
from gateway.ebms.consistency import check_units, content_ids
from gateway.ebms.envelope import locate
from gateway.ebms.errors import EbmsError, PolicyNoncompliance
from gateway.ebms.faults import SoapFault
from gateway.ebms.header_rules import check_user_message
from gateway.ebms.model import Messaging
from gateway.ebms.origin import build_origin, read_origin, verify_origin
from gateway.ebms.pack import PackedPart, signed_envelope
from gateway.ebms.read import read_message_id, read_messaging
from gateway.limits import ENVELOPE_LIMITS
from xsd.checking.header_schema import header_violations
from xsd.document import DocumentFault, parse_document

MUTANTS = 10_000
SEED = 20_260_304
DIGEST = SUITE.digest.digest(b"gzip octets")
MESSAGES = (
    Messaging(user_message=USER_MESSAGE),
    Messaging(receipt=RECEIPT, pull_request=PULL_REQUEST),
    Messaging(error=ERROR),
)
POLICY = VerificationPolicy(suite=SUITE, certificates=(identity("hub").signing.certificate,), at=NOW)
# Octets that mean something to XML, to base64 and to the readers of values.
SPICE = (
    *b'< > & " / # % = - ]]> <!-- <!----> &#0; &amp; &x; <a/> <![CDATA[x]]> <?x?> +14:01 cid: 9999999999999999'.split(),
    *(b" ", b"\n", b"\0", b"\xff", b"\xc3", b' a="b"', b""),
)


def packed(messaging: Messaging) -> bytes:
    parts = [PackedPart(content_id=CONTENT_ID, mime_type=names.GZIP, digest=DIGEST)] if messaging.user_message else []
    return signed_envelope(
        messaging,
        key=identity("hub").signing_key,
        suite=SUITE,
        key_reference=KeyReference.SKI,
        parts=parts,
    ).envelope


def flipped(octets: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(octets))
    return octets[:at] + bytes([octets[at] ^ 1 << chance.randrange(8)]) + octets[at + 1 :]


def cut(octets: bytes, chance: Random) -> bytes:
    start = chance.randrange(len(octets))
    return octets[:start] + octets[start + chance.randrange(1, 60) :]


def spiced(octets: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(octets))
    return octets[:at] + chance.choice(SPICE) + octets[at + chance.randrange(3) :]


def value_replaced(octets: bytes, chance: Random) -> bytes:
    """Another text between two tags, or another attribute value, so that the document mostly stays well-formed."""
    mark = chance.choice((b">", b'="'))
    starts = [at for at in range(len(octets)) if octets.startswith(mark, at)]
    start = chance.choice(starts) + len(mark)
    end = octets.find(b"<" if mark == b">" else b'"', start)
    return octets[:start] + chance.choice(SPICE) + octets[end if end >= 0 else start :]


def element_moved(octets: bytes, chance: Random) -> bytes:
    """A stretch from one tag to another doubled, dropped or put elsewhere."""
    tags = [at for at in range(len(octets)) if octets[at : at + 1] == b"<"]
    start, end = sorted(chance.sample(tags, 2))
    stretch, rest = octets[start:end], octets[:start] + octets[end:]
    put = chance.choice([at for at in range(len(rest)) if rest[at : at + 1] == b"<"] or [0])
    return chance.choice((rest, rest[:put] + stretch + rest[put:], octets[:end] + octets[start:]))


def rebuilt(octets: bytes, chance: Random) -> bytes:
    """A document that is still well-formed: an element gone, doubled, moved, renamed, or with another value."""
    try:
        root = etree.fromstring(octets)
    except etree.XMLSyntaxError:
        return octets
    elements = list(root.iter("*"))[1:]
    if not elements:
        return octets
    one, other = chance.choice(elements), chance.choice(elements)
    parent = one.getparent()
    if parent is None:
        return octets
    match chance.randrange(6):
        case 0:
            parent.remove(one)
        case 1:
            parent.append(deepcopy(one))
        case 2 if other not in one.iter():
            other.append(one)
        case 3:
            one.tag = other.tag
        case 4:
            one.text = chance.choice(("", " ", "<a@b>", "x" * 2_000, other.text, "\n", "0000-00-00T00:00:00Z", "é"))
        case _:
            for name in one.attrib:
                one.set(name, chance.choice(("", " ", "#", "cid:", "cid:%ff", "true", "urn:x", other.text or "x")))
    return etree.tostring(root)


MUTATIONS: tuple[Callable[[bytes, Random], bytes], ...] = (flipped, cut, spiced, value_replaced, element_moved, rebuilt)


def judged(octets: bytes, *, schema: bool) -> Messaging | None:
    """What is read of an envelope, signature included; None when it was refused in our words."""
    try:
        root = parse_document(octets, limits=ENVELOPE_LIMITS)
        positions = locate(root)
        read_message_id(positions.messaging)
        if schema and header_violations(positions.messaging):
            return None
        messaging = read_messaging(positions.messaging)
        check_units(messaging)
        declared: tuple[str, ...] = ()
        if messaging.user_message is not None:
            check_user_message(messaging.user_message, body_has_content=positions.body_has_content)
            declared = content_ids(messaging.user_message)
        if positions.security is None:
            raise PolicyNoncompliance(detail="not signed")
        verify(
            positions.security,
            messaging=positions.messaging,
            body=positions.body,
            content_ids=frozenset(declared),
            policy=POLICY,
        )
    except (DocumentFault, SoapFault, EbmsError, SecurityFault):
        return None
    return messaging


@pytest.mark.parametrize("schema", [pytest.param(True, id="after the schema"), pytest.param(False, id="reader alone")])
def test_no_mutant_of_an_envelope_gets_past_us_or_breaks_us(schema: bool) -> None:  # XP-20
    chance = Random(f"{SEED} {schema}")
    originals = [(messaging, packed(messaging)) for messaging in MESSAGES]
    outcomes: Counter[bool] = Counter()
    for number in range(MUTANTS // 2):
        messaging, octets = originals[number % len(originals)]
        mutations = (rebuilt,) * 3 if number % 2 else chance.choices(MUTATIONS, k=chance.randrange(1, 3))
        for mutation in mutations:
            octets = mutation(octets, chance)
        read = judged(octets, schema=schema)
        outcomes[read is None] += 1
        assert read in (None, messaging), f"mutant {number} of seed {SEED}: {octets!r}"
    assert outcomes[True] > outcomes[False] > 0


def test_no_mutant_of_an_origin_gets_past_us_or_breaks_us() -> None:
    chance = Random(SEED)
    positions = locate(parse_document(packed(MESSAGES[0]), limits=ENVELOPE_LIMITS))
    assert positions.security is not None
    original = build_origin(
        verify(
            positions.security,
            messaging=positions.messaging,
            body=positions.body,
            content_ids=frozenset({CONTENT_ID}),
            policy=POLICY,
        )
    )
    refused = 0
    for number in range(MUTANTS // 10):
        octets = chance.choice(MUTATIONS)(original, chance)
        try:
            read = verify_origin(
                read_origin(octets),
                certificates=POLICY.certificates,
                at=NOW,
                part_digests={CONTENT_ID: (SUITE.digest.uri, DIGEST)},
            )
        except EbmsError:
            refused += 1
            continue
        assert read == USER_MESSAGE, f"mutant {number} of seed {SEED}: {octets!r}"
    assert refused > MUTANTS // 20
