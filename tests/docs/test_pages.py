"""What the pages point to is there, and what they count is what the program counts."""

from __future__ import annotations

import json
import re
import tomllib
from configparser import ConfigParser
from datetime import date, datetime
from pathlib import Path

import click
import pytest
from generator.commands import commands, help_of
from support.documents.documents import DOCS, ROOT, blocks

from crypto.names import ATTACHMENT_CONTENT_ONLY, ATTACHMENT_CONTENT_TRANSFORM, EXC_C14N, RSA_OAEP
from crypto.suites import AS4_1_15_RSA
from gateway.cli.main import main
from gateway.demo import desk as desk_module
from gateway.demo import story as story_module
from gateway.ebms.names import INITIATOR
from gateway.settings import settings_reference
from gateway.written.yaml_text import read_yaml
from pmodes.shapes import OrganisationShape
from pmodes.term import answer_due, expires_at

PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
BY_HAND = [each for each in PAGES if "reference/messages" not in each.as_posix()]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


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


def test_the_facts_of_the_demo_that_are_shown_are_facts_of_the_demo() -> None:
    page = DOCS / "explanation" / "what-the-operator-can-see.md"
    (shown,) = [each for each in blocks(page) if each.language == "text"]
    story = "".join(Path(each.__file__).read_text("utf-8") for each in (story_module, desk_module))
    facts = [re.split(r" {2,}", line)[0] for line in shown.text.splitlines()]
    assert len(facts) > 3
    assert [each for each in facts if f'"{each}"' not in story] == []


def test_the_algorithms_that_a_foreign_system_needs_are_those_of_the_suite() -> None:
    page = (DOCS / "how-to" / "connect-your-own-system.md").read_text("utf-8")
    told = set(re.findall(r"^\| [^|]+ \| `(http[^`]+)`[^|]*\|$", page, re.MULTILINE))
    suite = AS4_1_15_RSA
    assert suite.name in page
    assert told - {INITIATOR} == {
        suite.signature.uri,
        suite.digest.uri,
        suite.content.uri,
        RSA_OAEP,
        EXC_C14N,
        ATTACHMENT_CONTENT_TRANSFORM,
        ATTACHMENT_CONTENT_ONLY,
    }


@pytest.mark.parametrize("page", BY_HAND, ids=name)
def test_every_file_that_is_shown_can_be_read(page: Path) -> None:
    for block in blocks(page):
        if block.language == "yaml":
            read_yaml(block.text)
        elif block.language == "toml":
            tomllib.loads(block.text)
        elif block.language == "json":
            json.loads(block.text)
        elif block.language == "ini":
            ConfigParser(interpolation=None, strict=False).read_string(block.text)


def test_the_organisation_that_is_shown_is_one() -> None:
    page = DOCS / "how-to" / "add-an-organisation.md"
    shown, more, renewed = [each for each in blocks(page) if each.language == "yaml"]
    written = read_yaml(shown.text).value
    assert isinstance(written, dict)
    assert OrganisationShape.model_validate(written).mailbox.extension_days == 7
    added = read_yaml(more.text).value
    assert isinstance(added, dict)
    assert len(OrganisationShape.model_validate({**written, **added}).units) == 1
    changed = read_yaml(renewed.text).value
    assert isinstance(changed, dict)
    certificates = OrganisationShape.model_validate({**written, **changed}).certificates
    assert certificates is not None
    assert [each.until or each.since for each in certificates.signing] == [date(2026, 12, 31), date(2026, 12, 1)]


def test_the_settings_that_are_shown_exist() -> None:
    known = {each.key.replace("[]", "") for each in settings_reference()}
    text = (DOCS / "how-to" / "run-a-hub.md").read_text("utf-8")
    section = ""
    toml = "".join(each.text for each in blocks(DOCS / "how-to" / "run-a-hub.md") if each.language == "toml")
    for line in toml.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line:
            assert f"{section}.{line.split(' = ')[0]}" in known, line
    for named in re.findall(r"`((?:hub|data|listen|limits|pmodes|modules|log|keys)\.[a-z_]+)`", text):
        assert any(each == named or each.startswith(f"{named}.") for each in known), named


def test_the_terms_that_are_told_are_those_of_the_program() -> None:
    text = (DOCS / "explanation" / "terms.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d{4}-\S+) [^|]*\| (\d+) \| (\d+) \| (\S+) [^|]*\|", text, re.MULTILINE)
    assert len(rows) == len(re.findall(r"^\| \d{4}-", text, re.MULTILINE)) > 5
    for accepted, days, extension, expires in rows:
        at = datetime.fromisoformat(accepted)
        computed = expires_at(at, working_days=int(days), extension_days=int(extension))
        assert computed == datetime.fromisoformat(expires), accepted
    ((asked, due),) = re.findall(r"asked at\s+`(\S+)`\s+is due at\s+`(\S+)`", text)
    assert answer_due(datetime.fromisoformat(asked)) == datetime.fromisoformat(due)
