"""versitygw as a product of others runs it: a process of its own that speaks S3 and keeps objects as files."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final, Self

from interop.foreign import NotServed, PrerequisiteMissing
from support.store.objects import KEY_ID, SECRET_KEY

HERE: Final = Path(__file__).parent
VERSITYGW: Final = Path(os.environ.get("KNOOPPUNT_VERSITYGW", HERE.parent.parent / ".tox" / "versitygw"))
START_SECONDS: Final = 60


class Versitygw:
    """The server, as long as a test session lasts."""

    def __init__(self) -> None:
        reason = VERSITYGW / "not-served"
        if reason.exists():
            raise NotServed(f"versitygw: {reason.read_text().strip()}")
        if not (VERSITYGW / "version").exists():
            raise PrerequisiteMissing("versitygw is missing: run make interop-full")
        self.files = Path(tempfile.mkdtemp())
        port = _free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [VERSITYGW / "versitygw", "--port", f"127.0.0.1:{port}", "posix", self.files],
            env={**os.environ, "ROOT_ACCESS_KEY": KEY_ID, "ROOT_SECRET_KEY": SECRET_KEY},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._wait_until_it_listens(port)
        except BaseException:
            self.__exit__()
            raise

    def make_bucket(self, name: str) -> None:
        """A bucket is a folder."""
        (self.files / name).mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)
        shutil.rmtree(self.files, ignore_errors=True)

    def _wait_until_it_listens(self, port: int) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise RuntimeError(f"versitygw ended with code {self._process.returncode}")
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"versitygw does not listen after {START_SECONDS} seconds")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
