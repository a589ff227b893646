"""The address book in the browser: read, verified, chained and trusted as the hub's own code does it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.browser.asking import Refused, asked, certificates
from support.directory.books import (
    ALTERED,
    BOOKS,
    DIRECTORY,
    GOOD,
    HUB,
    LATER,
    NOT_FOLLOWING,
    book,
    entry,
    listed,
)
from support.keys.pki import NOW, PARTIES, identity

from crypto.certificates import Certificate, CertificateUsage, der, thumbprint_sha256
from crypto.endorsements import endorse
from crypto.keys import SigningKey
from gateway.directory.document import write_signed
from gateway.directory.model import AddressBook, Entry, EntryId, ListedCertificate, SignedBook
from gateway.directory.trust import Known, KnownCertificates, accept, learn, signers, waiting

KNOWN = (DIRECTORY.certificate,)
CREDITOR = PARTIES["creditor"][0]


def read(octets: bytes, known: tuple[Certificate, ...] = KNOWN) -> dict[str, Any]:
    return asked().ask("book", octets=octets, certificates=certificates(known))  # type: ignore[no-any-return]


def as_the_browser_has_it(signed: SignedBook) -> dict[str, Any]:
    """An issue in the names of the browser's values."""
    made, issue = signed.book, signed.book.issue
    before = None if issue.before is None else {"serial": issue.before[0], "sha256": issue.before[1]}
    return {
        "sha256": signed.sha256,
        "book": {
            "hub": made.hub,
            "issue": {
                "serial": issue.serial,
                "issuedAt": moment(issue.issued_at),
                "validUntil": moment(issue.valid_until),
                "before": before,
            },
            "entries": [entry_as_the_browser_has_it(each) for each in made.entries],
        },
    }


def entry_as_the_browser_has_it(made: Entry) -> dict[str, Any]:
    return {
        "name": made.name,
        "partyIds": [{"value": each.value, "type": each.type} for each in made.party_ids],
        "unitOf": None if made.unit_of is None else {"name": made.unit_of[0], "party": made.unit_of[1]},
        "kvk": made.kvk,
        "establishment": made.establishment,
        "roles": list(made.roles),
        "access": made.access,
        "collectief": made.collectief,
        "actsFor": list(made.acts_for),
        "versions": [
            {
                "module": each.module,
                "version": each.version,
                "begins": each.begins and each.begins.isoformat(),
                "ends": each.ends and each.ends.isoformat(),
            }
            for each in made.versions
        ],
        "certificates": [
            {
                "usage": each.usage,
                "certificate": thumbprint_sha256(each.certificate).hex(),
                "beginsAt": moment(each.begins_at),
                "endsAt": moment(each.ends_at),
                "endorsement": each.endorsement,
            }
            for each in made.certificates
        ],
    }


def moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@settings(max_examples=60)
@given(BOOKS)
def test_any_book_is_read_as_it_was_written(made: AddressBook) -> None:
    signed = write_signed(made, DIRECTORY)
    assert read(signed.octets) == as_the_browser_has_it(signed)


@settings(max_examples=150)
@given(st.integers(0, len(GOOD.octets) - 1), st.integers(1, 255))
def test_no_octet_can_be_changed_unnoticed(place: int, other: int) -> None:
    octets = bytearray(GOOD.octets)
    octets[place] ^= other
    try:
        found = read(bytes(octets))
    except Refused as refused:
        assert refused.check == "book"  # noqa: PT017 - which of both happens depends on the octet
        return
    assert found["book"] == as_the_browser_has_it(GOOD)["book"]


@pytest.mark.parametrize(("old", "new", "why"), ALTERED)
def test_what_was_altered_is_refused(old: bytes, new: bytes, why: str) -> None:
    altered = GOOD.octets.replace(old, new, 1)
    assert altered != GOOD.octets
    if not why:
        assert read(altered)["book"] == as_the_browser_has_it(GOOD)["book"]
        return
    with pytest.raises(Refused, match=r"^book: "):
        read(altered)


def test_a_book_without_signature_or_by_another_key_is_refused() -> None:
    root = etree.fromstring(GOOD.octets)
    root.remove(root[-1])
    other = write_signed(GOOD.book, identity("hub").signing_key)
    for octets in (etree.tostring(root), other.octets):
        with pytest.raises(Refused, match=r"^book: "):
            read(octets)
    assert read(other.octets, (*KNOWN, identity("hub").signing.certificate))["sha256"] == other.sha256


def follows(came: SignedBook, known: SignedBook | None, *, at: datetime, hub: str = HUB) -> None:
    asked().ask(
        "follows",
        came=came.octets,
        known=None if known is None else known.octets,
        certificates=certificates(KNOWN),
        hub=hub,
        now=at,
    )


FIRST = book(entry("counsellor"))
SECOND = book(entry("counsellor"), entry("creditor"), before=FIRST, at=LATER)


def test_an_issue_of_the_same_chain_is_taken() -> None:
    for came, known in ((FIRST, None), (SECOND, FIRST), (SECOND, SECOND)):
        follows(came, known, at=came.book.issue.issued_at)


@pytest.mark.parametrize("case", NOT_FOLLOWING)
def test_an_issue_that_goes_back_or_stands_in_another_chain_is_not_taken(case: str) -> None:
    came, known, _why, is_fork = NOT_FOLLOWING[case]
    with pytest.raises(Refused) as refused:
        follows(came, known, at=came.book.issue.issued_at)
    assert refused.value.check == ("book-fork" if is_fork else "book")


