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
from gateway.refused import Broken, Refused, Unanswered

P = ParamSpec("P")
T = TypeVar("T")

CONNECT_SECONDS = 10.0  # a socket on this machine; more than that and nobody accepts
IDLE_SECONDS = 30.0  # between two octets; a hub that works on an answer sends a blank every few seconds


class AnsweringHub:
    """A hub that answers; whoever has this closes it."""

    def __init__(self, data_directory: Path, session: aiohttp.ClientSession, ending: contextlib.ExitStack) -> None:
        self._data_directory = data_directory
        self._session = session
        self._ending = ending

    @classmethod
    async def connect(
        cls, data_directory: Path, *, connect_seconds: float = CONNECT_SECONDS, idle_seconds: float = IDLE_SECONDS
    ) -> AnsweringHub:
        """The hub of this directory. Raises `FileNotFoundError`, `NotADirectoryError` or `ConnectionRefusedError` when
        none listens there, and `Unanswered` where one does not take the connection.
        """
        with contextlib.ExitStack() as ending:
            name = ending.enter_context(short_name(data_directory / SOCKET_NAME))
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asked:
                asked.settimeout(connect_seconds)
                try:
                    asked.connect(name)
                except PermissionError as fault:  # which names the folder by its descriptor
                    path = str(data_directory / SOCKET_NAME)
                    raise PermissionError(fault.errno, fault.strerror, path) from None
                except (TimeoutError, BlockingIOError):  # as many wait to be taken as the kernel lets wait
                    raise unanswered(data_directory) from None
            connector = aiohttp.UnixConnector(name)
            patience = aiohttp.ClientTimeout(total=None, sock_connect=connect_seconds, sock_read=idle_seconds)
            session = aiohttp.ClientSession("http://hub", connector=connector, timeout=patience)
            return cls(data_directory, session, ending.pop_all())

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
        except TimeoutError:
            raise unanswered(self._data_directory) from None
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError):
            raise Refused("the hub went away before it answered", "see whether it runs, and look what it did") from None
        except (aiohttp.ClientResponseError, ValueError, KeyError, TypeError, RecursionError):
            reason = "the hub that runs is of another version than this command"
            raise Refused(reason, "start the hub anew, or use the command of its version") from None

    async def aclose(self) -> None:
        """Hang up."""
        await self._session.close()
        self._ending.close()


def unanswered(data_directory: Path) -> Unanswered:
    """What there is to say of a process that has the socket and says nothing."""
    return Unanswered(
        f"a process holds {data_directory} and does not answer",
        "look at that process and its log: let it go on if it was stopped, or end it and start the hub again",
    )
