"""`admin.sock`: how administrative commands reach the store of a running hub, which holds it alone.

HTTP over a Unix socket: `POST /VERB` with the arguments as one JSON object, answered by `{"answer": ...}`, or by
`{"refused": ..., "next": ..., "broken": ...}`, `broken` where the storage failed. A refusal that came at once has the
status 409. An answer that takes long begins with a blank every few seconds, by which a hub that works is told from one
that hangs.

SECURITY: the socket lies in the data directory (0700) with mode 0600; who can open it can already read the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from gateway.administration.asking import Administration
from gateway.administration.verbs import VERBS
from gateway.refused import Broken, Refused
from gateway.store.slices import Slice

SOCKET_NAME = "admin.sock"
_REQUEST_OCTETS = 1 << 20
BREATH_SECONDS = 3.0  # well within what a client waits for the next octet
_LAST_SECONDS = 0.1  # what runs when the hub stops has so long; nobody waits for an administrator
# A tuple is written value by value, so that none is ever one long step.
_JSON = json.JSONEncoder(separators=(",", ":"), default=partial(to_jsonable_python, bytes_mode="base64"))


class AdministrationServer:
    """Answers on `admin.sock` until closed."""

    def __init__(self, runner: web.AppRunner, path: Path) -> None:
        self._runner = runner
        self._path = path

    @classmethod
    async def start(cls, administration: Administration, data_directory: Path) -> AdministrationServer:
        """Listen in this directory; the caller holds its lock, so a socket that lies there is a dead hub's."""
        application = web.Application(client_max_size=_REQUEST_OCTETS)
        application.router.add_post("/{verb}", partial(_answer, administration))
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_LAST_SECONDS)
        await runner.setup()
        path = data_directory / SOCKET_NAME
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with short_name(path) as name:
                listener.bind(name)
            path.chmod(0o600)
            await web.SockSite(runner, listener).start()
        except BaseException:
            listener.close()
            await runner.cleanup()
            raise
        return cls(runner, path)

    async def aclose(self) -> None:
        """Stop listening, end the connections, take the socket file away."""
        await self._runner.cleanup()
        self._path.unlink(missing_ok=True)


async def _answer(administration: Administration, request: web.Request) -> web.StreamResponse:
    asked = asyncio.ensure_future(_said(administration, request))
    try:
        response = await _begun(request, asked)
        for stretch in _stretches(await asked):
            await response.write(stretch)
            await asyncio.sleep(0)  # others have their turn, however long the listing
    finally:
        asked.cancel()
    return response


async def _begun(request: web.Request, asked: asyncio.Future[dict[str, Any]]) -> web.StreamResponse:
    """The head of the answer, once it is known what is answered, or after some seconds and then with blanks."""
    await asyncio.wait({asked}, timeout=BREATH_SECONDS)
    response = web.StreamResponse(status=409 if asked.done() and "refused" in await asked else 200)
    response.content_type = "application/json"
    await response.prepare(request)
    while not asked.done():
        with contextlib.suppress(ConnectionError):  # nobody waits any more, and what was asked is done all the same
            await response.write(b" ")
        await asyncio.wait({asked}, timeout=BREATH_SECONDS)
    return response


async def _said(administration: Administration, request: web.Request) -> dict[str, Any]:
    try:
        verb, arguments = await _read(request)
        return {"answer": await administration.ask(VERBS[verb].work, **arguments)}
    except Refused as refused:
        return {"refused": refused.reason, "next": refused.next_step, "broken": isinstance(refused, Broken)}
    except Exception as error:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "an administrative verb failed", "exception": error}
        )
        return {"refused": f"the hub failed: {type(error).__name__}", "next": "look at its log", "broken": False}


async def _read(request: web.Request) -> tuple[str, dict[str, Any]]:
    wrong = Refused(
        "this is no request that the hub understands", "use the command line of the same version as the hub"
    )
    verb = VERBS.get(request.match_info["verb"])
    try:
        given = json.loads(await request.read())
        if verb is None or not isinstance(given, dict) or set(given) != set(verb.arguments):
            raise wrong
        return verb.name, {name: each.validate_python(given[name]) for name, each in verb.arguments.items()}
    except (ValueError, RecursionError, ValidationError, web.HTTPRequestEntityTooLarge) as error:
        raise wrong from error


def _stretches(answer: dict[str, Any]) -> Iterator[bytes]:
    """An answer as JSON, as far as each time a slice reaches."""
    stretch: list[str] = []
    part = Slice()
    for token in _JSON.iterencode(answer):
        stretch.append(token)
        if part.is_over():
            yield "".join(stretch).encode()
            stretch, part = [], Slice()
    yield "".join(stretch).encode()


@contextlib.contextmanager
def short_name(path: Path) -> Iterator[str]:
    """A name for a socket that fits the 108 octets of its address, however deep the directory lies."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
