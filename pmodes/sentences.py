"""What a refusal about P-Modes says to a peer, in both languages.

SECURITY: a sentence names parameters and words of the catalogue, never a value of the message or another party.
"""

from __future__ import annotations


class Sentence(str):
    """The English sentence, with the Dutch one beside it."""

    nl: str

    def __new__(cls, en: str, nl: str) -> Sentence:
        """Both are needed: a peer reads its own language."""
        made = super().__new__(cls, en)
        made.nl = nl
        return made
