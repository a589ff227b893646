"""Which certificates of an address book are taken unasked, and which wait for a person (SR-23)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.directory.books import book, entry, listed
from support.keys.pki import PARTIES, Variant, identity

from crypto.certificates import Certificate, CertificateUsage
from crypto.endorsements import endorse
from gateway.directory.model import EntryId, ListedCertificate
from gateway.directory.trust import Known, KnownCertificates, accept, learn, signers, waiting

PARTY = PARTIES["counsellor"][0]
OLD, NEXT = identity("counsellor"), identity("counsellor", "next")
FIRST = book(entry("counsellor")).book


def nobody(_certificate: Certificate, _party: str, _usage: CertificateUsage) -> bool:
    return False


def endorsed(
    by: str, variant: Variant = "ordinary", *, usage: CertificateUsage = "signing", party: str = PARTY
) -> ListedCertificate:
    """The counsellor's next certificate, for which somebody's key vouches."""
    found = listed("counsellor", "next", usage=usage)
    vouching = identity(by) if variant == "ordinary" else identity(by, variant)
    value = endorse(found.certificate, party=party, usage=usage, key=vouching.signing_key)
    return replace(found, endorsement=value)


@pytest.fixture
def known() -> Known:
    return learn(FIRST, {}, nobody)[0]


def test_the_first_certificates_of_a_party_are_taken_by_the_words_of_the_book() -> None:
    known, taken = learn(FIRST, {}, nobody)
    assert [(each.entry.party, each.listed.usage, each.why) for each in taken] == [
        (PARTY, "signing", "first"), (PARTY, "encryption", "first"),
    ]  # fmt: skip
    assert waiting(FIRST, known) == ()
    assert signers(FIRST, known) == {PARTY: (OLD.signing.certificate,)}


def test_a_changed_certificate_of_a_known_party_waits_and_is_not_relied_on(known: Known) -> None:
    changed = book(entry("counsellor", listed("counsellor", "next"))).book
    after, taken = learn(changed, known, nobody)
    assert (after, taken) == (known, ())
    (found,) = waiting(changed, after)
    assert (found.listed.certificate, found.known) == (NEXT.signing.certificate, (OLD.signing.certificate,))
    assert signers(changed, after) == {PARTY: ()}


@pytest.mark.parametrize("usage", ["signing", "encryption"])
def test_one_for_which_the_key_before_it_vouches_is_taken(known: Known, usage: CertificateUsage) -> None:
    changed = book(entry("counsellor", listed("counsellor"), endorsed("counsellor", usage=usage))).book
    after, (taken,) = learn(changed, known, nobody)
    assert (taken.listed.usage, taken.why) == (usage, "endorsed")
    assert waiting(changed, after) == ()


@pytest.mark.parametrize(
    "vouching",
    [endorsed("creditor"), endorsed("hub"), endorsed("counsellor", "next"), endorsed("counsellor", party="1")],
    ids=["another-party", "the-hub", "itself", "for-another"],
)
def test_one_for_which_another_key_vouches_waits(known: Known, vouching: ListedCertificate) -> None:
    changed = book(entry("counsellor", listed("counsellor"), vouching), entry("creditor")).book
    after, taken = learn(changed, known, nobody)
    assert {each.entry.party for each in taken} == {PARTIES["creditor"][0]}
    assert [each.listed for each in waiting(changed, after)] == [vouching]


def test_a_key_that_was_taken_vouches_for_the_next_one_in_the_same_book(known: Known) -> None:
    last = listed("creditor")  # any third certificate
    value = endorse(last.certificate, party=PARTY, usage="signing", key=NEXT.signing_key)
    chain = (replace(last, endorsement=value), endorsed("counsellor"), listed("counsellor"))
    after, taken = learn(book(entry("counsellor", *chain)).book, known, nobody)
    assert [each.why for each in taken] == ["endorsed", "endorsed"]
    assert len(after[PARTY].signing) == 3


def test_a_root_that_the_participant_chose_vouches_for_that_very_party(known: Known) -> None:
    asked: list[tuple[str, CertificateUsage]] = []

    def root(_certificate: Certificate, party: str, usage: CertificateUsage) -> bool:
        asked.append((party, usage))
        return True

    changed = book(entry("counsellor", listed("counsellor", "next"))).book
    after, (taken,) = learn(changed, known, root)
    assert (taken.why, asked) == ("root", [(PARTY, "signing")])
    assert signers(changed, after) == {PARTY: (NEXT.signing.certificate,)}


def test_the_key_of_an_organisation_vouches_for_its_unit(known: Known) -> None:
    unit = f"{PARTY}:000000000011"
    mine = KnownCertificates(signing=(identity("creditor").signing.certificate,))
    fields = {"party_ids": (EntryId(value=unit),), "unit_of": ("Gemeente", PARTY)}
    changed = book(entry("counsellor", endorsed("counsellor", party=unit), **fields)).book
    _, (taken,) = learn(changed, {**known, unit: mine}, nobody)
    assert taken.why == "endorsed"
    later, (first,) = learn(changed, known, nobody)
    assert (first.why, len(later[unit].signing)) == ("endorsed", 1)
    stranger = book(entry("counsellor", endorsed("counsellor", party=unit), party_ids=(EntryId(value=unit),))).book
    assert learn(stranger, {**known, unit: mine}, nobody)[1] == ()


def test_the_key_of_a_party_that_the_book_calls_the_organisation_of_another_vouches_for_nothing() -> None:
    mine = KnownCertificates(signing=(OLD.signing.certificate,))
    known = {
        PARTY: mine,
        PARTIES["creditor"][0]: KnownCertificates(signing=(identity("creditor").signing.certificate,)),
    }
    for party in (PARTY, f"{PARTY}:000000000011"):
        fields = {"party_ids": (EntryId(value=party),), "unit_of": ("Proef", PARTIES["creditor"][0])}
        changed = book(entry("counsellor", endorsed("creditor", party=party), **fields)).book
        assert learn(changed, {**known, party: mine}, nobody)[1] == ()


@pytest.mark.parametrize(
    "ids", [("00000099000000001001", PARTY), (f"{PARTY}:000000000011",)], ids=["under-another-id", "a-unit"]
)
def test_the_first_certificate_of_an_entry_that_is_a_known_partys_waits(known: Known, ids: tuple[str, ...]) -> None:
    new = listed("counsellor", "next")
    changed = book(entry("counsellor", new, party_ids=tuple(EntryId(value=each) for each in ids))).book
    after, taken = learn(changed, known, nobody)
    assert ([each.listed for each in waiting(changed, after)], taken) == ([new], ())
    assert [each.why for each in accept(changed, after, ids[0])[1]] == ["accepted"]


def test_a_unit_that_comes_with_its_organisation_is_taken_by_the_words_of_the_book() -> None:
    fields = {"party_ids": (EntryId(value=f"{PARTY}:000000000011"),), "unit_of": ("Gemeente", PARTY)}
    first = book(entry("counsellor"), entry("creditor", **fields)).book
    assert {each.why for each in learn(first, {}, nobody)[1]} == {"first"}
    assert waiting(first, learn(first, {}, nobody)[0]) == ()


def test_a_person_says_yes_for_one_party_and_no_other(known: Known) -> None:
    others = {**known, PARTIES["creditor"][0]: KnownCertificates(signing=(OLD.signing.certificate,))}
    changed = book(entry("counsellor", listed("counsellor", "next")), entry("creditor", listed("creditor"))).book
    after, (taken,) = accept(changed, others, PARTY)
    assert (taken.entry.party, taken.why) == (PARTY, "accepted")
    assert [each.entry.party for each in waiting(changed, after)] == [PARTIES["creditor"][0]]


def test_what_the_book_withdraws_counts_no_more_and_comes_back_without_a_question(known: Known) -> None:
    without = book(entry("counsellor", listed("counsellor", usage="encryption"))).book
    after, _ = learn(without, known, nobody)
    assert signers(without, after) == {PARTY: ()}
    assert learn(FIRST, after, nobody)[1] == ()
    assert signers(FIRST, after) == {PARTY: (OLD.signing.certificate,)}
