"""A key of a YAML file is set, and everything else stays to the last sign; or nothing comes out."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.written.complaints import KeyPath
from gateway.written.yaml_key import with_key
from gateway.written.yaml_list import Flow
from gateway.written.yaml_text import read_yaml


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        ("party: a\nsuspended: false # for now\nroles: [b]\n", (), "party: a\nsuspended: true # for now\nroles: [b]\n"),
        ("party: a  # who\n# of roles\nroles: [b]\n", (), "party: a  # who\nsuspended: true\n# of roles\nroles: [b]\n"),
        ("name: x\nparty: a", (), "name: x\nparty: a\nsuspended: true\n"),
        ("name: x\r\nparty: a\r\nz: b\r\n", (), "name: x\r\nparty: a\r\nsuspended: true\r\nz: b\r\n"),
        ("party:\n  - a\n  - {value: b}\nz: c\n", (), "party:\n  - a\n  - {value: b}\nsuspended: true\nz: c\n"),
        (
            "party: a\nunits:\n  - name: n\n    party: b\n    z: c\n  - {party: d, z: e}\n",
            ("units", 0),
            "party: a\nunits:\n  - name: n\n    party: b\n    suspended: true\n    z: c\n  - {party: d, z: e}\n",
        ),
        (
            "party: a\nunits:\n  - name: n\n    party: b\n    z: c\n  - {party: d, z: e}\n",
            ("units", 1),
            "party: a\nunits:\n  - name: n\n    party: b\n    z: c\n  - {party: d, suspended: true, z: e}\n",
        ),
        ("{party: a}\n", (), "{party: a, suspended: true}\n"),
    ],
)
def test_the_key_is_set_and_nothing_else_is_touched(before: str, path: KeyPath, after: str) -> None:
    assert with_key(before, path, "suspended", True, behind="party") == after
    back = with_key(after, path, "suspended", False, behind="party")
    assert back == after.replace("suspended: true", "suspended: false")


@pytest.mark.parametrize(
    "text",
    ["name: x\n", "party: &a b\n", "party: a\nparty: b\n", "- party: a\n", "{party: a", "", "suspended: [true]\n"],
)
def test_what_cannot_be_made_sure_of_is_not_changed(text: str) -> None:
    assert with_key(text, (), "suspended", True, behind="party") is None


VALUES = st.recursive(
    st.text(st.sampled_from("ab: #-'\"[]{},\n"), max_size=8) | st.booleans() | st.integers(0, 99),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["k", "l", "m"]), inner, max_size=3),
    max_leaves=8,
)
FILES = st.dictionaries(st.sampled_from(["name", "party", "roles", "units", "suspended"]), VALUES, min_size=1)


@given(FILES, st.booleans(), st.booleans())
def test_of_any_file_comes_the_same_with_the_key_set_or_nothing(
    content: dict[str, object], value: bool, flow: bool
) -> None:
    text = yaml.safe_dump(content, sort_keys=False, default_flow_style=flow)
    before = read_yaml(text)
    after = with_key(text, (), "suspended", value, behind="party")
    if after is None:
        return
    assert isinstance(before.value, dict)
    assert read_yaml(after).value == {**before.value, "suspended": value}
    assert before.faults == ()


@pytest.mark.parametrize(
    ("before", "path", "key", "value", "after"),
    [
        ("mailbox:\n  quota_messages: 5 # few\nz: c\n", ("mailbox",), "extension_days", 14,
         "mailbox:\n  quota_messages: 5 # few\n  extension_days: 14\nz: c\n"),
        ("mailbox: {extension_days: 7}\n", ("mailbox",), "extension_days", 28, "mailbox: {extension_days: 28}\n"),
        ("modules:\n  One: [1.0]\nz: c\n", ("modules",), "Two", [{"version": "2.0", "from": "2027-01-01"}],
         "modules:\n  One: [1.0]\n  Two: [{version: \"2.0\", from: 2027-01-01}]\nz: c\n"),
        ("a: b", (), "mailbox", {"extension_days": 14}, "a: b\nmailbox: {extension_days: 14}\n"),
    ],
    ids=["behind the last of its neighbours", "in the place of another number", "a list of keys", "keys on one line"],
)  # fmt: skip
def test_a_key_comes_with_what_it_holds(before: str, path: KeyPath, key: str, value: Flow, after: str) -> None:
    assert with_key(before, path, key, value) == after


FLOWS = st.recursive(
    st.text(st.sampled_from("ab: #-'\"[]{},\n"), max_size=8) | st.booleans() | st.integers(0, 99),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["k", "l", "m"]), inner, max_size=3),
    max_leaves=6,
)


@given(FILES, FLOWS)
def test_whatever_a_key_is_to_hold_is_read_back_equal(content: dict[str, object], value: Flow) -> None:
    after = with_key(yaml.safe_dump(content, sort_keys=False), (), "added", value)
    if after is not None:
        assert read_yaml(after).value == {**content, "added": value}
    assert with_key("name: x\n", (), "added", value) is not None
