"""docs/reference/json-documents.md, from the schemas that are shipped for what the commands print with --json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from generator.markdown import document, table

INTRODUCTION = """\
What a command prints with `--json` is one JSON document of one shape, whatever the outcome. It is described by a JSON
Schema (2020-12) that is shipped: `gateway/cli/json_schemas/COMMAND.json`, the words of the command joined by `-`.
Moments are written by RFC 3339 in UTC, with `Z`.

| field | type | meaning |
|---|---|---|
| `command` | string | the words of the command |
| `outcome` | string | `done`, `refused`, `usage`, `peer` or `storage`, as the exit code says; or `defect` |
| `error` | string or null | what happened, for a person |
| `next` | string or null | what to do next |
| `facts` | see below, or null | what the command has to say; null where it ended before there was anything |"""


def page() -> str:
    """The whole page."""
    return document("JSON documents", INTRODUCTION, *_sections())


def _sections() -> Iterator[str]:
    folder = files("gateway.cli") / "json_schemas"
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".json") or file.name == "knooppunt.json":
            continue
        schema = json.loads(file.read_text("utf-8"))
        command = schema["properties"]["command"]["const"]
        facts = schema["properties"]["facts"]
        rows = [(f"`{path}`", kind, said) for path, kind, said in _rows(facts, "facts")]
        yield f"## knooppunt {command}\n\n{schema['title']}.\n\n" + table(("field", "type", "meaning"), rows)


def _rows(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    yield path, _kind(schema), schema.get("description", "")
    for name, inner in schema.get("properties", {}).items():
        yield from _rows(inner, f"{path}.{name}")
    if "items" in schema:
        inner = _rows(schema["items"], f"{path}[]")
        next(inner)
        yield from inner


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    kinds = schema.get("type", "any")
    said = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    return said.replace("string", "moment") if schema.get("format") == "date-time" else said
