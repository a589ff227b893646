"""What an administrator is reminded of besides certificates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.configuration.pmode_files import COUNSELLOR_YAML, FILES, catalogue, load

from pmodes.files import read_configuration
from pmodes.reminders import reminders

NOW = datetime(2026, 7, 1, 10, tzinfo=UTC)
IN_PRODUCTION = {
    name: text.replace("environment: test", "environment: production").replace("00000099", "00000004")
    for name, text in FILES.items()
}
SIGNED = "agreements: {connection: 2025-01-02, processing: 2025-01-03}\n"


def told(files: dict[str, str]) -> list[str]:
    found = read_configuration(files, catalogue=catalogue(), load=load)
    return [str(each) for each in reminders(found, NOW)]


def test_in_production_nobody_takes_part_who_has_not_signed() -> None:
    signed = {name: text if name == "hub.yaml" else text + SIGNED for name, text in IN_PRODUCTION.items()}
    assert told(signed) == []
    one = {**signed, "unit.yaml": IN_PRODUCTION["unit.yaml"] + "agreements: {connection: 2025-01-02}\n"}
    sentence = "there is no date of its verwerkersovereenkomst; write the day it was signed"
    assert told(one) == [f"unit.yaml:9: agreements.processing: {sentence}"]


def test_for_tests_nobody_signs() -> None:
    assert told(dict(FILES)) == []


@pytest.mark.parametrize(
    ("versions", "sentence"),
    [
        ('[{version: "2.0", until: 2026-12-31}]', None),
        (
            '[{version: "2.0", until: 2026-07-30}]',
            "Schuldregeling 2.0 ends on 2026-07-30, and no other version is active after it",
        ),
        ('["1.1", {version: "2.0", until: 2026-07-30}]', "Schuldregeling 2.0 ends on 2026-07-30"),
        ('[{version: "2.0", until: 2026-06-30}]', "Schuldregeling 2.0 has ended, on 2026-06-30; take it out"),
        ('[{version: "2.0", until: 2026-07-31}]', None),
    ],
)
def test_a_module_version_that_ends_within_a_month_is_told(versions: str, sentence: str | None) -> None:
    text = COUNSELLOR_YAML.replace('["1.1", "2.0"]', versions)
    found = told({**FILES, "counsellor.yaml": text})
    at = "counsellor.yaml:5: modules.Schuldregeling"
    assert [each for each in found if not each.startswith(at)] == []
    assert [each.partition("]: ")[2] for each in found] == ([] if sentence is None else [sentence])
