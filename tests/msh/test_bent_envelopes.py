"""What is wrong with the shape of an envelope is told about its message, wherever there is one that can be meant."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import running_hub
from support.messages.wire import ping, post

from crypto.elements import Element
from crypto.names import SECURITY
from gateway.ebms.names import EB, SOAP12

HEADER, BODY, MESSAGING = f"{{{SOAP12}}}Header", f"{{{SOAP12}}}Body", f"{{{EB}}}Messaging"


def two_securities(root: Element) -> None:
    header = next(root.iter(HEADER))
    header.append(deepcopy(next(header.iter(SECURITY))))


def text_between(root: Element) -> None:
    root.text = "text"


def second(tag: str) -> Callable[[Element], None]:
    return lambda root: root.append(etree.Element(tag))


def many_blocks(root: Element) -> None:
    next(root.iter(HEADER)).extend(etree.Element("{urn:foreign}Block") for _ in range(65))


def two_messagings(root: Element) -> None:
    header = next(root.iter(HEADER))
    header.append(deepcopy(next(header.iter(MESSAGING))))


def another_in_the_body(root: Element) -> None:
    next(root.iter(BODY)).append(deepcopy(next(root.iter(MESSAGING))))
    text_between(root)


def in_the_body_alone(root: Element) -> None:
    next(root.iter(BODY)).append(next(root.iter(MESSAGING)))


# What is done to it, the code, and whether there is one message that the error can be about.
SHAPES: dict[str, tuple[Callable[[Element], None], str, bool]] = {
    "two Security": (two_securities, "EBMS:0103", True),
    "text between": (text_between, "EBMS:0009", True),
    "a second Body": (second(BODY), "EBMS:0009", True),
    "a second Header": (second(HEADER), "EBMS:0009", True),
    "65 blocks": (many_blocks, "EBMS:0009", True),
    "two Messaging": (two_messagings, "EBMS:0009", False),
    "another in the Body": (another_in_the_body, "EBMS:0009", False),
    "in the Body alone": (in_the_body_alone, "EBMS:0009", False),
}


@pytest.mark.parametrize("name", SHAPES)
async def test_an_envelope_of_another_shape_is_refused_about_the_one_message_it_holds(
    name: str, tmp_path: Path
) -> None:
    alter, code, about = SHAPES[name]
    draft = ping()
    wire = draft.wire(alter=alter)
    async with running_hub(tmp_path) as hub:
        reply = await post(hub, wire)
        (line,) = hub.log.of("refused")
    assert (reply.status, reply.codes) == (200, (code,))
    assert reply.error is not None
    expected = draft.user_message.message_id if about else None
    assert reply.error.ref_to_message_id == expected
    assert [each.ref_to_message_in_error for each in reply.error.errors] == [expected]
    assert line["message_id"] == expected
