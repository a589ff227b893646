"""A verb of administration, and what follows from its one declaration: a function with annotations and a sentence.

Its name, the names and types of its arguments, its answer, its sentence, and how each of them is written as JSON are
read from that function. Nothing says them a second time.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ConfigDict, TypeAdapter

Work = Callable[..., Awaitable[Any]]


@dataclasses.dataclass(frozen=True, slots=True)
class Verb:
    """One verb: `work` takes what is administered and then the arguments by their names."""

    name: str
    sentence: str
    arguments: dict[str, TypeAdapter[Any]]
    answer: TypeAdapter[Any]
    work: Work
    command: str | None = None
    """The words of the command that asks it and prints the answer as it is; None where a command tells it in words of
    its own, or none asks it.
    """
    fact: str = "answer"
    """What the JSON document of that command calls the answer."""
    told: Callable[[Any], str] | None = None
    """The answer as a sentence; None where its own fields say it."""
    empty: str = "nothing"
    """What is said in place of a list without an entry."""
    options: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    """The arguments that a call may leave out, each with the sentence of its option."""

    @property
    def defaults(self) -> frozenset[str]:
        """The arguments that a call may leave out."""
        parameters = inspect.signature(self.work).parameters.values()
        return frozenset(each.name for each in parameters if each.default is not each.empty)

    def named(self, *args: object, **kwargs: object) -> dict[str, object]:
        """The arguments of a call by their names; raises `TypeError` as the call would."""
        bound = inspect.signature(self.work).bind(None, *args, **kwargs)
        bound.apply_defaults()
        return dict(tuple(bound.arguments.items())[1:])


def verb(
    work: Work,
    *,
    command: str | None = None,
    fact: str = "answer",
    told: Callable[[Any], str] | None = None,
    empty: str = "nothing",
    options: Mapping[str, str] = MappingProxyType({}),
) -> Verb:
    """The verb that this function declares: its first argument is what is administered."""
    annotations = typing.get_type_hints(work)
    annotations.pop(next(iter(inspect.signature(work).parameters)))
    answer = annotations.pop("return")
    return Verb(
        name=work.__name__,
        sentence=inspect.cleandoc(work.__doc__ or "").partition("\n\n")[0].replace("\n", " "),
        arguments={name: _adapter(annotation) for name, annotation in annotations.items()},
        answer=_adapter(answer),
        work=work,
        command=command,
        fact=fact,
        told=told,
        empty=empty,
        options=options,
    )


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    if dataclasses.is_dataclass(annotation):
        return TypeAdapter(annotation)
    return TypeAdapter(annotation, config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"))
