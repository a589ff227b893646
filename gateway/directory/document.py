"""The address book as a document: written in canonical form, signed, and read again.

`adresboek.xsd` beside this file describes what is signed; the names are Dutch, as in the messages. The signature is the
last child of the root (`crypto.enveloped`).

SECURITY: `read_signed` reads what was signed and nothing else: the octets that the signature covers are parsed anew and
held against the schema before a value is taken out of them. `read_unverified` is for a hub's own file on its own disk.
"""

from __future__ import annotations

import hashlib
import threading
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final, TypeAlias

from lxml import etree

from crypto import names
from crypto.certificates import Certificate, CertificateUsage, der, load_certificates
from crypto.elements import Element, base64_of, base64_text
from crypto.endorsements import MOST_OCTETS
from crypto.enveloped import sign_enveloped, verify_canonical, verify_enveloped
from crypto.faults import PolicyNoncompliance, SecurityFault, UnknownSigner, UnusableCredential
from crypto.keys import Signer
from crypto.markup import attribute, text
from gateway.directory.model import (
    AddressBook,
    Entry,
    EntryAccess,
    EntryId,
    Issue,
    ListedCertificate,
    ListedVersion,
    SignedBook,
)
from gateway.limits import KIB, MIB, DocumentLimits
from xsd.document import DocumentFault, parse_document, text_of

NAMESPACE: Final = "urn:knooppunt:adresboek:1"
MEDIA_TYPE: Final = "application/xml"
# Ten thousand parties with four certificates each come to some 60 MiB. Texts are bounded by the schema and the reader;
# here so loosely that no certificate is looked at twice.
BOOK_LIMITS: Final = DocumentLimits(
    octets=128 * MIB,
    depth=16,
    elements=4_000_000,
    attributes=8,
    attributes_in_all=1_000_000,
    namespaces=64,
    ids=1_000_000,
    references=1_000_000,
    text_octets=MIB,
)
_SIGNATURE_BEGINS: Final = b"<ds:Signature "
_SIGNATURE_ENDS: Final = b"</ds:Signature>"
_ENTRIES_BEGIN: Final = b"<Deelnemers>"
_ENTRIES_END: Final = b"</Deelnemers>"
_ROOT_ENDS: Final = b"</Adresboek>"
_MOST_SIGNATURE_OCTETS: Final = 64 * KIB
_COPIED_AT_ONCE: Final = 256 * KIB
_MOST_CERTIFICATE_CHARACTERS: Final = 24 * KIB
_USAGES: Final[dict[CertificateUsage, str]] = {"signing": "ondertekening", "encryption": "versleuteling"}
_ACCESS: Final[dict[EntryAccess, str]] = {"system": "systeem", "desk": "portaal"}
_USAGES_READ: Final = {written: usage for usage, written in _USAGES.items()}
_ACCESS_READ: Final = {written: access for access, written in _ACCESS.items()}
_TRUTH: Final = {True: "true", False: "false"}
_ANY: Final = f"{{{NAMESPACE}}}*"
_PREFIX: Final = len(NAMESPACE) + 2  # of a name as lxml has it


class BookFault(Exception):
    """The document is no address book that counts; the text says why, and names no value of it."""


class SignedByAnother(BookFault):
    """None of the certificates that were given made its signature: it is another's, or they are not the hub's."""


def write_signed(book: AddressBook, key: Signer, before: SignedBook | None = None) -> SignedBook:
    """The signed octets of an issue; UnusableCredential where a key of this kind signs no documents, ValueError for a
    value that XML cannot hold. An entry that is the very one of the issue `before` is copied out of the octets of that.
    """
    written, old = _written_before(before), b"" if before is None else before.octets
    parts: list[bytes | slice] = [_head(book).encode("utf-8")]
    at, places = _length(parts[0]), array("Q")
    for entry in book.entries:
        part = written.get(id(entry)) or "".join(_written_entry(entry)).encode("utf-8")
        places.append(at)
        at += _length(part)
        last = parts[-1]
        if isinstance(part, slice) and isinstance(last, slice) and last.stop == part.start:
            parts[-1] = slice(last.start, part.stop)  # what stayed together is copied together
        else:
            parts.append(part)
    places.append(at)
    pieces = (piece for each in parts for piece in (_pieces(old, each) if isinstance(each, slice) else (each,)))
    octets = sign_enveloped((*pieces, _ENTRIES_END, _ROOT_ENDS), key)
    return SignedBook(book=book, octets=octets, sha256=hashlib.sha256(octets).hexdigest(), places=places)


