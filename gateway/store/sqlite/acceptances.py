"""What an acceptance leaves behind: so that the same message again is known, and gets its receipt (G5, decision 0017).

Functions over a connection, inside a transaction of `gateway.store.sqlite.transactions`, or on the connection that
reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain, islice

import apsw

from gateway import failpoints
from gateway.store import acceptance_rows, rows
from gateway.store.digest import is_sound
from gateway.store.model import Acceptance, Earlier, EvidenceKind, GivenReceipt, Keeping, Signer
from gateway.store.rules.acceptance import receipt_for
from gateway.store.sqlite.statements import SQL, change_one, first_row, number


def find_earlier(connection: apsw.Connection, keys: Sequence[bytes], soap_sha256: bytes) -> Earlier | None:
    """The acceptance under the first of these keys that has one, with the receipt given for that SOAP part."""
    for key in keys:
        row = first_row(connection, "find_acceptance", {"key": key})
        given = None if row is None else first_row(connection, "find_given", {"key": key, "soap_sha256": soap_sha256})
        if row is not None and given is not None:  # outside a transaction it may be forgotten between the two
            return acceptance_rows.read_earlier(row, given)
    return None


def remember(connection: apsw.Connection, message_row: int, message_id: str, acceptance: Acceptance) -> None:
    """The receipt that was given, and the key under which a second arrival finds it again."""
    _keep_given(connection, message_row, message_id, EvidenceKind.GIVEN, acceptance.receipt, acceptance.at)
    signer_row = _signer(connection, acceptance.signer, acceptance.at)
    connection.execute(
        SQL["insert_acceptance"], acceptance_rows.acceptance_bindings(acceptance, message_row, signer_row)
    )


def keep_receipt(
    connection: apsw.Connection, key: bytes, receipt: GivenReceipt, at: datetime, most: int
) -> Keeping | None:
    """Keep a receipt for another signing of an accepted message; None when the acceptance is forgotten by now."""
    earlier = find_earlier(connection, (key,), receipt.soap_sha256)
    message_row, message_id, given_again = first_row(connection, "find_accepted_message", {"key": key}) or (0, "", 0)
    kept = receipt_for(earlier, receipt, given_again=given_again, most=most)
    if kept is receipt:
        _keep_given(connection, message_row, message_id, EvidenceKind.GIVEN_AGAIN, receipt, at)
        failpoints.reach("S1.before")
    return kept


def signers(connection: apsw.Connection) -> tuple[Signer, ...]:
    """Under which names, certificates and suites something was accepted, as long as acceptances are kept. A record of
    one that changed vouches for nobody.
    """
    found = (acceptance_rows.read_signer(row) for row in connection.execute(SQL["list_signers"]))
    return tuple(each for each in found if each is not None)


def forget(connection: apsw.Connection, at: datetime, limit: int) -> int:
    """T12: acceptances whose time is over, and of the signers and certificates behind them those that stand behind none
    any more. What is looked at is what goes: one that is not what was written goes with its message.
    """
    over = connection.execute(SQL["find_forgettable_acceptances"], {"at": rows.to_microseconds(at)})
    keys = [row[0] for row in islice(filter(is_sound, over), limit)]
    over.close()
    deleted = (connection.execute(SQL["delete_acceptance"], {"key": key}).fetchall() for key in keys)
    _forget_signers(connection, chain.from_iterable(deleted))
    return len(keys)


def keeps_its_message(connection: apsw.Connection, message_row: int) -> bool:
    """Whether a message was accepted under a key that is remembered, by what is recorded of that."""
    return any(map(is_sound, connection.execute(SQL["find_acceptances_of"], {"message": message_row})))


def forget_damaged(connection: apsw.Connection, message_row: int) -> None:
    """What vouches for nothing and never came to its own end goes with its message."""
    _forget_signers(connection, connection.execute(SQL["delete_acceptances_of"], {"message": message_row}).fetchall())


def _forget_signers(connection: apsw.Connection, behind: Iterable[rows.Row]) -> None:
    for signer in {signer for (signer,) in behind}:
        for (certificate,) in connection.execute(SQL["forget_signer"], {"id": signer}).fetchall():
            connection.execute(SQL["forget_certificate"], {"sha256": certificate})


def _keep_given(
    connection: apsw.Connection,
    message_row: int,
    message_id: str,
    kind: EvidenceKind,
    receipt: GivenReceipt,
    at: datetime,
) -> None:
    bindings = acceptance_rows.evidence_bindings(
        message_id,
        message_row,
        kind,
        at,
        receipt.octets,
        content_type=receipt.content_type,
        soap_sha256=receipt.soap_sha256,
    )
    change_one(connection, "insert_evidence", bindings)


def _signer(connection: apsw.Connection, signer: Signer, at: datetime) -> int:
    sha256 = hashlib.sha256(signer.certificate).digest()
    connection.execute(SQL["insert_certificate"], {"sha256": sha256, "der": signer.certificate})
    bindings = acceptance_rows.signer_bindings(signer, sha256)
    return number(connection, "insert_signer", bindings | {"at": rows.to_microseconds(at)})
