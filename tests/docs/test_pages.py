"""What the pages point to is there, and what they count is what the program counts."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import click
import pytest
from generator.commands import commands, help_of
from support.documents import DOCS, ROOT, blocks

from gateway.cli.main import main
from pmodes.term import answer_due, expires_at

pytestmark = pytest.mark.docs

PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
BY_HAND = [each for each in PAGES if "reference/messages" not in each.as_posix()]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
WIDEST = 140


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """The names that the headings of a page get."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for place, anchor in LINK.findall(re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)):
        if place.startswith(("http:", "https:")):
            continue
        target = page.parent / place if place else page
        assert target.exists(), place
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), (place, anchor)


@pytest.mark.parametrize("page", BY_HAND, ids=name)
def test_every_test_that_is_named_exists(page: Path) -> None:
    for file, test in TEST.findall(page.read_text("utf-8")):
        text = (ROOT / file).read_text("utf-8")
        assert not test or re.search(rf"def {test}\b", text), (file, test)


@pytest.mark.parametrize("page", BY_HAND, ids=name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    known = {" ".join(path) for path, _ in commands(main, ())}
    found = re.findall(r"(?<![\w/-])knooppunt ((?:[a-z-]+(?: [a-z-]+)?))(?=[ `\n])", code_of(page))
    for words in found:
        assert words in known or words.split()[0] in known, words
        group = main.get_command(click.Context(main), words.split()[0])
        if isinstance(group, click.Group):
            assert words in known, words


def code_of(page: Path) -> str:
    """What stands on a page as code, in blocks and between backticks."""
    text = page.read_text("utf-8")
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return "\n".join([*(f"{each} " for each in inline), *(each.text for each in blocks(page) if each.language == "sh")])


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text("utf-8")
    listed = {(DOCS / place).resolve() for place, _ in LINK.findall(index)}
    pages = {each.resolve() for each in DOCS.rglob("*.md") if "messages" not in each.parts} - {DOCS / "README.md"}
    assert pages - listed == set()


def test_the_readme_shows_the_usage_of_the_program() -> None:
    (help_block,) = [each for each in blocks(ROOT / "README.md") if each.text.startswith("Usage:")]
    assert help_of(main, "knooppunt").startswith(help_block.text.strip())


def test_the_readme_names_every_command_and_no_other() -> None:
    told: set[str] = set()
    for cell in re.findall(r"^\| (`knooppunt [^|]*) \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE):
        group = ""
        for words in re.findall(r"`([^`]+)`", cell):
            full = words.removeprefix("knooppunt ") if words.startswith("knooppunt ") else f"{group} {words}"
            group = full.split()[0]
            told.add(full)
    known = {" ".join(path) for path, command in commands(main, ()) if not isinstance(command, click.Group)}
    assert told == known


def test_the_terms_that_are_told_are_those_of_the_program() -> None:
    rows = re.findall(
        r"^\| (\d{4}-\d\d-\d\dT\S+) [^|]*\| (\d+) \| (\d+) \| (\S+) [^|]*\|",
        (DOCS / "explanation" / "terms.md").read_text("utf-8"),
        re.MULTILINE,
    )
    assert len(rows) > 5
    for accepted, days, extension, expires in rows:
        at = datetime.fromisoformat(accepted)
        computed = expires_at(at, working_days=int(days), extension_days=int(extension))
        assert computed == datetime.fromisoformat(expires), accepted
    ((asked, due),) = re.findall(
        r"asked at `(\S+)` is due at `(\S+)`", (DOCS / "explanation" / "terms.md").read_text("utf-8")
    )
    assert answer_due(datetime.fromisoformat(asked)) == datetime.fromisoformat(due)
