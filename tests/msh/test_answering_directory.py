"""The question for the address book: the one message that is for the hub itself, over sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from support.directory.books import DIRECTORY, book, entry
from support.hubs.hub import TestedHub, catalogue, running_hub
from support.hubs.pulling import close, pull, records, states
from support.keys.pki import PARTIES, identity
from support.messages.wire import Draft, Reply, post, saldoverzoek

from gateway.directory.document import read_signed
from gateway.ebms import names
from gateway.limits import PAYLOAD_LIMITS
from gateway.store.model import State
from xsd.checking.attachments import attachment_violations
from xsd.checking.layers import message_violations
from xsd.document import parse_document
from xsd.generated.knooppunt_1_1 import Adresboek
from xsd.payload_header import read_payload_header

BOOK = book(entry("counsellor"), entry("creditor"))
HUB = PARTIES["hub"][0]


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[TestedHub]:
    async with running_hub(tmp_path, address_books=[BOOK]) as running:
        yield running


def asking(sender: str = "counsellor", receiver: str = "hub", **changed: object) -> Draft:
    return saldoverzoek(  # type: ignore[arg-type]
        sender, receiver, module="Knooppunt", version="1.1", action="AdresboekVerzoek", **changed
    )


def parts_of(pulled: Reply, name: str) -> tuple[bytes, ...]:
    """The parts of what was pulled, as the header declares them."""
    assert pulled.user_message is not None
    plain = pulled.plain(name)
    return tuple(plain[each.href.removeprefix("cid:").replace("%40", "@")] for each in pulled.user_message.parts)


@pytest.mark.parametrize("who", ["counsellor", "creditor", "administrator"])
async def test_whoever_takes_part_finds_the_address_book_in_its_own_mailbox(hub: TestedHub, who: str) -> None:
    draft = asking(who)
    assert (await post(hub, draft.wire())).receipt is not None
    pulled = await pull(hub, who)
    assert pulled.verified is not None
    message = pulled.user_message
    assert message is not None
    assert (message.service.value, message.action) == ("urn:knooppunt:Knooppunt:1.1", "Adresboek")
    assert message.property(names.CROSS_REFERENCE) == draft.user_message.property(names.TRACKING_IDENTIFIER)
    assert message.conversation_id == draft.user_message.conversation_id
    document, octets = parts_of(pulled, who)
    assert octets == BOOK.octets
    assert read_signed(octets, (DIRECTORY.certificate,)) == BOOK
    await close(hub, pulled, who)
    assert await states(hub) == [State.RECEIPTED]
    kind = catalogue().message("Knooppunt", "1.1", "Adresboek")
    assert kind is not None
    root = parse_document(document, limits=PAYLOAD_LIMITS)
    assert message_violations(kind, root) == ()
    assert attachment_violations(kind, root, digests=[sha256(octets).hexdigest()]) == ()
    header = read_payload_header(root)
    assert (header.afzender, header.ontvanger) == (HUB, PARTIES[who][0])
    assert Adresboek.from_xml(document).volgnummer == BOOK.book.issue.serial


async def test_a_question_that_comes_again_gets_its_receipt_and_no_second_answer(hub: TestedHub) -> None:
    wire = asking().wire()
    first, again = await post(hub, wire), await post(hub, wire)
    assert (again.status, again.body) == (200, first.body)
    assert len(await records(hub)) == 1


async def test_an_answer_that_nobody_collects_ends_without_a_notice(hub: TestedHub) -> None:
    await post(hub, asking().wire())
    hub.clock.move(timedelta(days=20))
    await hub.running.keeper.keep()
    assert [each.state for each in await records(hub)] == [State.REMOVED]
    assert hub.log.of("message_expired") == [
        {"message_id": (await records(hub))[0].metadata.message_id, "receiver": PARTIES["counsellor"][0],
         "notice": False}
    ]  # fmt: skip


async def test_nobody_gets_it_for_another(hub: TestedHub) -> None:
    """The answer goes to whoever signed, and who signs for somebody else's name is refused."""
    draft = asking().with_property(names.ORIGINAL_SENDER, PARTIES["creditor"][0])
    assert (await post(hub, draft.wire())).codes == ("EBMS:0003",)
    stranger = asking(signer=identity("stranger").signing_key)
    assert (await post(hub, stranger.wire())).codes == ("EBMS:0101",)
    assert await records(hub) == []


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (asking(receiver="creditor"), "EBMS:0010"),
        (asking().with_property(names.FINAL_RECIPIENT, PARTIES["creditor"][0]), "EBMS:0010"),
        (asking().with_property(names.TRACKING_IDENTIFIER, "0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a01"), "EBMS:0003"),
        (asking().with_property("other", "x"), "EBMS:0010"),
        (saldoverzoek(receiver="hub"), "EBMS:0010"),
        (saldoverzoek(module="Knooppunt", version="1.1", action="Adresboek",
                      answering={"conversation": "0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a01",
                                 "reference": "0a9be5c4-5a4c-4f42-8d0c-5a2f6f0a7a02"}), "EBMS:0010"),
    ],
    ids=["for-another", "header-for-another", "another-reference", "property", "no-question", "the-answer-itself"],
)  # fmt: skip
async def test_what_is_no_question_for_it_is_refused_and_leaves_nothing(
    hub: TestedHub, draft: Draft, code: str
) -> None:
    assert (await post(hub, draft.wire())).codes == (code,)
    assert await records(hub) == []


async def test_a_hub_without_an_address_book_says_that_it_takes_no_such_message(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        answer = await post(hub, asking().wire())
    assert answer.error is not None
    (found,) = answer.error.errors
    assert (found.code, found.description) == (
        "EBMS:0010", "The final recipient does not receive AdresboekVerzoek of Knooppunt 1.1."
    )  # fmt: skip


async def test_a_full_mailbox_is_no_place_for_it(tmp_path: Path) -> None:
    extra = {"counsellor": {"mailbox": {"quota_messages": 1}}}
    async with running_hub(tmp_path, address_books=[BOOK], extra=extra) as hub:
        assert (await post(hub, asking().wire())).receipt is not None
        assert (await post(hub, asking().wire())).codes == ("EBMS:0021",)


async def test_what_is_given_is_told_with_its_serial(hub: TestedHub) -> None:
    draft = asking()
    await post(hub, draft.wire())
    (told,) = hub.log.of("address_book_given")
    assert told["message_id"] == draft.user_message.message_id
    assert (told["party"], told["serial"]) == (PARTIES["counsellor"][0], BOOK.book.issue.serial)


async def test_a_large_book_goes_in_steps_and_arrives_whole(tmp_path: Path) -> None:
    many = [replace(entry("creditor"), name=f"Organisatie {number}") for number in range(2_000)]
    large = book(*many)
    async with running_hub(tmp_path, address_books=[large]) as hub:
        assert (await post(hub, asking().wire())).receipt is not None
        assert parts_of(await pull(hub, "counsellor"), "counsellor")[1] == large.octets
