"""A key or a word that is mistyped is told with the one that was likely meant, at every depth of every file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError
from support.configuration.pmode_files import COUNSELLOR_YAML, CREDITOR, CREDITOR_YAML, HUB_YAML, the_complaint

from gateway.client.participant_shape import ParticipantShape
from gateway.settings import Settings
from gateway.written.close import closest, did_you_mean
from gateway.written.complaints import KeyPath, dotted
from gateway.written.sentences import SECTION, violations
from pmodes.shapes import HubShape, OrganisationShape

FILES: dict[str, type[BaseModel]] = {
    "organisation": OrganisationShape,
    "hub.yaml": HubShape,
    "hub.toml": Settings,
    "participant.yaml": ParticipantShape,
}


def keys_of(model: type[BaseModel], at: KeyPath = ()) -> Iterator[KeyPath]:
    """Every key that the file may have, as a path to it through lists and names."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        yield (*at, key)
        for steps, inner in models_in(field.annotation):
            yield from keys_of(inner, (*at, key, *steps))


def models_in(annotation: Any) -> list[tuple[KeyPath, type[BaseModel]]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [((), annotation)]
    kind, inner = get_origin(annotation), get_args(annotation)
    step: KeyPath = ("X",) if kind is dict else (0,) if kind is list else ()
    found = [((*step, *more), model) for each in inner for more, model in models_in(each)]
    return found[:1]


def mistyped(key: str) -> str:
    """With the letter in its middle twice."""
    middle = len(key) // 2
    return key[:middle] + key[middle] + key[middle:]


def nested(path: KeyPath) -> Any:
    value: Any = "x"
    for step in reversed(path):
        value = {step: value} if isinstance(step, str) else [value]
    return value


CASES = [(file, path) for file, model in FILES.items() for path in keys_of(model)]


@pytest.mark.parametrize(("file", "path"), CASES, ids=[f"{file} {dotted(path)}" for file, path in CASES])
def test_a_mistyped_key_is_told_with_the_one_that_was_meant(file: str, path: KeyPath) -> None:
    key = str(path[-1])
    wrong = (*path[:-1], mistyped(key))
    value = nested(wrong)
    with pytest.raises(ValidationError) as refused:
        FILES[file].model_validate(value)
    keys_are = SECTION if file == "hub.toml" else "keys with values"
    said = dict(violations(refused.value, value, FILES[file], keys_are=keys_are))
    assert said[wrong] == f"there is no such key; did you mean {key}?"


def test_the_keys_that_there_are_are_listed_where_they_are_few_and_none_is_meant() -> None:
    text = COUNSELLOR_YAML + "agreement: {value: urn:a, colour: red}\n"
    assert the_complaint(counsellor=text).endswith(
        "agreement.colour: there is no such key; keys here are value and type"
    )


NO_KEY, NO_ROLE = "there is no such key", "is no role of an organisation"
NO_PARAMETER = "there is no P-Mode parameter of this name that can be overridden"
OF_AN_ORGANISATION = [  # a line, what is mistyped in it, the path of the complaint, what it says, what was meant
    ("roles: [schuldeiser]", "roles: [schuldeisr]", "roles[0]", f"schuldeisr {NO_ROLE}", "schuldeiser"),
    ("roles: [schuldeiser]", "roles: [Schuldeiser]", "roles[0]", f"Schuldeiser {NO_ROLE}", "schuldeiser"),
    ("  Schuldregeling:", "  Schuldregelng:", "modules.Schuldregelng", "there is no module Schuldregelng",
     "Schuldregeling"),
    ("  Schuldregeling:", "  schuldregeling:", "modules.schuldregeling", "there is no module schuldregeling",
     "Schuldregeling"),
    ('["2.0"]', '[{version: "2.0", frm: 2026-07-01}]', "modules.Schuldregeling[0].frm", NO_KEY, "from"),
    ("language: en", "suite: as4-1.15", "suite", "there is no suite as4-1.15", "as4-1.15-rsa"),
    ("language: en", "overrides: {Knooppunt.Orgin: true}", "overrides.Knooppunt.Orgin", NO_PARAMETER,
     "Knooppunt.Origin"),
    ("language: en", "overrides: {receiving: {knooppunt.origin: true}}", "overrides.receiving.knooppunt.origin",
     NO_PARAMETER, "Knooppunt.Origin"),
    ("language: en", "overrides: {receivng: {Knooppunt.Origin: true}}", "overrides.receivng", NO_PARAMETER,
     "receiving"),
    ("language: en", "certificats: {}", "certificats", NO_KEY, "certificates"),
    ("  term_working_days", "  term_workng_days", "mailbox.term_workng_days", NO_KEY, "term_working_days"),
]  # fmt: skip
OF_A_UNIT = [
    ("rolls: [schuldeiser]", "rolls", NO_KEY, "roles"),
    ("roles: [schuldeisr]", "roles[0]", f"schuldeisr {NO_ROLE}", "schuldeiser"),
    ("modules: {Schuldregelng: [2.0]}", "modules.Schuldregelng", "there is no module Schuldregelng", "Schuldregeling"),
    ("mailbox: {lease_secnds: 60}", "mailbox.lease_secnds", NO_KEY, "lease_seconds"),
    ("overrides: {Knooppunt.Orign: true}", "overrides.Knooppunt.Orign", NO_PARAMETER, "Knooppunt.Origin"),
    ("suite: as4-1.15-rs", "suite", "there is no suite as4-1.15-rs", "as4-1.15-rsa"),
]


@pytest.mark.parametrize(("sound", "wrong", "path", "said", "meant"), OF_AN_ORGANISATION)
def test_a_mistyped_word_of_a_file_is_told_once_with_its_line_and_path(
    sound: str, wrong: str, path: str, said: str, meant: str
) -> None:
    text = CREDITOR_YAML.replace(sound, wrong)
    number = next(number for number, line in enumerate(text.splitlines(), 1) if wrong in line)
    assert the_complaint(creditor=text) == f"creditor.yaml:{number}: {path}: {said}; did you mean {meant}?"


@pytest.mark.parametrize(("line", "path", "said", "meant"), OF_A_UNIT)
def test_in_a_unit_as_in_an_organisation(line: str, path: str, said: str, meant: str) -> None:
    unit = (
        f"units:\n  - name: Afdeling\n    party: '{CREDITOR}:000000000077'\n    {line}\n"
        "    certificates: {signing: [u-signing.pem], encryption: [u-encryption.pem]}\n"
    )
    number = 1 + (CREDITOR_YAML + unit).splitlines().index(f"    {line}")
    told = the_complaint(creditor=CREDITOR_YAML + unit)
    assert told == f"creditor.yaml:{number}: units[0].{path}: {said}; did you mean {meant}?"


def test_a_version_that_there_is_not_is_told_with_those_that_there_are() -> None:
    told = the_complaint(creditor=CREDITOR_YAML.replace('["2.0"]', '["2.1"]'))
    assert told == "creditor.yaml:5: modules.Schuldregeling[0]: there is no version 2.1; there are 1.1, 2.0"


def test_a_key_of_another_file_is_told_with_that_file() -> None:
    assert "it stands in hub.yaml" in the_complaint(creditor=CREDITOR_YAML + "closing_days: [2026-05-15]\n")
    assert "it stands in the file of an organisation" in the_complaint(hub=HUB_YAML + "acts_for: []\n")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("roles", "roles"),
        ("ROLES", "roles"),
        ("rol", "roles"),
        ("ro", None),
        ("xyz", None),
        ("", None),
        ("suit", "suite"),
    ],
)
def test_a_word_is_likely_its_beginning_or_one_that_is_like_it(word: str, meant: str | None) -> None:
    assert closest(word, ["roles", "suite"]) == meant
    assert did_you_mean(word, ["roles", "suite"]) == ("" if meant is None else f"; did you mean {meant}?")
