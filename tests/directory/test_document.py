"""The address book as a document: what is written is read again, and nothing counts that was not signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import is_

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml import SignatureConfiguration, XMLVerifier
from signxml.exceptions import SignXMLException
from support.directory.books import ALTERED, BOOKS, DIRECTORY, GOOD
from support.keys.pki import identity

from crypto.enveloped import sign_enveloped
from crypto.keys import Signer
from crypto.pki import certificates_pem
from gateway.directory import document
from gateway.directory.document import NAMESPACE, BookFault, read_own, read_signed, read_unverified, write_signed
from gateway.directory.model import AddressBook

KNOWN = (DIRECTORY.certificate,)


def foreign(octets: bytes) -> etree._Element:
    """What signxml says was signed, by the certificate that is known; raises where nothing was."""
    found = XMLVerifier().verify(
        octets,
        x509_cert=certificates_pem(DIRECTORY.certificate).decode(),
        expect_config=SignatureConfiguration(require_x509=True),
    )
    assert not isinstance(found, list)
    signed = found.signed_xml
    assert signed is not None
    return signed


@settings(max_examples=30, deadline=None)
@given(BOOKS)
def test_any_book_is_read_as_it_was_written(made: AddressBook) -> None:
    signed = write_signed(made, DIRECTORY)
    assert read_signed(signed.octets, KNOWN) == signed
    assert read_unverified(signed.octets).book == made


@settings(max_examples=30, deadline=None)
@given(BOOKS, BOOKS, st.data())
def test_an_issue_that_copies_entries_out_of_the_one_before_has_the_octets_of_one_written_anew(
    first: AddressBook, other: AddressBook, data: st.DataObject
) -> None:
    before = write_signed(first, DIRECTORY)
    for _ in range(2):
        mixed = tuple(data.draw(st.permutations([*before.book.entries, *other.entries])))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(document, "_COPIED_AT_ONCE", data.draw(st.sampled_from([1, 97, 4096])))
            now = write_signed(replace(other, entries=mixed), DIRECTORY, before)
        assert now.octets == write_signed(now.book, DIRECTORY).octets
        before = now


def test_of_an_issue_that_stays_no_long_piece_is_copied_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else's thread runs while one is."""
    lengths: list[int] = []

    def signed(content: Sequence[bytes], key: Signer) -> bytes:
        lengths.extend(map(len, content))
        return sign_enveloped(content, key)

    monkeypatch.setattr(document, "sign_enveloped", signed)
    monkeypatch.setattr(document, "_COPIED_AT_ONCE", 256)
    again = replace(GOOD.book, issue=replace(GOOD.book.issue, serial=GOOD.book.issue.serial + 1))
    assert read_signed(write_signed(again, DIRECTORY, GOOD).octets, KNOWN).book == again
    assert max(lengths[1:]) <= 256 < sum(lengths)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<Deelnemers>", b"<Deelnemers >"),  # not canonical, and the same document
        (b"</ds:Signature></Adresboek>", b"</ds:Signature>\n</Adresboek>"),
        (b"<Adresboek ", b"<!-- of today -->\n<Adresboek "),
        (b"<ds:Signature ", b"<ds:Signature  "),
    ],
)
def test_a_book_that_was_written_otherwise_after_it_was_signed_says_the_same(old: bytes, new: bytes) -> None:
    octets = GOOD.octets.replace(old, new)
    assert octets != GOOD.octets
    found = read_signed(octets, KNOWN)
    assert (found.book, found.verified_by) == (GOOD.book, DIRECTORY.certificate)


@pytest.mark.parametrize("behind", [b"<!-- x -->", b"<Naam>x</Naam>", b"x", b"<!-- </ds:Signature>-->"])
def test_nothing_may_stand_behind_the_signature(behind: bytes) -> None:
    octets = GOOD.octets.replace(b"</Adresboek>", behind + b"</Adresboek>")
    with pytest.raises(BookFault):
        read_signed(octets, KNOWN)


