"""Lists of the shipped modules, through a file and back: each sample answer to each question comes out as it was, with
the question there still or only its rows; and Python's reader of CSV reads the files as ours does.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.browser.node import node

from xsd.catalogue import Module, load_catalogue
from xsd.forms.descriptions import Descriptions

HERE = Path(__file__).parent / "js" / "lists"
CATALOGUE = load_catalogue()
FORMS = Descriptions(CATALOGUE)
LISTS = [
    (module, name) for module in CATALOGUE.modules for name in FORMS.lists(module.name, module.version)
]  # fmt: skip
REFERENCE = re.compile("<Referentienummer>(.*?)</Referentienummer>")


def samples(module: Module, names: Iterable[str]) -> list[tuple[str, str]]:
    """The samples of these types: type and document."""
    found = sorted((module.folder / "samples").glob("*.xml"))
    kinds = [(path.stem.partition(".")[0], path) for path in found]
    return [(kind, path.read_text("utf-8")) for kind, path in kinds if kind in names]


def judged(module: Module, name: str, answers: Sequence[tuple[str, str] | None], file: bytes | None = None) -> Any:
    """A list of as many questions as there are answers, filled, written, read and answered; or another file for it."""
    key = f"{module.name}/{module.version}"
    ((_, question), *_) = samples(module, [name])
    cases = [
        {
            "table": f"{key}/{name}",
            "question": REFERENCE.sub(
                f"<Referentienummer>{uuid.uuid5(uuid.NAMESPACE_URL, str(index))}</Referentienummer>", question
            ),
            "answer": None if answer is None else answer[1],
            "answerType": None if answer is None else f"{key}/{answer[0]}",
        }
        for index, answer in enumerate(answers)
    ]
    given_ = {
        "forms": {
            f"{key}/{each.name}": json.loads(FORMS.octets(module.name, module.version, each.name) or b"")
            for each in module.messages
        },
        "tables": {f"{key}/{each}": table for each, table in FORMS.lists(module.name, module.version).items()},
        "cases": cases,
        **({} if file is None else {"file": base64.b64encode(file).decode()}),
    }
    done = node([HERE / "judge.js"], text=json.dumps(given_))
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def answers_to(module: Module, name: str) -> list[tuple[str, str]]:
    message = next(each for each in module.messages if each.name == name)
    return samples(module, message.answers)


@pytest.mark.parametrize(("module", "name"), LISTS, ids=lambda each: getattr(each, "version", each))
@pytest.mark.parametrize("which", ["stored", "gone"])
def test_each_sample_answer_goes_through_a_list_and_comes_out_as_it_was_PO_60(
    module: Module, name: str, which: str
) -> None:
    outcome = judged(module, name, answers_to(module, name))
    assert outcome[which]["complaints"] == []
    assert [each and each["xml"] for each in outcome[which]["written"]] == outcome["wanted"]


def test_lists_are_there_for_balances_and_proposals_of_every_version_of_schuldregeling() -> None:
    assert [(module.name, module.version, name) for module, name in LISTS] == [
        ("Schuldregeling", version, name)
        for version in ("1.0", "1.1", "2.0")
        for name in ("Saldoverzoek", "Betaalvoorstel")
    ]


@pytest.mark.parametrize("name", ["Saldoverzoek", "Betaalvoorstel"])
def test_pythons_reader_of_csv_reads_the_same_file_PO_60(name: str) -> None:
    module = next(module for module, _ in LISTS if module.version == "2.0")
    octets = base64.b64decode(judged(module, name, [*answers_to(module, name), None])["file"])
    rows = list(csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline=""), delimiter=";", strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert rows[0][:2] == ["ConversatieReferentienummer", "Referentienummer"]
    public = ["Schuldtype", "FactuurnummerSE", "openstaand.Ontstaansdatum", "openstaand.OrigineleVordering"]
    assert name == "Betaalvoorstel" or rows[0][18:22] == public


REFUSAL = {"Toelichting": "Onze klant is dit niet."}
CONTRADICTIONS = {
    "unknown client and agreement in advance": (
        {"Klant onbekend": "Ja", "Standaard akkoord": "Ja", **REFUSAL},
        [("Standaard akkoord", "lists.fault.two_kinds")],
    ),
    "unknown client and a reason of one's own": (
        {"Klant onbekend": "Ja", "Geen medewerking": "zomaar iets", **REFUSAL},
        [("Geen medewerking", "lists.fault.two_kinds")],
    ),
    "unknown client and a way of not matching": (
        {"Klant onbekend": "Ja", "Ongematcht wijze": "Totaal", **REFUSAL},
        [("Ongematcht wijze", "lists.fault.unused")],
    ),
    "unknown client and a word that is none": (
        {"Klant onbekend": "Ja", "Standaard akkoord": "misschien", **REFUSAL},
        [("Standaard akkoord", "lists.fault.word")],
    ),
    "matched claims and a way of not matching": (
        {"Matchen": "Ja", "Ongematcht wijze": "Overzicht"},
        [("Ongematcht wijze", "lists.fault.unused")],
    ),
}


@pytest.mark.parametrize(("filled", "wanted"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_an_answer_that_contradicts_itself_is_told_and_neither_half_is_dropped_PO_64(
    filled: dict[str, str], wanted: list[tuple[str, str]]
) -> None:
    module = next(module for module, _ in LISTS if module.version == "2.0")
    blank = base64.b64decode(judged(module, "Saldoverzoek", [None])["file"])
    rows = list(csv.DictReader(io.StringIO(blank.decode("utf-8-sig"), newline=""), delimiter=";"))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows({**row, **filled} for row in rows)
    outcome = judged(module, "Saldoverzoek", [None], text.getvalue().encode())["stored"]
    told = [(each["column"], each["key"]) for each in outcome["complaints"] if "key" in each]
    assert told == wanted
    assert outcome["written"] == [None]


SAVED = {
    "Excel-NL, as CSV": ("cp1252", ";", "\r\n", csv.QUOTE_MINIMAL, ""),
    "Excel-NL, as CSV UTF-8": ("utf-8-sig", ";", "\r\n", csv.QUOTE_MINIMAL, ""),
    "with commas": ("utf-8", ",", "\r\n", csv.QUOTE_MINIMAL, ""),
    "with tabs and line feeds": ("utf-8", "\t", "\n", csv.QUOTE_MINIMAL, ""),
    "LibreOffice, all quoted": ("utf-8", ";", "\n", csv.QUOTE_ALL, ""),
    "with a line that says so": ("utf-8", ",", "\r\n", csv.QUOTE_ALL, "sep=,\r\n"),
}


@pytest.mark.parametrize("how", SAVED.values(), ids=SAVED)
def test_however_a_spreadsheet_saves_the_rows_the_same_answers_come_out_PO_60(
    how: tuple[str, str, str, int, str],
) -> None:
    module = next(module for module, _ in LISTS if module.version == "2.0")
    answers = answers_to(module, "Saldoverzoek")
    encoding, delimiter, end, quoting, first = how
    octets = base64.b64decode(judged(module, "Saldoverzoek", answers)["file"])
    rows = list(csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline=""), delimiter=";"))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    outcome = judged(module, "Saldoverzoek", answers, (first + text.getvalue()).encode(encoding))
    assert outcome["stored"]["complaints"] == []
    assert [each["xml"] for each in outcome["stored"]["written"]] == outcome["wanted"]


CELLS = st.text(st.sampled_from("aé1 \";,\t\r\n'=+-@€\u00a0\u2028😀"), max_size=8)


@settings(max_examples=12, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=4)
    )
)
def test_what_we_write_python_reads_but_for_the_sign_before_formulas_PO_60(rows: list[list[str]]) -> None:
    outcome = node([HERE / "rows.js"], text=json.dumps(rows))
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    said = json.loads(outcome.stdout)
    text = base64.b64decode(said["octets"]).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))
    assert read == said["guarded"]
    assert said["read"] == rows
