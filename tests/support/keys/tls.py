"""Certificates for TLS on loopback, valid by the real clock and that of the tests, and contexts for kinds of client.

folder = tls_folder()                       # made once a process
tls_context(folder.server(minimum="1.3"))   # what the hub listens with
folder.client("valid"), folder.client("absent"), folder.client("stranger")
"""

from __future__ import annotations

import atexit
import shutil
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from support.keys.pki import NOW

from crypto.certificates import thumbprint_sha256
from crypto.pki import Authority, Issued, Usage, certificates_pem, issue, new_authority, private_key_pem
from gateway.edge.tls import TlsFiles

CLIENTS = {"valid": "ours", "other": "ours", "stranger": "theirs"}  # client -> who issued its certificate


@dataclass(frozen=True)
class TlsFolder:
    """PEM files of a server, an authority for clients, and some clients."""

    path: Path
    issued: dict[str, Issued]

    def server(self, **changed: Any) -> TlsFiles:
        """What the hub listens with."""
        return TlsFiles(certificate=str(self.path / "server.pem"), key=str(self.path / "server.key"), **changed)

    @property
    def client_authority(self) -> str:
        """The authority whose clients are let in."""
        return str(self.path / "ours.pem")

    def thumbprint(self, client: str) -> str:
        """SHA-256 of a client's certificate."""
        return thumbprint_sha256(self.issued[client].certificate).hex()

    def client(
        self,
        certificate: str = "absent",
        *,
        versions: tuple[ssl.TLSVersion, ssl.TLSVersion] | None = None,
        ciphers: str | None = None,
    ) -> ssl.SSLContext:
        """A client that checks the server; with `versions` it offers only those from the first to the second."""
        context = ssl.create_default_context(cafile=str(self.path / "ours.pem"))
        if certificate != "absent":
            context.load_cert_chain(self.path / f"{certificate}.pem", self.path / f"{certificate}.key")
        if ciphers is not None:
            context.set_ciphers(ciphers)
        if versions is not None:
            context.minimum_version, context.maximum_version = versions
        return context


@cache
def tls_folder() -> TlsFolder:
    """The files, in a folder that goes with the process."""
    path = _folder_of_this_process()
    today = datetime.now(UTC)
    at = min(today, NOW) - timedelta(days=1)
    days = (max(today, NOW) - at).days + 29
    authorities = {
        name: new_authority(f"TLS of the tests, {name}", at=at, days=days + 1) for name in ("ours", "theirs")
    }
    issued = {"server": _issue(authorities["ours"], "127.0.0.1", at, days, "tls-server")}
    issued |= {name: _issue(authorities[by], name, at, days, "tls-client") for name, by in CLIENTS.items()}
    issued["expired"] = _issue(authorities["ours"], "expired", at - timedelta(days=2), 1, "tls-client")
    for name, authority in authorities.items():
        (path / f"{name}.pem").write_bytes(certificates_pem(authority.certificate))
    for name, each in issued.items():
        (path / f"{name}.pem").write_bytes(certificates_pem(each.certificate))
        (path / f"{name}.key").write_bytes(private_key_pem(each.private_key))
    return TlsFolder(path, issued)


def _issue(authority: Authority, name: str, at: datetime, days: int, usage: Usage) -> Issued:
    san = ["127.0.0.1", "::1", "localhost"] if usage == "tls-server" else []
    return issue(authority, common_name=name, party_id="0", at=at, days=days, usage=usage, san=san)


def _folder_of_this_process() -> Path:
    """A folder that is gone when the process has ended: on purpose, where a TemporaryDirectory would complain."""
    path = Path(tempfile.mkdtemp(prefix="knooppunt-tls-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path
