"""What is remembered of revocation over a stop: read as it was written, or the hub does not start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.jobs.revocation_kept import FOLDER, LEDGER, KeptAnswers, Ledger, LedgerUnreadable, Revoked, parsed, text

ENDS = datetime(2026, 5, 1, tzinfo=UTC)
REVOKED = Revoked(said="the CRL says revoked", ends_at=ENDS.isoformat())
NAMES = st.text("0123456789abcdef", min_size=64, max_size=64)
LEDGERS = st.builds(
    Ledger,
    numbers=st.dictionaries(NAMES, st.integers(0, 2**160), max_size=3),
    until=st.dictionaries(NAMES, st.datetimes(timezones=st.just(UTC)), max_size=3),
    revoked=st.dictionaries(
        NAMES,
        st.builds(
            Revoked,
            said=st.text(max_size=40),
            ends_at=st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
        ),
        max_size=3,
    ),
)


@given(LEDGERS)
def test_a_ledger_is_read_as_it_was_written(ledger: Ledger) -> None:
    assert parsed(text(ledger)) == ledger


@given(LEDGERS, st.data())
def test_a_ledger_with_one_octet_changed_or_lost_is_not_read(ledger: Ledger, data: st.DataObject) -> None:
    octets = text(ledger)
    place = data.draw(st.integers(0, len(octets) - 1))
    other = data.draw(st.binary(max_size=1).filter(lambda each: each != octets[place : place + 1]))
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        parsed(octets[:place] + other + octets[place + 1 :])


def test_what_was_written_is_there_after_a_stop_and_its_owners_alone(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path)
    ledger = Ledger(numbers={"a": 7}, until={"a": ENDS}, revoked={"b": REVOKED})
    kept.write_ledger(ledger)
    kept.write_crl("a", b"a CRL")
    kept.write_response("b", b"a response")
    again = KeptAnswers(tmp_path)
    assert (again.ledger(), again.crl("a"), again.response("b")) == (ledger, b"a CRL", b"a response")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / FOLDER).iterdir()} == {0o600}


def test_a_ledger_of_before_is_read_as_it_was_written() -> None:
    """It did not say when the next CRL was due."""
    ledger = Ledger(numbers={"a": 7}, revoked={"b": REVOKED})
    assert b"until" not in text(ledger, form=1)
    assert parsed(text(ledger, form=1)) == ledger


def test_nothing_is_remembered_where_nothing_was(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path)
    assert (kept.ledger(), kept.crl("a"), kept.response("b")) == (Ledger(), None, None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("octets", [b"", b"{}", b"[]", b"null", b"{" * 100_000, b"\xff", b'{"numbers": 1}'])
def test_a_ledger_that_cannot_be_read_is_told_with_a_step(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / LEDGER).write_bytes(octets)
    with pytest.raises(LedgerUnreadable, match=r"ledger\.json: .*put it back from a backup"):
        KeptAnswers(tmp_path).ledger()


def test_a_revoked_certificate_is_remembered_until_90_days_after_its_end() -> None:
    assert REVOKED.forget_at == ENDS + timedelta(days=90)
