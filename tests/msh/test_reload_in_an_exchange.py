"""An exchange asks what is in force once: a reload while it runs is seen by the next one, and never half."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, catalogue, running_hub
from support.keys.pki import identity
from support.messages.wire import Wire, post, pull_request, read_reply, saldoverzoek

from gateway.ebms.names import SOAP_XML_UTF8
from gateway.msh.exchange import Answer, Request
from gateway.msh.in_force import InForce, OwnKeys
from gateway.msh.receive import receive
from gateway.store.model import MessageFilter
from pmodes.configuration import configure


def request_of(wire: Wire) -> Request:
    """What the edge would hand to the use case."""

    async def chunks() -> AsyncIterator[bytes]:
        yield wire.body

    return Request(
        content_type=wire.content_type,
        content_length=len(wire.body),
        address="127.0.0.1",
        tls_thumbprint=None,
        chunks=chunks(),
        may_sign_unreadable=lambda: True,
    )


class Reloaded:
    """Gives what is in force the first time, and from then on P-Modes without any organisation and another key."""

    def __init__(self, first: InForce) -> None:
        self.asked = 0
        self._first = first
        self._later = InForce(
            configuration=configure(first.configuration.hub, (), catalogue=catalogue()),
            keys=OwnKeys(
                signing=(identity("hub", "next").signing_key,), decryption=(identity("hub", "next").decryption_key,)
            ),
        )

    def __call__(self) -> InForce:
        self.asked += 1
        return self._first if self.asked == 1 else self._later


async def answer_of(hub: TestedHub, wire: Wire) -> tuple[Answer, int]:
    """The answer of an exchange during which there was a reload, and how often it was asked what is in force."""
    in_force = Reloaded(hub.hub.in_force())
    return await receive(request_of(wire), replace(hub.hub, in_force=in_force)), in_force.asked


async def test_a_message_is_taken_by_the_configuration_that_was_in_force_when_it_came(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        answer, asked = await answer_of(hub, saldoverzoek().wire())
        assert isinstance(answer.body, bytes)
        reply = read_reply(answer.status, {"Content-Type": answer.content_type}, answer.body)
        assert (reply.receipt is not None, asked) == (True, 1), reply.codes
        assert len(await hub.store.messages(MessageFilter())) == 1


async def receipt_of_a_pull(hub: TestedHub) -> Wire:
    await post(hub, saldoverzoek().wire())
    return (await post(hub, pull_request())).receipt_wire("creditor")


async def pull_of_a_message(hub: TestedHub) -> Wire:
    await post(hub, saldoverzoek().wire())
    return pull_request()


async def nothing_readable(_hub: TestedHub) -> Wire:
    return Wire(content_type=SOAP_XML_UTF8, body=b"<torn")


@pytest.mark.parametrize(
    ("made", "status"),
    [(pull_of_a_message, 200), (receipt_of_a_pull, 204), (nothing_readable, 400)],
    ids=["PullRequest", "Receipt", "unreadable"],
)
async def test_every_other_exchange_asks_once(
    made: Callable[[TestedHub], Awaitable[Wire]], status: int, tmp_path: Path
) -> None:
    async with running_hub(tmp_path) as hub:
        answer, asked = await answer_of(hub, await made(hub))
        assert (answer.status, asked) == (status, 1)
