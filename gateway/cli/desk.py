"""knooppunt desk: the files that browsers are given, beside those of a release."""

from __future__ import annotations

import click

from gateway.cli.output import print_json, speaks


@click.group()
def desk() -> None:
    """The files that browsers of desk users are given."""


@desk.command()
@speaks
def manifest(as_json: bool) -> None:
    """List every file of the desk that is installed here, with its hash.

    The list is that of the release if these are its files. From the folder that holds them, `sha384sum --check` checks
    such a list.
    """
    from gateway.desk_files import FOLDER, read_desk_files  # late, for whoever asks for help

    files = read_desk_files()
    if as_json:
        listed = [
            {"path": name, "sha384": each.sha384, "integrity": each.integrity} for name, each in files.files.items()
        ]
        print_json({"version": files.version, "folder": str(FOLDER), "files": listed})
        return
    click.echo(files.manifest, nl=False)
