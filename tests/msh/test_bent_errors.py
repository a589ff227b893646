"""An Error, however it or its package is bent, takes the effect it can and is never answered by one (X05)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import running_hub
from support.keys.pki import identity
from support.messages.bundles import (
    error_about,
    first,
    last_error,
    pulled_by_creditor,
    signed_anew,
)
from support.messages.wire import (
    Wire,
    multipart,
    post,
    signal_wire,
)

from crypto.names import WSSE
from gateway.ebms.model import Messaging
from gateway.ebms.names import EB

ERROR = f"{{{EB}}}Error"


def bent(change: Callable[[etree._Element], object]) -> Callable[[Wire], Wire]:
    """The error changed by its sender, and then signed."""

    def make(wire: Wire) -> Wire:
        return signed_anew(wire, change)

    return make


def without_reference(root: etree._Element) -> None:
    info = first(root, f"{{{EB}}}MessageInfo")
    info.remove(first(root, f"{{{EB}}}RefToMessageId"))


BENT: dict[str, Callable[[etree._Element], object]] = {
    "no-code": lambda root: first(root, ERROR).attrib.pop("errorCode"),
    "no-severity": lambda root: first(root, ERROR).attrib.pop("severity"),
    "unknown-attribute": lambda root: first(root, ERROR).set("more", "1"),
    "unknown-element": lambda root: etree.SubElement(first(root, ERROR), f"{{{EB}}}More"),
    "reference-in-the-error-alone": without_reference,
}


@pytest.mark.parametrize("name", BENT)
async def test_a_bent_error_takes_the_effect_it_can_and_is_not_answered_by_an_error_X05(
    tmp_path: Path, name: str
) -> None:
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        good = signal_wire(Messaging(error=error_about(pulled)), identity("creditor").signing_key)
        reply = await post(hub, bent(BENT[name])(good))
        assert (reply.status, reply.body) == (204, b"")
        assert await last_error(hub) is not None, hub.log.lines


@pytest.mark.parametrize("tag", [f"{{{EB}}}MessageId", f"{{{EB}}}Timestamp", f"{{{EB}}}MessageInfo"])
async def test_an_error_that_says_nothing_usable_is_logged_and_not_answered_X05(tmp_path: Path, tag: str) -> None:
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        good = signal_wire(Messaging(error=error_about(pulled)), identity("creditor").signing_key)

        def cut(root: etree._Element) -> None:
            element = first(root, tag)
            parent = element.getparent()
            assert parent is not None
            parent.remove(element)

        reply = await post(hub, bent(cut)(good))
        assert (reply.status, reply.body) == (204, b"")
        assert await last_error(hub) is None
        assert hub.log.of("refused")


def two_of(tag: str) -> Callable[[Wire], Wire]:
    def make(wire: Wire) -> Wire:
        root = etree.fromstring(wire.body)
        block = first(root, tag)
        block.addnext(etree.fromstring(etree.tostring(block)))
        return replace(wire, body=etree.tostring(root))

    return make


def packed_with(old: bytes, new: bytes) -> Callable[[Wire], Wire]:
    """The error as the root of a multipart message that has another part, with something else in its packaging."""

    def make(wire: Wire) -> Wire:
        packed = multipart(wire.body, [("part@tests.example", "text/plain", b"octets")])
        return replace(packed, body=new.join(packed.body.rsplit(old, 1)))

    return make


def long_epilogue(wire: Wire) -> Wire:
    packed = multipart(wire.body, [])
    return replace(packed, body=packed.body + b"x" * 2000)


def root_of_another_length(wire: Wire) -> Wire:
    packed = multipart(wire.body, [])
    return replace(packed, body=packed.body.replace(b"Content-Type:", b"Content-Length: 100000\r\nContent-Type:", 1))


UNTAKEABLE: dict[str, tuple[Callable[[Wire], Wire], int]] = {
    "two-securities": (two_of(f"{{{WSSE}}}Security"), 204),
    "two-messagings": (two_of(f"{{{EB}}}Messaging"), 204),
    "long-epilogue": (long_epilogue, 400),
    "content-encoding-of-a-part": (packed_with(b"Content-Type:", b"Content-Encoding: gzip\r\nContent-Type:"), 400),
    "content-length-of-the-root": (root_of_another_length, 400),
}


@pytest.mark.parametrize("name", UNTAKEABLE)
async def test_an_error_in_an_envelope_or_package_that_is_bent_is_logged_and_not_answered_by_one_X05(
    tmp_path: Path, name: str
) -> None:
    change, status = UNTAKEABLE[name]
    async with running_hub(tmp_path) as hub:
        pulled = await pulled_by_creditor(hub)
        good = signal_wire(Messaging(error=error_about(pulled)), identity("creditor").signing_key)
        reply = await post(hub, change(good))
        assert (reply.status, reply.body) == (status, b""), hub.log.lines
        assert hub.log.of("refused")
