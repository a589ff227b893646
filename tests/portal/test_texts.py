"""Every text of the portal stands in one catalogue, in each language; a template has no sentence of its own."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from string import Formatter

import pytest
from support.documents.documents import DOCS

import gateway.client.own_desk
import gateway.jobs
import gateway.portal
from gateway.desk_files import FOLDER as DESK
from gateway.pages.texts import LANGUAGES, Texts, language_of, read_texts

TEXTS = read_texts(DESK / "texts")
TEMPLATES = sorted((DESK / "templates").glob("*.j2"))
CODE = "".join(
    path.read_text("utf-8")
    for room in (gateway.portal, gateway.client.own_desk, gateway.jobs)
    for path in Path(str(room.__file__)).parent.glob("*.py")
)
MARKUP = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]*>", re.DOTALL)
ATTRIBUTES = re.compile(r'(?:aria-label|title|placeholder|alt|data-label)="([^"]*)"')
# Keys that a template or the code makes of a name, by how they begin.
MADE = (
    "language.",
    "day.",
    "month.",
    "state.",
    "keys.state.",
    "lock.",
    "explanation.",
    "organisation.address.",
    "organisation.second.",
    "settings.unheard.",
    "lists.explained.",
    "desk.check.",
    "trust.hub.",
    "trust.book.",
    "change.",
    "deed.",
    "document.",
    "joining.access.",
    "organisation.key.",
    "request.about.",
    "request.kind.",
    "request.state.",
    "request.switch.",
    "request.use.",
    "role.",
    "environment.",
    "mail.subject.",
    "notifications.kind.",
    "notifications.short.",
    "mail.line.",
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys_and_each_text_the_same_values() -> None:
    dutch, *others = (TEXTS[each].by_key for each in LANGUAGES)
    for other in others:
        assert dutch.keys() == other.keys()
        assert {key: fields(text) for key, text in dutch.items()} == {key: fields(other[key]) for key in dutch}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_sentence_of_its_own(path: Path) -> None:
    text = path.read_text("utf-8")
    bare = MARKUP.sub(" ", text)
    assert re.findall(r"[^\W\d_]{2,}", bare) == []
    spoken = [re.sub(r"\{\{.*?\}\}", "", value) for value in ATTRIBUTES.findall(text)]
    assert [each for each in spoken if re.search(r"[^\W\d_]{2,}", each)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_switches_escaping_off_or_has_a_script_or_style_in_it(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.findall(r"\|\s*safe|autoescape|<style|\son[a-z]+=|\sstyle=|javascript:", text) == []


def test_every_key_is_used_and_every_key_that_is_used_is_there() -> None:
    written = "".join(path.read_text("utf-8") for path in TEMPLATES) + CODE
    scripts = "".join(path.read_text("utf-8") for path in (DESK / "js").rglob("*.js"))
    keys = TEXTS["nl"].by_key.keys()
    asked = set(re.findall(r'\bt\("([^"]+)"[,)]', written))
    assert asked - keys == set()
    unused = {key for key in keys if f'"{key}"' not in written + scripts and not key.startswith(MADE)}
    assert {key for key in unused if f'"{key.rpartition(".")[0]}"' not in written} == set()


def test_every_fault_that_the_code_raises_has_its_text() -> None:
    raised = {
        node.value
        for node in ast.walk(ast.parse(CODE.replace("from __future__ import annotations", "")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("error.")
    }
    assert {each for each in raised if not each.endswith(".j2")} - TEXTS["nl"].by_key.keys() == set()


def test_a_text_takes_its_values_and_a_count_its_form() -> None:
    texts = Texts("nl", {"a": "{name} is er", "b.one": "{count} dag", "b.many": "{count} dagen"})
    assert texts("a", name="<b>") == "<b> is er"
    assert [texts.counted("b", count) for count in (0, 1, 2)] == ["0 dagen", "1 dag", "2 dagen"]


def test_a_language_is_the_one_that_is_asked_for_then_the_chosen_one_then_the_first() -> None:
    assert language_of("en", "nl", ("nl", "en")) == "en"
    assert language_of("de", "en", ("nl", "en")) == "en"
    assert language_of(None, "de", ("nl", "en")) == "nl"
    assert language_of("en", "en", ("nl",)) == "nl"


@pytest.mark.parametrize("language", TEXTS)
def test_what_the_page_on_arranging_an_organisation_names_stands_on_the_pages(language: str) -> None:
    """What it has in bold is pressed in a browser; what it has in italics or quotes is read there, or filled."""
    name = f"arrange-your-organisation{'' if language == 'en' else f'.{language}'}.md"
    page = " ".join((DOCS / "how-to" / name).read_text("utf-8").split())
    named = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)|„([^”]+)”", page)
    texts = json.loads((DESK / "texts" / f"{language}.json").read_text("utf-8")).values()
    assert len(named) > 10
    assert [one or other for one, other in named if not any((one or other) in each for each in texts)] == []
