"""What a change of the files changes, for whom, in sentences; every key of a file has some."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal, get_args

import pytest
from pydantic import BaseModel
from support.configuration.changed_keys import NEVER_OF_THE_HUB, OF_AN_ORGANISATION, OF_THE_HUB, ROOTS, WITH_ROOT
from support.configuration.pmode_files import (
    COUNSELLOR,
    COUNSELLOR_YAML,
    CREDITOR,
    CREDITOR_YAML,
    FILES,
    HUB_YAML,
    catalogue,
    configuration,
    load,
    organisation,
)

from pmodes.change import Change, Who
from pmodes.changed_hub import HUB as HUB_SENTENCES
from pmodes.changed_organisation import ORGANISATION as ORGANISATION_SENTENCES
from pmodes.changes import LEAVES, changes
from pmodes.configuration import Configuration
from pmodes.files import read_configuration
from pmodes.shapes import HubShape, OrganisationShape

ELSEWHERE = {"suite", "environment", "units"}  # told by tests of their own below


def keys_of(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """Every key that a file of that shape may have, at every depth, with dots between."""
    for name, field in model.model_fields.items():
        key = f"{before}{field.alias or name}"
        yield key
        if key != "units":  # whose keys are those of an organisation
            for inner in models_in(field.annotation):
                yield from keys_of(inner, f"{key}.")


def models_in(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {found for each in get_args(annotation) for found in models_in(each)}


def read(files: dict[str, str] | None = None, **changed: str) -> Configuration:
    """The configuration of these files, which may name roots."""
    texts = {**(FILES if files is None else files), **{f"{name}.yaml": text for name, text in changed.items()}}
    return read_configuration(texts, catalogue=catalogue(), load=lambda path: ROOTS.get(path) or load(path))


def said(old: dict[str, str], new: dict[str, str]) -> list[str]:
    return list(map(str, changes(read(**old), read(**new))))


def test_every_key_that_a_file_may_have_is_told_of() -> None:
    assert set(keys_of(OrganisationShape)) - ELSEWHERE == OF_AN_ORGANISATION.keys()
    assert set(keys_of(HubShape)) - ELSEWHERE - NEVER_OF_THE_HUB == OF_THE_HUB.keys()
    assert {key for key in keys_of(OrganisationShape) if "." not in key} == ORGANISATION_SENTENCES.keys()
    assert {key for key in keys_of(HubShape) if "." not in key} == HUB_SENTENCES.keys()


@pytest.mark.parametrize("key", OF_AN_ORGANISATION)
def test_a_key_of_an_organisation_that_alone_changes_is_told_under_its_name(key: str) -> None:
    before, after, sentence = OF_AN_ORGANISATION[key]
    old, new = (read(hub=WITH_ROOT, counsellor=with_line(COUNSELLOR_YAML, line)) for line in (before, after))
    found = changes(old, new)
    assert {each.key for each in found} == {key.partition(".")[0]}
    assert [each for each in found if sentence in str(each)], list(map(str, found))
    assert {each.party for one in found for each in one.who} == {COUNSELLOR}


@pytest.mark.parametrize("key", OF_THE_HUB)
def test_a_key_of_the_hub_that_alone_changes_is_told(key: str) -> None:
    before, after, sentence = OF_THE_HUB[key]
    old, new = read(hub=with_line(HUB_YAML, before)), read(hub=with_line(HUB_YAML, after))
    found = [each for each in changes(old, new) if each.who[0].party == new.hub.party_id]
    assert {each.key for each in found} == {key.partition(".")[0]}
    assert [each for each in found if sentence in str(each)], list(map(str, found))


def with_line(text: str, line: str) -> str:
    """A file with that line in the place of all that its key held."""
    kept, within = [], False
    for each in text.splitlines():
        within = each.startswith(f"{line.partition(':')[0]}:") or (within and each.startswith(" "))
        kept += [] if within else [each]
    return "\n".join([*kept, line])


def test_files_that_did_not_change_change_nothing() -> None:
    assert changes(configuration(), read()) == ()


def test_another_name_for_the_same_certificate_and_another_file_for_the_same_party_change_nothing() -> None:
    renamed = {("anders.yaml" if name == "creditor.yaml" else name): text for name, text in FILES.items()}
    assert changes(configuration(), read(renamed)) == ()


def test_who_comes_is_told_with_all_that_it_may_and_who_leaves_with_what_becomes_of_its_messages() -> None:
    without = read({name: text for name, text in FILES.items() if name != "counsellor.yaml"})
    assert list(map(str, changes(without, configuration()))) == [
        f"Gemeente Testdrecht: joins as shv-fase-2, with the mailbox urn:knooppunt:mpc:{COUNSELLOR}",
        "Gemeente Testdrecht: may send and receive Schuldregeling 1.1",
        "Gemeente Testdrecht: may send and receive Schuldregeling 2.0",
    ]
    assert list(map(str, changes(configuration(), without))) == [f"Gemeente Testdrecht: {LEAVES}"]


def test_another_first_party_id_is_another_party() -> None:
    old, new = configuration(), read(counsellor=COUNSELLOR_YAML.replace(COUNSELLOR, "00000099000000008888"))
    found = changes(old, new)
    assert {each.who[0].party for each in found if each.sentence == LEAVES} == {COUNSELLOR}
    assert "joins as shv-fase-2" in found[0].sentence


def test_a_role_is_told_with_the_messages_that_come_and_go_with_it() -> None:
    old = organisation("roles: [shv-fase-2]\nacts_for: []")
    new = organisation("roles: [schuldeiser]\nacts_for: []")
    told = said({"counsellor": old}, {"counsellor": new})
    assert "Gemeente Testdrecht: of Schuldregeling 2.0 it may now send SaldoverzoekAntwoord" in told
    assert "Gemeente Testdrecht: of Schuldregeling 2.0 it may no longer send Saldoverzoek" in told
    assert "Gemeente Testdrecht: of Schuldregeling 1.1 it may now receive Saldoverzoek" in told


def test_a_default_of_the_hub_is_told_once_with_everybody_for_whom_it_is_another() -> None:
    found = changes(configuration(), read(hub=HUB_YAML + "mailbox: {term_working_days: 9}\n"))
    hub, others = found
    assert str(hub) == (
        "Knooppunt: by default, a mailbox keeps messages 9 working days instead of 4; what waits keeps its term"
    )
    assert CREDITOR not in {each.party for each in others.who}, "its file says 5"
    assert str(others) == (
        "Gemeente Testdrecht and Incasso Proef, vestiging, each: its mailbox keeps messages 9 working days instead of"
        " 4; what waits keeps its term"
    )


def test_of_many_the_first_three_are_named() -> None:
    who = tuple(Who(name=name, party=name) for name in "abcde")
    assert str(Change(who=who, key="", sentence="is there")) == "a, b, c and 2 more, each: is there"


def test_a_value_of_a_file_stays_on_one_line() -> None:
    found = changes(configuration(), read(counsellor=organisation(f'property_types: ["{"x" * 90}"]')))
    assert all("\n" not in str(each) and "x" * 70 not in str(each) for each in found)


def test_a_mailbox_under_another_name_is_told() -> None:
    text = "overrides: {receiving: {'PMode[1].BusinessInfo.MPC': urn:example:mpc}}"
    told = said({}, {"creditor": CREDITOR_YAML + text})
    assert told == [f"Incasso Proef: has to pull from the MPC urn:example:mpc instead of urn:knooppunt:mpc:{CREDITOR}"]


UNITS = """
units:
  - name: Afdeling
    party: "00000099000000002000:000000000077"
    certificates: {signing: [u-signing.pem], encryption: [u-encryption.pem]}