def read_signed(octets: bytes, certificates: Sequence[Certificate]) -> SignedBook:
    """The issue that one of these certificates signed; raises `BookFault`. Whether it may be relied on now, and beside
    the one before it, is `gateway.directory.chain`'s to say.
    """
    content, certificate = _as_written(octets, certificates) or _verified(octets, certificates)
    return SignedBook(
        book=_read(content), octets=octets, sha256=hashlib.sha256(octets).hexdigest(), verified_by=certificate
    )


def read_own(octets: bytes, certificate: Certificate, entries: Sequence[Entry]) -> SignedBook:
    """What `read_signed` answers, for the hub that wrote the issue: one that has these very entries is known by its
    octets, and of it nothing but the head is read, however large it is.
    """
    return _known_by_octets(octets, certificate, entries) or read_signed(octets, (certificate,))


def read_unverified(octets: bytes) -> SignedBook:
    """The issue in a document whose signature nobody asks about; raises `BookFault`."""
    try:
        root = parse_document(octets, limits=BOOK_LIMITS)
    except DocumentFault as fault:
        raise BookFault(f"it cannot be read ({fault.code})") from None
    for signature in list(root.iterchildren(names.SIGNATURE)):
        root.remove(signature)
    return SignedBook(book=_book(root), octets=octets, sha256=hashlib.sha256(octets).hexdigest())


# --- writing ------------------------------------------------------------------------------------------------------


def _known_by_octets(octets: bytes, certificate: Certificate, entries: Sequence[Entry]) -> SignedBook | None:
    """The issue, if these are its entries as they would be written now."""
    found = _as_written(octets, (certificate,))
    if found is None:
        return None
    head, begins, _ = found[0].partition(_ENTRIES_BEGIN)
    places = _places(found[0], len(head) + len(begins), entries)
    if places is None:
        return None
    book = replace(_read(head + begins + _ENTRIES_END + _ROOT_ENDS), entries=tuple(entries))
    sha256 = hashlib.sha256(octets).hexdigest()
    return SignedBook(book=book, octets=octets, sha256=sha256, verified_by=certificate, places=places)


def _places(content: bytes, at: int, entries: Sequence[Entry]) -> Sequence[int] | None:
    """Where each of these stands in what was signed, and where the last ends, if nothing but them stands from there."""
    places = array("Q")
    for entry in entries:
        try:
            part = "".join(_written_entry(entry)).encode("utf-8")
        except ValueError:  # what XML cannot hold
            return None
        if not content.startswith(part, at):
            return None
        places.append(at)
        at += len(part)
    places.append(at)
    return places if content[at:] == _ENTRIES_END + _ROOT_ENDS else None


def _pieces(octets: bytes, part: slice) -> Iterator[bytes]:
    """Copies of that part, one after the other: no other thread runs while one is made."""
    for begins in range(part.start, part.stop, _COPIED_AT_ONCE):
        yield octets[begins : min(begins + _COPIED_AT_ONCE, part.stop)]


def _length(part: bytes | slice) -> int:
    return part.stop - part.start if isinstance(part, slice) else len(part)


def _written_before(before: SignedBook | None) -> Mapping[int, slice]:
    """Where in the octets of an issue each of its entries stands, by its identity."""
    if before is None:
        return {}
    return {id(entry): slice(*ends) for entry, ends in zip(before.book.entries, pairwise(before.places), strict=False)}


def _head(book: AddressBook) -> str:
    issue = book.issue
    head = (
        f'<Adresboek xmlns="{NAMESPACE}">{_element("Knooppunt", book.hub)}{_element("Volgnummer", str(issue.serial))}'
    )
    head += f"{_element('Uitgegeven', _moment(issue.issued_at))}{_element('GeldigTot', _moment(issue.valid_until))}"
    if issue.before is not None:
        serial, sha256 = issue.before
        head += f"<Vorige>{_element('Volgnummer', str(serial))}{_element('Sha256', sha256)}</Vorige>"
    return f"{head}<Deelnemers>"


