"""knooppunt db: the database under a hub's store: brought up to date, read as a whole, moved to another engine."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.administration import refusals_told, settings_of
from gateway.cli.options import SETTINGS_FILE, hub_option
from gateway.cli.output import Failure, print_json, print_table, speaks
from gateway.clock import SystemClock
from pmodes.counting import counted


@click.group()
def db() -> None:
    """The database under a hub's store."""


@db.command("migrate")
@hub_option
@click.option("--yes", is_flag=True, help="Do it; without this the command only says what would be done.")
@speaks
def migrate(settings: Path, yes: bool, as_json: bool) -> None:
    """Bring the tables of a store up to date, as the next start would by itself.

    For whoever wants that to be done, and seen to be done, before a hub of this version serves. Tables of a newer
    version, or of another program, are named and left as they are. An embedded store must not be served meanwhile; in
    PostgreSQL hubs may, and of several that begin at once one does it.
    """
    from gateway.wiring.checking import bring_up_to_date, tables_of  # late, here and below: a whole hub

    read = settings_of(settings)
    with refusals_told():
        found = tables_of(read)
        is_old = any(each.version < each.newest for each in found)
        if yes and is_old:
            bring_up_to_date(read, clock=SystemClock())
    facts = {
        "tables": [{"name": each.name, "version": each.version, "newest": each.newest} for each in found],
        "migrated": yes and is_old,
    }
    if not as_json:
        rows = [(each.name, str(each.version), str(each.newest)) for each in found]
        print_table("", ("tables", "version", "newest"), rows, empty="no tables")
    if is_old and not yes:
        raise Failure("the tables are of an older version", next_step="bring them up to date with --yes", facts=facts)
    if as_json:
        print_json(facts)
    else:
        click.echo("brought up to date" if is_old else "up to date")


@db.command("check")
@hub_option
@speaks
def check(settings: Path, as_json: bool) -> None:
    """Read all of a store and hold it against what was written; changes nothing.

    Every row that leaves the hub or decides something, by its digest; all parts of messages, by theirs; that what waits
    has all it needs; references, counters, and the pages of the database as far as its engine can tell. An embedded
    store must not be served meanwhile. Ends with 1 where something is not as it was written, or the store went back.

    Messages that were found damaged while a hub ran are looked at again, and offered again, by `knooppunt store
    recheck`.
    """
    from gateway.wiring.checking import check_all

    with refusals_told():
        found = check_all(settings_of(settings), clock=SystemClock())
    facts = {
        "rows": dict(found.rows),
        "faults": list(found.faults),
        "doubt": found.doubt,
        "not_checked": list(found.not_checked),
        "orphans": found.orphans,
    }
    if not as_json:
        for fault in found.faults:
            click.echo(f"fault: {fault}")
        if found.doubt is not None:
            click.echo(f"doubt: {found.doubt}")
        for each in found.not_checked:
            click.echo(f"not checked: {each}")
        if found.orphans:
            click.echo(f"{counted(found.orphans, 'file')} that no message has, which the next purge removes")
    if found.faults or found.doubt is not None:
        said = f"{counted(len(found.faults), 'fault')}" if found.faults else f"a hub would not serve it: {found.doubt}"
        step = "look at the disk; a message that is damaged is not offered and ends with its term, all others go on"
        doubted = "what to do about that, and what it costs, says knooppunt store confirm-restored --hub SETTINGS"
        raise Failure(said, next_step=step if found.faults else doubted, facts=facts)
    if as_json:
        print_json(facts)
    else:
        click.echo(f"{counted(sum(found.rows.values()), 'row')} read, all as they were written")


@db.command("copy")
@hub_option
@click.option(
    "--to",
    type=SETTINGS_FILE,
    required=True,
    help="Settings file of the hub as it is to be: with the database in [store], which is empty.",
)
@speaks
def copy(settings: Path, to: Path, as_json: bool) -> None:
    """Copy the store of a hub that does not run into a PostgreSQL database, with all that the portal keeps.

    All is written in one transaction, and each row and octet compared with what was read before that is committed. A
    copying that ends before leaves an empty database. From then on the store in `data.directory` is not served any
    more, as two that offer one message deliver it twice; nothing of it is changed or removed. To go back to it gives
    `knooppunt store confirm-restored`, which says what that costs.

    The key under which duplicates are known goes where the settings of --to look for it. Sessions of the portal end.
    """
    from gateway.wiring.moving import copy_hub  # a whole hub: too much for whoever asks for help

    before, after = settings_of(settings), settings_of(to)
    with refusals_told():
        moved = copy_hub(before, after, clock=SystemClock())
    copied = moved.copied
    if after.data.directory.resolve() != before.data.directory.resolve():
        click.echo(
            f"knooppunt: warning: {to} names another data.directory: the mark of time, the address book that was issued"
            f" and what is known of revocation lie in {before.data.directory} and are not copied; name that one, or"
            " copy them",
            err=True,
        )
    if as_json:
        print_json(
            {
                "to": moved.to,
                "key_file": moved.key_file,
                "generation": copied.generation,
                "rows": dict(copied.rows),
                "damaged": list(copied.damaged),
                "ended_earlier": copied.ended_earlier,
            }
        )
        return
    if copied.ended_earlier:
        click.echo(f"the store was copied to {moved.to} before")
    else:
        rows = counted(sum(copied.rows.values()), "row")
        click.echo(f"{rows} copied to {moved.to} and compared, of {counted(copied.rows['message'], 'message')}")
    for message_id in copied.damaged:
        click.echo(f"damaged here, and so there: {message_id}")
    click.echo(f"this store is not served any more; serve the other one: knooppunt serve {to}")
