"""Traces of exchanges: the steps of each, in their order, and nothing of what was exchanged."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from support.hubs.hub import running_hub
from support.messages.wire import post, pull_request, saldoverzoek

from gateway.settings import parse_settings
from gateway.traced import step
from gateway.traced import tracing as within
from gateway.wiring import NotStartable, tracing
from gateway.wiring.tracing import EXCHANGE, Traces

TRACEPARENT = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "evil=1"}


class Kept:
    """Traces that stay in memory."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.traces = Traces(SimpleSpanProcessor(self._exporter))

    def taken(self) -> tuple[ReadableSpan, ...]:
        """The spans since the last time, by their beginning."""
        found = self._exporter.get_finished_spans()
        self._exporter.clear()
        return tuple(sorted(found, key=lambda each: each.start_time or 0))


def names_of(spans: Sequence[ReadableSpan]) -> list[str]:
    return [each.name for each in spans]


def told_by(spans: Sequence[ReadableSpan]) -> str:
    """Everything that leaves with them, but for times and the ids that the library drew."""
    return "\n".join(
        f"{each.name} {dict(each.attributes or {})} {each.events} {each.links} {each.status.description}"
        for each in spans
    )


async def test_an_exchange_is_a_span_with_its_steps_in_their_order(tmp_path: Path) -> None:
    kept = Kept()
    async with running_hub(tmp_path, tracer=kept.traces) as hub:
        assert (await post(hub, saldoverzoek().wire())).receipt is not None
        pushed = kept.taken()
        pulled = await post(hub, pull_request())
        assert pulled.user_message is not None
        offered = kept.taken()
    assert names_of(pushed) == [
        EXCHANGE, "admit", "frame", "parse", "match", "verify", "find-earlier", "route", "open", "validate", "seal",
        "acknowledge", "store", "flush",
    ]  # fmt: skip
    assert names_of(offered) == [EXCHANGE, "admit", "frame", "parse", "authorise", "lease", "send", "flush"]
    for spans in (pushed, offered):
        root, *steps = spans
        assert root.parent is None
        assert root.context is not None
        assert {each.context.trace_id for each in steps if each.context} == {root.context.trace_id}
        assert all(each.parent is not None for each in steps)


async def test_nothing_of_a_message_a_party_or_a_person_stands_in_a_trace_LG_06(tmp_path: Path) -> None:
    kept = Kept()
    draft = saldoverzoek()
    sent = draft.wire()
    async with running_hub(tmp_path, tracer=kept.traces) as hub:
        await post(hub, sent)
        await post(hub, replace(sent, body=sent.body[:-40]))
        await post(hub, pull_request())
    spans = kept.taken()
    assert {key for each in spans for key in each.attributes or {}} <= {"error.type"}
    said = told_by(spans)
    asked = draft.user_message
    for secret in (asked.message_id, asked.conversation_id, "00000099", "@", "urn:"):
        assert secret not in said
    assert [each.events for each in spans if each.events] == []


async def test_a_step_that_refuses_says_by_which_class_and_no_text(tmp_path: Path) -> None:
    kept = Kept()
    async with running_hub(tmp_path, tracer=kept.traces) as hub:
        wire = saldoverzoek().wire()
        answer = await post(hub, replace(wire, content_type="multipart/related; type=text/plain"))
        assert answer.status != 200
    refused = [each for each in kept.taken() if each.attributes]
    assert [each.name for each in refused] == ["frame"]
    assert all(str((each.attributes or {})["error.type"]).isidentifier() for each in refused)
    assert [(each.events, each.status.description) for each in refused] == [((), None)]


async def test_what_a_peer_says_of_a_trace_of_its_own_is_not_looked_at(tmp_path: Path) -> None:
    kept = Kept()
    async with running_hub(tmp_path, tracer=kept.traces) as hub:
        await post(hub, saldoverzoek().wire(), headers=TRACEPARENT)
    spans = kept.taken()
    assert {f"{each.context.trace_id:032x}" for each in spans if each.context} != {"0af7651916cd43dd8448eb211c80319c"}
    assert (spans[0].parent, len(spans[0].context.trace_state if spans[0].context else {})) == (None, 0)


async def test_exchanges_at_once_have_a_trace_each() -> None:
    kept = Kept()
    gate = asyncio.Event()

    @step("wait")
    async def wait() -> None:
        await gate.wait()

    async def exchange() -> None:
        with kept.traces.step("around"), within(kept.traces):
            await wait()

    both = asyncio.gather(exchange(), exchange())
    await asyncio.sleep(0)
    gate.set()
    await both
    spans = kept.taken()
    traces = {each.context.trace_id for each in spans if each.context}
    assert (len(spans), len(traces)) == (6, 4), "what stands around an exchange is no part of it"
    assert [each.parent for each in spans if each.name == EXCHANGE] == [None, None]


def test_settings_that_want_traces_need_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    settings = parse_settings(
        '[hub]\npublic_url = "https://hub.example.org/as4"\n[data]\ndirectory = "data"\n[pmodes]\nfolder = "pmodes"\n'
        '[[keys.signing]]\nkey = "a"\ncertificate = "b"\n[[keys.decryption]]\nkey = "c"\ncertificate = "d"\n'
        '[traces]\nendpoint = "http://127.0.0.1:4318/v1/traces"\n'
    )
    with pytest.raises(NotStartable) as refused:
        tracing.traces_of(settings)
    assert refused.value.complaints == ("traces: need the extra: pip install 'knooppunt[traces]'",)
