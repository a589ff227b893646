"""A suite that the product does not have: Ed25519 signs, X25519 carries keys. What stands here is all that it takes.

It is written as it would be in the tables: one entry of signatures, one of key transports, two kinds of keys, one row
of suites. The forms are those of ENTSOG AS4 4.0 2.2.6.2, as far as a test of the house needs them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from support.keys.pki import NOW, PARTIES, authority

from crypto import names
from crypto.certificates import Certificate
from crypto.digest import DIGESTS
from crypto.elements import Element, algorithm_of, base64_of, base64_text, children_named, only_child
from crypto.faults import FailedDecryption, UnusableCredential
from crypto.key_transports import CONTENTS, KeyTransport, WrappedOctets
from crypto.keys import DecryptionKey, SigningKey
from crypto.pki import Issued, KeyKind, Usage, issue
from crypto.signature_algorithms import SignatureAlgorithm
from crypto.suites import Suite

MORE = "http://www.w3.org/2021/04/xmldsig-more#"
ED25519_URI, X25519_URI, HKDF_URI = f"{MORE}eddsa-ed25519", f"{MORE}x25519", f"{MORE}hkdf"
AES128_KW = f"{names.XENC}kw-aes128"
SALT_OCTETS = 16

ED25519 = KeyKind(name="Ed25519", new=lambda _bits: Ed25519PrivateKey.generate(), encrypts_by=())
X25519 = KeyKind(name="X25519", new=lambda _bits: X25519PrivateKey.generate(), encrypts_by=("key_agreement",))


def _ed25519() -> SignatureAlgorithm:
    nobodys = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()

    def sign_octets(private_key: PrivateKeyTypes, octets: bytes) -> bytes:
        if not isinstance(private_key, Ed25519PrivateKey):
            raise UnusableCredential("the signing key is not an Ed25519 key")
        return private_key.sign(octets)

    def holds(public_key: PublicKeyTypes, signature: bytes, octets: bytes) -> bool:
        try:
            assert isinstance(public_key, Ed25519PublicKey)
            public_key.verify(signature, octets)
        except InvalidSignature:
            return False
        return True

    def spend(signature: bytes, octets: bytes) -> None:
        holds(nobodys, signature, octets)

    return SignatureAlgorithm(
        uri=ED25519_URI,
        key_kind=ED25519.name,
        sign_octets=sign_octets,
        holds=holds,
        fits=lambda public_key: isinstance(public_key, Ed25519PublicKey),
        spend=spend,
    )


def _x25519() -> KeyTransport:
    def wrap(key: bytes, public_key: PublicKeyTypes) -> WrappedOctets:
        if not isinstance(public_key, X25519PublicKey):
            raise UnusableCredential("the recipient's encryption key is not an X25519 key")
        ephemeral, salt = X25519PrivateKey.generate(), os.urandom(SALT_OCTETS)
        octets = keywrap.aes_key_wrap(_derived(ephemeral, public_key, salt), key)
        originator = ephemeral.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return WrappedOctets(transport=transport, octets=octets, parameters={"originator": originator, "salt": salt})

    def write(wrapped: WrappedOctets, recipient_reference: str) -> str:
        salt, originator = (base64_text(wrapped.parameters[each]) for each in ("salt", "originator"))
        return (
            f'<xenc:EncryptionMethod Algorithm="{AES128_KW}"></xenc:EncryptionMethod><ds:KeyInfo>'
            f'<xenc:AgreementMethod Algorithm="{X25519_URI}">'
            f'<xenc11:KeyDerivationMethod xmlns:xenc11="{names.XENC11}" Algorithm="{HKDF_URI}">'
            f'<more:Salt xmlns:more="{MORE}">{salt}</more:Salt></xenc11:KeyDerivationMethod>'
            f'<xenc:OriginatorKeyInfo><dsig11:DEREncodedKeyValue xmlns:dsig11="http://www.w3.org/2009/xmldsig11#">'
            f"{originator}</dsig11:DEREncodedKeyValue></xenc:OriginatorKeyInfo>"
            f"<xenc:RecipientKeyInfo>{recipient_reference}</xenc:RecipientKeyInfo></xenc:AgreementMethod></ds:KeyInfo>"
        )

    def agreement(encrypted_key: Element) -> tuple[Element, ...]:
        (method,) = children_named(only_child(encrypted_key, names.KEY_INFO), f"{{{names.XENC}}}AgreementMethod")
        return children_named(
            method,
            f"{{{names.XENC11}}}KeyDerivationMethod",
            f"{{{names.XENC}}}OriginatorKeyInfo",
            f"{{{names.XENC}}}RecipientKeyInfo",
        )

    def read(encrypted_key: Element) -> Mapping[str, bytes] | None:
        if algorithm_of(only_child(encrypted_key, names.ENCRYPTION_METHOD)) != AES128_KW:
            return None
        derivation, originator, _ = agreement(encrypted_key)
        return {
            name: base64_of(found[0], limit=1000, otherwise=FailedDecryption)
            for name, found in (("salt", derivation), ("originator", originator))
        }

    def unwrap(private_key: PrivateKeyTypes, wrapped: WrappedOctets) -> bytes:
        public_key = serialization.load_der_public_key(wrapped.parameters["originator"])
        if not isinstance(private_key, X25519PrivateKey) or not isinstance(public_key, X25519PublicKey):
            raise FailedDecryption("the key transport does not fit our key")
        try:
            key = _derived(private_key, public_key, wrapped.parameters["salt"])
            return keywrap.aes_key_unwrap(key, wrapped.octets)
        except keywrap.InvalidUnwrap:
            raise FailedDecryption("the content key could not be unwrapped") from None

    transport = KeyTransport(
        name="x25519-hkdf-kw-aes128",
        uri=AES128_KW,
        key_kind=X25519.name,
        fits=lambda public_key: isinstance(public_key, X25519PublicKey),
        wrap=wrap,
        write=write,
        read=read,
        recipient=lambda encrypted_key: agreement(encrypted_key)[2],
        unwrap=unwrap,
    )
    return transport


def _derived(private_key: X25519PrivateKey, public_key: X25519PublicKey, salt: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 16, salt, b"").derive(private_key.exchange(public_key))


SIGNATURE, TRANSPORT = _ed25519(), _x25519()
MADE_UP = Suite(
    name="made-up",
    signature=SIGNATURE,
    digest=DIGESTS[names.SHA256],
    key_transport=TRANSPORT,
    content=CONTENTS[names.AES128_GCM],
    accepted_signatures=(SIGNATURE,),
    accepted_digests=(DIGESTS[names.SHA256],),
    accepted_key_transports=(TRANSPORT,),
    accepted_contents=(CONTENTS[names.AES128_GCM],),
)


@cache
def made_up(name: str, usage: Usage) -> Issued:
    """A key of the kind that the suite wants, and its certificate, of a party of the tests."""
    return issue(
        authority(),
        common_name=f"{PARTIES[name][1]} made up",
        party_id=PARTIES[name][0],
        at=NOW - timedelta(days=1000),
        days=3000,
        usage=usage,
        kind=ED25519 if usage == "signing" else X25519,
    )


def made_up_signer(name: str) -> SigningKey:
    """The key that a party signs with in that suite."""
    issued = made_up(name, "signing")
    return SigningKey(private_key=issued.private_key, certificate=issued.certificate)


def made_up_opener(name: str) -> DecryptionKey:
    """The key that opens what is encrypted to a party in that suite."""
    issued = made_up(name, "encryption")
    return DecryptionKey(private_key=issued.private_key, certificate=issued.certificate)


def load_made_up(path: str) -> tuple[Certificate, ...] | None:
    """The certificate that a name such as `made-up/creditor-signing` stands for; None for another name."""
    folder, _, rest = path.rpartition("/")
    name, _, usage = rest.partition("-")
    if not folder.endswith("made-up"):
        return None
    return (made_up(name, "signing" if usage == "signing" else "encryption").certificate,)
