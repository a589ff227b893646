"""The pages for whoever watches the hub: `/metrics` as Prometheus reads it, `/healthz`, `/readyz`. They stand on a
listener of their own, and what else is asked there is 404.

SECURITY: nothing is read but the path. The pages hold numbers and the words of `gateway.metrics`; an answer about
health is one of a few words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, ProcessCollector, generate_latest
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from gateway.edge.bare_status import BareStatus
from gateway.edge.heads import judge_form, judge_reading
from gateway.events import EventLog, class_of, place_of
from gateway.metrics import METRICS, Durations, Sample

METRICS_PATH: Final = "/metrics"
ALIVE_PATH: Final = "/healthz"
READY_PATH: Final = "/readyz"
_PLAIN: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a hub says of itself, asked each time."""

    samples: Callable[[], Awaitable[Sequence[Sample]]]
    durations: Mapping[str, Durations]  # of the histograms of the table
    alive: Callable[[], bool]
    unready: Callable[[], Sequence[str]]  # why no more should be sent here, as words; none: it is ready


class MonitoringEndpoint:
    """Serves the three paths."""

    def __init__(self, health: Health, log: EventLog) -> None:
        self._health = health
        self._log = log
        self._process = ProcessCollector(registry=None)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """One HTTP exchange."""
        try:
            judge_form(request)
            if request.path not in (METRICS_PATH, ALIVE_PATH, READY_PATH):
                raise BareStatus(HTTPStatus.NOT_FOUND)
            judge_reading(request)
            response = await self._answer(request.path)
        except BareStatus as bare:
            response = web.Response(status=bare.status, headers=bare.headers)
        except Exception as defect:
            self._log("defect", kind=class_of(defect), where=place_of(defect), address="")
            response = web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        if request.can_read_body:
            response.force_close()
        return response

    async def _answer(self, path: str) -> web.Response:
        if path == ALIVE_PATH:
            return _said("alive" if self._health.alive() else "failed", well=self._health.alive())
        if path == READY_PATH:
            reasons = self._health.unready()
            return _said("; ".join(reasons) or "ready", well=not reasons)
        page = generate_latest(Page(await self._health.samples(), self._health.durations, self._process))
        return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


def _said(text: str, *, well: bool) -> web.Response:
    headers = {"Content-Type": _PLAIN, "Cache-Control": "no-store"}
    status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
    return web.Response(status=status, body=f"{text}\n".encode(), headers=headers)


class Page(Collector):
    """The lines of one answer, in the order of the table; a line that is not in the table does not come through."""

    def __init__(self, samples: Iterable[Sample], durations: Mapping[str, Durations], process: Collector) -> None:
        self._of: dict[str, list[Sample]] = {name: [] for name in METRICS}
        for each in samples:
            self._of[each.name].append(each)
        self._durations = durations
        self._process = process

    def collect(self) -> Iterator[Family]:
        """Each metric with its lines."""
        for name, metric in METRICS.items():
            family = Family(name.removesuffix("_total"), metric.tells, metric.kind)
            for each in self._of[name]:
                family.add_sample(name, {metric.label: each.label} if metric.label else {}, each.value)
            if name in self._durations:
                _add_classes(family, name, self._durations[name])
            if family.samples:
                yield family
        yield from (each for each in self._process.collect() if _told(each))


def _told(family: Family) -> bool:
    return all(each.name in METRICS for each in family.samples)


def _add_classes(family: Family, name: str, durations: Durations) -> None:
    counts = durations.up_to()
    for bound, count in zip((*durations.bounds, float("inf")), counts, strict=True):
        family.add_sample(f"{name}_bucket", {"le": "+Inf" if bound == float("inf") else repr(bound)}, count)
    family.add_sample(f"{name}_count", {}, counts[-1])
    family.add_sample(f"{name}_sum", {}, durations.seconds)
