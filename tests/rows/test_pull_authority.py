"""Rows P15 to P26: who may pull, and for how long a PullRequest may be used.

Decisions that a row left open: the same PullRequest gets the same message within five minutes and EBMS:0003 later
(P23); another party's mailbox and one that does not exist are one and the same EBMS:0010 for every participant, and
whoever signs with an unregistered certificate, or with another key than that of the certificate named, gets one and
the same EBMS:0101 (P16 to P20, PL-06).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.contract import Refused
from support.hubs.hub import TestedHub
from support.hubs.pulling import (
    EMPTY,
    NO_MAILBOX,
    SECOND,
    close,
    lookalikes,
    pull,
    push,
    refuse,
    same_but_for_ids,
    states,
)
from support.hubs.raw import connected, whole
from support.hubs.rows import Row
from support.hubs.rows import ids as ids_of
from support.keys.pki import NOW, PARTIES, Variant, authority, identity
from support.keys.tls import tls_folder
from support.messages.wire import (
    Wire,
    mpc_of,
    post,
    pull_request,
)
from support.published.reference_messages import http_message

from crypto.keys import SigningKey
from crypto.names import DS
from crypto.pki import issue, new_authority
from gateway.ebms import names
from gateway.edge.tls import tls_context
from gateway.store.model import State

NOBODYS = Refused("EBMS:0101")  # one answer to everybody whose signature is no participant's


def without_security(wire: Wire) -> Wire:
    """The same without its signature."""
    root = etree.fromstring(wire.body)
    for security in list(root.iter("{*}Security")):
        security.getparent().remove(security)  # type: ignore[union-attr]
    return replace(wire, body=etree.tostring(root), envelope=etree.tostring(root))


def bad_signature_value() -> Wire:
    def alter(root: etree._Element) -> None:
        value = next(root.iter(f"{{{DS}}}SignatureValue"))
        text = value.text or ""
        value.text = ("A" if text[0] != "A" else "B") + text[1:]

    wire = pull_request(alter=alter)
    return replace(wire, envelope=wire.body)


def another_mpc_than_signed() -> Wire:
    """The creditor's PullRequest, turned to another mailbox on the way."""
    wire = pull_request(
        "counsellor",
        alter=lambda root: next(root.iter(f"{{{names.EB}}}PullRequest")).set("mpc", mpc_of("creditor")),
    )
    return replace(wire, envelope=wire.body)


def published(name: str) -> Wire:
    """A PullRequest as another product sent it."""
    message = http_message(name)
    return Wire(content_type=message.content_type, body=message.body, envelope=message.body)


async def p15(hub: TestedHub) -> None:
    await push(hub)
    entries = [
        await refuse(hub, without_security(pull_request(name, mpc=mpc)), Refused("EBMS:0103"))
        for name in ("creditor", "counsellor")
        for mpc in ("", mpc_of("creditor"), "urn:nothing")
    ]
    entries.append(await refuse(hub, published("negative/pullrequest-unsigned.xml"), Refused("EBMS:0103")))
    assert same_but_for_ids(entries)


async def p16(hub: TestedHub) -> None:
    await push(hub)
    await refuse(hub, bad_signature_value(), Refused("EBMS:0101"))
    await refuse(hub, published("negative/pullrequest-bad-signaturevalue.xml"), NOBODYS)  # its mailbox is not here
    await refuse(hub, another_mpc_than_signed(), NOBODYS)


async def p17(hub: TestedHub) -> None:
    await push(hub)
    entries = [
        await refuse(hub, pull_request(signer, mpc=mpc_of("creditor")), NO_MAILBOX)
        for signer in ("counsellor", "administrator")
    ]
    entries += [await refuse(hub, pull_request("counsellor", mpc=mpc_of("stranger")), NO_MAILBOX)]
    assert same_but_for_ids(entries)
    for signer in ("stranger", "hub"):
        await refuse(hub, pull_request(signer, mpc=mpc_of("creditor")), NOBODYS)


