"""A message waits longer because its owner asks, within what was agreed on, and no longer than its signature holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hubs.hub import TestedHub, running_hub, signing_with
from support.hubs.pulling import records
from support.keys.pki import PARTIES, identity
from support.messages.wire import post, saldoverzoek

from crypto.keys import Signer
from gateway.msh import prolong as prolonging
from gateway.msh.later import Cause, Postponed
from gateway.msh.prolong import NotProlonged, may_add, prolong
from gateway.store.model import MessageRecord
from pmodes.term import ZONE_NAME, prolonged, time_zone

UNIT = PARTIES["creditor"][0]
OTHER = PARTIES["counsellor"][0]
DAY = timedelta(days=1)


def desk(days: int, **mailbox: object) -> dict[str, dict[str, object]]:
    return {"creditor": {"access": "desk", "mailbox": {"extension_days": days, **mailbox}}}


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[TestedHub]:
    """A creditor at a desk, whose messages may wait 14 days longer."""
    async with running_hub(tmp_path, extra=desk(14)) as running:
        yield running


async def waiting(hub: TestedHub) -> MessageRecord:
    assert (await post(hub, saldoverzoek(at=hub.clock.now()).wire())).receipt is not None
    return (await records(hub))[-1]


async def test_the_days_at_request_come_within_what_was_agreed_on_PO_34(hub: TestedHub) -> None:
    record = await waiting(hub)
    message_id, was = record.metadata.message_id, record.metadata.expires_at
    assert may_add(record, hub.configuration.by_party[UNIT]) == (7, 14)
    first = await prolong(message_id, unit=UNIT, days=7, hub=hub.hub)
    assert first == prolonged(was, 7)
    for days, why in ((28, NotProlonged.NOT_AGREED), (14, NotProlonged.TOO_LONG), (5, NotProlonged.NOT_AGREED)):
        assert await prolong(message_id, unit=UNIT, days=days, hub=hub.hub) is why
    assert await prolong(message_id, unit=UNIT, days=7, hub=hub.hub) == prolonged(was, 14)
    assert await prolong(message_id, unit=UNIT, days=7, hub=hub.hub) is NotProlonged.TOO_LONG
    (after,) = await records(hub)
    assert (after.metadata.expires_at, after.prolonged_days) == (prolonged(was, 14), 14)
    assert may_add(after, hub.configuration.by_party[UNIT]) == ()
    assert [each["days"] for each in hub.log.of("message_prolonged")] == [7, 7]


async def test_another_units_message_and_one_that_ended_are_none_PO_34(hub: TestedHub) -> None:
    record = await waiting(hub)
    message_id = record.metadata.message_id
    assert await prolong(message_id, unit=OTHER, days=7, hub=hub.hub) is None
    assert await prolong("no such message", unit=UNIT, days=7, hub=hub.hub) is None
    received = record.metadata.received_message_id
    assert await prolong(received, unit=UNIT, days=7, hub=hub.hub) is None, "the id of leg 1 names nothing here"
    hub.clock.at = record.metadata.expires_at
    assert await prolong(message_id, unit=UNIT, days=7, hub=hub.hub) is None


@pytest.mark.parametrize("extra", [desk(0), desk(28, extension="acceptance")], ids=["no days", "at acceptance"])
async def test_where_no_days_come_at_request_none_are_given_PO_34(
    tmp_path: Path, extra: dict[str, dict[str, object]]
) -> None:
    async with running_hub(tmp_path, extra=extra) as hub:
        record = await waiting(hub)
        refused = await prolong(record.metadata.message_id, unit=UNIT, days=7, hub=hub.hub)
        assert refused is NotProlonged.NOT_AGREED
        assert may_add(record, hub.configuration.by_party[UNIT]) == ()


async def test_days_at_request_do_not_come_with_the_acceptance(tmp_path: Path) -> None:
    deadlines = []
    for number, extra in enumerate((desk(0), desk(28), desk(28, extension="acceptance"))):
        async with running_hub(tmp_path / str(number), extra=extra) as hub:
            deadlines.append((await waiting(hub)).metadata.expires_at)
    assert deadlines == [deadlines[0], deadlines[0], prolonged(deadlines[0], 28)]


async def test_nothing_waits_longer_than_the_certificate_that_signed_it_PO_34(
    hub: TestedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await waiting(hub)
    ends = prolonged(record.metadata.expires_at, 7)

    def until(_certificate: object, at: datetime, _terms: object) -> None:
        if at > ends:
            raise Postponed(Cause.SIGNING_CERTIFICATE, "it ended")

    monkeypatch.setattr(prolonging, "check_own_signature", until)
    refused = await prolong(record.metadata.message_id, unit=UNIT, days=14, hub=hub.hub)
    assert refused is NotProlonged.CERTIFICATE
    assert await prolong(record.metadata.message_id, unit=UNIT, days=7, hub=hub.hub) == ends


def note_certificates(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Which certificates are asked whether they count long enough; all do."""
    asked: list[object] = []
    monkeypatch.setattr(prolonging, "check_own_signature", lambda certificate, _at, _terms: asked.append(certificate))
    return asked


@pytest.mark.parametrize("now", [(), (identity("hub", "next").signing_key,)], ids=["gone", "another"])
async def test_what_signed_it_is_read_from_its_envelope_whatever_the_hub_signs_with_today_PO_34(
    hub: TestedHub, monkeypatch: pytest.MonkeyPatch, now: tuple[Signer, ...]
) -> None:
    record = await waiting(hub)
    asked = note_certificates(monkeypatch)
    assert isinstance(
        await prolong(record.metadata.message_id, unit=UNIT, days=7, hub=signing_with(hub.hub, *now)), datetime
    )
    assert asked == [identity("hub").signing.certificate]


async def test_a_certificate_that_an_envelope_only_names_vouches_for_nothing_where_the_hub_has_it_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    creditor = desk(14)["creditor"] | {"key_reference": "ski"}
    async with running_hub(tmp_path, extra={"creditor": creditor}) as hub:
        message_id = (await waiting(hub)).metadata.message_id
        asked = note_certificates(monkeypatch)
        for keys in ((), (identity("hub", "next").signing_key,)):
            bare = signing_with(hub.hub, *keys)
            assert await prolong(message_id, unit=UNIT, days=7, hub=bare) is NotProlonged.CERTIFICATE
        both = (identity("hub", "next").signing_key, identity("hub").signing_key)
        assert isinstance(await prolong(message_id, unit=UNIT, days=7, hub=signing_with(hub.hub, *both)), datetime)
        assert asked == [identity("hub").signing.certificate]


@given(
    day=st.integers(0, 1500),
    days=st.sampled_from((7, 14, 28)),
)
def test_a_prolonged_term_ends_with_a_local_day_so_many_days_later(day: int, days: int) -> None:
    """Also over a change of summer time."""
    local = date(2026, 1, 1) + day * DAY
    midnight = datetime(local.year, local.month, local.day, tzinfo=time_zone()).astimezone(UTC)
    later = prolonged(midnight, days).astimezone(time_zone())
    assert (later.hour, later.minute) == (0, 0), ZONE_NAME
    assert later.date() - midnight.astimezone(time_zone()).date() == days * DAY


@pytest.mark.parametrize("days", [0, -7])
def test_a_term_is_never_shortened(days: int) -> None:
    with pytest.raises(ValueError, match="a day at least"):
        prolonged(datetime(2026, 3, 4, tzinfo=UTC), days)
