"""The words of forms: labels of elements and messages, English meanings of listed values, and where a value comes from.

They stand in `modules/common/forms.yaml`, and in a `forms.yaml` that a module version may have beside its schema, whose
entries go first. An element that neither knows is labelled by its own name, split into words, so that a version that is
only a folder has its form; for what is shipped a test wants every word.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.named_file import FileRefused
from gateway.written.complaints import Complaint
from gateway.written.plain import Written
from gateway.written.source import Source
from gateway.written.yaml_text import read_yaml
from xsd.module_files import packaged_modules, read_module_file

FORMS_FILE: Final = "forms.yaml"

Origin = Literal["accounts", "contact", "today", "typed"]


class FormFault(Exception):
    """The forms file of a module version cannot be used; `complaints` name it, with lines, and what is wrong in it."""

    def __init__(self, *complaints: str) -> None:
        self.complaints = complaints
        super().__init__("\n".join(complaints))


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Label(_Shape):
    """One word or sentence in both languages."""

    nl: str = Field(min_length=1)
    en: str = Field(min_length=1)


class ElementWords(Label):
    """An element on a form. `hint` is English. `uitleg` is the Dutch one, None where the meaning in the schema is good
    enough. `values` are words for its values where those of their type are not what a person would say here."""

    hint: str = ""
    uitleg: str | None = None
    values: dict[str, Label] = {}
    origin: Origin | None = Field(None, alias="from")
    copies: list[str] = []


class FormsShape(_Shape):
    """One forms file. `values`: simple type to value to its meaning in English."""

    messages: dict[str, Label] = {}
    elements: dict[str, ElementWords] = {}
    values: dict[str, dict[str, str]] = {}


class FormWords:
    """The words of one module version, from the nearest file that has them."""

    def __init__(self, shapes: Iterable[FormsShape]) -> None:
        self._shapes = tuple(shapes)

    def message(self, name: str) -> Label:
        """What a message type is called."""
        found = (shape.messages[name] for shape in self._shapes if name in shape.messages)
        return next(found, None) or _label_of(name)

    def element(self, name: str) -> ElementWords:
        """How an element reads."""
        found = (shape.elements[name] for shape in self._shapes if name in shape.elements)
        return next(found, None) or ElementWords(**_label_of(name).model_dump())

    def knows(self, what: Literal["messages", "elements"], name: str) -> bool:
        """Whether a file has words for that message or element."""
        return any(name in getattr(shape, what) for shape in self._shapes)

    def value(self, type_name: str, value: str) -> str | None:
        """What a listed value means in English, if a file says it."""
        found = (shape.values.get(type_name, {}).get(value) for shape in self._shapes)
        return next((each for each in found if each is not None), None)


def words_of(folder: Path) -> FormWords:
    """The words that hold in a module version; raises FormFault for a forms file of its own that cannot be used."""
    common = packaged_modules() / "common" / FORMS_FILE
    own = folder / FORMS_FILE
    files = [own, common] if os.path.lexists(own) else [common]
    return FormWords(_read(file, folder) for file in files)


def _read(file: Path, folder: Path) -> FormsShape:
    complaints: list[Complaint] = []
    shape = Source(str(file), _written(file, folder), complaints).shape(FormsShape)
    if shape is None or complaints:
        raise FormFault(*map(str, sorted(complaints)))
    return shape


def _written(file: Path, folder: Path) -> Written:
    try:
        return read_yaml(read_module_file(file, folder).decode("utf-8-sig"))
    except FileRefused as fault:
        raise FormFault(f"{file}: {fault.told}") from fault
    except UnicodeDecodeError as fault:
        raise FormFault(f"{file}: the file is no text in UTF-8; save it as UTF-8") from fault


def _label_of(name: str) -> Label:
    """`KlantnummerSEVolgensSHV` as "Klantnummer SE volgens SHV", in both languages, for want of better."""
    said = split_name(name)
    return Label(nl=said, en=said)


def split_name(name: str) -> str:
    """The words of an element name: all but the first in small letters, abbreviations as they are."""
    first, *others = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+", name) or [name]
    return " ".join((first, *(each if each.isupper() else each.lower() for each in others)))


def unknown_words(
    words: FormWords, *, messages: Iterable[str], elements: Iterable[str], values: Mapping[str, Iterable[str]]
) -> tuple[str, ...]:
    """What no file has words for: of these messages, these elements, and these values by their type."""
    silent = [name for name in messages if not words.knows("messages", name)]
    silent += [name for name in elements if not words.knows("elements", name)]
    silent += [f"{of}: {value}" for of, each in values.items() for value in each if words.value(of, value) is None]
    return tuple(sorted(set(silent)))
