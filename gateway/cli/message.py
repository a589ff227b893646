"""knooppunt message: the log of messages, as the operator may see it: names, references, times, states; never
content.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from gateway.administration import verbs
from gateway.cli.administration import add_commands, ask, ask_seen, refuse_doubtful
from gateway.cli.options import FILLED, hub_option
from gateway.cli.output import USAGE, Failure, print_fields, print_json, print_table, speaks
from gateway.ebms.names import TEST_ACTION
from gateway.store.model import KeyLost, MessageFilter, MessageRecord, State
from pmodes.counting import counted


@click.group()
def message() -> None:
    """The message log of a hub: who, what type, when, in which state."""


@message.command("list")
@hub_option
@click.option("--from", "sender", type=FILLED, help="Party id of the organisation that sent.")
@click.option("--to", "receiver", type=FILLED, help="Party id of the organisation whose mailbox it is.")
@click.option("--state", type=click.Choice([each.value for each in State]), help="Only messages in this state.")
@click.option("--reference", type=FILLED, help="Referentienummer of the message.")
@click.option("--conversation", type=FILLED, help="ConversatieReferentienummer.")
@click.option(
    "--sealed-to", "thumbprint", type=FILLED, help="Only what waits under the certificate with this SHA-256 thumbprint."
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many, newest first.")
@speaks
def list_messages(
    settings: Path,
    sender: str | None,
    receiver: str | None,
    state: str | None,
    reference: str | None,
    conversation: str | None,
    thumbprint: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List messages, newest first."""
    sealed_to = None if thumbprint is None else _plain(thumbprint)
    which = MessageFilter(
        sender=sender,
        receiver=receiver,
        state=State(state) if state else None,
        tracking_identifier=reference,
        conversation_id=conversation,
        sealed_to=sealed_to,
        waiting=sealed_to is not None,
        limit=limit,
    )
    records, doubt = ask_seen(settings, verbs.messages, which)
    facts = [_facts(each) for each in records]
    if not as_json:
        _print(records, empty="no such message")
    refuse_doubtful(doubt, facts)
    if as_json:
        print_json(facts)


@message.command("open")
@hub_option
@click.option("--to", "receiver", type=FILLED, help="Party id of the organisation that has to answer.")
@click.option("--from", "sender", type=FILLED, help="Party id of the organisation that asked.")
@speaks
def open_questions(settings: Path, receiver: str | None, sender: str | None, as_json: bool) -> None:
    """List the questions that still await an answer, and until when."""
    which = MessageFilter(receiver=receiver, sender=sender, open_questions=True, limit=10_000)
    records, doubt = ask_seen(settings, verbs.messages, which)
    facts = [_facts(each) for each in records]
    if not as_json:
        _print_open(records)
    refuse_doubtful(doubt, facts)
    if as_json:
        print_json(facts)


def _print_open(records: tuple[MessageRecord, ...]) -> None:
    print_table(
        "",
        ("type", "from", "to", "reference", "asked", "answer due"),
        [
            (
                each.metadata.action,
                each.metadata.original_sender,
                each.metadata.final_recipient,
                each.metadata.tracking_identifier,
                _shown(each.metadata.accepted_at),
                _shown(each.metadata.answer_due) if each.metadata.answer_due else "no term",
            )
            for each in records
        ],
        empty="no question awaits an answer",
    )


@message.command("show")
@hub_option
@click.argument("message_id")
@speaks
def show(settings: Path, message_id: str, as_json: bool) -> None:
    """Show one message, by its MessageId on either leg, and the receipts given and taken for it."""
    record, doubt = ask_seen(settings, verbs.message, message_id)
    evidence = ask(settings, verbs.evidence, record.metadata.message_id)
    receipts = [{"kind": kind, "at": at, "octets": len(octets)} for kind, at, octets in evidence]
    facts = {**_facts(record), "receipts": receipts}
    if not as_json:
        _print_one(record, evidence)
    refuse_doubtful(doubt, facts)
    if as_json:
        print_json(facts)


