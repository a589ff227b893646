"""The four blanks of XML, and nothing else that Unicode calls one (XML 1.0 2.3, production S).

SECURITY: a value of a peer that is cut at other characters is another value to the next reader; `str.strip` and
`str.split` without an argument are therefore not used on what a peer wrote.
"""

from __future__ import annotations

import re
from typing import Final

BLANKS: Final = " \t\r\n"
_RUN: Final = re.compile(r"[ \t\r\n]+")


def trimmed(text: str) -> str:
    """The text without blanks at either end."""
    return text.strip(BLANKS)


def words(text: str) -> tuple[str, ...]:
    """The words of a list (xs:NMTOKENS): what stands between blanks."""
    return tuple(each for each in _RUN.split(text) if each)


def collapsed(text: str) -> str:
    """The text with every run of blanks as one space and none at either end (XML Schema 2 4.3.6, collapse)."""
    return " ".join(words(text)) if _RUN.search(text) else text
