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
    figure, axes = pyplot.subplots(1, len(transactions), figsize=(5.2 * len(transactions), 4.8), squeeze=False)
    for axis, each in zip(axes[0], transactions, strict=True):
        _stack(axis, 0, {name: value / 1000 for name, value in each["floor"]["steps_microseconds"].items()})
        hub = {name: each["cpu_milliseconds"][name] for name in ("push", "pull", "receipt")}
        _stack(axis, 1, hub)
        axis.set_xticks([0, 1], ["floor", "hub"])
        axis.set_ylabel("CPU milliseconds per transaction")
        axis.set_title(f"RSA-{each['bits']}: {each['ratio']:.2f} times the floor")
        axis.legend(fontsize=6, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.suptitle(f"One full transaction on {found['machine']['processor']}", fontsize=9)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=140)
    pyplot.close(figure)


def _stack(axis: Any, place: int, steps: dict[str, float]) -> None:
    bottom = 0.0
    for name, value in steps.items():
        axis.bar(place, value, 0.6, bottom=bottom, label=name)
        bottom += value
    axis.text(place, bottom, f"{bottom:.2f} ms", ha="center", va="bottom", fontsize=8)
