"""The catalogue: who may send what to whom, what answers it, and how a module folder of one's own is read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from xsd.catalogue import CatalogueFault, load_catalogue
from xsd.module_files import MOST_OCTETS, packaged_modules
from xsd.samples import sample, sample_attachment, sample_files
from xsd.schema_files import SchemaFault
from xsd.schema_model import read_schema_model

CATALOGUE = load_catalogue()


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with a copy of one module version under another name, without the shared types."""
    folder = tmp_path / "modules" / "Proef" / "1.0"
    shutil.copytree(packaged_modules() / "Knooppunt" / "1.0", folder)
    schema = (folder / "schema.xsd").read_text().replace("urn:knooppunt:Knooppunt:1.0", "urn:proef:1.0")
    (folder / "schema.xsd").write_text(schema)
    return folder


def test_all_module_versions_are_there() -> None:
    assert [(m.name, m.version) for m in CATALOGUE.modules] == [
        ("Betalingsregeling", "2.0"),
        ("Knooppunt", "1.0"),
        ("Knooppunt", "1.1"),
        ("MeldingenBewindvoering", "1.0"),
        ("Schuldinventarisatie", "2.0"),
        ("Schuldregeling", "1.0"),
        ("Schuldregeling", "1.1"),
        ("Schuldregeling", "2.0"),
        ("Waarborgfonds", "1.0"),
        ("Waarborgfonds", "2.0"),
    ]


def test_a_question_is_found_by_service_and_action_with_its_answers_and_term() -> None:
    found = CATALOGUE.find("urn:knooppunt:Schuldregeling:2.0", "Saldoverzoek")
    assert found is not None
    assert found.question
    assert found.answers == ("SaldoverzoekAntwoord", "SaldoverzoekAntwoordVoorafAkkoord", "GeenMedewerking")
    assert found.answer_term_working_days == 10
    assert (found.senders, found.receivers) == (("shv-fase-2",), ("schuldeiser",))


def test_an_answer_knows_its_questions_and_a_pre_agreement_what_it_waives() -> None:
    answer = CATALOGUE.message("Schuldregeling", "2.0", "SaldoverzoekAntwoordVoorafAkkoord")
    assert answer is not None
    assert (answer.answers_to, answer.waives, answer.question) == (("Saldoverzoek",), ("Betaalvoorstel",), False)


def test_what_may_be_waived_knows_by_what_and_is_not_answered_by_it() -> None:
    proposal = CATALOGUE.message("Schuldregeling", "2.0", "Betaalvoorstel")
    assert proposal is not None
    assert proposal.waived_by == ("SaldoverzoekAntwoordVoorafAkkoord",)
    assert not set(proposal.waived_by) & set(proposal.answers)


def test_a_notification_may_have_answers_that_nobody_awaits() -> None:
    notice = CATALOGUE.message("Schuldregeling", "2.0", "Kennisgeving")
    assert notice is not None
    assert (notice.question, notice.answer_term_working_days) == (False, None)
    assert notice.answers == ("KennisgevingAntwoord", "GeenMedewerking")


