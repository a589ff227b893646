"""`knooppunt desk manifest` lists what is installed, and others' tools check it; signed, it is held beside a portal."""

from __future__ import annotations

import asyncio
import base64
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.documents.json_contract import facts_of
from support.portal.portals import running_portal

from gateway.cli.main import main
from gateway.client.own_desk.comparing import differences
from gateway.client.own_desk.upstream import open_session
from gateway.desk_files import FOLDER, DeskFiles, read_desk_files


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


def told(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["desk", "manifest", *map(str, words)])
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key and certificate of who signs, and of another, as somebody's own tools make them."""
    folder = tmp_path_factory.mktemp("pairs")
    for name in ("key", "other"):
        command = ["openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-subj", f"/CN={name}"]
        made = [*command, "-keyout", f"{name}.pem", "-out", f"{name}-cert.pem"]
        subprocess.run(made, cwd=folder, capture_output=True, check=True)
    return folder


@pytest.fixture
def signed(pairs: Path, tmp_path: Path) -> Path:
    """A folder with a signed list and the certificates."""
    shutil.copytree(pairs, tmp_path, dirs_exist_ok=True)
    code, text = told("--sign", tmp_path / "key.pem", "--certificate", tmp_path / "key-cert.pem")
    assert code == 0, text
    (tmp_path / "list").write_text(text, "utf-8")
    return tmp_path


def verified(folder: Path, *more: str | Path) -> tuple[int, str]:
    return told("--verify", folder / "list", "--certificate", folder / "key-cert.pem", *more)


def test_a_signed_list_holds_here_and_for_the_tools_of_others_PO_59(signed: Path) -> None:
    code, said = verified(signed)
    assert code == 0, said
    command = ["sha384sum", "--check", "--strict", "--quiet", str(signed / "list")]
    assert subprocess.run(command, cwd=FOLDER, check=False).returncode == 0
    body, _, value = (signed / "list").read_text("utf-8").rpartition("# signature ")
    (signed / "body").write_text(body, "utf-8")
    (signed / "value").write_bytes(base64.b64decode(value))
    public = subprocess.run(
        ["openssl", "x509", "-in", signed / "key-cert.pem", "-pubkey", "-noout"], capture_output=True, check=True
    ).stdout
    (signed / "public").write_bytes(public)
    command = ["openssl", "dgst", "-sha384", "-verify", "public", "-signature", "value", "body"]
    assert subprocess.run(command, cwd=signed, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("bend", [("  js/", "  jx/"), ("# signature ", "# signature AAAA"), ("est 1", "est 2")])
def test_a_list_that_was_changed_is_refused_PO_59(bend: tuple[str, str], signed: Path) -> None:
    list_ = signed / "list"
    list_.write_text(list_.read_text("utf-8").replace(*bend, 1), "utf-8")
    code, said = verified(signed)
    assert code == 1
    assert "list" in said


def test_another_signer_and_other_files_are_refused_PO_59(signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told("--verify", signed / "list", "--certificate", signed / "other-cert.pem")[0] == 1
    assert told("--sign", signed / "key.pem", "--certificate", signed / "other-cert.pem")[0] == 2
    monkeypatch.setattr("gateway.cli.desk_manifest.read_desk_files", lambda: bent("style.css"))
    code, said = verified(signed)
    assert code == 1
    assert "style.css" in said


def bent(path: str) -> DeskFiles:
    """The installed files, one of them longer by an octet."""
    files = dict(read_desk_files().files)
    files[path] = replace(files[path], octets=files[path].octets + b" ")
    return DeskFiles(files=files)


async def test_a_portal_that_serves_other_code_is_noticed_PO_59(signed: Path, tmp_path: Path) -> None:
    async with running_portal(tmp_path / "portal") as portal:
        url = f"http://127.0.0.1:{portal.port}"
        code, said = await asyncio.to_thread(verified, signed, "--portal", url)
        assert code == 0, said
        async with open_session() as session:
            assert await differences(url, read_desk_files(), session) == ()
            found = await differences(url, bent("js/pages/message.js"), session)
            assert found[0].startswith("start page: another list of hashes")
            assert "js/pages/message.js: is not served" in found
    code, said = await asyncio.to_thread(verified, signed, "--portal", url)
    assert code == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--name", "jansen.localhost"), "needs a certificate and its key"),
        (("--certificate", "key-cert.pem", "--key", "key.pem"), "needs a certificate and its key"),
        (("--name", "desk.example", "--certificate", "key-cert.pem", "--key", "key.pem"), "only this machine answers"),
        (("--name", "jansen.localhost", "--certificate", "key-cert.pem", "--key", "other.pem"), "cannot be used"),
    ],
)
def test_a_name_of_its_own_is_one_of_this_machine_with_a_certificate_and_its_key(
    pairs: Path, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(pairs)
    done = CliRunner().invoke(main, ["desk", "serve", "--portal", "https://portal.example", *given])
    assert done.exit_code == 2
    assert said in done.output
