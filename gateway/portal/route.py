"""What a route is, and how the one that a request asks for is found.

SECURITY: a path is cut at its slashes as it came, and each piece decoded by itself, so that an encoded slash is part of
a name; a value that is empty, or longer than any that the portal gives out, finds nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import unquote_to_bytes

from gateway.portal.rights import Act
from gateway.portal.visit import Outcome, Visit

if TYPE_CHECKING:
    from gateway.portal.portal import Portal

Handler: TypeAlias = "Callable[[Visit, Portal], Awaitable[Outcome]]"
_MOST_CHARACTERS: Final = 300


class Takes(StrEnum):
    """What a request to a route brings besides its head."""

    NOTHING = "nothing"
    FORM = "form"  # of HTML, urlencoded, with the token in a field
    ONE_CLICK = "one-click"  # of a mail program for its reader: no token, no cookie, from anywhere (RFC 8058 3.2)
    JSON = "json"  # a document, with the token in a header
    OCTETS = "octets"  # likewise, and the body streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row of the table.

    `page` is the template of a page. Whatever gives a view has a `twin`: the path where the same view is JSON. `act`
    is asked of the unit in the path where that names one.
    """

    method: str
    path: str
    act: Act
    handler: Handler
    page: str | None = None
    twin: str | None = None
    takes: Takes = Takes.NOTHING
    is_twin: bool = False
    is_sealed: bool = False  # it passes the octets of one message, sealed or signed by the unit

    @property
    def is_call(self) -> bool:
        """Whether a script asks, and not a person's browser for a page."""
        return self.path.startswith("/desk/")

    @property
    def names(self) -> tuple[str, ...]:
        """The values that the path names."""
        return tuple(each[1:-1] for each in self.path.split("/") if each.startswith("{"))


@dataclass(frozen=True, slots=True)
class Found:
    """The route of a request, with the values in its path."""

    route: Route
    path: Mapping[str, str]


class RouteTable:
    """All routes, the twins of pages with them, by the number of pieces of their path."""

    def __init__(self, rows: Sequence[Route]) -> None:
        self.routes = tuple(each for row in rows for each in _with_twin(row))
        self._by_length: dict[int, list[tuple[tuple[str, ...], Route]]] = {}
        for route in self.routes:
            pieces = tuple(route.path.split("/"))
            self._by_length.setdefault(len(pieces), []).append((pieces, route))

    def find(self, method: str, raw_path: str) -> Found | frozenset[str]:
        """The route, or the methods that its path knows: none where there is no such path."""
        asked = _decoded(raw_path)
        if asked is None:
            return frozenset()
        wanted = "GET" if method == "HEAD" else method
        methods = set()
        for pieces, route in _longest_first(self._by_length.get(len(asked), ()), self._open_ended(), len(asked)):
            values = _fit(pieces, asked)
            if values is not None:
                if route.method == wanted:
                    return Found(route, values)
                methods.add(route.method)
        return frozenset(methods)

    def _open_ended(self) -> Iterator[tuple[tuple[str, ...], Route]]:
        """Those whose last value takes the rest of the path."""
        for listed in self._by_length.values():
            yield from (each for each in listed if each[0][-1].endswith("...}"))


def _longest_first(
    exact: Sequence[tuple[tuple[str, ...], Route]], open_ended: Iterator[tuple[tuple[str, ...], Route]], length: int
) -> Iterator[tuple[tuple[str, ...], Route]]:
    yield from (each for each in exact if not each[0][-1].endswith("...}"))
    yield from (each for each in open_ended if len(each[0]) <= length)


def _with_twin(row: Route) -> Iterator[Route]:
    yield row
    if row.twin is not None:
        yield Route(
            method=row.method,
            path=row.twin,
            act=row.act,
            handler=row.handler,
            takes=Takes.JSON if row.takes is Takes.FORM else row.takes,
            is_twin=True,
        )


def _decoded(raw_path: str) -> tuple[str, ...] | None:
    try:
        return tuple(unquote_to_bytes(each).decode("utf-8") for each in raw_path.split("/"))
    except UnicodeDecodeError:
        return None


def _fit(pieces: tuple[str, ...], asked: tuple[str, ...]) -> dict[str, str] | None:
    """The values of a path that is asked for, if it is one of these."""
    values = {}
    for index, piece in enumerate(pieces):
        if piece.endswith("...}"):
            values[piece[1:-4]] = "/".join(asked[index:])
        elif piece.startswith("{"):
            if not asked[index] or len(asked[index]) > _MOST_CHARACTERS:
                return None
            values[piece[1:-1]] = asked[index]
        elif piece != asked[index]:
            return None
    return values
