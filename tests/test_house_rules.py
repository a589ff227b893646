"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import conformance
import crypto
import gateway
import pmodes
import xsd

ROOMS = (conformance, crypto, gateway, pmodes, xsd)


def sources() -> list[Path]:
    """Every module of the product, where it was imported from."""
    return [path for room in ROOMS for path in Path(str(room.__file__)).parent.rglob("*.py")]


def test_the_product_does_not_decide_anything_with_assert() -> None:
    """`python -O` drops asserts, and with them what they guard (OP-08)."""
    found = [
        f"{path}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assert)
    ]
    assert found == []


def test_no_file_of_the_product_is_longer_than_six_hundred_lines() -> None:
    assert [str(path) for path in sources() if len(path.read_text("utf-8").splitlines()) > 600] == []


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_module_says_what_it_is_for(room: object) -> None:
    silent = [
        str(path)
        for path in Path(str(room.__file__)).parent.rglob("*.py")  # type: ignore[attr-defined]
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []
