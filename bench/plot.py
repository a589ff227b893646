"""The figures of one run as a picture: the hub's transaction beside the floor, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the picture as SVG or PNG, by the ending of the path; raises ImportError without matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    transactions = found["transactions"]
    figure, axes = pyplot.subplots(2, len(transactions), figsize=(5.2 * len(transactions), 8.4), squeeze=False)
    for stacks, ratios, each in zip(axes[0], axes[1], transactions, strict=True):
        last = each["connections"][-1]
        _stack(stacks, 0, _medians(last["floor"]))
        _stack(stacks, 1, _medians(last["hub"]))
        stacks.set_xticks([0, 1], ["floor", "hub"])
        stacks.set_ylabel("CPU milliseconds per transaction")
        stacks.set_title(f"RSA-{each['bits']}, {last['connections']} connections")
        stacks.legend(fontsize=6, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        _ratios(ratios, each["connections"])
    figure.suptitle(f"One full transaction on {found['machine']['processor']}, {found['commit'][:10]}", fontsize=9)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=140)
    pyplot.close(figure)


def _medians(facts: dict[str, Any]) -> dict[str, float]:
    steps = facts["cpu_microseconds"].items()
    return {name: each["median"] / 1000 for name, each in steps if name != "transaction"}


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


def _stack(axis: Any, place: int, steps: dict[str, float]) -> None:
    bottom = 0.0
    for name, value in steps.items():
        axis.bar(place, value, 0.6, bottom=bottom, label=name)
        bottom += value
    axis.text(place, bottom, f"{bottom:.2f} ms", ha="center", va="bottom", fontsize=8)
