"""knooppunt pull: collect what waits in the own mailbox, store it, confirm it."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

import click

from gateway.cli.output import PEER, REFUSED, Failure, print_json, print_table, speaks
from gateway.cli.participant import Desk, as_option, desk
from gateway.client.inbox import InboxMessage
from gateway.client.pull import keep_pulling, pull_until_empty
from gateway.client.retry import RetryPolicy
from gateway.client.taking import Outcome, PullResult

FAILED: Final = frozenset({Outcome.NOT_TAKEN, Outcome.REFUSED, Outcome.NO_ANSWER})


@click.command()
@as_option
@click.option("--keep", is_flag=True, help="Keep polling until Ctrl-C, more slowly while nothing comes.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Where documents go; FOLDER/in if not given."
)
@click.option("--retries", type=click.IntRange(0, 50), default=3, show_default=True, help="How often to try again.")
@speaks
def pull(folder: Path, keep: bool, out: Path | None, retries: int, as_json: bool) -> None:
    """Pull until the mailbox is empty.

    Each message is verified, decrypted and stored before the hub gets the receipt that lets it forget the message. Its
    documents are then written to --out, once, and the message counts as processed.
    """
    target = out or folder / "in"
    results, written = asyncio.run(_pull(folder, target, keep, retries, quiet=as_json))
    facts = [_facts(message, files) for message, files in written]
    bad = next((each for each in results if each.outcome in FAILED), None)
    tests = sum(each.outcome is Outcome.TEST for each in results)
    if not as_json and (written or bad is None):
        print_table(
            "",
            ("type", "from", "reference", "sender's signature", "file"),
            [
                (m.action, m.original_sender, m.tracking_identifier, m.origin, ", ".join(str(each) for each in files))
                for m, files in written
            ],
            empty="the mailbox is empty" if not tests else "the mailbox is empty now",
        )
        if tests:
            click.echo(f"test messages acknowledged: {tests}")
    if bad is not None:
        _fail(bad, facts)
    if as_json:
        print_json(facts)


async def _pull(
    folder: Path, target: Path, keep: bool, retries: int, *, quiet: bool
) -> tuple[tuple[PullResult, ...], list[tuple[InboxMessage, list[Path]]]]:
    retry = RetryPolicy(first_seconds=1.0, retries=retries)
    written: list[tuple[InboxMessage, list[Path]]] = []
    async with desk(folder, quiet=quiet) as at:

        async def process() -> None:
            written.extend((replace(message, parts=()), files) for message, files in await _process(at, target))

        results: tuple[PullResult, ...] = ()
        if keep:  # what came is written at once: the hub has forgotten it, and this may go on for months
            with suppress(asyncio.CancelledError, KeyboardInterrupt):
                await keep_pulling(at.participant, inbox=at.inbox, means=at.means, retry=retry, when_empty=process)
        else:
            results = await pull_until_empty(at.participant, inbox=at.inbox, means=at.means, retry=retry)
        await process()
        return results, written


async def _process(at: Desk, target: Path) -> list[tuple[InboxMessage, list[Path]]]:
    """Write the parts of every message not yet processed; a crash in between writes the same files again."""
    written = []
    number = 0
    while (message := await at.inbox.next(number)) is not None:
        number = message.number
        files = []
        for index, part in enumerate(message.parts):
            path = target / _file_name(message, index, part.mime_type)
            path.parent.mkdir(parents=True, exist_ok=True)
            part.copy_to(path)
            files.append(path)
        await at.inbox.mark_processed(message.number, at=at.means.clock.now())
        written.append((message, files))
    return written


def _file_name(message: InboxMessage, index: int, mime_type: str) -> str:
    """A name made of nothing but our own number, the type, and an ending that we know."""
    plain = re.sub(r"[^A-Za-z0-9]", "", message.action)[:64] or "message"
    ending = {"application/xml": "xml", "text/xml": "xml", "application/pdf": "pdf"}.get(mime_type, "bin")
    return f"{message.number:06d}-{plain}{'' if index == 0 else f'-{index}'}.{ending}"


def _facts(message: InboxMessage, files: list[Path]) -> dict[str, object]:
    return {
        "number": message.number,
        "message_id": message.message_id,
        "type": message.action,
        "service": message.service,
        "from": message.original_sender,
        "reference": message.tracking_identifier,
        "answers": message.cross_reference,
        "conversation": message.conversation_id,
        "origin": message.origin,
        "files": [str(each) for each in files],
    }


def _fail(result: PullResult, facts: list[dict[str, object]]) -> NoReturn:
    lines = [f"{e.code} {e.description or e.short_description or ''}".rstrip() for e in result.errors]
    if result.outcome is Outcome.REFUSED:
        raise Failure(
            "\n  ".join(("the hub refused the pull:", *lines)),
            next_step="are mailbox and certificate those that the hub has registered for you?",
            code=REFUSED,
            facts=facts,
        )
    raise Failure(
        "\n  ".join((f"the pull ended without a message ({result.outcome.value}): {result.note}", *lines)),
        next_step="pull again; the hub keeps the message until it has your receipt"
        if result.outcome is not Outcome.NO_ANSWER
        else "does the hub run, and is hub.url in participant.yaml its address? nothing is lost: pull again",
        code=PEER,
        facts=facts,
    )
