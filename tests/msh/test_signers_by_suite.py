"""The hub answers each participant in its own suite, with its key of that suite's kind.

The second suite is made up by the tests: whoever adds one writes what stands in `support.keys.made_up`, and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from support.hubs.hub import (
    TestedHub,
    catalogue,
    configuration_texts,
    load_test_certificates,
    running_hub,
)
from support.keys.made_up import MADE_UP, load_made_up, made_up, made_up_opener, made_up_signer
from support.keys.pki import Identity, identity
from support.messages.wire import Draft, Reply, Wire, ping, post, pull_request, saldoverzoek

from crypto.certificates import Certificate
from crypto.key_references import KeyReference
from crypto.suites import SUITES
from pmodes.configuration import Configuration
from pmodes.files import read_configuration

HUB_RSA, HUB_MADE_UP = identity("hub").signing_key, made_up_signer("hub")
OPENERS = (identity("hub").decryption_key, made_up_opener("hub"))


class MadeUpHub(Identity):
    """The hub as whoever encrypts to it in the other suite knows it."""

    @property
    def encryption(self):  # type: ignore[no-untyped-def, override]
        return made_up("hub", "encryption")


def loaded(path: str) -> tuple[Certificate, ...]:
    return load_made_up(path) or load_test_certificates(path)


def configured(**counsellor: object) -> Configuration:
    """The test organisations, of which the counsellor has the made-up suite."""
    certificates = {
        "hub": {each: [f"hub-{each}", f"made-up/hub-{each}"] for each in ("signing", "encryption")},
        "counsellor": {each: [f"made-up/counsellor-{each}"] for each in ("signing", "encryption")},
    }
    extra: Mapping[str, Mapping[str, object]] = {
        "hub": {"certificates": certificates["hub"]},
        "counsellor": {"suite": MADE_UP.name, "certificates": certificates["counsellor"], **counsellor},
    }
    return read_configuration(
        configuration_texts(extra), catalogue=catalogue(), load=loaded, suites={**SUITES, MADE_UP.name: MADE_UP}
    )


def of_counsellor(draft: Draft) -> Draft:
    return replace(draft, suite=MADE_UP, signer=made_up_signer("counsellor"), recipient=MadeUpHub("hub", "ordinary"))


def pull_of_counsellor() -> Wire:
    return pull_request("counsellor", signer=made_up_signer("counsellor"), suite=MADE_UP)


async def post_by_counsellor(hub: TestedHub, wire: Wire) -> Reply:
    """The answer, which has to hold in the counsellor's own suite."""
    return await post(hub, wire, suite=MADE_UP, key=HUB_MADE_UP)


async def test_each_participant_gets_receipts_messages_and_errors_in_its_own_suite(tmp_path: Path) -> None:
    signing = (HUB_RSA, HUB_MADE_UP)
    async with running_hub(tmp_path, configuration=configured(), signing_keys=signing, decryption_keys=OPENERS) as hub:
        question = saldoverzoek()
        assert (await post_by_counsellor(hub, of_counsellor(question).wire())).receipt is not None, hub.log.lines
        pulled = await post(hub, pull_request())
        (document,) = (each.octets for each in question.parts)
        assert document in pulled.plain("creditor").values()

        assert (await post_by_counsellor(hub, pull_of_counsellor())).codes == ("EBMS:0006",)
        header = pulled.user_message
        assert header is not None
        reference = header.property("trackingIdentifier")
        answering = {"conversation": header.conversation_id, "reference": reference or ""}
        reply = saldoverzoek("creditor", "counsellor", action="SaldoverzoekAntwoord", answering=answering)
        assert (await post(hub, reply.wire())).receipt is not None, hub.log.lines
        pulled = await post_by_counsellor(hub, pull_of_counsellor())
        (document,) = (each.octets for each in reply.parts)
        assert document in pulled.plain("counsellor", made_up_opener("counsellor")).values()


async def test_who_is_not_known_yet_is_answered_in_the_suite_of_the_hub(tmp_path: Path) -> None:
    async with running_hub(tmp_path, configuration=configured(), signing_keys=(HUB_MADE_UP, HUB_RSA)) as hub:
        assert (await post(hub, Wire(content_type="application/soap+xml", body=b"<torn"))).status == 400
        by_nobody = replace(of_counsellor(ping()), signer=made_up_signer("stranger"))
        assert (await post(hub, by_nobody.wire())).codes == ("EBMS:0101",)


async def test_a_suite_for_which_the_hub_has_no_key_is_503_and_the_log_says_which(tmp_path: Path) -> None:
    async with running_hub(tmp_path, configuration=configured()) as hub:
        assert (await post(hub, of_counsellor(ping()).wire())).status == 503
        (line,) = hub.log.of("postponed")
        why = "the hub has no signing key of the kind Ed25519, for made-up"
        assert (line["cause"], line["detail"]) == ("key", why)
        assert (await post(hub, ping("creditor").wire())).receipt is not None


async def test_an_error_names_the_certificate_as_a_receipt_on_the_same_leg_does(tmp_path: Path) -> None:
    configuration = configured(overrides={"sending": {"Knooppunt.KeyReference": KeyReference.SKI.value}})
    async with running_hub(tmp_path, configuration=configuration, signing_keys=(HUB_RSA, HUB_MADE_UP)) as hub:
        received = await post_by_counsellor(hub, of_counsellor(ping()).wire())
        empty = await post_by_counsellor(hub, pull_of_counsellor())
        assert (received.receipt is not None, empty.codes) == (True, ("EBMS:0006",))
        assert [b"BinarySecurityToken" in each.body for each in (received, empty)] == [False, False]
