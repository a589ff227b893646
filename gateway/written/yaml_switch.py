"""Sets a key of a YAML text to true or false and leaves everything else as it was written.

A key that stands there gets the other word; one that does not comes on a line of its own behind a key that does. What
comes out is read again by our reader, and has to be what was there with that key set; where it is not, nothing comes
out, and whoever asked tells a person what to write by hand.
"""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from gateway.written.complaints import KeyPath
from gateway.written.yaml_places import end_of, value_at
from gateway.written.yaml_text import read_yaml


def with_switch(text: str, path: KeyPath, key: str, value: bool, *, behind: str) -> str | None:
    """The same text with that key of the keys at that path set; where it is not there, behind the key `behind`. None
    where that cannot be made sure of.
    """
    before = read_yaml(text)
    if before.faults:
        return None
    written = "true" if value else "false"
    try:
        after = _replaced(text, (*path, key), written) or _added(text, path, f"{key}: {written}", behind)
    except yaml.YAMLError:
        return None
    if after is None:
        return None
    read = read_yaml(after)
    return after if not read.faults and read.value == _set(before.value, path, key, value) else None


def _replaced(text: str, path: KeyPath, written: str) -> str | None:
    found = value_at(text, path)
    if found is None or not isinstance(found[0], yaml.ScalarEvent):
        return None
    start, end = found[0].start_mark, found[0].end_mark
    return None if start is None or end is None else f"{text[: start.index]}{written}{text[end.index :]}"


def _added(text: str, path: KeyPath, entry: str, behind: str) -> str | None:
    found = value_at(text, path)
    if found is None or not isinstance(found[0], yaml.MappingStartEvent):
        return None
    start, events = found
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        ends_at = end_of(next(events), events)
        if not isinstance(key, yaml.ScalarEvent) or key.value != behind or key.start_mark is None:
            continue
        if isinstance(start, yaml.MappingStartEvent) and start.flow_style:
            return f"{text[:ends_at]}, {entry}{text[ends_at:]}"
        new_line = "\r\n" if "\r\n" in text else "\n"
        line = f"{' ' * key.start_mark.column}{entry}"
        line_ends = text.find("\n", ends_at)
        if line_ends < 0:
            return f"{text}{new_line}{line}{new_line}"
        return f"{text[: line_ends + 1]}{line}{new_line}{text[line_ends + 1 :]}"
    return None


def _set(value: object, path: KeyPath, key: str, to: bool) -> object:
    if isinstance(value, list):
        return [
            _set(each, path[1:], key, to) if path and index == path[0] else each for index, each in enumerate(value)
        ]
    if not isinstance(value, Mapping):
        return None
    if not path:
        return {**value, key: to}
    return {name: _set(each, path[1:], key, to) if name == path[0] else each for name, each in value.items()}
