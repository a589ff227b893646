"""An Error, however it or its package is bent, takes the effect it can and is never answered by one (X05)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support.hubs.hub import TestedHub, running_hub
from support.keys.pki import identity
from support.messages.bundles import (
    error_about,
    first,
    last_error,
    pulled_by_creditor,
    signed_anew,
)
from support.messages.wire import (
    Reply,
    Wire,
    multipart,
    post,
    signal_wire,
)

from crypto.names import WSSE
from gateway.ebms.model import Messaging
from gateway.ebms.names import EB
from gateway.msh.failed import MOST_ERRORS

ERROR = f"{{{EB}}}Error"


def bent(change: Callable[[etree._Element], object]) -> Callable[[Wire], Wire]:
    """The error changed by its sender, and then signed."""

    def make(wire: Wire) -> Wire:
        return signed_anew(wire, change)

    return make


def without_reference(root: etree._Element) -> None:
    info = first(root, f"{{{EB}}}MessageInfo")
    info.remove(first(root, f"{{{EB}}}RefToMessageId"))


def saying(tag: str, text: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        first(root, f"{{{EB}}}{tag}").text = text

    return change


def commented(tag: str, place: int) -> Callable[[etree._Element], None]:
    """A comment in a value, which no signature covers: whoever captured the error can put one there."""

    def change(root: etree._Element) -> None:
        element, comment = first(root, f"{{{EB}}}{tag}"), etree.Comment("x")
        text = element.text or ""
        element.text, comment.tail = text[:place], text[place:]
        element.append(comment)

    return change


def with_another_reference_in_the_error(root: etree._Element) -> None:
    info = first(root, f"{{{EB}}}RefToMessageId")
    first(root, ERROR).set("refToMessageInError", info.text or "")
    info.text = "a b"


async def pulled_and_error(hub: TestedHub) -> tuple[Reply, Wire]:
    """What the creditor pulled, and its error about that."""
    pulled = await pulled_by_creditor(hub)
    return pulled, signal_wire(Messaging(error=error_about(pulled)), identity("creditor").signing_key)


BENT: dict[str, Callable[[etree._Element], object]] = {
    "no-code": lambda root: first(root, ERROR).attrib.pop("errorCode"),
    "no-severity": lambda root: first(root, ERROR).attrib.pop("severity"),
    "unknown-attribute": lambda root: first(root, ERROR).set("more", "1"),
    "unknown-element": lambda root: etree.SubElement(first(root, ERROR), f"{{{EB}}}More"),
    "reference-in-the-error-alone": without_reference,
    "reference-that-can-be-read-in-the-error-alone": with_another_reference_in_the_error,
    "id-in-brackets": saying("MessageId", "<one@tests.example>"),
    "id-with-a-blank": saying("MessageId", "one one@tests.example"),
    "id-not-ascii": saying("MessageId", "\u00e9@tests.example"),
    "id-too-long": saying("MessageId", "a" * 300),
    "comment-in-the-id": commented("MessageId", 4),
    "comment-in-the-reference": commented("RefToMessageId", 4),
}


@pytest.mark.parametrize("name", BENT)
async def test_a_bent_error_takes_the_effect_it_can_once_and_is_not_answered_by_an_error_X05(
    tmp_path: Path, name: str
) -> None:
    async with running_hub(tmp_path) as hub:
        _, good = await pulled_and_error(hub)
        wire = bent(BENT[name])(good)
        reply = await post(hub, wire)
        assert (reply.status, reply.body) == (204, b"")
        assert await last_error(hub) is not None, hub.log.lines
        assert (await post(hub, wire)).status == 204
        assert len(hub.log.of("error_taken")) == 1
        assert len(hub.log.of("error_repeated")) == 1, hub.log.lines


async def test_comments_make_no_other_error_of_one_that_was_captured(tmp_path: Path) -> None:
    """They stand under the same signature, and would pause a message again each time, or make an old error fresh."""
    async with running_hub(tmp_path) as hub:
        _, good = await pulled_and_error(hub)
        assert (await post(hub, good)).status == 204
        for change in (*(commented("MessageId", place) for place in (4, 5, 9)), commented("Timestamp", 19)):
            root = etree.fromstring(good.body)
            change(root)
            assert (await post(hub, replace(good, body=etree.tostring(root)))).status == 204
        assert len(hub.log.of("error_taken")) == 1, hub.log.lines
        assert len(hub.log.of("error_repeated")) == 4


def lacking(tag: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        element = first(root, f"{{{EB}}}{tag}")
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return change


def says_nothing(root: etree._Element) -> None:
    lacking("MessageInfo")(root)
    first(root, ERROR).attrib.pop("refToMessageInError")


# What keeps an error from counting once, and while it is fresh: (the change, whether it says what it is about)
UNREADABLE: dict[str, tuple[Callable[[etree._Element], object], bool]] = {
    "no-id": (lacking("MessageId"), True),
    "no-time": (lacking("Timestamp"), True),
    "no-MessageInfo": (lacking("MessageInfo"), True),
    "a-blank-id": (saying("MessageId", " "), True),
    "nothing": (says_nothing, False),
    "a-day-that-does-not-exist": (saying("Timestamp", "2026-02-30T00:00:00Z"), True),
    "a-year-of-five-digits": (saying("Timestamp", "12345-01-01T00:00:00Z"), True),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_an_error_that_cannot_count_once_is_logged_with_what_it_is_about_and_not_answered_X05(
    tmp_path: Path, name: str
) -> None:
    change, says_about = UNREADABLE[name]
    async with running_hub(tmp_path) as hub:
        pulled, good = await pulled_and_error(hub)
        reply = await post(hub, bent(change)(good))
        assert (reply.status, reply.body) == (204, b"")
        assert await last_error(hub) is None
        (line,) = hub.log.of("error_unmatched")
        assert line["errors"] == 1
        assert pulled.user_message is not None
        assert line["message_id"] == (pulled.user_message.message_id if says_about else None)
        assert line["detail"] == "without a MessageId or a time that can be read"
        assert not hub.log.of("refused")


def two_of(tag: str) -> Callable[[Wire], Wire]:
    def make(wire: Wire) -> Wire:
        root = etree.fromstring(wire.body)
        block = first(root, tag)
        block.addnext(etree.fromstring(etree.tostring(block)))
        return replace(wire, body=etree.tostring(root))

    return make


def with_another_messaging(*, before: bool, signals: int) -> Callable[[Wire], Wire]:
    """An eb:Messaging more, whose signals hold nothing: they ask for nothing, and so nobody is owed an answer."""

    def make(wire: Wire) -> Wire:
        root = etree.fromstring(wire.body)
        block = first(root, f"{{{EB}}}Messaging")
        more = etree.Element(f"{{{EB}}}Messaging")
        for _ in range(signals):
            etree.SubElement(more, f"{{{EB}}}SignalMessage")
        (block.addprevious if before else block.addnext)(more)
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
    "beside-an-empty-signal": (with_another_messaging(before=False, signals=1), 204),
    "behind-an-empty-signal": (with_another_messaging(before=True, signals=1), 204),
    "behind-an-empty-messaging": (with_another_messaging(before=True, signals=0), 204),
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
        _, good = await pulled_and_error(hub)
        reply = await post(hub, change(good))
        assert (reply.status, reply.body) == (status, b""), hub.log.lines
        assert hub.log.of("refused")


async def test_of_one_envelope_no_more_errors_are_looked_up_than_may_be_judged_however_they_are_bent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_ids(root: etree._Element) -> None:
        for each in [*root.iter(f"{{{EB}}}MessageId")][-10:]:
            each.text = ""

    async with running_hub(tmp_path) as hub:
        error = error_about(await pulled_by_creditor(hub))
        others = tuple(replace(error, message_id=f"{number}@creditor.example") for number in range(15))
        wire = signal_wire(Messaging(error=error, further_errors=others), identity("creditor").signing_key)
        asked: list[str] = []
        find = type(hub.store).find_offered

        async def counted(self: Any, message_id: str) -> Any:
            asked.append(message_id)
            return await find(self, message_id)

        monkeypatch.setattr(type(hub.store), "find_offered", counted)
        assert (await post(hub, signed_anew(wire, without_ids))).status == 204
        assert len(asked) == MOST_ERRORS
