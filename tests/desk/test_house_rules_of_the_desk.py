"""Rules of the house for what a browser is given: modules, templates, styles. What others wrote has only its hash."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.desk_files import FOLDER, read_desk_files

HERE = Path(__file__).parent
VENDOR = FOLDER / "vendor"
OURS = sorted((FOLDER / "js").rglob("*.js"))
TESTS = sorted((HERE / "js").rglob("*.js"))
TEMPLATES = sorted((FOLDER / "templates").rglob("*.j2"))
STYLES = sorted(each for each in FOLDER.rglob("*.css") if VENDOR not in each.parents)

COMMENT = re.compile(r"/\*.*?\*/|(?<![:'\"`\w])//[^\n]*", re.DOTALL)
# What no module of ours does, and why not.
NEVER = {
    r"\b(?:inner|outer)HTML\b|\binsertAdjacentHTML\b|\bdocument\.write|\bcreateContextualFragment\b|\bsetHTMLUnsafe\b":
        "content is hostile: elements are made and given text",
    r"\beval\b|\bnew Function\b|\bset(?:Timeout|Interval)\(\s*['\"`]": "text is never run",
    r"\bDOMParser\b": "the policy of the pages forbids it; XML is read by libxml2",
    r"javascript:|\bsetAttribute\(\s*['\"`](?:on|style)": "no script and no style in an attribute",
    r"\b(?:local|session)Storage\b|\bdocument\.cookie\b": "nothing that was opened may come to rest there",
    r"\bconsole\.": "nothing that was opened may be told there",
    r"\bfrom\s+['\"](?!\.)|\bimport\s*\(?\s*['\"](?!\.)": "modules come from the same folder, by a relative name",
    r"\bexport default\b": "a thing has one name wherever it is used",
}  # fmt: skip


def where(pattern: str, paths: list[Path], *, comments: bool = False) -> list[str]:
    """The places where a pattern is found, comments being read over unless they count."""
    return [
        f"{path.name}:{text.count(chr(10), 0, found.start()) + 1}: {found[0]}"
        for path in paths
        for text in [path.read_text("utf-8") if comments else without_comments(path)]
        for found in re.finditer(pattern, text)
    ]


def without_comments(path: Path) -> str:
    """A module with its comments taken out, every line where it was."""
    return COMMENT.sub(lambda found: "\n" * found[0].count("\n"), path.read_text("utf-8"))


@pytest.mark.parametrize("pattern", NEVER, ids=NEVER.values())
def test_no_module_does_what_none_may(pattern: str) -> None:
    assert where(pattern, OURS) == []


def test_no_file_is_longer_than_six_hundred_lines() -> None:
    written = [*OURS, *TESTS, *TEMPLATES, *STYLES]
    assert [path.name for path in written if len(path.read_text("utf-8").splitlines()) > 600] == []


def test_every_module_says_what_it_is_for() -> None:
    assert [path.name for path in (*OURS, *TESTS) if not path.read_text("utf-8").startswith("/**")] == []


def test_no_type_is_silenced() -> None:
    assert where(r"@ts-(?:ignore|nocheck|expect-error)", OURS, comments=True) == []


def test_no_module_is_a_class_where_a_function_does() -> None:
    """A fault that is thrown is one, for who catches it tells it by that."""
    found = where(r"(?m)^\s*(?:export )?class \w+\b(?! extends \w*Error\b)[^{]*", OURS)
    assert found == []


def test_templates_hold_no_script_and_no_style_of_their_own() -> None:
    """The one exception holds hashes: the import map, which the policy of the page names by its own."""
    scripts = r"<script(?![^>]*\b(?:src=|type=\"importmap\"))[^>]*>|<style\b"
    assert where(scripts, TEMPLATES, comments=True) == []
    assert where(r"\s(?:style|on[a-z]+)\s*=\s*[\"']|javascript:", TEMPLATES, comments=True) == []


def test_what_a_template_is_given_stays_text() -> None:
    found = where(r"\|\s*safe\b|\bMarkup\b|autoescape\s+false", TEMPLATES, comments=True)
    assert [each for each in found if "import_map" not in each] == []


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert where(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", TEMPLATES, comments=True) == []
    assert where(r"@import|url\(\s*[\"']?(?!data:image/svg|#)(?:https?:)?//", STYLES) == []


def parts() -> Iterator[tuple[str, str, str]]:
    """Part, file of it, and the hash in the list."""
    for part in json.loads((VENDOR / "parts.json").read_text("utf-8")):
        for name, digest in part["files"].items():
            yield part["name"], f"vendor/{part['name']}/{name}", digest


def test_the_scripts_of_others_are_octet_for_octet_those_of_the_list() -> None:
    installed = {path: each.integrity for path, each in read_desk_files().files.items() if path.startswith("vendor/")}
    del installed["vendor/parts.json"]
    assert installed == {path: digest for _, path, digest in parts()}


def test_the_list_of_parts_says_what_is_in_them_and_under_which_licence() -> None:
    for part in json.loads((VENDOR / "parts.json").read_text("utf-8")):
        assert part["licence"] == "MIT"
        assert (VENDOR / part["name"] / "LICENSE").is_file()
    (wasm,) = (part for part in json.loads((VENDOR / "parts.json").read_text("utf-8")) if part["holds"])
    assert wasm["holds"].keys() == {"libxml2"}
    assert (VENDOR / wasm["name"] / "LICENSE.libxml2").is_file()
