"""The export stands on its own: a stack without Python validates, reads and compares with its files alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree

from xsd.catalogue import load_catalogue
from xsd.generating.export import exported

CATALOGUE = load_catalogue()
MODULES = [pytest.param(each, id=f"{each.name}-{each.version}") for each in CATALOGUE.modules]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export, written once."""
    root = tmp_path_factory.mktemp("export")
    for path, octets in exported(CATALOGUE):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(octets)
    return root


@pytest.mark.parametrize("module", MODULES)
def test_every_sample_conforms_to_the_exported_schema(folder: Path, module: object) -> None:
    """With libxml2 alone: no resolver of ours, so that includes are found by their relative names."""
    here = folder / module.name / module.version  # type: ignore[attr-defined]
    schema = etree.XMLSchema(etree.parse(str(here / "schema.xsd")))
    samples = sorted((here / "samples").glob("*.xml"))
    assert {path.name.split(".")[0] for path in samples} == {t.name for t in module.messages}  # type: ignore[attr-defined]
    for path in samples:
        schema.assertValid(etree.parse(str(path)))


def test_the_list_of_messages_is_that_of_the_catalogues(folder: Path) -> None:
    rows = json.loads((folder / "messages.json").read_text("utf-8"))
    assert [(row["service"], row["action"]) for row in rows] == [(t.service, t.name) for t in CATALOGUE]
    for row in rows:
        for name in row["samples"]:
            assert (folder / row["module"] / row["version"] / "samples" / name).is_file()


@pytest.mark.parametrize("module", MODULES)
def test_every_rule_stands_there_in_words_and_as_data(folder: Path, module: object) -> None:
    here = folder / module.name / module.version  # type: ignore[attr-defined]
    words, rows = (here / "rules.md").read_text("utf-8"), json.loads((here / "rules.json").read_text("utf-8"))
    expected = {(t.name, rule.code) for t in module.messages for rule in t.rules}  # type: ignore[attr-defined]
    assert {(row["message"], row["code"]) for row in rows} == expected
    readme = (folder / "README.md").read_text("utf-8")
    for row in rows:
        assert f"`{row['code']}`" in words
        assert row["nl"] in words
        assert row["en"] in words
        assert f"| {row['kind']} |" in readme, "the kind is explained"


def test_the_data_of_a_rule_are_those_of_its_file(folder: Path) -> None:
    rows = json.loads((folder / "Schuldregeling" / "2.0" / "rules.json").read_text("utf-8"))
    found: Mapping[str, Mapping[str, object]] = {row["code"]: row for row in rows}
    assert found["IBAN-CONTROLEGETAL"]["at"] == "//IBAN"
    assert found["MATCHEN-GEMATCHT"]["condition"] == {"path": "Matchen", "values": ["true"], "negated": False}
    assert found["OPENSTAAND-OPTELLING"]["terms"] == ["Hoofdsom", "Rente", "Kosten"]


def test_no_file_asks_for_python(folder: Path) -> None:
    for path in folder.rglob("*.md"):
        assert "object at 0x" not in path.read_text("utf-8")
    for path in folder.rglob("*.json"):
        assert "<" not in path.read_text("utf-8")


def test_changes_are_told_since_the_version_before(folder: Path) -> None:
    first = (folder / "Schuldregeling" / "1.0" / "changes.md").read_text("utf-8")
    assert "This is the first version." in first
    second = (folder / "Schuldregeling" / "2.0" / "changes.md").read_text("utf-8")
    assert "- field `Matchen` is new, mandatory\n" in second
    assert "- Gone since 1.1.\n" in second
