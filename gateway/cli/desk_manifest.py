"""What `knooppunt desk manifest` does: the list of the desk's files, signed with a release, and held beside what is
installed here or what a portal serves.

A signed list is the list with a first line that says what it is, and a last one with the signature over all before it:
RSASSA-PKCS1-v1_5 with SHA-384, in base64. Both begin with `#`, which `sha384sum --check` passes over.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import ssl
from pathlib import Path
from typing import Final

import click

from crypto import names
from crypto.certificates import Certificate, load_certificates, public_key_of
from crypto.faults import FailedAuthentication, UnusableCredential
from crypto.keys import load_private_key
from crypto.signature_algorithms import SIGNATURES
from gateway.cli.output import PEER, USAGE, Failure, print_json
from gateway.client.own_desk.comparing import differences
from gateway.client.own_desk.upstream import Silent, open_session, portal_origin
from gateway.desk_files import FOLDER, DeskFiles, read_desk_files
from gateway.limits import MIB
from gateway.named_file import KEY_OCTETS, FileRefused, read_named

_FIRST: Final = "# knooppunt desk manifest 1\n"
_LAST: Final = "# signature "
_ALGORITHM: Final = SIGNATURES[names.RSA_SHA384]
_MINIMUM_BITS: Final = 3072


def tell_manifest(as_json: bool) -> None:
    """Print the list of what is installed."""
    files = read_desk_files()
    _tell(files, files.manifest, as_json)


def sign_manifest(key: Path, certificate: Path, as_json: bool) -> None:
    """Print that list, signed."""
    files, octets = read_desk_files(), _read(key, secret=True)
    try:
        signer = load_private_key(octets).signer(_certificate(certificate))
        public_key_of(signer.certificate, minimum_rsa_bits=_MINIMUM_BITS)  # nobody would take a shorter one's word
        text = _FIRST + files.manifest
        signature = signer.sign(_ALGORITHM, text.encode("utf-8"))
    except (UnusableCredential, FailedAuthentication) as fault:
        raise Failure(
            f"{key}: {fault}", next_step="name an RSA key without a password and its certificate", code=USAGE
        ) from None
    _tell(files, f"{text}{_LAST}{base64.b64encode(signature).decode('ascii')}\n", as_json)


def verify_manifest(file: Path, certificate: Path, url: str | None, ca: Path | None, as_json: bool) -> None:
    """Hold a signed list beside what is installed here, and that beside what the portal at `url` serves."""
    files = read_desk_files()
    signed = _signed_text(_read(file, most_octets=MIB), _certificate(certificate), file)
    if signed != files.manifest:
        there, here = set(signed.splitlines()), set(files.manifest.splitlines())
        paths = sorted({each.partition("  ")[2] for each in there ^ here})
        raise Failure(
            "\n  ".join(("the files that are installed here are not those of this list:", *paths)),
            next_step="install the release that this list belongs to, or fetch the list of this one",
        )
    if url is not None:
        _compare(url, ca, files)
    if as_json:
        _tell(files, "", as_json)
        return
    click.echo(f"{len(files.files)} files are those of the list{'' if url is None else f', and {url} serves them'}")


def _compare(url: str, ca: Path | None, files: DeskFiles) -> None:
    async def compare(portal: str, authorities: str | None) -> tuple[str, ...]:
        async with open_session(authorities) as session:
            return await differences(portal, files, session)

    try:
        authorities = None if ca is None else _read(ca).decode("ascii", "replace")
        found = asyncio.run(compare(portal_origin(url), authorities))
    except ssl.SSLError:
        raise Failure(f"{ca} holds no certificates", next_step="name a file of PEM", code=USAGE) from None
    except ValueError as fault:
        raise Failure(str(fault), next_step="take the address over from your browser", code=USAGE) from None
    except Silent as fault:
        raise Failure(f"the portal did not answer: {fault}", code=PEER) from None
    if found:
        raise Failure(
            "\n  ".join(("what the portal serves differs from what is installed here:", *found)),
            next_step="ask the operator which release the portal runs, and compare with the list of that one; until it"
            " is explained, open no keys there: `knooppunt desk serve` runs what is installed here",
        )


def _signed_text(octets: bytes, certificate: Certificate, file: Path) -> str:
    """The list in a signed one, after its signature held."""
    text = octets.decode("utf-8", "replace")
    body, mark, last = text.rpartition(_LAST)
    try:
        signature = base64.b64decode(last.strip(), validate=True)
        public_key = public_key_of(certificate, minimum_rsa_bits=_MINIMUM_BITS)
        if not mark or not body.startswith(_FIRST):
            raise FailedAuthentication("it is no signed list")
        _ALGORITHM.verify(public_key, signature, body.encode("utf-8"))
    except (FailedAuthentication, binascii.Error) as fault:
        raise Failure(
            f"{file}: {fault}", next_step="fetch list and certificate anew, each from where you trust it"
        ) from None
    return body.removeprefix(_FIRST)


def _tell(files: DeskFiles, text: str, as_json: bool) -> None:
    if not as_json:
        click.echo(text, nl=False)
        return
    listed = [{"path": name, "sha384": each.sha384, "integrity": each.integrity} for name, each in files.files.items()]
    signed = text if text.startswith(_FIRST) else None
    print_json({"version": files.version, "folder": str(FOLDER), "files": listed, "signed": signed})


def _certificate(path: Path) -> Certificate:
    try:
        found = load_certificates(_read(path))
    except (ValueError, FailedAuthentication) as fault:
        raise Failure(f"{path}: {fault}", next_step="name a certificate in PEM or DER", code=USAGE) from None
    return found[0]


def _read(path: Path, *, most_octets: int = KEY_OCTETS, secret: bool = False) -> bytes:
    try:
        return read_named(path, most_octets=most_octets, secret=secret)
    except FileRefused as fault:
        raise Failure(f"{path}: {fault.told}", next_step="name another file", code=USAGE) from None