def _written_entry(entry: Entry) -> Iterator[str]:
    yield f"<Deelnemer>{_element('Naam', entry.name)}"
    for each in entry.party_ids:
        kind = "" if each.type is None else f' Soort="{attribute(each.type)}"'
        yield f"<PartijId{kind}>{text(each.value)}</PartijId>"
    if entry.unit_of is not None:
        name, party = entry.unit_of
        yield f"<EenheidVan>{_element('Naam', name)}{_element('PartijId', party)}</EenheidVan>"
    yield _optional("KvKNummer", entry.kvk) + _optional("Vestigingsnummer", entry.establishment)
    yield from (_element("Rol", each) for each in entry.roles)
    yield _element("Toegang", _ACCESS[entry.access]) + _element("Collectief", _TRUTH[entry.collectief])
    yield from (_element("TreedtOpVoor", each) for each in entry.acts_for)
    yield from map(_written_version, entry.versions)
    for listed in entry.certificates:
        yield f"<Certificaat>{_element('Gebruik', _USAGES[listed.usage])}"
        yield _element("Vanaf", _moment(listed.begins_at)) + _element("Tot", _moment(listed.ends_at))
        yield _element("X509", base64_text(der(listed.certificate)))
        yield _optional("Instemming", None if listed.endorsement is None else base64_text(listed.endorsement))
        yield "</Certificaat>"
    yield "</Deelnemer>"


@lru_cache(maxsize=1024)  # thousands of entries have the same
def _written_version(version: ListedVersion) -> str:
    named = f"<Module>{_element('Naam', version.module)}{_element('Versie', version.version)}"
    return f"{named}{_optional('Vanaf', _day(version.begins))}{_optional('TotEnMet', _day(version.ends))}</Module>"


def _element(name: str, value: str) -> str:
    return f"<{name}>{text(value)}</{name}>"


def _optional(name: str, value: str | None) -> str:
    return "" if value is None else _element(name, value)


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


# --- reading ------------------------------------------------------------------------------------------------------


def _verified(octets: bytes, certificates: Sequence[Certificate]) -> tuple[bytes, Certificate]:
    """What one of these certificates signed, and which one, however the document is written; raises `BookFault`."""
    try:
        return verify_enveloped(parse_document(octets, limits=BOOK_LIMITS), certificates)
    except DocumentFault as fault:
        raise BookFault(f"it cannot be read ({fault.code})") from None
    except SecurityFault as fault:
        refused = SignedByAnother if isinstance(fault, UnknownSigner) else BookFault
        raise refused(f"its signature does not hold: {fault.detail}") from None


def _as_written(octets: bytes, certificates: Sequence[Certificate]) -> tuple[bytes, Certificate] | None:
    """The same of a document in the very octets that were signed, as hubs write it: the tree of a large one, which is
    ten times as large, is not made for that. None where it is not so, and `_verified` says what is wrong.
    """
    begins, ends = octets.rfind(_SIGNATURE_BEGINS), len(octets) - len(_ROOT_ENDS)
    if begins < 0 or ends - begins > _MOST_SIGNATURE_OCTETS or len(octets) > BOOK_LIMITS.octets:
        return None
    if not octets.endswith(_SIGNATURE_ENDS + _ROOT_ENDS):  # so nothing stands behind the signature
        return None
    content = octets[:begins] + _ROOT_ENDS
    with suppress(DocumentFault, SecurityFault):
        signature = parse_document(octets[begins:ends], limits=BOOK_LIMITS)
        if signature.tag == names.SIGNATURE:
            return content, verify_canonical(signature, content, certificates)
    return None


class _OfThisThread(threading.local):
    """The compiled schema: lxml keeps the errors of the last validation in it."""

    def __init__(self) -> None:
        self.schema = etree.XMLSchema(
            etree.fromstring(files("gateway.directory").joinpath("adresboek.xsd").read_bytes())
        )


_of_this_thread: Final = cache(_OfThisThread)


