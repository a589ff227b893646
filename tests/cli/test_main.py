"""Every noun of the command line exists, explains itself, and speaks JSON."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway.cli.main import COMMANDS, main


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
    facts = json.loads(made.output)
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
    keys = {row["key"] for row in json.loads(ended.output)}
    assert {"hub.public_url", "data.directory", "keys.signing_key", "pmodes.folder"} <= keys


def test_a_participant_folder_that_is_none_is_refused_with_what_to_do(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["pull", "--as", str(tmp_path), "--json"])
    assert ended.exit_code == 2
    assert "knooppunt pki new" in json.loads(ended.output)["error"]
