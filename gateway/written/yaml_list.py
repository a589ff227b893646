"""Adds an item to a list in a YAML text, or takes one out, and leaves everything else as it was written: comments,
order, quotes, blanks.

The place is found by the parser's own positions. What comes out is read again by our reader, and has to be what was
there with the item or without it; where it is not, nothing comes out, and whoever asked tells a person what to write by
hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import yaml

from gateway.written.complaints import KeyPath
from gateway.written.yaml_places import end_of, value_at
from gateway.written.yaml_text import read_yaml

Item: TypeAlias = str | Mapping[str, str]
Flow: TypeAlias = "str | bool | int | Sequence[Flow] | Mapping[str, Flow]"

_PLAIN: Final = re.compile(r"[A-Za-z0-9/][A-Za-z0-9./_-]*[A-Za-z0-9]")
_NUMBERS: Final = re.compile(r"[0-9.]*")
# The last line with a key, when nothing but remarks and blanks follows it.
_KEY_ALONE: Final = re.compile(r"^(?P<key>[^\n#]*:)[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*\Z", re.MULTILINE)
_WORDS: Final = frozenset({"true", "false", "null"})  # that are no text where they stand without quotes


def item_text(item: Item) -> str:
    """An item as it stands in a file: a text, or keys with texts on one line."""
    return flow_text(item)


def flow_text(value: Flow) -> str:
    """A value as it stands on one line of a file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _scalar(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {flow_text(each)}' for key, each in value.items())}}}"
    return f"[{', '.join(map(flow_text, value))}]"


def plain(value: Flow) -> object:
    """The value as our reader gives it."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return value if isinstance(value, str | bool | int) else [plain(each) for each in value]


def with_item(text: str, path: KeyPath, item: Flow) -> str | None:
    """The same text with one item more at the end of the list at that path; None where that cannot be made sure of."""
    before = read_yaml(text)
    if before.faults:
        return None
    try:
        found = _list_at(text, path)
    except yaml.YAMLError:
        return None
    if found is None:
        return None
    after = found.with_item(text, flow_text(item))
    read = read_yaml(after)
    wanted = _with(before.value, path, plain(item))
    return after if not read.faults and read.value == wanted else None


def without_item(text: str, path: KeyPath, index: int) -> str | None:
    """The same text without that item of the list at that path, which is `[]` where that was its only one; None where
    that cannot be made sure of.
    """
    before = read_yaml(text)
    if before.faults:
        return None
    try:
        found = value_at(text, path)
    except yaml.YAMLError:
        return None
    if found is None or not isinstance(found[0], yaml.SequenceStartEvent):
        return None
    spans = _spans(found[1])
    if not 0 <= index < len(spans):
        return None
    if found[0].flow_style:
        after: str | None = _cut(text, spans, index)
    else:
        after = _emptied(text, *spans[0]) if len(spans) == 1 else _cut_lines(text, *spans[index])
    if after is None:
        return None
    read = read_yaml(after)
    return after if not read.faults and read.value == _less(before.value, path, index) else None


def _spans(events: Iterator[yaml.Event]) -> list[tuple[int, int]]:
    """Where each item of a list that has begun begins and ends."""
    spans: list[tuple[int, int]] = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        begins_at = 0 if event.start_mark is None else int(event.start_mark.index)
        spans.append((begins_at, end_of(event, events)))
    return spans


def _cut(text: str, spans: list[tuple[int, int]], index: int) -> str:
    """With the comma after it; of the last with the one before it."""
    is_last = index == len(spans) - 1
    begins_at = spans[index - 1][1] if is_last and index else spans[index][0]
    ends_at = spans[index][1] if is_last else spans[index + 1][0]
    return text[:begins_at] + text[ends_at:]


def _cut_lines(text: str, begins_at: int, ends_at: int) -> str | None:
    """With its dash and whatever stands on its lines; None where its first line is not its own."""
    line = text.rfind("\n", 0, begins_at) + 1
    if text[line:begins_at].strip() != "-":
        return None
    next_line = text.find("\n", ends_at)
    return text[:line] + ("" if next_line < 0 else text[next_line + 1 :])


def _emptied(text: str, begins_at: int, ends_at: int) -> str | None:
    """Without the lines of the one item, and `[]` behind the key above it; whatever else stands between them stays."""
    after = _cut_lines(text, begins_at, ends_at)
    line = text.rfind("\n", 0, begins_at) + 1
    key = None if after is None else _KEY_ALONE.search(text[:line])
    if after is None or key is None:
        return None
    return f"{after[: key.end('key')]} []{after[key.end('key') :]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """A list: how it is written, where its last item ends, and how far it is indented; an empty one ends at its
    bracket.
    """

    is_flow: bool
    is_empty: bool
    ends_at: int
    indent: int

    def with_item(self, text: str, written: str) -> str:
        if self.is_flow:
            return f"{text[: self.ends_at]}{'' if self.is_empty else ', '}{written}{text[self.ends_at :]}"
        line_ends = text.find("\n", self.ends_at)
        new_line = "\r\n" if "\r\n" in text else "\n"
        added = f"{' ' * self.indent}- {written}"
        if line_ends < 0:
            return f"{text}{new_line}{added}{new_line}"
        return f"{text[: line_ends + 1]}{added}{new_line}{text[line_ends + 1 :]}"


def _list_at(text: str, path: KeyPath) -> _List | None:
    found = value_at(text, path)
    if found is None or not isinstance(found[0], yaml.SequenceStartEvent):
        return None
    return _measured(found[0], found[1])


def _measured(start: yaml.SequenceStartEvent, events: Iterator[yaml.Event]) -> _List | None:
    last = None
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        last = end_of(event, events)
    if start.start_mark is None or event.start_mark is None:
        return None
    ends_at = event.start_mark.index if last is None else last
    return _List(is_flow=bool(start.flow_style), is_empty=last is None, ends_at=ends_at, indent=start.start_mark.column)


def _with(value: object, path: KeyPath, item: object) -> object:
    return _changed(value, path, lambda found: [*found, item])


def _less(value: object, path: KeyPath, index: int) -> object:
    return _changed(value, path, lambda found: [*found[:index], *found[index + 1 :]])


def _changed(value: object, path: KeyPath, change: Callable[[list[object]], list[object]]) -> object:
    if not path:
        return change(value) if isinstance(value, list) else None
    if isinstance(value, list):
        return [_changed(each, path[1:], change) if index == path[0] else each for index, each in enumerate(value)]
    if not isinstance(value, dict):
        return None
    return {key: _changed(each, path[1:], change) if key == path[0] else each for key, each in value.items()}


def _scalar(value: str) -> str:
    is_plain = _PLAIN.fullmatch(value) and not _NUMBERS.fullmatch(value) and value.lower() not in _WORDS
    return value if is_plain else json.dumps(value, ensure_ascii=False)
