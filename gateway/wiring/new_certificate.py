"""Puts the public part of a key in its place: a file beneath the folder of P-Modes, and an entry in its owner's file.

What it would come to is judged first, by the very reading that the hub does: with the new entry the folder has to be
without complaint, so a certificate of another organisation, or one that does not fit its use or suite, is refused
before anything is written. Then the certificate is written, whole, and after it the file that names it: what is cut
short between the two leaves a certificate that nothing names.

SECURITY: the file comes from outside. It is read once, with bounds; what holds a private key is refused whatever else
it holds, and only the certificate that was understood is written, not the octets that came.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Final

from crypto.certificates import (
    Certificate,
    CertificateUsage,
    load_certificates,
    may_encrypt,
    may_sign,
    term_of,
)
from crypto.faults import UnusableCredential
from crypto.keys import holds_private_key
from crypto.pki import certificates_pem
from gateway.named_file import KEY_OCTETS, TEXT_OCTETS, FileRefused, read_named
from gateway.refused import Refused
from gateway.settings import Settings
from gateway.wiring.certificates import concerns_of
from gateway.wiring.gone_certificates import take_out
from gateway.wiring.handed_over import certificate_in, folder_with, refuse_apart
from gateway.wiring.own_certificates import OwnCertificate
from gateway.wiring.own_keys import own_certificates
from gateway.wiring.owners import octets_of, owner_named, place_in_file
from gateway.wiring.pmode_changes import alone_in, put_files
from gateway.written.complaints import KeyPath, dotted
from gateway.written.utf8 import text_of
from gateway.written.yaml_list import Item, item_text, with_item
from pmodes.configuration import Configuration
from pmodes.model import HubParty, Organisation
from pmodes.shapes import MOST_CERTIFICATES
from pmodes.validity import Listed, listed

_FOLDER: Final = "certificates"  # where none lies yet
APART: Final = "with it the hub would complain of its settings"
_KEY: Final = "{} holds a private key and was left as it is; keep it elsewhere, not among the P-Mode files"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCertificate:
    """What was put in its place."""

    owner: Organisation | HubParty
    uses: tuple[CertificateUsage, ...]
    certificate: Certificate
    place: Path
    begins_at: datetime
    ends_at: datetime
    has_key: bool  # whether the settings name its key, for each of its uses; of the hub's own alone
    warnings: tuple[str, ...]  # what is to be said of it, in sentences


def add_certificate(
    settings: Settings,
    party: str,
    file: Path,
    *,
    at: datetime,
    uses: Sequence[CertificateUsage] = (),
    since: date | datetime | None = None,
) -> NewCertificate:
    """Put the certificate in that file in its place for an organisation (`hub` for the hub itself), named by its party
    id or its file; without `uses` for what its key usage says, when that is one of the two. Raises `Refused`.
    """
    certificate = certificate_in(file, at)
    with alone_in(settings.pmodes.folder):
        return _add(settings, party, certificate, file, uses, since, at)


def change_certificates_of_desk(
    settings: Settings,
    unit: str,
    *,
    there: tuple[Certificate, Certificate] | None,
    gone: Collection[Certificate] = (),
    alone: bool = False,
    at: datetime,
) -> None:
    """Put the certificates of a set of keys that was made at a desk in their place (`there`: for signing, for
    encryption), and then take those out that are `gone`, or where the set is to stand `alone` all others. What stands
    there already stays, so that a command that was cut short can be given again. Raises `Refused`.
    """
    uses: tuple[CertificateUsage, ...] = ("signing", "encryption")
    with alone_in(settings.pmodes.folder):
        for certificate, use in zip(there or (), uses, strict=False):
            owner = _unit_named(settings, unit)
            listed_there = owner.signing_certificates if use == "signing" else owner.encryption_certificates
            if certificate not in listed_there:
                _add(settings, unit, certificate, Path("the certificate"), (use,), None, at)
        if alone:
            owner = _unit_named(settings, unit)
            gone = {*gone, *owner.signing_certificates, *owner.encryption_certificates}.difference(there or ())
        if gone:
            take_out(settings, unit, gone, at)


def _unit_named(settings: Settings, unit: str) -> Organisation:
    owner = owner_named(folder_with(settings, {}, "the P-Mode files have faults already"), unit)
    if isinstance(owner, HubParty):
        raise Refused("these are keys of a desk, and the party is the hub", "refuse the request")
    return owner


def _add(
    settings: Settings,
    party: str,
    certificate: Certificate,
    file: Path,
    uses: Sequence[CertificateUsage],
    since: date | datetime | None,
    at: datetime,
) -> NewCertificate:
    folder = settings.pmodes.folder
    before = folder_with(settings, {}, "the P-Mode files have faults already")
    owner = owner_named(before, party)
    wanted = tuple(dict.fromkeys(uses)) or (_use_of(certificate),)
    own, _ = own_certificates(settings)
    if isinstance(owner, HubParty) and "encryption" in wanted:
        _refuse_without_key(certificate, own)
    entry = entry_of(folder, before, owner, certificate, wanted, since=since, file=file)
    after = folder_with(settings, entry.files, "with it the P-Mode files would have faults")
    refuse_apart(settings, after, APART, at=at)
    put_files(folder, entry.files, read=entry.read, if_taken="give the command again")
    now = owner_named(after, party)
    term = term_of(certificate, now.signing_terms if wanted[0] == "signing" else now.encryption_terms)
    return NewCertificate(
        owner=now,
        uses=wanted,
        certificate=certificate,
        place=folder / entry.name,
        begins_at=term.begins_at,
        ends_at=term.ends_at,
        has_key=all(_named_for(certificate, use, own) for use in wanted),
        warnings=(*_warnings(settings, own, after, now, certificate, at), *(_KEY.format(each) for each in entry.keys)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateEntry:
    """A certificate in its owner's file, as it would be written; `keys` are files with a private key that have the
    names before that of the certificate.
    """

    name: str
    files: Mapping[str, bytes]
    read: Mapping[str, bytes]
    keys: tuple[Path, ...]


def entry_of(
    folder: Path,
    before: Configuration,
    owner: Organisation | HubParty,
    certificate: Certificate,
    uses: Sequence[CertificateUsage],
    *,
    since: date | datetime | None,
    file: Path,
) -> CertificateEntry:
    """The files with that certificate in its place, of which nothing is written; raises `Refused`."""
    _refuse_known(certificate, owner, uses, listed(before))
    name, keys = _free_name(folder, owner, uses, certificate)
    item: Item = name if since is None else {"file": name, "from": since.isoformat().replace("+00:00", "Z")}
    octets = read_named(folder / owner.file, most_octets=TEXT_OCTETS, beneath=folder)
    text = text_of(octets)
    for use in uses:
        path: KeyPath = (*place_in_file(owner), "certificates", use)
        changed = with_item(text, path, item)
        if changed is None:
            said = f"{owner.file} is written in a way that this command does not change"
            raise Refused(said, f"put {file} at {folder / name} and add under {dotted(path)}: {item_text(item)}")
        text = changed
    # What lies there is the same certificate: it stays as it is, in whatever form that is.
    pem = {} if os.path.lexists(folder / name) else {name: certificates_pem(certificate)}
    files = {**pem, owner.file: octets_of(text, octets)}
    return CertificateEntry(name=name, files=files, read={owner.file: octets}, keys=keys)


def _named_for(certificate: Certificate, use: CertificateUsage, own: Sequence[OwnCertificate]) -> bool:
    return any(each.use == use and each.certificate == certificate for each in own)


def _refuse_without_key(certificate: Certificate, own: Sequence[OwnCertificate]) -> None:
    """Participants would encrypt to it, so the hub opens with its key before anybody is told of it."""
    if not _named_for(certificate, "encryption", own):
        raise Refused(
            "the settings do not name the key of this certificate, and nothing that is encrypted to it could be opened",
            "name key and certificate under [[keys.decryption]] first, then give the command again",
        )


def _warnings(
    settings: Settings,
    own: Sequence[OwnCertificate],
    after: Configuration,
    owner: Organisation | HubParty,
    certificate: Certificate,
    at: datetime,
) -> tuple[str, ...]:
    """What `pmode check` says of the entries that name it now."""
    places = {each.place for each in listed(after) if each.party == owner.party_id and each.certificate == certificate}
    return tuple(str(each) for each in concerns_of(own, after, at, settings=settings) if each.place in places)


def _use_of(certificate: Certificate) -> CertificateUsage:
    able: list[CertificateUsage] = []
    if may_sign(certificate):
        able.append("signing")
    if may_encrypt(certificate):
        able.append("encryption")
    if len(able) != 1:
        said = "either" if able else "neither"
        raise Refused(
            f"the key usage of the certificate allows {said} of signing and encryption",
            "say --use signing, --use encryption or both" if able else "ask for one that does",
        )
    return able[0]


def _refuse_known(
    certificate: Certificate,
    owner: Organisation | HubParty,
    uses: Sequence[CertificateUsage],
    known: Sequence[Listed],
) -> None:
    for each in known:
        if each.certificate == certificate and each.party != owner.party_id:
            raise Refused(f"the certificate is that of {each.owner}, at {each.place}", "name one of this organisation")
        if each.certificate == certificate and each.use in uses:
            raise Refused(f"the certificate stands there already, at {each.place}", "there is nothing to do")
    for use in uses:
        if sum(each.party == owner.party_id and each.use == use for each in known) >= MOST_CERTIFICATES:
            said = f"{owner.file} lists {MOST_CERTIFICATES} certificates for {use} already, and may have no more"
            raise Refused(said, "take out the oldest of them, then give the command again")


def _free_name(
    folder: Path, owner: Organisation | HubParty, uses: Sequence[CertificateUsage], certificate: Certificate
) -> tuple[str, tuple[Path, ...]]:
    """A name that tells whose it is and for what, beneath the folder; one that nothing else has. And the files that
    hold a private key and have the names before it.
    """
    unit = f"-{owner.name.lower()}" if place_in_file(owner) else ""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{owner.file.removesuffix('.yaml')}{unit}").strip("-") or "organisation"
    use = f"-{uses[0]}" if len(uses) == 1 else ""
    keys: list[Path] = []
    for number in count(1):
        place = posixpath.join(_FOLDER, f"{stem}{use}{f'-{number}' if number > 1 else ''}.pem")
        if not os.path.lexists(folder / place):
            return place, tuple(keys)
        octets = _there(folder, place)
        if holds_private_key(octets):
            keys.append(folder / place)
        elif _is_of(octets, certificate):
            return place, tuple(keys)
    raise AssertionError("numbers do not end")


def _there(folder: Path, name: str) -> bytes:
    """What lies there, where that can be read as a file of the folder."""
    try:
        return read_named(folder / name, most_octets=KEY_OCTETS, beneath=folder)
    except FileRefused:
        return b""


def _is_of(octets: bytes, certificate: Certificate) -> bool:
    try:
        return load_certificates(octets) == (certificate,)
    except UnusableCredential:
        return False
