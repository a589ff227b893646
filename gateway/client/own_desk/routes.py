"""The closed table of what the desk on one's own machine answers: pages, which it makes itself, and calls, which it
relays.

SECURITY: a path is matched piece by piece, and what goes to the portal is written anew from the values, so that no
path of a browser's making reaches it. Only what stands here is asked; a test holds the table against the portal's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from gateway.limits import MIB, WIRE_OCTETS
from gateway.pages.rendering import segment

MOST_JSON_OCTETS: Final = 8 * MIB
MOST_FILE_OCTETS: Final = 64 * MIB  # an address book of all who take part
_MOST_CHARACTERS: Final = 300  # of a value, as at the portal
_UNIT: Final = "/desk/api/units/{unit}"
_MESSAGE: Final = f"{_UNIT}/messages/{{message}}"
_KEYS: Final = f"{_UNIT}/keys"
_NOTIFICATIONS: Final = "/desk/api/organisation/notifications"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRoute:
    """A page or form: the path here, the twin at the portal with its data, and the template that it is made with."""

    method: str
    path: str
    twin: str
    template: str = ""  # of a form that only leads on: none


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What scripts ask: what its answer may be besides JSON, and how long; `sends_octets` where the request streams."""

    method: str
    path: str
    media_types: frozenset[str] = frozenset()
    most_octets: int = MOST_JSON_OCTETS
    sends_octets: bool = False


@dataclass(frozen=True, slots=True)
class FoundHere:
    """A route with the values in its path."""

    route: PageRoute | Call
    values: Mapping[str, str]

    def at_portal(self) -> str:
        """The path to ask the portal for."""
        path = self.route.twin if isinstance(self.route, PageRoute) else self.route.path
        return path.format_map({name: segment(value) for name, value in self.values.items()})


def _page(path: str, twin: str, template: str) -> PageRoute:
    return PageRoute(method="GET", path=path, twin=twin, template=template)


def _form(path: str, twin: str, template: str = "") -> PageRoute:
    return PageRoute(method="POST", path=path, twin=twin, template=template)


