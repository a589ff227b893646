"""New keys and certificates in the place of those of a site, valid when a test needs them to be."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from crypto.pki import Issued, Usage, certificates_pem, issue, new_authority, private_key_pem
from gateway.site.making import Site, make_store


def made(usage: Usage, *, begins_at: datetime, ends_at: datetime) -> Issued:
    """A key and a certificate for one use, valid from one moment to another, as whole days allow."""
    start = begins_at - timedelta(days=1)
    authority = new_authority("Another authority", at=start, days=4000)
    # `issue` counts in days from its beginning, and what is left over is taken there.
    days, rest = divmod(ends_at - begins_at, timedelta(days=1))
    return issue(
        authority, common_name=f"hub {usage}", party_id="1", at=begins_at + rest, days=days, usage=usage,
        san=("127.0.0.1", "localhost") if usage == "tls-server" else (),
    )  # fmt: skip


def curve() -> tuple[bytes, bytes]:
    """A key on an elliptic curve and a certificate of it, in PEM: nothing is wrong with them but their kind."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "curve")])
    begins = datetime.now(UTC) - timedelta(days=1)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, begins + timedelta(days=900))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, made.sign(key, SHA256()).public_bytes(Encoding.PEM)


def copy_of(site: Site, folder: Path) -> Site:
    """The same hub in another folder, with a store of its own: one that is copied would be noticed."""
    shutil.copytree(site.folder, folder, ignore=shutil.ignore_patterns("data"))
    copied = replace(site, folder=folder, settings=folder / "hub" / "hub.toml")
    make_store(copied.settings.parent / "data")
    return copied


def places(site: Site, usage: Usage) -> tuple[Path, Path]:
    """Where the hub's key for that use and its certificate lie."""
    hub = site.settings.parent
    certificate = hub / "pmodes" / "certificates" / f"hub-{usage}.pem"
    return hub / "keys" / f"{usage}.key", hub / "keys" / "tls-server.pem" if usage == "tls-server" else certificate


def renew(site: Site, usage: Usage, *, begins_at: datetime, ends_at: datetime) -> None:
    """Give the hub another key for that use."""
    issued = made(usage, begins_at=begins_at, ends_at=ends_at)
    key, certificate = places(site, usage)
    key.write_bytes(private_key_pem(issued.private_key))
    certificate.write_bytes(certificates_pem(issued.certificate))