@pytest.mark.parametrize(
    ("roles", "kinds"),
    [
        (("shv-fase-2",), ()),
        (("shv-overig",), ("Toestemmingsverklaring",)),
        (("bewindvoerder",), ("Beschikking",)),
        (("shv-overig", "shv-fase-1"), ()),
        (("schuldeiser",), ()),
    ],
)
def test_what_must_be_sent_along_depends_on_the_senders_role(roles: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    message = CATALOGUE.message("Schuldinventarisatie", "2.0", "Saldoverzoek")
    assert message is not None
    assert message.required_attachments(roles) == kinds


def test_every_message_has_a_sample_and_every_element_of_a_schema_a_meaning() -> None:
    for module in CATALOGUE.modules:
        model = read_schema_model(module.messages[0].schema)
        for message_type in module.messages:
            assert sample_files(module.folder, message_type.name)[0].is_file(), message_type.element
        for owner in (*model.messages, *model.complex_types):
            assert owner.doc, owner.name
            assert all(use.doc for use in owner.content.elements()), owner.name
        assert (module.folder / "changes.md").read_text("utf-8").strip()


def test_the_samples_name_the_attachment_that_is_shipped_with_them() -> None:
    assert sample_attachment().startswith(b"%PDF-")
    assert b"<Bijlagen>" in sample("MeldingenBewindvoering", "1.0", "MeldingBewindStart")


def test_a_module_folder_of_ones_own_uses_the_shipped_shared_types(own: Path) -> None:
    catalogue = load_catalogue([own.parent.parent])
    found = catalogue.find("urn:knooppunt:Proef:1.0", "Statusmelding")
    assert found is not None
    assert found.namespace == "urn:proef:1.0"
    assert len(catalogue.modules) == len(CATALOGUE.modules) + 1


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("from: [knooppunt]", "from: [keizer]", "keizer"),
        ("from: [knooppunt]", "from: []", "at least one role"),
        ("Statusmelding:", "Anders:", "differ"),
        ("from: [knooppunt]", "from: [knooppunt]\n    answers: [Niets]", "Niets"),
        ("from: [knooppunt]", "from: [knooppunt]\n    question: true", "question"),
        ("title:", "titel:", "titel"),
        ("messages:", "messages: [", "catalogue.yaml"),
    ],
)
def test_a_catalogue_file_that_cannot_be_used_says_what_is_wrong(
    own: Path, before: str, after: str, names: str
) -> None:
    path = own / "catalogue.yaml"
    path.write_text(path.read_text().replace(before, after, 1))
    with pytest.raises(CatalogueFault, match=names):
        load_catalogue([own.parent.parent])


def test_everything_that_is_wrong_in_module_folders_is_told_at_once_with_file_and_line(own: Path) -> None:
    other = own.parent / "2.0"
    shutil.copytree(own, other)
    (own / "catalogue.yaml").write_text(
        "title: 3\ntitle: Proef\nmessages:\n  Statusmelding:\n    from: [keizer]\n    to: [schuldeiser, koning]\n"
    )
    rules = (
        "rules:\n  - {code: A, kind: som, nl: x, en: x}\n  - {code: B, kind: sum, total: T, nl: x, en: x, term: [T]}\n"
    )
    condition = "  - {code: C, kind: one-of, choose: [T], when: {Matchen: [true]}, nl: x, en: x}\n"
    (own / "rules.yaml").write_text(rules + condition)
    (other / "catalogue.yaml").write_text("titel: x\nmessages: {}\n")
    with pytest.raises(CatalogueFault) as caught:
        load_catalogue([own.parent.parent])
    assert [each.removeprefix(f"{own.parent}/").partition(" ")[0] for each in caught.value.complaints] == [
        "1.0/catalogue.yaml:1:", "1.0/catalogue.yaml:2:", "1.0/catalogue.yaml:5:", "1.0/catalogue.yaml:6:",
        "1.0/rules.yaml:2:", "1.0/rules.yaml:3:", "1.0/rules.yaml:3:", "1.0/rules.yaml:4:", "2.0/catalogue.yaml:1:",
    ]  # fmt: skip
    told = str(caught.value)
    for words in (
        "title: must be text; put it in quotes",
        "A: kind must be one of 'check-digit', 'sum'",
        "B: this key",
    ):
        assert words in told
    assert "rules[2].when.Matchen[0]: C: must be text; put it in quotes" in told
    assert "titel: there is no such key; did you mean title?" in told


def test_a_version_without_quotes_is_the_one_that_is_written(own: Path) -> None:
    path = own / "catalogue.yaml"
    path.write_text(f"previous: 1.10\n{path.read_text()}")
    module = load_catalogue([own.parent.parent]).module("Proef", "1.0")
    assert module is not None
    assert module.previous == "1.10"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('schemaLocation="../../common/2.0.xsd"', 'schemaLocation="../../../../../../etc/passwd"'),
        ('schemaLocation="../../common/2.0.xsd"', 'schemaLocation="http://schema.example/common/x.xsd"'),
        ('type="BezorgdBericht"', 'type="Onbekend"'),
        ("<xs:schema ", "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><xs:schema &a;"),
    ],
)
def test_a_schema_that_reaches_elsewhere_or_does_not_compile_is_refused(own: Path, before: str, after: str) -> None:
    path = own / "schema.xsd"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after, 1))
    with pytest.raises(SchemaFault):
        load_catalogue([own.parent.parent])


