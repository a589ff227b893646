"""The short file of an organisation as a person would write it: what it needs, in the order in which people ask it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from gateway.written.editor_schema import EditorSchema
from gateway.written.yaml_list import Item, item_text

Said: TypeAlias = str | bool | int | Sequence[str] | Mapping[str, "Said | Sequence[Item]"]


def organisation_text(content: Mapping[str, Said]) -> str:
    """The file with these keys, in their order; what is empty is left out. Lists stand on one line, what is of several
    keys on a line for each key.
    """
    return EditorSchema.ORGANISATION.first_line + "".join(f"{line}\n" for line in _lines(content))


def _lines(content: Mapping[str, object]) -> Iterator[str]:
    for key, value in content.items():
        if value in ("", (), [], {}, None):
            continue
        if isinstance(value, Mapping):
            yield f"{item_text(key)}:"
            yield from (f"  {line}" for line in _lines(value))
        else:
            yield f"{item_text(key)}: {_written(value)}"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return item_text(value)
    if isinstance(value, Sequence):
        return f"[{', '.join(item_text(each) for each in value)}]"
    raise TypeError(f"{type(value).__name__} has no place in the file of an organisation")
