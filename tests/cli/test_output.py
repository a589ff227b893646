"""Tables on a terminal of any width, and in a pipe."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.cli import output
from gateway.cli.output import print_table

COLUMNS = ("party", "when", "message id")
IDENTIFIER = "7b4809c1-25c8-4725-8596-92dd64a0348e@knooppunt.invalid"
ROW = ("00000099000001001000", "2026-11-22 03:24:59Z", IDENTIFIER)


def on_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(output, "terminal_columns", lambda: columns)


def test_in_a_pipe_a_row_is_one_line_however_long(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 5000
    print_table("", COLUMNS, [(*ROW[:2], long)], empty="")
    assert any(ROW[0] in line and line.endswith(long) for line in capsys.readouterr().out.splitlines())


def test_what_fits_the_terminal_is_a_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    on_terminal(monkeypatch, 120)
    print_table("", COLUMNS, [ROW], empty="")
    assert any(all(each in line for each in ROW) for line in capsys.readouterr().out.splitlines())


def test_what_does_not_fit_is_a_block_for_each_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_terminal(monkeypatch, 72)
    print_table("", COLUMNS, [ROW, ("", None, "b\nc")], empty="")
    assert capsys.readouterr().out == (
        f"\n  party       {ROW[0]}\n  when        {ROW[1]}\n  message id  {ROW[2]}\n"
        "\n  message id  b\n              c\n\n"
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(columns=20, rows=[("", " 0 00", ""), (" 0 0 0", "", "0" * 15)])
@given(
    columns=st.integers(min_value=20, max_value=160),
    rows=st.lists(st.tuples(*(st.from_regex(r"\A[a-z0-9-]{0,40}( [a-z0-9-]{1,12}){0,3}\Z") for _ in COLUMNS)),
                  min_size=1, max_size=4),
)  # fmt: skip
def test_no_word_is_ever_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], columns: int, rows: list[tuple[str, ...]]
) -> None:
    on_terminal(monkeypatch, columns)
    print_table("", COLUMNS, rows, empty="")
    written = capsys.readouterr().out.split()
    assert all(word in written for row in rows for text in row for word in text.split())
