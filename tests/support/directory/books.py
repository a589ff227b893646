"""Address books for tests: at random, and some that are signed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st
from support.keys.pki import NOW, PARTIES, identity

from crypto.keys import Signer
from gateway.directory.chain import next_issue
from gateway.directory.document import write_signed
from gateway.directory.model import (
    AddressBook,
    Entry,
    EntryId,
    Issue,
    ListedCertificate,
    ListedVersion,
    SignedBook,
)

HUB = PARTIES["hub"][0]
DIRECTORY = identity("stranger").signing_key  # a key that serves nothing else in these tests
_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1, max_size=30)
_MOMENTS = st.integers(946_684_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
_DAYS = st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))
_SHA256 = st.binary(min_size=32, max_size=32).map(bytes.hex)


@st.composite
def _certificates(draw: st.DrawFn) -> ListedCertificate:
    usage = draw(st.sampled_from(["signing", "encryption"]))
    who = identity(draw(st.sampled_from(["counsellor", "creditor"])))
    return ListedCertificate(
        usage=usage,
        certificate=(who.signing if usage == "signing" else who.encryption).certificate,
        begins_at=draw(_MOMENTS),
        ends_at=draw(_MOMENTS),
        endorsement=draw(st.none() | st.binary(min_size=1, max_size=600)),
    )


_ENTRIES = st.builds(
    Entry,
    name=_TEXTS,
    party_ids=st.lists(st.builds(EntryId, value=_TEXTS, type=st.none() | _TEXTS), min_size=1, max_size=3).map(tuple),
    roles=st.lists(_TEXTS, min_size=1, max_size=3).map(tuple),
    unit_of=st.none() | st.tuples(_TEXTS, _TEXTS),
    kvk=st.none() | st.from_regex(r"[0-9]{8}", fullmatch=True).filter(str.isascii),
    establishment=st.none() | st.from_regex(r"[0-9]{12}", fullmatch=True).filter(str.isascii),
    access=st.sampled_from(["system", "desk"]),
    collectief=st.booleans(),
    acts_for=st.lists(_TEXTS, max_size=2).map(tuple),
    versions=st.lists(
        st.builds(ListedVersion, module=_TEXTS, version=_TEXTS, begins=_DAYS, ends=_DAYS), max_size=3
    ).map(tuple),
    certificates=st.lists(_certificates(), max_size=3).map(tuple),
)
BOOKS = st.builds(
    AddressBook,
    hub=_TEXTS,
    issue=st.builds(
        Issue,
        serial=st.integers(1, 10**14 - 1),
        issued_at=_MOMENTS,
        valid_until=_MOMENTS,
        before=st.none() | st.tuples(st.integers(1, 10**14 - 1), _SHA256),
    ),
    entries=st.lists(_ENTRIES, max_size=4).map(tuple),
)


def listed(name: str, variant: str = "ordinary", *, usage: str = "signing") -> ListedCertificate:
    """A certificate of the table of test certificates, for the whole of its validity."""
    who = identity(name) if variant == "ordinary" else identity(name, variant)  # type: ignore[arg-type]
    certificate = (who.signing if usage == "signing" else who.encryption).certificate
    return ListedCertificate(
        usage=usage,  # type: ignore[arg-type]
        certificate=certificate,
        begins_at=certificate.not_valid_before_utc,
        ends_at=certificate.not_valid_after_utc,
    )


def entry(who: str, /, *certificates: ListedCertificate, **changed: object) -> Entry:
    """One of the test organisations as the book has it."""
    party, called = PARTIES[who]
    fields: dict[str, object] = {
        "name": called,
        "party_ids": (EntryId(value=party),),
        "roles": ("schuldeiser",) if who == "creditor" else ("shv-fase-2",),
        "versions": (ListedVersion(module="Schuldregeling", version="2.0"),),
        "certificates": certificates or (listed(who), listed(who, usage="encryption")),
    }
    return Entry(**{**fields, **changed})  # type: ignore[arg-type]


def book(
    *entries: Entry, before: SignedBook | None = None, at: datetime = NOW, key: Signer = DIRECTORY, hub: str = HUB
) -> SignedBook:
    """A signed issue with these entries, after that one."""
    return write_signed(next_issue(before, hub, entries, at), key)


LATER = NOW + timedelta(hours=1)
GOOD = book(entry("counsellor"), entry("creditor"))
# What is replaced in the octets of that one, by what, and why it is refused then; not, where there is no reason.
ALTERED = [
    (b"<Collectief>false", b"<Collectief>true", "not what was signed"),
    (b'URI=""', b'URI="#other"', "over something else"),
    (b"xmldsig#enveloped-signature", b"xmldsig#enveloped-signaturf", "no certificate that is known"),
    (b"</ds:Signature>", b"</ds:Signature><Extra></Extra>", "behind the signature"),
    (b"</Deelnemers>", b"</Deelnemers><!-- a comment -->", ""),
    (b"<Adresboek xmlns", b"<!DOCTYPE a []><Adresboek xmlns", "doctype"),
    (b"<ds:Signature xmlns", b"<ds:Signatura xmlns", "cannot be read"),
]

_DAY = timedelta(days=1)
_FIRST = book(entry("counsellor"))
_SECOND = book(entry("counsellor"), entry("creditor"), before=_FIRST, at=LATER)
_FORK = book(entry("creditor"), before=_FIRST, at=LATER)
# An issue, the one that is known, why it does not follow, and whether it contradicts what is known.
NOT_FOLLOWING: dict[str, tuple[SignedBook, SignedBook, str, bool]] = {
    "lower-serial": (_FIRST, _SECOND, "serial 2026030400 is lower than 2026030401", False),
    "same-serial": (_FORK, _SECOND, "another address book with the serial", True),
    "another-before": (
        book(entry("counsellor"), before=_FORK, at=NOW + _DAY),
        _SECOND,
        "is another than the one that is here",
        True,
    ),
    "no-before": (book(entry("counsellor"), at=NOW + _DAY), _SECOND, "not among those before it", True),
    "leaves-one-out": (
        book(entry("counsellor"), before=_FIRST, at=NOW + _DAY),
        _SECOND,
        "not among those before it",
        True,
    ),
}
