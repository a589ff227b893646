"""YAML as configuration is written in it: text to plain values, with the line of every key.

A subset on purpose. Only `true`, `false`, `null` and decimal whole numbers without a leading zero are anything but
text: an OIN keeps its zeros, version 1.10 stays apart from 1.1, and `no` is a word. Keys are text and stand once;
anchors, aliases, tags and several documents in a file are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

import yaml
from yaml.reader import Reader

from gateway.written.yaml_words import in_our_words

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain] | None"
Path: TypeAlias = tuple[str | int, ...]

MAX_CHARACTERS: Final = 1024 * 1024
MAX_DEPTH: Final = 16

_WHOLE_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None, "~": None, "": None}


class YamlFault(Exception):
    """A text that is not YAML, or more than the subset; `line` counts from 1."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(f"line {line}: {sentence}")
        self.line = line
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class YamlText:
    """The value of a file, and the line at which each key or list item starts."""

    value: Plain
    lines: dict[Path, int] = field(default_factory=dict, repr=False)

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str) -> YamlText:
    """Read one file; raises YamlFault at the first thing that cannot be read."""
    if len(text) > MAX_CHARACTERS:
        raise YamlFault(1, f"the file is longer than {MAX_CHARACTERS} characters")
    try:
        reader = _Reader(text)
        return YamlText(reader.document(), reader.lines)
    except yaml.MarkedYAMLError as fault:
        raise YamlFault(*in_our_words(text, fault)) from None
    except (yaml.YAMLError, UnicodeEncodeError):
        odd = Reader.NON_PRINTABLE.search(text)
        line = 1 + (text.count("\n", 0, odd.start()) if odd else 0)
        raise YamlFault(line, "the text has characters that YAML does not allow") from None


class _Reader:
    """Builds values from parser events, so that depth is bounded before anything is nested."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=yaml.CSafeLoader))

    def document(self) -> Plain:
        next(self._events)  # the stream starts
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        value = self._value(next(self._events), ())
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise YamlFault(_line(after), "a file holds one document")
        return value

    def _value(self, event: yaml.Event, path: Path) -> Plain:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise YamlFault(_line(event), "anchors and aliases are not used here; write the value out")
        if getattr(event, "tag", None) is not None:
            raise YamlFault(_line(event), "tags are not used here")
        if len(path) > MAX_DEPTH:
            raise YamlFault(_line(event), f"values are nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return _scalar(cast(yaml.ScalarEvent, event))

    def _mapping(self, path: Path) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event, path) if isinstance(event, yaml.ScalarEvent) else None
            if not isinstance(key, str) or key == "<<":
                raise YamlFault(_line(event), "a key is a word")
            if key in found:
                raise YamlFault(_line(event), f"the key {key} stands twice")
            self.lines[*path, key] = _line(event)
            found[key] = self._value(next(self._events), (*path, key))
        return found

    def _sequence(self, path: Path) -> list[Plain]:
        items: list[Plain] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            here = (*path, len(items))
            self.lines[here] = _line(event)
            items.append(self._value(event, here))
        return items


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else int(mark.line) + 1


def _scalar(event: yaml.ScalarEvent) -> Plain:
    text = str(event.value)
    if not event.implicit[0]:  # quoted or a block: text, whatever it looks like
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else text
