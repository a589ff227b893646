"""A participant fetches the address book from a real hub, keeps it, and relies on what it may (SR-23)."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.client.offices import Office, office, question
from support.directory.books import DIRECTORY, book, entry, listed
from support.directory.locks import locked_when
from support.hubs.hub import TestedHub, catalogue, running_hub
from support.keys.pki import NOW, PARTIES, authority, identity

from crypto.endorsements import endorse
from crypto.paths import TrustedRoot
from gateway.client.address_book import (
    BOOK_FILE,
    KNOWN_FILE,
    KeptBookFault,
    held,
    load_for_next,
    load_kept,
    with_address_book,
)
from gateway.client.checking import Checks
from gateway.client.fetching_book import BookNotFetched, BookNotTaken, FetchedBook, fetch_address_book
from gateway.client.inbox import InboxState
from gateway.client.outbox import OutboxState
from gateway.client.outgoing import Unsendable
from gateway.client.participant import Participant
from gateway.client.pull import pull_until_empty
from gateway.client.push import push
from gateway.client.retry import RetryPolicy
from gateway.client.taking import Outcome
from gateway.directory.model import ListedVersion, SignedBook
from xsd.samples import sample_attachment

DAY = timedelta(days=1)
COUNSELLOR, CREDITOR = PARTIES["counsellor"][0], PARTIES["creditor"][0]
INVENTORY = (ListedVersion(module="Schuldinventarisatie", version="2.0"),)
FIRST = book(entry("counsellor", versions=INVENTORY), entry("creditor", versions=INVENTORY))
NEXT = listed("creditor", "next")
CHANGED = book(entry("counsellor"), entry("creditor", NEXT, listed("creditor", usage="encryption")), before=FIRST,
               at=NOW + DAY)  # fmt: skip


@dataclass
class Desk:
    """A counsellor that knows nobody of its own, at a hub whose book a test may change."""

    hub: TestedHub
    books: list[SignedBook]
    office: Office
    folder: Path

    async def fetch(self, *, anew: bool = False, **changed: object) -> FetchedBook:
        who = replace(self.who, **changed)  # type: ignore[arg-type]
        return await fetch_address_book(
            who, folder=self.folder, outbox=self.office.outbox, inbox=self.office.inbox, means=self.office.means,
            retry=RetryPolicy(retries=0), pull_retry=RetryPolicy(retries=0), anew=anew,
        )  # fmt: skip

    @property
    def who(self) -> Participant:
        return replace(self.office.who, hub_directory=(DIRECTORY.certificate,), senders={})

    def issue(self, signed: SignedBook) -> None:
        """What the hub hands out from now on, at the moment of its issue."""
        self.books.append(signed)
        self.hub.clock.move(signed.book.issue.issued_at - self.hub.clock.now())

    def relies_on(self, party: str = CREDITOR, **changed: object) -> tuple[object, ...]:
        who = replace(self.who, **changed)  # type: ignore[arg-type]
        return with_address_book(who, load_kept(self.folder, who)).senders.get(party, ())


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as found:
        yield found


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Desk]:
    books = [FIRST]
    async with running_hub(folder, address_books=books) as hub, office(hub, "counsellor", folder) as at:
        yield Desk(hub, books, at, folder / "address-book")


async def test_the_first_book_is_kept_and_relied_on(desk: Desk) -> None:
    found = await desk.fetch()
    assert (found.signed, {each.why for each in found.taken}, found.waiting) == (FIRST, {"first"}, ())
    assert (desk.folder / BOOK_FILE).read_bytes() == FIRST.octets
    assert load_kept(desk.folder, desk.who) == found.kept
    assert desk.relies_on() == (identity("creditor").signing.certificate,)
    (message,) = await desk.office.inbox.messages()
    assert message.state is InboxState.PROCESSED  # no later pull hands it over as a document
    assert (await desk.fetch()).changes == ()


async def test_what_waits_in_the_mailbox_besides_lies_in_the_inbox(desk: Desk, tmp_path: Path) -> None:
    async with office(desk.hub, "creditor", tmp_path) as creditor:
        book_of_creditor = replace(creditor.who, hub_directory=(DIRECTORY.certificate,))
        await desk.office.push(question(), "Saldoverzoek", sample_attachment())
        await fetch_address_book(
            book_of_creditor, folder=tmp_path / "book", outbox=creditor.outbox, inbox=creditor.inbox,
            means=creditor.means,
        )  # fmt: skip
        waiting = await creditor.inbox.next()
        assert waiting is not None
        assert waiting.action == "Saldoverzoek"


async def test_a_changed_certificate_that_nobody_vouches_for_is_not_relied_on(desk: Desk) -> None:
    await desk.fetch()
    desk.issue(CHANGED)
    found = await desk.fetch()
    assert [(each.entry.party, each.listed.certificate) for each in found.waiting] == [(CREDITOR, NEXT.certificate)]
    assert desk.relies_on() == ()


async def test_one_that_the_key_before_it_endorsed_is_taken_unasked(desk: Desk) -> None:
    await desk.fetch()
    value = endorse(NEXT.certificate, party=CREDITOR, usage="signing", key=identity("creditor").signing_key)
    desk.issue(book(entry("creditor", replace(NEXT, endorsement=value)), before=FIRST, at=NOW + DAY))
    found = await desk.fetch()
    assert ([each.why for each in found.taken], found.waiting) == (["endorsed"], ())
    assert desk.relies_on() == (NEXT.certificate,)


@pytest.mark.parametrize(
    ("party", "taken"), [("creditor", ["root"]), ("counsellor", [])], ids=["its-own-oin", "the-oin-of-another"]
)
async def test_one_that_a_chosen_root_issued_for_that_oin_is_taken_unasked(
    desk: Desk, party: str, taken: list[str]
) -> None:
    await desk.fetch()
    changed = entry("creditor", listed(party, "next"))
    desk.issue(book(changed, before=FIRST, at=NOW + DAY))
    roots = (TrustedRoot(certificate=authority().certificate),)
    assert [each.why for each in (await desk.fetch(roots=roots)).taken] == taken


async def test_own_entries_go_before_the_book(desk: Desk) -> None:
    """Whom participant.yaml lists is known from the first book on."""
    own = {CREDITOR: (NEXT.certificate,)}
    found = await desk.fetch(senders=own)
    assert [each.entry.party for each in found.waiting] == [CREDITOR]
    assert desk.relies_on(senders=own) == (NEXT.certificate,)


async def test_an_own_entry_counts_while_it_stands_in_participant_yaml(desk: Desk) -> None:
    await desk.fetch()
    desk.issue(CHANGED)
    own = {CREDITOR: (NEXT.certificate, identity("creditor").signing.certificate)}
    assert (await desk.fetch(senders=own)).waiting == ()
    assert desk.relies_on() == ()
    assert load_kept(desk.folder, desk.who).known[CREDITOR].signing == (identity("creditor").signing.certificate,)


async def test_what_a_fetch_collects_besides_is_held_against_the_book_that_is_here(desk: Desk, tmp_path: Path) -> None:
    async with office(desk.hub, "creditor", tmp_path) as creditor:
        other = Desk(desk.hub, desk.books, creditor, tmp_path / "book")
        await other.fetch()
        await desk.office.push(question(), "Saldoverzoek", sample_attachment())
        await other.fetch()
        assert [each.origin for each in await creditor.inbox.messages() if each.action == "Saldoverzoek"] == [
            "verified"
        ]


async def test_the_certificate_that_signed_a_book_must_have_counted_then(desk: Desk) -> None:
    expired = identity("stranger", "expired")
    desk.issue(book(entry("creditor"), at=NOW + DAY, key=expired.signing_key))
    with pytest.raises(BookNotTaken, match="did not count"):
        await desk.fetch(hub_directory=(DIRECTORY.certificate, expired.signing.certificate))


@pytest.mark.parametrize(
    ("issued", "why"),
    [
        (FIRST, "is lower than"),
        (book(entry("creditor"), at=NOW + 2 * DAY), "not among those before it"),
        (book(before=CHANGED, at=NOW + 2 * DAY, key=identity("hub").signing_key), "signature does not hold"),
        (book(before=CHANGED, at=NOW + 2 * DAY, hub="00000099000000009001"), "another hub"),
        (book(entry("creditor"), entry("creditor"), before=CHANGED, at=NOW + 2 * DAY), "one party id to two"),
    ],
    ids=["lower-serial", "another-chain", "another-key", "another-hub", "a-party-twice"],
)
async def test_a_book_that_may_not_follow_changes_nothing(desk: Desk, issued: SignedBook, why: str) -> None:
    desk.issue(CHANGED)
    kept = (await desk.fetch()).kept
    desk.books.append(issued)
    desk.hub.clock.move(2 * DAY)
    with pytest.raises(BookNotTaken, match=why):
        await desk.fetch()
    assert load_kept(desk.folder, desk.who) == kept


async def test_a_book_past_its_date_is_not_taken_and_one_that_is_here_blocks_no_receiving(
    desk: Desk, tmp_path: Path
) -> None:
    await desk.fetch()
    desk.hub.clock.move(8 * DAY)
    with pytest.raises(BookNotTaken, match="that is over"):
        await desk.fetch()
    async with office(desk.hub, "creditor", tmp_path) as creditor:
        who = replace(creditor.who, hub_directory=(DIRECTORY.certificate,), senders={})
        kept = load_kept(desk.folder, who)
        await desk.office.push(question(), "Saldoverzoek", sample_attachment())
        outcomes = await pull_until_empty(with_address_book(who, kept), inbox=creditor.inbox, means=creditor.means)
        assert outcomes[0].outcome is Outcome.STORED
        (message,) = await creditor.inbox.messages()
        assert message.origin == "verified"


async def test_a_person_may_take_a_book_that_follows_on_none_and_certificates_still_wait(desk: Desk) -> None:
    await desk.fetch()
    desk.issue(book(entry("creditor", NEXT), at=NOW + DAY))
    with pytest.raises(BookNotTaken):
        await desk.fetch()
    found = await desk.fetch(anew=True)
    assert [each.entry.party for each in found.waiting] == [CREDITOR]


OTHER_KEY = identity("hub")
FOLLOWS = book(entry("creditor"), before=FIRST, at=NOW + DAY, key=OTHER_KEY.signing_key)


@pytest.mark.parametrize("anew", [False, True])
async def test_a_book_by_the_next_directory_key_is_taken_when_the_one_before_has_gone(
    desk: Desk, *, anew: bool
) -> None:
    await desk.fetch()
    changed: dict[str, object] = {"hub_directory": (OTHER_KEY.signing.certificate,)}
    with pytest.raises(KeptBookFault, match="fetch the address book again"):
        desk.relies_on(**changed)
    desk.issue(FOLLOWS)
    found = await desk.fetch(anew=anew, **changed)
    assert found.signed == FOLLOWS
    assert [each.sentence for each in found.changes]  # against the one before
    assert desk.relies_on(**changed) == (identity("creditor").signing.certificate,)


async def test_a_book_by_the_next_directory_key_has_to_follow_on_the_one_before(desk: Desk) -> None:
    await desk.fetch()
    desk.issue(book(entry("creditor"), at=NOW + DAY, key=OTHER_KEY.signing_key))
    with pytest.raises(BookNotTaken, match="not among those before it"):
        await desk.fetch(hub_directory=(OTHER_KEY.signing.certificate,))


async def test_nobody_relies_on_a_book_whose_key_is_not_listed_any_more(desk: Desk) -> None:
    await desk.fetch()
    who = replace(desk.who, hub_directory=(OTHER_KEY.signing.certificate,))
    kept = load_for_next(desk.folder, who)
    assert kept.signed == FIRST
    assert with_address_book(who, kept).senders == {}


@pytest.mark.parametrize("octets", [b"", b"<Adresboek", b"<a/>"])
async def test_a_book_that_the_disk_lost_is_replaced_where_a_person_says_so(desk: Desk, octets: bytes) -> None:
    await desk.fetch()
    (desk.folder / BOOK_FILE).write_bytes(octets)
    with pytest.raises(KeptBookFault, match="is not what was written there") as refused:
        await desk.fetch()
    assert refused.value.is_damage
    assert (await desk.fetch(anew=True)).signed == FIRST


async def test_damage_that_leaves_a_book_readable_is_told_as_damage_and_not_as_a_fork(desk: Desk) -> None:
    await desk.fetch()
    (desk.folder / BOOK_FILE).write_bytes(FIRST.octets.replace(b"<Collectief>false", b"<Collectief>true"))
    with pytest.raises(KeptBookFault, match="is not what was written there") as refused:
        await desk.fetch()
    assert refused.value.is_damage
    assert (await desk.fetch(anew=True)).signed == FIRST


async def test_who_is_known_is_learnt_again_where_the_disk_lost_it_and_a_person_says_so(desk: Desk) -> None:
    await desk.fetch()
    known = load_kept(desk.folder, desk.who).known
    (desk.folder / KNOWN_FILE).write_bytes(b"{")
    with pytest.raises(KeptBookFault, match="compare their fingerprints") as refused:
        await desk.fetch()
    assert refused.value.is_damage
    await desk.fetch(anew=True)
    assert load_kept(desk.folder, desk.who).known == known


@pytest.mark.parametrize("file", [BOOK_FILE, KNOWN_FILE])
async def test_what_cannot_be_read_is_no_damage(desk: Desk, file: str) -> None:
    """A folder in its place, or a file that is another's, holds nothing of what was written there."""
    await desk.fetch()
    (desk.folder / file).unlink()
    (desk.folder / file).mkdir()
    with pytest.raises(KeptBookFault, match="it is a folder") as refused:
        load_kept(desk.folder, desk.who)
    assert (refused.value.is_damage, refused.value.errno) == (False, errno.EINVAL)
    with pytest.raises(KeptBookFault, match="it is a folder"):
        await desk.fetch()


