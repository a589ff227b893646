"""An item is added to a list in a YAML file, and everything else stays to the last sign; or nothing comes out."""

from __future__ import annotations

from textwrap import dedent

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.written.complaints import KeyPath
from gateway.written.yaml_list import Item, with_item, without_item
from gateway.written.yaml_text import read_yaml

PATH: KeyPath = ("certificates", "signing")
NEW = "certificates/new.pem"
TERM = {"file": NEW, "from": "2026-12-01"}


@pytest.mark.parametrize(
    ("before", "item", "after"),
    [
        (
            "certificates:\n  signing: [a.pem]  # the only one\n",
            NEW,
            "certificates:\n  signing: [a.pem, certificates/new.pem]  # the only one\n",
        ),
        (
            "certificates: {signing: [ ], encryption: []}  # none yet\n",
            NEW,
            "certificates: {signing: [ certificates/new.pem], encryption: []}  # none yet\n",
        ),
        (
            "certificates:\n  signing: []\n  encryption: []\n",
            TERM,
            "certificates:\n  signing: [{file: certificates/new.pem, from: 2026-12-01}]\n  encryption: []\n",
        ),
        (
            "certificates:\n  signing:\n  - a.pem # old\n  - b.pem # current\n"
            "  # nothing more\n  encryption: [c.pem]\n",
            NEW,
            "certificates:\n  signing:\n  - a.pem # old\n  - b.pem # current\n  - certificates/new.pem\n"
            "  # nothing more\n  encryption: [c.pem]\n",
        ),
        (
            "certificates:\n    signing:\n        - a.pem",
            TERM,
            "certificates:\n    signing:\n        - a.pem\n        - {file: certificates/new.pem, from: 2026-12-01}\n",
        ),
        (
            "certificates: {encryption: [c.pem], signing: ['a, b.pem', {file: \"d.pem\", from: 2026-01-01}]}\n",
            NEW,
            "certificates: {encryption: [c.pem], signing: ['a, b.pem', {file: \"d.pem\", from: 2026-01-01},"
            " certificates/new.pem]}\n",
        ),
        (
            "certificates:\n  signing:\n  - file: a.pem\n    from: 2026-01-01\n\nname: X\n",
            TERM,
            "certificates:\n  signing:\n  - file: a.pem\n    from: 2026-01-01\n"
            "  - {file: certificates/new.pem, from: 2026-12-01}\n\nname: X\n",
        ),
        (
            "certificates:\r\n  signing:\r\n  - a.pem\r\nname: X\r\n",
            NEW,
            "certificates:\r\n  signing:\r\n  - a.pem\r\n  - certificates/new.pem\r\nname: X\r\n",
        ),
        (
            "certificates:\n  signing: [\n    a.pem,\n    b.pem  # it has no comma\n  ]\n",
            NEW,
            "certificates:\n  signing: [\n    a.pem,\n    b.pem, certificates/new.pem  # it has no comma\n  ]\n",
        ),
        (
            "certificates:\n  signing: [a.pem]\n",
            {"file": "à 'b'.pem", "from": "2026-12-01T09:00:00Z"},
            'certificates:\n  signing: [a.pem, {file: "à \'b\'.pem", from: "2026-12-01T09:00:00Z"}]\n',
        ),
    ],
)
def test_an_item_stands_at_the_end_of_its_list_and_nothing_else_changes(before: str, item: Item, after: str) -> None:
    assert with_item(before, PATH, item) == after


@pytest.mark.parametrize(
    "text",
    [
        "name: X\n",
        "certificates: {encryption: [a]}\n",
        "certificates:\n  signing: a.pem\n",
        "certificates: [signing]\n",
        "certificates:\n  signing: &x [a.pem]\n",
        "certificates:\n  signing: [a.pem\n",
        "certificates:\n  signing:\n  - |\n    a.pem\n",
        "",
        "\0",
    ],
)
def test_where_it_cannot_be_made_sure_of_nothing_comes_out(text: str) -> None:
    after = with_item(text, PATH, NEW)
    assert after is None or read_yaml(after).value == {"certificates": {"signing": ["a.pem\n", NEW]}}


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=12)
VALUES = st.dictionaries(
    st.sampled_from(["name", "party", "roles", "language"]), NAMES | st.lists(NAMES, min_size=1, max_size=3)
)


@given(
    others=VALUES,
    items=st.lists(NAMES | st.fixed_dictionaries({"file": NAMES, "from": NAMES}), min_size=1, max_size=4),
    item=NAMES | st.fixed_dictionaries({"file": NAMES}, optional={"from": NAMES}),
    flow=st.sampled_from([True, False, None]),
    indent=st.sampled_from([2, 4, 7]),
)
def test_whatever_a_file_holds_what_comes_out_is_what_was_there_and_the_item(
    others: dict[str, object], items: list[object], item: Item, flow: bool | None, indent: int
) -> None:
    content = {**others, "certificates": {"signing": items, "encryption": ["e.pem"]}, "mailbox": {"x": "y"}}
    text = yaml.safe_dump(content, default_flow_style=flow, indent=indent, allow_unicode=True, sort_keys=False)
    before = read_yaml(text)
    after = with_item(text, PATH, item)
    if after is not None:
        read = read_yaml(after)
        assert not read.faults
        assert isinstance(read.value, dict)
        assert isinstance(before.value, dict)
        *kept, added = read.value["certificates"]["signing"]
        assert (kept, added) == (before.value["certificates"]["signing"], item)
        assert {**read.value, "certificates": None} == {**before.value, "certificates": None}


