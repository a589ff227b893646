"""From settings to parts: keys, certificates and P-Modes read from their files, limits in the words of the rooms."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from crypto.certificates import Certificate, thumbprint_sha256
from crypto.suites import SUITES, Suite
from gateway.digest import digest
from gateway.jobs.address_book import BookGround
from gateway.limits import EdgeLimits, Limits
from gateway.msh.in_force import InForce
from gateway.msh.revocation import Revocation
from gateway.named_file import KEY_OCTETS, FileRefused, read_named
from gateway.passwords import Passwords
from gateway.settings import Settings, SettingsFault, named_in, read_settings
from gateway.whole_file import write_whole
from gateway.wiring.bound_unseen import bound_unseen
from gateway.wiring.certificates import concerns_of, ending_of
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.own_certificates import apart, untimely
from gateway.wiring.own_keys import OwnFiles, read_own_keys
from gateway.wiring.watched_files import look_at
from gateway.written.complaints import ConfigurationFault
from pmodes.change import Change
from pmodes.changes import changes
from pmodes.configuration import Configuration
from pmodes.folder import FolderRead, read_folder, read_folder_again
from pmodes.folder_look import Mark
from pmodes.validity import Concern, Listed
from xsd.catalogue import Catalogue, CatalogueFault, load_catalogue
from xsd.schema_files import SchemaFault

SECRET_OCTETS = 32
_MAKE_KEY = (
    "no such file; put the key there that the other hubs on this database have, or, for the first, make one: head -c 32"
    " /dev/urandom > FILE; chmod 600 FILE"
)
_WITHOUT_KEY = (
    "put it back from a backup, or remove it, and messages that were accepted before are not known as duplicates any"
    " more"
)
_READ_AGAIN = ("keys", "directory")  # sections of the settings that a reload takes over
_SHARED = ("signing", "encryption")  # uses of certificates
_CHANGING = "the files changed while they were read; they are read again when nobody has written for a second"

Looked: TypeAlias = tuple[int, Mapping[str, Mark]]  # just before when, and how the files below the folder lay


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRead:
    """What one reading found, all of one moment; it has no effect before somebody takes it over."""

    settings: Settings
    own: OwnFiles
    folder: FolderRead
    in_force: InForce


class ConfiguredSite:
    """The hub's own keys and the P-Modes of its folder; what is read again is in force when it is taken over.

    `settings_file` is read again for a reload, which takes keys and the section of the address book from it
    and nothing else; where it is not given the keys are read from the places where they were.

    Where settings want the files watched, `as_read` tells how they lay before they were read last, whatever came of
    that. What is read while somebody writes is refused then: it may be the half of a change. `revocation` is what a hub
    that runs knows of its own certificates.
    """

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        *,
        settings_file: Path | None = None,
        suites: Mapping[str, Suite] = SUITES,
    ) -> None:
        self._settings = settings
        self._settings_file = settings_file
        self._catalogue = catalogue
        self._suites = suites
        self.passwords = Passwords()
        self.revocation: Revocation | None = None
        watched = settings.pmodes.watch
        self.as_read = look_at(settings.pmodes.folder, self._named(settings)) if watched else None
        self._now = self._read(settings, None)

    @property
    def own(self) -> OwnFiles:
        """The hub's own keys and certificates."""
        return self._now.own

    @property
    def in_force(self) -> InForce:
        """What an exchange that begins now works with."""
        return self._now.in_force

    @property
    def configuration(self) -> Configuration:
        """The P-Modes in force."""
        return self.in_force.configuration

    def digest(self) -> bytes:
        """Over what all hubs on one database have to work with alike: the files of P-Modes, what is configured of the
        hub, and the certificates of the keys it signs and opens with. What may differ between machines is left out.
        """
        now = self._now
        shared = (each for each in now.own.certificates if each.use in _SHARED)
        own = (digest(each.use, str(each.since), thumbprint_sha256(each.certificate)) for each in shared)
        return digest(now.folder.digest, self._settings.hub.model_dump_json(), *own)

    def address_book_ground(self) -> BookGround | None:
        """What the address book is made of now; None where the settings want none."""
        now = self._now
        key = now.own.directory
        return None if key is None else BookGround(configuration=now.in_force.configuration, key=key)

    def publicly_listed(self) -> Configuration | None:
        """The P-Modes whose organisations anybody may know of; None where the settings do not say so."""
        section = self._now.settings.directory
        return self.configuration if section is not None and section.public else None

    def refuse_untimely(self, at: datetime) -> None:
        """NotStartable if a certificate of the hub's own has ended, or not begun, at that moment (CE-12)."""
        complaints = tuple(untimely(self.own.certificates, at, terms=self.configuration.hub.signing_terms))
        if complaints:
            raise NotStartable(complaints)

    def concerns(self, at: datetime) -> tuple[Concern, ...]:
        """What of the certificates will not do for long, and what of the settings waits for a start."""
        now = self._now
        waiting = (
            Concern(place=name, sentence="the settings file says something else by now; a start takes it over")
            for name in type(self._settings).model_fields
            if name not in _READ_AGAIN and getattr(now.settings, name) != getattr(self._settings, name)
        )
        return (*concerns_of(now.own.certificates, now.in_force.configuration, at, settings=self._settings), *waiting)

    def ending(self, at: datetime) -> tuple[Listed, ...]:
        """The certificates that are told of every day."""
        now = self._now
        return ending_of(now.own.certificates, now.in_force.configuration, at)

    def read_again(self, at: datetime) -> SiteRead:
        """Read keys and P-Modes again, and put nothing of it in force; NotStartable with every complaint.

        A certificate of the hub's own that is not valid at that moment is refused, but not one that it works with
        already: whoever has let that end shall still be able to change a P-Mode. It reads files, and may do so in
        another thread than the one in which exchanges ask what is in force.
        """
        looked_at_nanoseconds = time.time_ns()
        seen = self.as_read = None if self.as_read is None else self.as_read.again()
        try:
            settings = self._settings if self._settings_file is None else read_settings(self._settings_file)
        except SettingsFault as fault:
            raise NotStartable(fault.complaints) from None
        if seen is not None:
            seen = self.as_read = seen.naming(self._named(settings))
        looked = None if seen is None else (looked_at_nanoseconds, seen.below)
        found = self._read(settings, self._now, looked)
        known = {each.certificate for each in self.own.certificates}
        terms = found.in_force.configuration.hub.signing_terms
        complaints = tuple(untimely(found.own.certificates, at, besides=known, terms=terms))
        if not complaints and seen is not None and seen.again() != seen:
            complaints = (_CHANGING,)
        if complaints:
            raise NotStartable(complaints)
        return found

    def changes(self) -> tuple[Change, ...]:
        """What the P-Mode files as they are now would change; NotStartable with what is wrong with them. In a thread,
        as `read_again`.
        """
        return changes(self.configuration, self._folder(self._now.folder).files.configuration)

    def take_over(self, found: SiteRead) -> SiteRead:
        """What was read is in force from now on; answers what was until then."""
        before, self._now = self._now, found
        return before

    def _named(self, settings: Settings) -> Iterator[Path]:
        """The files beside the folder that are read when these settings are read again."""
        if self._settings_file is not None:
            yield self._settings_file
        yield from named_in(settings.model_copy(update={"listen": self._settings.listen}))

    def _read(self, settings: Settings, before: SiteRead | None, looked: Looked | None = None) -> SiteRead:
        """Keys as those settings name them, and the P-Modes; NotStartable with every complaint."""
        complaints: list[str] = []  # of both, before anything is held against each other
        with _collected(complaints):
            named = self._settings.model_copy(update={name: getattr(settings, name) for name in _READ_AGAIN})
            own = read_own_keys(
                named, self.passwords, self._suites, before={} if before is None else before.own.as_read
            )
        with _collected(complaints):
            folder = self._folder(None if before is None else before.folder, looked)
        if not complaints:
            configuration = folder.files.configuration
            complaints += apart(own.certificates, configuration)
            complaints += (f"{self._settings.pmodes.folder}/{each}" for each in bound_unseen(named, configuration))
        if complaints:
            raise NotStartable(tuple(complaints))
        keys = replace(own.keys, terms=configuration.hub.signing_terms, is_revoked=self._own_is_revoked)
        in_force = InForce(configuration=configuration, keys=keys)
        return SiteRead(settings=settings, own=own, folder=folder, in_force=in_force)

    def _own_is_revoked(self, certificate: Certificate, at: datetime) -> bool:
        if self.revocation is None:
            return False
        party = self.configuration.hub.party_id
        return self.revocation.doubt(certificate, at, wanted="off", party=party) is not None

    def _folder(self, before: FolderRead | None, looked: Looked | None = None) -> FolderRead:
        folder, base = self._settings.pmodes.folder, self._settings.hub.base_urn
        at_nanoseconds, marks = looked or (time.time_ns(), None)
        try:
            return read_folder_again(
                folder,
                before,
                at_nanoseconds,
                catalogue=self._catalogue,
                base=base,
                suites=self._suites,
                marks=marks,
            )
        except ConfigurationFault as fault:
            raise NotStartable(tuple(f"{folder}/{each}" for each in fault.complaints)) from None


