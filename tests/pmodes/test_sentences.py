"""What a refusal about P-Modes says, it says in both languages."""

from __future__ import annotations

from gateway.ebms.errors import error_of
from pmodes.match import NO_PROCESSING_MODE


def test_a_peer_reads_its_own_language() -> None:
    """Every sentence of a Mismatch is a pair by its type; this shows that the pair reaches the peer."""
    text = error_of("EBMS:0010", NO_PROCESSING_MODE).public
    assert text.in_language("nl") == ("Geen processing mode past bij dit bericht.", "nl")
    assert text.in_language("en") == ("No processing mode fits this message.", "en")
