"""What forms, queries and calls bring, read: each name once, in one encoding, within limits.

SECURITY: bounded before (`gateway.portal.server`); what two readers could understand in two ways is refused.
"""

from __future__ import annotations

import email
import json
import re
from collections.abc import Iterable, Mapping
from email.message import Message
from typing import Any, Final
from urllib.parse import parse_qsl

from gateway.portal.faults import Unusable

MOST_FIELDS: Final = 100
_ONE_CLICK: Final = "List-Unsubscribe"
_PARTS: Final = "multipart/form-data"
_DISPOSITION: Final = "Content-Disposition"


def read_fields(text: str) -> Mapping[str, str]:
    """The fields of a form or query (application/x-www-form-urlencoded); `Unusable` where a name comes twice."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Unusable("fields that cannot be read") from None
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unusable("a field comes twice")
    return found


def read_json(octets: bytes) -> Any:
    """A document of JSON in UTF-8; `Unusable` where it is none, names a key twice, has a number that is none, or a text
    with half a character.
    """
    try:
        found = json.loads(octets.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
        if b"\\u" in octets:
            json.dumps(found, ensure_ascii=False).encode("utf-8")
        return found
    except (ValueError, RecursionError):
        raise Unusable("no JSON") from None


def want_one_click(content_type: str, octets: bytes) -> None:
    """Raise `Unusable` unless a mail program asks to unsubscribe by one click, in either of the forms that it may send
    (RFC 8058 3.2).
    """
    if type_of(content_type) == "application/x-www-form-urlencoded":
        said = [read_fields(octets.decode("ascii", "replace")).get(_ONE_CLICK, "")]
    else:
        head = b"Content-Type: " + content_type.encode("ascii", "replace") + b"\r\n\r\n"
        parts = email.message_from_bytes(head + octets).get_payload() if type_of(content_type) == _PARTS else ""
        fields = [each for each in parts if isinstance(each, Message)]
        said = [str(e.get_payload()).strip() for e in fields if e.get_param("name", header=_DISPOSITION) == _ONE_CLICK]
    if said != ["One-Click"]:
        raise Unusable("no request to unsubscribe by one click")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key comes twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(name)


def type_of(content_type: str) -> str:
    """The type without its parameters, in small letters."""
    return content_type.partition(";")[0].strip().lower()


def takes_gzip(accepted: Iterable[str]) -> bool:
    """Whether these Accept-Encoding headers name gzip, and not with a weight of nothing (RFC 9110 12.5.3)."""
    for each in ",".join(accepted).lower().split(","):
        name, _, weight = each.replace(" ", "").replace("\t", "").partition(";")
        if name == "gzip":
            return re.fullmatch(r"q=0(\.0{0,3})?", weight) is None
    return False
