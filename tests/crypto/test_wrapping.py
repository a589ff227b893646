"""Signature wrapping: the signed element is moved away and another stands in its place (DS-03, DS-04, S19, S20).

Eight places for the signed element, four ways to label the one that stands in for it, for eb:Messaging and for the
Body. In no case may verification answer at all, and so never with a value of the other element.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.messages.signed_messages import BODY, MESSAGING, Wire, check, make
from support.messages.wrapping import LABELS, PLACES, moved, swapped_ids

from crypto.elements import Element
from crypto.faults import SecurityFault

PARTS = {"one@knooppunt.example": b"octets"}


@pytest.fixture(scope="module")
def wire() -> Wire:
    return make(parts=PARTS)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@pytest.mark.parametrize(("clause", "tag"), [("S19", MESSAGING), ("S20", BODY)])
def test_a_signed_element_that_was_moved_vouches_for_nothing(
    wire: Wire, clause: str, tag: str, place: Callable[[Element, Element], None], label: str
) -> None:
    wrapped = wire.altered(moved(tag, place, label))
    with pytest.raises(SecurityFault):
        check(wrapped)


def test_DS_04_messaging_and_body_may_not_stand_in_for_each_other(wire: Wire) -> None:
    with pytest.raises(SecurityFault):
        check(wire.altered(swapped_ids))
