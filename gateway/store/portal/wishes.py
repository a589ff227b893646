"""What an organisation, or somebody who has none here yet, asks of the operator besides keys: frozen values, and the
text of each that a request keeps.

A request of such a kind is `about` that text: an object of JSON with the names of the value's fields, and `told_to`.
Days are written as `2027-01-01`, certificates as their DER in base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias, cast

from gateway.store.portal.model import RequestKind

Environment: TypeAlias = Literal["production", "test"]
Access: TypeAlias = Literal["system", "desk"]
ENVIRONMENTS: Final[tuple[Environment, ...]] = ("production", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionWish:
    """So many calendar days that may be added to the term of a unit's mailbox: 0, 7, 14 or 28."""

    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleWish:
    """A module version, active for a unit from that day, where the hub is for that environment."""

    module: str
    version: str
    begins: date
    environment: Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWish:
    """One unit more at a desk, of the organisation that the request's unit belongs to."""

    name: str
    establishment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateWish:
    """The public part of a key for a unit with a system of its own; it counts from that day."""

    use: Literal["signing", "encryption"]
    certificate: bytes
    begins: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsWish:
    """A unit at a desk answers questions by lists, or no longer."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingWish:
    """The unit takes part no more after that day."""

    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningWish:
    """To take part: an organisation by its number in the trade register, with what its file is to say. `modules` are
    module versions, as `Schuldregeling 2.0`. `contact`, `email` and `telephone` are whom to call; of no other person
    anything is kept. The certificates are those of a system.
    """

    name: str
    kvk: str
    establishments: tuple[str, ...]
    role: str
    modules: tuple[str, ...]
    environment: Environment
    access: Access
    contact: str
    email: str
    telephone: str
    connection_agreed: date | None = None
    processing_agreed: date | None = None
    signing: bytes | None = None
    encryption: bytes | None = None


Wish: TypeAlias = ExtensionWish | ModuleWish | UnitWish | CertificateWish | ListsWish | LeavingWish | JoiningWish
WISHES: Final[Mapping[RequestKind, type[Wish]]] = MappingProxyType(
    {
        RequestKind.EXTENSION: ExtensionWish,
        RequestKind.MODULE: ModuleWish,
        RequestKind.UNIT: UnitWish,
        RequestKind.CERTIFICATE: CertificateWish,
        RequestKind.LISTS: ListsWish,
        RequestKind.LEAVING: LeavingWish,
        RequestKind.JOINING: JoiningWish,
    }
)
_DAYS: Final = frozenset({"begins", "last_day", "connection_agreed", "processing_agreed"})
_TOLD_TO: Final = "told_to"  # in no wish: it is no part of what is asked
_OCTETS: Final = frozenset({"certificate", "signing", "encryption"})


def kind_of_wish(wish: Wish) -> RequestKind:
    """The kind of a request for that."""
    return next(kind for kind, each in WISHES.items() if each is type(wish))


def write_wish(wish: Wish, *, told_to: str | None = None) -> str:
    """The text that is kept, with the id of the notification address that whoever asks wants to be told at, where he
    named one.
    """
    said = {each.name: getattr(wish, each.name) for each in fields(wish)}
    said |= {} if told_to is None else {_TOLD_TO: told_to}
    return json.dumps(said, default=_written, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def read_wish(kind: RequestKind, text: str) -> Wish:
    """What was kept for a request of that kind."""
    said = {name: _read(name, value) for name, value in json.loads(text).items() if name != _TOLD_TO}
    return cast(Wish, cast(Any, WISHES[kind])(**said))


def told_to(kind: RequestKind, text: str) -> str | None:
    """The id of the notification address where whoever asked is told, besides those of the unit; None where he named
    none.
    """
    found = json.loads(text).get(_TOLD_TO) if kind in WISHES else None
    return None if found is None else str(found)


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else base64.b64encode(cast(bytes, value)).decode("ascii")


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DAYS:
        return date.fromisoformat(value)
    if name in _OCTETS:
        return base64.b64decode(value)
    return tuple(value) if isinstance(value, list) else value
