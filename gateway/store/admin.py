"""`admin.sock`: how administrative commands reach the store of a running hub, which holds it alone.

One JSON object a line: `{"verb": ..., "arguments": {...}}`, answered by `{"result": ...}` or
`{"refused": ..., "next": ..., "broken": ...}`, `broken` where the storage failed. The verbs are those of
`gateway.store.administration`, their types are its annotations.

SECURITY: the socket lies in the data directory (0700) with mode 0600; who can open it can already read the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import socket
import typing
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from gateway.clock import Clock
from gateway.store.administration import AdminBroken, Administration, AdminRefused, StoreAdministration
from gateway.store.engine import Engine
from gateway.store.interface import StoreUnavailable
from gateway.store.model import Counts, KeyLost, MailboxRecord, MessageFilter, MessageRecord, Rechecked, TimeSeen
from gateway.store.refused import refusals_told, refuse_no_store
from gateway.store.rules.expiry import LOG_DAYS
from gateway.store.slices import Slice

SOCKET_NAME = "admin.sock"
VERBS = (
    "messages",
    "message",
    "evidence",
    "mailboxes",
    "counts",
    "prolong_term",
    "expire_sealed_to",
    "test_mailbox",
    "purge",
    "release_ballast",
    "confirm_time",
    "time_is_suspect",
    "time_seen",
    "recheck",
    "doubt",
    "confirm_restored",
)
_REQUEST_OCTETS = 1 << 20
_ANSWER_OCTETS = 256 << 20


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    if dataclasses.is_dataclass(annotation):
        return TypeAdapter(annotation)
    return TypeAdapter(annotation, config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))


@dataclasses.dataclass(frozen=True, slots=True)
class _Wire:
    """How the arguments and the result of one verb are written as JSON."""

    arguments: dict[str, TypeAdapter[Any]]
    result: TypeAdapter[Any]


def _wire(verb: str) -> _Wire:
    annotations = typing.get_type_hints(getattr(Administration, verb))
    result = annotations.pop("return")
    return _Wire({name: _adapter(annotation) for name, annotation in annotations.items()}, _adapter(result))


_WIRES = {verb: _wire(verb) for verb in VERBS}
# A tuple is written value by value, so that none is ever one long step.
_JSON = json.JSONEncoder(separators=(",", ":"), default=partial(to_jsonable_python, bytes_mode="base64"))


async def open_for_administration(
    engine: Engine,
    data_directory: Path,
    clock: Clock,
    *,
    time_suspect: Callable[[bool], bool] | None = None,
    log_days: int = LOG_DAYS,
) -> Administration:
    """The store of the running hub through its socket, or the store itself when no hub runs.

    `time_suspect` tells for a store that was used before, or not, whether the time is in doubt; it is asked, as
    `log_days` counts, only where no hub runs. Raises `AdminRefused`. The caller closes what it gets.
    """
    refuse_no_store(engine, data_directory)
    with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
        return await AdminClient.connect(data_directory)
    with refusals_told(data_directory):
        store = await engine.open(data_directory, clock=clock, log_days=log_days)
    if time_suspect is None:
        return StoreAdministration(store, clock, owns_store=True)
    try:
        used = (await store.counts()).any_message
    except StoreUnavailable:
        used = True  # whatever is asked for will tell why
    return StoreAdministration(store, clock, time_suspect=lambda: time_suspect(used), owns_store=True)


class AdminServer:
    """Answers on `admin.sock` until closed."""

    def __init__(self, administration: Administration, path: Path) -> None:
        self._administration = administration
        self._path = path
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @classmethod
    async def start(cls, administration: Administration, data_directory: Path) -> AdminServer:
        """Listen in this directory; the caller holds its lock, so a socket that lies there is a dead hub's."""
        path = data_directory / SOCKET_NAME
        server = cls(administration, path)
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with _short_name(path) as name:
                listener.bind(name)
            path.chmod(0o600)
            server._server = await asyncio.start_unix_server(server._connected, sock=listener, limit=_REQUEST_OCTETS)
        except BaseException:
            listener.close()
            raise
        return server

    async def aclose(self) -> None:
        """Stop listening, end the connections, take the socket file away."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            while line := await reader.readline():
                for stretch in _stretches(await self._answer(line)):
                    writer.write(stretch)
                    await writer.drain()
                    await asyncio.sleep(0)  # others have their turn, however long the listing
        except (ConnectionError, ValueError, asyncio.CancelledError):
            pass  # the client went away, sent a line without end, or the hub stops
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            verb, arguments = _read_request(line)
            result = await getattr(self._administration, verb)(**arguments)
        except AdminRefused as refused:
            return {"refused": refused.reason, "next": refused.next_step, "broken": isinstance(refused, AdminBroken)}
        except Exception as error:
            asyncio.get_running_loop().call_exception_handler(
                {"message": "an administrative verb failed", "exception": error}
            )
            return {"refused": f"the hub failed: {type(error).__name__}", "next": "look at its log"}
        return {"result": result}


def _stretches(answer: dict[str, Any]) -> Iterator[bytes]:
    """An answer as a line of JSON, as far as each time a slice reaches."""
    stretch: list[str] = []
    part = Slice()
    for token in _JSON.iterencode(answer):
        stretch.append(token)
        if part.is_over():
            yield "".join(stretch).encode()
            stretch, part = [], Slice()
    yield "".join((*stretch, "\n")).encode()


def _read_request(line: bytes) -> tuple[str, dict[str, Any]]:
    wrong = "this is no request that the hub understands"
    next_step = "use the command line of the same version as the hub"
    try:
        request = json.loads(line)
        wire = _WIRES[request["verb"]]
        given = request["arguments"]
        if set(given) != set(wire.arguments):
            raise AdminRefused(wrong, next_step)
        return request["verb"], {name: each.validate_python(given[name]) for name, each in wire.arguments.items()}
    except (ValueError, TypeError, KeyError, ValidationError) as error:
        raise AdminRefused(wrong, next_step) from error


class AdminClient:
    """The verbs of a running hub."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()

    @classmethod
    async def connect(cls, data_directory: Path) -> AdminClient:
        """Raises `FileNotFoundError` or `ConnectionRefusedError` when no hub listens there."""
        with _short_name(data_directory / SOCKET_NAME) as name:
            return cls(*await asyncio.open_unix_connection(name, limit=_ANSWER_OCTETS))

    async def messages(self, which: MessageFilter) -> tuple[MessageRecord, ...]:
        """The message log, newest first."""
        return typing.cast("tuple[MessageRecord, ...]", await self._ask("messages", which=which))

    async def message(self, message_id: str) -> MessageRecord:
        """The one message of this id, of either leg."""
        return typing.cast("MessageRecord", await self._ask("message", message_id=message_id))

    async def evidence(self, message_id: str) -> tuple[tuple[str, datetime, bytes], ...]:
        """The receipts given and taken for the one message of this id."""
        found = await self._ask("evidence", message_id=message_id)
        return typing.cast("tuple[tuple[str, datetime, bytes], ...]", found)

    async def mailboxes(self) -> tuple[MailboxRecord, ...]:
        """Every mailbox that holds or held a message."""
        return typing.cast("tuple[MailboxRecord, ...]", await self._ask("mailboxes"))

    async def counts(self) -> Counts:
        """The store as a whole."""
        return typing.cast("Counts", await self._ask("counts"))

    async def prolong_term(self, message_id: str, party: str, expires_at: datetime) -> bool:
        """Give one message a later deadline at its owner's request."""
        return bool(await self._ask("prolong_term", message_id=message_id, party=party, expires_at=expires_at))

    async def expire_sealed_to(self, sealed_to: str) -> KeyLost:
        """Expire at once what waits under a lost key."""
        return typing.cast("KeyLost", await self._ask("expire_sealed_to", sealed_to=sealed_to))

    async def test_mailbox(self, party: str) -> str:
        """Lay a test message in the mailbox of a party."""
        return str(await self._ask("test_mailbox", party=party))

    async def purge(self) -> int:
        """Remove what is final now."""
        return int(await self._ask("purge"))

    async def release_ballast(self) -> int:
        """Delete the ballast file."""
        return int(await self._ask("release_ballast"))

    async def confirm_time(self) -> None:
        """Say that the time is right."""
        await self._ask("confirm_time")

    async def time_is_suspect(self) -> bool:
        """Whether the time is in doubt."""
        return bool(await self._ask("time_is_suspect"))

    async def time_seen(self) -> TimeSeen:
        """What the clock shows, and what speaks against it."""
        return typing.cast("TimeSeen", await self._ask("time_seen"))

    async def recheck(self) -> Rechecked:
        """Look again at damaged messages."""
        return typing.cast("Rechecked", await self._ask("recheck"))

    async def doubt(self) -> str | None:
        """Why the store is not served."""
        found = await self._ask("doubt")
        return None if found is None else str(found)

    async def confirm_restored(self) -> None:
        """Let what is here count from now on."""
        await self._ask("confirm_restored")

    async def aclose(self) -> None:
        """Hang up."""
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _ask(self, verb: str, **arguments: Any) -> Any:
        wire = _WIRES[verb]
        written = {name: wire.arguments[name].dump_python(value, mode="json") for name, value in arguments.items()}
        request = json.dumps({"verb": verb, "arguments": written}).encode() + b"\n"
        line = b""
        async with self._turn:
            with contextlib.suppress(ConnectionError):
                self._writer.write(request)
                await self._writer.drain()
                line = await self._reader.readline()
        if not line.endswith(b"\n"):
            raise AdminRefused("the hub went away before it answered", "see whether it runs, and look what it did")
        answer = json.loads(line)
        if "refused" in answer:
            refused = AdminBroken if answer.get("broken") else AdminRefused
            raise refused(answer["refused"], answer["next"])
        try:
            return wire.result.validate_python(answer["result"])
        except ValidationError:
            reason = "the hub that runs is of another version than this command"
            raise AdminRefused(reason, "start the hub anew, or use the command of its version") from None


@contextlib.contextmanager
def _short_name(path: Path) -> Iterator[str]:
    """A name for a socket that fits the 108 octets of its address, however deep the directory lies."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
