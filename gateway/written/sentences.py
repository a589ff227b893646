"""What pydantic found wrong with values that people wrote, as paths and sentences that say what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import getitem
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.written.close import closest
from gateway.written.complaints import KeyPath

SECTION: Final = "a section"  # what TOML calls keys with values
NOTHING: Final = "is empty; write its value, or leave the key out"
_NEEDED: Final = "this key is needed"
_QUOTE: Final = "'"
_FEW_KEYS: Final = 8  # as many as a sentence lists


def violations(
    fault: ValidationError,
    value: object,
    model: type[BaseModel],
    *,
    others: Mapping[str, type[BaseModel]] | None = None,
    keys_are: str = "keys with values",
) -> Iterator[tuple[KeyPath, str]]:
    """What was found in `value`, which should have been a `model`. `others` are the models of other files by what to
    call these, for keys that stand in the wrong file.
    """
    for error in fault.errors(include_url=False):
        path: KeyPath = tuple(error["loc"])
        said = _sentence(error, model, others or {}, keys_are)
        if error["type"] == "missing":  # what the path ends in is not there
            yield (*_as_written(value, path[:-1]), path[-1]), said
        else:
            yield _as_written(value, path), said


def told_by_slips(found: Sequence[tuple[KeyPath, str]]) -> frozenset[KeyPath]:
    """Which of these needed keys are there with a slip in their name, of which is said already that they were meant."""
    slips = {(path[:-1], sentence) for path, sentence in found if path}
    return frozenset(
        path for path, sentence in found if sentence == _NEEDED and (path[:-1], _no_key_but(str(path[-1]))) in slips
    )


def _as_written(value: Any, path: KeyPath) -> KeyPath:
    """What the file has of the path: the model may see a list where one value stands, and pydantic names the kind of a
    value as if it were a step.
    """
    found: list[str | int] = []
    for step in path:
        if isinstance(value, dict):
            there = step in value
        else:
            there = isinstance(value, list) and isinstance(step, int) and step < len(value)
        if there:
            value = getitem(value, step)
            found.append(step)
    return tuple(found)


def _sentence(error: ErrorDetails, model: type[BaseModel], others: Mapping[str, type[BaseModel]], keys_are: str) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return _NEEDED
        case "extra_forbidden":
            return _no_such_key(tuple(error["loc"]), model, others, keys_are)
        case "union_tag_not_found":
            return f"the key {context['discriminator'].strip(_QUOTE)} is needed"
        case "union_tag_invalid":
            return f"{context['discriminator'].strip(_QUOTE)} must be one of {context['expected_tags']}"
        case "literal_error":
            return f"must be {context['expected']}"
        case "string_type":
            if error["input"] is None:
                return NOTHING
            return f"must be text{'; put it in quotes' if isinstance(error['input'], int | float) else ''}"
        case "path_type" | "is_instance_of":
            return "must be a path"
        case "int_type" | "int_from_float":
            return "must be a whole number"
        case "float_type" | "finite_number":
            return "must be a number"
        case "bool_type":
            return "must be true or false"
        case "list_type":
            if keys_are == SECTION and isinstance(error["input"], dict):
                return f"must be a list: write {_list_header(error['loc'])} for each, in double brackets"
            return "must be a list"
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"must be {keys_are}"
        case "too_short" | "string_too_short":
            return "must not be empty"
        case "too_long":
            return f"must have at most {context['max_length']} items"
        case "string_too_long":
            return f"must have at most {context['max_length']} characters"
        case "greater_than_equal":
            return f"must be at least {context['ge']}"
        case "greater_than":
            return f"must be more than {context['gt']}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case "less_than":
            return f"must be less than {context['lt']}"
        case "string_pattern_mismatch":
            return "has signs that do not belong in it; write it anew, in letters, digits and signs that can be seen"
        case "value_error":
            return str(context["error"])
        case _:
            return error["msg"]


def _list_header(path: KeyPath) -> str:
    """What begins an item of a list of sections in TOML."""
    return f"[[{'.'.join(map(str, path))}]]"


def _no_such_key(path: KeyPath, model: type[BaseModel], others: Mapping[str, type[BaseModel]], keys_are: str) -> str:
    key = str(path[-1])
    if keys_are == SECTION and (item := _key_of_an_item(path, model)) is not None:
        return f"there is no such key; write {item[1]} under {_list_header((*path[:-1], item[0]))}"
    for file, other in others.items():
        if key in _keys_at(other, path):
            return f"there is no such key in this file; it stands in {file}"
    keys = _keys_at(model, path)
    if meant := closest(key, keys):
        return _no_key_but(meant)
    few = 0 < len(keys) <= _FEW_KEYS
    return f"there is no such key; {f'keys here are {_either(keys)}' if few else 'take it out'}"


def _no_key_but(meant: str) -> str:
    return f"there is no such key; did you mean {meant}?"


def _either(keys: list[str]) -> str:
    return f"{', '.join(keys[:-1])} and {keys[-1]}" if len(keys) > 1 else keys[0]


def _key_of_an_item(path: KeyPath, model: type[BaseModel]) -> tuple[str, str] | None:
    """For a key `LIST_KEY`, which is what one makes of a list of sections that he knows no more: the list, and the key
    of its items.
    """
    key, around = str(path[-1]), _model_around(model, path)
    for name, field in around.model_fields.items() if around is not None else ():
        inner = _model_in(field.annotation) if get_origin(field.annotation) is list else None
        listed, _, of_item = key.partition("_")
        if inner is not None and listed == (field.alias or name) and of_item in _keys_of(inner):
            return listed, of_item
    return None


def _keys_at(model: type[BaseModel], path: KeyPath) -> list[str]:
    """The keys that may stand beside the last of the path."""
    found = _model_around(model, path)
    return _keys_of(found) if found is not None else []


def _keys_of(model: type[BaseModel]) -> list[str]:
    return [each.alias or name for name, each in model.model_fields.items()]


def _model_around(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The model in which the last of the path stands."""
    found: Any = model
    for step in path[:-1]:
        found = _held(found, step)
    return _model_in(found)


def _held(annotation: Any, step: str | int) -> Any:
    """What a value of that kind has at a step: a model at its key, names with values at any, a list at a place."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        return next((each.annotation for name, each in fields if (each.alias or name) == step), None)
    kind, inner = get_origin(annotation), get_args(annotation)
    if kind in (dict, Mapping):
        return inner[1] if isinstance(step, str) else None
    if kind is list:
        return inner[0] if isinstance(step, int) else None
    return next((found for each in inner if (found := _held(each, step)) is not None), None)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a key holds, one or several; None for plain values."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each)) is not None), None)
