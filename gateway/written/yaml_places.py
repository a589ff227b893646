"""Where a value stands in a YAML text, by the parser's own positions: for whoever changes one place and leaves the
rest as it was written.

Positions count characters, as Python does. Whoever changes something reads what came of it again with our reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import yaml

from gateway.written.complaints import KeyPath

Found: TypeAlias = tuple[yaml.Event, Iterator[yaml.Event]]


def value_at(text: str, path: KeyPath) -> Found | None:
    """The event with which the value at that path begins, and those after it; None where there is none. Raises
    `yaml.YAMLError` for what is no YAML.
    """
    events = yaml.parse(text, Loader=yaml.SafeLoader)
    for event in events:
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent | yaml.ScalarEvent):
            return _below(event, events, path)
    return None


def end_of(event: yaml.Event, events: Iterator[yaml.Event]) -> int:
    """Go past the value that begins with that event; where the last of it that is written ends."""
    depth, ends_at = 0, 0
    while True:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        is_end_of_block = isinstance(event, yaml.CollectionEndEvent) and _is_empty(event)
        if event.end_mark is not None and not is_end_of_block:
            ends_at = int(event.end_mark.index)
        if depth == 0:
            return ends_at
        event = next(events)


def _below(event: yaml.Event, events: Iterator[yaml.Event], path: KeyPath) -> Found | None:
    if not path:
        return event, events
    if isinstance(event, yaml.SequenceStartEvent):
        return _below_item(events, path)
    if not isinstance(event, yaml.MappingStartEvent):
        return None
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        value = next(events)
        if isinstance(key, yaml.ScalarEvent) and key.value == path[0]:
            return _below(value, events, path[1:])
        end_of(value, events)
    return None


def _below_item(events: Iterator[yaml.Event], path: KeyPath) -> Found | None:
    number = 0
    while not isinstance(item := next(events), yaml.SequenceEndEvent):
        if number == path[0]:
            return _below(item, events, path[1:])
        end_of(item, events)
        number += 1
    return None


def _is_empty(event: yaml.Event) -> bool:
    """Whether nothing is written for it, as for the end of a block."""
    start, end = event.start_mark, event.end_mark
    return start is not None and end is not None and start.index == end.index
