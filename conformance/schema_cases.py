"""Cases of the schema suite: a document and what must be found in it.

Two forms, in any folder:
- `NAME.xml` with `NAME.expect` beside it: a line `CODE /path` (or only `CODE`) per expected violation, an empty file
  for a document that conforms; `# question: FILE` names the question that the document answers.
- `NAME.yaml` or `NAME.yml`: a list of changes to samples (conformance/mutations.py), which is how most shipped cases
  are written.

An ending may be in capitals.

Builds documents; judging them is schema_runner's.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lxml import etree
from pydantic import BaseModel, ConfigDict, Field

from conformance.mutations import CaseFault, Step, apply
from conformance.plain_files import plain_below, read_plain, unfollowed
from gateway.limits import PAYLOAD_LIMITS
from gateway.written.complaints import Complaint, KeyPath, shown
from gateway.written.source import Source
from gateway.written.yaml_text import read_yaml
from xsd.catalogue import Catalogue
from xsd.document import DocumentFault, parse_document
from xsd.samples import sample_files

_UNREADABLE: Final = "this is no XML document that can be read"
SUITE = Path(__file__).parent / "schema_suite"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCase:
    """One case. `expect` holds `CODE /path` or `CODE`, None when the case only wants a verdict; `covers` names what a
    mutated case is there for; `question` are the octets of the question, for rules that need it."""

    id: str
    source: Path
    octets: bytes
    expect: tuple[str, ...] | None
    message: str = ""
    covers: str = ""
    question: bytes | None = None
    steps: tuple[tuple[str | int, ...], ...] = ()


class SampleReader:
    """Reads the samples of one module version once, and gives copies of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "samples"
        self._read: dict[str, etree._Element] = {}

    def __call__(self, name: str) -> etree._Element:
        """A fresh copy of a sample, without the white space that its layout needs."""
        if name not in self._read:
            if Path(name).name != name or not (self.folder / name).is_file():
                raise CaseFault(f"{name} is no sample of this module version")
            octets = read_plain(self.folder / name)
            try:
                parse_document(octets, limits=PAYLOAD_LIMITS)
            except DocumentFault as fault:
                raise CaseFault(f"{self.folder / name}: {_UNREADABLE}: {fault.reason}") from fault
            parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
            self._read[name] = etree.fromstring(octets, parser)
        return copy.deepcopy(self._read[name])


