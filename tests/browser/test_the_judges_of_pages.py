"""What judges the pages finds what is wrong with one, so that finding nothing means something."""

from __future__ import annotations

import pytest
from PIL import Image
from playwright.async_api import Page
from support.browser.html import html_faults
from support.browser.looks import accessibility_faults, layout_faults, part_differing, walk_by_keyboard

GOOD = (
    '<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Proef</title></head>'
    '<body><main><h1>Proef</h1><p><a href="/">terug</a></p>{}</main></body></html>'
)
WRONG = {
    "too wide": ('<p style="width: 2000px">breed</p>', "the page is 20"),
    "cut off": ('<p style="width: 40px; overflow: hidden; white-space: nowrap">afgesneden tekst</p>', "is cut off"),
    "too small": ('<button style="width: 12px; height: 12px; padding: 0">x</button>', "is 12 × 12"),
    "under something": (
        '<button>onder</button><div style="position: fixed; inset: 0; background: white">boven</div>',
        "lies under",
    ),
}


async def test_a_good_page_has_no_fault(page: Page) -> None:
    await page.set_content(GOOD.format('<button style="padding: 1em">Verder</button>'))
    assert await layout_faults(page) == []
    assert await accessibility_faults(page) == []


@pytest.mark.parametrize("what", WRONG)
async def test_what_lies_wrong_is_found(page: Page, what: str) -> None:
    markup, said = WRONG[what]
    await page.set_content(GOOD.format(markup))
    assert any(said in each for each in await layout_faults(page))


async def test_what_cannot_be_read_is_found(page: Page) -> None:
    await page.set_content(GOOD.format('<p style="color: #ccc; background: #fff">bleek</p>'))
    (found,) = await accessibility_faults(page)
    assert found.startswith("color-contrast")


async def test_a_walk_names_what_it_comes_to_and_stops_where_the_focus_is_not_seen(page: Page) -> None:
    await page.set_content(GOOD.format("<style>:focus { outline: 3px solid }</style><button>Verder</button>"))
    assert await walk_by_keyboard(page) == ["terug", "Verder"]
    await page.set_content(GOOD.format("<style>:focus { outline: none }</style>"))
    with pytest.raises(AssertionError, match="terug cannot be seen"):
        await walk_by_keyboard(page)


def test_what_is_no_html_is_found() -> None:
    pages = {"goed.html": GOOD.format("").encode(), "fout.html": GOOD.format("<p>een<div>twee</div></p>").encode()}
    (found,) = html_faults(pages)
    assert found.startswith("fout.html:")


def test_a_part_that_moved_differs_and_a_shade_does_not() -> None:
    one = Image.new("L", (100, 100), 255)
    shade, moved = one.copy(), one.copy()
    shade.paste(240, (0, 0, 50, 50))
    moved.paste(0, (0, 0, 50, 20))
    assert part_differing(one, shade) == 0
    assert part_differing(one, moved) == pytest.approx(0.1, abs=0.01)
    assert part_differing(one, Image.new("L", (100, 110), 255)) == pytest.approx(1 / 11, abs=0.01)
