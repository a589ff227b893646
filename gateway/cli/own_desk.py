"""What `knooppunt desk serve` does: serves the desk on this machine until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import re
import signal
import ssl
import webbrowser
from pathlib import Path

import click

from gateway.cli.output import PEER, USAGE, Failure, print_json, said_of
from gateway.client.own_desk.serving import serving
from gateway.client.own_desk.upstream import portal_origin
from gateway.desk_files import read_desk_files
from gateway.named_file import KEY_OCTETS, FileRefused, read_named

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\.localhost")


def serve_desk(
    url: str,
    port: int,
    ca: Path | None,
    name: str | None,
    certificate: Path | None,
    key: Path | None,
    is_opened: bool,
    as_json: bool,
) -> None:
    """Serve the desk for the portal at that address."""
    try:
        portal = portal_origin(url)
    except ValueError as fault:
        raise Failure(str(fault), next_step="take the address over from your browser", code=USAGE) from None
    tls = _tls(name, certificate, key)
    authorities = None if ca is None else _text(ca)
    try:
        asyncio.run(_serve(portal, port, authorities, name or "localhost", tls, is_opened, as_json))
    except ssl.SSLError:
        raise Failure(f"{ca} holds no certificates", next_step="name a file of PEM", code=USAGE) from None
    except OSError as fault:
        why = "another program uses it" if fault.errno == errno.EADDRINUSE else said_of(fault)
        raise Failure(
            f"cannot listen on port {port}: {why}", next_step="name another port with --port", code=PEER
        ) from None


async def _serve(
    portal: str,
    port: int,
    authorities: str | None,
    name: str,
    tls: ssl.SSLContext | None,
    is_opened: bool,
    as_json: bool,
) -> None:
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped.set)
    files = read_desk_files()
    async with serving(
        portal, files, port=port, told=lambda said: click.echo(said, err=True), name=name, tls=tls,
        authorities=authorities,
    ) as origin:  # fmt: skip
        if as_json:
            print_json({"address": origin, "portal": portal, "version": files.version})
        else:
            click.echo(f"the desk of {portal} is at {origin} until you stop this (Ctrl-C)")
        if is_opened:
            await asyncio.to_thread(webbrowser.open, origin)
        await stopped.wait()


def _tls(name: str | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if name is None and certificate is None and key is None:
        return None
    if name is None or certificate is None or key is None:
        raise Failure(
            "a name of its own needs a certificate and its key",
            next_step="give --name, --certificate and --key",
            code=USAGE,
        )
    if not _NAME.fullmatch(name):
        raise Failure(
            f"{name} is no name that only this machine answers",
            next_step="take one that ends in .localhost, such as jansen.localhost",
            code=USAGE,
        )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, "")
    except (OSError, ValueError) as fault:
        said = said_of(fault) if isinstance(fault, OSError) else str(fault)
        raise Failure(
            f"certificate and key cannot be used: {said}",
            next_step="name two files of PEM that belong together, the key without a password",
            code=USAGE,
        ) from None
    return context


def _text(path: Path) -> str:
    try:
        return read_named(path, most_octets=KEY_OCTETS).decode("ascii")
    except FileRefused as fault:
        raise Failure(f"{path}: {fault.told}", next_step="name a file of PEM", code=USAGE) from None
    except UnicodeDecodeError:
        raise Failure(f"{path} is no file of PEM", next_step="name a file of PEM", code=USAGE) from None
