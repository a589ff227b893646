"""The parts of a message on their way out: each compressed, digested and encrypted, and in its place of the multipart.

No input or output, no clock, and synchronous: whoever has octets feeds them, one part after the other, and takes what
goes over the wire between the head and the tail of the message:

    packer = PartPacker(suite, boundary=boundary)
    part = packer.begin(content_id, salt=salt)        # or with its type, to pack the octets as they are
    sent = part.feed(octets)
    sent = part.close()
    message = packer.close(user_message, ...)         # signs; head + all that was sent + tail is the body

The signature precedes the parts on the wire and covers their digests, so what was sent has to be kept somewhere until
the message is closed; it is ciphertext. Clauses: AS4 3.1, 5.1.4 to 5.1.6 (compress, sign, encrypt, in this order);
ebMS3 Core 5.1.1.

SECURITY: one content key a message, which only the recipient of `close` can unwrap; a fresh IV a part.
`crypto` draws both at random, and no argument can make two messages share them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crypto.certificates import Certificate
from crypto.digest import PartDigest
from crypto.encrypt import ContentCipher, new_content_key, wrap
from crypto.key_references import KeyReference
from crypto.keys import Signer
from crypto.signed_info import VerifiedReference
from crypto.suites import Suite
from gateway.ebms import names
from gateway.ebms.consistency import content_ids
from gateway.ebms.gzip import Deflater
from gateway.ebms.mime import content_type_header, multipart_head, multipart_tail, part_head
from gateway.ebms.model import Messaging, PartReference, UserMessage
from gateway.ebms.pack import PackedPart, signed_envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedMessage:
    """What goes before and after the parts, with the Content-Type of all; `references` are what its receipt repeats."""

    content_type: str
    head: bytes
    tail: bytes
    references: tuple[PartReference, ...]


class PartPacker:
    """The parts of one message, encrypted under a content key of its own."""

    def __init__(self, suite: Suite, *, boundary: str) -> None:
        self._suite = suite
        self._boundary = boundary
        self._content_key = new_content_key(suite.content)
        self._packed: dict[str, PackedPart] = {}

    def begin(
        self,
        content_id: str,
        mime_type: str = names.GZIP,
        *,
        salt: bytes | None = None,
        signed: VerifiedReference | None = None,
    ) -> PackingPart:
        """Start a part: compressed with `salt`, 16 random octets, or as its octets are, of that type.

        What was `signed` of the same octets before saves digesting them once more, where it is by this suite's method.
        """
        known = signed if signed is not None and signed.digest_method == self._suite.digest.uri else None

        def packed(digest: bytes) -> None:
            self._packed[content_id] = PackedPart(content_id=content_id, mime_type=mime_type, digest=digest)

        return PackingPart(
            head=part_head(content_id, names.OCTET_STREAM, boundary=self._boundary),
            deflater=None if salt is None else Deflater(salt),
            digest=known.digest_value if known is not None else PartDigest(self._suite.digest.uri, mime_type),
            cipher=ContentCipher(self._content_key),
            packed=packed,
        )

    def close(
        self,
        user_message: UserMessage,
        *,
        key: Signer,
        key_reference: KeyReference,
        root_id: str,
        recipient: Certificate,
        encryption_reference: KeyReference = KeyReference.SKI,
    ) -> PackedMessage:
        """Sign the envelope over the parts, in the order of the header whatever the order in which they came (H39), and
        wrap the content key for the recipient. Arguments as those of `gateway.ebms.pack.signed_envelope`; ValueError
        when the parts that were closed are not those that the user message declares.
        """
        declared = content_ids(user_message)
        if self._packed.keys() != set(declared):
            raise ValueError("the parts that were packed are not those that the user message declares")
        envelope = signed_envelope(
            Messaging(user_message=user_message),
            key=key,
            suite=self._suite,
            key_reference=key_reference,
            parts=[self._packed[content_id] for content_id in declared],
            wrapped_key=wrap(self._content_key, recipient, self._suite),
            encryption_reference=encryption_reference,
        )
        return PackedMessage(
            content_type=content_type_header(self._boundary, root_id),
            head=multipart_head(self._boundary, root_id) + envelope.envelope,
            tail=multipart_tail(self._boundary),
            references=envelope.references,
        )


class PackingPart:
    """One part on its way out."""

    def __init__(
        self,
        *,
        head: bytes,
        deflater: Deflater | None,
        digest: PartDigest | bytes,
        cipher: ContentCipher,
        packed: Callable[[bytes], None],
    ) -> None:
        self._head = head
        self._deflater = deflater
        self._digest = digest
        self._cipher = cipher
        self._packed = packed

    def feed(self, octets: bytes) -> bytes:
        """Take the next octets of the part; what of it can be sent already, the first time with its MIME header."""
        return self._seal(octets if self._deflater is None else self._deflater.feed(octets))

    def close(self) -> bytes:
        """The part has ended: the rest of it, up to its tag."""
        rest = self._seal(b"" if self._deflater is None else self._deflater.finish())
        self._packed(self._digest if isinstance(self._digest, bytes) else self._digest.finish())
        return rest + self._cipher.finish()

    def _seal(self, plain: bytes) -> bytes:
        head, self._head = self._head, b""
        if not isinstance(self._digest, bytes):
            self._digest.update(plain)
        return head + self._cipher.update(plain)
