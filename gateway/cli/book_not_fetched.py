"""What is told of an address book that was not fetched, or of which what came is not taken.

The answer of the hub is a message in the own mailbox: whatever keeps a pull from it is told, and advised, as
`knooppunt pull` does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gateway.cli.output import PEER, REFUSED, Failure, command_line
from gateway.cli.participant import fingerprint
from gateway.cli.pulled import FAILED, failure_of_all
from gateway.client.advice import advise, advise_held_back
from gateway.client.answers import AnswerKind
from gateway.client.fetching_book import BookNotFetched, BookNotTaken
from gateway.client.inbox import NotTaken
from gateway.client.outbox import OutboxState
from gateway.client.participant import Participant
from gateway.client.push import PushResult
from gateway.client.taking import PullResult


def not_fetched(fault: BookNotFetched, participant: Participant, held_back: Sequence[NotTaken]) -> Failure:
    """The failure of a fetch that got no book; `held_back` is what the participant itself refused and lies in the
    mailbox still.
    """
    if fault.pushed is not None:
        return _question_not_taken(fault.args[0], fault.pushed, participant)
    failure = failed_pulls(fault.pulled, participant)
    if failure is not None:
        failure.sentence = f"{fault.args[0]}\n{failure.sentence}"
        failure.next_step = "\n  ".join((failure.next_step, *participant.concerns))
        return failure
    steps = ["another pull of yours may have it under a lease: fetch again in a quarter of an hour"]
    if held_back:
        steps.append(advise_held_back({each.code for each in held_back}, participant))
    return Failure(fault.args[0], next_step="\n  ".join((*steps, *participant.concerns)), code=PEER)


def failed_pulls(pulled: Sequence[PullResult], participant: Participant) -> Failure | None:
    """What failed while the mailbox was emptied, each cause once; None where nothing did."""
    bad = [each for each in pulled if each.outcome in FAILED]
    return failure_of_all(bad, participant, None, again="fetch again") if bad else None


def _question_not_taken(sentence: str, pushed: PushResult, participant: Participant) -> Failure:
    lines = [f"{each.code} {each.description or each.short_description or ''}".rstrip() for each in pushed.errors]
    refused = pushed.state is OutboxState.REFUSED
    advice = advise(
        AnswerKind.FAILURE if refused else pushed.kind, pushed.errors, pushed.note, participant,
        at=datetime.now(UTC), pulling=False, retry_after_seconds=pushed.retry_after_seconds, status=pushed.status,
        is_about=refused,
    )  # fmt: skip
    if refused and not advice:
        advice = "ask the hub's operator whether it has an address book"
    return Failure("\n  ".join((sentence, *lines)), next_step=advice, code=REFUSED if refused else PEER)


def not_taken(fault: BookNotTaken, folder: Path, participant: Participant) -> Failure:
    """The failure of a fetch whose book is not one that follows on what is kept, or not by that key."""
    step = "nothing is changed here; ask the hub's operator about it"
    if fault.is_strange:
        named = ", ".join(map(fingerprint, participant.hub_directory))
        step = (
            f"nothing is changed here. Look at `hub.directory` in participant.yaml (SHA-256 {named}): ask the hub's"
            " operator whether that is the certificate of the key that signs the address book now, and name that one"
            " there"
        )
    if fault.is_fork:
        anew = command_line("knooppunt", "directory", "fetch", "--as", folder, "--anew")
        step = (
            "nothing is changed here. Ask the hub's operator, and another participant for the sha256 of its address"
            f" book: if the hub lost some issues, or the disk here changed what is kept, `{anew}` takes this one"
        )
    return Failure(f"the address book that came is not taken: {fault}", next_step=step, code=PEER)