def test_a_file_outside_the_tree_of_the_module_is_not_included(own: Path) -> None:
    outside = own.parent.parent.parent / "buiten.xsd"
    outside.write_bytes((packaged_modules() / "common" / "2.0.xsd").read_bytes())
    path = own / "schema.xsd"
    path.write_text(path.read_text().replace("../../common/2.0.xsd", "../../../buiten.xsd"))
    with pytest.raises(SchemaFault, match="neither in its tree"):
        load_catalogue([own.parent.parent])


def test_a_module_version_in_two_folders_is_refused(own: Path, tmp_path: Path) -> None:
    shutil.copytree(own, tmp_path / "ander" / "Proef" / "1.0")
    with pytest.raises(CatalogueFault, match="also stands in another folder"):
        load_catalogue([own.parent.parent, tmp_path / "ander"])


@pytest.mark.parametrize("previous", [("1.1", "1.1"), ("1.1", "1.0")], ids=["a copy left as it was", "a circle"])
def test_a_version_that_comes_before_itself_is_complained_of(tmp_path: Path, previous: tuple[str, str]) -> None:
    """Whoever goes from version to version would never come to an end."""
    for version, before in zip(("1.0", "1.1"), previous, strict=True):
        folder = tmp_path / "Eigen" / version
        shutil.copytree(packaged_modules() / "Schuldregeling" / "2.0", folder)
        for file in folder.rglob("*.*"):
            octets = file.read_bytes().replace(b"Schuldregeling:2.0", f"Eigen:{version}".encode())
            file.write_bytes(octets.replace(b'previous: "1.1"', f'previous: "{before}"'.encode()))
    with pytest.raises(
        CatalogueFault, match=r"1\.1/catalogue\.yaml: previous: .* is (this version itself|one that comes)"
    ):
        load_catalogue([tmp_path])


def test_a_folder_without_modules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueFault, match="in this folder"):
        load_catalogue([tmp_path])


FILES = [
    "catalogue.yaml",
    "schema.xsd",
    "rules.yaml",
    "assertions.xsd",
    "../../common/2.0.xsd",
    "../../common/2.0.rules.yaml",
]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "it is a pipe"),
        (lambda path: path.symlink_to("/dev/zero"), "it lies outside"),
        (lambda path: path.symlink_to(__file__), "it lies outside"),
        (lambda path: path.symlink_to(path.parent / "gone"), "there is no such file"),
        (lambda path: path.write_bytes(b" " * (MOST_OCTETS + 1)), "it is longer than"),
    ],
    ids=["a pipe", "a device", "a link out of the folder", "a link to nothing", "too long"],
)
def test_a_file_of_a_module_folder_is_a_plain_one_inside_it_of_bounded_size(
    own: Path, name: str, make: Callable[[Path], object], said: str
) -> None:
    path = own / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    make(path)
    with pytest.raises((CatalogueFault, SchemaFault), match=said):
        load_catalogue([own.parent.parent])


def test_every_thread_compiles_the_octets_that_were_checked(own: Path) -> None:
    module = load_catalogue([own.parent.parent]).module("Proef", "1.0")
    assert module is not None
    (own / "schema.xsd").write_text("<changed/>")
    with ThreadPoolExecutor(1) as other:
        assert other.submit(module.messages[0].schema.compiled).result() is not None


def test_a_module_folder_may_be_reached_by_a_link(own: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(own.parent.parent)
    assert load_catalogue([tmp_path / "link"]).module("Proef", "1.0") is not None


@pytest.mark.parametrize(("name", "variant"), [("Foo", None), ("Saldoverzoek", "foo"), ("../Saldoverzoek", None)])
def test_a_message_without_a_sample_is_named_with_those_that_have_one(name: str, variant: str | None) -> None:
    with pytest.raises(LookupError, match=r"Schuldregeling 2\.0 has no sample .*; there are: Betaalvoorstel, "):
        sample("Schuldregeling", "2.0", name, variant=variant)
