"""knooppunt mailbox: how the mailboxes of a hub stand, and whether one works."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from gateway.administration import verbs
from gateway.cli.administration import add_commands, ask, ask_seen, refuse_doubtful, settings_of
from gateway.cli.options import hub_option
from gateway.cli.output import print_json, print_table, speaks
from gateway.refused import Refused
from gateway.store.model import MailboxRecord


@click.group()
def mailbox() -> None:
    """How the mailboxes of a hub stand."""


@mailbox.command("list")
@hub_option
@speaks
def list_mailboxes(settings: Path, as_json: bool) -> None:
    """List every mailbox that holds or held a message."""
    records, doubt = ask_seen(settings, verbs.mailboxes)
    facts = [
        {
            "mpc": each.mpc,
            "party": each.party,
            "waiting": each.waiting,
            "leased": each.leased,
            "oldest_accepted_at": each.oldest_accepted_at,
            "next_expires_at": each.next_expires_at,
            "octets": each.octets,
        }
        for each in records
    ]
    if not as_json:
        _print(records)
    refuse_doubtful(doubt, facts)
    if as_json:
        print_json(facts)


def _print(records: tuple[MailboxRecord, ...]) -> None:
    print_table(
        "",
        ("mailbox of", "waiting", "leased", "oldest", "next to expire", "octets"),
        [
            (
                each.party,
                each.waiting,
                each.leased,
                each.oldest_accepted_at and each.oldest_accepted_at.strftime("%Y-%m-%d %H:%M:%SZ"),
                each.next_expires_at and each.next_expires_at.strftime("%Y-%m-%d %H:%M:%SZ"),
                each.octets,
            )
            for each in records
        ],
        empty="no mailbox has held a message yet",
    )


@mailbox.command("test")
@click.argument("party")
@hub_option
@speaks
def test_mailbox(party: str, settings: Path, as_json: bool) -> None:
    """Lay a test message in the mailbox of PARTY: its party id, or the name of its file.

    Whoever pulls it acknowledges it and throws it away; `knooppunt message show` tells when that happened.
    """
    message_id = ask(settings, verbs.test_mailbox, _party_id(settings, party))
    if as_json:
        print_json({"message_id": message_id})
    else:
        click.echo(f"a test message lies in the mailbox of {party} as {message_id}")


def _party_id(settings: Path, party: str) -> str:
    """Whose file that is, as a party id; what the files do not tell is for the hub to answer, which may have others in
    force.
    """
    from gateway.wiring.from_settings import read_configuration  # late, for whoever asks for help
    from gateway.wiring.owners import owner_named

    configuration, _ = read_configuration(settings_of(settings))
    if configuration is not None:
        with contextlib.suppress(Refused):
            return owner_named(configuration, party).party_id
    return party


add_commands("mailbox", mailbox)
