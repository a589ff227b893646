"""What a refusal about P-Modes says, it says in both languages."""

from __future__ import annotations

import pytest

from gateway.ebms.errors import error_of
from pmodes import sentences
from pmodes.match import NO_PROCESSING_MODE
from pmodes.sentences import Phrase


def test_a_peer_reads_its_own_language() -> None:
    """Every sentence of a Mismatch is a pair by its type; this shows that the pair reaches the peer."""
    text = error_of("EBMS:0010", NO_PROCESSING_MODE).public
    assert text.in_language("nl") == ("Geen processing mode past bij dit bericht.", "nl")
    assert text.in_language("en") == ("No processing mode fits this message.", "en")


@pytest.mark.parametrize("phrase", [each for each in vars(sentences).values() if isinstance(each, Phrase)])
def test_a_phrase_is_known_again_in_both_languages_and_is_no_other(phrase: Phrase) -> None:
    said = phrase(**dict.fromkeys(("version", "type", "number"), "Een (of ander) woord"))
    assert phrase.is_said_in(said)
    assert phrase.is_said_in(said.nl)
    others = [each for each in vars(sentences).values() if isinstance(each, Phrase) and each is not phrase]
    assert not any(each.is_said_in(text) for each in others for text in (said, said.nl))
    assert not phrase.is_said_in("Something else is said.")
