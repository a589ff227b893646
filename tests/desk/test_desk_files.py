"""The files of the desk: a list of hashes that others' tools can check, and a map of hashes for browsers."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.desk_files import FOLDER, DeskFiles, read_desk_files

CHECKOUT = Path(__file__).parents[2] / "gateway" / "desk"


@pytest.fixture(scope="module")
def files() -> DeskFiles:
    return read_desk_files()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder of the desk that a test may spoil."""
    return Path(shutil.copytree(FOLDER, tmp_path / "desk"))


def test_what_is_installed_is_what_stands_in_the_checkout(files: DeskFiles) -> None:
    """Every file is packaged, and none is changed on the way: the file served is the file in git (PO-59)."""
    assert dict(files.files) == dict(read_desk_files(CHECKOUT).files)


def test_the_manifest_is_checked_by_sha384sum(files: DeskFiles) -> None:
    command = ["sha384sum", "--check", "--strict", "--quiet"]
    done = subprocess.run(command, cwd=FOLDER, input=files.manifest, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_manifest_names_every_file_that_is_served(files: DeskFiles) -> None:
    listed = {line.split("  ", 1)[1]: line.split("  ", 1)[0] for line in files.manifest.splitlines()}
    for path, each in files.served.items():
        assert listed[path] == hashlib.sha384(each.octets).hexdigest()


def test_one_octet_changed_changes_the_manifest_the_version_and_the_map_PO_59(files: DeskFiles, copied: Path) -> None:
    module = copied / "vendor" / "fflate" / "fflate.js"
    module.write_bytes(module.read_bytes() + b" ")
    changed = read_desk_files(copied)
    assert changed.version != files.version
    assert changed.import_map("/x/") != files.import_map("/x/")
    differing = set(changed.manifest.splitlines()) ^ set(files.manifest.splitlines())
    assert {line.split("  ", 1)[1] for line in differing} == {"vendor/fflate/fflate.js"}


def test_the_map_names_every_module_by_its_address_and_hash(files: DeskFiles) -> None:
    written = files.import_map("/desk/files/1/")
    named = json.loads(written.text)["integrity"]
    modules = {path for path in files.files if Path(path).suffix in (".js", ".mjs")}
    assert named.keys() == {f"/desk/files/1/{path}" for path in modules}
    for path in modules:
        expected = base64.b64encode(hashlib.sha384((FOLDER / path).read_bytes()).digest()).decode()
        assert named[f"/desk/files/1/{path}"] == f"sha384-{expected}"


def test_the_policy_names_the_map_by_its_own_hash(files: DeskFiles) -> None:
    written = files.import_map("/desk/")
    digest = base64.b64encode(hashlib.sha256(written.text.encode()).digest()).decode()
    assert written.csp_source == f"'sha256-{digest}'"


def test_the_map_cannot_end_the_element_that_it_stands_in(tmp_path: Path) -> None:
    (tmp_path / "<!--").mkdir()
    (tmp_path / "<!--" / "a.js").write_text("")
    assert "<" not in read_desk_files(tmp_path).import_map("/").text


def test_templates_and_types_are_not_served(tmp_path: Path) -> None:
    for name in ("page.html.j2", "types.d.mts", "LICENSE", "style.css", "one.js"):
        (tmp_path / name).write_text("")
    found = read_desk_files(tmp_path)
    assert found.files.keys() == {"page.html.j2", "types.d.mts", "LICENSE", "style.css", "one.js"}
    assert found.served.keys() == {"style.css", "one.js"}
