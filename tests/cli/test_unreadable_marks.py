"""A file that remembers, of the time or of the store, and cannot be read: said by the start, and by a check before it,
in the same words, with the file, why, and what to do.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.hubs.hub import LogLines
from support.hubs.processes import new_site
from support.hubs.unprivileged import unprivileged
from support.keys.site_keys import copy_of
from support.longer import longer

import gateway.cli.serving as serving
from gateway.cli.main import main
from gateway.cli.output import DONE
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.wiring import OpenedHub
from gateway.wiring.opening import TIME_MARK

CONFIRM = "knooppunt store confirm-time --hub SETTINGS"
open_hub = serving.open_hub


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return new_site(tmp_path_factory.mktemp("marks") / "site", ())


@pytest.fixture
def site(pristine: Site, tmp_path: Path) -> Site:
    """A hub of its own for each test."""
    return copy_of(pristine, tmp_path / "site")


def check(site: Site, *more: str) -> Result:
    return CliRunner().invoke(main, ["pmode", "check", "--hub", str(site.settings), *more], catch_exceptions=False)


def garbage(path: Path) -> None:
    path.write_text("nothing")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (Path.mkdir, "it is a folder, and should be a plain file; move it away"),
        *longer((garbage, "it holds no mark of the time"), (os.mkfifo, "it is a pipe, and should be a plain file")),
    ],
    ids=["a folder", "garbage", "a pipe"],
)
async def test_a_mark_of_the_time_that_cannot_be_read_is_told_by_the_check_the_start_and_the_log(
    site: Site,
    spoil: Callable[[Path], None],
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mark = site.settings.parent / "data" / TIME_MARK
    spoil(mark)
    reason = f"the file that remembers the time is lost or cannot be read ({mark}: {why})"
    checked = check(site)
    assert (checked.exit_code, f"warning: the time is suspect: {reason}. " in checked.stderr) == (0, True)
    assert CONFIRM in checked.stderr
    (warning,) = json.loads(check(site, "--json").stdout)["facts"]["warnings"]
    assert f"warning: {warning}\n" in checked.stderr

    async def opened(*given: Any, **options: Any) -> OpenedHub:
        found = await open_hub(*given, **options)
        os.kill(os.getpid(), signal.SIGTERM)
        return found

    monkeypatch.setattr(serving, "open_hub", opened)
    log = LogLines()
    assert await serving.serve(read_settings(site.settings), log, False, 0.0) == DONE  # type: ignore[arg-type]
    assert f"knooppunt: warning: {warning}\n" in capsys.readouterr().err


async def test_the_log_of_a_hub_names_that_file(site: Site) -> None:
    mark = site.settings.parent / "data" / TIME_MARK
    garbage(mark)
    log = LogLines()
    opened = await open_hub(read_settings(site.settings), log=log, on_failure=lambda _fault: None)
    try:
        await opened.running.keeper.keep()
    finally:
        await opened.running.stop()
    (line,) = log.of("time_suspect")
    assert f"{mark}: it holds no mark of the time" in str(line["why"])


def test_a_mark_of_the_time_that_may_not_be_read_is_told_by_the_check_beside_what_else_is_wrong(site: Site) -> None:
    mark = site.settings.parent / "data" / TIME_MARK
    garbage(mark)
    mark.chmod(0)
    (site.settings.parent / "pmodes" / "wrong.yaml").write_text("name: [\n")
    ended = unprivileged("pmode", "check", "--hub", str(site.settings))
    assert (ended.returncode, f"({mark}: it cannot be read: Permission denied)" in ended.stderr) == (1, True)
    assert "wrong.yaml:2: " in ended.stderr


@pytest.fixture
def mark_folder(site: Site) -> Path:
    """A `data.mark` folder below one of its own."""
    folder = site.settings.parent / "outside" / "mark"
    folder.mkdir(parents=True, mode=0o700)
    site.settings.write_text(site.settings.read_text().replace("[data]\n", '[data]\nmark = "outside/mark"\n'))
    return folder


@pytest.mark.parametrize(
    ("closed", "mode", "said"),
    [
        ("", 0o500, "data.mark: {folder}: Permission denied; run: chmod 700 {folder}"),
        *longer(
            ("", 0o600, "data.mark: {folder}: Permission denied; run: chmod 700 {folder}"),
            ("..", 0o000, "data.mark: {folder}: Permission denied; have it and its folder given to you"),
        ),
    ],
    ids=["not to be written", "not to be entered", "below one that is closed"],
)
def test_a_folder_of_the_mark_that_is_closed_is_told_by_the_check_and_the_start(
    site: Site, mark_folder: Path, closed: str, mode: int, said: str
) -> None:
    (mark_folder / closed).chmod(mode)
    try:
        checked = unprivileged("pmode", "check", "--hub", str(site.settings))
        served = unprivileged("serve", str(site.settings))
    finally:
        (mark_folder / closed).chmod(0o700)
    for ended, code in ((checked, 1), (served, 2)):
        assert (ended.returncode, said.format(folder=mark_folder) in ended.stderr) == (code, True), ended.stderr


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda path: path.write_bytes(b"no mark!" * 1024), "it holds no mark of a store"),
        (Path.mkdir, "it is a folder, and should be a plain file"),
    ],
    ids=["garbage", "a folder"],
)
def test_a_mark_of_the_store_that_cannot_be_read_is_named_with_why(
    site: Site, mark_folder: Path, spoil: Callable[[Path], object], why: str
) -> None:
    mark = mark_folder / "store.mark"
    spoil(mark)
    checked = check(site)
    assert (checked.exit_code, f"its mark cannot be read ({mark}: {why}); put" in checked.stderr) == (1, True)
    assert "knooppunt store confirm-restored --hub SETTINGS" in checked.stderr
    confirmed = CliRunner().invoke(main, ["store", "confirm-restored", "--yes", "--hub", str(site.settings)])
    assert (confirmed.exit_code, check(site).exit_code) == (0, 0)
