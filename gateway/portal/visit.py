"""One request as a handler of the portal sees it, and what a handler gives back, without a word of the HTTP library."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, TypeAlias

from gateway.pages.texts import Texts
from gateway.portal.faults import LoggedOut, Unusable
from gateway.portal.rights import Visitor

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedBody:
    """The body of a route that takes octets, still on the wire."""

    length: int | None  # as announced
    chunks: Callable[[], AsyncIterator[bytes]]
    envelope_is_whole: Callable[[], None]  # from here on it is work; raises `BareStatus` where there is no room


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What was visit, after the rights to it were judged.

    `path`, `query` and `form` hold each value once: a name that comes twice is refused before. `json` is the document
    of a call. `chunks` is the body of a route that takes octets, still on the wire.
    """

    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    json: Any = None
    content_type: str = ""
    takes_gzip: bool = False
    body: StreamedBody | None = None
    lease: str | None = None  # the header Knooppunt-Lease
    is_framed: bool = False  # whoever asks a twin renders the page, and wants what stands around it
    session: str | None  # the cookies that have the form of ours, whether anything is known of them or not
    login: str | None
    joining: str | None = None  # the cookie of the form of who asks to take part
    letter: str | None = None  # the cookie of a page that a letter led to
    own_machine: str | None = None  # the cookie of a login that goes back to somebody's own machine
    visitor: Visitor | None
    texts: Texts
    now: datetime
    address: str  # for limits and the log

    @property
    def somebody(self) -> Visitor:
        """Who asks, where the right to the route needs a session."""
        if self.visitor is None:
            raise LoggedOut
        return self.visitor

    @property
    def unit(self) -> str:
        """The unit that the route names, of which the rights were judged."""
        return self.path["unit"]

    def says(self, name: str) -> bool:
        """Whether a form, or the object of a call, has that name."""
        return name in (self.json if isinstance(self.json, dict) else self.form)

    def said(self, name: str, *, most: int = 200) -> str:
        """What a form, or the object of a call, says under that name; `Unusable` where it says nothing, or more than
        `most` characters.
        """
        given = self.json.get(name, "") if isinstance(self.json, dict) else self.form.get(name, "")
        value = str(given).strip() if isinstance(given, (str, int)) else ""
        if not value or len(value) > most:
            raise Unusable(f"field {name}: {'empty' if not value else 'too long'}")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class See:
    """Go on there (303): a path of the portal, never what a request said."""

    path: str
    cookies: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Octets:
    """Octets as they are, whole or as they come; `kept` says that their address holds their digest."""

    body: bytes = b""
    chunks: AsyncIterator[bytes] | None = None
    content_type: str = "application/octet-stream"
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A view: a frozen dataclass, which a page is rendered from and its twin is, with the cookies that go with it.

    `form_target` is the origin of somebody else's server that a form of the page goes to.
    """

    view: object
    status: HTTPStatus = HTTPStatus.OK
    cookies: tuple[str, ...] = ()
    form_target: str | None = None
    template: str | None = None  # another than the route's


Outcome: TypeAlias = Shown | See | Octets
