"""The script that installs what the foreign judges need says what is lacking, and is an error only where CI is set."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "prepare.sh"
TOOLS = ("sh", "dirname", "sed", "cut", "cat", "sha256sum", "rm", "mkdir", "chmod", "cp", "grep", "tr")
# A program that is a javac of release 17, a Node of release 20, and a Maven that writes a class path of nothing,
# whichever it is asked to be.
STAND_IN = """echo javac 17.0.1
[ "$*" != --version ] || echo v20.1.0
for each in "$@"; do
    case $each in -Dmdep.outputFile=*) echo /dev/null >"${each#*=}" ;; esac
done"""
OTHERS = "maven strace xmlsec1 chromium fonts-dejavu-core nodejs npm python3 python3-venv"


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH without a JDK and without a Python, on which nobody is root."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    program(folder, "id", "echo 1000")
    program(folder, "apt-get", "exit 1")
    program(folder, "apt-cache", "exit 0")
    return folder


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def prepare(path: Path, environment: Path, ci: str = "") -> subprocess.CompletedProcess[str]:
    peers = {
        "KNOOPPUNT_AS4_PEER": str(environment),
        "KNOOPPUNT_PHASE4_PEER": str(environment.parent / "phase4"),
        "KNOOPPUNT_OIDC_PEER": str(environment.parent / "oidc"),
        "KNOOPPUNT_JUDGES": str(environment.parent / "judges"),
    }
    variables = {"PATH": str(path), "CI": ci, **peers}
    return subprocess.run(["sh", str(SCRIPT)], env=variables, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def made(bare_path: Path, tmp_path: Path) -> Path:
    """The environment of the as4 package, as if it had been made of today's lock."""
    environment = tmp_path / "as4"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(bare_path / "sh")
    lock = (SCRIPT.parent / "as4_peer" / "requirements.lock").read_bytes()
    (environment / "lock.sha256").write_text(hashlib.sha256(lock).hexdigest())
    return environment


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)], ids=["at a desk", "in CI"])
def test_what_is_lacking_is_named_with_the_one_command_that_installs_it(
    bare_path: Path, tmp_path: Path, ci: str, code: int
) -> None:
    done = prepare(bare_path, tmp_path / "as4", ci)
    assert done.returncode == code
    for thing in ("a JDK of release 17", "Maven", "strace", "xmlsec1", "Chromium", "Node of release 20", "Python 3.11"):
        assert f"there is no {thing}" in done.stderr
    command = f"prepare: as root: apt-get install openjdk-17-jdk-headless {OTHERS}"
    assert done.stderr.splitlines()[-1] == command


@pytest.mark.parametrize("known", [True, False], ids=["JDK 17", "a later release of the system"])
def test_root_installs_all_of_it_by_one_call(bare_path: Path, made: Path, tmp_path: Path, known: bool) -> None:
    calls = tmp_path / "calls"
    program(tmp_path, "stand-in", STAND_IN)
    program(bare_path, "id", "echo 0")
    program(bare_path, "apt-cache", f"exit {0 if known else 100}")
    names = "java javac mvn strace xmlsec1 chromium node npm python3"
    program(
        bare_path,
        "apt-get",
        f'echo "$@" >> {calls}\n[ "$1" = install ] || exit 0\n'
        f"for name in {names}; do cp {tmp_path}/stand-in {bare_path}/$name; done",
    )
    done = prepare(bare_path, made, "true")
    assert (done.returncode, done.stderr) == (0, "")
    jdk = "openjdk-17-jdk-headless" if known else "default-jdk-headless"
    installs = f"install -y -qq --no-install-recommends {jdk} {OTHERS}"
    assert calls.read_text().splitlines() == ["update -qq", installs]


def test_what_is_there_is_left_alone(bare_path: Path, made: Path) -> None:
    for name in ("java", "javac", "mvn", "strace", "xmlsec1", "chromium", "node", "npm", "python3"):
        program(bare_path, name, STAND_IN)
    prepare(bare_path, made, "true")
    program(bare_path, "mvn", "exit 1")
    done = prepare(bare_path, made, "true")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["prepare: everything is there"]


