"""What a user message is on its way from the socket to the store, and how often the walk is handed back, as
docs/explanation/the-house.md counts it.
"""

from __future__ import annotations

import dis
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from support.hubs.hub import running_hub
from support.hubs.repeating import answer
from support.messages.wire import saldoverzoek

import gateway.msh

ROOT = Path(__file__).parents[2]
MSH = str(Path(str(gateway.msh.__file__)).parent)
# What functions on the walk give that is no form of the message, and what it is.
NO_FORM: Mapping[str, str] = {
    "Hub": "what the use cases work with",
    "Refusal": "what a fault becomes",
    "Candidate": "a part of Matched",
    "ShownTime": "what freshness asks",
    "_Document": "a part of Opened while it comes",
    "GivenReceipt": "the answer; a part of Acceptance",
}


@dataclass
class Walk:
    """The returns of functions of `gateway.msh`, and the values of the hub's own classes that they gave."""

    returns: int = 0
    given: set[str] = field(default_factory=set)

    def watch(self, frame: FrameType, event: str, value: object) -> None:
        """For `sys.setprofile`: counts neither a coroutine that waits, nor a lambda or an expression."""
        code = frame.f_code
        if event != "return" or not code.co_filename.startswith(MSH) or code.co_name.startswith("<"):
            return
        if frame.f_lasti >= 0 and dis.opname[code.co_code[frame.f_lasti]] == "RETURN_VALUE":
            self.returns += 1
            if type(value).__module__.startswith(("gateway.msh.", "gateway.store.model")):
                self.given.add(type(value).__name__)


class WatchedStore:
    """A store at whose `accept` the walk ends."""

    def __init__(self, store: object) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @property
    def accept(self) -> Callable[..., Any]:
        sys.setprofile(None)
        return self._store.accept  # type: ignore[attr-defined, no-any-return]  # whatever store it is


@pytest.fixture(scope="module")
def page() -> str:
    """What the house says of the journey through it."""
    text = (ROOT / "docs" / "explanation" / "the-house.md").read_text("utf-8")
    return text[text.index("## The journey through it") :]


async def test_a_message_has_the_forms_that_the_house_names_and_no_more_returns(tmp_path: Path, page: str) -> None:
    async with running_hub(tmp_path) as hub:
        walk = Walk()
        for _ in range(2):  # so that its signer is known, and his certificate was read
            assert (await answer(hub, saldoverzoek().wire())).receipt is not None
        wire, within = saldoverzoek().wire(), replace(hub.hub, store=WatchedStore(hub.store))  # type: ignore[arg-type]
        sys.setprofile(walk.watch)
        try:
            reply = await answer(hub, wire, within=within)
        finally:
            sys.setprofile(None)
        assert reply.receipt is not None, reply.codes
    forms = re.findall(r"^\d+\. `(\w+)`", page, flags=re.MULTILINE)
    assert {"Request", *walk.given} - NO_FORM.keys() == set(forms)
    assert len(forms) <= 10
    (most,) = re.findall(r"at most\s+(\d+) returns now", page)
    assert walk.returns <= int(most)
