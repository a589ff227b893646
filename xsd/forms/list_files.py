"""The lists file of a module version, `csv.yaml`: which columns a list of questions has, and what answers are made of.

What stands in it is read as its shape alone; whether its paths and names fit the messages says `xsd.forms.lists`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.named_file import FileRefused
from gateway.written.complaints import Complaint
from gateway.written.plain import Written
from gateway.written.source import Source
from gateway.written.yaml_text import read_yaml
from xsd.module_files import read_module_file

LISTS_FILE: Final = "csv.yaml"


class ListFault(Exception):
    """The lists file of a module version cannot be used; `complaints` name it, with lines, and what is wrong in it."""

    def __init__(self, *complaints: str) -> None:
        self.complaints = complaints
        super().__init__("\n".join(complaints))


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Column(_Shape):
    """A column, with what it means where the words of its field do not say it."""

    column: str = Field(min_length=1, max_length=100)
    nl: str = ""
    en: str = ""


class QuestionColumn(_Column):
    """Filled by the question. Without a path it names who asks. `behind`: it stands behind those of the answer."""

    path: str | None = None
    key: Literal["conversation", "reference", "line"] | None = None
    behind: bool = False


class AnswerColumn(_Column):
    """Filled by whoever answers. `words`: what may stand in it to what it means; with `only` nothing else may."""

    words: dict[str, str] = {}
    only: bool = False


class LinesRow(_Shape):
    """A repeated element of an answer, and which rows fill one each."""

    at: str
    rows: Literal["asked", "added", "filled", "one"]
    when: dict[str, list[str]] = {}
    fields: dict[str, str]


class AnswerRow(_Shape):
    """One kind of answer. A condition without values holds where the cell is not blank; `like` is the type of another
    entry, whose fields and lines it has besides its own.
    """

    type: str
    when: dict[str, list[str]] = {}
    like: str | None = None
    fixed: dict[str, str] = {}
    copied: list[str] = []
    fields: dict[str, str] = {}
    lines: list[LinesRow] = []


class ListRow(_Shape):
    """The list of one message type. Without `rows` each question is one row."""

    rows: str = ""
    question: list[QuestionColumn] = Field(min_length=2)
    control: str = Field(min_length=1)
    answer: list[AnswerColumn] = Field(min_length=1)
    answers: list[AnswerRow] = Field(min_length=1)


class ListsShape(_Shape):
    """One lists file: message type to its list."""

    lists: dict[str, ListRow]


def read_lists(folder: Path) -> tuple[ListsShape, Source, list[Complaint]]:
    """The lists of a module version, none where it has no such file, with where to complain of them; raises ListFault
    where there is nothing to read.
    """
    file = folder / LISTS_FILE
    complaints: list[Complaint] = []
    if not os.path.lexists(file):
        return ListsShape(lists={}), Source(str(file), Written(None, {(): 1}, ()), complaints), complaints
    source = Source(str(file), _written(file, folder), complaints)
    shape = source.shape(ListsShape)
    if shape is None or complaints:
        raise ListFault(*map(str, sorted(complaints)))
    return shape, source, complaints


def _written(file: Path, folder: Path) -> Written:
    try:
        return read_yaml(read_module_file(file, folder).decode("utf-8-sig"))
    except FileRefused as fault:
        raise ListFault(f"{file}: {fault.told}") from fault
    except UnicodeDecodeError as fault:
        raise ListFault(f"{file}: the file is no text in UTF-8; save it as UTF-8") from fault
