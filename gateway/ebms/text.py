"""A sentence for a peer in both languages, and one with places for words.

SECURITY: what fills a place is a word of the specification, the catalogue or the configuration, or a number; never a
value of the message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["nl", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in both languages: a peer reads its own."""

    en: str
    nl: str

    def in_language(self, language: str) -> tuple[str, Language]:
        """The sentence, and the language it is in: English for every language but Dutch."""
        return (self.nl, "nl") if language == "nl" else (self.en, "en")

    def is_said_in(self, text: str) -> bool:
        """Whether a text is this sentence, in either language."""
        return text in (self.en, self.nl)


@dataclass(frozen=True)
class Phrase:
    """A sentence with places for words, `{name}`: said by the hub, known again by who reads it."""

    en: str
    nl: str

    def __call__(self, **words: object) -> Text:
        """The sentence with these words."""
        return Text(self.en.format(**words), self.nl.format(**words))

    def is_said_in(self, text: str) -> bool:
        """Whether a text is this sentence, in either language and with whatever words."""
        return self._said.fullmatch(text) is not None

    @cached_property
    def _said(self) -> re.Pattern[str]:
        either = (".+".join(map(re.escape, re.split(r"\{\w+\}", each))) for each in (self.en, self.nl))
        return re.compile("|".join(either))
