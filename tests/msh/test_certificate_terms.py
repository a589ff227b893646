"""A certificate counts from when until when its file says, within its validity: over sockets, with and without it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, catalogue, configuration_texts, load_test_certificates, running_hub
from support.keys.pki import NOW, identity
from support.messages.wire import Reply, post, pull_request, saldoverzoek

from crypto.certificates import thumbprint_sha256
from crypto.suites import AS4_1_15_RSA
from gateway.msh.in_force import OwnKeys
from gateway.msh.later import Postponed
from gateway.store.model import MessageFilter
from pmodes.configuration import Configuration
from pmodes.files import read_configuration

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def entry(name: str, *, since: datetime | None = None, until: datetime | None = None) -> dict[str, str]:
    given = {"from": since, "until": until}
    return {"file": name, **{key: value.isoformat() for key, value in given.items() if value is not None}}


def configured(name: str, **certificates: list[dict[str, str]]) -> Configuration:
    """The test organisations, of whom one has these certificates."""
    listed = {use: [f"{name}-{use}"] for use in ("signing", "encryption")} | certificates
    texts = configuration_texts({name: {"certificates": listed}})
    return read_configuration(texts, catalogue=catalogue(), load=load_test_certificates)


OUT_OF_TERM = [{"since": NOW + HOUR}, {"until": NOW - HOUR}]


@pytest.mark.parametrize("term", OUT_OF_TERM, ids=["before from", "after until"])
async def test_what_is_signed_outside_the_term_is_refused_and_taken_within_it(
    term: dict[str, datetime], tmp_path: Path
) -> None:
    configuration = configured("counsellor", signing=[entry("counsellor-signing", **term)])
    async with running_hub(tmp_path, configuration=configuration) as hub:
        wires = [saldoverzoek().wire(), pull_request("counsellor")]
        assert [(await post(hub, each)).codes for each in wires] == [("EBMS:0101",)] * 2
        moved = 2 * HOUR if "since" in term else -2 * HOUR
        hub.clock.jump(moved)
        inside = [saldoverzoek(at=NOW + moved).wire(), pull_request("counsellor", at=NOW + moved)]
        answers = [await post(hub, each) for each in inside]
        assert answers[0].receipt is not None
        assert answers[1].codes == ("EBMS:0006",)


@pytest.mark.parametrize("term", [{"since": NOW - HOUR}, {"until": NOW + HOUR}, {}], ids=["from", "until", "neither"])
async def test_within_its_term_it_is_as_without_one(term: dict[str, datetime], tmp_path: Path) -> None:
    configuration = configured("counsellor", signing=[entry("counsellor-signing", **term)])
    async with running_hub(tmp_path, configuration=configuration) as hub:
        assert (await post(hub, saldoverzoek().wire())).receipt is not None


async def test_a_clock_for_which_nobody_vouches_refuses_nothing_for_good_by_a_term(tmp_path: Path) -> None:
    configuration = configured("counsellor", signing=[entry("counsellor-signing", since=NOW + HOUR)])
    async with running_hub(tmp_path, configuration=configuration, time_confirmed=False) as hub:
        hub.clock.jump(-DAY)
        assert (await post(hub, saldoverzoek(at=NOW - DAY + HOUR).wire())).status == 503


async def test_what_was_accepted_before_the_end_gets_its_receipt_after_it(tmp_path: Path) -> None:
    configuration = configured("counsellor", signing=[entry("counsellor-signing", until=NOW + HOUR)])
    async with running_hub(tmp_path, configuration=configuration) as hub:
        wire = saldoverzoek().wire()
        first = await post(hub, wire)
        hub.clock.move(2 * HOUR)
        again = await post(hub, wire)
        assert first.receipt is not None
        assert again.body == first.body
        assert (await post(hub, saldoverzoek(at=NOW + 2 * HOUR).wire())).codes == ("EBMS:0101",)


CURRENT, NEXT = "creditor-encryption", "creditor-next-encryption"


async def sealed_to(hub: TestedHub, answer: Reply) -> str:
    """Which certificate the last message was sealed to."""
    assert answer.receipt is not None, hub.log.lines
    last, *_ = await hub.store.messages(MessageFilter())
    names = {thumbprint_sha256(load_test_certificates(each)[0]).hex(): each for each in (CURRENT, NEXT)}
    return names[last.metadata.sealed_to]


@pytest.mark.parametrize(
    ("first", "following", "taken"),
    [
        ({}, {}, [NEXT, NEXT]),
        ({}, {"since": NOW + HOUR}, [CURRENT, NEXT]),
        ({"since": NOW + HOUR}, {}, [NEXT, CURRENT]),
        ({}, {"until": NOW + HOUR}, [NEXT, CURRENT]),
    ],
    ids=["by validity", "from later", "the old one from later", "until"],
)
async def test_a_message_is_sealed_to_the_last_certificate_that_counts_then(
    first: dict[str, datetime], following: dict[str, datetime], taken: list[str], tmp_path: Path
) -> None:
    encryption = [entry(CURRENT, **first), entry(NEXT, **following)]
    async with running_hub(tmp_path, configuration=configured("creditor", encryption=encryption)) as hub:
        found = [await sealed_to(hub, await post(hub, saldoverzoek().wire()))]
        hub.clock.move(2 * HOUR)
        found.append(await sealed_to(hub, await post(hub, saldoverzoek(at=NOW + 2 * HOUR).wire())))
        assert found == taken


async def test_where_none_of_the_receiver_counts_the_sender_is_told_to_come_again(tmp_path: Path) -> None:
    encryption = [entry(CURRENT, until=NOW - HOUR)]
    async with running_hub(tmp_path, configuration=configured("creditor", encryption=encryption)) as hub:
        assert (await post(hub, saldoverzoek().wire())).status == 503


@pytest.mark.parametrize(("until", "codes"), [(NOW + HOUR, ()), (NOW - HOUR, ("EBMS:0102",))], ids=["before", "after"])
async def test_the_hub_opens_nothing_that_is_encrypted_to_a_certificate_of_its_own_past_its_until(
    until: datetime, codes: tuple[str, ...], tmp_path: Path
) -> None:
    configuration = configured("hub", encryption=[entry("hub-encryption", until=until)])
    async with running_hub(tmp_path, configuration=configuration) as hub:
        assert (await post(hub, saldoverzoek().wire())).codes == codes


async def test_the_hubs_next_key_signs_from_its_moment_on_and_what_was_sealed_keeps_its_signature(
    tmp_path: Path,
) -> None:
    now, following = identity("hub").signing_key, identity("hub", "next").signing_key
    configuration = configured("hub", signing=[entry("hub-signing"), entry("hub-next-signing")])
    since = {following.certificate: NOW + HOUR}
    async with running_hub(
        tmp_path, configuration=configuration, signing_keys=(now, following), signing_since=since
    ) as hub:
        assert (await post(hub, saldoverzoek().wire(), key=now)).receipt is not None
        hub.clock.move(HOUR)
        assert (await post(hub, saldoverzoek(at=NOW + HOUR).wire(), key=following)).receipt is not None
        pulled = [await post(hub, pull_request(at=NOW + HOUR), key=each) for each in (now, following)]
        assert all(each.user_message is not None for each in pulled)


def test_a_key_whose_moment_has_not_come_signs_nothing() -> None:
    following = identity("hub", "next").signing_key
    keys = OwnKeys(signing=(following,), decryption=(), since={following.certificate: NOW + HOUR})
    assert keys.signer_for(AS4_1_15_RSA, NOW + HOUR) is following
    with pytest.raises(Postponed, match="signs yet"):
        keys.signer_for(AS4_1_15_RSA, NOW)
