"""Traces by OpenTelemetry, where settings want them: spans go from a thread of the library to one collector.

SECURITY: the collector is the one of the settings; nothing that a peer sent names another. Spans have the names of
`gateway.traced` and no text of an exception, which may quote what it failed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from gateway.settings import Settings
from gateway.wiring.not_startable import NotStartable

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Tracer as SpanMaker

EXCHANGE: Final = "exchange"
_LACKING: Final = "traces: need the extra: pip install 'knooppunt[traces]'"


class Traces:
    """Makes spans and hands them to a processor of the library; `aclose` sends what is left."""

    def __init__(self, processor: SpanProcessor, *, fraction: float = 1.0) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

        about = {"service.name": "knooppunt", "service.version": _version()}
        self._provider: TracerProvider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(fraction)), resource=Resource(about), shutdown_on_exit=False
        )
        self._provider.add_span_processor(processor)
        self._spans: SpanMaker = self._provider.get_tracer("knooppunt")

    def exchange(self) -> AbstractContextManager[object]:
        """The span of a whole exchange, which is part of no other."""
        return self._span(EXCHANGE, is_root=True)

    def step(self, name: str) -> AbstractContextManager[object]:
        """The span of one step, within the one that is open."""
        return self._span(name, is_root=False)

    def close(self) -> None:
        """Send what is left, for some seconds at most."""
        self._provider.shutdown()

    @contextmanager
    def _span(self, name: str, *, is_root: bool) -> Iterator[None]:
        from opentelemetry.context import Context

        context = Context() if is_root else None  # of nobody else, whatever stands around it
        with self._spans.start_as_current_span(
            name, context=context, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as fault:
                span.set_attribute("error.type", type(fault).__name__)
                raise


def traces_of(settings: Settings) -> Traces | None:
    """Traces as the settings want them; None where they want none, NotStartable where the extra is not installed."""
    if settings.traces is None:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise NotStartable((_LACKING,)) from None
    exporter = OTLPSpanExporter(endpoint=settings.traces.endpoint, timeout=settings.traces.timeout_seconds)
    return Traces(BatchSpanProcessor(exporter), fraction=settings.traces.fraction)


def _version() -> str:
    try:
        return version("knooppunt")
    except PackageNotFoundError:
        return "0+unreleased"
