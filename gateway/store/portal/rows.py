"""Between the rows of a database and the values of `gateway.store.portal.model`; no engine's own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from gateway.identity.login import LoginKind, OrganisationNumber, OrganisationNumberKind
from gateway.store.portal.mail import (
    LetterSort,
    MailEvent,
    MailKind,
    MailLine,
    MailToken,
    NotificationAddress,
    TokenUse,
    WatchedMessage,
)
from gateway.store.portal.model import (
    BrokerMetadata,
    Ceremony,
    Deed,
    DocumentKind,
    Handling,
    JournalEvent,
    JournalLine,
    KeptDocument,
    KeySet,
    KeySetState,
    Link,
    Lock,
    LockKind,
    OpenLogin,
    Person,
    PortalNotice,
    PortalRequest,
    RequestKind,
    RequestState,
    WrappedCopy,
)
from gateway.store.portal.terms import CEREMONY_OPEN
from gateway.store.rows import to_datetime, to_microseconds

T = TypeVar("T")

_MOMENTS: Final = frozenset(
    {
        "made_at", "logged_in_at", "since", "until", "began_at", "used_at", "counts_since", "active_since",
        "retired_at", "ended_at", "removed_at", "told_at", "bounced_at", "due_at", "leased_until", "look_at",
        "valid_until", "relied_at", "wrapped_at", "kept_at", "asked_at", "decided_at", "at",
    }
)  # fmt: skip


_ENDED: Final = "no-"  # before a kind that the reader of an address ended, among those that the address wants


_WORDS: Final[Mapping[type[Any], Mapping[str, Any]]] = {
    OpenLogin: {"kind": LoginKind},
    Lock: {"kind": LockKind, "is_backup_eligible": bool},
    KeySet: {"state": KeySetState},
    KeptDocument: {"kind": DocumentKind},
    PortalRequest: {"kind": RequestKind, "state": RequestState},
    JournalLine: {"event": JournalEvent},
    Handling: {"deed": Deed},
    MailLine: {"sort": LetterSort, "event": MailEvent},
    MailToken: {"use": TokenUse},
    WatchedMessage: {"reminded": bool},
}


def write_organisation(organisation: OrganisationNumber) -> str:
    """As rows name it."""
    return f"{organisation.kind}:{organisation.value}"


def read_organisation(text: str) -> OrganisationNumber:
    """As `write_organisation` wrote it."""
    kind, _, value = text.partition(":")
    return OrganisationNumber(kind=cast(OrganisationNumberKind, kind), value=value)


def columns_of(value: object) -> dict[str, Any]:
    """The columns of a value that are named like its fields."""
    return {each.name: _written(getattr(value, each.name)) for each in fields(cast(Any, value))}


def _written(value: Any) -> Any:
    match value:
        case OrganisationNumber():
            return write_organisation(value)
        case datetime():
            return to_microseconds(value)
        case bool():
            return int(value)
        case frozenset():
            return " ".join(sorted(value))
        case _:
            return str(value) if isinstance(value, str) else value


def _read(kind: type[T], columns: Mapping[str, Any], **others: Any) -> T:
    """A value whose fields are named like columns."""
    words = _WORDS.get(kind, {})
    found: dict[str, Any] = {}
    for each in fields(cast(Any, kind)):
        if each.name in others or each.name not in columns:
            continue
        column = columns[each.name]
        if each.name == "organisation":
            found[each.name] = read_organisation(column)
        elif each.name in words:
            found[each.name] = words[each.name](column)
        elif each.name in _MOMENTS and column is not None:
            found[each.name] = to_datetime(column)
        else:
            found[each.name] = column
    return kind(**found, **others)


def read_person(columns: Mapping[str, Any]) -> Person:
    """A person; what he is known by again stays in the row."""
    return _read(Person, columns)


def read_link(columns: Mapping[str, Any], person: Person) -> Link:
    """A link of this person."""
    return _read(Link, columns, person=person)


def read_open_login(columns: Mapping[str, Any]) -> OpenLogin:
    """A login that was begun."""
    return _read(OpenLogin, columns)


def read_lock(columns: Mapping[str, Any]) -> Lock:
    """A lock."""
    return _read(Lock, columns)


def read_key_set(columns: Mapping[str, Any]) -> KeySet:
    """A key set."""
    return _read(KeySet, columns)


def read_copy(columns: Mapping[str, Any]) -> WrappedCopy:
    """What is wrapped to a lock."""
    return _read(WrappedCopy, columns)


def read_document(columns: Mapping[str, Any]) -> KeptDocument:
    """A version of a document."""
    return _read(KeptDocument, columns)


def read_request(columns: Mapping[str, Any]) -> PortalRequest:
    """A request."""
    return _read(PortalRequest, columns)


def read_broker_metadata(columns: Mapping[str, Any]) -> BrokerMetadata:
    """What was relied on of a broker."""
    return _read(BrokerMetadata, columns)


def read_notice(columns: Mapping[str, Any]) -> PortalNotice:
    """The operator's notice."""
    return _read(PortalNotice, columns)


def read_line(columns: Mapping[str, Any]) -> JournalLine:
    """A line of the journal."""
    return _read(JournalLine, columns)


def read_handling(columns: Mapping[str, Any]) -> Handling:
    """Who had what in hand."""
    return _read(Handling, columns)


def read_address(columns: Mapping[str, Any]) -> NotificationAddress:
    """A notification address."""
    words = str(columns["kinds"]).split()
    kinds = frozenset(MailKind(each) for each in words if not each.startswith(_ENDED))
    ended = frozenset(MailKind(each.removeprefix(_ENDED)) for each in words if each.startswith(_ENDED))
    return _read(NotificationAddress, columns, kinds=kinds, ended=ended)


def address_columns(address: NotificationAddress) -> dict[str, Any]:
    """The columns of a notification address; in one of them what it wants and what its reader ended."""
    words = (*address.kinds, *(f"{_ENDED}{each}" for each in address.ended))
    return columns_of(address) | {"kinds": " ".join(sorted(words))}


def read_mail_line(columns: Mapping[str, Any]) -> MailLine:
    """A line of the outbox."""
    return _read(MailLine, columns)


def read_mail_token(columns: Mapping[str, Any]) -> MailToken:
    """What a link opens; what it is found by stays in the row."""
    return _read(MailToken, columns)


def read_watched(columns: Mapping[str, Any]) -> WatchedMessage:
    """A message that is looked at again."""
    return _read(WatchedMessage, columns)


def write_said(said: tuple[bytes, ...]) -> str:
    """The words of a ceremony, in their order."""
    return json.dumps([base64.b64encode(each).decode("ascii") for each in said])


def read_ceremony(columns: Mapping[str, Any]) -> Ceremony:
    """A ceremony, with all that was said."""
    said = tuple(base64.b64decode(each) for each in json.loads(columns["said"]))
    return _read(Ceremony, columns, said=said, ends_at=to_datetime(columns["began_at"]) + CEREMONY_OPEN)