async def test_a_book_that_another_key_signed_is_told_as_strange(desk: Desk) -> None:
    with pytest.raises(BookNotTaken, match="signature does not hold") as refused:
        await desk.fetch(hub_directory=(OTHER_KEY.signing.certificate,))
    assert refused.value.is_strange


async def test_a_book_that_is_not_taken_is_no_document_that_a_later_pull_hands_over(desk: Desk) -> None:
    desk.issue(book(entry("creditor"), at=NOW + DAY, key=OTHER_KEY.signing_key))
    with pytest.raises(BookNotTaken):
        await desk.fetch()
    assert [each.state for each in await desk.office.inbox.messages()] == [InboxState.PROCESSED]
    assert await desk.office.inbox.next() is None


async def test_nobody_else_changes_what_is_kept_while_an_issue_is_taken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = locked_when(monkeypatch, "gateway.client.fetching_book.keep")
    await desk.fetch()
    assert seen == [True]
    with held(desk.folder):
        pass  # and it lets go


async def test_a_hub_without_a_book_says_so(desk: Desk) -> None:
    desk.books.clear()
    with pytest.raises(BookNotFetched) as refused:
        await desk.fetch()
    assert refused.value.pushed is not None
    assert refused.value.pushed.state is OutboxState.REFUSED


