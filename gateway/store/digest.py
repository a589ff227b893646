"""The digests under which every stored octet stands that leaves the hub or decides something.

They are made before the commit that stores the octets and held against them each time they are read.

What stands under the digest of a record, and in which order, is said here and for every engine. It is part of the
format of a store: stored digests were made so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.digest import Field, digest

# Of a message: all that its row says of it but what its life changes.
OF_MESSAGE = (
    "message_id", "received_message_id", "kind", "sender", "original_sender", "receiver", "final_recipient", "mpc",
    "service", "action", "conversation_id", "tracking_identifier", "cross_reference", "question", "answer_due",
    "accepted_at", "expires_at", "sealed_to", "size_octets",
)  # fmt: skip
# Of its envelope and parts: all that leaves on a pull, and whose it is; of the parts, their own digest.
OF_ENVELOPE = ("message_id", "content_type", "head", "tail", "parts_octets", "parts_sha256")
# Of what its receipt has to repeat.
OF_PROMISE = ("message_id", "part_references")
# Of a receipt; the octets as they were given or taken, however they are kept.
OF_EVIDENCE = ("message_id", "kind", "at", "content_type", "soap_sha256", "octets")
# Of what makes a second arrival known; message and signer by their rows.
OF_ACCEPTANCE = (
    "key", "message", "signer", "soap_sha256", "said", "said_apart", "own_digests", "accepted_at", "forget_at",
)  # fmt: skip
# Of whose it is; the certificate by its SHA-256.
OF_SIGNER = ("sender", "from_party", "certificate", "suite", "key_reference")


def digest_of(record: Sequence[str], columns: Mapping[str, Field]) -> bytes:
    """The digest of one of the records above, of which these are the columns, and maybe others beside them."""
    return digest(*[columns[name] for name in record])


def is_sound(row: Sequence[Field]) -> bool:
    """Whether the columns of a record in order, and after them the digest that was stored, are what was written."""
    return digest(*row[:-1]) == row[-1]
