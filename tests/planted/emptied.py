"""Puts an empty module in the place of each module of the desk, in a copy of the checkout, and asks the rows that a
browser runs (tests of `tests/browser` that are named for one): they go red, or they do not see what they are about.

Two questions. With every module empty at once, each row goes red but those that are about pages without scripts. With
one module empty, a row goes red that exercises a page which loads it. Run by `make emptied`; prints a line per row that
stayed green and per module, and ends with 1 when a row or module was not seen.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from planted.plant import CHECKOUT, ask_tests, copied

MODULES: Final = Path("gateway/desk/js")
ANSWERED: Final = (
    "test_answering.py::test_a_question_is_answered_in_the_browser_and_gone_when_the_hub_has_the_answer_PO_37_PO_41"
)
PAGES: Final[Mapping[str, str]] = {
    "pages/session.js": "test_session.py::"
    "test_two_minutes_before_the_end_somebody_is_warned_and_stays_by_one_key_PO_22",
    "pages/key.js": "test_key_locks.py::test_without_a_secret_in_the_passkey_the_device_and_a_sheet_do_PO_51",
    "pages/settings.js": "test_settings.py::"
    "test_accounts_contacts_and_locks_are_signed_and_nothing_typed_is_lost_PO_45",
    "pages/message.js": ANSWERED,
    "pages/new.js": "test_writing.py::"
    "test_what_the_hub_refuses_of_a_new_message_stands_at_its_field_and_goes_once_it_is_mended_PO_46",
    "keys/worker.js": ANSWERED,
    "as4/xml_worker.js": ANSWERED,
}
"""What pages and Workers begin with, each with the row that exercises it most."""

WITHOUT_SCRIPTS: Final[Mapping[str, str]] = {}
"""Rows that are about no module of ours, with the reason."""

LOADED_BY_NO_PAGE: Final[Mapping[str, str]] = {
    "forms/claims.js": "reads an answer beside its question, which a desk that asked does not keep",
    "forms/tree.js": "reads documents with libxml2 in the page itself, as tests do",
}

_IMPORT: Final = re.compile(r"""^(?:import|export)\b[^;]*?["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)
_ENDED: Final = re.compile(r"^(PASSED|FAILED|ERROR) tests/browser/([\w.]+)::(\w+)", re.MULTILINE)


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
        ran = ask_tests(
            copy, "-n", f"{os.cpu_count() or 1}", "--dist", "loadfile", "-rA", "-k", "_PO_", "tests/browser"
        )
    ended = _ENDED.findall(ran.stdout)
    if not ended:
        raise RuntimeError(f"the tests did not run:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    red = {name for how, _, name in ended if how != "PASSED"}
    return frozenset(name for how, _, name in ended if how == "PASSED") - red


def red_without(module: str) -> str | None:
    """The first row that goes red with that module empty; None where none does."""
    with tempfile.TemporaryDirectory(prefix="emptied-") as folder:
        copy = copied(Path(folder))
        (copy / MODULES / module).write_text("", "utf-8")
        for row in rows_for(module):
            ran = ask_tests(copy, f"tests/browser/{row}")
            if "passed" not in ran.stdout and "failed" not in ran.stdout and "error" not in ran.stdout:
                raise RuntimeError(f"{row} did not run:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
            if ran.returncode != 0:
                return row
    return None


def complaints(words: list[str]) -> Iterator[str]:
    """What was not seen; with `words` only of modules whose path holds one of them."""
    if not words:
        green = green_without_modules()
        for name in sorted(green | WITHOUT_SCRIPTS.keys()):
            how = (
                WITHOUT_SCRIPTS.get(name, "STAYED GREEN")
                if name in green
                else "WENT RED, and is listed as one that does not"
            )
            print(f"with every module empty: {name}: {how}", flush=True)
            if name not in green or name not in WITHOUT_SCRIPTS:
                yield name
    modules = [
        each
        for each in every_module()
        if each not in LOADED_BY_NO_PAGE and (not words or any(word in each for word in words))
    ]
    with ThreadPoolExecutor(os.cpu_count() or 1) as looking:
        for module, found in zip(modules, looking.map(red_without, modules), strict=True):
            print(f"{module}: {found or 'NO ROW WENT RED'}", flush=True)
            if found is None:
                yield module


def main(words: list[str]) -> int:
    """Empty all modules, or those whose path holds one of the words."""
    unseen = list(complaints(words))
    print(f"{len(unseen)} not seen")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
