"""Puts an empty module in the place of each module of the desk, and asks the rows that a browser runs (tests of
`tests/browser` that are named for one): they go red, or they do not see what they are about.

Two questions. With every module empty at once, in a copy of the checkout, each row goes red but those that are about
pages without scripts. With one module empty, a row goes red that exercises a page which loads it; these rows run here,
in one browser, against a portal that serves the emptied files under their own hashes. Run by `make emptied`; prints a
line per row that stayed green and per module, and ends with 1 when a row or module was not seen.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from typing import Any, Final

from planted.plant import CHECKOUT, Fault, ask_tests, copied
from playwright.async_api import Browser, expect
from support.browser import chromium as browsers
from support.browser.portal import seen_portal

from gateway import desk_files

MODULES: Final = Path("gateway/desk/js")
ANSWERED: Final = (
    "test_answering.py::test_a_question_is_answered_in_the_browser_and_gone_when_the_hub_has_the_answer_PO_37_PO_41"
)
PAGES: Final[Mapping[str, str]] = {
    "pages/message.js": ANSWERED,
    "pages/session.js": "test_session.py::"
    "test_two_minutes_before_the_end_somebody_is_warned_and_stays_by_one_key_PO_22",
    "pages/key.js": "test_keys.py::test_a_first_key_is_made_approved_by_its_words_and_opens_what_is_sealed_to_it_PO_50",
    "pages/settings.js": "test_settings.py::"
    "test_accounts_contacts_and_locks_are_signed_and_nothing_typed_is_lost_PO_45",
    "pages/new.js": "test_writing.py::"
    "test_what_the_hub_refuses_of_a_new_message_stands_at_its_field_and_goes_once_it_is_mended_PO_46",
    "pages/lists.js": "test_lists.py::test_a_list_is_downloaded_filled_in_and_sent_with_each_answer_once_PO_60",
    "keys/worker.js": ANSWERED,
    "as4/xml_worker.js": ANSWERED,
}
"""What pages and Workers begin with, each with the row that exercises it most."""

_POLICY: Final = "the browser's own policies stop it, whatever our modules do"
_SPOILED: Final = "the module that is refused is the test's own"
_SERVER: Final = "the page comes from the server like that"
WITHOUT_SCRIPTS: Final[Mapping[str, str]] = {
    "test_a_module_with_one_octet_changed_does_not_run_PO_59": _SPOILED,
    "test_a_module_without_a_hash_does_not_run_PO_59": _SPOILED,
    "test_after_logging_out_the_back_button_shows_nothing_PO_23": _SERVER,
    "test_markup_that_got_into_a_page_on_its_way_runs_nothing_PO_30": _POLICY,
    "test_no_page_of_another_site_holds_ours_in_a_frame_PO_30": _POLICY,
    "test_no_page_of_another_site_reaches_the_window_that_it_opened_PO_30": _POLICY,
    "test_no_worker_of_another_address_runs_PO_79": _POLICY,
    "test_pages_are_html_PO_71": _SERVER,
    "test_the_skip_link_leads_to_the_content_PO_69": _SERVER,
    "test_what_ends_soon_says_so_in_words_PO_33": _SERVER,
    "test_what_is_not_ours_does_not_happen_PO_30": _POLICY,
}
"""Rows that are about no module of ours, with the reason."""

IMPATIENT: Final = (
    ("tests/support/browser/chromium.py", "WAIT_MILLISECONDS = 20_000", "WAIT_MILLISECONDS = 8_000"),
    ("tests/support/browser/key_desk.py", "MAKING_MILLISECONDS = 60_000", "MAKING_MILLISECONDS = 8_000"),
)
"""What a test waits for does not come with every module empty, so it waits less long."""

PATIENCE_MILLISECONDS: Final = 5_000  # a page whose script does not start shows nothing however long one waits

LOADED_BY_NO_PAGE: Final[Mapping[str, str]] = {
    "forms/tree.js": "reads documents with libxml2 in the page itself, as tests do",
}

_IMPORT: Final = re.compile(r"""^(?:import|export)\b[^;]*?["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)
_ENDED: Final = re.compile(r"^(PASSED|FAILED|ERROR) tests/browser/([\w.]+)::(\w+)", re.MULTILINE)


@cache
def loaded_with(entry: str, folder: Path = CHECKOUT / MODULES) -> frozenset[str]:
    """The modules that a browser loads with that one, itself too, by their paths below `gateway/desk/js`."""
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        text = (folder / path).read_text("utf-8")
        beside = ((folder / path).parent / each for each in _IMPORT.findall(text))
        inside = (each.resolve() for each in beside)
        waiting += [each.relative_to(folder).as_posix() for each in inside if each.is_relative_to(folder)]
    return frozenset(found)


def every_module(folder: Path = CHECKOUT / MODULES) -> tuple[str, ...]:
    """All of them, but those that hold nothing but types."""
    paths = sorted(folder.rglob("*.js"))
    return tuple(each.relative_to(folder).as_posix() for each in paths if not _is_of_types(each.read_text("utf-8")))


def _is_of_types(text: str) -> bool:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).strip() == "export {};"


