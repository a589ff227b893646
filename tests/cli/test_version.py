"""knooppunt version: which release this is, and a list of its parts that a scanner reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import gateway.cli.parts as telling
from gateway.cli.main import main

LOCK = Path(__file__).parents[2] / "requirements.lock"


def told(*words: str) -> str:
    ended = CliRunner().invoke(main, ["version", *words], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def bill() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(told("--cyclonedx"))
    return found


def test_without_more_it_names_the_release() -> None:
    assert told() == f"knooppunt {telling.release()}\n"
    facts = json.loads(told("--json"))["facts"]
    assert facts == {"version": telling.release(), "parts": None, "cyclonedx": None}


def test_the_list_is_that_of_the_lock_and_of_the_scripts_that_browsers_are_served() -> None:
    pinned = [line.partition(" ")[0] for line in LOCK.read_text("utf-8").splitlines() if "==" in line[:60]]
    vendored = json.loads(telling.VENDORED.read_text("utf-8"))
    listed = json.loads(told("--parts", "--json"))["facts"]["parts"]
    assert [f"{each['name']}=={each['version']}" for each in listed] == [
        *pinned,
        *(f"{each['name']}=={each['version']}" for each in vendored),
    ]
    text = told("--parts")
    assert all(each["name"] in text for each in listed)


def test_the_document_is_one_of_cyclonedx_and_the_same_each_time() -> None:
    text = told("--cyclonedx")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert text == told("--cyclonedx")
    spoilt = json.dumps({**json.loads(text), "no-such-key": 1})
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(spoilt) is not None


def test_each_part_stands_in_it_once_and_is_needed_by_what_the_lock_says() -> None:
    found = bill()
    refs = [each["bom-ref"] for each in found["components"]]
    needs = {each["ref"]: each["dependsOn"] for each in found["dependencies"]}
    assert len(refs) == len(set(refs))
    assert set().union(*map(set, needs.values())) == set(refs)
    ours = found["metadata"]["component"]["bom-ref"]
    (aiohttp,) = [each for each in refs if each.startswith("pkg:pypi/aiohttp@")]
    assert aiohttp in needs[ours]
    assert any(each.startswith("pkg:pypi/yarl@") for each in needs[aiohttp])
    assert not any(each.startswith("pkg:pypi/yarl@") for each in needs[ours])


def test_scripts_of_others_stand_in_it_with_licence_and_the_hash_of_each_file() -> None:
    (fflate,) = [each for each in bill()["components"] if each["purl"].startswith("pkg:npm/fflate@")]
    assert fflate["licenses"] == [{"license": {"id": "MIT"}}]
    hashes = {each["name"]: each["hashes"][0]["content"] for each in fflate["components"]}
    assert {len(each) for each in hashes.values()} == {96}
    assert "fflate.js" in hashes


def test_an_image_lists_the_packages_of_its_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "PACKAGES", tmp_path)
    (tmp_path / "libc6").write_text(
        "Package: libc6\nVersion: 2.36-9+deb12u9\nArchitecture: amd64\nDescription: C library\n more\n", "utf-8"
    )
    last = bill()["components"][-1]
    assert (last["name"], last["version"]) == ("libc6", "2.36-9+deb12u9")
    assert last["purl"] == "pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(told("--cyclonedx")) is None


def test_another_version_in_the_place_of_a_part_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"aiohttp": "9.9.9", "apsw": None}
    monkeypatch.setattr(telling, "_installed", lambda name: there.get(name, "1"))
    listed = {each["name"]: each for each in json.loads(told("--parts", "--json"))["facts"]["parts"]}
    assert (listed["aiohttp"]["is_installed"], listed["aiohttp"]["installed_instead"]) == (True, "9.9.9")
    assert (listed["apsw"]["is_installed"], listed["apsw"]["installed_instead"]) == (False, None)
    assert "9.9.9 instead" in told("--parts")
