"""Sessions and logins under way: functions inside a transaction.

SECURITY: what is handed in is what a stranger's browser sent; it is looked for by its digest, and nothing else of it
reaches a statement.
"""

from __future__ import annotations

import hmac
from datetime import datetime

from gateway.digest import digest
from gateway.identity.login import LoginKind
from gateway.store.portal import rows
from gateway.store.portal.model import LoginHandles, NewSession, OpenLogin, Session
from gateway.store.portal.rules import session_counts
from gateway.store.portal.terms import (
    ASSERTION_LONGEST,
    LOGIN_OPEN,
    LOGINS_OPEN,
    OCTETS_OF_A_MEMO,
    SESSION_IDLE,
    SESSION_LONGEST,
)
from gateway.store.portal.tokens import csrf_token_of, kept_of, kept_of_code, new_token, pairing_code_of
from gateway.store.portal.verbs.people import units_of
from gateway.store.portal.verbs.records import Columns, PortalRows, number, read_one, run, write
from gateway.store.rows import to_datetime, to_microseconds


async def begin(
    transaction: PortalRows,
    person_id: str,
    kind: LoginKind,
    branch: str | None,
    replaces: str | None,
    now: datetime,
) -> NewSession:
    """A session under a new token; what was in the browser before ends."""
    if replaces is not None:
        await end(transaction, replaces)
    person = await read_one(transaction, "person", "person_by_id", {"id": person_id})
    if person is None:
        raise ValueError("a session is begun for a person who was found or made before")
    token = new_token()
    code = None if await units_of(transaction, person_id) or kind is not LoginKind.USER else pairing_code_of(token)
    columns = {
        "token_sha256": kept_of(token),
        "person": person_id,
        "kind": kind.value,
        "branch": branch,
        "pairing_sha256": None if code is None else kept_of_code(person["organisation"], code),
        "began_at": to_microseconds(now),
        "used_at": to_microseconds(now),
    }
    await write(transaction, "session", columns)
    if kind is LoginKind.ADMINISTRATOR:
        since = {"person": person_id, "organisation": person["organisation"], "since": to_microseconds(now)}
        await write(transaction, "administrator", since)
    return NewSession(token=token, session=await _session(transaction, token, columns, person))


async def find(transaction: PortalRows, token: str, now: datetime) -> Session | None:
    """The session of this token, if it counts."""
    found = await _counting(transaction, token, now)
    return None if found is None else await _session(transaction, token, *found)


async def use(transaction: PortalRows, token: str, now: datetime) -> Session | None:
    """As `find`; its last use is now."""
    found = await _counting(transaction, token, now, "session_to_use")
    if found is None:
        return None
    columns, person = found
    at = to_microseconds(now)
    if at > columns["used_at"]:
        columns = columns | {"used_at": at}
        await write(transaction, "session", columns)
    return await _session(transaction, token, columns, person)


async def _counting(
    transaction: PortalRows, token: str, now: datetime, statement: str = "session_by_token"
) -> tuple[Columns, Columns] | None:
    columns = await read_one(transaction, "session", statement, {"token_sha256": kept_of(token)})
    if columns is None:
        return None
    if not session_counts(to_datetime(columns["began_at"]), to_datetime(columns["used_at"]), now):
        return None
    person = await read_one(transaction, "person", "person_by_id", {"id": columns["person"]})
    return None if person is None else (columns, person)


async def end(transaction: PortalRows, token: str) -> bool:
    """Nothing is left of it."""
    return await run(transaction, "end_session", {"token_sha256": kept_of(token)}) > 0


async def end_all_of(transaction: PortalRows, person_id: str) -> int:
    """Nothing is left of a person's sessions."""
    return await run(transaction, "end_sessions_of", {"person": person_id})


async def _session(transaction: PortalRows, token: str, columns: Columns, person: Columns) -> Session:
    began_at, used_at = to_datetime(columns["began_at"]), to_datetime(columns["used_at"])
    return Session(
        person=rows.read_person(person),
        kind=LoginKind(columns["kind"]),
        branch=columns["branch"],
        units=await units_of(transaction, columns["person"]),
        began_at=began_at,
        used_at=used_at,
        ends_at=began_at + SESSION_LONGEST,
        idle_ends_at=used_at + SESSION_IDLE,
        csrf_token=csrf_token_of(token),
        pairing_code=None if columns["pairing_sha256"] is None else pairing_code_of(token),
    )


async def end_all(transaction: PortalRows) -> None:
    """Nobody is logged in, or about to be."""
    for statement in ("end_all_sessions", "delete_all_logins"):
        await run(transaction, statement, {})


async def open_login(transaction: PortalRows, login: OpenLogin, now: datetime) -> LoginHandles:
    """Remember a login. Where as many are open as may be, the oldest gives way: whoever begins them without end shuts
    out nobody who comes back soon.
    """
    if len(login.memo.encode()) > OCTETS_OF_A_MEMO:
        raise ValueError(f"a road remembers {OCTETS_OF_A_MEMO} octets at most")
    open_since = {"after": to_microseconds(now - LOGIN_OPEN)}
    if await number(transaction, "count_open_logins", open_since) >= LOGINS_OPEN:
        await run(transaction, "delete_oldest_login", open_since)
    handles = LoginHandles(handle=new_token(), cookie=new_token())
    columns = rows.columns_of(login) | {
        "handle_sha256": kept_of(handles.handle),
        "cookie_sha256": kept_of(handles.cookie),
        "began_at": to_microseconds(now),
    }
    await write(transaction, "open_login", columns)
    return handles


async def take_login(transaction: PortalRows, handle: str, cookie: str, now: datetime) -> OpenLogin | None:
    """The login of this handle, once; another browser, or one that comes too late, takes nothing."""
    columns = await read_one(transaction, "open_login", "open_login_by_handle", {"handle_sha256": kept_of(handle)})
    if columns is None or not hmac.compare_digest(columns["cookie_sha256"], kept_of(cookie)):
        return None
    if now >= to_datetime(columns["began_at"]) + LOGIN_OPEN:
        return None
    await run(transaction, "delete_open_login", columns)
    return rows.read_open_login(columns)


async def note_assertion(
    transaction: PortalRows, issuer: str, assertion_id: str, forget_at: datetime, now: datetime
) -> bool:
    """Whether it was never seen."""
    until = to_microseconds(min(forget_at, now + ASSERTION_LONGEST))
    bindings = {"key_sha256": digest("assertion", issuer, assertion_id), "forget_at": until}
    return await run(transaction, "note_assertion", bindings) > 0
