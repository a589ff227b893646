"""Writes the reference pages below docs/reference, the JSON schemas of commands that are no more than an administrative
verb, and those for editors, from the tables of the program: `python docs/generate.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

DOCS: Final = Path(__file__).parent
SCHEMAS: Final = DOCS.parent / "gateway" / "cli" / "json_schemas"
PARTS: Final = DOCS.parent / "gateway" / "cli" / "parts.json"
EDITOR_SCHEMAS: Final = DOCS.parent / "gateway" / "written" / "editor_schemas"

if __name__ == "__main__":
    sys.path[1:1] = [str(DOCS.parent), str(DOCS.parent / "tests")]

from generator import (  # noqa: E402 - found by the path above
    commands,
    conformance_rows,
    editor_schemas,
    errors,
    events,
    forms,
    header_schema,
    json_documents,
    limits,
    lists,
    messages,
    metrics,
    participant_file,
    parts,
    pmode_files,
    rules_and_tests,
    settings,
    states,
    verb_schemas,
    wire_page,
)

from xsd.catalogue import load_catalogue  # noqa: E402 - as above

PAGES: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "commands.md": commands.page,
        "conformance-rows.md": conformance_rows.page,
        "errors.md": errors.page,
        "events.md": events.page,
        "forms.md": forms.page,
        "header-schema.md": header_schema.page,
        "json-documents.md": json_documents.page,
        "limits.md": limits.page,
        "lists.md": lists.page,
        "metrics.md": metrics.page,
        "participant-file.md": participant_file.page,
        "pmode-files.md": pmode_files.page,
        "rules-and-tests.md": rules_and_tests.page,
        "settings.md": settings.page,
        "states.md": states.page,
        "wire-example.md": wire_page.page,
    }
)


def main() -> None:
    """Write every schema and every page; the pages tell of the schemas."""
    for name, text in verb_schemas.schemas().items():
        (SCHEMAS / name).write_text(text, "utf-8")
    PARTS.write_text(parts.parts(), "utf-8")
    for name, text in editor_schemas.schemas().items():
        (EDITOR_SCHEMAS / name).write_text(text, "utf-8")
    written = {name: page() for name, page in PAGES.items()}
    written |= {f"messages/{name}": text for name, text in messages.pages(load_catalogue()).items()}
    for name, text in written.items():
        place = DOCS / "reference" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
