"""docs/reference/header-schema.md, from the test that holds our header schema against the published one."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from generator.markdown import code, document, table

TEST = Path(__file__).parents[2] / "tests" / "xsd" / "test_published_header_schema.py"


def page() -> str:
    """The whole page."""
    module = _module()
    return document(
        "The header schema beside the published one",
        "The schema of the ebMS header in `xsd/protocol` is written from the clauses of the specification. A test"
        " judges\ncrafted headers, and headers of other products, by it and by the published schema; both give the same"
        " verdict, but for\nthese. A value with a comment inside is valid by both and refused by the reader of values"
        " (EBMS:0009), for\nwhat is signed does not hold the comment.",
        _section("Taken here, refused by the published schema", module.WIDER),
        _section("Refused here, taken by the published schema", module.NARROWER),
    )


def _section(title: str, rows: dict[str, str]) -> str:
    shown = table(("header", "why"), ((code(name), why) for name, why in rows.items())) if rows else "None."
    return f"## {title}\n\n{shown}"


def _module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("published_header_schema", TEST)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
