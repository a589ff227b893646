"""What an editor says of a file with the schema that is shipped for it.

An editor reads YAML 1.2 by its core schema, and this module does, too: an OIN without quotes is a number there.
"""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from typing import Any, ClassVar

import yaml
from jsonschema import Draft7Validator

from gateway.written.editor_schema import EditorSchema
from pmodes.shapes import HUB_FILE


class _Core(yaml.SafeLoader):
    """The core schema of YAML 1.2 (10.3.2), where PyYAML has that of 1.1."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


for _tag, _form, _first in (
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_form})$"), _first)


def _mapping(loader: _Core, node: yaml.MappingNode) -> dict[str, Any]:
    """Keys are as they are written, whatever a value of that form would be."""
    return {key.value: loader.construct_object(value, deep=True) for key, value in node.value}


_Core.add_constructor("tag:yaml.org,2002:map", _mapping)
_Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))
_Core.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))


@cache
def validator(kind: EditorSchema) -> Draft7Validator:
    """The shipped schema, itself held against that of schemas."""
    schema = json.loads(kind.octets)
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def kind_of(file: str) -> EditorSchema:
    """Which schema the file of that name is under, in a folder of P-Modes."""
    return EditorSchema.HUB if file.rpartition("/")[2] == HUB_FILE else EditorSchema.ORGANISATION


def values_of(kind: EditorSchema, text: str) -> Any:
    """The values of a file as an editor reads it."""
    return tomllib.loads(text) if kind is EditorSchema.SETTINGS else yaml.load(text, _Core)


def said_of(kind: EditorSchema, text: str, *, part: bool = False) -> list[str]:
    """What an editor underlines; of a `part` of a file it is no matter what lacks."""
    found = validator(kind).iter_errors(values_of(kind, text))
    return [f"{each.json_path}: {each.message[:200]}" for each in found if not (part and each.validator == "required")]
