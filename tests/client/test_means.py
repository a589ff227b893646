"""The ids that a participant makes."""

from __future__ import annotations

import aiohttp
import pytest
from support.messages.message_ids import is_msg_id

from gateway.client.means import Means


@pytest.mark.parametrize(
    "party", ["00000099000000001000", "urn:x::y:", "u" * 255, "ü:", "00000099000000001000:000012345678"]
)
async def test_whatever_a_party_is_called_its_message_ids_have_the_form(party: str) -> None:
    async with aiohttp.ClientSession() as session:
        made = Means(session=session).message_id(party)
    assert is_msg_id(made)
    assert ".." not in made
    assert not made.endswith((".", "@"))
