"""Every key of the settings with its type, default and meaning, for the reference page and the help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from gateway.settings.sections import Settings
from gateway.settings.values import Host, Section


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    """One key of the reference page; an empty default means that the key is needed or has none."""

    key: str
    type: str
    default: str
    needed: bool
    description: str


def settings_reference() -> tuple[ReferenceRow, ...]:
    """Every key with its type, default and meaning, in the order of the sections."""
    return tuple(_rows("", Settings))


def section_of(annotation: Any) -> type[BaseModel] | None:
    """The section that a key holds, one or a list of them; None for a plain value."""
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, Section):
            return each
    return None


def _rows(prefix: str, model: type[BaseModel], *, may_lack: bool = False) -> Iterator[ReferenceRow]:
    for name, field in model.model_fields.items():
        inner = section_of(field.annotation)
        key = f"{prefix}{field.alias or name}"
        is_list = get_origin(field.annotation) is list
        if inner is not None:
            section = f"{key}[]." if is_list else f"{key}."
            yield from _rows(section, inner, may_lack=may_lack or type(None) in get_args(field.annotation))
            continue
        default = "" if field.default in (PydanticUndefined, None) else _shown(field.default)
        yield ReferenceRow(
            key=key,
            type=_type_name(field.annotation),
            default=default,
            needed=field.is_required() and not may_lack,
            description=field.description or "",
        )


def _shown(value: object) -> str:
    if isinstance(value, list) and len(value) == 1:
        return _shown(value[0])
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


_TYPE_NAMES: Final = {
    Path: "path",
    IPv4Network: "network",
    bool: "true | false",
    int: "whole number",
    float: "number",
    str: "text",
    date: "day or moment",
}


def _type_name(annotation: Any) -> str:
    if annotation == list[Host]:
        return "address or list of addresses"
    leaves = list(_leaves(annotation))
    words = [f'"{each}"' for each in leaves if isinstance(each, str)]
    name = " | ".join(words) or next(_TYPE_NAMES[each] for each in leaves if each in _TYPE_NAMES)
    return f"list of {name}s" if get_origin(annotation) is list else name


def _leaves(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of, and the words of a Literal."""
    if not get_args(annotation):
        yield annotation
    elif get_origin(annotation) is Annotated:
        yield from _leaves(get_args(annotation)[0])
    else:
        for each in get_args(annotation):
            yield from _leaves(each)
