"""Text that people write in files and that a message header carries as it stands, in the shape in which every hub and
client takes it (`gateway.ebms.header_rules`).
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

MOST_HEADER_CHARACTERS: Final = 1024
# Names of mailboxes and P-Modes are made of one or two, with the base of every name.
MOST_PARTY_CHARACTERS: Final = 255

_SEEN: Final = r"^[^\x00-\x1f\x7f-\x9f\x{FFFE}\x{FFFF}]+$"  # no control characters, and nothing that XML has not

HeaderText = Annotated[str, Field(min_length=1, max_length=MOST_HEADER_CHARACTERS, pattern=_SEEN)]
PartyText = Annotated[str, Field(min_length=1, max_length=MOST_PARTY_CHARACTERS, pattern=_SEEN)]
