"""In CI a test that did not run is a test that failed: whatever skips has to say why, and there nothing may.

But for the reference data, which is not part of the project: where it is absent, the summary of the run says in
capitals what was not compared with it.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from support.reference import ABSENT, FOLDER

IN_CI = bool(os.environ.get("CI"))


def _may_not_skip(report: pytest.TestReport | pytest.CollectReport) -> bool:
    """Anything but a comparison with reference data that is not here; a table made of it is an empty one then."""
    why = str(report.longrepr)
    without_data = ABSENT in why or (not FOLDER.exists() and "empty parameter set" in why)
    return IN_CI and report.skipped and not without_data


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not compared."""
    if not FOLDER.exists():
        count = len(terminalreporter.stats.get("skipped", []))
        terminalreporter.section("THE REFERENCE DATA IS ABSENT", red=True)
        terminalreporter.line(
            f"{count} TESTS DID NOT RUN: there is no folder {FOLDER}; KNOOPPUNT_REFERENCE may name another."
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where CI is set."""
    report = yield
    if _may_not_skip(report):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} did not run, and in CI none may be skipped: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that skips itself while it is read."""
    report = yield
    if _may_not_skip(report):
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} did not run, and in CI none may be skipped: {report.longrepr}"
    return report
