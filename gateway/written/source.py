"""One file while it is read: its values, its lines, and what there is to complain of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.written.complaints import Complaint, KeyPath, dotted
from gateway.written.plain import Written
from gateway.written.sentences import violations

_Shape = TypeVar("_Shape", bound=BaseModel)


class Source:
    """Reads values out of one text; whatever is wrong becomes a complaint with its line, and reading goes on."""

    def __init__(self, name: str, written: Written, complaints: list[Complaint]) -> None:
        self.name = name
        self._written = written
        self._complaints = complaints
        for fault in written.faults:
            complaints.append(Complaint(file=name, line=fault.line, path="", sentence=fault.sentence))

    def complain(self, path: KeyPath, sentence: str) -> None:
        """Add a complaint about the value at a path."""
        line = self._written.line(path)
        self._complaints.append(Complaint(file=self.name, line=line, path=dotted(path), sentence=sentence))

    def complained_of(self, path: KeyPath) -> bool:
        """Whether there is a complaint about exactly that key."""
        return any(each.file == self.name and each.path == dotted(path) for each in self._complaints)

    def lines(self) -> Mapping[str, int]:
        """The line of every key, by its dotted path."""
        return {dotted(path): line for path, line in self._written.lines.items()}

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
            self.complain((), "the file is empty")
            return None
        try:
            found = model.model_validate(value, context=dict(context or {}))
        except ValidationError as fault:
            wrong = list(violations(fault, value, model, others=others, keys_are=keys_are))
        else:
            return found
        for path, sentence in wrong:
            if not any(path[:length] in unread for length in range(1, len(path) + 1)):
                self.complain(path, sentence)
        try:
            rest = _without(value, unread.union(path for path, _ in wrong))
            return model.model_validate(rest, context=dict(context or {}))
        except ValidationError:
            return None


def _without(value: object, paths: set[KeyPath], at: KeyPath = ()) -> object:
    if isinstance(value, dict):
        return {key: _without(each, paths, (*at, key)) for key, each in value.items() if (*at, key) not in paths}
    if isinstance(value, list):
        return [_without(each, paths, (*at, index)) for index, each in enumerate(value) if (*at, index) not in paths]
    return value
