"""knooppunt desk: the desk on one's own machine, and the files that browsers are given, beside those of a release."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.named_path import NamedPath
from gateway.cli.output import speaks

FILE = click.Path(path_type=NamedPath, readable=False)


@click.group()
def desk() -> None:
    """The desk on your own machine, and the files that browsers of desk users are given."""


@desk.command()
@click.option("--sign", "key", type=FILE, metavar="KEY", help="Sign the list with this RSA key.")
@click.option("--verify", "file", type=FILE, metavar="FILE", help="Hold a signed list beside what is installed here.")
@click.option("--certificate", type=FILE, metavar="CERT", help="Of whoever signs, or signed.")
@click.option("--portal", "url", metavar="URL", help="With --verify: hold what this portal serves beside it, too.")
@click.option("--ca", type=FILE, help="Authorities that vouch for the portal, as PEM; otherwise those of the system.")
@speaks
def manifest(
    key: Path | None, file: Path | None, certificate: Path | None, url: str | None, ca: Path | None, as_json: bool
) -> None:
    """List every file of the desk that is installed here, with its hash; sign that list, or verify a signed one.

    The list is that of the release if these are its files. From the folder that holds them, `sha384sum --check` checks
    such a list.
    """
    if key is not None and file is not None:
        raise click.UsageError("give --sign or --verify")
    if (certificate is None) != (key is None and file is None):
        raise click.UsageError("--sign and --verify go with --certificate")
    if url is not None and file is None:
        raise click.UsageError("--portal goes with --verify")
    # Late, for whoever asks for help.
    from gateway.cli.desk_manifest import sign_manifest, tell_manifest, verify_manifest

    if certificate is None:
        tell_manifest(as_json)
    elif key is not None:
        sign_manifest(key, certificate, as_json)
    elif file is not None:
        verify_manifest(file, certificate, url, ca, as_json)


@desk.command()
@click.option("--portal", "url", metavar="URL", required=True, help="Address of the portal, such as https://HOST.")
@click.option("--port", type=click.IntRange(1024, 65535), default=8500, show_default=True, help="Of this machine.")
@click.option("--ca", type=FILE, help="Authorities that vouch for the portal, as PEM; otherwise those of the system.")
@click.option("--name", metavar="NAME", help="Where several people use this machine: your own NAME.localhost, by TLS.")
@click.option("--certificate", type=FILE, help="For that name, as PEM.")
@click.option("--key", type=FILE, help="Of that certificate, as PEM without a password.")
@click.option("--open", "is_opened", is_flag=True, help="Open it in your browser.")
@speaks
def serve(
    url: str,
    port: int,
    ca: Path | None,
    name: str | None,
    certificate: Path | None,
    key: Path | None,
    is_opened: bool,
    as_json: bool,
) -> None:
    """Serve the desk's pages and scripts from this machine, until you stop it; only data comes from the portal.

    What runs in the browser is what is installed here, whatever the portal would serve. You log in at the portal as
    ever, and come back to this machine.
    """
    from gateway.cli.own_desk import serve_desk  # late, for whoever asks for help

    serve_desk(url, port, ca, name, certificate, key, is_opened, as_json)
