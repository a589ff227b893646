"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import conformance
import crypto
import gateway
import knooppunt
import pmodes
import xsd

ROOMS = (conformance, crypto, gateway, knooppunt, pmodes, xsd)
TESTS = Path(__file__).parent
BENCH = TESTS.parent / "bench"


def sources() -> list[Path]:
    """Every module of the product, where it was imported from."""
    return [path for room in ROOMS for path in Path(str(room.__file__)).parent.rglob("*.py")]


def test_the_product_does_not_decide_anything_with_assert() -> None:
    """`python -O` drops asserts, and with them what they guard (OP-08)."""
    found = [
        f"{path}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assert)
    ]
    assert found == []


def test_no_file_is_longer_than_six_hundred_lines() -> None:
    """Tests and benchmarks are read like the rest."""
    others = [path for folder in (TESTS, BENCH) for path in folder.rglob("*.py")]
    assert [str(path) for path in (*sources(), *others) if len(path.read_text("utf-8").splitlines()) > 600] == []


def imported(path: Path) -> set[str]:
    """The packages that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_what_is_installed_with_the_product_is_imported_by_it() -> None:
    """What nobody imports is one more thing to keep safe, for nothing."""
    settings = ConfigParser()
    settings.read(TESTS.parent / "setup.cfg", "utf-8")
    wanted = {each.partition(">")[0].lower() for each in settings["options"]["install_requires"].split()}
    packages = set().union(*(imported(path) for path in sources()))
    of_package = packages_distributions()  # reads every installed file: once is enough
    distributions = {name.lower().replace("_", "-") for each in packages for name in of_package.get(each, ())}
    assert wanted - distributions == set()


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_module_says_what_it_is_for(room: object) -> None:
    silent = [
        str(path)
        for path in Path(str(room.__file__)).parent.rglob("*.py")  # type: ignore[attr-defined]
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_the_public_package_names_what_others_made_and_makes_nothing() -> None:
    """Whatever stands in a module of it was imported, and is listed as what it offers."""
    for path in Path(str(knooppunt.__file__)).parent.rglob("*.py"):
        document, *statements = ast.parse(path.read_text("utf-8")).body
        assert isinstance(document, ast.Expr)
        if not statements:
            continue
        *imports, offered = statements
        assert all(isinstance(each, ast.ImportFrom) for each in imports), path
        names = [each.asname or each.name for node in imports for each in node.names if node.module != "__future__"]  # type: ignore[attr-defined]
        assert isinstance(offered, ast.Assign), path
        assert (ast.unparse(offered.targets[0]), sorted(ast.literal_eval(offered.value))) == ("__all__", sorted(names))


# Names of classes that stand in two rooms, which do not see each other, for one and the same thing.
TOLD_TWICE = {
    "Accepted": "the message is durable: in the hub's store, in a participant's inbox",
    "FailedAuthentication": "EBMS:0101: as the security layer raises it, as the peer is told",
    "FailedDecryption": "EBMS:0102, likewise",
    "Opened": "what came out of the parts of a message: at the hub, at a participant",
    "PolicyNoncompliance": "EBMS:0103, likewise",
    "Signer": "whose key made a signature: the key at hand, the party whose it is",
}


def test_a_name_has_one_meaning_in_all_rooms() -> None:
    """A class named in two modules is two meanings of one name, unless the table says why it is one."""
    where: dict[str, set[Path]] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where.setdefault(node.name, set()).add(path)
    shipped = {name for name, paths in where.items() if all("generated" in path.parts for path in paths)}
    assert {name for name, paths in where.items() if len(paths) > 1} - shipped == TOLD_TWICE.keys()
