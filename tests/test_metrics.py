"""The table of metrics: its labels are closed lists, the same as those of the rooms that they tell of."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import get_args

import pytest

from gateway.ebms import errors
from gateway.events import EVENTS
from gateway.jobs.time_guard import GROUNDS
from gateway.metrics import CODES, METRICS, OTHER, Counted, Durations, Metric, Sample, of_each
from gateway.msh.later import CAUSES
from gateway.store.model import State
from gateway.store.portal.model import RequestKind
from pmodes.validity import Use


def codes_of(error: type[errors.EbmsError]) -> set[str]:
    """The codes of all classes below it."""
    below = error.__subclasses__()
    return {each.code for each in below if hasattr(each, "code")}.union(*(codes_of(each) for each in below))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("knooppunt_events_total", set(EVENTS)),
        ("knooppunt_postponed_total", {*CAUSES, OTHER}),
        ("knooppunt_refused_total", {*codes_of(errors.EbmsError), OTHER}),
        ("knooppunt_messages", set(State)),
        ("knooppunt_time_suspect", {*GROUNDS, OTHER}),
        ("knooppunt_certificate_days_left", set(get_args(Use))),
        ("knooppunt_requests_waiting", {*RequestKind, OTHER}),
    ],
)
def test_the_values_of_a_label_are_those_of_the_room_that_it_tells_of(name: str, values: set[str]) -> None:
    assert set(METRICS[name].values) == values
    assert len(METRICS[name].values) == len(values)


def test_no_label_has_more_than_a_list_of_values_and_none_names_who_or_which_message_LG_06() -> None:
    labels = {each.label: each for each in METRICS.values() if each.label}
    assert labels.keys() == {"version", "event", "cause", "code", "state", "mark", "listener", "ground", "use", "kind",
                             "part"}  # fmt: skip
    assert [each for each in labels.values() if not each.values] == [METRICS["knooppunt_info"]]
    assert max(len(each.values) for each in labels.values()) == len(EVENTS)


@pytest.mark.parametrize("name", METRICS)
def test_names_are_as_prometheus_has_them(name: str) -> None:
    metric: Metric = METRICS[name]
    assert re.fullmatch(r"(?:knooppunt|process)_[a-z]+(?:_[a-z]+)*", name)
    assert name.endswith("_total") == (metric.kind == "counter")
    assert metric.tells.endswith(".")


def test_what_a_field_of_an_event_holds_makes_no_label_of_its_own_LG_06() -> None:
    counted = Counted(lambda _event, /, **_fields: None, lambda: datetime(2026, 3, 2, tzinfo=UTC))
    for code in ("EBMS:0004", "EBMS:0004", "<evil/>", None):
        counted("refused", code=code)
    counted("postponed", cause="store")
    found = {(each.name, each.label): each.value for each in counted.samples()}
    of_codes = {label: value for (name, label), value in found.items() if name == "knooppunt_refused_total"}
    assert of_codes == {**dict.fromkeys(CODES, 0), "EBMS:0004": 2, OTHER: 2}
    assert found["knooppunt_postponed_total", "store"] == 1
    assert found["knooppunt_events_total", "refused"] == 4


def test_durations_are_counted_in_classes_up_to_their_bounds() -> None:
    durations = Durations((0.01, 0.1))
    assert (durations.up_to(), durations.within(0.99)) == ((0, 0, 0), None)
    for seconds in (0.001, 0.01, 0.05, 7.0):
        durations(seconds)
    assert (durations.up_to(), durations.count, durations.slowest_seconds) == ((2, 3, 4), 4, 7.0)
    assert (durations.within(0.5), durations.within(0.75), durations.within(0.99)) == (0.01, 0.1, 7.0)


def test_a_metric_has_a_line_for_each_value_and_sums_what_it_does_not_know() -> None:
    found = list(of_each("knooppunt_requests_waiting", [("unit", 1.0), ("unit", 1.0), ("new", 1.0), ("newer", 1.0)]))
    assert [each.label for each in found] == list(METRICS["knooppunt_requests_waiting"].values)
    assert [each for each in found if each.value] == [
        Sample("knooppunt_requests_waiting", 2.0, "unit"),
        Sample("knooppunt_requests_waiting", 2.0, OTHER),
    ]
