"""How a page looks and is laid out: what everybody must be able to use, and pictures held against those in git.

Pictures do not travel between machines to the pixel, for letters are drawn by what is installed there. What is kept is
their layout: each picture is made small and grey, so that a line of text is a stripe, and compared with a tolerance.
Whoever changes how a page looks makes them anew with KNOOPPUNT_PICTURES=write and looks at them before they go into
git.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image
from pixelmatch.contrib.PIL import pixelmatch
from playwright.async_api import Page

KEPT = Path(__file__).parents[2] / "browser" / "pictures"
WRITES = os.environ.get("KNOOPPUNT_PICTURES") == "write"
WHOLE = Path(os.environ.get("KNOOPPUNT_PICTURES_FOLDER", Path(__file__).parents[3] / ".tox" / "pictures"))
"""Where this run leaves its pictures as they are, for people to look at."""

SHRUNK = 4  # times
DIFFERING_AT_MOST = 0.03  # of a picture; other dates and numbers come to less, a part that moved to more
_STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_LAYOUT = (Path(__file__).parent / "layout.js").read_text("utf-8")
_FOCUSED = (Path(__file__).parent / "focused.js").read_text("utf-8")


async def layout_faults(page: Page) -> list[str]:
    """What is wrong with where things are on the page as it is shown now."""
    return list(await page.evaluate(_LAYOUT))


async def accessibility_faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and good practice, each with the first place."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    # what passed is not asked for: a long page has a megabyte of it
    options = {"runOnly": {"type": "tag", "values": list(_STANDARDS)}, "resultTypes": ["violations"]}
    found = await page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}: {each['nodes'][0]['failureSummary']}" for each in found]


async def differing(page: Page, name: str) -> float:
    """Which part of the picture of the whole page differs from the one in git; 1.0 where there is none."""
    return _differing(await page.screenshot(full_page=True, animations="disabled", caret="hide"), f"{name}.png")


def _differing(octets: bytes, name: str) -> float:
    WHOLE.mkdir(parents=True, exist_ok=True)
    (WHOLE / name).write_bytes(octets)
    shrunk, kept = _shrunk(octets), KEPT / name
    if WRITES:
        KEPT.mkdir(exist_ok=True)
        shrunk.save(kept, optimize=True)
    if not kept.exists():
        return 1.0
    with Image.open(kept) as opened:
        return part_differing(opened.convert("L"), shrunk)


def _shrunk(octets: bytes) -> Image.Image:
    with Image.open(io.BytesIO(octets)) as whole:
        size = (-(-whole.width // SHRUNK), -(-whole.height // SHRUNK))
        return whole.convert("L").resize(size, Image.Resampling.BOX)


def part_differing(one: Image.Image, other: Image.Image) -> float:
    """The part of two grey pictures that differs; what one of them has beyond the other counts."""
    size = (max(one.width, other.width), max(one.height, other.height))
    laid = []
    for each in (one, other):
        ground = Image.new("RGBA", size, (255, 0, 255, 255))
        ground.paste(each.convert("RGBA"), (0, 0))
        laid.append(ground)
    return float(pixelmatch(laid[0], laid[1], threshold=0.2)) / (size[0] * size[1])


async def focused(page: Page) -> dict[str, Any] | None:
    """What has the focus: its `name`, and whether it is `seen` to have it; None where nothing has it, or what had it
    before.
    """
    told: dict[str, Any] | None = await page.evaluate(_FOCUSED)
    return told


async def walk_by_keyboard(page: Page, most: int = 200) -> list[str]:
    """The names of what Tab comes to, from the start of the page until it leaves it, and where none is to be seen."""
    names: list[str] = []
    for _ in range(most):
        await page.keyboard.press("Tab")
        told = await focused(page)
        if told is None:
            return names
        if told["within"]:
            continue
        assert told["seen"], f"the focus on {told['name']} cannot be seen"
        names.append(told["name"])
    raise AssertionError(f"after {most} times Tab the page was not left: {names[-5:]}")
