"""`knooppunt desk manifest` lists what is installed, and others' tools check it."""

from __future__ import annotations

import subprocess

from click.testing import CliRunner
from support.documents.json_contract import facts_of

from gateway.cli.main import main
from gateway.desk_files import FOLDER


def test_the_list_is_checked_by_sha384sum_in_the_folder_that_it_names_PO_59() -> None:
    told = CliRunner().invoke(main, ["desk", "manifest"])
    assert told.exit_code == 0
    folder = facts_of(CliRunner().invoke(main, ["desk", "manifest", "--json"]).output)["folder"]
    command = ["sha384sum", "--check", "--strict", "--quiet"]
    done = subprocess.run(command, cwd=folder, input=told.output, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_nothing_in_the_folder_is_left_out_of_the_list() -> None:
    facts = facts_of(CliRunner().invoke(main, ["desk", "manifest", "--json"]).output)
    lying = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    assert {each["path"] for each in facts["files"]} == lying
