"""What is said to PostgreSQL and of it, as far as no server is needed: addresses, statements, and what is secret."""

from __future__ import annotations

import pytest

from gateway.postgres import read_address
from gateway.postgres.statements import bound
from gateway.refused import Refused


def test_each_name_of_a_statement_is_one_parameter_wherever_it_stands() -> None:
    found = bound("SELECT :at::bigint FROM t WHERE a = :name AND b < :at")
    assert found.text == "SELECT $1::bigint FROM t WHERE a = $2 AND b < $1"
    assert found.arguments({"name": "n", "at": 5, "other": 7}) == [5, "n"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://host/db", "no URL of a PostgreSQL database"),
        ("postgresql://host:port/db", "no URL"),
        ("postgresql://user@host/", "names no database"),
        ("postgresql://user:hunter2@host/db", "holds a password"),
        ("postgresql://host/db?password=hunter2", "holds a password"),
        ("postgresql://host/db?options=-cfsync", "options cannot be said there"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_secret(url: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        read_address(url)
    assert "hunter2" not in str(refused.value)


def test_a_password_stands_beside_the_address_and_is_never_shown() -> None:
    address = read_address("postgresql:///messages?host=/run/postgresql", password="hunter2")
    assert "hunter2" not in f"{address} {address!r}"
