"""The figures of one run as a picture: each step beside the floor's, the ratio by connections, and large hubs."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the picture as SVG or PNG, by the ending of the path; raises ImportError without matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    transactions = found["transactions"]
    rows = 3 if "scaling" in found else 2
    figure, axes = pyplot.subplots(
        rows, len(transactions), figsize=(5.2 * len(transactions), 4.2 * rows), squeeze=False
    )
    for steps, ratios, each in zip(axes[0], axes[1], transactions, strict=True):
        _steps(steps, each["steps"]["cpu_microseconds"])
        steps.set_title(f"RSA-{each['bits']}, {each['steps']['connections']} connections", fontsize=9)
        _ratios(ratios, each["connections"])
    if "scaling" in found:
        _large_hubs(axes[2][0], found["scaling"])
        for axis in axes[2][1:]:
            axis.set_visible(False)
    figure.suptitle(f"One full transaction on {found['machine']['processor']}, {found['commit'][:10]}", fontsize=9)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=140)
    pyplot.close(figure)


def _steps(axis: Any, rows: list[dict[str, Any]]) -> None:
    """Each step of the hub, and the floor's beside it."""
    places = range(len(rows), 0, -1)
    axis.barh([place + 0.2 for place in places], [each["hub"] for each in rows], 0.4, label="hub")
    axis.barh([place - 0.2 for place in places], [each["floor"] or 0 for each in rows], 0.4, label="floor")
    axis.set_yticks(list(places), [f"{each['request']}: {each['step']}" for each in rows], fontsize=6)
    axis.set_xlabel("CPU microseconds of a transaction")
    axis.legend(fontsize=7)


def _ratios(axis: Any, rows: list[dict[str, Any]]) -> None:
    """The ratio by connections; the bars reach from the lowest round to the highest."""
    places = range(len(rows))
    for name, label in (("ratio", "to the floor"), ("ratio_to_floor_before", "to the floor before")):
        medians = [row[name]["median"] for row in rows]
        below = [row[name]["median"] - row[name]["least"] for row in rows]
        above = [row[name]["most"] - row[name]["median"] for row in rows]
        axis.errorbar(places, medians, yerr=[below, above], marker="o", capsize=3, label=label)
    axis.set_xticks(list(places), [str(row["connections"]) for row in rows])
    axis.set_xlabel("connections")
    axis.set_ylabel("hub / floor")
    axis.set_ylim(bottom=0)
    axis.legend(fontsize=7)


def _large_hubs(axis: Any, rows: list[dict[str, Any]]) -> None:
    """How long a pull takes in a large hub; the bars reach from the lowest round to the highest."""
    of_rows = [each["pull_median_milliseconds"] for each in rows]
    medians = [each["median"] for each in of_rows]
    reach = [
        [each["median"] - each["least"] for each in of_rows],
        [each["most"] - each["median"] for each in of_rows],
    ]
    axis.bar(range(len(rows)), medians, yerr=reach, capsize=3)
    axis.set_xticks(range(len(rows)), [each["row"] for each in rows], rotation=20, fontsize=7)
    axis.set_ylabel("pull, median milliseconds")