@pytest.mark.parametrize(
    ("file", "octets", "why"),
    [
        (BOOK_FILE, FIRST.octets.replace(b"<Collectief>false", b"<Collectief>true"), "not what was signed"),
        (KNOWN_FILE, b"{", "not what was written"),
        (KNOWN_FILE, b'{"1": {"signing": ["AAAA"], "encryption": []}}', "not what was written"),
    ],
    ids=["book", "known", "certificate"],
)
async def test_what_the_disk_changed_is_not_relied_on(desk: Desk, file: str, octets: bytes, why: str) -> None:
    await desk.fetch()
    (desk.folder / file).write_bytes(octets)
    with pytest.raises(KeptBookFault, match=why):
        load_kept(desk.folder, desk.who)


async def test_what_the_hub_would_refuse_does_not_leave(desk: Desk) -> None:
    desk.issue(book(entry("counsellor", versions=INVENTORY), before=FIRST, at=NOW + DAY))
    kept = (await desk.fetch()).kept
    checks = Checks(catalogue=catalogue(), book=kept.book)
    kind = {"module": "Schuldinventarisatie", "version": "2.0", "message_type": "Saldoverzoek"}
    with pytest.raises(Unsendable, match="is not in the address book") as refused:
        await push(desk.who, question(), **kind, outbox=desk.office.outbox, means=desk.office.means, checks=checks)
    assert "--unchecked" in refused.value.next_step
    assert await desk.office.outbox.waiting() == ()
    desk.hub.clock.move(8 * DAY)  # past its date it holds nothing back
    sent = await desk.office.push(question(), "Saldoverzoek", sample_attachment())
    assert sent.state is OutboxState.ACKNOWLEDGED
