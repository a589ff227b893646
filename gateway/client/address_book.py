"""The address book as a participant keeps it: the signed file, and which certificates of whom are known.

    FOLDER/state/address-book/adresboek.xml   the newest issue that was taken, as the hub signed it
    FOLDER/state/address-book/known.json      the certificates by party that were taken, unasked or by a person's word

What is known is written before the issue that it was learnt from: a crash in between costs a repetition. The signature
is verified each time that the file is read. `senders` of participant.yaml go before it: they are known whatever it
says. Whoever changes what lies there holds a lock meanwhile, for what is known is read, added to and written.

SECURITY: what is relied on is what stands in the issue and is known, so a certificate that the hub withdraws counts no
more, and one that it invents does not count yet.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from binascii import a2b_base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from crypto.certificates import Certificate, CertificateUsage, der, load_certificates
from crypto.elements import base64_text
from crypto.faults import UnusableCredential
from crypto.paths import PathPolicy, judge_certificate
from gateway.client.participant import Participant
from gateway.directory.document import BOOK_LIMITS, BookFault, SignedByAnother, read_signed, read_unverified
from gateway.directory.model import AddressBook, SignedBook
from gateway.directory.trust import NOTHING, USAGES, Known, KnownCertificates, Vouched, signers
from gateway.named_file import FileRefused, read_named
from gateway.whole_file import write_whole

BOOK_FILE: Final = "adresboek.xml"
KNOWN_FILE: Final = "known.json"
LOCK_FILE: Final = "lock"
FETCH: Final = "`knooppunt directory fetch`"
FETCH_ANEW: Final = "`knooppunt directory fetch --anew`"
NAMES_NO_KEY: Final = "participant.yaml names no certificate of the address book"
NAME_THE_KEY: Final = "ask the hub's operator for the certificate of the directory key, and name it as `hub.directory`"
_LOOK_AT_SETTING: Final = f"look at `hub.directory` in participant.yaml, and fetch the address book again, by {FETCH}"
_ANEW: Final = f"{FETCH_ANEW} takes the one of now in its place"
_KNOWN_ANEW: Final = (
    f"{FETCH_ANEW} learns them from the address book of now: compare their fingerprints then with"
    " what those say themselves on whom you rely"
)


class KeptBookFault(Exception):
    """What is kept cannot be used; the text says why, and what to do, and has both apart.

    `is_damage` is of octets that are not what was written there: `anew` takes the next in their place. `errno` is the
    system's number where the file itself cannot be read, else 0. `is_unnamed`: nothing is said of what is kept, for
    participant.yaml names no certificate by which to judge it.
    """

    def __init__(
        self, sentence: str, remedy: str, *, is_damage: bool = False, is_unnamed: bool = False, errno: int = 0
    ) -> None:
        super().__init__("; ".join(filter(None, (sentence, remedy))))
        self.sentence = sentence
        self.remedy = remedy
        self.is_damage = is_damage
        self.is_unnamed = is_unnamed
        self.errno = errno


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBook:
    """What a participant has: the issue, None before the first, and what is known."""

    signed: SignedBook | None = None
    known: Known = field(default_factory=dict)

    @property
    def book(self) -> AddressBook | None:
        """The issue."""
        return None if self.signed is None else self.signed.book


def load_kept(folder: Path, participant: Participant) -> KeptBook:
    """What lies in the folder; raises `KeptBookFault`. What participant.yaml lists as `senders` is known besides."""
    known = _with_own(_known(folder), participant)
    return KeptBook(signed=_signed(folder, participant), known=known)


def load_for_next(folder: Path, participant: Participant, *, anew: bool = False) -> KeptBook:
    """The same for whoever takes the next issue. One that no certificate of `hub.directory` signed, because that was
    changed since, still says what the next has to follow on; nobody relies on it. With `anew` what cannot be used is
    left aside, and who is known only where that was damaged.
    """
    try:
        known = _with_own(_known(folder), participant)
    except KeptBookFault as fault:
        if not (anew and fault.is_damage):
            raise
        known = _with_own({}, participant)
    try:
        return KeptBook(signed=_of_next(folder, participant), known=known)
    except KeptBookFault:
        if not anew:
            raise
        return KeptBook(known=known)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else changes what lies in the folder meanwhile; waits for whoever does. Raises `OSError`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def keep(folder: Path, kept: KeptBook, participant: Participant) -> None:
    """Write it down, durably; raises `OSError`. What is known by `senders` of
    participant.yaml alone is not written: it counts while it stands there.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    before: Known = {}
    with suppress(KeptBookFault):  # then it is what takes the place of something damaged
        before = _known(folder)
    learnt = _without_own(kept.known, before, participant)
    written = {
        party: {usage: [base64_text(der(each)) for each in known.of(usage)] for usage in USAGES}
        for party, known in sorted(learnt.items())
    }
    write_whole(folder / KNOWN_FILE, json.dumps(written, indent=1).encode("ascii"), is_secret=True)
    if kept.signed is not None:
        write_whole(folder / BOOK_FILE, kept.signed.octets, is_secret=True)


