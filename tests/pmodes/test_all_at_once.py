"""A key that is needed and wrong in its form hides nothing that is wrong besides in the same file."""

from __future__ import annotations

import pytest
from support.configuration.pmode_files import COUNSELLOR, COUNSELLOR_YAML, HUB, HUB_YAML, complaints

SPOILT_ORGANISATION = """
name: Raad
party: "00000099000001001000"
roles: [nobody, 5]
modules: {Nothing: ["1[0]"], Schuldregeling: ["9.9"]}
certificates: {signing: [missing.pem], encryption: [certificates/counsellor-encryption.pem]}
acts_for: ["00000000000000000001"]
suite: none
overrides: {PMode.None: 1}
"""
OF_ITS_VALUES = {
    "roles[0]": "nobody", "modules.Nothing": "there is no module", "modules.Schuldregeling[0]": "there is no version",
    "certificates.signing[0]": "missing.pem", "suite": "there is no suite",
    "overrides.PMode.None": "no P-Mode parameter",
}  # fmt: skip


def line_of(key: str, text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"{key}:"))


@pytest.mark.parametrize(
    ("key", "written", "path"),
    [
        ("party", "party: 99000001002000", "party"),
        ("party", "party: {value: 7}", "party.value"),
        ("party", "party: []", "party"),
        ("name", "name: 5", "name"),
        ("name", "", "name"),
        ("roles", "roles: nobody", "roles"),
        ("roles", "roles: [5]", "roles[0]"),
        ("modules", "modules: 2.0", "modules"),
        ("certificates", "certificates: 5", "certificates"),
        ("certificates", "certificates: {signing: [missing.pem]}", "certificates.encryption"),
    ],
)
def test_whatever_key_of_an_organisation_is_wrong_in_form_all_others_are_complained_of(
    key: str, written: str, path: str
) -> None:
    text = SPOILT_ORGANISATION.replace(line_of(key, SPOILT_ORGANISATION), written)
    found = {each.path: each.sentence for each in complaints(counsellor=text) if each.file == "counsellor.yaml"}
    assert path in found
    expected = {each for each in OF_ITS_VALUES if not each.startswith(key)}
    if "missing.pem" in written:
        expected.add("certificates.signing[0]")
    assert expected <= set(found)
    for each in expected:
        assert OF_ITS_VALUES[each] in found[each]


def test_a_party_that_is_a_number_is_told_once_and_nothing_is_said_of_what_it_was_needed_for() -> None:
    told = complaints(counsellor=COUNSELLOR_YAML.replace(f'"{COUNSELLOR}"', "99000001002000"))
    assert [(each.path, each.sentence) for each in told if each.file == "counsellor.yaml"] == [
        ("party", "must be text; put it in quotes")
    ]


def test_the_file_of_the_hub_is_looked_through_as_well() -> None:
    text = HUB_YAML.replace(f'"{HUB}"', "99000001003000")
    text = text.replace(line_of("  signing", text), "  signing: [missing.pem]") + "suite: none\n"
    found = {each.path for each in complaints(hub=text) if each.file == "hub.yaml"}
    assert {"party", "certificates.signing[0]", "suite"} <= found


@pytest.mark.parametrize("text", ["", "5", "[a]", "- b", "name: [", "x: &a 1"])
def test_what_is_no_file_of_keys_is_told_as_before(text: str) -> None:
    assert complaints(counsellor=text)
