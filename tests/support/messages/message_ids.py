"""What the ids that this project makes look like; what it takes from others is for `gateway.ebms.consistency`."""

from __future__ import annotations

import re
from typing import Final

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_ATOM: Final = rf"{_ATOM}(?:\.{_ATOM})*"
_MSG_ID: Final = re.compile(rf"{_DOT_ATOM}@{_DOT_ATOM}", re.ASCII)


def is_msg_id(value: str) -> bool:
    """Whether an id is a msg-id of RFC 2822 3.6.4, without its brackets, and no longer than anybody takes."""
    return len(value) <= 255 and _MSG_ID.fullmatch(value) is not None
