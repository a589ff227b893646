"""What a refusal about P-Modes says to a peer, in both languages.

SECURITY: a sentence names parameters and words of the catalogue, never a value of the message or another party.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final


class Sentence(str):
    """The English sentence, with the Dutch one beside it."""

    nl: str

    def __new__(cls, en: str, nl: str) -> Sentence:
        """Both are needed: a peer reads its own language."""
        made = super().__new__(cls, en)
        made.nl = nl
        return made


@dataclass(frozen=True)
class Phrase:
    """A sentence with places for words, `{name}`, in both languages: said by the hub, known again by who reads it."""

    en: str
    nl: str

    def __call__(self, **words: object) -> Sentence:
        """The sentence with these words."""
        return Sentence(self.en.format(**words), self.nl.format(**words))

    def is_said_in(self, text: str) -> bool:
        """Whether a text is this sentence, in either language and with whatever words."""
        return self._said.fullmatch(text) is not None

    @cached_property
    def _said(self) -> re.Pattern[str]:
        either = (".+".join(map(re.escape, re.split(r"\{\w+\}", each))) for each in (self.en, self.nl))
        return re.compile("|".join(either))


# Whoever is told one of these can do something about it, so a client knows them again (gateway/client/advice.py).
VERSION_NOT_ACTIVE: Final = Phrase(
    "{version} is not active for this sender.", "{version} is niet actief voor deze afzender."
)
TYPE_NOT_SENT: Final = Phrase(
    "A sender in this role does not send {type} of {version}.",
    "Een afzender in deze rol verstuurt geen {type} van {version}.",
)
TYPE_NOT_RECEIVED: Final = Phrase(
    "The final recipient does not receive {type} of {version}.",
    "De eindontvanger ontvangt geen {type} van {version}.",
)
OTHER_VERSION: Final = Phrase(
    "The question was asked in {version}; its answer uses the same version.",
    "De vraag is gesteld in {version}; het antwoord gebruikt dezelfde versie.",
)
PARTS_TOO_MANY: Final = Phrase(
    "The message has more parts than the processing mode allows.",
    "Het bericht heeft meer delen dan de processing mode toestaat.",
)
PART_MISSING: Final = Phrase(
    "A part that the processing mode requires is missing.",
    "Een deel dat de processing mode vereist, ontbreekt.",
)
PART_OF_OTHER_TYPE: Final = Phrase(
    "Part {number} is not of a MIME type that the processing mode allows.",
    "Deel {number} heeft een MIME-type dat de processing mode niet toestaat.",
)
PART_COMPRESSED: Final = Phrase(
    "Part {number} is compressed, which the processing mode does not allow.",
    "Deel {number} is gecomprimeerd; dat staat de processing mode niet toe.",
)
PART_TOO_LARGE: Final = Phrase(
    "Part {number} is larger than the processing mode allows.",
    "Deel {number} is groter dan de processing mode toestaat.",
)
