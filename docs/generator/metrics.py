"""docs/reference/metrics.md, from the table of metrics."""

from __future__ import annotations

from gateway.metrics import CLASSES, METRICS, Metric
from generator.markdown import code, document, table

INTRODUCTION = """\
What `/metrics` tells on the listener of `[monitoring]`, in the text format of Prometheus; [how to watch a
hub](../how-to/watch-a-hub.md) says how that is switched on. A line has one label at most, and all of its values stand
here: whatever is sent to a hub makes no new line, and none names a message, a reference, a party or a person. What the
store, the disk and the certificates say may be ten seconds old."""


def values_of(metric: Metric) -> str:
    """The label with its values, or where many of them stand."""
    if not metric.label:
        return ""
    if not metric.values:
        return code(metric.label)
    if metric.label == "event":
        return f"{code(metric.label)}: every [event of the log](events.md)"
    return f"{code(metric.label)}: {', '.join(map(code, metric.values))}"


def page() -> str:
    """The whole page."""
    return document(
        "Metrics",
        INTRODUCTION,
        table(
            ("metric", "kind", "what it tells", "label", "left out where there is nothing to tell"),
            (
                (code(name), metric.kind, metric.tells, values_of(metric), "" if metric.always else "yes")
                for name, metric in METRICS.items()
            ),
        ),
        "The classes of a histogram end at " + ", ".join(f"{each:g}" for each in CLASSES) + " seconds.",
    )