def test_a_book_in_the_octets_that_were_signed_is_not_read_as_a_whole_to_verify_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("the tree of the whole document was made")

    monkeypatch.setattr(document, "verify_enveloped", refused)
    assert read_signed(GOOD.octets, KNOWN).book == GOOD.book


@settings(max_examples=30, deadline=None)
@given(BOOKS, BOOKS)
def test_a_hub_knows_its_own_issue_by_the_entries_that_it_would_write_and_reads_any_other(
    made: AddressBook, other: AddressBook
) -> None:
    signed = write_signed(made, DIRECTORY)
    again = read_own(signed.octets, DIRECTORY.certificate, made.entries)
    assert (again, again.verified_by, list(again.places)) == (signed, DIRECTORY.certificate, list(signed.places))
    assert all(map(is_, again.book.entries, made.entries))
    for entries in (other.entries, (*made.entries, *other.entries), made.entries[:-1]):
        assert read_own(signed.octets, DIRECTORY.certificate, entries) == signed


def test_an_own_issue_is_known_without_its_entries_being_read_and_by_no_other_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("an entry was read")

    with pytest.raises(BookFault, match="signature does not hold"):
        read_own(GOOD.octets, identity("creditor").signing.certificate, GOOD.book.entries)
    monkeypatch.setattr(document, "_entry", refused)
    assert read_own(GOOD.octets, DIRECTORY.certificate, GOOD.book.entries).book == GOOD.book


def test_an_issue_after_one_that_was_read_is_written_anew() -> None:
    before = read_signed(GOOD.octets, KNOWN)
    assert write_signed(before.book, DIRECTORY, before).octets == GOOD.octets


@settings(max_examples=20, deadline=None)
@given(BOOKS)
def test_a_foreign_verifier_agrees_with_the_signature(made: AddressBook) -> None:
    assert foreign(write_signed(made, DIRECTORY).octets).tag == f"{{{NAMESPACE}}}Adresboek"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD.octets) - 1), st.integers(1, 255))
def test_no_octet_can_be_changed_unnoticed(place: int, other: int) -> None:
    octets = bytearray(GOOD.octets)
    octets[place] ^= other
    try:
        found = read_signed(bytes(octets), KNOWN)
    except BookFault:
        return
    assert found.book == GOOD.book  # what changed is no part of what was signed: its certificate, or spelling


@pytest.mark.parametrize(("old", "new", "why"), ALTERED)
def test_what_was_altered_is_refused_and_says_why(old: bytes, new: bytes, why: str) -> None:
    altered = GOOD.octets.replace(old, new, 1)
    assert altered != GOOD.octets
    if not why:
        assert read_signed(altered, KNOWN).book == GOOD.book
        return
    with pytest.raises(BookFault, match=why):
        read_signed(altered, KNOWN)


def test_a_book_without_signature_is_refused() -> None:
    root = etree.fromstring(GOOD.octets)
    root.remove(root[-1])
    with pytest.raises(BookFault, match="signature"):
        read_signed(etree.tostring(root), KNOWN)


def test_another_key_signs_for_nobody_and_its_certificate_in_the_document_helps_nothing() -> None:
    other = write_signed(GOOD.book, identity("hub").signing_key)
    with pytest.raises(BookFault, match="no certificate that is known"):
        read_signed(other.octets, KNOWN)
    with pytest.raises(SignXMLException):
        foreign(other.octets)


def test_any_of_several_known_certificates_may_have_signed() -> None:
    other = write_signed(GOOD.book, identity("hub").signing_key)
    assert read_signed(other.octets, (*KNOWN, identity("hub").signing.certificate)).book == GOOD.book


def test_a_signed_document_of_another_form_is_no_book() -> None:
    content = f'<Adresboek xmlns="{NAMESPACE}"><Knooppunt>x</Knooppunt>'.encode(), b"</Adresboek>"
    with pytest.raises(BookFault, match="not written as an address book"):
        read_signed(sign_enveloped(content, DIRECTORY), KNOWN)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_octets_at_random_are_refused_in_a_sentence(octets: bytes) -> None:
    for read in (lambda: read_signed(octets, KNOWN), lambda: read_unverified(octets)):
        with pytest.raises(BookFault):
            read()
