"""YAML as configuration is written in it: text to plain values, with the line of every key.

A subset on purpose. Only `true`, `false`, `null` and decimal whole numbers without a leading zero are anything but
text: an OIN keeps its zeros, version 1.10 stays apart from 1.1, and `no` is a word. Keys are text and stand once;
anchors, aliases, tags and several documents in a file are refused, each with its line, and reading goes on after them.

SECURITY: nothing in a file multiplies, and none of it is a type: what is read has no more values than the text has
characters, nested 16 deep at most, and 50 faults at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, cast

import yaml
from yaml.reader import Reader

from gateway.written.complaints import KeyPath, shown
from gateway.written.plain import MAX_DEPTH, MAX_FAULTS, MORE, Fault, Plain, Written
from gateway.written.yaml_words import in_our_words

MAX_CHARACTERS: Final = 1024 * 1024

_WHOLE_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None, "~": None, "": None}
_LONGEST_WORD: Final = max(map(len, _WORDS))


def read_yaml(text: str) -> Written:
    """Read one file, with everything in it that is not read."""
    if len(text) > MAX_CHARACTERS:
        return _unread(1, f"the file is longer than {MAX_CHARACTERS} characters")
    reader = _Reader(text)
    try:
        return Written(reader.document(), reader.lines, tuple(reader.faults))
    except _Enough:
        faults = [*reader.faults, Fault((), reader.faults[-1].line, MORE)]
    except yaml.MarkedYAMLError as fault:
        faults = [*reader.faults, Fault((), *in_our_words(text, fault))]
    except (yaml.YAMLError, UnicodeEncodeError):
        odd = Reader.NON_PRINTABLE.search(text)
        line = 1 + (text.count("\n", 0, odd.start()) if odd else 0)
        faults = [*reader.faults, Fault((), line, "the text has characters that YAML does not allow")]
    return Written(None, {(): 1}, tuple(faults))


def _unread(line: int, sentence: str) -> Written:
    return Written(None, {(): 1}, (Fault((), line, sentence),))


class _Enough(Exception):
    """There is more to complain of than anybody reads."""


class _Reader:
    """Builds values from parser events, so that depth is bounded before anything is nested."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {(): 1}
        self.faults: list[Fault] = []
        self._text = text
        self._next: Callable[[], yaml.Event]

    def document(self) -> Plain:
        self._next = cast("Callable[[], yaml.Event]", yaml.CSafeLoader(self._text).get_event)
        self._next()  # the stream starts
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        value = self._value(self._next(), ())
        self._next()  # the document ends
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            self._complain((), after, "a file holds one document")
            return None
        return value

    def _value(self, event: yaml.Event, path: KeyPath) -> Plain:
        if (objection := _objection(event, path)) is not None:
            self._complain(path, event, objection)
            self._skip(event)
            return None
        if isinstance(event, yaml.ScalarEvent):  # most are
            return _scalar(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        return self._sequence(path)

    def _mapping(self, path: KeyPath) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event, path)
            if key is None or key in found:
                if key is not None:
                    self._complain((*path, ""), event, f"the key {shown(key)} stands twice")
                self._skip(self._next())
                continue
            here = (*path, key)
            self.lines[here] = _line(event)
            found[key] = self._value(self._next(), here)
        return found

    def _key(self, event: yaml.Event, path: KeyPath) -> str | None:
        """The key that begins here, or None after complaining of it."""
        objection = _objection(event, ())
        key = _scalar(event) if isinstance(event, yaml.ScalarEvent) and objection is None else None
        if isinstance(key, str) and key != "<<":
            return key
        said = "; put it in quotes" if isinstance(key, int) else ""
        self._complain((*path, ""), event, objection or f"a key is a word{said}")
        self._skip(event)
        return None

    def _sequence(self, path: KeyPath) -> list[Plain]:
        items: list[Plain] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            here = (*path, len(items))
            self.lines[here] = _line(event)
            items.append(self._value(event, here))
        return items

    def _complain(self, path: KeyPath, event: yaml.Event, sentence: str) -> None:
        self.faults.append(Fault(path, _line(event), sentence))
        if len(self.faults) >= MAX_FAULTS:
            raise _Enough

    def _skip(self, event: yaml.Event) -> None:
        """Go past all that begins with this event; what lies in it is not looked at, and not to any depth: each level
        costs the parser more than the one before.
        """
        depth = 0
        while True:
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth == 0:
                return
            if depth > MAX_DEPTH:
                raise _Enough
            event = self._next()


def _objection(event: yaml.Event, path: KeyPath) -> str | None:
    if getattr(event, "anchor", None) is not None:  # an alias has one, too
        return "anchors and aliases are not used here; write the value out"
    if getattr(event, "tag", None) is not None:
        return "tags are not used here"
    return f"values are nested deeper than {MAX_DEPTH} levels" if len(path) > MAX_DEPTH else None


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else int(mark.line) + 1


def _scalar(event: yaml.ScalarEvent) -> Plain:
    text = str(event.value)
    if not event.implicit[0]:  # quoted or a block: text, whatever it looks like
        return text
    if len(text) <= _LONGEST_WORD and (word := text.lower()) in _WORDS:
        return _WORDS[word]
    return int(text) if text[-1].isdigit() and _WHOLE_NUMBER.fullmatch(text) else text