def rows_for(module: str) -> tuple[str, ...]:
    """The rows that exercise a page or a Worker which loads it."""
    return tuple(dict.fromkeys(row for entry, row in PAGES.items() if module in loaded_with(entry)))


def green_without_modules() -> frozenset[str]:
    """The rows in a browser that hold with every module empty."""
    with tempfile.TemporaryDirectory(prefix="emptied-") as folder:
        copy = copied(Path(folder))
        for path in (copy / MODULES).rglob("*.js"):
            path.write_text("", "utf-8")
        for file, was, becomes in IMPATIENT:
            Fault(name="impatience", file=file, was=was, becomes=becomes, rooms=()).plant(copy)
        ran = ask_tests(
            copy, "-n", f"{os.cpu_count() or 1}", "--dist", "loadfile", "-rA", "-k", "_PO_", "tests/browser"
        )
    ended = _ENDED.findall(ran.stdout)
    if not ended:
        raise RuntimeError(f"the tests did not run:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    red = {name for how, _, name in ended if how != "PASSED"}
    return frozenset(name for how, _, name in ended if how == "PASSED") - red


async def holds(row: str, browser: Browser) -> str | None:
    """Why a row is red, run with what it asks for; None where it is green."""
    file, _, name = row.partition("::")
    test = getattr(importlib.import_module(f"browser.{file.removesuffix('.py')}"), name)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="emptied-")))
        asked = inspect.signature(test).parameters
        given: dict[str, Any] = {"browser": browser, "tmp_path": folder}
        try:
            if "seen" in asked:
                given["seen"] = await stack.enter_async_context(seen_portal(folder))
            given["profile"] = await stack.enter_async_context(browsers.context(browser))
            await test(**{each: given[each] for each in asked})
        except Exception as fault:  # whatever a test fails with makes it red
            return f"{type(fault).__name__}: {str(fault).partition(chr(10))[0]}"
    return None


async def unseen_modules(modules: list[str]) -> AsyncIterator[str]:
    """Those of these modules of which no row sees that they are empty."""
    with tempfile.TemporaryDirectory(prefix="emptied-") as folder:
        served = Path(folder) / "desk"
        shutil.copytree(desk_files.FOLDER, served)
        desk_files.read_desk_files.__defaults__ = (served,)  # whoever serves them reads them there
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        async with browsers.chromium() as browser:
            for row in {row for module in modules for row in rows_for(module)}:
                if (fault := await holds(row, browser)) is not None:
                    raise RuntimeError(f"{row} is red with every module in its place: {fault}")
            browsers.WAIT_MILLISECONDS = PATIENCE_MILLISECONDS
            for module in modules:
                text = (served / "js" / module).read_text("utf-8")
                (served / "js" / module).write_text("", "utf-8")
                seen = await _seen(module, browser)
                (served / "js" / module).write_text(text, "utf-8")
                print(f"{module}: {seen or 'NO ROW WENT RED'}", flush=True)
                if seen is None:
                    yield module


async def _seen(module: str, browser: Browser) -> str | None:
    for row in rows_for(module):
        if await holds(row, browser) is not None:
            return row.rpartition("::")[2]
    return None


def unseen_rows() -> list[str]:
    """The rows that stay green with every module empty and are not listed, and those that are listed and do not."""
    green = green_without_modules()
    for name in sorted(green | WITHOUT_SCRIPTS.keys()):
        how = WITHOUT_SCRIPTS.get(name, "STAYED GREEN") if name in green else "WENT RED, THOUGH LISTED HERE"
        print(f"with every module empty: {name}: {how}", flush=True)
    return sorted(green ^ WITHOUT_SCRIPTS.keys())


async def main(words: list[str]) -> int:
    """Empty all modules, or those whose path holds one of the words."""
    loaded = [each for each in every_module() if each not in LOADED_BY_NO_PAGE]
    chosen = [each for each in loaded if not words or any(word in each for word in words)]
    unseen = [each async for each in unseen_modules(chosen)] + ([] if words else unseen_rows())
    print(f"{len(unseen)} not seen")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