@contextlib.contextmanager
def _collected(complaints: list[str]) -> Iterator[None]:
    try:
        yield
    except NotStartable as fault:
        complaints += fault.complaints


def read_configuration(settings: Settings) -> tuple[Configuration | None, tuple[str, ...]]:
    """The P-Modes of the settings, or what is wrong with them."""
    base = settings.hub.base_urn
    try:
        catalogue = load_catalogue(settings.modules.folders, base=base)
        return read_folder(settings.pmodes.folder, catalogue=catalogue, base=base), ()
    except ConfigurationFault as fault:
        return None, tuple(map(str, fault.complaints))
    except (CatalogueFault, SchemaFault) as fault:
        return None, (str(fault),)


def message_limits(settings: Settings) -> Limits:
    """What one message may measure."""
    limits = settings.limits
    return Limits(
        soap_octets=limits.soap_bytes,
        document_octets=limits.document_bytes,
        message_octets=limits.message_bytes,
        inflated_octets=limits.inflated_bytes,
        inflation_ratio=limits.inflation_ratio,
        parts=limits.parts,
        retry_after_seconds=limits.retry_after_seconds,
    )


def edge_limits(settings: Settings) -> EdgeLimits:
    """What one connection and one address may take."""
    limits = settings.limits
    return EdgeLimits(
        handshake_seconds=limits.handshake_seconds,
        header_seconds=limits.header_seconds,
        envelope_seconds=limits.envelope_seconds,
        idle_seconds=limits.idle_seconds,
        total_seconds=limits.total_seconds,
        slow_octets_per_second=limits.minimum_bytes_per_second,
        requests_per_second=limits.requests_per_second_per_address,
        unreadable_per_second=limits.unreadable_per_second_per_address,
        unreadable_in_all_per_second=limits.unreadable_per_second,
        stranger_cpu_seconds_per_second=limits.stranger_cpu_fraction_per_address,
        stranger_octets_per_second=limits.stranger_bytes_per_second_per_address,
        log_lines_per_second=limits.refusals_logged_per_second,
        requests_in_progress=limits.requests_in_progress,
        connections=limits.connections,
        connections_per_address=limits.connections_per_address,
        connection_seconds=limits.connection_seconds,
        arriving_octets=limits.arriving_bytes,
        retry_after_seconds=limits.retry_after_seconds,
        trusted_proxies=tuple(settings.listen.trusted_proxies),
        proxy_protocol=settings.listen.proxy_protocol,
        client_certificate_header=settings.listen.client_certificate_header,
        client_certificate_form=settings.listen.client_certificate_form,
    )


