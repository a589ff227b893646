"""What is taken for a test is refused in production, once for the line that says it."""

from __future__ import annotations

import pytest
from support.configuration.pmode_files import COUNSELLOR_YAML, FILES, catalogue, load

from gateway.written.complaints import ConfigurationFault
from pmodes.files import read_configuration
from pmodes.model import Leg
from pmodes.production import ENCRYPT

OFF = f"overrides: {{sending: {{'{ENCRYPT}': false}}}}\n"
UNIT = """\
units:
  - name: Testdrecht Noord
    party: "00000099000000001000:000000000077"
    certificates: {signing: [certificates/x-signing.pem], encryption: [certificates/x-encryption.pem]}
""".replace("00000099000000001000", COUNSELLOR_YAML.split('party: "')[1][:20])


def files(hub: str = "", counsellor: str = "", *, production: bool) -> dict[str, str]:
    texts = {**FILES, "hub.yaml": FILES["hub.yaml"] + hub, "counsellor.yaml": FILES["counsellor.yaml"] + counsellor}
    if not production:
        return texts
    real = {name: text.replace("00000099", "00000004") for name, text in texts.items()}
    return {**real, "hub.yaml": real["hub.yaml"].replace("environment: test", "environment: production")}


def complaints(texts: dict[str, str]) -> list[str]:
    try:
        read_configuration(texts, catalogue=catalogue(), load=load)
    except ConfigurationFault as fault:
        return [str(each) for each in fault.complaints]
    return []


@pytest.mark.parametrize(("hub", "counsellor"), [(OFF, ""), ("", OFF), ("", UNIT + OFF)], ids=["all", "one", "units"])
def test_messages_that_need_not_be_encrypted_are_for_tests(hub: str, counsellor: str) -> None:
    assert complaints(files(hub, counsellor, production=False)) == []
    (said,) = complaints(files(hub, counsellor, production=True))
    assert said.startswith("hub.yaml:" if hub else "counsellor.yaml:")
    assert f"{ENCRYPT} is off, and the hub's file says environment: production" in said


def test_production_takes_a_line_that_says_what_is_so_anyway() -> None:
    on = OFF.replace("false", "true")
    assert complaints(files(on, on, production=True)) == []


def test_what_is_taken_for_a_test_has_its_effect_there() -> None:
    texts = files(counsellor=OFF, production=False)
    found = read_configuration(texts, catalogue=catalogue(), load=load)
    counsellor = next(each for each in found.organisations if each.file == "counsellor.yaml")
    assert found.pmode(counsellor, None, Leg.SENDING).security.encrypt is False
