"""Between the rows of a database and what is kept of an acceptance: receipts, what makes a second arrival known, and
whose it was (G5, decision 0017); no engine's own.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from gateway.ebms.model import PartyId, PartyKey
from gateway.store.digest import OF_ACCEPTANCE, OF_EVIDENCE, OF_SIGNER, digest_of, is_sound
from gateway.store.interface import DamagedRecord
from gateway.store.model import Acceptance, Earlier, EvidenceKind, GivenReceipt, Signer
from gateway.store.packing import packed, unpacked
from gateway.store.rows import Bindings, Row, to_datetime, to_json, to_microseconds


def evidence_bindings(
    message_id: str,
    message_row: int,
    kind: EvidenceKind,
    at: datetime,
    octets: bytes,
    *,
    content_type: str | None = None,
    soap_sha256: bytes | None = None,
) -> Bindings:
    """The columns of a receipt that was given or taken, with its digest and packed."""
    columns: Bindings = {
        "message": message_row,
        "kind": kind.value,
        "at": to_microseconds(at),
        "content_type": content_type,
        "soap_sha256": soap_sha256,
    }
    sealed = columns | {"message_id": message_id, "octets": octets}
    return columns | {"octets": packed(octets), "sha256": digest_of(OF_EVIDENCE, sealed)}


def acceptance_bindings(acceptance: Acceptance, message_row: int, signer_row: int) -> Bindings:
    """The columns of what makes a second arrival known, with its digest."""
    columns: Bindings = {
        "key": acceptance.key,
        "message": message_row,
        "signer": signer_row,
        "soap_sha256": acceptance.receipt.soap_sha256,
        "said": acceptance.said,
        "said_apart": acceptance.said_apart,
        "own_digests": acceptance.own_digests or None,
        "accepted_at": to_microseconds(acceptance.at),
        "forget_at": to_microseconds(acceptance.forget_at),
    }
    return columns | {"sha256": digest_of(OF_ACCEPTANCE, columns)}


def signer_bindings(signer: Signer, certificate_sha256: bytes) -> Bindings:
    """The columns of whose an acceptance is, with its digest; the certificate itself lies under its own."""
    columns: Bindings = {
        "sender": signer.sender,
        "from_party": write_party_ids(signer.from_party),
        "certificate": certificate_sha256,
        "suite": signer.suite,
        "key_reference": signer.key_reference,
    }
    return columns | {"sha256": digest_of(OF_SIGNER, columns)}


def write_party_ids(party_ids: PartyKey) -> str:
    """The PartyIds of eb:From as JSON, in one order."""
    return to_json(sorted(((each.value, each.type) for each in party_ids), key=lambda each: (each[0], each[1] or "")))


def read_signer(row: Row) -> Signer | None:
    """Under which name, certificate and suite something was accepted; None when that is not what was written."""
    *sealed, certificate = row
    sender, from_party, certificate_sha256, suite, key_reference, _ = sealed
    if not is_sound(tuple(sealed)) or hashlib.sha256(certificate).digest() != certificate_sha256:
        return None
    return Signer(
        sender=sender,
        from_party=frozenset(PartyId(value=value, type=kind) for value, kind in json.loads(from_party)),
        certificate=certificate,
        suite=suite,
        key_reference=key_reference,
    )


def read_evidence(row: Row) -> bytes:
    """A receipt as it was given or taken; raises `DamagedRecord`."""
    message_id, kind, at, content_type, soap_sha256, kept, sealed = row
    octets = unpacked(kept)
    if octets is None or not is_sound((message_id, kind, at, content_type, soap_sha256, octets, sealed)):
        raise DamagedRecord(message_id, f"the evidence ({kind})")
    return octets


def read_earlier(sealed: Row, given: Row) -> Earlier:
    """An acceptance, with the receipt given for the SOAP part that was asked about; raises `DamagedRecord`."""
    key, _, _, _, said, said_apart, own_digests, at, _, _ = sealed
    if not is_sound(sealed):
        raise DamagedRecord(given[0] or "a message", "the acceptance")
    kind, content_type, soap_sha256 = given[1], given[3], given[4]
    found = None
    if kind is not None:
        octets = read_evidence(given)
        found = GivenReceipt(soap_sha256=soap_sha256 or b"", octets=octets, content_type=content_type)
    return Earlier(
        key=key,
        said=said,
        said_apart=said_apart or b"",
        own_digests=own_digests or b"",
        receipt=None if soap_sha256 is None else found,
        at=to_datetime(at),
        unplaced=found if soap_sha256 is None else None,
    )
