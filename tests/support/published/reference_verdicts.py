"""What the product makes of a published message, step by step as the hub does, but without a P-Mode of ours.

No sample's parties are ours, so the certificates, the algorithms and the time come from the test's own policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from support.messages.whole_parts import decrypt_part
from support.published.reference_arithmetic import arithmetic
from support.published.reference_messages import HttpMessage, Parts, access_points, certificates_in, split

from crypto import names
from crypto.decrypt import DecryptionPolicy, EncryptionPlan, read_encryption, unwrap
from crypto.digest import DIGESTS, PartDigest
from crypto.elements import document_root
from crypto.faults import FailedAuthentication, SecurityFault
from crypto.key_transports import CONTENTS, KEY_TRANSPORTS, ContentKey
from crypto.signature_algorithms import SIGNATURES
from crypto.suites import AS4_1_15_RSA, Suite
from crypto.verify import VerificationPolicy, Verified, verify
from gateway.ebms.consistency import check_parts_present, check_units, content_id, content_ids
from gateway.ebms.envelope import Positions, locate
from gateway.ebms.errors import (
    DecompressionFailure,
    EbmsError,
    InvalidHeader,
    MimeInconsistency,
    PolicyNoncompliance,
    error_for,
)
from gateway.ebms.faults import SoapFault
from gateway.ebms.gzip import GzipFault, Inflater
from gateway.ebms.header_rules import check_user_message
from gateway.ebms.mime import MimeFault
from gateway.ebms.read import read_messaging
from gateway.limits import ENVELOPE_LIMITS
from xsd.checking.header_schema import header_violations
from xsd.document import DocumentFault, parse_document

ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestPolicy:
    """What a P-Mode of the test says about security."""

    __test__ = False

    suite: Suite
    minimum_rsa_bits: int
    signed: bool
    encrypted: bool


SHIPPED = TestPolicy(suite=AS4_1_15_RSA, minimum_rsa_bits=2048, signed=True, encrypted=True)

# What the samples' own partners had agreed: algorithms of their time, and security left out where they left it out.
OLDER = TestPolicy(
    suite=Suite(
        name="older",
        signature=AS4_1_15_RSA.signature,
        digest=AS4_1_15_RSA.digest,
        key_transport=AS4_1_15_RSA.key_transport,
        content=AS4_1_15_RSA.content,
        accepted_signatures=tuple(SIGNATURES.values()),
        accepted_digests=tuple(DIGESTS.values()),
        accepted_key_transports=tuple(KEY_TRANSPORTS.values()),
        accepted_contents=tuple(CONTENTS.values()),
    ),
    minimum_rsa_bits=1024,
    signed=False,
    encrypted=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Under what a message is judged: the policy, the time, whose certificates the P-Mode has, a content key.

    `own_token` adds the certificates that the message brings to those of the known access points, as a P-Mode of its
    sender would; `content_key` stands where unwrapping would have given it.
    """

    policy: TestPolicy
    at: datetime
    own_token: bool = True
    content_key: bytes | None = None


def verdict(message: HttpMessage, circumstances: Circumstances) -> str:
    """What the product makes of it: `accepted`, an ebMS code without its prefix, or the name of a SOAP fault.

    The steps are the hub's, but for the P-Mode: no sample's parties are ours.
    """
    return _outcome(lambda: _judge(message, circumstances))


def security_verdict(message: HttpMessage, circumstances: Circumstances) -> str:
    """What the product's verifier alone makes of the signature, whatever the header says; `none` without one."""

    def judge() -> None:
        parts = split(message)
        positions = locate(parse_document(parts.root, limits=ENVELOPE_LIMITS))
        verified = _verified(positions, circumstances, frozenset(parts.others))
        assert verified is not None
        for name, part in open_parts(positions, parts, frozenset(parts.others), circumstances).items():
            _check_digest(verified, name, part)

    if arithmetic(message, circumstances.content_key) in ("unsigned", "unreadable"):
        return "none"
    return _outcome(judge)


