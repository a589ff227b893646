"""The JSON Schemas for editors: made of the shapes, and saying of a file what the hub would say of its form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from generate import DOCS, EDITOR_SCHEMAS
from generator.editor_schemas import schemas
from support.configuration.editor import kind_of, said_of, validator
from support.configuration.pmode_files import CREDITOR_YAML, FILES, HUB_YAML, complaints
from support.keys.pki import NOW

from gateway.settings.reading import SettingsFault, parse_settings
from gateway.site.making import Site, make_site
from gateway.site.organisations import planned
from gateway.site.production import make_production
from gateway.written.editor_schema import EditorSchema
from pmodes.shapes import HubShape, OrganisationShape

_BLOCK = re.compile(r"^```(yaml|toml)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ORGANISATION = EditorSchema.ORGANISATION
# how the blocks begin that have no editor's schema of ours: files of a module version, and Prometheus's own
_OF_OTHERS = ("module", "rules", "name: Voorbeeld", "scrape_configs:")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """What `pki new` makes."""
    wanted = [planned("Bank", "shv-fase-2"), planned("Energie", "schuldeiser")]
    return make_site(tmp_path_factory.mktemp("site"), wanted, at=datetime.now(UTC), key_bits=2048)


def test_the_shipped_schemas_are_those_of_the_shapes() -> None:
    made = schemas()
    assert {each.name for each in EDITOR_SCHEMAS.iterdir()} == made.keys()
    for name, text in made.items():
        assert (EDITOR_SCHEMAS / name).read_text("utf-8") == text, (
            f"{name} is out of date; run: python docs/generate.py"
        )


@pytest.mark.parametrize("kind", EditorSchema)
def test_a_schema_is_one_and_lies_where_the_program_finds_it(kind: EditorSchema) -> None:
    assert validator(kind).schema["title"]
    assert (files("gateway.written") / "editor_schemas" / kind.file_name).is_file()


@pytest.mark.parametrize("name", FILES)
def test_a_sound_file_is_accepted(name: str) -> None:
    assert said_of(kind_of(name), FILES[name]) == []


def test_what_needs_no_quotes_for_the_hub_needs_none_for_an_editor() -> None:
    text = CREDITOR_YAML.replace('"', "").replace("language: en", "acts_for: 00000099000000007000")
    assert "party: 0000" in text
    assert "[2.0]" in text
    assert said_of(_ORGANISATION, text) == []


def blocks() -> Iterator[tuple[EditorSchema, str]]:
    """Every block of a page that is a file or part of one."""
    for page in (*DOCS.rglob("*.md"), DOCS.parent / "README.md"):
        for language, words, text in _BLOCK.findall(page.read_text("utf-8")):
            if language == "toml":
                yield EditorSchema.SETTINGS, text
            elif "participant.yaml" in words or "\nhub:" in text:
                yield EditorSchema.PARTICIPANT, text
            elif "module" not in words and not text.startswith(_OF_OTHERS):
                of_hub = not words.strip() and not said_of(EditorSchema.HUB, text, part=True)
                yield EditorSchema.HUB if of_hub else kind_of(words.split()[-1] if words.split() else ""), text


def test_every_file_of_the_documentation_is_accepted() -> None:
    found = list(blocks())
    assert {kind for kind, _ in found} == set(EditorSchema)
    assert [(text, said) for kind, text in found if (said := said_of(kind, text, part=True))] == []


def test_every_file_that_is_written_is_accepted_and_names_a_schema_that_lies_beside_it(
    site: Site, tmp_path: Path
) -> None:
    production = make_production(
        tmp_path, party="00000004003214345001", name="Hub", host="hub.example", port=443, key_bits=3072, at=NOW
    )
    looked_at = 0
    for folder in (site.folder, production.folder):
        for path in (*folder.rglob("*.yaml"), *folder.rglob("*.toml")):
            text = path.read_text("utf-8")
            first = text.partition("\n")[0]
            named = re.fullmatch(r"# yaml-language-server: \$schema=(.*)|#:schema \./(.*)", first)
            assert named, (path, first)
            schema = path.parent / (named[1] or named[2])
            kind = EditorSchema(schema.name.partition(".")[0])
            assert schema.read_bytes() == kind.octets
            assert (path.suffix == ".toml") is (kind is EditorSchema.SETTINGS)
            assert said_of(kind, text) == [], path
            looked_at += 1
    assert looked_at == 8


FORM_FAULTS = [
    ("creditor.yaml", "roles: [schuldeiser]", "rolls: [schuldeiser]"),
    ("creditor.yaml", "roles: [schuldeiser]", "roles: schuldeiser"),
    ("creditor.yaml", "roles: [schuldeiser]", "roles: []"),
    ("creditor.yaml", "roles: [schuldeiser]", "roles: [schuldeisr]"),
    ("creditor.yaml", "roles: [schuldeiser]", "roles:"),
    ("creditor.yaml", "name: Incasso Proef\n", ""),
    ("creditor.yaml", "name: Incasso Proef", "name: true"),
    ("creditor.yaml", "language: en", "language: fr"),
    ("creditor.yaml", "language: en", "suite: as4-9.9"),
    ("creditor.yaml", "language: en", "key_reference: name"),
    ("creditor.yaml", "language: en", "acts_for: [{valu: X}]"),
    ("creditor.yaml", "language: en", "agreement: urn:example:a"),
    ("creditor.yaml", "language: en", "tls_thumbprints: [ab]"),
    ("creditor.yaml", "language: en", "compromised: sha256"),
    ("creditor.yaml", "language: en", "properties: [{name: x, data_type: float}]"),
    ("creditor.yaml", "language: en", "properties: [{name: x, required: 'yes'}]"),
    ("creditor.yaml", "language: en", "part_properties: [{name: x, required: true}]"),
    ("creditor.yaml", "language: en", "attachments: {mime_types: [pdf]}"),
    ("creditor.yaml", "language: en", "attachments: {max_count: 63}"),
    ("creditor.yaml", "language: en", "overrides: {Knooppunt.Orgin: true}"),
    ("creditor.yaml", "language: en", "overrides: {sending: {Knooppunt.Origin: true}}"),
    ("creditor.yaml", "language: en", "overrides: {receiving: {Knooppunt.Origin: 1}}"),
    ("creditor.yaml", "language: en", "overrides: {Knooppunt.MinimumRsaBits: 1024}"),
    ("creditor.yaml", "  term_working_days: 5", "  term_working_days: 0"),
    ("creditor.yaml", "  term_working_days: 5", "  term_working_days: five"),
    ("creditor.yaml", "  extension_days: 14", "  extension_days: 15"),
    ("creditor.yaml", "  encryption: [certificates/creditor-encryption.pem]\n", ""),
    ("creditor.yaml", '  Schuldregeling: ["2.0"]', "  Schuldregeling: true"),
    ("hub.yaml", "environment: test", "environment: tst"),
    ("hub.yaml", "environment: test", "environment: test\nroles: [schuldeiser]"),
    ("hub.yaml", "environment: test", "environment: test\nclosing_days: [15 May]"),
    ("hub.yaml", "environment: test", "environment: test\noverrides: {PMode.Initiator.Party: x}"),
]


@pytest.mark.parametrize(("name", "sound", "faulty"), FORM_FAULTS, ids=[faulty for _, _, faulty in FORM_FAULTS])
def test_a_fault_of_form_is_refused_by_the_editor_as_by_the_hub(name: str, sound: str, faulty: str) -> None:
    assert sound in FILES[name]
    text = FILES[name].replace(sound, faulty)
    assert [each.file for each in complaints(**{name.removesuffix(".yaml"): text})] != []
    assert said_of(kind_of(name), text) != []


@pytest.mark.parametrize(
    "faulty", ["[listen]\nprt = 1", '[log]\nlevel = "loud"', "[limits]\nparts = 65", "[listen]\nhost = []"]
)
def test_a_fault_in_the_form_of_the_settings_is_refused_by_both(faulty: str) -> None:
    assert said_of(EditorSchema.SETTINGS, faulty, part=True) != []
    key = faulty.splitlines()[1].partition(" ")[0]
    with pytest.raises(SettingsFault, match=key):
        parse_settings(faulty)


@pytest.mark.parametrize(("kind", "shape"), [(_ORGANISATION, OrganisationShape), (EditorSchema.HUB, HubShape)])
def test_an_editor_tells_what_each_key_means(
    kind: EditorSchema, shape: type[OrganisationShape] | type[HubShape]
) -> None:
    shown = validator(kind).schema["properties"]
    assert shown.keys() == shape.model_fields.keys()
    assert [name for name, each in shown.items() if each["description"] != shape.model_fields[name].description] == []


def test_a_files_schema_never_stands_for_another(tmp_path: Path) -> None:
    assert said_of(_ORGANISATION, HUB_YAML) != []
    assert said_of(EditorSchema.HUB, CREDITOR_YAML) != []
