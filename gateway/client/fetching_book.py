"""Fetch the address book: ask the hub for it, collect the answer, hold it against what is kept, and keep what is taken.

The question is a message like any other, and its answer comes out of the own mailbox, with whatever waits there
besides: that lies in the inbox then, for the next pull to hand over. An answer that another process pulled is found
there as well.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from crypto.certificates import certificate_objection
from gateway.client.address_book import KeptBook, held, keep, load_for_next, vouched_by, with_address_book
from gateway.client.inbox import Inbox, InboxMessage
from gateway.client.means import Means
from gateway.client.outbox import Outbox, OutboxState
from gateway.client.participant import Participant
from gateway.client.pull import RETRY as PULL_RETRY
from gateway.client.pull import pull_until_empty
from gateway.client.push import RETRY, PushResult, push
from gateway.client.retry import RetryPolicy
from gateway.client.taking import PullResult
from gateway.directory.chain import Untakeable, check_follows
from gateway.directory.changes import BookChange, changes
from gateway.directory.document import BOOK_LIMITS, BookFault, SignedByAnother, read_signed
from gateway.directory.model import SignedBook
from gateway.directory.trust import TakenCertificate, WaitingCertificate, learn, waiting
from xsd.generated.common_2_0 import Stuurgegevens
from xsd.generated.knooppunt_1_1 import Adresboek, AdresboekVerzoek


class BookNotFetched(Exception):
    """The hub gave no address book; the text says how far it came. `pushed` is how the hub answered the question, where
    it did not take it; else `pulled` is what came of the mailbox, the answer among it if it was refused here.
    """

    def __init__(self, sentence: str, *, pushed: PushResult | None = None, pulled: tuple[PullResult, ...] = ()) -> None:
        super().__init__(sentence)
        self.pushed = pushed
        self.pulled = pulled


class BookNotTaken(Exception):
    """A book came, and what is kept stays as it is; `is_fork` as of `gateway.directory.chain.Untakeable`, `is_strange`
    where its certificate is none of `hub.directory`, or did not count.
    """

    def __init__(self, sentence: str, *, is_fork: bool = False, is_strange: bool = False) -> None:
        super().__init__(sentence)
        self.is_fork = is_fork
        self.is_strange = is_strange


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedBook:
    """What is kept now, what it says otherwise than before, which certificates are new, for which nobody vouches;
    and what came of the mailbox, the answer with whatever else lay there.
    """

    kept: KeptBook
    signed: SignedBook
    changes: tuple[BookChange, ...]
    taken: tuple[TakenCertificate, ...]
    waiting: tuple[WaitingCertificate, ...]
    pulled: tuple[PullResult, ...] = ()


async def fetch_address_book(
    participant: Participant,
    *,
    folder: Path,
    outbox: Outbox,
    inbox: Inbox,
    means: Means,
    retry: RetryPolicy = RETRY,
    pull_retry: RetryPolicy = PULL_RETRY,
    anew: bool = False,
) -> FetchedBook:
    """Ask, collect, judge and keep in `folder`. Raises `BookNotFetched`, `BookNotTaken`, `KeptBookFault`, and what
    `push` and `pull` raise. With `anew` an issue is taken that does not follow on the one that is kept; which
    certificates are known stays as it is.
    """
    kept = await asyncio.to_thread(load_for_next, folder, participant, anew=anew)
    answer, pulled = await _answer(with_address_book(participant, kept), outbox, inbox, means, retry, pull_retry)
    try:
        found = await asyncio.to_thread(_take_answer, answer, participant, folder, means, anew)
        return replace(found, pulled=pulled)
    finally:  # one that is not taken either is no document that a later pull hands over
        await inbox.mark_processed(answer.number, at=means.clock.now())


def _take_answer(answer: InboxMessage, participant: Participant, folder: Path, means: Means, anew: bool) -> FetchedBook:
    with held(folder):
        kept = load_for_next(folder, participant, anew=anew)  # another command may have taken one meanwhile
        signed = _judged(answer, participant, kept, means, anew)
        return take_book(signed, participant, kept, folder, means)


def take_book(signed: SignedBook, participant: Participant, kept: KeptBook, folder: Path, means: Means) -> FetchedBook:
    """Learn from an issue that was judged, and keep it; the folder is held meanwhile."""
    known, taken = learn(signed.book, kept.known, vouched_by(participant, means.clock.now()))
    now = KeptBook(signed=signed, known=known)
    keep(folder, now, participant)
    return FetchedBook(
        kept=now,
        signed=signed,
        changes=changes(kept.book, signed.book),
        taken=taken,
        waiting=waiting(signed.book, known),
    )


_SERVICE: Final = f"{AdresboekVerzoek.MODULE}:{AdresboekVerzoek.VERSION}"


async def _answer(
    participant: Participant, outbox: Outbox, inbox: Inbox, means: Means, retry: RetryPolicy, pull_retry: RetryPolicy
) -> tuple[InboxMessage, tuple[PullResult, ...]]:
    reference = str(uuid.UUID(bytes=means.random_octets(16), version=4))
    question = AdresboekVerzoek(
        stuurgegevens=Stuurgegevens(
            referentienummer=reference,
            conversatie_referentienummer=reference,
            versie=AdresboekVerzoek.VERSION,
            afzender=participant.party,
            ontvanger=participant.hub_party.value,
            berichttype=AdresboekVerzoek.ELEMENT,
            aanmaakmoment=means.clock.now(),
        )
    )
    pushed = await push(
        participant,
        question.to_xml(),
        module=AdresboekVerzoek.MODULE,
        version=AdresboekVerzoek.VERSION,
        message_type=AdresboekVerzoek.ELEMENT,
        outbox=outbox,
        means=means,
        checks=None,
        retry=retry,
    )
    if pushed.state is not OutboxState.ACKNOWLEDGED:
        raise BookNotFetched("the hub took no question for its address book", pushed=pushed)
    pulled = await pull_until_empty(participant, inbox=inbox, means=means, retry=pull_retry)
    found = await inbox.find_answer(reference, service=f"{participant.base}:{_SERVICE}", action=Adresboek.ELEMENT)
    if found is None:
        raise BookNotFetched("the answer of the hub is not in the mailbox", pulled=pulled)
    return found, pulled


def _judged(answer: InboxMessage, participant: Participant, kept: KeptBook, means: Means, anew: bool) -> SignedBook:
    parts = answer.parts[1:]
    if len(parts) != 1 or parts[0].octets > BOOK_LIMITS.octets:
        raise BookNotTaken("the answer of the hub has not the one file that an address book is")
    try:
        signed = read_signed(parts[0].read(), participant.hub_directory)
        issued_at = signed.book.issue.issued_at
        if signed.verified_by is None or certificate_objection(signed.verified_by, issued_at, usage="signing"):
            said = "the certificate of `hub.directory` that signed it did not count when it was signed"
            raise BookNotTaken(said, is_strange=True)
        check_follows(signed, None if anew else kept.signed, hub=participant.hub_party.value, at=means.clock.now())
    except BookFault as fault:
        raise BookNotTaken(str(fault), is_strange=isinstance(fault, SignedByAnother)) from None
    except Untakeable as fault:
        raise BookNotTaken(str(fault), is_fork=fault.is_fork) from None
    return signed
