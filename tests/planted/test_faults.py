"""The list of planted faults: each can still be planted, so that it tells something of the code as it is today."""

from __future__ import annotations

from pathlib import Path

import pytest
from planted.plant import CHECKOUT, Fault, read_faults


@pytest.mark.parametrize("fault", read_faults(), ids=lambda fault: fault.name)
def test_a_fault_changes_one_place_of_the_code_of_today(fault: Fault, tmp_path: Path) -> None:
    copy = tmp_path / fault.file
    copy.parent.mkdir(parents=True)
    copy.write_text((CHECKOUT / fault.file).read_text(encoding="utf-8"), encoding="utf-8")
    fault.plant(tmp_path)
    changed = copy.read_text(encoding="utf-8")
    assert changed != (CHECKOUT / fault.file).read_text(encoding="utf-8")
    if copy.suffix == ".py":
        compile(changed, str(copy), "exec")


def test_no_two_faults_have_one_name() -> None:
    names = [each.name for each in read_faults()]
    assert len(names) == len(set(names))
