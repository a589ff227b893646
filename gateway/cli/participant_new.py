"""knooppunt participant: the folders of participants. What it does stands in `gateway.cli.participant_making`."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.named_path import NamedPath
from gateway.cli.options import FILLED, hub_option
from gateway.cli.output import speaks


@click.group()
def participant() -> None:
    """The folders that participants run on: one more beside those of `pki new`."""


@participant.command("new")
@click.argument("name", type=FILLED)
@click.option("--folder", type=click.Path(path_type=NamedPath, file_okay=False), help="Where; named after NAME here.")
@click.option("--party", type=FILLED, help="Its OIN, or OIN:establishment number.")
@click.option("--role", "roles", type=FILLED, multiple=True, help="What it is; may be repeated.")
@click.option(
    "--module",
    "modules",
    metavar="NAME:VERSION",
    multiple=True,
    help="A module version that is active for it; may be repeated. All in which its roles take part, unless given.",
)
@click.option("--request", "requests", is_flag=True, help="Requests for an authority to sign, instead of certificates.")
@click.option("--one-key", is_flag=True, help="One key for signing and encryption, and for TLS where it is asked for.")
@click.option("--ca", type=click.Path(path_type=NamedPath), help="Who vouches for the hub's TLS certificate (PEM).")
@click.option("--bits", type=click.Choice(["2048", "3072", "4096"]), help="RSA key size: 2048, or 3072 with --request.")
@hub_option
@speaks
def new(
    name: str,
    settings: Path,
    folder: Path | None,
    party: str | None,
    roles: tuple[str, ...],
    modules: tuple[str, ...],
    requests: bool,
    one_key: bool,
    ca: Path | None,
    bits: str | None,
    as_json: bool,
) -> None:
    """Make the folder of one participant more: keys, certificates for a test, participant.yaml with the hub's
    certificates and those of everybody who may send to it.

    NAME is what people call it; or the party id or file of an organisation that the hub has, whose party id, roles and
    modules then count. With --request an authority signs: the requests have the shape of a PKIoverheid private server
    certificate, the OIN in subject.serialNumber. The hub's own files stay as they are; what to give it is said.
    """
    from gateway.cli.participant_making import Given, make_new  # late, for whoever asks for help

    given = Given(
        name=name, folder=folder, party=party, roles=roles, modules=modules, requests=requests, one_key=one_key, ca=ca,
        bits=int(bits or (3072 if requests else 2048)),
    )  # fmt: skip
    make_new(settings, given, as_json)
