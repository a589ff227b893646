"""A hub in its container, started once: by docker where its daemon runs, and in the root of the image without it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import pytest
from support.absent import lacks
from support.hubs.processes import new_site

ROOT: Final = Path(__file__).parents[2]
USER: Final = 10001
PYTHON: Final = "/usr/bin/python3.11"
START_SECONDS: Final = 60.0
# Root, settings, data and program as a container has them: nothing can be written but data, by a user without rights.
IN_ITS_ROOT: Final = """
set -e
mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"
mount --bind "$2" "$1/etc/knooppunt"; mount -o remount,ro,bind "$1/etc/knooppunt"
mount --bind "$3" "$1/var/lib/knooppunt"
mount -t proc proc "$1/proc"
exec env -i LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    chroot --userspec=10001:10001 "$1" /opt/knooppunt/.venv/bin/python -B -m gateway.cli serve /etc/knooppunt/hub.toml
"""


def run(*words: str) -> str:
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=900, cwd=ROOT, env=alone)
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    return ended.stdout


@pytest.fixture
def port() -> int:
    """Of the monitoring listener."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def mounted(tmp_path: Path, port: int) -> tuple[Path, Path]:
    """Settings and data of a hub, as the user of the image has them."""
    folder = new_site(tmp_path / "site", ()).settings.parent
    text = (folder / "hub.toml").read_text("utf-8")
    text = text.replace('directory = "data"', 'directory = "/var/lib/knooppunt/data"\ncreate = true')
    (folder / "hub.toml").write_text(f"{text}\n[monitoring]\nport = {port}\n", "utf-8")
    shutil.rmtree(folder / "data")
    data = tmp_path / "kept"
    data.mkdir(mode=0o700)
    for each in (folder, *folder.rglob("*"), data):
        shutil.chown(each, USER, USER)
    return folder, data


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def is_ready(port: int, started: subprocess.Popen[str]) -> bool:
    deadline = monotonic() + START_SECONDS
    while monotonic() < deadline and started.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
        sleep(0.2)
    return False


@pytest.mark.soak
def test_a_hub_serves_in_the_root_of_its_image_which_it_cannot_write(
    tmp_path: Path, mounted: tuple[Path, Path], port: int
) -> None:
    if os.geteuid() != 0 or not all(map(shutil.which, ("apt-get", "dpkg-deb", "unshare", PYTHON))):
        lacks("debian")
    root, source = tmp_path / "root", tmp_path / "source"
    run("sh", "deploy/rootfs.sh", str(root))
    venv = root / "opt" / "knooppunt" / ".venv"
    run(PYTHON, "-m", "venv", str(venv))
    pip = (str(venv / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "install", "--require-hashes", "-r", "requirements.lock")
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "tests", "docs", "bench", "build", "*.egg-info"))
    run(*pip, "install", "--no-deps", str(source))
    assert not [*root.glob("*bin/*sh"), *root.glob("usr/*bin/*sh")], "there is no shell in it"
    folder, data = mounted
    with process("unshare", "--mount", "sh", "-c", IN_ITS_ROOT, "sh", str(root), str(folder), str(data)) as started:
        assert is_ready(port, started), started.stdout and started.stdout.read()
        status = Path(f"/proc/{started.pid}/status").read_text("ascii").splitlines()
        assert f"Uid:\t{USER}\t{USER}\t{USER}\t{USER}" in status
        assert f"CapEff:\t{0:016x}" in status
        started.terminate()
        assert started.wait(60) == 0
    assert (data / "data" / "store.db").exists()


@pytest.mark.soak
def test_a_hub_serves_in_a_container(mounted: tuple[Path, Path], port: int) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "info"], capture_output=True, check=False).returncode != 0:
        lacks("docker")
    run(str(docker), "build", "-f", "deploy/Containerfile", "-t", "knooppunt-tested", ".")
    folder, data = mounted
    rights = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "host", "--rm")
    volumes = ("-v", f"{folder}:/etc/knooppunt:ro", "-v", f"{data}:/var/lib/knooppunt")
    with process(str(docker), "run", *rights, *volumes, "knooppunt-tested") as started:
        assert is_ready(port, started), started.stdout and started.stdout.read()
        started.terminate()
        assert started.wait(60) == 0