def with_address_book(participant: Participant, kept: KeptBook) -> Participant:
    """The participant that relies on the signing certificates of the book besides its own entries."""
    if kept.signed is None or kept.signed.verified_by is None:
        return participant
    senders = dict(participant.senders)
    for party, certificates in signers(kept.signed.book, kept.known).items():
        own = senders.get(party, ())
        if more := tuple(each for each in certificates if each not in own):
            senders[party] = (*own, *more)
    return replace(participant, senders=senders)


def vouched_by(participant: Participant, at: datetime) -> Vouched:
    """Whether a root that the participant chose issued a certificate for that very party; a root says nothing of
    business units, which have no OIN of their own.
    """

    def vouched(certificate: Certificate, party: str, usage: CertificateUsage) -> bool:
        if not participant.roots or ":" in party:
            return False
        policy = PathPolicy(
            roots=participant.roots,
            intermediates=participant.intermediates,
            at=at,
            use=usage,
            serial_number=party,
            judges_end=False,  # that of tomorrow has not begun, and its days are in the book
        )
        return judge_certificate(certificate, policy).holds

    return vouched


def _signed(folder: Path, participant: Participant) -> SignedBook | None:
    path = folder / BOOK_FILE
    octets = _octets(path)
    if octets is None:
        return None
    if not participant.hub_directory:
        raise KeptBookFault(NAMES_NO_KEY, NAME_THE_KEY, is_unnamed=True)
    try:
        return read_signed(octets, participant.hub_directory)
    except SignedByAnother as fault:
        raise KeptBookFault(f"{path}: {fault}", _LOOK_AT_SETTING) from None
    except BookFault as fault:
        raise KeptBookFault(f"{path} is not what was written there: {fault}", _ANEW, is_damage=True) from None


def _of_next(folder: Path, participant: Participant) -> SignedBook | None:
    """The same, or one that another certificate signed, as its own octets have it."""
    try:
        return _signed(folder, participant)
    except KeptBookFault as fault:
        octets = None if fault.is_damage or fault.errno else _octets(folder / BOOK_FILE)
        if octets is None:
            raise
    try:
        return read_unverified(octets)
    except BookFault as fault:
        said = f"{folder / BOOK_FILE} is not what was written there: {fault}"
        raise KeptBookFault(said, _ANEW, is_damage=True) from None


def _octets(path: Path) -> bytes | None:
    """What lies there; None where nothing does."""
    try:
        return read_named(path, most_octets=BOOK_LIMITS.octets)
    except FileRefused as fault:
        if fault.errno == errno.ENOENT:
            return None
        raise KeptBookFault(f"{path}: {fault}", fault.remedy, errno=fault.errno) from None


def _known(folder: Path) -> dict[str, KnownCertificates]:
    path = folder / KNOWN_FILE
    octets = _octets(path)
    if octets is None:
        return {}
    with suppress(UnusableCredential, ValueError, TypeError, AttributeError, KeyError):
        written: Mapping[str, Any] = json.loads(octets)
        return {
            party: KnownCertificates(**{usage: tuple(map(_certificate, known[usage])) for usage in USAGES})
            for party, known in written.items()
        }
    raise KeptBookFault(
        f"{path}, which has whose certificates are known, is not what was written there", _KNOWN_ANEW, is_damage=True
    )


def _certificate(written: str) -> Certificate:
    (certificate,) = load_certificates(a2b_base64(written, strict_mode=True))
    return certificate


def _without_own(known: Known, before: Known, participant: Participant) -> Known:
    """What is known without what participant.yaml alone says; `before` is what was written."""
    learnt = {
        party: replace(
            those,
            signing=tuple(
                each
                for each in those.signing
                if each not in participant.senders.get(party, ()) or each in before.get(party, NOTHING).signing
            ),
        )
        for party, those in known.items()
    }
    return {party: those for party, those in learnt.items() if those != NOTHING}


def _with_own(known: dict[str, KnownCertificates], participant: Participant) -> Known:
    for party, certificates in participant.senders.items():
        for each in certificates:
            of_party = known.get(party, NOTHING)
            if each not in of_party.signing:
                known[party] = of_party.with_one("signing", each)
    return known
