"""knooppunt directory: the address book of the hub, as a participant has it. What the commands do stands in
`gateway.cli.address_book`.
"""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.named_path import NamedPath
from gateway.cli.options import FILLED, as_option
from gateway.cli.output import speaks


@click.group()
def directory() -> None:
    """The address book of the hub: fetch it, look in it, and say whose a changed certificate is."""


@directory.command("fetch")
@as_option
@click.option("--anew", is_flag=True, help="Take it though it does not follow on the one that is here.")
@click.option("--retries", type=click.IntRange(0, 50), default=3, show_default=True, help="How often to try again.")
@speaks
def fetch(folder: Path, anew: bool, retries: int, as_json: bool) -> None:
    """Ask the hub for its address book, collect the answer, and keep it in FOLDER/state/address-book.

    Its signature has to be by `hub.directory` of participant.yaml, its serial no lower than that of the one that is
    here, and that one among those before it. A changed certificate of a party that is known is taken where the key
    before it signed it, or where a root under `trust` issued it; others wait for `knooppunt directory accept`.

    What else waits in the mailbox is collected with it, for `knooppunt pull` to write out.
    """
    from gateway.cli.address_book import fetch_book  # late, for whoever asks for help

    fetch_book(folder, anew=anew, retries=retries, as_json=as_json)


@directory.command("list")
@as_option
@click.option("--module", type=FILLED, help="Only those for whom a version of that module is active.")
@speaks
def list_parties(folder: Path, module: str | None, as_json: bool) -> None:
    """List who stands in the address book that was fetched last: party ids, roles, modules, units of whom."""
    from gateway.cli.address_book import list_book  # late, for whoever asks for help

    list_book(folder, module, as_json)


@directory.command("accept")
@click.argument("party", type=FILLED)
@as_option
@click.option("--yes", is_flag=True, help="Do not ask: the fingerprints were compared with what PARTY says itself.")
@speaks
def accept(party: str, folder: Path, yes: bool, as_json: bool) -> None:
    """Say that the certificates that wait for PARTY are that party's, after their fingerprints were compared with it.

    It shows those that are known and those that wait, and asks. Compare by telephone, at a number that you had before.
    """
    from gateway.cli.address_book import accept_party  # late, for whoever asks for help

    accept_party(folder, party, yes=yes, as_json=as_json)


@directory.command("endorse")
@click.argument("file", type=click.Path(path_type=NamedPath))
@as_option
@click.option("--party", type=FILLED, help="The business unit of yours whose certificate it is; you, unless given.")
@click.option("--use", type=click.Choice(["signing", "encryption"]), default="signing", show_default=True,
              help="What the certificate is for.")  # fmt: skip
@speaks
def endorse(file: Path, folder: Path, party: str | None, use: str, as_json: bool) -> None:
    """Vouch with the signing key of today for your next certificate, FILE, so that others take it unasked.

    Give the line that it prints to the hub's operator together with the certificate: in your file at the hub it stands
    beside that, as `endorsement`.
    """
    from gateway.cli.address_book import endorse_certificate  # late, for whoever asks for help

    endorse_certificate(folder, file, party, use, as_json)