PAGES: Final = (
    _page("/uitleg", "/desk/api/explanation", "explanation.html.j2"),
    _page("/uitleg/lijsten", "/desk/api/explanation/lists", "explained_lists.html.j2"),
    _page("/berichten", "/desk/api/messages", "messages.html.j2"),
    _page("/berichten/{unit}/{message}", _MESSAGE, "message.html.j2"),
    _form("/berichten/{unit}/{message}/verlengen", f"{_MESSAGE}/prolong", "message.html.j2"),
    _page("/nieuw/{unit}", f"{_UNIT}/new", "new.html.j2"),
    _page("/lijsten/{unit}", f"{_UNIT}/lists", "lists.html.j2"),
    _page("/verstuurd", "/desk/api/sent", "sent.html.j2"),
    _page("/sleutel", "/desk/api/keys", "keys.html.j2"),
    _page("/organisatie", "/desk/api/organisation", "organisation.html.j2"),
    _page("/organisatie/instellingen", "/desk/api/organisation/settings", "settings.html.j2"),
    _page("/organisatie/aanvragen", "/desk/api/organisation/requests", "requests.html.j2"),
    _form("/organisatie/aanvragen", "/desk/api/organisation/requests", "requests.html.j2"),
    _form("/organisatie/aanvragen/{request}/intrekken", "/desk/api/organisation/requests/{request}/withdraw"),
    _page("/organisatie/wijzigingen", "/desk/api/organisation/changes", "changes.html.j2"),
    _page("/organisatie/{unit}/inzage", f"{_UNIT}/in-hand", "in_hand.html.j2"),
    _page("/organisatie/meldingen", _NOTIFICATIONS, "notifications.html.j2"),
    _form("/organisatie/meldingen/toevoegen", f"{_NOTIFICATIONS}/add", "notifications.html.j2"),
    _form("/organisatie/meldingen/soorten", f"{_NOTIFICATIONS}/kinds"),
    _form("/organisatie/meldingen/verwijderen", f"{_NOTIFICATIONS}/remove"),
    _form("/organisatie/{unit}/koppelen", f"{_UNIT}/link", "organisation.html.j2"),
    _form("/organisatie/{unit}/ontkoppelen", f"{_UNIT}/unlink"),
    _form("/naam", "/desk/api/name"),
    _form("/uitloggen", "/desk/api/log-out"),
)
_OCTETS: Final = frozenset({"application/octet-stream"})
_AS4: Final = frozenset({"application/octet-stream", "application/soap+xml", "multipart/related"})
CALLS: Final = (
    *(Call(method=each.method, path=each.twin) for each in PAGES),
    Call(method="GET", path="/desk/api/start"),
    Call(method="GET", path="/desk/api/session"),
    Call(method="POST", path="/desk/api/session"),
    Call(method="GET", path=f"{_UNIT}/messages"),
    *(
        Call(method="POST", path=f"{_MESSAGE}/lease{each}")
        for each in ("", "/take-over", "/prolong", "/release")
    ),
    Call(method="GET", path=f"{_MESSAGE}/octets", media_types=_OCTETS, most_octets=WIRE_OCTETS),
    Call(
        method="GET",
        path=f"{_UNIT}/directory",
        media_types=frozenset({"application/xml"}),
        most_octets=MOST_FILE_OCTETS,
    ),
    Call(method="GET", path=f"{_UNIT}/endpoint"),
    *(
        Call(method="POST", path=f"{_UNIT}/lists/{each}")
        for each in ("open", "questions", "prolong", "release")
    ),
    Call(method="GET", path="/desk/lists/{module}/{version}/{file}", media_types=frozenset({"text/csv"})),
    Call(method="GET", path="/desk/schemas/{module}/{version}"),
    Call(method="GET", path="/desk/forms/{module}/{version}/{file}"),
    Call(method="POST", path="/desk/as4/units/{unit}", media_types=_AS4, sends_octets=True),
    Call(method="GET", path=_KEYS),
    Call(method="GET", path=f"{_KEYS}/known"),
    *(
        Call(method="POST", path=f"{_KEYS}/{each}")
        for each in (
            "locks", "locks/{lock}/count", "locks/{lock}/remove", "sets", "copies", "organisation", "settings", "known",
            "ceremonies", "ceremonies/{ceremony}", "ceremonies/{ceremony}/end",
        )
    ),
)  # fmt: skip


def find(method: str, raw_path: str) -> FoundHere | None:
    """The page or call of that method and path."""
    for pattern, route in _TABLE:
        fit = pattern.fullmatch(raw_path) if route.method == method else None
        if fit is not None:
            values = {name: _decoded(value) for name, value in fit.groupdict().items()}
            known = {name: value for name, value in values.items() if value is not None}
            return FoundHere(route, known) if len(known) == len(values) else None
    return None


def leads_to_page(path: str) -> bool:
    """Whether that is a page of ours, with a query or without: whatever else a portal leads to is not gone to."""
    raw, _, query = path.partition("?")
    found = find("GET", raw)
    is_page = raw == "/" or (found is not None and isinstance(found.route, PageRoute))
    return is_page and re.fullmatch(r"[A-Za-z0-9._~%=&-]*", query) is not None


def _decoded(raw: str) -> str | None:
    try:
        value = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if not value or value in (".", "..") or len(value) > _MOST_CHARACTERS else value


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(
        "/".join(f"(?P<{e[1:-1]}>[^/?#]+)" if e.startswith("{") else re.escape(e) for e in path.split("/"))
    )


# What is named whole comes before what takes values.
_ROUTES: Final[tuple[PageRoute | Call, ...]] = (*PAGES, *CALLS)
_TABLE: Final = tuple((_pattern(each.path), each) for each in sorted(_ROUTES, key=lambda each: each.path.count("{")))
