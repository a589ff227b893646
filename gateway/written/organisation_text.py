"""The short file of an organisation as a person would write it: what it needs, in the order in which people ask it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from gateway.written.editor_schema import EditorSchema
from gateway.written.yaml_list import Flow, flow_text


def organisation_text(content: Mapping[str, Flow], *, empty: Collection[str] = ()) -> str:
    """The file with these keys, in their order; what is empty is left out, but for lists under a key that is named as
    `empty`, too. Lists stand on one line, what is of several keys on a line for each key.
    """
    return EditorSchema.ORGANISATION.first_line + "".join(f"{line}\n" for line in _lines(content, empty))


def _lines(content: Mapping[str, object], empty: Collection[str]) -> Iterator[str]:
    for key, value in content.items():
        if value in ("", (), [], {}, None) and key not in empty:
            continue
        if isinstance(value, Mapping):
            yield f"{flow_text(key)}:"
            yield from (f"  {line}" for line in _lines(value, empty))
        else:
            yield f"{flow_text(key)}: {_written(value)}"


def _written(value: object) -> str:
    if isinstance(value, str | bool | int | Sequence):
        return flow_text(value)
    raise TypeError(f"{type(value).__name__} has no place in the file of an organisation")
