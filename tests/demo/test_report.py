"""A report is good only when every fact is as expected, and when there are facts."""

from __future__ import annotations

from gateway.demo.report import Report


def test_a_report_without_facts_does_not_hold() -> None:
    assert not Report(lambda _line: None).holds


def test_one_fact_that_is_not_as_expected_is_told_and_spoils_the_report() -> None:
    told: list[str] = []
    report = Report(told.append)
    report.fact("messages", expected=10, found=10)
    assert report.holds
    report.fact("payloads left", expected=0, found=1)
    assert not report.holds
    assert told == ["NOT as expected: payloads left: 1 instead of 0"]
