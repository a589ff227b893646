"""Named statements as PostgreSQL takes them: their `:names` become numbered parameters, each name one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, TypeAlias

from gateway.sql_files import read_statements

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]\w*)")  # `::` is a cast


@dataclass(frozen=True, slots=True)
class Statement:
    """The text with `$1` and so on, and which binding goes where."""

    text: str
    names: tuple[str, ...]

    def arguments(self, bindings: Mapping[str, Any]) -> list[Any]:
        """The bindings in their order; those that the statement does not name are left out."""
        return [bindings[name] for name in self.names]


Statements: TypeAlias = Mapping[str, Statement]


def bound(text: str) -> Statement:
    """A statement with `:names`; a comment that holds one would be one more parameter."""
    names: list[str] = []

    def numbered(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return Statement(_PARAMETER.sub(numbered, text), tuple(names))


def bound_statements(folder: Traversable) -> Statements:
    """The statements of a folder of `.sql` files by their names."""
    return {name: bound(text) for name, text in read_statements(folder).items()}