def key_fingerprint(secret: bytes) -> bytes:
    """By what a shared database knows the key of its duplicates, which it does not hold."""
    return hashlib.sha256(b"the key of the duplicates" + secret).digest()


def duplicate_key_place(settings: Settings) -> Path:
    """The file of that key."""
    named = None if settings.store is None else settings.store.duplicate_key_file
    return named or settings.data.directory / "duplicate.key"


def duplicate_secret(settings: Settings) -> bytes:
    """The key of the duplicate rows: made once, kept in the data directory for the owner alone, or in the file that the
    settings name, which several hubs share.

    The caller holds the data directory. The file has its name only when its octets are on disk, so a power cut while
    it is made leaves none, and the next start makes it.
    """
    named = None if settings.store is None else settings.store.duplicate_key_file
    path = duplicate_key_place(settings)
    try:
        secret = read_named(path, most_octets=KEY_OCTETS)
    except FileRefused as refused:
        if refused.errno in (errno.EINVAL, errno.EFBIG):  # of what it is, and not of the disk
            raise NotStartable((f"{path}: {refused}; {_WITHOUT_KEY}",)) from None
        if refused.errno != errno.ENOENT:
            raise OSError(refused.errno, os.strerror(refused.errno), str(path)) from None
        if named is not None:
            raise NotStartable((f"store.duplicate_key_file: {named}: {_MAKE_KEY}",)) from None
        secret = secrets.token_bytes(SECRET_OCTETS)
        write_whole(path, secret, is_secret=True)
    if len(secret) != SECRET_OCTETS:
        said = f"holds {len(secret)} octets instead of {SECRET_OCTETS}"
        raise NotStartable((f"{path}: {said}; {_WITHOUT_KEY}",))
    return secret
