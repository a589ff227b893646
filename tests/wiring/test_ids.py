"""Ids of the hub: UUIDs of version 7 as any reader takes them, in the order of their moments."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.wiring.ids import id_in_order

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - UTC
DRAWN = st.binary(min_size=10, max_size=10)


@given(MOMENTS, DRAWN)
def test_an_id_is_a_uuid_of_version_7_with_its_millisecond_in_front(at: datetime, random: bytes) -> None:
    made = uuid.UUID(id_in_order(at, random))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(at.timestamp() * 1000)
    assert str(made) == id_in_order(at, random), "spelt as every writer spells it"


@given(MOMENTS, DRAWN, DRAWN)
def test_a_later_millisecond_sorts_behind(at: datetime, first: bytes, second: bytes) -> None:
    assert id_in_order(at, first) < id_in_order(at + timedelta(milliseconds=2), second)


@given(MOMENTS, DRAWN)
def test_each_of_74_bits_drawn_at_random_makes_another_id(at: datetime, random: bytes) -> None:
    drawn = int.from_bytes(random)
    others = {id_in_order(at, (drawn ^ 1 << bit).to_bytes(10)) for bit in range(74)}
    assert len(others - {id_in_order(at, random)}) == 74
