"""What a whole store has to be, in statements that every engine understands, and the verdict on each row.

Each row that leaves the hub or decides something is held against the digest that it was stored under. Nothing is
changed: what is damaged is named, by the MessageId or the key of the row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from gateway.store.acceptance_rows import read_evidence, read_signer
from gateway.store.digest import OF_ACCEPTANCE, OF_MESSAGE, is_sound
from gateway.store.interface import DamagedRecord
from gateway.store.portal.verbs.records import TABLES, is_whole

Row: TypeAlias = Sequence[Any]

# Each statement gives what names a row, and then what its verdict needs.
STATEMENTS: Final[Mapping[str, str]] = {
    "message": f"SELECT message_id, {', '.join(OF_MESSAGE)}, sha256 FROM message",  # noqa: S608 - names of our own
    "envelope": "SELECT message_id, message_id, content_type, head, tail, parts.size_octets, parts.sha256,"
    " envelope.sha256 FROM envelope JOIN message ON message.id = envelope.message"
    " LEFT JOIN parts ON parts.message = message.id",
    "parts": "SELECT message_id, parts.size_octets, parts.sha256, octets FROM parts"
    " JOIN message ON message.id = parts.message WHERE octets IS NOT NULL",
    "promised": "SELECT message_id, message_id, part_references, promised.sha256 FROM promised"
    " JOIN message ON message.id = promised.message",
    "evidence": "SELECT message_id, message_id, evidence.kind, at, content_type, soap_sha256, octets, evidence.sha256"
    " FROM evidence JOIN message ON message.id = evidence.message",
    "signer": "SELECT signer.id, sender, from_party, certificate, suite, key_reference, signer.sha256, der"
    " FROM signer LEFT JOIN certificate ON certificate.sha256 = signer.certificate",
    "acceptance": f"SELECT message, {', '.join(OF_ACCEPTANCE)}, sha256 FROM acceptance",  # noqa: S608 - as above
}
# What waits has an envelope, parts, and what its receipt has to repeat; each statement gives what has not.
LACKING: Final = (
    "SELECT message_id FROM message LEFT JOIN envelope ON envelope.message = message.id"
    " LEFT JOIN parts ON parts.message = message.id LEFT JOIN promised ON promised.message = message.id"
    " WHERE state IN ('stored', 'offered')"
    " AND (envelope.message IS NULL OR parts.message IS NULL OR promised.message IS NULL)"
)
MISCOUNTED: Final = (
    "SELECT mpc, state FROM ("
    " SELECT mpc, kind, state, count(*) AS messages, sum(size_octets) AS octets FROM message GROUP BY mpc, kind, state"
    " UNION ALL SELECT mpc, kind, state, -messages, -octets FROM tally"
    ") AS side GROUP BY mpc, kind, state HAVING sum(messages) <> 0 OR sum(octets) <> 0"
)


def _is_whole_parts(row: Row) -> bool:
    size_octets, sha256, octets = row
    return (len(octets), hashlib.sha256(octets).digest()) == (size_octets, sha256)


def _is_whole_evidence(row: Row) -> bool:
    try:
        read_evidence(tuple(row))
    except DamagedRecord:
        return False
    return True


def _is_whole_signer(row: Row) -> bool:
    return row[-1] is not None and read_signer(tuple(row)) is not None


_VERDICTS: Final[Mapping[str, Callable[[Row], bool]]] = {
    "parts": _is_whole_parts,
    "evidence": _is_whole_evidence,
    "signer": _is_whole_signer,
}


def fault_of(table: str, row: Row) -> str | None:
    """What is wrong with a row that a statement gave; None where it is what was written."""
    name, *columns = row
    verdict = _VERDICTS.get(table, is_sound)
    return None if verdict(tuple(columns)) else f"{table} of {name} is not what was written"


def portal_statements() -> Iterator[tuple[str, str]]:
    """Each table of the portal whose rows stand under a digest, and the statement that reads them."""
    for table, columns in TABLES.items():
        names = ", ".join(f'"{each}"' for each in columns)
        yield table, f'SELECT {names} FROM "{table}"'  # noqa: S608 - names of our own


def portal_fault_of(table: str, row: Row) -> str | None:
    """As `fault_of`; the row is named by its first column, where that is text or a number."""
    if is_whole(table, dict(zip(TABLES[table], row, strict=True))):
        return None
    named = f" {row[0]}" if isinstance(row[0], str | int) else ""
    return f"a row of the portal's {table.replace('_', ' ')}{named} is not what was written"
