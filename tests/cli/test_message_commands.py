"""knooppunt message: what it says of what was done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import gateway.cli.message as message_commands
from gateway.cli.main import main
from gateway.store.model import KeyLost

THUMBPRINT = "a" * 64


def expire(*options: str) -> Result:
    arguments = ["message", "expire", THUMBPRINT, "--hub", "hub.toml", *options]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def lost(
    *, known: bool = True, notified: int = 0, unnotified: int = 0, overtaken: int = 0, postponed: int = 0
) -> KeyLost:
    return KeyLost(
        known=known, notified=notified, unnotified=unnotified, overtaken=overtaken, postponed=postponed
    )  # fmt: skip


@pytest.mark.parametrize(
    ("became", "code", "said"),
    [
        (lost(notified=1), 0, "1 message ended, with a notice to its sender\n"),
        (lost(notified=7), 0, "7 messages ended, each with a notice to its sender\n"),
        (
            lost(notified=2, unnotified=1),
            0,
            "3 messages ended, 2 with a notice to its sender; of 1 nobody can be told\n",
        ),
        (
            lost(notified=2, overtaken=3),
            0,
            "2 messages ended, each with a notice to its sender; 3 ended meanwhile otherwise, by a receipt or their"
            " term\n",
        ),
        (lost(), 0, "nothing waits under that certificate any more\n"),
        (lost(known=False), 1, "no message here was ever sealed to a certificate with this thumbprint"),
        (
            lost(notified=1, postponed=2),
            1,
            "2 messages could not be ended now, and wait as before; 1 message ended, with a notice to its sender",
        ),
        (lost(postponed=1), 1, "1 message could not be ended now, and wait as before; no message was ended"),
    ],
    ids=["one", "several", "nobody to tell", "overtaken", "nothing waits", "unknown", "postponed", "nothing but that"],
)
def test_expire_says_what_was_done_and_no_more(
    became: KeyLost, code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(_settings: Path, _work: Callable[..., object], _sealed_to: str) -> KeyLost:
        return became

    monkeypatch.setattr(message_commands, "ask", ask)
    told = expire()
    assert told.exit_code == code
    assert said in (told.stdout if code == 0 else told.stderr)
    told = expire("--json")
    assert told.exit_code == code
    assert json.loads(told.stdout)["facts"] == {
        "expired": became.notified + became.unnotified,
        "notified": became.notified,
        "overtaken": became.overtaken,
        "postponed": became.postponed,
    }


@pytest.mark.parametrize("option", ["--from", "--to", "--reference", "--conversation", "--sealed-to"])
def test_an_empty_filter_is_refused_for_it_would_let_everything_through(tmp_path: Path, option: str) -> None:
    ended = CliRunner().invoke(main, ["message", "list", "--hub", str(tmp_path / "hub.toml"), option, ""])
    assert ended.exit_code == 2
    assert "it is empty" in ended.stderr
