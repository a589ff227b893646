"""Failpoints: armed by the environment, nothing without it, refused where a hub serves."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from support.store.engines import ENGINES

import gateway
from gateway.failpoints import POINTS, FailpointReached, FailpointRefused, compile_failpoint, refuse_unless_allowed

STORE = Path(gateway.__file__).parent / "store"  # an engine is a folder there, of its own name


def test_without_the_variable_nothing_happens() -> None:
    reach = compile_failpoint(None)
    for name in POINTS:
        reach(name)


@pytest.mark.parametrize("engine", ENGINES)
def test_each_point_is_one_place_in_the_code_and_no_place_has_a_name_that_is_not_declared(engine: str) -> None:
    """In an engine, or in what all of them share."""
    others = [STORE / each for each in ENGINES if each != engine]
    places = Counter(
        name
        for file in STORE.parent.rglob("*.py")
        if not any(file.is_relative_to(each) for each in others)
        for name in re.findall(r"failpoints\.reach\(([^)]*)\)", file.read_text("utf-8"))
    )
    passed = ENGINES[engine].passes - {name for name in POINTS if places[f'"{name}"']}
    assert places == Counter(f'"{name}"' for name in POINTS.keys() - passed)


def test_at_each_point_some_test_kills_a_process() -> None:
    tests = Path(__file__).parents[1]
    armed = {
        name
        for file in tests.rglob("test_*.py")
        if file != Path(__file__)
        for name in re.findall(r'"([A-Z]\d+\.(?:before|after)):\d+(?::kill)?"', file.read_text("utf-8"))
    }
    assert armed == POINTS.keys()


def test_the_nth_time_at_the_named_point_counts() -> None:
    reach = compile_failpoint("A8.after:2:raise")
    reach("A8.after")
    reach("A8.before")
    with pytest.raises(FailpointReached):
        reach("A8.after")
    reach("A8.after")


@pytest.mark.parametrize(
    "setting",
    ["", "A8", "A8.after", "A8.after:1", "A7.between:1:kill", "A8.after:0:kill", "A8.after:x:kill", "A8.after:1:sleep"],
)
def test_a_setting_that_names_nothing_is_refused(setting: str) -> None:
    with pytest.raises(FailpointRefused):
        compile_failpoint(setting)


def test_a_program_that_serves_refuses_a_failpoint_that_nobody_allowed() -> None:
    refuse_unless_allowed({})
    refuse_unless_allowed({"KNOOPPUNT_FAILPOINT": "A8.after:1:kill", "KNOOPPUNT_FAILPOINTS_ALLOWED": "1"})
    for allowed in ({}, {"KNOOPPUNT_FAILPOINTS_ALLOWED": "yes"}, {"KNOOPPUNT_FAILPOINTS_ALLOWED": ""}):
        with pytest.raises(FailpointRefused):
            refuse_unless_allowed({"KNOOPPUNT_FAILPOINT": "A8.after:1:kill"} | allowed)
