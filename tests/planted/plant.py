"""Puts one planted fault after the other into a copy of the checkout and asks the tests of its rooms: they find it, or
they do not.

Run by `make planted`, two faults at once on each core, for tests wait a lot. Each is looked for first where its words
stand, for what is found soon ends soon; every test of its rooms is asked before one counts as not found. Prints a line
per fault and ends with 1 when one was not found.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
COPIED = (
    "gateway",
    "crypto",
    "pmodes",
    "xsd",
    "conformance",
    "knooppunt",
    "bench",
    "docs",
    "tests",
    "deploy",
    "requirements.lock",
    "setup.cfg",
    "tox.ini",
    "pyproject.toml",
)
FAULTS = Path(__file__).with_name("faults.toml")
LONGEST_SECONDS = 1800
_WORD = re.compile(r"[a-z0-9]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One change of one file: `was` stands in it exactly once. `rooms` are the tests that have to see it."""

    name: str
    file: str
    was: str
    becomes: str
    rooms: tuple[str, ...]

    def plant(self, checkout: Path) -> None:
        """Change the file there; raises `LookupError` where the text does not stand exactly once."""
        path = checkout / self.file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if text.count(self.was) != 1:
            raise LookupError(f"{self.name}: the text stands {text.count(self.was)} times in {self.file}")
        path.write_text(text.replace(self.was, self.becomes), encoding="utf-8")


def read_faults(path: Path = FAULTS) -> tuple[Fault, ...]:
    """The list, in its order."""
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    return tuple(Fault(**{**each, "rooms": tuple(each["rooms"])}) for each in listed)


def nearest_first(fault: Fault, checkout: Path) -> list[str]:
    """The test files of its rooms, those first that share most words with the fault: its name, its file, its text."""
    words = set(_WORD.findall(f"{fault.name} {fault.file} {fault.was} {fault.becomes}".lower()))
    files: dict[Path, float] = {}
    for room in fault.rooms:
        for file in sorted((checkout / room).rglob("test_*.py")) if (checkout / room).is_dir() else [checkout / room]:
            held = set(_WORD.findall(file.read_text(encoding="utf-8").lower()))
            named = set(_WORD.findall(file.stem))
            files[file] = len(words & held) / len(held) ** 0.5 + len(words & named)
    return [str(each.relative_to(checkout)) for each in sorted(files, key=lambda each: -files[each])]


def copied(folder: Path) -> Path:
    """A copy of the checkout in that folder, as far as tests need it."""
    copy = folder / "checkout"
    copy.mkdir()
    for name in COPIED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, copy / name)
    return copy


def ask_tests(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run tests of that checkout; raises `subprocess.TimeoutExpired` where they hang."""
    reference = os.environ.get("KNOOPPUNT_REFERENCE", str(CHECKOUT.parent / "shared" / "reference"))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", *words],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout), "KNOOPPUNT_REFERENCE": reference},
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )


def find(fault: Fault) -> str | None:
    """The first test that failed over this fault, or that they hang, which nobody overlooks; None when all passed."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copy = copied(Path(folder))
        fault.plant(copy)
        try:
            ran = ask_tests(copy, "-x", *nearest_first(fault, copy))
        except subprocess.TimeoutExpired:
            return f"the tests were not done after {LONGEST_SECONDS} seconds"
    if ran.returncode == 0:
        return None
    failed = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if not failed:
        raise RuntimeError(f"the tests did not run:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    return failed[0].split(" ")[1]


def timed(fault: Fault) -> tuple[float, str | None]:
    """How many seconds it took, and what `find` gave."""
    began = time.monotonic()
    found = find(fault)
    return time.monotonic() - began, found


def main(words: list[str]) -> int:
    """Plant all faults, or those whose name holds one of the words."""
    missed = 0
    faults = [each for each in read_faults() if not words or any(word in each.name for word in words)]
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as looking:
        for number, (fault, (seconds, found)) in enumerate(zip(faults, looking.map(timed, faults), strict=True), 1):
            missed += found is None
            print(f"{number:3} {seconds:5.0f} s  {fault.name}: {found or 'NOT FOUND'}", flush=True)
    print(f"{len(faults) - missed} of {len(faults)} found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
