"""A canary in every place of a message where text fits, then all that can go wrong: no log holds it (LG-02, LG-03).

Only ids by which an operator finds a message may be logged, and those of these messages hold no canary.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from support.hubs.contract import Before, assert_nothing_kept
from support.hubs.hub import TestedHub, running_hub
from support.hubs.raw import connected, head, whole
from support.hubs.refusals import CANARY, HEADERS, REFUSALS, marked, removed_element, sent
from support.keys.pki import NOW, identity
from support.messages.wire import Reply, Wire, new_id, post, pull_request, signal_wire

from crypto.names import SECURITY
from gateway.demo.search import search
from gateway.ebms.model import ErrorEntry, ErrorSignal, Messaging
from gateway.logs import json_line
from gateway.msh import receive
from gateway.msh.steps import passing
from gateway.store.interface import OutcomeUnknown, StoreUnavailable


@contextmanager
def loud(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Every logger of the process says everything that it has to say."""
    with caplog.at_level(logging.DEBUG):
        yield


def assert_silent(hub: TestedHub, caplog: pytest.LogCaptureFixture, *answers: Reply) -> None:
    """No line of any log, and no answer, holds the canary, as it is or escaped."""
    told = [*map(repr, hub.log.lines), *(record.getMessage() + repr(record.__dict__) for record in caplog.records)]
    told += [json_line(0.0, logging.INFO, event, fields) for event, fields in hub.log.lines]
    told += [caplog.text, *(repr(each.headers) + repr(each.body) for each in answers)]
    found = [each for each in told if CANARY in each or CANARY.lower() in each]
    assert not found, found


async def exchange(hub: TestedHub, octets: bytes) -> Reply:
    async with connected(hub) as peer:
        await peer.send(octets)
        return await peer.answer()


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_repeats_nothing_anywhere_LG_02(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    headers = {**HEADERS, **REFUSALS[name].headers}
    path, method = headers.pop(":path", "/as4"), headers.pop(":method", "POST")
    with loud(caplog):
        async with running_hub(tmp_path) as hub:
            before = Before.of(hub)
            lines = [f"{key}: {value}" for key, value in headers.items()]
            answer = await exchange(hub, whole(REFUSALS[name].make(), *lines, path=path, method=method))
            assert answer.status == REFUSALS[name].expected.status
            assert_silent(hub, caplog, answer)
            assert_nothing_kept(hub, before)
            found = search([CANARY], [tmp_path])
    assert (found.hits, found.unread) == ((), ())


@pytest.mark.parametrize(
    "octets",
    [
        f"{CANARY}\r\n\r\n".encode(),
        f"POST /as4 HTTP/1.1\r\nHost: x\r\n{CANARY} : a\r\n\r\n".encode(),
        f"POST /as4 HTTP/1.1\r\nHost: x\r\nContent-Length: {CANARY}\r\n\r\n".encode(),
        f"POST /as4 HTTP/9.9\r\nHost: {CANARY}\r\n\r\n".encode(),
        f"POST /as4 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{CANARY}\r\n".encode(),
        head("application/soap+xml", "Content-Length: 90000", f"X: {CANARY * 400}"),
    ],
    ids=["no request line", "a header with a blank", "a length", "a version", "a chunk size", "a long header"],
)
async def test_what_is_no_http_is_not_quoted_LG_02(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, octets: bytes
) -> None:
    with loud(caplog):
        async with running_hub(tmp_path) as hub:
            answer = await exchange(hub, octets)
            assert answer.status == (505 if b"HTTP/9.9" in octets else 400)
            assert_silent(hub, caplog, answer)


def marked_receipts(pulled: Reply) -> Iterator[Wire]:
    """Receipts for that message that name a part of nobody's: by its owner, by another party, by nobody."""
    right = pulled.receipt_of()
    first, *rest = right.references
    wrong = Messaging(receipt=replace(right, references=(replace(first, uri=f"cid:{CANARY}"), *rest)))
    yield signal_wire(wrong, identity("creditor").signing_key)
    yield signal_wire(wrong, identity("counsellor").signing_key)
    wire = signal_wire(wrong, identity("creditor").signing_key)
    root = etree.fromstring(wire.body)
    removed_element(root, SECURITY)
    yield replace(wire, body=etree.tostring(root))


async def test_a_whole_journey_logs_no_content_LG_02(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with loud(caplog):
        async with running_hub(tmp_path) as hub:
            lines = [f"{key}: {value}" for key, value in HEADERS.items()]
            pushed = await exchange(hub, whole(sent(), *lines))
            assert pushed.receipt is not None
            pulled = await post(hub, pull_request())
            assert pulled.user_message is not None
            about = pulled.user_message.message_id
            entry = ErrorEntry(
                code="EBMS:0004", severity="failure", short_description=CANARY, description=CANARY, detail=CANARY,
                language="en", ref_to_message_in_error=about,
            )  # fmt: skip
            error = ErrorSignal(message_id=new_id(), timestamp=NOW, ref_to_message_id=about, errors=(entry,))
            spelled = replace(error, message_id=new_id(), errors=(replace(entry, code=CANARY[:32]),))
            answers = [
                await post(hub, signal_wire(Messaging(error=each), identity("creditor").signing_key))
                for each in (error, spelled)
            ]
            assert [each["code"] for each in hub.log.of("error_taken")] == ["EBMS:0004", "other"]
            for wire in marked_receipts(pulled):
                answers.append(await post(hub, wire))
                assert answers[-1].codes == ("EBMS:0302",)
            answers.append(await post(hub, pulled.receipt_wire("creditor")))
            assert (answers[0].status, answers[-1].status) == (204, 204)
            await hub.running.keeper.keep()
            assert_silent(hub, caplog, *answers)


FAULTS: dict[str, tuple[object, str, type[Exception], int]] = {
    # where something breaks: (what is replaced in what, by which exception), and what the peer is told
    "decrypting": (passing, "unwrap", RuntimeError, 503),
    "reading the document": (receive, "validate", ValueError, 503),
    "sealing": (receive, "seal", KeyError, 503),
    "storing": (receive, "store", OSError, 503),
    "a store that is full": (receive, "store", StoreUnavailable, 503),
    "a store that does not know": (receive, "store", OutcomeUnknown, 503),
}


@pytest.mark.parametrize("place", FAULTS)
async def test_a_defect_tells_where_it_is_and_nothing_of_the_message_LG_03(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    module, name, kind, status = FAULTS[place]

    def broken(*_: Any, **__: Any) -> Any:
        secret = CANARY  # a local of the frame that fails
        raise kind(f"octets of {secret}" if not issubclass(kind, (StoreUnavailable, OutcomeUnknown)) else "full")

    monkeypatch.setattr(module, name, broken)
    with loud(caplog):
        async with running_hub(tmp_path) as hub:
            before = Before.of(hub)
            answer = await post(hub, marked().wire())
            assert (answer.status, answer.body) == (status, b"")
            assert_silent(hub, caplog, answer)
            assert_nothing_kept(hub, before)
            defects = [each for event, each in hub.log.lines if event == "defect"]
            if not issubclass(kind, (StoreUnavailable, OutcomeUnknown)):
                assert [each["kind"] for each in defects] == [kind.__name__]
                assert str(defects[0]["where"]).startswith("test_leaks.py:")
