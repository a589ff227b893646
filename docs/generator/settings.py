"""docs/reference/settings.md, from the models of the settings file."""

from __future__ import annotations

from itertools import groupby

from gateway.settings import ReferenceRow, Settings, settings_reference
from generator.example_site import example_site
from generator.markdown import block, code, document, table

INTRODUCTION = """\
The settings of one hub process: a TOML file, given to `knooppunt serve`. Unknown keys are refused, and every complaint
about what it says comes at once with its line; once that is in order, what is wrong with the files and folders that it
names is told by its key. Relative paths are seen from the file. Secrets stand in it by reference only: the path of a
file, or the name of an environment variable. `knooppunt serve --reference` prints the same list."""


def page() -> str:
    """The whole page."""
    sections = [
        f"## `[{name}]`\n\n{Settings.model_fields[name].description}\n\n{_rows(list(rows))}"
        for name, rows in groupby(settings_reference(), key=lambda row: row.key.split(".")[0])
    ]
    example = (example_site().settings).read_text("utf-8")
    return document(
        "Settings of the hub",
        INTRODUCTION,
        f"What `knooppunt pki new` writes to begin with:\n\n{block(example, 'toml')}",
        *sections,
    )


def _rows(rows: list[ReferenceRow]) -> str:
    return table(
        ("key", "type", "default", "meaning"),
        ((code(r.key), r.type, "**needed**" if r.needed else code(r.default), r.description) for r in rows),
    )
