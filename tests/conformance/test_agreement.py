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

pytestmark = pytest.mark.interop


def expected(case: SchemaCase) -> bool:
    """Whether layer one accepts the document: no code of the schema among the expected ones."""
    assert case.expect is not None
    return not any(code.startswith(("XSD-", "DOC-")) for code in case.expect)


@pytest.fixture(scope="module")
def cases() -> list[SchemaCase]:
    every = (*read_cases(SUITE, CATALOGUE), *sample_cases(CATALOGUE))
    return [case for case in every if not case.id.startswith("documents/")]


@pytest.mark.parametrize("module", MODULES)
def test_xmlschema_gives_the_same_verdict_on_every_case(module: Module, cases: list[SchemaCase]) -> None:
    xmlschema = pytest.importorskip("xmlschema")
    schema = xmlschema.XMLSchema10(str(module.folder / "schema.xsd"))
    own = [case for case in cases if case.id.startswith(f"{module.name}/{module.version}/")]
    differ = [c.id for c in own if schema.is_valid(etree.fromstring(c.octets)) != expected(c)]
    assert differ == []


@pytest.mark.skipif(JAVA is None, reason="there is no Java here")
def test_the_jdk_gives_the_same_verdict_on_every_case(cases: list[SchemaCase]) -> None:
    asked = bytearray()
    for case in cases:
        name, version, _ = case.id.split("/", 2)
        module = CATALOGUE.module(name, version)
        assert module is not None
        path = str(module.folder / "schema.xsd").encode()
        asked += struct.pack(">H", len(path)) + path + struct.pack(">I", len(case.octets)) + case.octets
    program = Path(__file__).parent / "jdk" / "Validate.java"
    run = subprocess.run([str(JAVA), str(program)], input=asked, capture_output=True, check=True, timeout=300)
    verdicts = run.stdout.decode().removesuffix("\n").split("\n")
    assert len(verdicts) == len(cases)
    differ = [(c.id, v) for c, v in zip(cases, verdicts, strict=True) if v.startswith("valid") != expected(c)]
    assert differ == []
