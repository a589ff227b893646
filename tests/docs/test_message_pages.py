"""The reference page of a message says what changed between versions."""

from __future__ import annotations

import pytest
from generator.messages import page

from xsd.catalogue import load_catalogue

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(
    ("version", "name", "line"),
    [
        ("1.0", "Saldoverzoek", "This is the first version."),
        ("1.1", "Saldoverzoek", "Nothing since 1.0."),
        ("1.1", "SchuldregelingAkkoord", "- `Vorderingen/Vordering/Betaalreferentie` is mandatory; it was optional."),
        ("1.1", "Heroverweging", "New since 1.0."),
        ("2.0", "SaldoverzoekAntwoord", "- `Matchen` is new, mandatory."),
        ("2.0", "SaldoverzoekAntwoord", "- `Vorderingen` is gone."),
    ],
)
def test_a_page_says_what_changed_since_the_version_before(version: str, name: str, line: str) -> None:
    module, message = CATALOGUE.module("Schuldregeling", version), CATALOGUE.message("Schuldregeling", version, name)
    assert module is not None
    assert message is not None
    assert line in page(CATALOGUE, module, message).splitlines()
