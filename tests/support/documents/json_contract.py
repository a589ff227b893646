"""Holds what any command prints with --json against the schema that is shipped for it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

FOLDER = files("gateway.cli") / "json_schemas"


def schema_name(command: str) -> str:
    """The file of a command: `message list` has `message-list.json`."""
    return f"{command.replace(' ', '-') or 'knooppunt'}.json"


@cache
def validator(command: str) -> Draft202012Validator:
    """What describes the documents of a command; an assertion fails for a command without one."""
    file = FOLDER / schema_name(command)
    if not file.is_file():
        file = FOLDER / "knooppunt.json"  # words that name no command; a command is held to have its own
    schema = json.loads(file.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def hold(text: str) -> dict[str, Any]:
    """The one document in what a command printed; an assertion fails when it is not what the schema says."""
    document: dict[str, Any] = json.loads(text)
    faults = [
        f"{each.json_path}: {each.message[:300]}" for each in validator(document["command"]).iter_errors(document)
    ]
    assert faults == [], f"{document['command']} --json: {faults}"
    return document


def facts_of(text: str) -> Any:
    """What a command has to say, its document held against its schema."""
    return hold(text)["facts"]
