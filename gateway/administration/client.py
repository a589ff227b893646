"""The verbs of a hub that runs, asked over its `admin.sock`."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import aiohttp

from gateway.administration.administered import Administered
from gateway.administration.server import SOCKET_NAME, short_name
from gateway.administration.verbs import VERBS
from gateway.refused import Broken, Refused

P = ParamSpec("P")
T = TypeVar("T")

CONNECT_SECONDS = 10.0  # a socket on this machine; more than that and nobody accepts


class AnsweringHub:
    """A hub that answers; whoever has this closes it."""

    def __init__(self, session: aiohttp.ClientSession, ending: contextlib.ExitStack) -> None:
        self._session = session
        self._ending = ending

    @classmethod
    async def connect(cls, data_directory: Path) -> AnsweringHub:
        """The hub of this directory. Raises `FileNotFoundError`, `NotADirectoryError` or `ConnectionRefusedError` when
        none listens there.
        """
        with contextlib.ExitStack() as ending:
            name = ending.enter_context(short_name(data_directory / SOCKET_NAME))
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asked:
                asked.settimeout(CONNECT_SECONDS)
                asked.connect(name)
            connector = aiohttp.UnixConnector(name)
            unhurried = aiohttp.ClientTimeout(total=None)  # a purge may take long
            session = aiohttp.ClientSession("http://hub", connector=connector, timeout=unhurried)
            return cls(session, ending.pop_all())

    async def ask(
        self, work: Callable[Concatenate[Administered, P], Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What the hub answers to this verb."""
        verb = VERBS[cast("Any", work).__name__]
        written = {
            name: verb.arguments[name].dump_python(value, mode="json")
            for name, value in verb.named(*args, **kwargs).items()
        }
        try:
            async with self._session.post(f"/{verb.name}", json=written) as response:
                said = json.loads(await response.read())
            if "refused" in said:
                raise (Broken if said["broken"] else Refused)(said["refused"], said["next"])
            return cast("T", verb.answer.validate_python(said["answer"]))
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
            raise Refused("the hub went away before it answered", "see whether it runs, and look what it did") from None
        except (aiohttp.ClientResponseError, ValueError, KeyError, TypeError, RecursionError):
            reason = "the hub that runs is of another version than this command"
            raise Refused(reason, "start the hub anew, or use the command of its version") from None

    async def aclose(self) -> None:
        """Hang up."""
        await self._session.close()
        self._ending.close()
