"""What is wrong with a key of the settings, in our words, and the line it stands in."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from gateway.settings.reference import section_of
from gateway.settings.sections import Settings


def complaint_of(lines: dict[str, int], error: ErrorDetails) -> tuple[int, str]:
    """The line of what is complained of, or of what is around it (0: no line), and the complaint."""
    steps = list(error["loc"])
    key = ".".join(str(each) for each in steps)
    near = key
    while near and near not in lines:
        near = near.rpartition(".")[0]
    return lines.get(near, 0), f"{key}: {_sentence(error, steps)}"


def _sentence(error: ErrorDetails, steps: list[int | str]) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "this key is needed"
        case "extra_forbidden":
            return f"there is no such key{_meant(steps)}"
        case "literal_error":
            return f"must be {context['expected']}"
        case "string_type":
            return "must be text"
        case "path_type" | "is_instance_of":
            return "must be a path"
        case "int_type" | "int_from_float":
            return "must be a whole number"
        case "float_type" | "finite_number":
            return "must be a number"
        case "list_type":
            return "must be a list"
        case "bool_type":
            return "must be true or false"
        case "model_type" | "model_attributes_type":
            return "must be a section"
        case "too_short" | "string_too_short":
            return "must not be empty"
        case "greater_than_equal" | "greater_than":
            return f"must be {'at least' if 'ge' in context else 'more than'} {context.get('ge', context.get('gt'))}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case "less_than":
            return f"must be less than {context['lt']}"
        case "string_pattern_mismatch":
            return "has characters that do not belong in it"
        case "value_error":
            return str(context["error"])
        case _:
            return error["msg"]


def _meant(steps: list[int | str]) -> str:
    model: type[BaseModel] | None = Settings
    for step in steps[:-1]:
        if isinstance(step, str) and model is not None:
            model = section_of(model.model_fields[step].annotation)
    close = get_close_matches(str(steps[-1]), model.model_fields if model else (), n=1)
    return f"; did you mean {close[0]}?" if close else ""


_SECTION_LINE: Final = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.\-]+)\s*\]\]?")
_KEY_LINE: Final = re.compile(r"\s*([A-Za-z0-9_.\-]+)\s*=")


def lines_of(text: str) -> dict[str, int]:
    """The line of each section and key, as far as they stand at the start of a line; tomllib keeps none."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _SECTION_LINE.match(line):
            section = header.group(1)
            if line.lstrip().startswith("[["):
                found.setdefault(section, number)
                counts[section] = counts.get(section, -1) + 1
                section = f"{section}.{counts[section]}"
            found.setdefault(section, number)
        elif key := _KEY_LINE.match(line):
            found.setdefault(f"{section}.{key.group(1)}" if section else key.group(1), number)
    return found