def test_an_issue_of_another_hub_past_its_date_or_still_to_come_is_not_taken() -> None:
    issue = FIRST.book.issue
    for at, hub in ((NOW, "00000099000000009001"), (issue.valid_until, HUB), (NOW.replace(year=2025), HUB)):
        with pytest.raises(Refused, match=r"^book: "):
            follows(FIRST, None, at=at, hub=hub)


# --- whom to trust ------------------------------------------------------------------------------------------------

PARTY = PARTIES["counsellor"][0]
UNIT = f"{PARTY}:000000000011"
IDS = [PARTY, UNIT, PARTIES["creditor"][0]]
CERTIFICATES = [listed("counsellor"), listed("counsellor", "next"), listed("creditor")]
KEYS: list[SigningKey] = [
    identity("counsellor").signing_key,
    identity("counsellor", "next").signing_key,
    identity("creditor").signing_key,
]


@st.composite
def listings(draw: st.DrawFn) -> ListedCertificate:
    """A certificate for some use, vouched for by anybody or nobody, for one party or another."""
    usage: CertificateUsage = draw(st.sampled_from(["signing", "encryption"]))
    certificate = draw(st.sampled_from(CERTIFICATES)).certificate
    key = draw(st.none() | st.sampled_from(KEYS))
    party = draw(st.sampled_from(IDS))
    value = None if key is None else endorse(certificate, party=party, usage=usage, key=key)
    return ListedCertificate(usage=usage, certificate=certificate, begins_at=NOW, ends_at=LATER, endorsement=value)


@st.composite
def entries(draw: st.DrawFn, party: str) -> Entry:
    others = draw(st.lists(st.sampled_from(["1", f"{PARTY}:7"]), max_size=1))
    return entry(
        "counsellor",
        *draw(st.lists(listings(), min_size=1, max_size=3)),
        party_ids=tuple(EntryId(value=each) for each in (party, *others)),
        unit_of=draw(st.none() | st.sampled_from([("Gemeente", PARTY), ("Proef", PARTIES["creditor"][0])])),
    )


BOOKS_OF_TRUST = st.lists(st.sampled_from(IDS), min_size=1, unique=True).flatmap(
    lambda ids: st.tuples(*(entries(each) for each in ids))
)
SOME = st.lists(st.sampled_from([each.certificate for each in CERTIFICATES]), max_size=2, unique_by=der).map(tuple)
KNOWN_BEFORE = st.dictionaries(
    st.sampled_from([*IDS, "1"]), st.builds(KnownCertificates, signing=SOME, encryption=SOME), max_size=3
)


def plain(known: Mapping[str, KnownCertificates]) -> dict[str, dict[str, list[bytes]]]:
    return {
        party: {"signing": certificates(each.signing), "encryption": certificates(each.encryption)}
        for party, each in known.items()
    }


def named(certificate: Certificate) -> str:
    return thumbprint_sha256(certificate).hex()


@settings(max_examples=100)
@given(BOOKS_OF_TRUST, KNOWN_BEFORE, st.booleans(), st.none() | st.sampled_from(IDS))
def test_what_is_known_waits_and_is_relied_on_is_what_the_hubs_own_code_says(
    made: tuple[Entry, ...], known: Known, is_rooted: bool, yes: str | None
) -> None:
    signed = book(*made)
    found = asked().ask(
        "trust",
        octets=signed.octets,
        certificates=certificates(KNOWN),
        known=plain(known),
        rooted=is_rooted,
        accepted=yes,
    )
    now, taken = learn(signed.book, known, lambda *_: is_rooted)
    if yes is not None:
        now, more = accept(signed.book, now, yes)
        taken += more
    assert found["known"] == plain(now)
    assert [(each["party"], each["listed"]["usage"], each["why"]) for each in found["taken"]] == [
        (each.entry.party, each.listed.usage, each.why) for each in taken
    ]
    assert [(each["party"], each["listed"]["certificate"], len(each["known"])) for each in found["waiting"]] == [
        (each.entry.party, named(each.listed.certificate), len(each.known)) for each in waiting(signed.book, now)
    ]
    assert found["signers"] == {
        party: [named(each) for each in those] for party, those in signers(signed.book, now).items()
    }


@pytest.mark.parametrize(
    ("shown", "named", "expected"),
    [
        (HUB, {}, {"objection": None, "hubParty": HUB}),
        (CREDITOR, {}, "strange-hub"),
        (CREDITOR, {"party": HUB}, "strange-hub"),
        (CREDITOR, {"party": CREDITOR}, {"objection": None, "hubParty": CREDITOR}),
    ],
    ids=["its own", "a creditor's, and none was signed", "a creditor's, and its own was signed", "as it was signed"],
)
def test_a_hub_that_shows_itself_by_the_party_id_of_somebody_in_its_address_book_is_strange_PO_56(
    shown: str, named: dict[str, str], expected: object
) -> None:
    """Its key signs the book in whatever name it likes, so the book's word for the hub says nothing."""
    found = asked().ask(
        "relied",
        octets=book(entry("counsellor"), entry("creditor"), hub=shown).octets,
        directory=der(DIRECTORY.certificate),
        certificate=der(identity("hub").signing.certificate),
        hub=shown,
        named=named,
        now=NOW,
    )
    assert found == expected
