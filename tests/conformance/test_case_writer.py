"""python -m conformance.case_writer: a suite without a hole, or a sentence for each demand that has no case."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformance.case_writer import main
from xsd.module_files import packaged_modules


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a copy of one small module version under another name."""
    folder = tmp_path / "modules" / "Proef" / "1.0"
    shutil.copytree(packaged_modules() / "Knooppunt" / "1.0", folder)
    for file in (folder / "schema.xsd", *(folder / "samples").iterdir()):
        file.write_text(file.read_text("utf-8").replace("urn:knooppunt:Knooppunt:1.0", "urn:proef:1.0"), "utf-8")
    return folder


def write(own: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, list[str]]:
    code = main([str(own.parents[2] / "suite"), str(own.parents[1])])
    said = capsys.readouterr()
    return code, said.out, said.err.splitlines()


def test_a_module_version_whose_samples_break_every_demand_gets_its_suite(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = write(own, capsys)
    assert (code, err) == (0, [])
    assert out.startswith("Proef 1.0: ")
    assert (own.parents[2] / "suite" / "Proef" / "1.0" / "Statusmelding.yaml").is_file()


def test_each_demand_without_a_case_is_a_sentence_and_nothing_is_written(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = own / "schema.xsd"
    more = "".join(
        f'<xs:element name="{name}" type="Tijdstip" minOccurs="0">'
        "<xs:annotation><xs:documentation>Proef.</xs:documentation></xs:annotation></xs:element>"
        for name in ("Eerste", "Tweede")
    )
    text = schema.read_text("utf-8")
    at = text.index("</xs:sequence>", text.index('<xs:element name="Statusmelding">'))
    schema.write_text(text[:at] + more + text[at:], "utf-8")
    code, out, err = write(own, capsys)
    assert (code, out) == (1, "")
    assert err[-1] == "add a sample, or write the case by hand, and run this again"
    says = "Proef/1.0/Statusmelding: no sample gives a case for"
    assert {f"{says} datatype Statusmelding/{name}" for name in ("Eerste", "Tweede")} <= set(err[:-1])
    assert all(each.startswith(says) for each in err[:-1])
    assert not (own.parents[2] / "suite").exists()


def test_what_is_wrong_with_the_files_is_told_with_the_command_that_lists_it(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "catalogue.yaml").write_text("messages: [\n", "utf-8")
    code, _, err = write(own, capsys)
    assert (code, "catalogue.yaml" in err[0]) == (2, True)
    assert "`knooppunt schema list --modules FOLDER`" in err[-1]


def test_a_sample_that_is_wrong_before_it_is_changed_is_told_and_no_rule_is_blamed(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = own / "samples" / "Statusmelding.xml"
    sample.write_text(sample.read_text("utf-8").replace("<Versie>1.0<", "<Versie>9.9<", 1), "utf-8")
    code, out, err = write(own, capsys)
    assert (code, out) == (1, "")
    assert err[-1] == "mend these samples first, and run this again"
    assert all("Proef/1.0/Statusmelding: the sample Statusmelding.xml is wrong as it is: " in each for each in err[:-1])
    assert not (own.parents[2] / "suite").exists()


@pytest.mark.parametrize("arguments", [[], [""], ["--help"]])
def test_without_a_folder_nothing_is_written_not_to_the_installed_suite_either(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def writes(*_: object) -> None:
        raise AssertionError("a suite was written")

    monkeypatch.setattr("conformance.case_writer.write_suite", writes)
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("usage: ")
