"""What an acceptance leaves behind: so that the same message again is known, and gets its receipt (G5)."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway import failpoints
from gateway.postgres import OnceMore, Row, Transaction
from gateway.store import acceptance_rows, rows
from gateway.store.digest import is_sound
from gateway.store.model import Acceptance, Earlier, EvidenceKind, GivenReceipt, Keeping, Signer
from gateway.store.rules.acceptance import receipt_for

# When somebody was heard last is written no oftener than this, or the messages of one sender would wait for each other.
_HEARD_AGAIN: Final = timedelta(minutes=1) // timedelta(microseconds=1)


async def find_earlier(tx: Transaction, keys: Sequence[bytes], soap_sha256: bytes) -> Earlier | None:
    """The acceptance under the first of these keys that has one, with the receipt given for that SOAP part."""
    for key in keys:
        row = await tx.first("find_acceptance", {"key": key})
        given = None if row is None else await tx.first("find_given", {"key": key, "soap_sha256": soap_sha256})
        if row is not None and given is not None:
            return acceptance_rows.read_earlier(row, given)
    return None


async def remember(tx: Transaction, message_row: int, message_id: str, acceptance: Acceptance) -> None:
    """The receipt that was given, and the key under which a second arrival finds it again. Of two that arrive at once
    the unique key decides: the second waits for the first, and then begins once more and finds it.
    """
    signer_row = await _signer(tx, acceptance.signer, rows.to_microseconds(acceptance.at))
    bindings = acceptance_rows.acceptance_bindings(acceptance, message_row, signer_row)
    if await tx.change("insert_acceptance", bindings) == 0:
        raise OnceMore
    await _keep_given(tx, message_row, message_id, EvidenceKind.GIVEN, acceptance.receipt, acceptance.at)


async def keep_receipt(tx: Transaction, key: bytes, receipt: GivenReceipt, *, most: int) -> Keeping | None:
    """Keep a receipt for another signing of an accepted message; None when the acceptance is forgotten by now."""
    await tx.first("lock_acceptance", {"key": key})
    earlier = await find_earlier(tx, (key,), receipt.soap_sha256)
    message_row, message_id, given_again = await tx.first("find_accepted_message", {"key": key}) or (0, "", 0)
    kept = receipt_for(earlier, receipt, given_again=given_again, most=most)
    if kept is receipt:
        await _keep_given(tx, message_row, message_id, EvidenceKind.GIVEN_AGAIN, receipt, tx.now)
        failpoints.reach("S1.before")
    return kept


async def signers(tx: Transaction) -> tuple[Signer, ...]:
    """Under which names, certificates and suites something was accepted. A record that changed vouches for nobody."""
    found = [acceptance_rows.read_signer(row) for row in await tx.rows("list_signers")]
    return tuple(each for each in found if each is not None)


async def forget(tx: Transaction, at: datetime, limit: int) -> int:
    """T12: acceptances whose time is over, and of the signers and certificates behind them those that stand behind none
    any more. One that is not what was written goes with its message.
    """
    keys: list[bytes] = []
    over = tx.walk("find_forgettable_acceptances", {"at": rows.to_microseconds(at)}, at_once=limit)
    async with contextlib.aclosing(over) as found:
        async for row in found:
            if is_sound(row):
                keys.append(row[0])
            if len(keys) >= limit:
                break
    behind: list[Row] = []
    for key in keys:
        behind += await tx.rows("delete_acceptance", {"key": key})
    await forget_signers(tx, behind)
    return len(keys)


async def keeps_its_message(tx: Transaction, message_row: int) -> bool:
    """Whether a message was accepted under a key that is remembered, by what is recorded of that."""
    return any(map(is_sound, await tx.rows("find_acceptances_of", {"message": message_row})))


async def forget_damaged(tx: Transaction, message_row: int) -> None:
    """What vouches for nothing and never came to its own end goes with its message."""
    await forget_signers(tx, await tx.rows("delete_acceptances_of", {"message": message_row}))


async def forget_signers(tx: Transaction, behind: Iterable[Row]) -> None:
    """Of these signers those go behind whom no acceptance stands any more."""
    for signer in sorted({signer for (signer,) in behind if signer is not None}):
        for (certificate,) in await tx.rows("forget_signer", {"id": signer}):
            await tx.change("forget_certificate", {"sha256": certificate})


async def _keep_given(
    tx: Transaction, message_row: int, message_id: str, kind: EvidenceKind, receipt: GivenReceipt, at: datetime
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
    await tx.change_one("insert_evidence", bindings)


async def _signer(tx: Transaction, signer: Signer, at: int) -> int:
    sha256 = hashlib.sha256(signer.certificate).digest()
    bindings = acceptance_rows.signer_bindings(signer, sha256) | {"at": at, "heard_again": _HEARD_AGAIN}
    if (row := await tx.number("find_signer", bindings)) != 0:
        return row
    await tx.change("insert_certificate", {"sha256": sha256, "der": signer.certificate})
    return await tx.number("insert_signer", bindings)
