"""Reads the error log of a libxml2 validation: a stable code for each error, the element it is about, and what the
schema wanted there.

SECURITY: the texts of libxml2 hold values and names of the message. Only their ends are read, where libxml2 writes what
the schema says, and of that only names and values that the schema itself has.
"""

from __future__ import annotations

import itertools
import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree

from xsd.checking.forms import FORMS
from xsd.document import text_of
from xsd.schema_files import WRITTEN, ModuleSchema

CONTENT = "SCHEMAV_ELEMENT_CONTENT"
DATATYPE = "SCHEMAV_CVC_DATATYPE_VALID_1_2_1"
MOMENT = (WRITTEN["xs:dateTime"],)
DATES = ((WRITTEN["xs:date"],), MOMENT)
NAMED = 12
"""So many names or values are repeated in a hint, no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaError:
    """One error: `wanted` are element names, allowed values or one bound, as the schema has them, or a pattern that
    there are words for. `impossible`: the value is well written and calendar or clock do not have it, a key of
    IMPOSSIBLE."""

    code: str
    element: etree._Element
    wanted: tuple[str, ...]
    impossible: str = ""


def read_errors(compiled: etree.XMLSchema, document: etree._Element, schema: ModuleSchema) -> Iterator[SchemaError]:
    """The errors of the validation just done, without libxml2's warnings and second words about one element."""
    previous: tuple[str, str] | None = None
    for entry in cast("Iterable[Any]", compiled.error_log):
        if entry.level < etree.ErrorLevels.ERROR or entry.message.rstrip().endswith("something strange happened."):
            continue
        where, type_name, end = entry.path or "/*", str(entry.type_name), str(entry.message).rstrip()[-2000:]
        if previous == (where, type_name):
            continue
        previous = (where, type_name)
        element = element_at(document, where)
        code, wanted = _code(type_name, end, element, schema), _wanted(type_name, end, schema)
        impossible = ""
        if type_name == DATATYPE and wanted[:1] in DATES:
            impossible = what_is_impossible(text_of(element), timed=wanted == MOMENT)
        yield SchemaError(code=code, element=element, wanted=wanted, impossible=impossible)


_STEP = re.compile(r"^(?:\*|(?:([^:\[]+):)?([^:\[]+))(?:\[(\d+)\])?$")


def element_at(document: etree._Element, path: str) -> etree._Element:
    """The element that libxml2 means by a node path: `*[n]` counts all children, `prefix:name[n]` those of that prefix
    and name. Not asked of XPath, because the prefixes are the sender's."""
    element = document
    for step in path.split("/")[2:]:
        match = _STEP.match(step)
        if match is None or step.startswith("@"):
            break
        prefix, name, position = match[1], match[2], int(match[3] or 1)
        children = element.iterchildren("*")
        if name is not None:
            children = (e for e in children if e.prefix == prefix and etree.QName(e).localname == name)
        found = next(itertools.islice(children, position - 1, None), None)
        if found is None:
            break
        element = found
    return element


def _code(type_name: str, end: str, element: etree._Element, schema: ModuleSchema) -> str:
    """The stable code: libxml2's type name, with the one word for all faults of content split in three."""
    if type_name != CONTENT:
        return "XSD-" + type_name.removeprefix("SCHEMAV_").replace("_", "-")
    if end.rfind("Missing child element(s).") > end.rfind("This element is not expected."):
        return "XSD-ELEMENT-MISSING"
    known = isinstance(element.tag, str) and element.tag in schema.qualified_names
    return "XSD-ELEMENT-UNEXPECTED" if known else "XSD-ELEMENT-UNKNOWN"


_MOMENT = re.compile(r"\s*(\d{4})-(\d\d)-(\d\d)(?:T([\d:.]+))?(?:Z|[+-](\d\d):(\d\d))?\s*", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.\d+)?", re.ASCII)
_MIDNIGHT = re.compile(r"24:00:00(?:\.0+)?")
MOST_OFFSET = (14, 0)  # XML Schema part 2, 3.2.7.3


def what_is_impossible(text: str, *, timed: bool) -> str:
    """What no calendar or clock has of a text that is written as a date, and when `timed` as a moment: a key of
    IMPOSSIBLE, or nothing."""
    written = _MOMENT.fullmatch(text)
    if written is None:
        return ""
    year, month, day = (int(each) for each in written.groups()[:3])
    if year == 0:
        return "year"
    if not 1 <= month <= 12:
        return "month"
    if not 1 <= day <= monthrange(year, month)[1]:
        return "day"
    time, offset = _TIME.fullmatch(written[4] or ""), written[5]
    if not timed or time is None:
        return ""
    late = any(int(each) > most for each, most in zip(time.groups(), (23, 59, 59), strict=True))
    if late and _MIDNIGHT.fullmatch(time[0]) is None:
        return "time"
    if offset is not None and ((int(offset), int(written[6])) > MOST_OFFSET or int(written[6]) > 59):
        return "offset"
    return ""


_TYPE = re.compile(r"of the atomic type '([^']{1,200})'\.$")
_BOUND = re.compile(r"(?:\('([^']{1,40})'\)|length of '(\d+)')\.$")


def _wanted(type_name: str, end: str, schema: ModuleSchema) -> tuple[str, ...]:
    """What the schema wanted: the elements that may stand here, the values of a list, how a value of the type is
    written, its pattern, or the bound that was passed."""
    if type_name == CONTENT:
        names = end.rpartition("Expected is ")[2]
        return tuple(name for name in re.findall(r"\}(\w+)", names) if name in schema.names)[:NAMED]
    if type_name == "SCHEMAV_CVC_ENUMERATION_VALID":
        values = end.rpartition("is not an element of the set {")[2]
        return tuple(v for v in re.findall(r"'([^']*)'", values) if v in schema.listed_values)[:NAMED]
    if type_name == DATATYPE:
        kind = _TYPE.search(end)
        return (schema.written[kind[1]],) if kind and kind[1] in schema.written else ()
    if type_name == "SCHEMAV_CVC_PATTERN_VALID":
        pattern = end.rpartition(" by the pattern '")[2].removesuffix("'.")
        return (pattern,) if pattern in FORMS else ()
    bound = _BOUND.search(end)
    return tuple(text for text in (bound.groups() if bound else ()) if text in schema.bounds)
