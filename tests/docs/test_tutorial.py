"""A newcomer who types what the tutorial says sees what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.documents.documents import DOCS, Step, assert_shown, plain, steps
from support.documents.two_machines import Machines

PAGE = DOCS / "tutorial" / "first-message.md"
STAYS_OPEN = ", stays open"
ONE_MACHINE = "one-machine"


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """Machines that nobody has touched; whatever they run ends with the test."""
    fresh = Machines(tmp_path)
    yield fresh
    fresh.kill()


def follow(step: Step, machines: Machines) -> None:
    """Type one step where it says, and compare; the demo need not hold on every machine."""
    if step.place.endswith(STAYS_OPEN):
        machine = step.place.removesuffix(STAYS_OPEN)
        assert_shown(step.shown, machines.leave_running(machine, step.commands, lines=len(plain(step.shown))))
        return
    first, *others = step.place.split(" and ")
    assert_shown(step.shown, machines.type(first, step.commands))
    for machine in others:
        machines.type(machine, step.commands.replace("make demo\n", ""))


def test_the_way_over_two_machines_is_as_it_is_told(machines: Machines) -> None:
    told = [each for each in steps(PAGE) if not each.place.startswith(ONE_MACHINE)]
    places = {each.place.removesuffix(STAYS_OPEN) for each in told}
    assert places == {"machine-a and machine-b", "machine-a", "machine-b"}
    for step in told:
        follow(step, machines)
    machines.interrupt()


def test_the_way_on_one_machine_is_as_it_is_told(machines: Machines) -> None:
    machines.type(ONE_MACHINE, "git clone ADDRESS knooppunt\ncd knooppunt\n")
    told = [each for each in steps(PAGE) if each.place.startswith(ONE_MACHINE)]
    assert told
    for step in told:
        follow(step, machines)
    machines.interrupt()