async def p18(hub: TestedHub) -> None:
    await push(hub)
    unknown = await refuse(hub, pull_request(mpc="urn:knooppunt:mpc:00000099000000004711"), NO_MAILBOX)
    others = await refuse(hub, pull_request(mpc=mpc_of("counsellor")), NO_MAILBOX)
    assert same_but_for_ids([unknown, others])


async def p19(hub: TestedHub) -> None:
    await push(hub)
    for mpc in (None, names.DEFAULT_MPC):
        await refuse(hub, pull_request(mpc=mpc), NO_MAILBOX)


async def p20(hub: TestedHub) -> None:
    await push(hub)
    entries = [
        await refuse(hub, pull_request(signer, mpc=mpc), NO_MAILBOX)
        for mpc in lookalikes(mpc_of("creditor"))
        for signer in ("creditor", "counsellor")
    ]
    assert same_but_for_ids(entries)


def with_signing(*variants: Variant) -> Callable[[], dict[str, dict[str, object]]]:
    """The creditor's file with these signing certificates."""
    named = [f"creditor-{each}-signing" if each != "ordinary" else "creditor-signing" for each in variants]
    return lambda: {"creditor": {"certificates": {"signing": named, "encryption": ["creditor-encryption"]}}}


def signed_with(variant: Variant) -> Wire:
    """A PullRequest of the creditor under another certificate than that of every day."""
    return pull_request(signer=identity("creditor", variant).signing_key)


async def p22(hub: TestedHub) -> None:
    """The file names the certificate of last year and that of next year."""
    await push(hub)
    await refuse(hub, signed_with("expired"), Refused("EBMS:0101"))
    await refuse(hub, pull_request(), NOBODYS)  # rolled over: not registered any more
    assert (await post(hub, signed_with("next"))).user_message is not None


async def p23(hub: TestedHub) -> None:
    await push(hub)
    await push(hub)
    captured = pull_request()
    first = await post(hub, captured)
    hub.clock.move(timedelta(minutes=5))
    again = await post(hub, captured)
    assert (again.headers["Content-Type"], again.body) == (first.headers["Content-Type"], first.body)
    assert await states(hub) == [State.OFFERED, State.STORED]
    hub.clock.move(SECOND)
    await refuse(hub, captured, Refused("EBMS:0003"))


async def p23_receipted(hub: TestedHub) -> None:
    await push(hub)
    captured = pull_request()
    await close(hub, await post(hub, captured))
    await push(hub)
    await refuse(hub, captured, Refused("EBMS:0003"))


async def p23_under_another_lease(hub: TestedHub) -> None:
    """The id is remembered, not only the time in the message: the signer cannot use it for a second message."""
    await push(hub)
    await push(hub)
    first = await post(hub, pull_request(message_id="used@tests.example"))
    hub.clock.move(timedelta(minutes=6))
    renewed = pull_request(message_id="used@tests.example", at=hub.clock.now())
    await refuse(hub, renewed, Refused("EBMS:0003"))
    assert first.user_message is not None


async def p24(hub: TestedHub) -> None:
    await push(hub)
    minutes = timedelta(minutes=5)
    for off in (-timedelta(days=1), -minutes - SECOND, minutes + SECOND, timedelta(days=365)):
        await refuse(hub, pull_request(at=NOW + off), Refused("EBMS:0003"))
    for off in (-minutes, minutes):
        await push(hub)
        assert (await post(hub, pull_request(at=NOW + off))).user_message is not None


async def p26(hub: TestedHub) -> None:
    await push(hub)
    files = tls_folder()
    await refuse(hub, pull_request(), Refused("EBMS:0101"))  # in the clear
    asked = tls_context(files.server(client_authority=files.client_authority))
    port = await hub.running.listen("127.0.0.1", 0, asked)
    for client, codes in (("absent", ("EBMS:0101",)), ("other", ("EBMS:0101",)), ("valid", ())):
        async with connected(hub, port=port, tls=files.client(client)) as peer:
            await peer.send(whole(pull_request()))
            answer = await peer.answer()
        assert (answer.codes, answer.user_message is not None) == (codes, client == "valid")


