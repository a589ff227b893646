"""What holds for every run of the tests: the folder says the kind, nothing is skipped in silence, and no assertion is
timed.

In CI a test that did not run is a test that failed: whatever skips has to say why, and there nothing may. But for the
reference data, which is not part of the project, for a foreign product that its registry does not have today, and for
the few things of the machine that `support.absent` names: where one is absent, the summary of the run says in capitals
what was not compared with it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import rsa
from support.absent import NOT_HERE, NOT_SERVED
from support.documents.json_contract import hold
from support.keys.pooled import drawing_from, reading_from
from support.published.reference import ABSENT, FOLDER
from support.store.postgres import PostgresServer, joined

from crypto import keys
from gateway.cli.hardening import PERTURB

IN_CI = bool(os.environ.get("CI"))
HERE = Path(__file__).parent
KINDS = ("browser", "interop", "interop_full", "docs", "soak", "store")
"""Folders of tests that are a run of their own; the mark of the same name is theirs."""
SKIPPED = os.environ.get("KNOOPPUNT_SKIPPED", "")
"""The file to which a run adds what it skipped, for whoever tells it once for several runs."""

# An example that took long says something of the machine and nothing of the product. A property has as many examples as
# an ordinary run has time for: what they find, the first of them find.
hypothesis.settings.register_profile("untimed", hypothesis.settings.default, deadline=None, max_examples=40)
hypothesis.settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """What is told once elsewhere is not told here, and who starts the run in the background changes no test."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's way; every process of a test would inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if SKIPPED:
        config.option.reportchars = config.option.reportchars.replace("a", "fEX").replace("s", "")


def pytest_xdist_auto_num_workers() -> int:
    """Two workers on a core: half of its time a test waits, for a process that starts, a disk, or a deadline."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the kind that its folder is for."""
    for item in items:
        folder = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
        if folder in KINDS:
            item.add_marker(folder)


@pytest.fixture(scope="session", autouse=True)
def _keys_are_drawn_from_a_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One for all processes of a run, and for all runs where a folder is named."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "rsa-keys"
    folder = Path(os.environ.get("KNOOPPUNT_KEY_POOL", folder))
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rsa, "generate_private_key", drawing_from(folder))
        patched.setattr(keys, "load_pem_private_key", reading_from(folder, keys.load_pem_private_key))
        yield


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One server for all processes of a run."""
    base = tmp_path_factory.getbasetemp()
    with joined((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "postgres") as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database for one test, as settings name it."""
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def _a_hub_starts_once() -> Iterator[None]:
    """Where memory is overwritten from the beginning no hub starts itself anew for it; tests of that take it out."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(PERTURB, "165")
        yield


def _may_not_skip(report: pytest.TestReport | pytest.CollectReport) -> bool:
    """Anything but a comparison with what is no part of the project; a table made of absent data is an empty one."""
    why = str(report.longrepr)
    without_data = ABSENT in why or (not FOLDER.exists() and "empty parameter set" in why)
    return IN_CI and report.skipped and not without_data and not any(each in why for each in (NOT_SERVED, NOT_HERE))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not compared, and hand on what was skipped."""
    skipped = terminalreporter.stats.get("skipped", [])
    if hasattr(terminalreporter.config, "workerinput"):
        return  # a worker's tests are told by the process that has the workers
    if SKIPPED:
        _hand_on(Counter(_reason(report) for report in skipped), Path(SKIPPED))
        return
    for reason in sorted({_reason(report) for report in skipped if NOT_SERVED in str(report.longrepr)}):
        terminalreporter.section("A FOREIGN PRODUCT IS ABSENT", red=True)
        terminalreporter.line(reason)
    for reason in sorted({_reason(report) for report in skipped if NOT_HERE in str(report.longrepr)}):
        terminalreporter.section("NOT TRIED ON THIS MACHINE", red=True)
        terminalreporter.line(reason)
    if not FOLDER.exists():
        terminalreporter.section("THE REFERENCE DATA IS ABSENT", red=True)
        terminalreporter.line(
            f"{len(skipped)} TESTS DID NOT RUN: there is no folder {FOLDER}; KNOOPPUNT_REFERENCE may name another."
        )


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a test did not run, without where it says so."""
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return why.removeprefix("Skipped: ")


def _hand_on(reasons: Counter[str], file: Path) -> None:
    with file.open("a", encoding="utf-8") as written:
        for reason, count in reasons.items():
            written.write(json.dumps({"reason": reason, "count": count}) + "\n")


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


@pytest.fixture(scope="session", autouse=True)
def every_json_document_is_what_its_schema_says() -> Iterator[None]:
    """Whatever a test has a command print with --json is held against the schema of that command."""
    invoke, run = CliRunner.invoke, subprocess.run

    def invoked(self: CliRunner, cli: Any, args: Any = None, *rest: Any, **more: Any) -> Result:
        result = invoke(self, cli, args, *rest, **more)
        if "--json" in (args or ()) and "--help" not in args:
            hold(result.stdout)
        return result

    def ran(command: Any, *rest: Any, **more: Any) -> Any:
        ended = run(command, *rest, **more)
        ours = isinstance(command, list | tuple) and any(
            "knooppunt" in str(each) or each == "gateway.cli" for each in command
        )
        if ours and "--json" in command and ended.stdout:
            hold(ended.stdout if isinstance(ended.stdout, str) else ended.stdout.decode())
        return ended

    patch = pytest.MonkeyPatch()
    patch.setattr(CliRunner, "invoke", invoked)
    patch.setattr(subprocess, "run", ran)
    yield
    patch.undo()
