"""What a refusal about P-Modes says, it says in both languages."""

from __future__ import annotations

import pytest

from gateway.ebms.errors import ProcessingModeMismatch
from gateway.ebms.text import Phrase, Text
from pmodes import texts

TEXTS = {name: each for name, each in vars(texts).items() if isinstance(each, Text)}
PHRASES = {name: each for name, each in vars(texts).items() if isinstance(each, Phrase)}
WORDS = dict.fromkeys(("version", "type", "number", "party", "element", "name", "day"), "Een (of ander) woord")
SAID = {**TEXTS, **{name: each(**WORDS) for name, each in PHRASES.items()}}


@pytest.mark.parametrize("text", SAID.values(), ids=SAID)
def test_a_peer_reads_its_own_language(text: Text) -> None:
    for language, spoken in (("nl", text.nl), ("en", text.en), ("fr", text.en)):
        (entry,) = ProcessingModeMismatch(text).entries(language)
        assert entry.description == spoken
        assert entry.language == ("nl" if language == "nl" else "en")
    assert text.nl != text.en
    assert text.nl.endswith(".")
    assert text.en.endswith(".")


@pytest.mark.parametrize("phrase", PHRASES.values(), ids=PHRASES)
def test_a_phrase_is_known_again_in_both_languages_and_is_no_other(phrase: Phrase) -> None:
    said = phrase(**WORDS)
    assert phrase.is_said_in(said.en)
    assert phrase.is_said_in(said.nl)
    others = [each for each in (*PHRASES.values(), *TEXTS.values()) if each is not phrase]
    assert not any(each.is_said_in(text) for each in others for text in (said.en, said.nl))
    assert not phrase.is_said_in("Something else is said.")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_sentence_is_known_again_in_both_languages_and_is_no_other(text: Text) -> None:
    others = [each for each in (*PHRASES.values(), *TEXTS.values()) if each is not text]
    for said in (text.en, text.nl):
        assert text.is_said_in(said)
        assert not any(each.is_said_in(said) for each in others)
