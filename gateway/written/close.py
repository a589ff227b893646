"""A word that is not known, and the one that was likely meant."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

_LEAST: Final = 3  # letters of a beginning that says which word was meant


def did_you_mean(word: str, known: Collection[str]) -> str:
    """`; did you mean X?`, empty where no word is close; capitals make no difference."""
    close = closest(word, known)
    return "" if close is None else f"; did you mean {close}?"


def closest(word: str, known: Collection[str]) -> str | None:
    """The known word that this one begins, or that is like it."""
    if len(word) >= _LEAST:
        for each in known:
            if each.startswith(word):
                return each
    by_small = {each.lower(): each for each in reversed(list(known))}
    close = get_close_matches(word.lower(), by_small, n=1)
    return by_small[close[0]] if close else None
