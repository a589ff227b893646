"""What empties modules of the desk still knows its pages: every module is loaded by one, and has a row to ask."""

from __future__ import annotations

from planted.emptied import IMPATIENT, LOADED_BY_NO_PAGE, PAGES, WITHOUT_SCRIPTS, every_module, rows_for
from planted.plant import CHECKOUT

from gateway.desk_files import FOLDER

BROWSER = CHECKOUT / "tests" / "browser"


def test_every_module_is_loaded_by_a_page_that_a_row_exercises_or_listed_with_the_reason() -> None:
    assert {each for each in every_module() if not rows_for(each)} == set(LOADED_BY_NO_PAGE)


def test_what_a_page_begins_with_is_listed_and_its_row_is_there() -> None:
    templates = "".join(path.read_text("utf-8") for path in (FOLDER / "templates").glob("*.j2"))
    begun = {each for each in every_module() if f'"js/{each}"' in templates}
    assert begun == {each for each in PAGES if not each.endswith("worker.js")}
    for row in PAGES.values():
        file, _, name = row.partition("::")
        assert f"async def {name}(" in (BROWSER / file).read_text("utf-8")


def test_what_makes_tests_impatient_still_changes_them() -> None:
    for file, was, _ in IMPATIENT:
        assert (CHECKOUT / file).read_text("utf-8").count(was) == 1


def test_a_row_that_is_about_no_module_is_there() -> None:
    text = "".join(path.read_text("utf-8") for path in BROWSER.glob("test_*.py"))
    assert [each for each in WITHOUT_SCRIPTS if f"async def {each}(" not in text] == []