def _read(content: bytes) -> AddressBook:
    """What stands in signed octets."""
    try:
        return _book(parse_document(content, limits=BOOK_LIMITS))
    except DocumentFault as fault:
        raise BookFault(f"what was signed cannot be read ({fault.code})") from None


def _book(root: Element) -> AddressBook:
    if not _of_this_thread().schema.validate(root):
        raise BookFault("it is not written as an address book is")
    try:
        said = _by_name(root)
        before = said.get("Vorige")
        of_before = {} if before is None else _by_name(before[0])
        return AddressBook(
            hub=_value(said, "Knooppunt"),
            issue=Issue(
                serial=int(_value(said, "Volgnummer")),
                issued_at=datetime.fromisoformat(_value(said, "Uitgegeven")),
                valid_until=datetime.fromisoformat(_value(said, "GeldigTot")),
                before=(int(_value(of_before, "Volgnummer")), _value(of_before, "Sha256")) if of_before else None,
            ),
            entries=tuple(map(_entry, _by_name(said["Deelnemers"][0]).get("Deelnemer", ()))),
        )
    except (KeyError, ValueError, UnusableCredential, SecurityFault):
        raise BookFault("it holds a value that cannot be: a day, a moment or a certificate") from None


_Said: TypeAlias = Mapping[str, Sequence[Element]]


def _by_name(element: Element) -> _Said:
    """The elements in it by name; a large book has a million, so each is come across once."""
    found: dict[str, list[Element]] = {}
    for each in element.iterchildren(_ANY):
        found.setdefault(each.tag[_PREFIX:], []).append(each)
    return found


def _entry(element: Element) -> Entry:
    said = _by_name(element)
    unit_of = said.get("EenheidVan")
    of_unit = {} if unit_of is None else _by_name(unit_of[0])
    return Entry(
        name=_value(said, "Naam"),
        party_ids=tuple(EntryId(value=text_of(each), type=each.get("Soort")) for each in said["PartijId"]),
        roles=_values(said, "Rol"),
        unit_of=(_value(of_unit, "Naam"), _value(of_unit, "PartijId")) if of_unit else None,
        kvk=_maybe(said, "KvKNummer"),
        establishment=_maybe(said, "Vestigingsnummer"),
        access=_ACCESS_READ[_value(said, "Toegang")],
        collectief=_value(said, "Collectief") == _TRUTH[True],
        acts_for=_values(said, "TreedtOpVoor"),
        versions=tuple(
            _version(tuple([(each.tag, text_of(each)) for each in one.iterchildren(_ANY)]))
            for one in said.get("Module", ())
        ),
        certificates=tuple(map(_certificate, said.get("Certificaat", ()))),
    )


@lru_cache(maxsize=1024)  # thousands of entries have the same
def _version(said: tuple[tuple[str, str], ...]) -> ListedVersion:
    values = {tag[_PREFIX:]: value for tag, value in said}
    begins, ends = values.get("Vanaf"), values.get("TotEnMet")
    return ListedVersion(
        module=values["Naam"],
        version=values["Versie"],
        begins=None if begins is None else date.fromisoformat(begins),
        ends=None if ends is None else date.fromisoformat(ends),
    )


def _certificate(element: Element) -> ListedCertificate:
    said = _by_name(element)
    (certificate,) = load_certificates(_octets(said["X509"][0], _MOST_CERTIFICATE_CHARACTERS))
    endorsement = said.get("Instemming")
    return ListedCertificate(
        usage=_USAGES_READ[_value(said, "Gebruik")],
        certificate=certificate,
        begins_at=datetime.fromisoformat(_value(said, "Vanaf")),
        ends_at=datetime.fromisoformat(_value(said, "Tot")),
        endorsement=None if endorsement is None else _octets(endorsement[0], 2 * MOST_OCTETS),
    )


def _octets(element: Element, limit: int) -> bytes:
    return base64_of(element, limit=limit, otherwise=PolicyNoncompliance)


def _value(said: _Said, name: str) -> str:
    return text_of(said[name][0])


def _maybe(said: _Said, name: str) -> str | None:
    return _value(said, name) if name in said else None


def _values(said: _Said, name: str) -> tuple[str, ...]:
    return tuple(map(text_of, said.get(name, ())))
