"""TOML as settings are written in it: what is refused before it costs, with its line."""

from __future__ import annotations

import pytest

from gateway.written.plain import Fault
from gateway.written.toml_text import MAX_LINE_CHARACTERS, read_toml

TOO_DEEP = "values are nested deeper than 16 levels"
TOO_LARGE = "no setting is so large a number"
TOO_LONG = f"the line is longer than {MAX_LINE_CHARACTERS} characters"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[hub]\na = " + "[" * 4_000, Fault((), 1, TOO_DEEP)),
        ("[hub]\na = " + "[\n" * 100_000, Fault((), 1, TOO_DEEP)),
        ("[hub]\na = " + "{a=" * 2_000, Fault((), 1, TOO_DEEP)),
        ("[hub]\n" + "a." * 400_000 + "a = 1", Fault((), 2, TOO_LONG)),
        ("[hub]\n[" + "a." * 400_000 + "a]", Fault((), 2, TOO_LONG)),
    ],
    ids=["a list", "a list over many lines", "tables", "a key of many words", "a section of many words"],
)
def test_what_would_cost_more_with_each_level_is_refused(text: str, fault: Fault) -> None:
    assert read_toml(text).faults == (fault,)


@pytest.mark.parametrize("levels", [16, 100, 300, 1_000, 3_000])
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ("{a=", "}")], ids=["lists", "tables"])
def test_nesting_that_is_closed_is_read_to_a_depth_and_refused_below_it(levels: int, opens: str, closes: str) -> None:
    over_lines = f"{opens}\n" if opens == "[" else opens  # so a list is deeper than a line is long
    faults = read_toml(f"[hub]\na = {over_lines * levels}1{closes * levels}").faults
    assert {each.sentence for each in faults} <= {TOO_DEEP, TOO_LONG}
    assert faults


@pytest.mark.parametrize("number", [str(2**63), "-" + "9" * 19, "9" * 4_301, "0x" + "f" * 8_000, "1_" * 4_301 + "1"])
def test_a_number_that_no_setting_has_is_refused_with_its_line(number: str) -> None:
    text = f"[hub]\nport = {number}"
    assert read_toml(text).faults[0].sentence == (TOO_LONG if len(text) > MAX_LINE_CHARACTERS else TOO_LARGE)
    assert read_toml(text).faults[0].line == 2


@pytest.mark.parametrize("number", [str(2**63), "9" * 5_000])
def test_what_is_too_large_or_too_deep_is_left_out_and_all_else_is_read(number: str) -> None:
    text = f"[a]\nlarge = {number}\nlist = [1, -{number}]\n[b]\ndeep = {'[' * 40}1{']' * 40}\nplain = 7\n[[c]]\nd = 1\n"
    read = read_toml(text)
    assert read.value == {"a": {"large": None, "list": [1, None]}, "b": {"deep": None, "plain": 7}, "c": [{"d": 1}]}
    assert set(read.faults) == {
        Fault(("a", "large"), 2, TOO_LARGE),
        Fault(("a", "list", 1), 3, TOO_LARGE),
        Fault(("b", "deep"), 5, TOO_DEEP),
    }


@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ("[\n", "]"), ("{a=", "}")])
@pytest.mark.parametrize("words", ["1", '"]] # [["', "'{'", '1, """ [[\n "] """', "1, # [[[\n 2"])
def test_however_deep_a_value_is_the_rest_of_the_file_is_read(opens: str, closes: str, words: str) -> None:
    if opens == "{a=":
        words = words.partition(",")[0]
    text = f"[a]\ndeep = {opens * 900}{words}{closes * 900}\nlarge = {2**63}\nplain = '[' # ]\n"
    read = read_toml(text)
    assert read.value == {"a": {"deep": None, "large": None, "plain": "["}}
    assert [(each.path, each.sentence) for each in read.faults] == [
        (("a", "deep"), TOO_DEEP),
        (("a", "large"), TOO_LARGE),
    ]
    assert read.faults[1].line == text[: text.index("large")].count("\n") + 1


def test_more_faults_than_anybody_mends_at_once_are_told_as_more() -> None:
    read = read_toml("[a]\n" + "".join(f"k{n} = {2**63}\n" for n in range(60)))
    assert read.value is None
    assert [each.sentence for each in read.faults] == [TOO_LARGE] * 50 + ["and more of this kind; mend these first"]


def test_what_a_setting_may_hold_is_read_as_deep_and_as_large_as_that_goes() -> None:
    deep = "[" * 14 + "1" + "]" * 14
    assert read_toml(f"[hub]\na = {deep}\nb = {2**63 - 1}").faults == ()


def test_a_line_of_the_longest_length_is_read() -> None:
    value = "x" * (MAX_LINE_CHARACTERS - len('a = ""'))
    assert read_toml(f'a = "{value}"').value == {"a": value}


def test_lines_that_end_with_a_carriage_return_alone_are_told_as_that() -> None:
    (fault,) = read_toml('[hub]\r\na = 1\nb = "x"\rc = 2\r').faults
    assert fault == Fault((), 3, "the line ends with CR alone; save the file with LF or CRLF at the end of each line")