def build(reader: SampleReader, sample: str, steps: tuple[Step, ...]) -> bytes:
    """The octets of a sample after the steps, one element a line so that violations have lines."""
    root = reader(sample)
    apply(root, steps, reader)
    etree.indent(root, "  ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def read_cases(folder: Path, catalogue: Catalogue) -> Iterator[SchemaCase]:
    """Every case in a folder and those below it, in the order of their names; raises CaseFault for one that cannot be
    built."""
    readers: dict[Path, SampleReader] = {}
    try:
        below = plain_below(folder)
    except OSError as fault:
        raise CaseFault(
            f"{fault.filename}: {fault.strerror}; a folder that cannot be read has cases that nobody judged"
        ) from fault
    for told in filter(None, map(unfollowed, below)):
        raise CaseFault(f"{told}, so cases in it would be judged by nobody; name that folder by itself")
    for path in below:
        if path.suffix.lower() == ".zip":
            raise CaseFault(f"{path}: cases in an archive would be judged by nobody; unpack it, or put it elsewhere")
    expected = _by_case(below, ".expect")
    messages = _by_case(below, ".xml")
    for case, beside in expected.items():
        if case not in messages:
            raise CaseFault(f"{beside}: {beside.stem}.xml, of which this is expected, is not beside it")
    for path in below:
        if path.suffix.lower() == ".xml":
            yield _file_case(path, expected.get(path.with_suffix("")), folder)
        elif path.suffix.lower() in (".yaml", ".yml"):
            yield from _listed_cases(path, catalogue, readers)


def _by_case(below: Iterable[Path], ending: str) -> dict[Path, Path]:
    """The files with that ending, in whatever letters it is written, by their path without it."""
    found: dict[Path, Path] = {}
    for path in below:
        if path.suffix.lower() == ending:
            other = found.setdefault(path.with_suffix(""), path)
            if other != path:
                raise CaseFault(f"{path}: {other.name} beside it has the same name, so neither is known from the other")
    return found


def sample_cases(catalogue: Catalogue) -> Iterator[SchemaCase]:
    """Every sample of every module as a case that must conform."""
    for message_type in catalogue:
        folder, prefix = message_type.folder, f"{message_type.module}/{message_type.version}"
        for path in sample_files(folder, message_type.name):
            yield SchemaCase(
                id=f"{prefix}/{message_type.name}/sample-{path.stem}", source=path, octets=read_plain(path), expect=()
            )


def _file_case(path: Path, beside: Path | None, folder: Path) -> SchemaCase:
    question: bytes | None = None
    expect: list[str] | None = None
    if beside is not None:
        expect = []
        for line in _lines(beside):
            if line.startswith("# question:"):
                question = _question(path.parent / line.partition(":")[2].strip())
            elif line.strip() and not line.startswith("#"):
                expect.append(line.strip())
    return SchemaCase(
        id=str(path.relative_to(folder).with_suffix("")),
        source=path,
        octets=read_plain(path),
        expect=None if expect is None else tuple(expect),
        question=question,
    )


def _lines(path: Path) -> list[str]:
    try:
        return read_plain(path).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as fault:
        raise CaseFault(f"{path}: this is no text in UTF-8") from fault


def _question(path: Path) -> bytes:
    """The question that a case names: one that cannot be read would be no fault of the answer."""
    octets = read_plain(path)
    try:
        parse_document(octets, limits=PAYLOAD_LIMITS)
    except DocumentFault as fault:
        raise CaseFault(f"{path}: {_UNREADABLE}: {fault.reason}") from fault
    return octets


class _CaseRow(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: str = Field(min_length=1)
    covers: str = Field(default="", min_length=1)  # without the key it covers nothing in particular
    sample: str
    do: list[list[Any]]
    expect: list[str]
    question: str | None = None


class _CasesShape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    module: str
    version: str
    cases: list[_CaseRow]


def _listed_cases(path: Path, catalogue: Catalogue, readers: dict[Path, SampleReader]) -> Iterator[SchemaCase]:
    try:
        text = read_plain(path).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise CaseFault(f"{path}: this is no text in UTF-8") from fault
    complaints: list[Complaint] = []
    source = Source(str(path), read_yaml(text), complaints)
    shape = source.shape(_CasesShape)
    known = None if shape is None else catalogue.module(shape.module, shape.version)
    if shape is not None and known is None:
        source.complain(("module",), f"module {shown(shape.module)} {shown(shape.version)} is not known")
    if shape is None or known is None or complaints:
        raise CaseFault("\n".join(str(each) for each in sorted(complaints)))
    reader = readers.setdefault(known.folder, SampleReader(known.folder))
    prefix = f"{shape.module}/{shape.version}"
    made = [_listed_case(path, prefix, row, reader, source, ("cases", i)) for i, row in enumerate(shape.cases)]
    if complaints:
        raise CaseFault("\n".join(str(each) for each in sorted(complaints)))
    yield from (each for each in made if each is not None)


def _listed_case(
    path: Path, prefix: str, row: _CaseRow, reader: SampleReader, source: Source, place: KeyPath
) -> SchemaCase | None:
    """The case of a row; None where it cannot be built, which is complained of."""
    steps = tuple(tuple(step) for step in row.do)
    where: KeyPath = (*place, "sample")
    try:
        octets = build(reader, row.sample, steps)
        where = (*place, "question")
        question = None if row.question is None else etree.tostring(reader(row.question))
    except CaseFault as fault:
        where = where if fault.step is None else (*place, "do", fault.step)
        source.complain(where, f"{shown(row.id)}: {fault}")
        return None
    return SchemaCase(
        id=f"{prefix}/{path.stem}/{row.id}",
        source=path,
        octets=octets,
        expect=tuple(row.expect),
        message=f"{prefix}/{path.stem}",
        covers=row.covers,
        question=question,
        steps=steps,
    )
