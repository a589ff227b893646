"""What long work in a thread leaves to the loop's thread: short turns, and no pause in which garbage is looked for."""

from __future__ import annotations

import gc
import sys
import threading

import pytest

from gateway.wiring.beside_traffic import TURN_SECONDS, beside_traffic


def test_turns_are_short_and_nothing_is_collected_while_it_goes_on_and_all_is_as_before_afterwards() -> None:
    turn = sys.getswitchinterval()
    assert turn > TURN_SECONDS
    with beside_traffic():
        assert (sys.getswitchinterval(), gc.isenabled()) == (pytest.approx(TURN_SECONDS), False)
    assert (sys.getswitchinterval(), gc.isenabled()) == (pytest.approx(turn), True)


def test_what_it_made_is_passed_over_by_the_collector_for_good() -> None:
    before = gc.get_freeze_count()
    with beside_traffic():
        made = [[each] for each in range(10_000)]
    assert gc.get_freeze_count() >= before + len(made)


def test_whatever_ends_it_all_is_as_before_and_the_next_may_begin() -> None:
    turn = sys.getswitchinterval()
    with pytest.raises(ValueError, match="no"), beside_traffic():
        raise ValueError("no")
    assert (sys.getswitchinterval(), gc.isenabled()) == (pytest.approx(turn), True)
    done = threading.Event()

    def again() -> None:
        with beside_traffic():
            done.set()

    thread = threading.Thread(target=again)
    thread.start()
    thread.join(20)
    assert done.is_set()
