"""The modules of `xsd` import each other one way: whoever reads one need not have read the others first."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import xsd


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Imports for types alone, and those inside functions, count too."""
    imports = {}
    room = Path(str(xsd.__file__)).parent
    for path in room.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
        name = ".".join(("xsd", *path.relative_to(room).with_suffix("").parts))
        imports[name] = {each for each in named if each.startswith("xsd.")}
    assert len(imports) > 20
    assert set(TopologicalSorter(imports).static_order()) >= imports.keys()  # raises CycleError with the circle
