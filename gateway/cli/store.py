"""knooppunt store: how the store of a hub stands, and room on a disk that is full."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from gateway.administration import verbs
from gateway.administration.asking import Administration, in_doubt
from gateway.cli.administration import add_commands, administer, ask, refusals_told, settings_of
from gateway.cli.options import hub_option
from gateway.cli.output import REFUSED, USAGE, Failure, print_fields, print_json, rfc3339, speaks
from gateway.clock import SystemClock
from gateway.storage import EXIT_STORAGE
from gateway.store.model import Counts, MessageFilter, MessageRecord
from gateway.store.states import WAITING
from pmodes.counting import counted


@click.group()
def store() -> None:
    """How the store of a hub stands."""


@store.command("new")
@hub_option
@speaks
def new(settings: Path, as_json: bool) -> None:
    """Make the store of a hub that begins now, in `data.directory`.

    A hub does not make one by itself, so that a slip in that name, or a disk that is not mounted, is noticed at the
    start. A folder that holds a store or anything else is left as it is.
    """
    # Late, for whoever asks for help, here and below: a whole hub.
    from gateway.wiring import NotStartable, StorageBroken, StorageFull, WrongPlace
    from gateway.wiring.not_startable import StoreThere
    from gateway.wiring.stores import new_store

    try:
        folder = asyncio.run(new_store(settings_of(settings), clock=SystemClock()))
    except NotStartable as fault:
        of_storage = isinstance(fault, StorageBroken | StorageFull)
        code = EXIT_STORAGE if of_storage else USAGE if isinstance(fault, WrongPlace) else REFUSED
        step = fault.next_step if isinstance(fault, StoreThere) else ""
        raise Failure("\n  ".join(("no store was made:", *fault.complaints)), next_step=step, code=code) from None
    if as_json:
        print_json({"folder": str(folder)})
    else:
        click.echo(f"made an empty store in {folder}")


@store.command("show")
@hub_option
@speaks
def show(settings: Path, as_json: bool) -> None:
    """Count messages by state, and tell what waits, how much room there is, and what makes the store doubtful."""

    async def asked(of: Administration) -> tuple[Counts, str | None]:
        return await of.ask(verbs.counts), await of.ask(verbs.doubt)

    counts, doubt = administer(settings, asked)
    facts: dict[str, object] = {state.value: count for state, count in counts.states}
    facts |= {
        "notices": counts.notices,
        "damaged": counts.damaged,
        "overdue": counts.overdue,
        "open_questions": counts.open_questions,
        "waiting_octets": counts.waiting_octets,
        "free_octets": counts.free_octets,
        "log_octets": counts.log_octets,
    }
    if as_json:
        print_json({**facts, "doubt": doubt})
        return
    print_fields({name.replace("_", " "): value for name, value in facts.items()})
    if doubt is not None:
        click.echo(". ".join(f"{each[:1].upper()}{each[1:]}" for each in in_doubt(doubt)))


@store.command("release-ballast")
@hub_option
@speaks
def release_ballast(settings: Path, as_json: bool) -> None:
    """Delete the ballast file, so that a full disk has room for receipts and removals.

    Works while the hub runs and while it does not, and also where the disk is so full that the store cannot be opened.
    The ballast comes back when the hub starts with room.
    """
    from gateway.wiring.stores import give_back_ballast

    with refusals_told():
        octets = give_back_ballast(settings_of(settings))
    if as_json:
        print_json({"octets": octets})
    else:
        click.echo(f"{octets} octets given back" if octets else "there is no ballast")


@store.command("confirm-time")
@hub_option
@click.option("--yes", is_flag=True, help="Ask nothing; without this, who sits at a terminal is asked to compare.")
@speaks
def confirm_time(settings: Path, yes: bool, as_json: bool) -> None:
    """Say that the machine's time is right, after the log told `time_suspect`: terms run out and are kept again.

    Compare first the time that is shown with another clock: a hub that believes a wrong time ends messages before their
    term, and refuses good ones.
    """
    seen = ask(settings, verbs.time_seen)
    at = rfc3339(seen.at)
    if not as_json:
        click.echo(f"the hub's clock shows {at}")
        for ground in seen.grounds:
            click.echo(f"this spoke against it, and ends with your word: {ground}")
    if (
        not (yes or as_json)
        and _at_a_terminal()
        and not click.confirm("compare with another clock: is that time right?")
    ):
        raise Failure("the clock was not confirmed", next_step="set the machine's clock right, then ask again")
    ask(settings, verbs.confirm_time)
    if as_json:
        print_json({"confirmed": True, "at": at, "grounds": list(seen.grounds)})
    elif seen.grounds:
        click.echo("the hub trusts its clock again")
    else:
        click.echo("nothing spoke against the hub's clock; your word for it is kept")


def _at_a_terminal() -> bool:
    return sys.stdin.isatty()


@store.command("recheck")
@hub_option
@speaks
def recheck(settings: Path, as_json: bool) -> None:
    """Read messages again that were found damaged or could not be read; what is whole is offered again.

    For when the disk is mended, or a file was put back. Counters of mailboxes are counted anew, too. Ends with 1 where
    damage is left.
    """
    found = ask(settings, verbs.recheck)
    verdicts = {"whole": found.whole, "damaged": found.damaged, "unreadable": found.unreadable}
    facts = verdicts | {"recounted": found.recounted}
    if not as_json:
        _tell_verdicts(verdicts, found.recounted)
    if left := len(found.damaged) + len(found.unreadable):
        step = (
            "mend the disk or put the files back, and give it again; what stays damaged ends with its term, but not"
            " where its record is damaged (docs/how-to/run-a-hub.md)"
        )
        raise Failure(f"{counted(left, 'message')} still not whole, and not offered", next_step=step, facts=facts)
    if as_json:
        print_json(facts)


def _tell_verdicts(verdicts: Mapping[str, tuple[str, ...]], recounted: int) -> None:
    if recounted:
        click.echo(f"{counted(recounted, 'counter')} of mailboxes wrong, and counted anew")
    for verdict, message_ids in verdicts.items():
        for message_id in message_ids:
            click.echo(f"{verdict:<10}  {message_id}")
    if not any(verdicts.values()):
        click.echo("no message that waits was found damaged, or could not be read")
        return
    whole, damaged, unreadable = (len(each) for each in verdicts.values())
    click.echo(f"{whole} whole and offered again, {damaged} damaged, {unreadable} unreadable")


@store.command("confirm-restored")
@hub_option
@click.option("--yes", is_flag=True, help="Do it; without this the command only says what it would cost.")
@speaks
def confirm_restored(settings: Path, yes: bool, as_json: bool) -> None:
    """Let the hub go on with a store that is older than what it stored, or that was copied or restored.

    Such a hub does not start. Put the newest files back if you can. What this costs otherwise: messages that were
    accepted since and are not here are lost, although their senders hold receipts; what was collected since is offered
    again, which its receivers notice by the MessageId; a message that is sent again may be taken a second time.

    The portal's database is confirmed with it: everybody is logged out, and who was unlinked since is linked again.

    A database that is gone or empty is not confirmed: put it back with its log, or move all that is left aside.
    """

    async def asked(of: Administration) -> tuple[str | None, MessageRecord | None, int]:
        doubt = await of.ask(verbs.doubt)
        newest = await of.ask(verbs.messages, MessageFilter(limit=1))
        counts = await of.ask(verbs.counts)
        if doubt is not None and yes:
            await of.ask(verbs.confirm_restored)
        waiting = sum(count for state, count in counts.states if state in WAITING)
        return doubt, newest[0] if newest else None, waiting

    doubt, newest, waiting = administer(settings, asked)
    last = rfc3339(newest.metadata.accepted_at) if newest is not None else None
    facts = {"doubt": doubt, "newest_accepted_at": last, "waiting": waiting, "confirmed": doubt is not None and yes}
    if doubt is not None and not yes:
        here = "No message is here" if last is None else f"The newest message here is of {last}, and {waiting} wait"
        raise Failure(
            f"the store is not what this hub stored: {doubt}. {here}. To go on loses what was accepted since, and"
            " offers what was collected since once more",
            next_step="put the newest files back; or, to go on without them, give --yes, then ask the senders of what"
            " came since to send it again",
            facts=facts,
        )
    if as_json:
        print_json(facts)
    elif doubt is None:
        click.echo("there is nothing to confirm: the store is what the hub stored")
    else:
        waits = counted(waiting, "message")
        since = "" if last is None else f" after {last}"
        click.echo(f"the hub can start; waiting: {waits}. Ask senders to repeat what they sent{since}")


add_commands("store", store)