def test_the_list_may_lie_in_an_item_of_another() -> None:
    first = "units:\n- name: A # first\n  certificates: {signing: [a.pem]}\n"
    text = f"{first}- name: B\n  certificates:\n    signing: [b.pem]\n"
    after = with_item(text, ("units", 1, "certificates", "signing"), NEW)
    assert after == text.replace("[b.pem]", f"[b.pem, {NEW}]")
    assert with_item(text, ("units", 2, "certificates", "signing"), NEW) is None


def test_a_file_as_this_program_and_its_pages_write_it_is_always_changed() -> None:
    text = dedent("""\
        # yaml-language-server: $schema=organisation.schema.json
        name: Bank
        party: "00000099000001001000"
        certificates:
          signing:
          - certificates/bank-signing.pem
          encryption:
          - certificates/bank-encryption.pem
        """)
    for use in ("signing", "encryption"):
        assert with_item(text, ("certificates", use), TERM) is not None


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        ("certificates: {signing: [a.pem, b.pem, c.pem]}\n", 0, "certificates: {signing: [b.pem, c.pem]}\n"),
        ("certificates: {signing: [a.pem, b.pem, c.pem]}\n", 1, "certificates: {signing: [a.pem, c.pem]}\n"),
        ("certificates: {signing: [a.pem, b.pem, c.pem]}\n", 2, "certificates: {signing: [a.pem, b.pem]}\n"),
        (
            "certificates:\n  signing:  # both\n  - a.pem  # old\n  - b.pem  # new\nname: X\n",
            0,
            "certificates:\n  signing:  # both\n  - b.pem  # new\nname: X\n",
        ),
        (
            "certificates:\r\n  signing:\r\n    - file: a.pem\r\n      from: 2026-01-01\r\n    - b.pem\r\n",
            0,
            "certificates:\r\n  signing:\r\n    - b.pem\r\n",
        ),
        ("certificates:\n  signing:\n  - a.pem\n  - b.pem", 1, "certificates:\n  signing:\n  - a.pem\n"),
        (
            "certificates:\n  signing: [\n    a.pem,\n    b.pem,\n  ]\n",
            1,
            "certificates:\n  signing: [\n    a.pem,\n  ]\n",
        ),
        (
            "certificates: {signing: [ {file: a.pem, from: 2026-12-01} ], encryption: [b.pem]}\n",
            0,
            "certificates: {signing: [  ], encryption: [b.pem]}\n",
        ),
        ("certificates:\n  signing: [a.pem]  # the first\n", 0, "certificates:\n  signing: []  # the first\n"),
        ("certificates:\n  signing:\n    - a.pem\n", 0, "certificates:\n  signing: []\n"),
        ("certificates:\n  signing:\n  - a.pem", 0, "certificates:\n  signing: []\n"),
        (
            "certificates:\n  signing:  # ours\n\n    # of 2026: the last\n    - file: a.pem\n      x: 1\nname: X\n",
            0,
            "certificates:\n  signing: []  # ours\n\n    # of 2026: the last\nname: X\n",
        ),
        (
            "certificates:\r\n  'signing':\r\n    - a.pem\r\n  encryption: [b.pem]\r\n",
            0,
            "certificates:\r\n  'signing': []\r\n  encryption: [b.pem]\r\n",
        ),
    ],
)  # fmt: skip
def test_an_item_is_taken_out_of_its_list_and_nothing_else_changes(before: str, index: int, after: str) -> None:
    assert without_item(before, PATH, index) == after


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("certificates:\n  signing: &ours\n    - a.pem\n", 0),
        ("certificates:\n  ? signing\n  : - a.pem\n", 0),
        ("certificates: {signing: [a.pem, b.pem]}\n", 2),
        ("certificates: {signing: [a.pem, b.pem]}\n", -1),
        ("certificates:\n  signing: a.pem\n", 0),
        ("certificates:\n  signing: [a.pem\n", 0),
        ("name: X\n", 0),
        ("", 0),
    ],
)
def test_what_is_no_item_or_is_written_in_another_way_is_not_taken_out(text: str, index: int) -> None:
    assert without_item(text, PATH, index) is None


@given(
    items=st.lists(NAMES | st.fixed_dictionaries({"file": NAMES, "from": NAMES}), min_size=1, max_size=4),
    index=st.integers(0, 3),
    flow=st.sampled_from([True, False, None]),
)
def test_whatever_is_taken_out_the_rest_is_what_was_there(items: list[object], index: int, flow: bool | None) -> None:
    content = {"name": "X", "certificates": {"signing": items, "encryption": ["e.pem"]}, "mailbox": {"x": "y"}}
    text = yaml.safe_dump(content, default_flow_style=flow, allow_unicode=True, sort_keys=False)
    after = without_item(text, PATH, index)
    assert (after is None) == (index >= len(items))
    if after is not None:
        items = read_yaml(text).value["certificates"]["signing"]  # type: ignore[call-overload, index]
        left = {**content, "certificates": {"signing": items[:index] + items[index + 1 :], "encryption": ["e.pem"]}}
        assert read_yaml(after).value == left
