"""What has to hold when a message is accepted is asked then, and not only when its parts began to come."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, catalogue, running_hub
from support.keys.pki import NOW, PARTIES, authority, identity
from support.messages.wire import Wire, post, pull_request, saldoverzoek

from crypto.certificates import Certificate, thumbprint_sha256
from crypto.keys import SigningKey
from crypto.pki import issue
from gateway.msh.exchange import Answer, Request
from gateway.msh.receive import receive
from gateway.store.model import MessageFilter
from pmodes.configuration import Configuration, configure

DAY = timedelta(days=1)


def issued(name: str, usage: str, *, ends: timedelta) -> SigningKey:
    """A key whose certificate ends so long from now."""
    party_id, common_name = PARTIES[name]
    made = issue(
        authority(),
        common_name=common_name,
        party_id=party_id,
        at=NOW + ends - 100 * DAY,
        days=100,
        usage=usage,  # type: ignore[arg-type]
    )
    return SigningKey(private_key=made.private_key, certificate=made.certificate)


async def sent_over(hub: TestedHub, wire: Wire, days: int) -> Answer:
    """The answer to a message whose last octets come days after its first."""

    async def chunks() -> AsyncIterator[bytes]:
        yield wire.body[:-100]
        hub.clock.move(days * DAY)
        hub.hub.time.look()
        yield wire.body[-100:]

    request = Request(
        content_type=wire.content_type,
        content_length=len(wire.body),
        address="127.0.0.1",
        tls_thumbprint=None,
        chunks=chunks(),
        may_sign_unreadable=lambda: True,
    )
    return await receive(request, hub.hub)


@pytest.mark.parametrize(("days", "taken"), [(0, True), (2, False)])
async def test_a_signing_certificate_that_ends_before_the_term_as_it_is_at_acceptance_seals_nothing(
    days: int, taken: bool, tmp_path: Path
) -> None:
    async with running_hub(tmp_path / "first") as hub:
        await post(hub, saldoverzoek().wire())
        (record,) = await hub.store.messages(MessageFilter())
    term = record.metadata.expires_at - NOW + timedelta(seconds=1)
    async with running_hub(tmp_path, signing_keys=(issued("hub", "signing", ends=term),)) as hub:
        answer = await sent_over(hub, saldoverzoek().wire(), days)
        assert answer.status == (200 if taken else 503), hub.log.lines
        assert [line["cause"] for line in hub.log.of("postponed")] == ([] if taken else ["signing-certificate"])
        assert len(await hub.store.messages(MessageFilter())) == taken


def sealed_to(configuration: Configuration, *certificates: Certificate) -> Configuration:
    """The creditor with other certificates to encrypt to."""
    organisations = [
        replace(each, encryption_certificates=certificates) if each.party_id == PARTIES["creditor"][0] else each
        for each in configuration.organisations
    ]
    return configure(configuration.hub, organisations, catalogue=catalogue())


@pytest.mark.parametrize("another", [True, False])
async def test_a_message_is_sealed_to_a_certificate_that_holds_at_acceptance(another: bool, tmp_path: Path) -> None:
    ending = issued("creditor", "encryption", ends=DAY).certificate
    lasting = identity("creditor").encryption.certificate
    async with running_hub(tmp_path / "first") as hub:
        configuration = sealed_to(hub.configuration, ending, *([lasting] if another else []))
    async with running_hub(tmp_path, configuration=configuration) as hub:
        answer = await sent_over(hub, saldoverzoek().wire(), 2)
        records = await hub.store.messages(MessageFilter())
        if another:
            assert answer.status == 200
            assert records[0].metadata.sealed_to == thumbprint_sha256(lasting).hex()
            assert (await post(hub, pull_request(at=hub.clock.now()))).user_message is not None
        else:
            assert (answer.status, records) == (503, ())
            assert hub.log.of("postponed")[0]["cause"] == "receiver-certificate"
