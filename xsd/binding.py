"""Messages as plain frozen objects: the reading and writing behind the generated classes of xsd.generated.

A class is a dataclass whose fields say their element and their kind; reading and writing follow the fields in order,
which is the order of the schema. `read(write(m)) == m`, and `write(read(x))` is `x` in the layout that `write` makes,
for every document that conforms to its schema; comments, and white space around dates and numbers, are not kept.
Checking is layer one's and layer two's; an element that the class has no field for is refused here all the same, so
that nothing is lost silently.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, TypeVar, dataclass_transform

from lxml import etree

from gateway.limits import PAYLOAD_LIMITS
from xsd.document import parse_document, text_of

M = TypeVar("M", bound="Message")
T = TypeVar("T")


class BindingFault(Exception):
    """A document does not fit the class it is read into; the text names an element of the schema, never a value."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a value of a simple type is read and written."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]


def _write_moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("no truth value")
    return text == "true"


def _write_amount(value: Decimal) -> str:
    cents = value.quantize(Decimal("0.01"))
    if cents != value:
        raise ValueError("an amount has two decimals")
    return format(cents, "f")


TEXT = Spelling(str, str)
DECIMAL = Spelling(lambda text: Decimal(text.strip()), lambda value: format(value, "f"))
AMOUNT = Spelling(lambda text: Decimal(text.strip()), _write_amount)
INTEGER = Spelling(lambda text: int(text.strip()), str)
DATE = Spelling(lambda text: date.fromisoformat(text.strip()), date.isoformat)
MOMENT = Spelling(lambda text: datetime.fromisoformat(text.strip()), _write_moment)
TRUTH = Spelling(lambda text: _read_truth(text.strip()), lambda value: "true" if value else "false")


def element(name: str, of: Spelling | type, *, default: Any = dataclasses.MISSING) -> Any:
    """A field for one element: `of` is a kind of value, an enumeration, or the class of its content;
    `default=None` where it is optional."""
    return dataclasses.field(default=default, metadata={"element": name, "of": of, "many": False})


def elements(name: str, of: Spelling | type, *, default: Any = dataclasses.MISSING) -> Any:
    """A field for a tuple: `name` is the repeated element, or `List/Item` where a list element stands around them.
    `default=()` where the list is optional: the empty tuple is the absent list."""
    return dataclasses.field(default=default, metadata={"element": name, "of": of, "many": True})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(element, elements))
def group(cls: type[T]) -> type[T]:
    """Make a generated class a frozen, slotted, keyword-only dataclass."""
    return dataclass(frozen=True, slots=True, kw_only=True)(cls)


class Message:
    """What a generated class is that is a message: it knows its root element and its module version."""

    __slots__ = ()
    ELEMENT: ClassVar[str]
    NAMESPACE: ClassVar[str]
    MODULE: ClassVar[str]
    VERSION: ClassVar[str]

    def to_xml(self) -> bytes:
        """This message as UTF-8 octets, laid out one element a line."""
        root = to_element(self)
        etree.indent(root, "  ")
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

    @classmethod
    def from_xml(cls: type[M], octets: bytes) -> M:
        """Read a message that conforms to its schema; raises DocumentFault or BindingFault where it does not."""
        return from_element(cls, parse_document(octets, limits=PAYLOAD_LIMITS))


def to_element(message: Message) -> etree._Element:
    """The root element of a message."""
    root = etree.Element(f"{{{message.NAMESPACE}}}{message.ELEMENT}", nsmap=_default(message.NAMESPACE))
    _write(message, root, message.NAMESPACE)
    return root


def _default(namespace: str) -> Any:
    """The namespace map of a default namespace, which the stubs of lxml do not know."""
    return {None: namespace}


def from_element(cls: type[M], root: etree._Element) -> M:
    """Read a parsed document."""
    if root.tag != f"{{{cls.NAMESPACE}}}{cls.ELEMENT}":
        raise BindingFault(f"the document is not a {cls.ELEMENT} of {cls.MODULE} {cls.VERSION}")
    message: M = _read(cls, root, cls.NAMESPACE)
    return message


def _fields(cls: type) -> Iterator[tuple[str, str, Spelling | type, bool, bool]]:
    for field in dataclasses.fields(cls):
        data: Mapping[str, Any] = field.metadata
        has_default = field.default is not dataclasses.MISSING
        yield field.name, data["element"], data["of"], data["many"], has_default


def _write(value: Any, parent: etree._Element, namespace: str) -> None:
    for name, tag, of, many, has_default in _fields(type(value)):
        inner = getattr(value, name)
        if inner is None:
            continue
        place, item = parent, tag
        if many:
            around, _, item = tag.rpartition("/")
            if around and (inner or not has_default):
                place = etree.SubElement(parent, f"{{{namespace}}}{around}")
        for one in inner if many else (inner,):
            node = etree.SubElement(place, f"{{{namespace}}}{item}")
            if isinstance(of, Spelling):
                node.text = of.write(one)
            elif issubclass(of, StrEnum):
                node.text = str(of(one))
            else:
                _write(one, node, namespace)


def _read(cls: type[Any], parent: etree._Element, namespace: str) -> Any:
    children = list(parent.iterchildren("*"))
    values: dict[str, Any] = {}
    used = 0
    for name, tag, of, many, has_default in _fields(cls):
        around, _, item = tag.rpartition("/")
        found = [e for e in children if e.tag == f"{{{namespace}}}{around or item}"]
        used += len(found)
        if around:
            inside = [e for place in found for e in place.iterchildren("*")]
            if any(e.tag != f"{{{namespace}}}{item}" for e in inside):
                raise BindingFault(f"{around} holds something other than {item}")
            found = inside
        if many:
            values[name] = tuple(_value(of, e, item, namespace) for e in found)
        elif found:
            values[name] = _value(of, found[0], item, namespace)
        elif not has_default:
            raise BindingFault(f"{etree.QName(parent).localname} has no {item}")
        if len(found) > 1 and not many:
            raise BindingFault(f"{item} occurs more than once")
    if used != len(children):
        raise BindingFault(f"{cls.__name__} has no field for an element in it")
    return cls(**values)


def _value(of: Spelling | type, node: etree._Element, name: str, namespace: str) -> Any:
    try:
        if isinstance(of, Spelling):
            return of.read(text_of(node))
        if issubclass(of, StrEnum):
            return of(text_of(node))
    except (ValueError, ArithmeticError) as fault:
        raise BindingFault(f"{name} holds no value of its kind") from fault
    return _read(of, node, namespace)
