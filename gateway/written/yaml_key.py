"""Sets a key of a YAML text and leaves everything else as it was written.

A key that stands there with one word gets another; one that does not come stands on a line of its own behind a key that
does, and what it holds on that same line. What comes out is read again by our reader, and has to be what was there with
that key set; where it is not, nothing comes out, and whoever asked tells a person what to write by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import yaml

from gateway.written.complaints import KeyPath
from gateway.written.yaml_list import Flow, flow_text, plain
from gateway.written.yaml_places import end_of, value_at
from gateway.written.yaml_text import read_yaml


def with_key(text: str, path: KeyPath, key: str, value: Flow, *, behind: str | None = None) -> str | None:
    """The same text with that key of the keys at that path set; where it is not there, behind the key `behind`, or
    behind the last one. None where that cannot be made sure of.
    """
    before = read_yaml(text)
    if before.faults:
        return None
    written = flow_text(value)
    try:
        after = _replaced(text, (*path, key), written) or _added(text, path, f"{key}: {written}", behind)
    except yaml.YAMLError:
        return None
    if after is None:
        return None
    read = read_yaml(after)
    return after if not read.faults and read.value == _set(before.value, path, key, plain(value)) else None


def _replaced(text: str, path: KeyPath, written: str) -> str | None:
    found = value_at(text, path)
    if found is None or not isinstance(found[0], yaml.ScalarEvent):
        return None
    start, end = found[0].start_mark, found[0].end_mark
    return None if start is None or end is None else f"{text[: start.index]}{written}{text[end.index :]}"


def _added(text: str, path: KeyPath, entry: str, behind: str | None) -> str | None:
    found = value_at(text, path)
    if found is None or not isinstance(found[0], yaml.MappingStartEvent):
        return None
    place = _place(found[1], behind)
    if place is None:
        return None
    column, ends_at = place
    if found[0].flow_style:
        return f"{text[:ends_at]}, {entry}{text[ends_at:]}"
    new_line = "\r\n" if "\r\n" in text else "\n"
    line = f"{' ' * column}{entry}"
    line_ends = text.find("\n", ends_at)
    if line_ends < 0:
        return f"{text}{new_line}{line}{new_line}"
    return f"{text[: line_ends + 1]}{line}{new_line}{text[line_ends + 1 :]}"


def _place(events: Iterator[yaml.Event], behind: str | None) -> tuple[int, int] | None:
    """The column of the keys, and where the value ends behind which another may stand."""
    place = None
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        ends_at = end_of(next(events), events)
        if isinstance(key, yaml.ScalarEvent) and key.start_mark is not None and behind in (None, key.value):
            place = (key.start_mark.column, ends_at)
    return place


def _set(value: object, path: KeyPath, key: str, to: object) -> object:
    if isinstance(value, list):
        return [
            _set(each, path[1:], key, to) if path and index == path[0] else each for index, each in enumerate(value)
        ]
    if not isinstance(value, Mapping):
        return None
    if not path:
        return {**value, key: to}
    return {name: _set(each, path[1:], key, to) if name == path[0] else each for name, each in value.items()}
