"""The same message again, under the configuration that is in force when it comes.

again = signed_anew(draft, holodeck(), counsellor("next"), at=NOW)
reply = await answer(hub, again, under=configured(**certificates("next")))
assert_receipted(reply, again)
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from lxml import etree
from support.hubs.hub import (
    TestedHub,
    catalogue,
    configuration_texts,
    load_test_certificates,
    modules_for,
    with_p_modes,
)
from support.keys.pki import Identity, Variant, identity
from support.messages.security import OLDER
from support.messages.wire import Reply, Wire, read_reply

from crypto.digest import DIGESTS
from crypto.names import SHA256, SHA512
from crypto.suites import SUITES
from gateway.msh.exchange import ENDPOINT, Door, Request
from gateway.msh.hub import Hub
from gateway.msh.receive import receive
from gateway.store.model import MessageFilter
from pmodes.configuration import Configuration
from pmodes.files import read_configuration

WITH_SHA512 = replace(OLDER, accepted_digests=(DIGESTS[SHA256], DIGESTS[SHA512]))


def configured(*, without: str | None = None, suites: bool = False, **counsellor: object) -> Configuration:
    """The test organisations, with other keys in the counsellor's file, or without a file of somebody."""
    texts = configuration_texts({"counsellor": counsellor})
    if without is not None:
        del texts[f"{without}.yaml"]
    known = {**SUITES, OLDER.name: WITH_SHA512} if suites else SUITES
    return read_configuration(texts, catalogue=catalogue(), load=load_test_certificates, suites=known)


def counsellor(variant: Variant) -> Identity:
    """The counsellor with the certificate of that variant; the ordinary one is that of every other test."""
    return identity("counsellor") if variant == "ordinary" else identity("counsellor", variant)


def certificates(*signing: str) -> dict[str, object]:
    """The counsellor's certificates, other signing ones."""
    names = [f"counsellor{'-' + each if each else ''}-signing" for each in signing]
    return {"certificates": {"signing": names, "encryption": ["counsellor-encryption"]}}


async def answer(
    hub: TestedHub,
    wire: Wire,
    *,
    under: Configuration | None = None,
    within: Hub | None = None,
    door: Door = ENDPOINT,
) -> Reply:
    """The answer to a request under the configuration that is in force when it comes, through this door."""

    async def chunks() -> AsyncIterator[bytes]:
        yield wire.body

    request = Request(
        content_type=wire.content_type,
        content_length=len(wire.body),
        address="127.0.0.1",
        tls_thumbprint=None,
        chunks=chunks(),
        may_sign_unreadable=lambda: True,
        door=door,
    )
    of = within or hub.hub
    found = await receive(request, of if under is None else with_p_modes(of, under))
    assert isinstance(found.body, bytes)
    headers = {"Content-Type": found.content_type, **found.headers}
    return read_reply(found.status, headers, found.body, at=hub.clock.now())


def references_of(wire: Wire) -> list[tuple[str, str]]:
    """URI and digest of what was signed, read from the octets."""
    root = etree.fromstring(wire.envelope)
    ds = "{http://www.w3.org/2000/09/xmldsig#}"
    return [
        (each.get("URI", ""), (each.findtext(f"{ds}DigestValue") or "").strip())
        for each in root.iterfind(f".//{ds}SignedInfo/{ds}Reference")
    ]


def assert_receipted(reply: Reply, wire: Wire) -> None:
    """A receipt of the hub over the very references that this request signed."""
    assert reply.receipt is not None, (reply.status, reply.codes)
    assert reply.receipt.ref_to_message_id == wire.message_id
    repeated = [(each.uri, base64.b64encode(each.digest_value).decode()) for each in reply.receipt.references]
    assert repeated == references_of(wire)


async def messages(hub: TestedHub) -> int:
    return len(await hub.store.messages(MessageFilter()))


# What may have become of a certificate or a P-Mode since the acceptance; the retry signed anew comes with this one.
CHANGES: dict[str, tuple[Callable[[], Configuration], Variant]] = {
    "left-the-file": (lambda: configured(**certificates("next")), "ordinary"),
    "rolled-over": (lambda: configured(**certificates("next")), "next"),
    "suspended": (lambda: configured(suspended=True), "ordinary"),
    "suspended-and-rolled-over": (lambda: configured(suspended=True, **certificates("next")), "next"),
    "party-without-a-file": (lambda: configured(without="counsellor"), "ordinary"),
    "at-a-desk": (lambda: configured(access="desk"), "ordinary"),
    "called-from-elsewhere": (lambda: configured(addresses=["192.0.2.0/24"]), "ordinary"),
    "role-taken-away": (lambda: configured(roles=["schuldeiser"], modules=modules_for(["schuldeiser"])), "ordinary"),
    "module-ended": (lambda: configured(modules={"Schuldregeling": ["1.1"]}), "ordinary"),
    "module-ended-and-rolled-over": (
        lambda: configured(modules={"Schuldregeling": ["1.1"]}, **certificates("next")),
        "next",
    ),
    "agreement-changed": (lambda: configured(agreement={"value": "urn:new:agreement"}), "ordinary"),
    "agreement-changed-and-rolled-over": (
        lambda: configured(agreement={"value": "urn:new:agreement"}, **certificates("next")),
        "next",
    ),
    "mailbox-full": (lambda: configured(mailbox={"quota_messages": 1}), "ordinary"),
    "packaging-demanded": (
        lambda: configured(overrides={"Knooppunt.TypeParameterRequired": True}, **certificates("next")),
        "ordinary",
    ),
}
