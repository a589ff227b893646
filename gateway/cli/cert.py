"""knooppunt cert: the certificates of a hub and its organisations. What the commands do stands in
`gateway.cli.cert_files` and, for explain and check, in `gateway.cli.cert_verdicts`.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from gateway.cli.named_path import NamedPath
from gateway.cli.options import FILLED, hub_option
from gateway.cli.output import speaks


def _day_or_moment(_context: click.Context, _option: click.Parameter, value: str | None) -> date | datetime | None:
    """A day or a moment, as P-Mode files say it."""
    from gateway.written.moments import read_day_or_moment  # late, for whoever asks for help

    try:
        return None if value is None else read_day_or_moment(value)
    except ValueError as fault:
        raise click.BadParameter(f"{value!r} {fault}.") from None


def _moment(context: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    """A moment, or the one with which a day begins."""
    from pmodes.term import day_begins  # late, for whoever asks for help

    found = _day_or_moment(context, option, value)
    return None if found is None else day_begins(found)


@click.group()
def cert() -> None:
    """The certificates of a hub and its organisations: which there are, and how the next ones get there."""


@cert.command("list")
@click.argument("party", required=False, type=FILLED)
@hub_option
@speaks
def list_certificates(settings: Path, party: str | None, as_json: bool) -> None:
    """List every certificate of the settings and P-Mode files, or those of PARTY: its party id, the name of its file,
    or `hub`.

    With each encryption certificate stands how many messages wait under it, and until when the last of them may: its
    owner needs the key for as long.
    """
    from gateway.cli.cert_files import list_all  # late, for whoever asks for help

    list_all(settings, party, as_json)


@cert.command("add")
@click.argument("party", type=FILLED)
@click.argument("file", type=click.Path(path_type=NamedPath))
@click.option(
    "--from",
    "since",
    metavar="DAY",
    callback=_day_or_moment,
    help="From when it counts, such as 2026-12-01. Its validity, unless given.",
)
@click.option(
    "--use",
    "uses",
    type=click.Choice(["signing", "encryption"]),
    multiple=True,
    help="What for; may be repeated. What its key usage says, unless given.",
)
@hub_option
@speaks
def add(
    settings: Path, party: str, file: Path, since: date | datetime | None, uses: tuple[str, ...], as_json: bool
) -> None:
    """Put the certificate in FILE beside those of PARTY: its party id, the name of its file, or `hub`.

    It is copied beneath the folder of P-Modes and named in the file of its owner, where comments and order stay as they
    are. Nothing is in force before a reload. What holds a private key is refused; of the hub, also an encryption
    certificate whose key the settings do not name yet.
    """
    from gateway.cli.cert_files import add_one  # late, for whoever asks for help

    add_one(settings, party, file, since, uses, as_json)


@cert.command("explain")
@click.argument("file", type=click.Path(path_type=NamedPath))
@click.option(
    "--org",
    "party",
    type=FILLED,
    metavar="PARTY",
    help="Whose it is: a party id, the name of its file, or `hub`. As the certificate says.",
)
@click.option(
    "--use",
    type=click.Choice(["signing", "encryption", "tls"]),
    default="signing",
    show_default=True,
    help="What for; tls is that of a client.",
)
@click.option("--at", metavar="MOMENT", callback=_moment, help="The moment, such as 2026-12-01T09:00:00+01:00. Now.")
@hub_option
@speaks
def explain(settings: Path, file: Path, party: str | None, use: str, at: datetime | None, as_json: bool) -> None:
    """Judge the certificate in FILE (PEM or DER) as the hub would, step by step with what was compared.

    A file may hold the authorities above it, too. The first step that does not hold decides. Nothing is fetched: of
    revocation is told what a hub has kept.
    """
    from gateway.cli.cert_verdicts import explain_one  # late, for whoever asks for help

    explain_one(settings, file, party, use, at, as_json)


@cert.command("check")
@hub_option
@speaks
def check(settings: Path, as_json: bool) -> None:
    """Judge every certificate, root and authority of the P-Mode files now, and name each that may not be used.

    How long they last is in `knooppunt status`.
    """
    from gateway.cli.cert_verdicts import check_all  # late, for whoever asks for help

    check_all(settings, as_json)
