"""Decrypting an AS4 message: what the header says, then the content key, then the parts as they stream by.

`read_encryption` (in `crypto.encryption_plan`) judges the whole header and uses no key. `unwrap` is the first use of
a private key; `PartDecryptor` opens one part.

SECURITY: a content key that does not come out is replaced by a random one, so that a wrong padding, a wrong key and a
wrong tag end in the same place with the same answer after about the same time (Bleichenbacher, Manger). Plaintext
that `update` returns is not authentic before `finish` has returned: keep it where nothing else can see it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import AEADDecryptionContext, Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from crypto.certificates import term_of
from crypto.encrypt import IV_OCTETS, TAG_OCTETS
from crypto.encryption_plan import DecryptionPolicy, EncryptionPlan, PlannedKey, PlannedPart, read_encryption
from crypto.faults import EndedKey, FailedDecryption, PolicyNoncompliance
from crypto.findings import CertificateOutOfTerm, CertificateUnknown, CiphertextFound
from crypto.key_transports import ContentKey
from crypto.keys import Unwrapper

__all__ = [
    "DecryptionPolicy",
    "EncryptionPlan",
    "PartDecryptor",
    "PlannedKey",
    "PlannedPart",
    "read_encryption",
    "unwrap",
]


def unwrap(plan: EncryptionPlan, keys: Sequence[Unwrapper]) -> Mapping[str, ContentKey]:
    """The content key of each encrypted part, by Content-ID; FailedDecryption when the message names none of our keys
    (`EndedKey` when it names one whose certificate is over).

    Each wrapped key is unwrapped once. A key that fails to unwrap is not reported here: its parts fail to decrypt.
    """
    chosen = [_chosen_key(planned, plan, keys) for planned in plan.keys]
    octets = [_unwrapped(planned, key) for planned, key in zip(plan.keys, chosen, strict=True)]
    content_keys = {
        part.content_id: ContentKey(
            algorithm=part.content, octets=_fitting(octets[part.key_index], part.content.key_octets)
        )
        for part in plan.parts
    }
    return MappingProxyType(content_keys)


def _chosen_key(planned: PlannedKey, plan: EncryptionPlan, keys: Sequence[Unwrapper]) -> Unwrapper:
    named = [key for key in keys if planned.recipient.names(key.certificate)]
    for key in named:
        if plan.at is None or plan.at <= term_of(key.certificate, plan.terms).ends_at:
            return key
    if named and plan.at is not None:
        raise EndedKey(
            "the message is encrypted for a certificate that is not ours any more: it has ended",
            CertificateOutOfTerm(
                certificate=named[0].certificate, at=plan.at, term=term_of(named[0].certificate, plan.terms)
            ),
        )
    raise FailedDecryption(
        "the message is encrypted for a certificate that is not ours",
        CertificateUnknown(
            element="xenc:EncryptedKey",
            form=planned.recipient.form,
            held_against=tuple(key.certificate for key in keys),
        ),
    )


def _unwrapped(planned: PlannedKey, key: Unwrapper) -> bytes:
    try:
        return key.unwrap(planned.sealed)
    except FailedDecryption:
        return b""


def _fitting(octets: bytes, wanted: int) -> bytes:
    replacement = os.urandom(wanted)
    return octets if len(octets) == wanted else replacement


class PartDecryptor:
    """Opens one encrypted part while it streams by; the last 16 octets are held back, because they are the tag.

    `used_ivs` is one set for all parts under one key: an IV that returns is PolicyNoncompliance.
    """

    __slots__ = ("_decryptor", "_ended", "_held", "_key", "_used_ivs")

    def __init__(self, key: ContentKey, used_ivs: set[bytes] | None = None) -> None:
        self._key = key.octets
        self._used_ivs = used_ivs
        self._held = b""
        self._decryptor: AEADDecryptionContext | None = None
        self._ended = False

    def update(self, octets: bytes) -> bytes:
        """Plaintext of what has come in so far, not yet authentic."""
        held = self._held + octets
        if self._decryptor is None:
            if len(held) < IV_OCTETS + TAG_OCTETS:
                self._held = held
                return b""
            iv, held = held[:IV_OCTETS], held[IV_OCTETS:]
            self._note_iv(iv)
            self._decryptor = Cipher(AES(self._key), GCM(iv)).decryptor()
        self._held = held[-TAG_OCTETS:]
        return self._decryptor.update(memoryview(held)[:-TAG_OCTETS])

    def _note_iv(self, iv: bytes) -> None:
        if self._used_ivs is not None:
            if iv in self._used_ivs:
                finding = CiphertextFound(what="IV", expected="another for each part", found="that of another part")
                raise PolicyNoncompliance("two parts are encrypted with one IV", finding)
            self._used_ivs.add(iv)

    def finish(self) -> None:
        """FailedDecryption unless everything that `update` returned is authentic and complete."""
        if self._ended:
            raise FailedDecryption("the part has ended before")
        self._ended = True
        if self._decryptor is None:
            finding = CiphertextFound(
                what="length", expected=f"{IV_OCTETS + TAG_OCTETS} octets at least", found=str(len(self._held))
            )
            raise FailedDecryption("an encrypted part is shorter than its IV and tag", finding)
        try:
            self._decryptor.finalize_with_tag(self._held)
        except InvalidTag:
            finding = CiphertextFound(what="tag", expected="that of the part under its key", found="another value")
            raise FailedDecryption("an encrypted part is not what was encrypted with this key", finding) from None
