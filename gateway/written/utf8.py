"""Text as people save it: UTF-8, with or without a mark at the start, or a sentence that says what it is instead."""

from __future__ import annotations

import codecs
from typing import Final

_SAVE: Final = "save it as UTF-8"
_MARKS: Final = (  # the longer first: the mark of UTF-32 begins as that of UTF-16 does
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
# Which of the first four octets are nothing, where the text begins with two signs that ASCII has.
_UNMARKED: Final[dict[tuple[bool, ...], str]] = {
    (False, True, False, True): "UTF-16",
    (True, False, True, False): "UTF-16",
    (False, True, True, True): "UTF-32",
    (True, True, True, False): "UTF-32",
}


class NotUtf8(ValueError):
    """The octets are no text in UTF-8; the text says what they are, as far as that shows, and what to do."""


def text_of(octets: bytes) -> str:
    """These octets as text, without a mark; raises `NotUtf8`.

    UTF-16 without a mark is UTF-8 to a decoder, with a sign between any two that nobody sees.
    """
    marked = next((name for mark, name in _MARKS if octets.startswith(mark)), None)
    if (name := marked or _UNMARKED.get(tuple(not each for each in octets[:4]))) is not None:
        raise NotUtf8(f"the file is {name} text; {_SAVE}")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotUtf8(f"the file is not UTF-8 text; {_SAVE}") from None
