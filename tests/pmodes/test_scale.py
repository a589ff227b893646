"""Thousands of organisations: the work of a message does not grow with them. Work is counted, not timed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from support.configuration.pmode_files import (
    CREDITOR,
    CREDITOR_YAML,
    DAY,
    HUB_YAML,
    catalogue,
    configuration,
    load,
    message,
    type_of,
)

import pmodes.configuration
from crypto.certificates import Certificate
from gateway.ebms.errors import ProcessingModeMismatch
from gateway.ebms.model import PartyId
from gateway.ebms.names import OIN_TYPE
from gateway.ebms.party_ids import oin_of
from pmodes.configuration import Configuration, configure
from pmodes.files import read_configuration
from pmodes.match import match_pull, match_user_message, receiver_of
from pmodes.model import Leg
from pmodes.trust import trust_contradictions

COUNT = 5_000


class Counting(Mapping[Any, Any]):
    """A mapping that counts look-ups and cannot be walked through."""

    def __init__(self, inner: Mapping[Any, Any]) -> None:
        self.inner = inner
        self.asked = 0

    def __getitem__(self, key: Any) -> Any:
        self.asked += 1
        return self.inner[key]

    def __iter__(self) -> Iterator[Any]:
        raise AssertionError("somebody walks through all organisations")

    def __len__(self) -> int:
        raise AssertionError("somebody counts all organisations")


def oin(number: int) -> str:
    return f"00000099{number + 1_000_000:09d}000"


@cache
def many() -> Configuration:
    """Creditors that differ in nothing but party id and mailbox."""
    like = configuration().by_party[CREDITOR]
    organisations = [
        replace(
            like,
            name=f"Schuldeiser {number}",
            file=f"{number}.yaml",
            party_ids=(PartyId(value=oin(number), type=OIN_TYPE),),
            mpc=f"urn:knooppunt:mpc:{oin(number)}",
        )
        for number in range(COUNT)
    ]
    return configure(configuration().hub, organisations, catalogue=catalogue())


def test_matching_looks_up_and_never_walks() -> None:
    everyone = many()
    names = ("by_party", "by_mpc", "mailboxes", "senders")
    counting = {name: Counting(getattr(everyone, name)) for name in names}
    watched = replace(everyone, organisations=(), templates={}, derived={}, **counting)
    sent = message(oin(4_321), oin(1_234), action="SaldoverzoekAntwoord")
    assert match_user_message(watched, sent, DAY).organisation.party_id == oin(4_321)
    with pytest.raises(ProcessingModeMismatch):
        receiver_of(watched, sent, type_of(sent), DAY)  # a creditor takes no answers
    assert receiver_of(watched, message(oin(1), oin(1_234)), type_of(message()), DAY).party_id == oin(1_234)
    assert match_pull(watched, f"urn:knooppunt:mpc:{oin(777)}") is everyone.organisations[777]
    assert {name: each.asked for name, each in counting.items()} == {
        "by_party": 0, "by_mpc": 1, "mailboxes": 2, "senders": 1,
    }  # fmt: skip


def test_pmodes_are_derived_when_asked_for_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for name in ("derive", "template"):
        real = getattr(pmodes.configuration, name)

        def counted(*arguments: Any, _real: Any = real, _name: str = name, **named: Any) -> Any:
            calls.append(_name)
            return _real(*arguments, **named)

        monkeypatch.setattr(pmodes.configuration, name, counted)
    everyone = replace(many(), templates={}, derived={})
    assert calls == []
    sent = message(oin(1), action="SaldoverzoekAntwoord")
    first = match_user_message(everyone, sent, DAY)
    assert match_user_message(everyone, sent, DAY) is first
    assert calls == ["template", "derive"]


def test_what_is_kept_of_derived_pmodes_has_an_upper_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pmodes.configuration, "_ROOM", 50)
    everyone = replace(many(), templates={}, derived={})
    for organisation in everyone.organisations[:200]:
        assert everyone.pmode(organisation, None, Leg.SENDING).organisation is organisation
        assert len(everyone.derived) <= 50
        assert len(everyone.templates) <= 50


def test_a_full_room_of_derived_pmodes_lets_go_of_the_oldest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pmodes.configuration, "_ROOM", 50)
    everyone = replace(many(), templates={}, derived={})
    found = [everyone.pmode(each, None, Leg.SENDING) for each in everyone.organisations[:51]]
    assert list(everyone.derived.values()) == found[1:]
    assert len(everyone.templates) == 50


def test_reading_files_loads_each_certificate_once() -> None:
    asked: list[str] = []

    def spy(path: str) -> tuple[Certificate, ...]:
        asked.append(path)
        return load(path)

    texts = {
        f"{number}.yaml": CREDITOR_YAML.replace(CREDITOR, oin(number)).replace("creditor-", f"creditor-{number}-")
        for number in range(100)
    }
    found = read_configuration({"hub.yaml": HUB_YAML, **texts}, catalogue=catalogue(), load=spy)
    assert len(found.organisations) == 100
    assert len(asked) == len(set(asked)) == 3 * 100 + 2


def test_each_party_is_looked_at_once_however_many_a_root_vouches_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(value: str) -> str | None:
        asked.append(value)
        return oin_of(value)

    monkeypatch.setattr("pmodes.trust.oin_of", counted)
    organisations = [replace(each, trust="roots", acts_for=()) for each in many().organisations[:300]]
    assert list(trust_contradictions(None, organisations)) == []
    assert len(asked) == len(organisations)
