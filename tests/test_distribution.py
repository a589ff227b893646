"""What the wheel tells whoever installs it: types, bounds of what it needs, and where to read on."""

from __future__ import annotations

import subprocess
import sys
from configparser import ConfigParser
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from support.documents.documents import DOCS, ROOT, python_blocks

ROOMS = ("conformance", "crypto", "gateway", "knooppunt", "pmodes", "xsd")
SCRIPT = """
from datetime import date

from pathlib import Path

from knooppunt.checking import Violation, load_catalogue
from knooppunt.client import load_participant
from knooppunt.messages.schuldregeling_2_0 import Geslacht, Persoon, Saldoverzoek

person = Persoon(geslacht=Geslacht.V, voorletters="K.", achternaam="Voorbeeldstra", geboortedatum=date(1982, 11, 5))
reveal_type(person.geboortedatum)
reveal_type(Saldoverzoek.from_xml(b"").vorderingen)
reveal_type(load_catalogue().message("Schuldregeling", "2.0", "Saldoverzoek"))
reveal_type(load_participant(Path()).party)
"""
WRONG = """
from knooppunt.messages.schuldregeling_2_0 import Geslacht, Persoon

Persoon(geslacht="V", voorletter="K.", achternaam="Voorbeeldstra")
"""


@pytest.fixture(scope="module")
def wheel() -> Distribution:
    """The installed wheel; a checkout on the path has no metadata."""
    try:
        found = distribution("knooppunt")
    except PackageNotFoundError:
        found = None
    if found is None or found.read_text("WHEEL") is None:
        pytest.skip("the wheel is not installed here; make tests installs it")
    return found


def test_the_wheel_holds_the_product_and_nothing_that_measures_or_tests_it(wheel: Distribution) -> None:
    folders = {str(each).partition("/")[0] for each in wheel.files or () if str(each).endswith(".py")}
    assert folders == set(ROOMS)


def checked(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """mypy in its strictest form over a user's script, in a folder where nothing of the checkout is."""
    (folder / "script.py").write_text(script, "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "cache"), "script.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


def test_every_package_ships_its_types(wheel: Distribution) -> None:
    shipped = {str(each) for each in wheel.files or ()}
    assert {f"{room}/py.typed" for room in ROOMS} <= shipped


@pytest.mark.parametrize(("page", "examples"), [("build-a-message-in-python", 3), ("send-and-collect-in-python", 2)])
def test_the_examples_of_the_documents_are_checked_strictly_against_the_wheel(
    wheel: Distribution, tmp_path: Path, page: str, examples: int
) -> None:
    """Whoever copies them gets no complaint."""
    found = python_blocks(DOCS / "how-to" / f"{page}.md")
    assert len(found) == examples
    done = checked(tmp_path, "\n".join(found))
    assert done.returncode == 0, done.stdout


def test_a_users_script_is_checked_strictly_against_the_wheel(wheel: Distribution, tmp_path: Path) -> None:
    """Names that are wrong are found, and types are those of the messages and not Any."""
    good = checked(tmp_path, SCRIPT)
    assert good.returncode == 0, good.stdout
    revealed = [line.rpartition("Revealed type is ")[2] for line in good.stdout.splitlines() if "Revealed" in line]
    assert len(revealed) == 4
    for part, line in zip(("datetime.date", "GevraagdeVordering", "MessageType", "str"), revealed, strict=True):
        assert part in line
    wrong = checked(tmp_path, WRONG)
    assert wrong.returncode == 1
    assert 'Unexpected keyword argument "voorletter"' in wrong.stdout
    assert 'Argument "geslacht"' in wrong.stdout


def test_the_metadata_say_where_to_read_on(wheel: Distribution) -> None:
    """Under a host that cannot exist (RFC 2606), because the project names no home of its own."""
    urls = dict(each.split(", ", 1) for each in wheel.metadata.get_all("Project-URL") or ())
    assert {"Documentation", "Changelog", "Security"} <= urls.keys()
    for url in urls.values():
        assert url.startswith("https://knooppunt.example/")
        assert (ROOT / url.removeprefix("https://knooppunt.example/")).exists()


def bounded(lines: str) -> dict[str, Requirement]:
    found = (Requirement(line) for line in lines.splitlines() if line.strip() and not line.startswith(("#", "-r")))
    return {each.name.lower(): each for each in found}


def test_everything_needed_has_a_lower_bound_and_the_lock_keeps_to_it() -> None:
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", "utf-8")
    extras = settings["options.extras_require"]
    needed = bounded("\n".join([settings["options"]["install_requires"], *extras.values()]))
    assert [name for name, each in needed.items() if not any(s.operator == ">=" for s in each.specifier)] == []
    assert bounded((ROOT / "requirements.in").read_text("utf-8")) == needed
    lock = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    locked = dict(line.split(" ")[0].split("==") for line in lock if "==" in line and line[0].isalnum())
    assert [name for name, each in needed.items() if not each.specifier.contains(locked[name])] == []
