"""The keeper of the address book: an issue when one is due, durable before it is handed out, its serial never back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.directory.books import DIRECTORY
from support.hubs.hub import LogLines
from support.hubs.repeating import configured
from support.keys.pki import NOW, identity

from crypto.keys import Signer
from gateway.directory.chain import Untakeable, check_follows
from gateway.directory.document import read_signed
from gateway.directory.model import SignedBook
from gateway.jobs.address_book import BEFORE_NAME, FILE_NAME, AddressBookKeeper, BookGround
from pmodes.configuration import Configuration
from pmodes.directory import entries_of

DAY = timedelta(days=1)


class Kept:
    """A keeper over a folder, whose ground a test may change."""

    def __init__(self, folder: Path, configuration: Configuration, key: Signer = DIRECTORY) -> None:
        self.folder = folder
        self.clock, self.log = StandingClock(NOW), LogLines()
        self.ground: BookGround | None = BookGround(configuration=configuration, key=key)
        self.suspect = False
        self.again()

    def again(self) -> None:
        """As after a restart."""
        self.keeper = AddressBookKeeper(
            self.folder, lambda: self.ground, self.clock, self.log, time_suspect=lambda: self.suspect
        )

    async def look(self) -> SignedBook:
        await self.keeper.look()
        found = self.keeper.current
        assert found is not None
        assert (self.folder / FILE_NAME).read_bytes() == found.octets
        return found


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path, configured())


async def test_the_first_look_makes_an_issue_and_the_next_ones_none(kept: Kept) -> None:
    first = await kept.look()
    assert read_signed(first.octets, (DIRECTORY.certificate,)) == first
    assert first.book.issue.before is None
    assert await kept.look() is first
    assert len(kept.log.of("address_book_issued")) == 1


async def test_changed_files_make_another_issue_that_names_the_one_before_it(kept: Kept) -> None:
    first = await kept.look()
    kept.ground = BookGround(configuration=configured(collectief=True), key=DIRECTORY)
    second = await kept.look()
    assert second.book.issue.before == (first.book.issue.serial, first.sha256)
    assert second.book.issue.serial == first.book.issue.serial + 1
    assert (kept.folder / BEFORE_NAME).read_bytes() == first.octets


async def test_an_issue_is_renewed_before_its_end_nears(kept: Kept) -> None:
    first = await kept.look()
    kept.clock.move(3 * DAY)
    assert await kept.look() is first
    kept.clock.move(timedelta(seconds=1))
    assert (await kept.look()).book.issue.serial > first.book.issue.serial


async def test_while_the_time_is_suspect_nothing_is_issued_and_what_was_before_is_handed_out_on(kept: Kept) -> None:
    kept.suspect = True
    await kept.keeper.look()
    assert kept.keeper.current is None
    assert not (kept.folder / FILE_NAME).exists()
    kept.suspect = False
    first = await kept.look()
    kept.suspect = True
    kept.clock.move(40 * DAY)
    kept.again()
    assert await kept.look() == first
    told = [{"detail": "the time is suspect"}] * 2
    assert kept.log.of("address_book_not_made") == told
    kept.clock.move(-40 * DAY)
    assert await kept.look() == first
    assert kept.log.of("address_book_not_made") == told, "none is due"


async def test_an_issue_of_a_clock_that_was_ahead_is_replaced_at_once_and_whoever_took_it_takes_the_next(
    kept: Kept,
) -> None:
    kept.clock.move(40 * DAY)
    poisoned = await kept.look()
    kept.clock.move(-40 * DAY)
    kept.again()
    mended = await kept.look()
    at = kept.clock.now()
    assert mended.book.issue.issued_at == at
    assert mended.book.issue.serial == poisoned.book.issue.serial + 1
    hub = mended.book.hub
    with pytest.raises(Untakeable, match="still to come"):
        check_follows(poisoned, None, hub=hub, at=at)
    check_follows(mended, poisoned, hub=hub, at=at)
    check_follows(mended, None, hub=hub, at=at)
    assert await kept.look() is mended


async def test_an_issue_after_a_restart_and_after_changes_reads_as_the_p_modes_say(kept: Kept) -> None:
    for each in (configured(), configured(collectief=True), configured(), configured(collectief=True)):
        kept.ground = BookGround(configuration=each, key=DIRECTORY)
        for _ in range(2):
            found = await kept.look()
            assert read_signed(found.octets, (DIRECTORY.certificate,)).book == found.book
            assert found.book.entries == entries_of(each, kept.clock.now())
            kept.again()


async def test_where_an_issue_cannot_be_written_the_one_before_stays_handed_out_until_it_can(kept: Kept) -> None:
    first = await kept.look()
    kept.ground = BookGround(configuration=configured(collectief=True), key=DIRECTORY)
    kept.folder.rename(kept.folder.with_name("gone"))
    await kept.keeper.look()
    assert kept.keeper.current is first
    assert kept.log.of("address_book_not_made")
    kept.folder.with_name("gone").rename(kept.folder)
    second = await kept.look()
    assert second.book.issue.before == (first.book.issue.serial, first.sha256)


async def test_a_restart_goes_on_where_the_last_issue_ended(kept: Kept) -> None:
    first = await kept.look()
    kept.again()
    assert await kept.look() == first
    kept.clock.move(-10 * DAY)  # a clock that was set back
    kept.ground = BookGround(configuration=configured(), key=identity("administrator").signing_key)
    kept.again()
    assert (await kept.look()).book.issue.serial == first.book.issue.serial + 1


async def test_another_key_signs_the_same_anew_also_after_a_restart(kept: Kept) -> None:
    first = await kept.look()
    other = identity("administrator").signing_key
    kept.ground = BookGround(configuration=configured(), key=other)
    kept.again()
    second = await kept.look()
    assert read_signed(second.octets, (other.certificate,)).book.entries == first.book.entries
    assert second.book.issue.before == (first.book.issue.serial, first.sha256)


async def test_what_cannot_be_read_is_told_and_the_book_begins_anew_with_a_serial_of_today(kept: Kept) -> None:
    await kept.look()
    (kept.folder / FILE_NAME).write_bytes(b"\0")
    kept.again()
    kept.clock.move(DAY)
    assert (await kept.look()).book.issue.serial == 2026030500
    assert kept.log.of("address_book_unreadable") == [{"detail": "it cannot be read (nul)"}]


async def test_an_issue_that_the_disk_does_not_take_is_not_handed_out(kept: Kept, tmp_path: Path) -> None:
    first = await kept.look()
    kept.clock.move(4 * DAY)
    kept.keeper = AddressBookKeeper(tmp_path / "gone", lambda: kept.ground, kept.clock, kept.log)
    await kept.keeper.look()
    assert kept.keeper.current is None
    assert kept.log.of("address_book_not_made") == [{"detail": "No such file or directory"}]
    kept.again()
    assert (await kept.look()).book.issue.before == (first.book.issue.serial, first.sha256)


async def test_settings_that_want_none_make_none(kept: Kept) -> None:
    kept.ground = None
    await kept.keeper.look()
    assert kept.keeper.current is None
    assert list(kept.folder.iterdir()) == []
