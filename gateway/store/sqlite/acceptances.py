"""What an acceptance leaves behind: so that the same message again is known, and gets its receipt (G5, decision 0017).

Functions over a connection, inside a transaction of `gateway.store.sqlite.transactions`, or on the connection that
reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import apsw

from gateway import failpoints
from gateway.store import rows
from gateway.store.model import Acceptance, Earlier, EvidenceKind, GivenReceipt, Keeping, Signer, TooManyReceipts
from gateway.store.sqlite.statements import SQL, change_one, first_row, number


def find_earlier(connection: apsw.Connection, keys: Sequence[bytes], soap_sha256: bytes) -> Earlier | None:
    """The acceptance under the first of these keys that has one, with the receipt given for that SOAP part."""
    for key in keys:
        row = first_row(connection, "find_acceptance", {"key": key, "soap_sha256": soap_sha256})
        if row is not None:
            return rows.read_earlier(row)
    return None


def remember(connection: apsw.Connection, message_row: int, acceptance: Acceptance) -> None:
    """The receipt that was given, and the key under which a second arrival finds it again."""
    at = rows.to_microseconds(acceptance.at)
    _keep_evidence(connection, message_row, EvidenceKind.GIVEN, acceptance.receipt, at)
    connection.execute(
        SQL["insert_acceptance"],
        {
            "key": acceptance.key,
            "message": message_row,
            "signer": _signer(connection, acceptance.signer, at),
            "soap_sha256": acceptance.receipt.soap_sha256,
            "said": acceptance.said,
            "said_apart": acceptance.said_apart,
            "own_digests": acceptance.own_digests or None,
            "accepted_at": at,
            "forget_at": rows.to_microseconds(acceptance.forget_at),
        },
    )


def keep_receipt(
    connection: apsw.Connection, key: bytes, receipt: GivenReceipt, at: datetime, most: int
) -> Keeping | None:
    """Keep a receipt for another signing of an accepted message; None when the acceptance is forgotten by now."""
    earlier = find_earlier(connection, (key,), receipt.soap_sha256)
    if earlier is None:
        return None
    if earlier.receipt is not None:
        return earlier.receipt
    message = first_row(connection, "find_accepted_message", {"key": key})
    if message is None:
        return None
    if number(connection, "count_given_again", {"message": message[0]}) >= most:
        return TooManyReceipts()
    _keep_evidence(connection, message[0], EvidenceKind.GIVEN_AGAIN, receipt, rows.to_microseconds(at))
    failpoints.reach("S1.before")
    return receipt


def signers(connection: apsw.Connection) -> tuple[Signer, ...]:
    """Under which names, certificates and suites something was accepted, as long as acceptances are kept. A record of
    one that changed vouches for nobody.
    """
    found = (rows.read_signer(row) for row in connection.execute(SQL["list_signers"]))
    return tuple(each for each in found if each is not None)


def forget(connection: apsw.Connection, at: datetime, limit: int) -> int:
    """T12: acceptances whose time is over, and of the signers and certificates behind them those that stand behind none
    any more. What is looked at is what goes.
    """
    bindings = {"at": rows.to_microseconds(at), "limit": limit}
    return _forget(connection, "forget_acceptances", bindings)


def forget_damaged(connection: apsw.Connection, message_row: Any) -> None:
    """What vouches for nothing and never came to its own end goes with its message."""
    _forget(connection, "delete_acceptance", {"id": message_row})


def _forget(connection: apsw.Connection, name: str, bindings: Mapping[str, Any]) -> int:
    behind = connection.execute(SQL[name], bindings).fetchall()
    for signer in {row[0] for row in behind} - {None}:
        for (certificate,) in connection.execute(SQL["forget_signer"], {"id": signer}).fetchall():
            connection.execute(SQL["forget_certificate"], {"sha256": certificate})
    return len(behind)


def _keep_evidence(
    connection: apsw.Connection, message_row: int, kind: EvidenceKind, receipt: GivenReceipt, at: int
) -> None:
    change_one(
        connection,
        "insert_evidence",
        {
            "message": message_row,
            "kind": kind.value,
            "at": at,
            "content_type": receipt.content_type,
            "soap_sha256": receipt.soap_sha256,
            "octets": receipt.octets,
        },
    )


def _signer(connection: apsw.Connection, signer: Signer, at: int) -> int:
    digest = hashlib.sha256(signer.certificate).digest()
    connection.execute(SQL["insert_certificate"], {"sha256": digest, "der": signer.certificate})
    bindings = {
        "sender": signer.sender,
        "from_party": rows.write_party_ids(signer.from_party),
        "certificate": digest,
        "suite": signer.suite,
        "key_reference": signer.key_reference,
        "at": at,
    }
    return number(connection, "insert_signer", bindings)