def test_a_product_that_its_registry_does_not_have_is_said_and_is_no_error(bare_path: Path, made: Path) -> None:
    for name in ("java", "javac", "strace", "xmlsec1", "chromium", "npm", "python3"):
        program(bare_path, name, "echo javac 21.0.2")
    program(bare_path, "node", "echo v22.0.0")
    program(bare_path, "mvn", "echo '[ERROR] Could not find artifact phase4-lib'; exit 1")
    done = prepare(bare_path, made, "true")
    assert done.returncode == 0
    assert "NOT SERVED TODAY: phase4" in done.stderr
    assert "Could not find artifact phase4-lib" in (made.parent / "phase4" / "not-served").read_text()


def test_judges_of_the_desk_that_npm_does_not_have_are_said(bare_path: Path, made: Path) -> None:
    for name in ("java", "javac", "mvn", "strace", "xmlsec1", "chromium", "node", "python3"):
        program(bare_path, name, STAND_IN)
    program(bare_path, "npm", "echo 'npm error 404 Not Found'; exit 1")
    done = prepare(bare_path, made, "true")
    assert done.returncode == 1
    assert "npm could not install the judges of the desk: npm error 404 Not Found" in done.stderr


def test_an_openid_provider_that_npm_does_not_have_is_said_and_is_no_error(bare_path: Path, made: Path) -> None:
    for name in ("java", "javac", "mvn", "strace", "xmlsec1", "chromium", "node", "python3"):
        program(bare_path, name, STAND_IN)
    program(bare_path, "npm", 'case $3 in *oidc) echo "npm error 404 Not Found"; exit 1 ;; esac')
    done = prepare(bare_path, made, "true")
    assert done.returncode == 0
    assert "NOT SERVED TODAY: oidc-provider" in done.stderr
    assert "404 Not Found" in (made.parent / "oidc" / "not-served").read_text()


def fetch_whole_products(path: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    variables = {
        "PATH": str(path),
        "CI": "true",
        "KNOOPPUNT_KEYCLOAK": str(folder / "keycloak"),
        "KNOOPPUNT_VERSITYGW": str(folder / "versitygw"),
    }
    command = ["sh", str(SCRIPT.parent.parent / "interop_full" / "prepare.sh")]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=60)


def test_a_whole_product_that_its_registry_does_not_have_is_said_and_is_no_error(
    bare_path: Path, tmp_path: Path
) -> None:
    program(bare_path, "mvn", "echo '[ERROR] Could not find artifact keycloak-quarkus-dist'; exit 1")
    program(bare_path, "go", "echo 'go: downloading something'; echo 'module lookup disabled'; exit 1")
    program(bare_path, "head", 'read -r line; echo "$line"')
    program(bare_path, "soffice", "exit 0")
    done = fetch_whole_products(bare_path, tmp_path)
    assert done.returncode == 0
    assert "NOT SERVED TODAY: keycloak; its tests are skipped" in done.stderr
    assert "NOT SERVED TODAY: versitygw; its tests are skipped. Go says: module lookup disabled" in done.stderr
    assert not (tmp_path / "versitygw" / "version").exists()
    assert "Could not find artifact" in (tmp_path / "keycloak" / "not-served").read_text()
    assert not (tmp_path / "keycloak" / "version").exists()


def test_a_package_of_the_system_that_is_missing_is_named_and_is_an_error(bare_path: Path, tmp_path: Path) -> None:
    (tmp_path / "keycloak").mkdir()
    (tmp_path / "keycloak" / "version").write_text("26.4.0\n")
    done = fetch_whole_products(bare_path, tmp_path)
    assert (done.returncode, "there is no Go" in done.stderr) == (1, True)
    (tmp_path / "versitygw" / "version").write_text("1.8.0\n")
    done = fetch_whole_products(bare_path, tmp_path)
    assert (done.returncode, "apt-get install libreoffice-calc-nogui" in done.stderr) == (1, True)
    program(bare_path, "soffice", "exit 0")
    assert fetch_whole_products(bare_path, tmp_path).returncode == 0


def test_a_whole_product_of_other_octets_than_were_written_down_is_not_unpacked(
    bare_path: Path, tmp_path: Path
) -> None:
    copied = 'case $each in -DoutputDirectory=*) echo other >"${each#*=}/keycloak-quarkus-dist-26.4.0.zip" ;; esac'
    program(bare_path, "mvn", f'for each in "$@"; do {copied}; done')
    done = fetch_whole_products(bare_path, tmp_path)
    assert done.returncode == 1
    assert "is not the Keycloak that these tests were written for" in done.stderr
    assert not (tmp_path / "keycloak" / "version").exists()
