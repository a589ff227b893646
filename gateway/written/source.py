"""One file while it is read: its values, its lines, and what there is to complain of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from copy import copy
from types import UnionType
from typing import Any, Self, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from gateway.written.complaints import Complaint, KeyPath, dotted
from gateway.written.plain import Written
from gateway.written.sentences import NOTHING, told_by_slips, violations

_Shape = TypeVar("_Shape", bound=BaseModel)


class Source:
    """Reads values out of one text; whatever is wrong becomes a complaint with its line, and reading goes on."""

    def __init__(self, name: str, written: Written, complaints: list[Complaint]) -> None:
        self.name = name
        self._written = written
        self._complaints = complaints
        self._left_out: frozenset[KeyPath] = frozenset()  # what the file has and the shape that was made of it has not
        self._at: KeyPath = ()
        for fault in written.faults:
            complaints.append(Complaint(file=name, line=fault.line, path="", sentence=fault.sentence))

    def within(self, *path: str | int) -> Self:
        """The same file, seen from the value at a path of the shape: from there every path goes on."""
        inner = copy(self)
        inner._at = (*self._at, *path)
        return inner

    @property
    def at(self) -> str:
        """From where it is seen, as a dotted path; empty for the whole file."""
        return dotted(self._at)

    def complain(self, path: KeyPath, sentence: str) -> None:
        """Add a complaint about the value at a path of the shape; it is told as the file has it."""
        path = self._in_file((*self._at, *path))
        line = self._written.line(path)
        self._complaints.append(Complaint(file=self.name, line=line, path=dotted(path), sentence=sentence))

    def complained_of(self, path: KeyPath) -> bool:
        """Whether there is a complaint about exactly that key."""
        told = dotted(self._in_file((*self._at, *path)))
        return any(each.file == self.name and each.path == told for each in self._complaints)

    def has(self, *path: str | int) -> bool:
        """Whether the file has that key, whatever was wrong with its value."""
        return (*self._at, *path) in self._written.lines

    def lines(self) -> Mapping[str, int]:
        """The line of every key, by its dotted path in the shape; seen from a value, of the keys in it."""
        if not self._at and not self._left_out:  # as it is for thousands of files
            return {dotted(path): line for path, line in self._written.lines.items()}
        paths = ((self._in_shape(path), line) for path, line in self._written.lines.items())
        length = len(self._at)
        return {dotted(path[length:]): line for path, line in paths if path is not None and path[:length] == self._at}

    def line(self, path: KeyPath) -> int:
        """The line of the value at a path of the shape."""
        return self._written.line(self._in_file((*self._at, *path)))

    def _in_file(self, path: KeyPath) -> KeyPath:
        """A path of the shape as the file has it."""
        if not self._left_out:
            return path
        found: KeyPath = ()
        for step in path:
            place = step
            if isinstance(place, int):
                for gone in self._gone(found):
                    place += gone <= place
            found = (*found, place)
        return found

    def _in_shape(self, path: KeyPath) -> KeyPath | None:
        """A path of the file as the shape has it; None for what was left out."""
        if not self._left_out:
            return path
        found: KeyPath = ()
        for length, step in enumerate(path):
            if path[: length + 1] in self._left_out:
                return None
            place = step
            if isinstance(step, int):
                place = step - sum(gone < step for gone in self._gone(path[:length]))
            found = (*found, place)
        return found

    def _gone(self, at: KeyPath) -> list[int]:
        """Which items of that list of the file were left out."""
        return sorted(last for *before, last in self._left_out if tuple(before) == at and isinstance(last, int))

    def shape(
        self,
        model: type[_Shape],
        *,
        others: Mapping[str, type[BaseModel]] | None = None,
        keys_are: str = "keys with values",
        context: Mapping[str, Any] | None = None,
    ) -> _Shape | None:
        """The file's value as that model, or None after complaining.

        What is wrong in form is left out after the complaint, so that the rest of the file can be looked at as well.
        `others` and `keys_are` are as in `violations`, `context` is for the model.
        """
        unread = {fault.path for fault in self._written.faults}
        value = self._written.value
        if () in unread:
            return None
        if value is None:
            if not self._written.faults:
                self.complain((), "the file is empty")
            return None
        try:
            found = model.model_validate(value, context=dict(context or {}))
            wrong = []
        except ValidationError as fault:
            found = None
            wrong = list(violations(fault, value, model, others=others, keys_are=keys_are))
        # A model may take it for a key that is left out; who wrote the key meant something by it.
        told = {path for path, _ in wrong} | unread
        wrong += ((path, NOTHING) for path in _empty(value) if path not in told)
        if not wrong and found is not None:
            return found
        slips = told_by_slips(wrong)
        for path, sentence in wrong:
            if path not in slips and not any(path[:length] in unread for length in range(1, len(path) + 1)):
                self.complain(path, sentence)
        left_out = unread.union(path for path, _ in wrong)
        self._left_out = frozenset(left_out - {()})
        try:
            return model.model_validate(_without(value, left_out), context=dict(context or {}))
        except ValidationError:
            return None

    def remainder(self, model: type[_Shape]) -> _Shape | None:
        """What is right in the form of a file of which `shape` made nothing, for whoever has more to complain of: a key
        that is needed and was wrong or left out is empty there, which the shape would not take. None where there is no
        file of keys.
        """
        value = _without(self._written.value, self._left_out)
        return _remainder(model, value) if isinstance(value, dict) else None


def _remainder(model: type[_Shape], value: Mapping[str, Any]) -> _Shape:
    found: dict[str, Any] = {}
    for name, about in model.model_fields.items():
        kind = about.annotation
        made = _model_in(kind)
        inner = value.get(name)
        if made is not None and (made is kind or isinstance(inner, dict)):
            found[name] = _remainder(made, inner if isinstance(inner, dict) else {})
            continue
        found[name] = about.get_default(call_default_factory=True) if not about.is_required() else _nothing(kind)
        if name in value:
            with suppress(ValidationError):
                found[name] = TypeAdapter(about.rebuild_annotation()).validate_python(value[name], strict=True)
    return model.model_construct(**found)


def _model_in(kind: Any) -> type[BaseModel] | None:
    """The model that a key holds, if it may not hold anything else; a key that may be left out holds it or None."""
    either = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    made, *others = (each for each in either if each is not type(None))
    return made if not others and isinstance(made, type) and issubclass(made, BaseModel) else None


def _nothing(kind: Any) -> Any:
    made = get_origin(kind) or kind
    return made() if made in (list, dict, str) else None


def _empty(value: object, at: KeyPath = ()) -> Iterator[KeyPath]:
    """Where the file has a key or an item, and no value."""
    if value is None:
        yield at
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _empty(each, (*at, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _empty(each, (*at, index))


def _without(value: object, paths: Set[KeyPath], at: KeyPath = ()) -> object:
    if isinstance(value, dict):
        return {key: _without(each, paths, (*at, key)) for key, each in value.items() if (*at, key) not in paths}
    if isinstance(value, list):
        return [_without(each, paths, (*at, index)) for index, each in enumerate(value) if (*at, index) not in paths]
    return value