async def pl_01(hub: TestedHub) -> None:
    assert (await pull(hub)).codes == EMPTY
    await push(hub)
    entries = [
        await refuse(hub, pull_request("counsellor", mpc=mpc_of("creditor")), NO_MAILBOX),
        await refuse(hub, pull_request("counsellor", mpc="urn:nothing"), NO_MAILBOX),
    ]
    assert same_but_for_ids(entries)
    assert len({line["detail"] for line in hub.log.of("refused")} - {""}) >= 2, "the operator sees what it was"


async def pl_05(hub: TestedHub) -> None:
    await push(hub)
    await refuse(hub, published("structure/pullrequest-usernametoken-role-ebms.txt"), Refused("EBMS:0103"))
    token = (
        "<wsse:UsernameToken><wsse:Username>creditor</wsse:Username>"
        "<wsse:Password>secret-of-the-tests</wsse:Password></wsse:UsernameToken>"
    )
    wire = pull_request()
    octets = without_signature(wire.envelope, token)
    await refuse(hub, replace(wire, body=octets, envelope=octets), Refused("EBMS:0103"))


def without_signature(envelope: bytes, token: str) -> bytes:
    """The same with a token in the place of signature and certificate."""
    root = etree.fromstring(envelope)
    (security,) = root.iter("{*}Security")
    namespace = etree.QName(security).namespace
    for child in list(security):
        security.remove(child)
    security.extend(etree.fromstring(f'<w xmlns:wsse="{namespace}">{token}</w>'))
    return etree.tostring(root)


def same_name_of(made_by: str) -> SigningKey:
    """A certificate with the creditor's names and a key of its own, issued by somebody else or by the same."""
    at = NOW - timedelta(days=30)
    by = authority() if made_by == "same authority" else new_authority("Another authority", at=at, days=300)
    party_id, common_name = PARTIES["creditor"]
    made = issue(by, common_name=common_name, party_id=party_id, at=at, days=200, usage="signing")
    return SigningKey(private_key=made.private_key, certificate=made.certificate)


async def pl_06(hub: TestedHub) -> None:
    await push(hub)
    entries = [
        await refuse(hub, pull_request(signer=same_name_of("another authority")), NOBODYS),
        await refuse(hub, pull_request(signer=same_name_of("same authority")), NOBODYS),
        await refuse(hub, signed_with("next"), NOBODYS),
    ]
    assert same_but_for_ids(entries)


TABLE = (
    Row("P15", "an unsigned PullRequest is EBMS:0103 and reveals nothing", p15),
    Row("P16", "a PullRequest with a bad signature is EBMS:0101", p16),
    Row("P17", "another party's mailbox is EBMS:0010", p17),
    Row("P18", "an unknown mailbox is the same EBMS:0010", p18),
    Row("P19", "nobody pulls the default channel", p19),
    Row("P20", "a mailbox is found by its whole name alone", p20),
    Row(
        "P22",
        "expired and rolled certificates pull nothing, the next one does",
        p22,
        extra=with_signing("expired", "next"),
    ),
    Row("P23", "a replayed PullRequest gets the same message for five minutes, then EBMS:0003", p23),
    Row("P24", "a PullRequest is fresh for five minutes", p24),
    Row(
        "P26",
        "the P-Mode may demand a TLS client certificate besides the signature",
        p26,
        extra=lambda: {"creditor": {"tls_thumbprints": [tls_folder().thumbprint("valid")]}},
    ),
)
VARIANTS = (
    Row("P23 receipted", "nor is anything given for it once its message is receipted", p23_receipted),
    Row("P23 renewed", "its id is used up, also under a fresh Timestamp", p23_under_another_lease),
    Row("PL-01", "a participant who is not entitled gets one and the same answer", pl_01),
    Row("PL-05", "a password is no certificate", pl_05),
    Row("PL-06", "a certificate that only resembles a registered one is nobody's", pl_06),
)
ROWS = ids_of(TABLE)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in (*TABLE, *VARIANTS)])
async def test_pull_authority(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
