"""Other validators give the same layer-one verdict on every case of the schema suite: xmlschema, and the JDK's own."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from conformance.schema_cases import SUITE, SchemaCase, read_cases, sample_cases
from xsd.catalogue import Module, load_catalogue

CATALOGUE = load_catalogue()
MODULES = [pytest.param(m, id=f"{m.name}-{m.version}") for m in CATALOGUE.modules]
JAVA = shutil.which("java")


def expected(case: SchemaCase) -> bool:
    """Whether layer one accepts the document: no code of the schema among the expected ones."""
    assert case.expect is not None
    return not any(code.startswith(("XSD-", "DOC-")) for code in case.expect)


@pytest.fixture(scope="module")
def cases() -> list[SchemaCase]:
    """Every case whose document is readable and names the module that judges it."""
    return [c for c in (*read_cases(SUITE, CATALOGUE), *sample_cases(CATALOGUE)) if module_of(c) is not None]


def module_of(case: SchemaCase) -> Module | None:
    """The module version of a case, by its id or else by the namespace of its document."""
    if not case.id.startswith("documents/"):
        name, version, _ = case.id.split("/", 2)
        return CATALOGUE.module(name, version)
    if case.expect and case.expect[0].startswith("DOC-"):
        return None
    namespace = etree.QName(etree.fromstring(case.octets)).namespace
    return next((m for m in CATALOGUE.modules if m.namespace == namespace), None)


def tree(octets: bytes, *, comments: bool = False) -> etree._Element:
    return etree.fromstring(octets, etree.XMLParser(remove_comments=not comments, resolve_entities=False))


@pytest.mark.parametrize("module", MODULES)
def test_xmlschema_gives_the_same_verdict_on_every_case(module: Module, cases: list[SchemaCase]) -> None:
    xmlschema = pytest.importorskip("xmlschema")
    schema = xmlschema.XMLSchema10(str(module.folder / "schema.xsd"))
    own = [case for case in cases if module_of(case) is module]
    assert own
    assert [c.id for c in own if schema.is_valid(tree(c.octets)) != expected(c)] == []


def test_the_one_known_difference_is_a_comment_inside_a_value(cases: list[SchemaCase]) -> None:
    """xmlschema takes the text before the comment; all characters around it are the value (XSD 1.0 Part 1, 3.1.4)."""
    xmlschema = pytest.importorskip("xmlschema")
    (case,) = [c for c in cases if c.id == "documents/opmerking"]
    module = module_of(case)
    assert module is not None
    schema = xmlschema.XMLSchema10(str(module.folder / "schema.xsd"))
    assert expected(case)
    assert not schema.is_valid(tree(case.octets, comments=True))
    assert schema.is_valid(tree(case.octets))


@pytest.mark.skipif(JAVA is None, reason="there is no Java here")
def test_the_jdk_gives_the_same_verdict_on_every_case(cases: list[SchemaCase]) -> None:
    asked = bytearray()
    for case in cases:
        module = module_of(case)
        assert module is not None
        path = str(module.folder / "schema.xsd").encode()
        asked += struct.pack(">H", len(path)) + path + struct.pack(">I", len(case.octets)) + case.octets
    program = Path(__file__).parent / "schema" / "Validate.java"
    run = subprocess.run([str(JAVA), str(program)], input=asked, capture_output=True, check=True, timeout=300)
    verdicts = run.stdout.decode().removesuffix("\n").split("\n")
    assert len(verdicts) == len(cases)
    differ = [(c.id, v) for c, v in zip(cases, verdicts, strict=True) if v.startswith("valid") != expected(c)]
    assert differ == []
