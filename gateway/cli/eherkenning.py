"""knooppunt eherkenning: what a broker of eHerkenning is given of the portal. What the commands do stands in
`gateway.cli.eherkenning_files`.
"""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.named_path import NamedPath
from gateway.cli.options import FILLED, hub_option
from gateway.cli.output import speaks

_OUT = click.Path(path_type=NamedPath, dir_okay=False)


@click.group()
def eherkenning() -> None:
    """The portal as a service provider of eHerkenning: what its broker is given of it, signed."""


@eherkenning.command("metadata")
@hub_option
@click.option("--out", type=_OUT, required=True, help="The file to write.")
@speaks
def metadata(settings: Path, out: Path, as_json: bool) -> None:
    """Write the portal's metadata: who it is, with which keys, where a login returns, which services there are.

    Give the file to the broker, and a new one when a key of `portal.eherkenning` changes.
    """
    from gateway.cli.eherkenning_files import make_metadata  # late, for whoever asks for help

    make_metadata(settings, out, as_json)


@eherkenning.command("catalogue")
@hub_option
@click.option("--out", type=_OUT, required=True, help="The file to write.")
@click.option("--organisation", type=FILLED, required=True, help="Who offers the services, as employees know it.")
@click.option(
    "--service",
    type=FILLED,
    default="Knooppunt",
    show_default=True,
    help="What organisations mandate employees for; administrators, for it with `Beheer`.",
)
@click.option("--privacy-url", type=FILLED, help="The page on privacy. The portal's page `/uitleg`, unless given.")
@speaks
def catalogue(
    settings: Path, out: Path, organisation: str, service: str, privacy_url: str | None, as_json: bool
) -> None:
    """Write the portal's part of the service catalogue: a service for employees, one for administrators.

    Give the file to the broker. Who may log in for which service, each organisation says in its own register of
    mandates; the catalogue says at which level, and that an organisation is known by its KvK number or RSIN.
    """
    from gateway.cli.eherkenning_files import make_catalogue  # late, for whoever asks for help

    make_catalogue(settings, out, organisation, service, privacy_url, as_json)