def _outcome(judge: Callable[[], None]) -> str:
    try:
        judge()
    except MimeFault:
        return _number(MimeInconsistency)
    except DocumentFault:
        return _number(InvalidHeader)
    except SoapFault as fault:
        return type(fault).__name__
    except SecurityFault as fault:
        return _number(error_for(fault))
    except GzipFault:
        return _number(DecompressionFailure)
    except EbmsError as error:
        return _number(error)
    return ACCEPTED


def _number(error: EbmsError | type[EbmsError]) -> str:
    return error.code.removeprefix("EBMS:")


def _judge(message: HttpMessage, circumstances: Circumstances) -> None:
    parts = split(message)
    positions = locate(parse_document(parts.root, limits=ENVELOPE_LIMITS))
    if header_violations(positions.messaging):
        raise InvalidHeader(detail="against the schema")
    units = read_messaging(positions.messaging)
    check_units(units)
    user_message = units.user_message
    if user_message is not None:
        check_user_message(user_message, body_has_content=positions.body_has_content)
    declared = frozenset(content_ids(user_message) if user_message is not None else ())
    verified = _verified(positions, circumstances, declared)
    if user_message is None:
        return
    check_parts_present(user_message, parts.others.keys())
    opened = open_parts(positions, parts, declared, circumstances)
    for name, part in opened.items():
        if verified is not None:
            _check_digest(verified, name, part)
    for info in user_message.parts:
        name = content_id(info)
        if name is not None and info.property("CompressionType") is not None:
            inflate(opened[name].octets)


def _verified(positions: Positions, circumstances: Circumstances, declared: frozenset[str]) -> Verified | None:
    policy, security = circumstances.policy, positions.security
    if security is None or security.find(names.SIGNATURE) is None:
        if policy.signed:
            raise PolicyNoncompliance(detail="not signed")
        return None
    brought = certificates_in(document_root(positions.messaging)) if circumstances.own_token else ()
    return verify(
        security,
        messaging=positions.messaging,
        body=positions.body,
        content_ids=declared,
        policy=VerificationPolicy(
            suite=policy.suite,
            certificates=brought + access_points(),
            at=circumstances.at,
            minimum_rsa_bits=policy.minimum_rsa_bits,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPart:
    """A part as it was signed, and the type that its digest goes by."""

    octets: bytes
    mime_type: str


def open_parts(
    positions: Positions, parts: Parts, declared: frozenset[str], circumstances: Circumstances
) -> dict[str, OpenedPart]:
    """Decrypts what is encrypted."""
    plan, policy = EncryptionPlan(), circumstances.policy
    if positions.security is not None:
        encryption = DecryptionPolicy(suite=policy.suite, required=policy.encrypted)
        plan = read_encryption(positions.security, content_ids=declared, policy=encryption)
    content_key = circumstances.content_key
    keys = (
        unwrap(plan, ())
        if content_key is None
        else {part.content_id: ContentKey(algorithm=part.content, octets=content_key) for part in plan.parts}
    )
    return {
        name: OpenedPart(
            octets=decrypt_part(keys[name], parts.others[name]) if name in keys else parts.others[name],
            mime_type=plan.mime_types.get(name, parts.types[name]),
        )
        for name in declared
    }


def _check_digest(verified: Verified, name: str, part: OpenedPart) -> None:
    expected = verified.part_digests[name]
    digest = PartDigest(expected.digest_method, part.mime_type)
    digest.update(part.octets)
    if not digest.matches(expected.digest_value):
        raise FailedAuthentication("the digest of a part differs from the signed one")


def inflate(octets: bytes) -> bytes:
    """The octets of a compressed part; raises GzipFault."""
    inflater = Inflater(64 * 1024 * 1024)
    inflated = b"".join(inflater.feed(octets))
    inflater.finish()
    return inflated
