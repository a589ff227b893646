"""knooppunt org: the organisations of a hub, as their files say. What the commands do stands in `gateway.cli.org_files`
and its neighbours.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from gateway.cli.named_path import NamedPath
from gateway.cli.options import FILLED, hub_option
from gateway.cli.output import speaks


@click.group()
def org() -> None:
    """The organisations of a hub: who they are, what follows from their files, and changing these."""


@org.command("list")
@hub_option
@speaks
def list_organisations(settings: Path, as_json: bool) -> None:
    """List every organisation and business unit of the P-Mode files: which modules are active today and from when the
    next ones are, how it works with the hub, and until when it has valid certificates.
    """
    from gateway.cli.org_listing import list_all  # late, for whoever asks for help

    list_all(settings, as_json)


@org.command("show")
@click.argument("party", type=FILLED)
@hub_option
@speaks
def show(party: str, settings: Path, as_json: bool) -> None:
    """Tell all that follows from the file of PARTY, which is a party id or the name of a file: what it is and may do,
    the days of its modules, who may send what to it and it to whom, its terms, certificates and units.
    """
    from gateway.cli.org_files import show_one  # late, for whoever asks for help

    show_one(settings, party, as_json)


class _Day(click.ParamType[date]):
    """A day such as 2026-12-01."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day that the text says."""
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day such as 2026-12-01.", param, ctx)


CERTIFICATE = click.Path(path_type=NamedPath)
DAY = _Day()


@org.command("add")
@click.option("--name", type=FILLED, required=True, help="What people call it.")
@click.option(
    "--party", type=FILLED, required=True, help="Its OIN; of a unit OIN:establishment number, or that number alone."
)
@click.option("--role", "roles", type=FILLED, multiple=True, help="What it is; may be repeated.")
@click.option(
    "--module",
    "modules",
    metavar="NAME:VERSION[:DAY]",
    multiple=True,
    help="A module version that is active for it, from its first day if one is named; may be repeated.",
)
@click.option("--signing", type=CERTIFICATE, multiple=True, help="Certificate that it signs with; may be repeated.")
@click.option(
    "--encryption", type=CERTIFICATE, multiple=True, help="Certificate that is encrypted to; may be repeated."
)
@click.option("--certificate", "both", type=CERTIFICATE, multiple=True, help="One certificate for both uses.")
@click.option("--unit-of", type=FILLED, help="Party id or file of the organisation that it is a business unit of.")
@click.option("--kvk", help="Its number in the trade register: 8 digits.")
@click.option("--legal-basis", type=click.Choice(["wgs", "mandate", "court"]), help="On what ground it handles debts.")
@click.option("--access", type=click.Choice(["system", "desk"]), help="How it works with the hub: system unless given.")
@click.option("--collectief", is_flag=True, help="It takes part in Collectief Schuldregelen.")
@click.option("--unlisted", is_flag=True, help="The public page of participants does not name it.")
@click.option("--address", "addresses", type=FILLED, multiple=True, help="Network it may call from; may be repeated.")
@click.option("--connection-agreed", type=DAY, metavar="DAY", help="Day of its aansluitovereenkomst.")
@click.option("--processing-agreed", type=DAY, metavar="DAY", help="Day of its verwerkersovereenkomst.")
@click.option("--extension-days", type=click.Choice(["0", "7", "14", "28"]), help="Days added to its mailbox's term.")
@click.option("--file", help="Name of its file; follows from its name unless given.")
@hub_option
@speaks
def add(settings: Path, as_json: bool, **given: Any) -> None:
    """Write the file of one organisation more into the folder of P-Modes, with its certificates beneath it.

    Nothing is written where with it the files would have a fault, or where a certificate comes with a private key. Its
    further keys can be written into the file by hand. Nothing is in force before a reload.
    """
    from gateway.cli.org_changing import add_one  # late, for whoever asks for help

    add_one(settings, given, as_json)


@org.command("directory")
@hub_option
@click.option(
    "--out", type=click.Path(path_type=NamedPath, dir_okay=False), help="A file to which the signed book is written."
)
@speaks
def directory(settings: Path, out: Path | None, as_json: bool) -> None:
    """Tell which address book of participants the hub issued last, until when it is valid, and what changed in it.

    The hub makes a new one when its files say something else and when the end of the last one nears. Participants
    hold its signature against the certificate of its key; --out writes the signed file as it is handed on.
    """
    from gateway.cli.org_directory import tell_directory  # late, for whoever asks for help

    tell_directory(settings, out, as_json)


@org.command("suspend")
@click.argument("party", type=FILLED)
@hub_option
@speaks
def suspend(party: str, settings: Path, as_json: bool) -> None:
    """Let the file of PARTY, a party id or the name of a file, say that it is suspended, and its units with it.

    It then neither pushes nor pulls; what waits for it runs to its term. Only that key of its file is changed. Nothing
    is in force before a reload.
    """
    from gateway.cli.org_changing import suspend_one  # late, for whoever asks for help

    suspend_one(settings, party, True, as_json)


@org.command("resume")
@click.argument("party", type=FILLED)
@hub_option
@speaks
def resume(party: str, settings: Path, as_json: bool) -> None:
    """Let the file of PARTY, a party id or the name of a file, say that it is suspended no more.

    Only that key of its file is changed. Nothing is in force before a reload.
    """
    from gateway.cli.org_changing import suspend_one  # late, for whoever asks for help

    suspend_one(settings, party, False, as_json)


@org.command("promote")
@click.argument("party", type=FILLED)
@click.option(
    "--to",
    type=click.Path(path_type=NamedPath, file_okay=False),
    required=True,
    help="Folder of P-Modes of the hub in production.",
)
@click.option("--party", "real", type=FILLED, help="Its real OIN, in the place of the test OIN in its file.")
@click.option("--signing", type=CERTIFICATE, help="Certificate that it signs with in production.")
@click.option("--encryption", type=CERTIFICATE, help="Certificate that is encrypted to in production.")
@click.option(
    "--certificates",
    type=click.Path(path_type=NamedPath, file_okay=False, exists=True),
    help="Folder with certificates for production, of its business units as well, under the names that its file has for"
    " them.",
)
@click.option(
    "--suite-report",
    type=click.Path(path_type=NamedPath),
    help="What `knooppunt schema suite --json` printed; nothing is promoted by one that failed, is older than 90 days"
    " or knows not all of the module versions.",
)
@hub_option
@speaks
def promote(
    party: str,
    settings: Path,
    to: Path,
    real: str | None,
    signing: Path | None,
    encryption: Path | None,
    certificates: Path | None,
    suite_report: Path | None,
    as_json: bool,
) -> None:
    """Make the file for production of PARTY, a party id or the name of a file of the hub for acceptance that --hub
    names, and say what is still missing.

    It is the same file: party id, certificates and dates are what differs, and the word `environment` in hub.yaml.
    Certificates of acceptance are not taken along.
    """
    from gateway.cli.org_promoting import promote_one  # late, for whoever asks for help

    promote_one(settings, party, to, real, signing, encryption, certificates, suite_report, as_json)
