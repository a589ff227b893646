"""What the operator sees of the mail to organisations at desks: how much waits and why; whether a letter is taken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.clocks import StandingClock
from support.portal.engines import portal_store
from support.portal.mail_samples import asked

from gateway.administration import mailing
from gateway.administration.administered import Desks
from gateway.refused import Refused
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.mail import MailFault


async def nothing(*_args: Any) -> Any:
    return None


@dataclass
class Server:
    """What it says to a test letter; None: taken."""

    says: str | None = None
    address: str | None = None

    async def __call__(self, address: str) -> str | None:
        self.address = address
        return self.says


@asynccontextmanager
async def desks(folder: Path, server: Server | None) -> AsyncIterator[tuple[Desks, PortalStore]]:
    async with portal_store(folder, StandingClock()) as store:
        yield Desks(store=store, put_certificates=nothing, foretold=nothing, grant=nothing, test_mail=server), store


async def test_how_much_waits_is_told_with_the_last_failure_and_no_address(tmp_path: Path) -> None:
    async with desks(tmp_path, Server()) as (of, store):
        await asked(store)
        letter = await store.take_letter()
        assert letter is not None
        await store.letter_failed(
            letter, f"451 4.7.1 <{letter.address}>: greylisted, {letter.address}", MailFault.PASSING
        )
        found = await mailing.standing(of)
        assert found is not None
        assert (found.waiting, found.failing) == (1, 1)
        assert found.failure == "451 4.7.1 <…>: greylisted, …"


async def test_a_hub_without_mail_has_nothing_waiting_and_tries_nothing(tmp_path: Path) -> None:
    assert await mailing.standing(None) is None
    async with desks(tmp_path, None) as (of, _store):
        assert await mailing.standing(of) is None
        with pytest.raises(Refused, match="sends no mail") as refused:
            await mailing.test(of, "operator@hub.example")
        assert "[mail]" in refused.value.next_step


@pytest.mark.parametrize("says", [None, "TLS: the certificate of the server is not trusted: self-signed certificate"])
async def test_a_letter_is_tried_and_what_the_server_says_is_told(tmp_path: Path, says: str | None) -> None:
    server = Server(says)
    async with desks(tmp_path, server) as (of, _store):
        if says is None:
            await mailing.test(of, "Operator@Hub.Example")
        else:
            with pytest.raises(Refused, match="not trusted"):
                await mailing.test(of, "Operator@Hub.Example")
        assert server.address == "Operator@hub.example"


async def test_what_is_no_address_is_not_tried(tmp_path: Path) -> None:
    server = Server()
    async with desks(tmp_path, server) as (of, _store):
        with pytest.raises(Refused, match="must be a mail address"):
            await mailing.test(of, "a@b.example\r\nBcc: c@d.example")
    assert server.address is None
