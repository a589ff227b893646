"""Every noun of the command line exists, explains itself, and speaks JSON."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support.documents.json_contract import FOLDER, schema_name, validator

from gateway.cli.main import COMMANDS, main
from gateway.cli.output import rfc3339


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that lead to it."""
    if not isinstance(command, click.Group):
        return [(path, command)]
    context = click.Context(command)
    found = []
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        assert inner is not None
        found += leaves(inner, (*path, name))
    return found


LEAVES = leaves(main)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_noun_of_the_table_is_a_command(name: str) -> None:
    assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=[" ".join(path) for path, _ in LEAVES])
def test_every_command_has_help_and_the_option_json(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help
    assert any("--json" in parameter.opts for parameter in command.params)


def test_pki_new_makes_a_site_and_refuses_to_make_it_again(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    arguments = ["pki", "new", str(folder), "--organisation", "Bank Eén:shv-fase-2,kredietbank", "--json"]
    made = CliRunner().invoke(main, arguments)
    assert made.exit_code == 0, made.output
    facts = json.loads(made.output)["facts"]
    assert [each["name"] for each in facts["organisations"]] == ["Bank Eén"]
    assert (folder / "participants" / "bank-een" / "participant.yaml").exists()
    key = folder / "participants" / "bank-een" / "signing.key"
    assert key.stat().st_mode & 0o777 == 0o600
    again = CliRunner().invoke(main, arguments)
    assert again.exit_code == 2
    assert "nothing was changed" in again.output


def test_a_role_that_does_not_exist_is_named_with_an_example(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["pki", "new", str(tmp_path / "x"), "--organisation", "Bank:koning"])
    assert ended.exit_code == 2
    assert "no such role: koning" in ended.output
    assert "for instance --organisation" in ended.output


def test_serve_without_settings_says_how_to_get_some() -> None:
    ended = CliRunner().invoke(main, ["serve"])
    assert ended.exit_code == 2
    assert "knooppunt pki new" in ended.output


def test_serve_prints_every_key_of_the_settings() -> None:
    ended = CliRunner().invoke(main, ["serve", "--reference", "--json"])
    keys = {row["key"] for row in json.loads(ended.output)["facts"]["settings"]}
    assert {"hub.public_url", "data.directory", "keys.signing[].key", "pmodes.folder"} <= keys


def test_a_participant_folder_that_is_none_is_refused_with_what_to_do(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["pull", "--as", str(tmp_path), "--json"])
    assert ended.exit_code == 2
    assert "knooppunt pki new" in json.loads(ended.output)["error"]


@pytest.mark.parametrize("path", [path for path, _ in LEAVES], ids=[" ".join(path) for path, _ in LEAVES])
def test_every_command_has_a_schema_for_what_it_prints_with_json(path: tuple[str, ...]) -> None:
    file = FOLDER / schema_name(" ".join(path))
    assert file.is_file(), f"{file} describes what `knooppunt {' '.join(path)} --json` prints"
    assert validator(" ".join(path)).schema["properties"]["command"] == {"const": " ".join(path)}


def test_every_schema_is_of_a_command_and_all_have_one_shape() -> None:
    words = {schema_name(" ".join(path)) for path, _ in LEAVES} | {"knooppunt.json"}
    assert {file.name for file in FOLDER.iterdir() if file.name.endswith(".json")} == words
    shapes = []
    for name in words:
        shape = json.loads((FOLDER / name).read_text("utf-8"))
        properties = {**shape["properties"], "command": None, "facts": None}
        shapes.append({**shape, "$id": None, "title": None, "properties": properties})
    assert all(each == shapes[0] for each in shapes)
    assert shapes[0]["required"] == ["command", "outcome", "error", "next", "facts"]


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("push", "--json"), "push"),
        (("push", "--nonsense", "--json"), "push"),
        (("message", "list", "--json", "--limit", "none"), "message list"),
        (("message", "nonsense", "--json"), "message"),
        (("nonsense", "--json"), ""),
        (("pull", "--as", "/nowhere/at.all", "--json"), "pull"),
        (("schema", "check", "/nowhere/at.all", "--json"), "schema check"),
        (("pki", "new", "/dev/null/x", "--json"), "pki new"),
    ],
)
def test_wrong_usage_is_a_json_document_too(words: tuple[str, ...], command: str) -> None:
    ended = CliRunner().invoke(main, list(words))
    said = json.loads(ended.stdout)
    assert (ended.exit_code, said["command"], said["outcome"]) == (2, command, "usage")
    assert said["error"]


def test_a_defect_is_a_json_document_and_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.schema.catalogue_of", lambda _folders: 1 // 0)
    ended = CliRunner().invoke(main, ["schema", "list", "--json"])
    said = json.loads(ended.stdout)
    assert (ended.exit_code, said["command"], said["outcome"]) == (1, "schema list", "defect")
    assert isinstance(ended.exception, ZeroDivisionError)


def test_moments_are_rfc_3339_in_utc() -> None:
    """RFC 3339 5.6."""
    there = datetime(2026, 3, 4, 11, 0, 0, 120_000, tzinfo=timezone(timedelta(hours=1)))
    assert rfc3339(there) == "2026-03-04T10:00:00.120000Z"


@pytest.mark.parametrize("words", [("status", "--hub"), ("store", "show", "--hub"), ("serve",)])
def test_settings_that_are_no_file_are_told_as_a_fault_of_the_file_and_not_of_the_command(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    ended = CliRunner().invoke(main, [*words, str(tmp_path)])
    assert ended.exit_code == 2
    assert "it is a folder, and should be a plain file" in ended.stderr
    assert "--help" not in ended.stderr