"""


def test_a_unit_joins_and_leaves_as_the_party_that_it_is() -> None:
    text = CREDITOR_YAML + UNITS.replace("00000099000000002000", CREDITOR)
    told = said({}, {"creditor": text})
    unit = f"{CREDITOR}:000000000077"
    assert told[0] == (
        f"Afdeling: joins as schuldeiser, a unit of Incasso Proef, with the mailbox urn:knooppunt:mpc:{unit}"
    )
    assert "Afdeling: may send and receive Schuldregeling 2.0" in told
    assert said({"creditor": text}, {}) == [f"Afdeling: {LEAVES}"]


def test_a_desk_that_joins_suspended_is_told_as_both() -> None:
    joins = COUNSELLOR_YAML + "access: desk\nsuspended: true\n"
    without = read({name: text for name, text in FILES.items() if name != "counsellor.yaml"})
    told = [each.sentence for each in changes(without, read(counsellor=joins))]
    assert told[:2] == [
        "joins as shv-fase-2, at a desk in the portal",
        "is suspended: it may neither push nor pull; what waits for it runs to its term",
    ]


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        ("production", "is for production: test parties are refused, and its clock has to be synchronised"),
        ("test", "is for tests: it takes test parties, and its clock need not be synchronised"),
    ],
)
def test_another_environment_is_told_with_what_it_means(now: Literal["production", "test"], sentence: str) -> None:
    found = configuration()
    was: Literal["production", "test"] = "test" if now == "production" else "production"
    told = changes(with_hub(found, environment=was), with_hub(found, environment=now))
    assert [str(each) for each in told] == [f"Knooppunt: {sentence}"]


def test_another_suite_is_told_of_whoever_has_it_and_of_the_hub() -> None:
    found = configuration()
    other = replace(found.hub.suite, name="other")
    creditor = found.by_party[CREDITOR]
    mine = replace(found, organisations=(replace(creditor, suite=other),))
    assert list(map(str, changes(replace(found, organisations=(creditor,)), mine))) == [
        "Incasso Proef: uses, for what comes and goes from now on, the suite other instead of as4-1.15-rsa"
    ]
    assert list(map(str, changes(found, with_hub(found, suite=other)))) == [
        "Knooppunt: answers strangers, and by default participants, in the suite other instead of as4-1.15-rsa"
    ]


def with_hub(found: Configuration, **changed: Any) -> Configuration:
    return replace(found, hub=replace(found.hub, **changed))
