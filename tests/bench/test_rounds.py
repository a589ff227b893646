"""What is made of rounds: the median, how far they lie apart, whose turn it is, and ratios of like with like."""

from __future__ import annotations

import pytest

from bench.alternating import Round, cpu_facts, load_facts
from bench.compare import ratio_of, row
from bench.machine import QUIET_CORES, busy_seconds
from bench.rounds import Spread, in_turns, ratio
from bench.station import WITH_RECEIPT, Used


def test_a_figure_of_several_rounds_is_their_median_and_how_far_they_lie_apart() -> None:
    found = Spread((3.0, 1.0, 9.0, 2.0, 4.0))
    assert found.text(1) == "3.0 (1.0 to 9.0)"
    assert found.facts() == {"median": 3.0, "least": 1.0, "most": 9.0, "rounds": [3.0, 1.0, 9.0, 2.0, 4.0]}


def test_a_ratio_is_made_within_each_round_before_the_median_is_taken() -> None:
    """A machine that was twice as slow in one round was so for both; a ratio of the medians would be 1.5."""
    assert ratio([2.0, 6.0, 3.0], [1.0, 2.0, 3.0]).rounds == (2.0, 3.0, 1.0)
    assert ratio([2.0, 6.0, 3.0], [1.0, 2.0, 3.0]).median == 2.0


@pytest.mark.parametrize(
    ("round_number", "order"), [(0, ["a", "b", "b", "a", "a", "b"]), (1, ["b", "a", "a", "b", "b", "a"])]
)
def test_turns_go_there_and_back_and_every_other_round_begins_from_the_other_end(
    round_number: int, order: list[str]
) -> None:
    turns = list(in_turns(("a", "b"), [7, 8, 9], round_number))
    assert [name for name, _ in turns] == order
    assert [size for _, size in turns] == [7, 7, 8, 8, 9, 9]


def used(transactions: int, push: float, pull: float, receipt: float) -> Used:
    return Used(transactions, {"push": push, "pull": pull, "receipt": receipt})


def test_slices_of_one_round_are_one_figure_by_all_their_transactions() -> None:
    """A mean over what was done, not a mean of means."""
    both = Used()
    both.add(used(30, push=0.3, pull=0.0, receipt=0.0))
    both.add(used(10, push=0.3, pull=0.04, receipt=0.08))
    assert both.microseconds("push") == pytest.approx(15_000)
    assert both.microseconds() == pytest.approx(18_000)


ROUNDS = [
    Round(
        used={"base": used(10, 0.02, 0.01, 0.01), "now": used(10, 0.01, 0.01, 0.01)},
        others_cores=0.02,
        load_average=1.5,
    ),
    Round(
        used={"base": used(10, 0.05, 0.02, 0.01), "now": used(10, 0.02, 0.02, 0.02)},
        others_cores=0.5,
        load_average=3.5,
    ),
]


def test_a_comparison_tells_how_many_times_the_base_the_new_program_is() -> None:
    assert ratio_of(ROUNDS).rounds == pytest.approx((0.75, 0.75))
    assert ratio_of(ROUNDS, "receipt").rounds == pytest.approx((1.0, 2.0))


def test_a_comparison_has_a_row_for_each_request_that_was_sent() -> None:
    bundled = Used(10, {"push": 0.02, WITH_RECEIPT: 0.01})
    found = row(4, [Round(used={"base": bundled, "now": bundled}, others_cores=0.0, load_average=1.0)])
    assert list(found["ratio"]) == ["transaction", "push", WITH_RECEIPT]
    assert list(row(4, ROUNDS)["ratio"]) == ["transaction", "push", "pull", "receipt"]


def test_the_facts_of_one_program_are_its_own_microseconds_by_request() -> None:
    found = cpu_facts(ROUNDS, "base")
    assert found["transactions"] == 20
    figures = found["cpu_microseconds"]
    assert isinstance(figures, dict)
    assert figures["transaction"]["rounds"] == pytest.approx([4_000, 8_000])
    assert figures["push"]["median"] == pytest.approx(3_500)


def test_one_busy_round_is_enough_for_a_machine_not_to_be_called_quiet() -> None:
    assert load_facts(ROUNDS)["quiet"] is False
    assert load_facts(ROUNDS[:1])["quiet"] is (ROUNDS[0].others_cores <= QUIET_CORES) is True
    assert load_facts(ROUNDS)["load_average"] == [1.5, 3.5]


def test_busy_is_all_that_was_not_idle_and_what_other_guests_of_the_host_took() -> None:
    """user nice system idle iowait irq softirq steal guest guest_nice; guests are in user already (proc_stat(5))."""
    assert busy_seconds("cpu  100 10 20 9999 8888 3 4 63 50 5\ncpu0 1 1 1 1 1 1 1 1 1 1\n", 100) == 2.0
