"""A letter as another program reads it: fixed headers, one address, the words that were meant, whatever a name is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.portal.portal_samples import ORGANISATION

from gateway.desk_files import FOLDER
from gateway.jobs.letters import Addressee, Letterhead, written
from gateway.pages.texts import read_texts
from gateway.store.portal.mail import KINDS, SORTS, TO_STRANGERS, Letter, LetterSort, MailEvent, MailKind, MailLine
from gateway.store.portal.mail_rules import APART, due_from
from pmodes.term import time_zone

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TEXTS = read_texts(FOLDER / "texts")
HEADERS = ["From", "To", "Subject", "Date", "Auto-Submitted", "Message-ID"]
OF_TEXT = ["MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Language"]


def head(name: str = "Afdeling", language: str = "nl") -> Letterhead:
    return Letterhead(
        sender="meldingen@hub.example",
        origin="https://portaal.example",
        helpdesk="010 123 45 67",
        texts=TEXTS,
        named=lambda _organisation, _unit: Addressee(name=name, language=language),
    )


def letter(event: MailEvent, *, times: int = 1, until: datetime | None = None) -> Letter:
    sort = SORTS[KINDS[event]]
    line = MailLine(
        number=1,
        organisation=ORGANISATION,
        unit="unit",
        address="post@organisatie.example",
        sort=sort,
        event=event,
        times=times,
        until=until,
        about="",
        made_at=NOW,
        due_at=NOW,
    )
    return Letter(
        id="7f8c", organisation=ORGANISATION, address=line.address, sort=sort, lines=(line,), token="secret-token"
    )


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("event", MailEvent)
def test_everything_that_is_told_has_its_sentence_in_each_language(event: MailEvent, language: str) -> None:
    for times in (1, 2):
        made = written(letter(event, times=times, until=NOW + timedelta(days=3)), head(language=language), NOW)
        text = made.get_content()
        assert ("{" in text, "mail." in text) == (False, False)
        assert ("Afdeling" in text) == (event not in TO_STRANGERS), "a stranger's number may be somebody else's"


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("event", sorted(TO_STRANGERS))
def test_who_asked_to_take_part_is_told_to_log_in_only_where_it_can(event: MailEvent, language: str) -> None:
    text = written(letter(event), head(language=language), NOW).get_content()
    assert ("https://portaal.example/" in text) == (event is MailEvent.WELCOME)
    assert TEXTS[language]("mail.start.changes") not in text
    assert "010 123 45 67" in text


@given(st.sampled_from(MailEvent), st.text(max_size=60), st.integers(1, 10_000))
def test_a_letter_has_the_headers_that_it_has_whatever_a_unit_is_called(
    event: MailEvent, name: str, times: int
) -> None:
    said = letter(event, times=times)
    read = message_from_bytes(written(said, head(name), NOW).as_bytes(), policy=default)
    more = ["List-Unsubscribe", "List-Unsubscribe-Post"] if said.sort is LetterSort.MESSAGES else []
    assert sorted(read.keys()) == sorted([*HEADERS, *more, *OF_TEXT])
    assert [str(each) for each in read["To"].addresses] == ["post@organisatie.example"]
    assert read.get_content_type() == "text/plain"
    body = read.get_content()
    links = [each for each in body.split() if "secret-token" in each]
    assert len(links) == (0 if said.sort is LetterSort.CHANGES else 1)


@given(st.lists(st.sampled_from([MailEvent.NEW, MailEvent.REMINDER, MailEvent.EXPIRED]), min_size=1, max_size=5))
def test_what_is_due_together_is_a_line_each(events: list[MailEvent]) -> None:
    said = letter(events[0])
    lines = tuple(replace(said.lines[0], number=number, event=each) for number, each in enumerate(events))
    text = written(replace(said, lines=lines), head(), NOW).get_content()
    assert sum(each.startswith("- Afdeling: ") for each in text.splitlines()) == len(events)


@pytest.mark.parametrize(
    ("events", "start"),
    [
        ([MailEvent.EXPIRED], "Log in om te zien of er nog berichten wachten:"),
        ([MailEvent.EXPIRED, MailEvent.NEW], "Log in om te lezen wat er wacht:"),
        ([MailEvent.REMINDER], "Log in om te lezen wat er wacht:"),
    ],
)
def test_nobody_is_asked_to_read_what_is_gone(events: list[MailEvent], start: str) -> None:
    said = letter(events[0])
    lines = tuple(replace(said.lines[0], event=each) for each in events)
    assert start in written(replace(said, lines=lines), head(), NOW).get_content().splitlines()


@pytest.mark.parametrize("event", [MailEvent.LOCK_COUNTS, MailEvent.LOCK_REMOVED, MailEvent.LOCKS_LISTED])
def test_a_shared_mailbox_reads_what_a_lock_is(event: MailEvent) -> None:
    text = written(letter(event), head(), NOW).get_content()
    assert ("passkey" in text, "herstelblad" in text) == (True, True)


def test_a_letter_calls_a_request_what_the_pages_call_it() -> None:
    assert "verzoek" not in "".join(
        written(letter(each), head(), NOW).get_content() for each in MailEvent if KINDS[each] is MailKind.REQUESTS
    )


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware


@given(MOMENTS, st.one_of(st.none(), MOMENTS))
def test_a_letter_about_messages_is_never_due_at_night_nor_within_the_hour_nor_much_later(
    now: datetime, told_at: datetime | None
) -> None:
    due = due_from(LetterSort.MESSAGES, told_at, now)
    assert due.astimezone(time_zone()).hour >= 7
    assert now <= due <= now + APART + timedelta(hours=8)
    if told_at is not None and told_at <= now:
        assert due >= told_at + APART
    assert due_from(LetterSort.CHANGES, told_at, now) == now
