"""Endorsements: a key vouches for one certificate, of one party, for one use, and for nothing else."""

from __future__ import annotations

import pytest
from support.keys.pki import identity

from crypto.endorsements import endorse, endorser_of

PARTY = identity("counsellor").party_id
OLD, NEXT = identity("counsellor"), identity("counsellor", "next")
KNOWN = (identity("creditor").signing.certificate, OLD.signing.certificate)
GIVEN = endorse(NEXT.signing.certificate, party=PARTY, usage="signing", key=OLD.signing_key)


def test_the_key_that_vouched_is_found_among_those_that_are_known() -> None:
    found = endorser_of(NEXT.signing.certificate, GIVEN, party=PARTY, usage="signing", among=KNOWN)
    assert found == OLD.signing.certificate


def test_a_key_that_is_fit_for_no_signature_vouches_for_nothing() -> None:
    short = identity("counsellor", "rsa-1024")
    given = endorse(NEXT.signing.certificate, party=PARTY, usage="signing", key=short.signing_key)
    among = (short.signing.certificate,)
    assert endorser_of(NEXT.signing.certificate, given, party=PARTY, usage="signing", among=among) is None


@pytest.mark.parametrize("what", ["another certificate", "another party", "another use", "nobody who is known", "cut"])
def test_an_endorsement_is_worth_nothing_for_anything_else(what: str) -> None:
    certificate = OLD.encryption.certificate if what == "another certificate" else NEXT.signing.certificate
    found = endorser_of(
        certificate,
        GIVEN[:-1] if what == "cut" else GIVEN,
        party="00000099000000002000" if what == "another party" else PARTY,
        usage="encryption" if what == "another use" else "signing",
        among=KNOWN[:1] if what == "nobody who is known" else KNOWN,
    )
    assert found is None
