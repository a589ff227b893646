"""What the columns of lists mean, on one page that needs no JavaScript, and the tables and templates of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.portal.faults import Missing
from gateway.portal.portal import Portal
from gateway.portal.visit import Octets, Outcome, Shown, Visit

_TABLE, _TEMPLATE = ".json", ".csv"
_BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedColumn:
    """A column, whether whoever answers fills it, what it means, and the words that may stand in it."""

    name: str
    is_filled: bool
    hint: str
    words: tuple[str, ...] = ()
    once: bool = False  # the same on all rows of a question


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedList:
    """One kind of list, its columns in the order of a file."""

    module: str
    version: str
    type: str
    label: str
    columns: tuple[ExplainedColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedLists:
    """All lists that there are."""

    lists: tuple[ExplainedList, ...]


async def explanation(visit: Visit, portal: Portal) -> Outcome:
    """Every column of every list."""
    return Shown(view=ExplainedLists(lists=tuple(_explained(visit, portal))))


async def table(visit: Visit, portal: Portal) -> Outcome:
    """The table of columns of a list for scripts, or a file with its columns and no rows for people."""
    name = visit.path["file"]
    ending = next((each for each in (_TABLE, _TEMPLATE) if name.endswith(each)), None)
    tables = portal.forms.lists(visit.path["module"], visit.path["version"])
    found = None if ending is None else tables.get(name.removesuffix(ending))
    if found is None:
        raise Missing("no such list")
    if ending == _TABLE:
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        return Octets(body=text.encode(), content_type="application/json")
    cells = ";".join('"{}"'.format(each["name"].replace('"', '""')) for each in _in_order(found))
    return Octets(
        body=f"{_BOM}{cells}\r\n".encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _explained(visit: Visit, portal: Portal) -> Iterator[ExplainedList]:
    for module in portal.hub.configuration().catalogue.modules:
        for name, found in portal.forms.lists(module.name, module.version).items():
            yield ExplainedList(
                module=module.name,
                version=module.version,
                type=name,
                label=portal.type_words.label(module.service, name, visit.texts.language),
                columns=tuple(_column(each, visit) for each in _in_order(found)),
            )


def _column(column: Mapping[str, Any], visit: Visit) -> ExplainedColumn:
    hint = column["hint"][visit.texts.language] if "hint" in column else visit.texts("lists.control")
    words = tuple(column.get("words", ()))
    is_filled = "once" in column
    return ExplainedColumn(
        name=column["name"], is_filled=is_filled, hint=hint, words=words, once=bool(column.get("once"))
    )


def _in_order(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The columns as a file has them: those of the question, of the answer, what stands behind, the control digest."""
    yield from (each for each in found["question"] if not each["behind"])
    yield from found["answer"]
    yield from (each for each in found["question"] if each["behind"])
    yield {"name": found["control"]}
