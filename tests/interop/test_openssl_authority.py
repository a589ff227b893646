"""An authority made by OpenSSL: its responder, its CRL, served on loopback; what it revokes is revoked here, too."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from support.clocks import StandingClock
from support.hubs.watching import Watching, source, watching

from crypto.certificates import Certificate, load_certificates

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        shutil.which("openssl") is None and not os.environ.get("CI"), reason="there is no openssl on this machine"
    ),
]
CONFIGURATION = """\
[ca]
default_ca = ours
[ours]
dir = .
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 5
default_crl_hours = 2
policy = any
crl_extensions = crl_ext
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
[crl_ext]
authorityKeyIdentifier = keyid:always
"""


class Authority:
    """`openssl ca` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "openssl.cnf").write_text(CONFIGURATION)
        (folder / "index.txt").write_text("")
        for name in ("serial", "crlnumber"):
            (folder / name).write_text("1000\n")
        request = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=OpenSSL authority")
        self.run(*request, "-keyout", "ca.key", "-out", "ca.pem", "-addext", "keyUsage=keyCertSign,cRLSign")
        for name in ("kept", "lost"):
            self.run("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                     "-out", f"{name}.csr")  # fmt: skip
            self.run("ca", "-batch", "-config", "openssl.cnf", "-in", f"{name}.csr", "-out", f"{name}.pem", "-notext")
        self.publish()

    def run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def certificate(self, name: str) -> Certificate:
        return load_certificates((self.folder / f"{name}.pem").read_bytes())[0]

    def revoke(self, name: str) -> None:
        self.run("ca", "-config", "openssl.cnf", "-revoke", f"{name}.pem", "-crl_reason", "keyCompromise")

    def publish(self) -> None:
        self.run("ca", "-config", "openssl.cnf", "-gencrl", "-out", "ca.crl")

    def watching(self, *, crl: str | None = None, ocsp: str | None = None) -> Watching:
        clock = StandingClock(at=datetime.now(UTC))
        asked = [self.certificate(name) for name in ("kept", "lost")]
        named = source(crl, ocsp, issuer=self.certificate("ca"))
        data = Path(tempfile.mkdtemp(dir=self.folder))
        return watching(data, named, asked=asked, clock=clock)

    def states(self, watched: Watching) -> dict[str, str | None]:
        return {name: watched.state(self.certificate(name)) for name in ("kept", "lost")}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("authority")
    return Authority(folder)


@asynccontextmanager
async def responder(authority: Authority) -> AsyncIterator[str]:
    """`openssl ocsp`, as a server; it reads the index when it starts."""
    words = ("ocsp", "-index", "index.txt", "-port", "0", "-rsigner", "ca.pem", "-rkey", "ca.key", "-CA", "ca.pem")
    process = await asyncio.create_subprocess_exec(
        "openssl", *words, "-nmin", "60", cwd=authority.folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            line = (await process.stdout.readline()).decode("ascii")
        found = re.search(r":(\d+) ", line)
        assert found, line
        yield f"http://127.0.0.1:{found[1]}/"
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def files(authority: Authority) -> AsyncIterator[str]:
    """The folder, served over plain HTTP."""
    handler = partial(_Quiet, directory=str(authority.folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ca.crl"
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


async def test_what_openssl_revokes_is_revoked_here_by_its_responder_and_by_its_crl(authority: Authority) -> None:
    async with files(authority) as crl:
        by_crl = authority.watching(crl=crl)
        await by_crl.watch.look()
        assert authority.states(by_crl) == {"kept": "good", "lost": "good"}
        async with responder(authority) as ocsp:
            by_ocsp = authority.watching(ocsp=ocsp)
            await by_ocsp.watch.look()
            assert authority.states(by_ocsp) == {"kept": "good", "lost": "good"}
        authority.revoke("lost")
        authority.publish()
        for each in (by_crl, by_ocsp):
            each.clock.move(timedelta(minutes=60))
        await by_crl.watch.look()
        assert authority.states(by_crl) == {"kept": "good", "lost": "revoked"}
        async with responder(authority) as ocsp:
            again = authority.watching(ocsp=ocsp)
            await again.watch.look()
            assert authority.states(again)["lost"] == "revoked"
            assert "key" in str(again.log.of("certificate_revoked")[0]["detail"]).lower()
    by_crl.clock.move(timedelta(minutes=61))
    await by_crl.watch.look()
    assert authority.states(by_crl) == {"kept": "stale", "lost": "revoked"}
