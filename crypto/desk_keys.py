"""What the keys of a desk sign, and the seven words by which people compare a set of keys by telephone.

A desk's keys are made and used in browsers; this is the half that reads. Everything signed there, but for messages,
begins with a label that says what it is, and each part stands behind its length: no two purposes, and no two lists of
parts, have the same octets. The browser's half, with the same words, is `gateway/desk/js/keys`.

SECURITY: a challenge is verified only as part of what its label and lengths surround, so nothing that a server drew can
be the beginning of anything else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, Literal
from unicodedata import normalize

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from crypto import names
from crypto.certificates import MINIMUM_RSA_BITS, Certificate, der, public_key_of
from crypto.faults import FailedAuthentication
from crypto.signature_algorithms import SIGNATURES

LABEL: Final = "knooppunt desk 1"
MINIMUM_BITS: Final = 3072  # browsers make no others
CHALLENGE_OCTETS: Final = 32
WORDS: Final = 7
_BITS_OF_A_WORD: Final = 11
_ALGORITHM: Final = SIGNATURES[names.RSA_SHA256]

# fmt: off
_FIRST: Final = (
    "amandel", "appel", "augustus", "avond", "bloem", "boter", "citroen", "dolfijn", "dorp", "druiven", "duin", "eiken",
    "eiland", "fluit", "fluweel", "ganzen", "haven", "hemel", "herfst", "honing", "ijzer", "inkt", "kaars", "kasteel",
    "katoen", "kelder", "kersen", "klei", "krijt", "kust", "lente", "maan", "marmer", "melk", "moeras", "molen",
    "muziek", "nacht", "oceaan", "olijf", "orgel", "paarden", "papier", "pluimen", "regen", "rivier", "schapen",
    "sneeuw", "spiegel", "storm", "suiker", "tarwe", "tulpen", "vanille", "viool", "vlieger", "vuur", "wafel",
    "wilgen", "winter", "zand", "zeep", "zilver", "zout",
)
_SECOND: Final = (
    "akker", "beek", "boom", "brug", "deur", "dijk", "emmer", "fles", "gewelf", "gracht", "jas", "klok", "koffer",
    "kroon", "ladder", "lamp", "mand", "nest", "oever", "plein", "poort", "raam", "schip", "sleutel", "spijker",
    "stoel", "straat", "tafel", "trommel", "vogel", "wiel", "zolder",
)
# fmt: on


def framed(purpose: str, *parts: str | bytes) -> bytes:
    """The label with its purpose, a NUL, and each part behind its length in four octets."""
    octets = [each.encode("utf-8") if isinstance(each, str) else each for each in parts]
    return f"{LABEL} {purpose}\0".encode() + b"".join(len(each).to_bytes(4, "big") + each for each in octets)


def words_of(digest: bytes) -> tuple[str, ...]:
    """The seven words of a hash: those of its first 77 bits."""
    bits = int.from_bytes(digest, "big")
    size = len(digest) * 8
    values = (bits >> (size - (word + 1) * _BITS_OF_A_WORD) & 0x7FF for word in range(WORDS))
    return tuple(_FIRST[value >> 5] + _SECOND[value & 31] for value in values)


def are_typed(typed: str, words: Sequence[str]) -> bool:
    """Whether somebody typed these words, in this order, however they are spaced, divided or capitalised."""
    letters = normalize("NFKC", typed).lower()
    return "".join(each for each in letters if each.isalpha()) == "".join(words)


def words_of_set(
    unit: str, *, signing: Certificate, decryption: Certificate, organisation_key: bytes
) -> tuple[str, ...]:
    """The words of a unit's set: both certificates, and the organisation's key (SubjectPublicKeyInfo, DER)."""
    octets = framed("set", unit, der(signing), der(decryption), organisation_key)
    return words_of(hashlib.sha256(octets).digest())


def check_enrolment(certificate: Certificate, signature: bytes, *, unit: str, lock: str, challenge: bytes) -> None:
    """FailedAuthentication unless the unit's key signed this challenge for this lock, which so was opened."""
    if len(challenge) != CHALLENGE_OCTETS:
        raise ValueError(f"a challenge has {CHALLENGE_OCTETS} octets")
    public_key = public_key_of(certificate, minimum_rsa_bits=MINIMUM_BITS)
    _ALGORITHM.verify(public_key, signature, framed("enrol", unit, lock, challenge))


def check_known(certificate: Certificate, octets: bytes, signature: bytes) -> None:
    """FailedAuthentication unless the unit's key signed this as what its browsers know of others."""
    public_key = public_key_of(certificate, minimum_rsa_bits=MINIMUM_RSA_BITS)
    _ALGORITHM.verify(public_key, signature, framed("known", octets))


def check_document(
    octets: bytes, signature: bytes, *, purpose: Literal["roster", "settings", "organisation"], organisation_key: bytes
) -> None:
    """FailedAuthentication unless the organisation's key (SubjectPublicKeyInfo, DER) signed this document as such."""
    try:
        public_key = load_der_public_key(organisation_key)
    except (ValueError, UnsupportedAlgorithm):
        raise FailedAuthentication("the organisation's key cannot be read") from None
    if not isinstance(public_key, rsa.RSAPublicKey) or public_key.key_size < MINIMUM_BITS:
        raise FailedAuthentication(f"the organisation's key is no RSA key of {MINIMUM_BITS} bits or more")
    _ALGORITHM.verify(public_key, signature, framed(purpose, octets))
