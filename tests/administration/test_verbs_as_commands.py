"""A verb that names a command has that command by its declaration alone: arguments, sentence, answer, JSON document."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from support.documents import json_contract

from gateway.administration.administered import Administered
from gateway.administration.asking import Directly
from gateway.administration.verb import Verb, verb
from gateway.administration.verbs import VERBS
from gateway.cli import administration
from gateway.refused import Broken, Refused


@dataclass(frozen=True)
class Weight:
    of_party: str
    octets: int


async def weigh(_of: Administered, party: str, at: datetime) -> Weight:
    """Weigh what waits for a party."""
    return Weight(party, at.year)


async def weights(_of: Administered) -> tuple[Weight, ...]:
    """Weigh everything."""
    return (Weight("a", 1), Weight("b", 2))


async def forget(_of: Administered) -> None:
    """Forget it."""


async def refuse(_of: Administered) -> None:
    """Refuse."""
    raise Refused("it cannot be", "do another thing")


async def break_down(_of: Administered) -> None:
    """Break."""
    raise Broken("the disk is gone", "look at it")


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> click.Group:
    """The commands of a noun whose verbs are those above, with a hub that needs no settings."""

    @asynccontextmanager
    async def somewhere(_settings: object) -> AsyncIterator[Directly]:
        yield Directly(Administered(store=cast(Any, None), clock=cast(Any, None)))

    monkeypatch.setattr("gateway.wiring.administration.administration_of", somewhere)
    monkeypatch.setattr(administration, "settings_of", lambda path: path)
    group = click.Group("scales")
    works = (weigh, weights, forget, refuse, break_down)
    declared = {each.__name__: verb(each, command=f"scales {each.__name__}") for each in works}
    administration.add_commands("scales", group, {**declared, "other": verb(weigh, command="elsewhere weigh")})
    return group


def test_the_commands_of_a_noun_are_its_verbs(group: click.Group) -> None:
    assert sorted(group.commands) == ["break_down", "forget", "refuse", "weigh", "weights"]
    told = CliRunner().invoke(group, ["weigh", "--help"]).output
    assert "Weigh what waits for a party." in told
    assert "PARTY AT" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["weigh", "bank", "2026-03-01T00:00:00Z"], "of party  bank\noctets    2026\n"),
        (["forget"], "done\n"),
    ],
)
def test_an_answer_is_told_by_its_fields(group: click.Group, words: list[str], said: str) -> None:
    assert CliRunner().invoke(group, [*words, "--hub", "hub.toml"]).output == said


def test_an_answer_has_the_sentence_and_the_name_that_its_verb_gives_it(
    group: click.Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_contract, "validator", lambda _command: Draft202012Validator({}))
    heavy = verb(weigh, command="scales heavy", fact="weight", told=lambda weight: f"{weight.octets} octets of it")
    administration.add_commands("scales", group, {"heavy": heavy})
    words = ["heavy", "bank", "2026-03-01T00:00:00Z", "--hub", "hub.toml"]
    assert CliRunner().invoke(group, words).output == "2026 octets of it\n"
    facts = json.loads(CliRunner().invoke(group, [*words, "--json"]).stdout)["facts"]
    assert facts == {"weight": {"of_party": "bank", "octets": 2026}}


@pytest.mark.parametrize("each", [each for each in VERBS.values() if each.command], ids=lambda each: each.name)
def test_no_command_of_a_verb_prints_a_bare_answer(each: Verb) -> None:
    """A number or a word alone says nothing of what it counts or names."""
    assert each.told is not None or each.answer.json_schema().get("type") in ("object", "array", "null")


def test_a_list_of_answers_is_a_table(group: click.Group) -> None:
    lines = CliRunner().invoke(group, ["weights", "--hub", "hub.toml"]).output.split()
    assert [each for each in lines if not each.startswith("\u2500")] == ["of_party", "octets", "a", "1", "b", "2"]


def test_the_json_document_has_the_answer_as_it_is(group: click.Group, monkeypatch: pytest.MonkeyPatch) -> None:
    # No schema is shipped for what these tests make up; those of verbs that are shipped are generated from the verbs.
    monkeypatch.setattr(json_contract, "validator", lambda _command: Draft202012Validator({}))
    ended = CliRunner().invoke(group, ["weights", "--hub", "hub.toml", "--json"])
    facts = json.loads(ended.stdout)["facts"]
    assert facts == {"answer": [{"of_party": "a", "octets": 1}, {"of_party": "b", "octets": 2}]}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["refuse"], 1, "knooppunt: it cannot be\n  do another thing\n"),
        (["break_down"], 74, "knooppunt: the disk is gone\n  look at it\n"),
        (["weigh", "bank", "noon"], 2, "knooppunt: AT cannot be 'noon'\n"),
    ],
)
def test_a_refusal_has_its_exit_code_and_next_step(group: click.Group, words: list[str], code: int, said: str) -> None:
    ended = CliRunner().invoke(group, [*words, "--hub", "hub.toml"])
    assert (ended.exit_code, ended.stdout) == (code, "")
    assert ended.stderr.startswith(said)
