"""The list of rules leads from each to the tests that hold it: every one that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rows.rules import Rule, functions, rows, topics

DOCS = Path(__file__).parents[2] / "docs"
RULES = [rule for topic in topics() for rule in topic.rules]
OF_TABLES = re.findall(
    r"^\| ([A-Z]+-?[0-9]+) \|", (DOCS / "reference/conformance-rows.md").read_text("utf-8"), re.MULTILINE
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.says)
def test_a_rule_is_held_by_tests_that_exist(rule: Rule) -> None:
    assert rule.held_by
    missing = [each for each in rule.tests if each.partition("::")[2] not in functions(each.partition("::")[0])]
    assert not missing
    assert set(rule.rows) <= set(OF_TABLES)


@pytest.mark.parametrize("row", rows())
def test_a_row_has_tests_that_are_named_for_it(row: str) -> None:
    assert rows()[row].held_by


def test_no_sentence_stands_twice_and_each_decision_that_is_named_is_there() -> None:
    assert len({each.says for each in RULES}) == len(RULES)
    named = [each.decision for each in topics() if each.decision]
    assert [each for each in named if not (DOCS / "decisions" / f"{each}.md").exists()] == []