def _print_one(record: MessageRecord, evidence: tuple[tuple[str, datetime, bytes], ...]) -> None:
    print_fields({
        name.replace("_", " "): _shown(value) if isinstance(value, datetime) else value
        for name, value in _facts(record).items() if value is not None
    })  # fmt: skip
    for kind, at, octets in evidence:
        click.echo(f"{kind.replace('-', ' ')} at {_shown(at)}, {len(octets)} octets")


@message.command("expire")
@hub_option
@click.argument("thumbprint")
@speaks
def expire(settings: Path, thumbprint: str, as_json: bool) -> None:
    """End at once what waits under a lost key: THUMBPRINT is the SHA-256 of its certificate; the senders are told.

    What cannot end now waits as before, and exit code 1 says so; to do it again harms nothing.
    """
    plain = _plain(thumbprint)
    became = ask(settings, verbs.expire_sealed_to, plain)
    facts = {
        "expired": became.notified + became.unnotified, "notified": became.notified,
        "overtaken": became.overtaken, "postponed": became.postponed,
    }  # fmt: skip
    if not became.known:
        raise Failure(
            "no message here was ever sealed to a certificate with this thumbprint",
            next_step="compare the thumbprint with that of the certificate of the organisation",
            facts=facts,
        )
    if became.postponed:
        raise Failure(
            f"{counted(became.postponed, 'message')} could not be ended now, and wait as before; {_said_of(became)}",
            next_step="the hub's log says why (expiry_postponed); then do it again",
            facts=facts,
        )
    if as_json:
        print_json(facts)
    else:
        click.echo(_said_of(became))


def _said_of(became: KeyLost) -> str:
    ended = became.notified + became.unnotified
    if not ended:
        said = ["no message was ended" if became.postponed else "nothing waits under that certificate any more"]
    elif became.unnotified:
        said = [f"{counted(ended, 'message')} ended, {became.notified} with a notice to its sender",
                f"of {became.unnotified} nobody can be told"]  # fmt: skip
    else:
        said = [f"{counted(ended, 'message')} ended, {'each ' if ended > 1 else ''}with a notice to its sender"]
    if became.overtaken:
        said.append(f"{became.overtaken} ended meanwhile otherwise, by a receipt or their term")
    return "; ".join(said)


def _plain(thumbprint: str) -> str:
    plain = thumbprint.rpartition("=")[2].replace(":", "").strip().lower()
    if len(plain) != 64 or not set(plain) <= set("0123456789abcdef"):
        raise Failure(
            "a SHA-256 thumbprint has 64 hexadecimal digits",
            next_step="`openssl x509 -in FILE -noout -fingerprint -sha256` prints it",
            code=USAGE,
        )
    return plain


def _print(records: tuple[MessageRecord, ...], *, empty: str) -> None:
    print_table(
        "",
        ("accepted", "type", "from", "to", "state", "expires", "message id"),
        [
            (
                _shown(each.metadata.accepted_at),
                "test message" if each.metadata.action == TEST_ACTION else each.metadata.action,
                each.metadata.original_sender,
                each.metadata.final_recipient,
                each.state.value,
                _shown(each.metadata.expires_at),
                each.metadata.message_id,
            )
            for each in records
        ],
        empty=empty,
    )


def _facts(record: MessageRecord) -> dict[str, object]:
    about = record.metadata
    return {
        "message_id": about.message_id,
        "received_message_id": about.received_message_id,
        "kind": about.kind.value,
        "service": about.service,
        "type": about.action,
        "from": about.original_sender,
        "to": about.final_recipient,
        "conversation": about.conversation_id,
        "reference": about.tracking_identifier,
        "answers": about.cross_reference,
        "state": record.state.value,
        "accepted_at": about.accepted_at,
        "expires_at": about.expires_at,
        "offered_at": record.offered_at,
        "lease_until": record.lease_until,
        "attempts": record.attempts,
        "closed_at": record.closed_at,
        "removed_at": record.removed_at,
        "answer_due": about.answer_due,
        "answered": record.answered if about.question else None,
        "waived": record.waived if about.question else None,
        "size_octets": about.size_octets,
        "last_error": record.last_error,
    }


def _shown(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%SZ") if moment else ""


add_commands("message", message)
