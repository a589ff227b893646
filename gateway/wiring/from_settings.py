"""From settings to parts: keys, certificates and P-Modes read from their files, limits in the words of the rooms."""

from __future__ import annotations

import os
import secrets
import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from crypto.certificates import Certificate, load_certificates
from crypto.faults import UnusableCredential
from crypto.keys import DecryptionKey, SigningKey, load_private_key
from gateway.edge.limits import EdgeLimits
from gateway.edge.tls import TlsFiles, tls_context
from gateway.msh.hub import Limits
from gateway.settings import Settings
from gateway.sqlite import flush_folder
from gateway.store.data_directory import FreeSpaceMarks
from gateway.store.sqlite_store import SqliteStore
from gateway.wiring.new_store import has_store, refuse_new_store
from gateway.wiring.not_startable import NotStartable
from pmodes.complaints import ConfigurationFault
from pmodes.configuration import Configuration
from pmodes.folder import read_folder
from pmodes.model import HubParty
from xsd.catalogue import Catalogue

SECRET_OCTETS = 32


class ConfiguredSite:
    """The hub's own keys and the P-Modes of its folder; a reload that fails leaves what was there in force."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self._settings = settings
        self._catalogue = catalogue
        keys = settings.keys
        self.signing_key = SigningKey(
            private_key=_private_key(keys.signing_key, keys.signing_password_env),
            certificate=_certificate(keys.signing_certificate),
        )
        self.decryption_keys = tuple(
            DecryptionKey(
                private_key=_private_key(each.key, each.password_env),
                certificate=_certificate(each.certificate),
            )
            for each in keys.decryption
        )
        self.configuration = self._read()

    def _check_keys(self, hub: HubParty) -> None:
        """Participants verify and encrypt with the certificates of hub.yaml, so the keys must be those of theirs."""
        complaints = []
        if self.signing_key.certificate not in hub.signing_certificates:
            complaints.append("keys.signing_certificate: hub.yaml does not list it under certificates.signing")
        held = {each.certificate for each in self.decryption_keys}
        if not set(hub.encryption_certificates) <= held:
            complaints.append("keys.decryption: lacks the key of a certificate that hub.yaml lists for encryption")
        if complaints:
            raise NotStartable(tuple(complaints))

    def reload(self) -> tuple[str, ...]:
        """Read the P-Modes again; returns the complaints, after which the old ones stay in force.

        It reads files, and may do so in another thread than the one in which exchanges ask for the configuration.
        """
        try:
            self.configuration = self._read()
        except NotStartable as fault:
            return fault.complaints
        return ()

    def _read(self) -> Configuration:
        folder = self._settings.pmodes.folder
        try:
            found = read_folder(folder, catalogue=self._catalogue, base=self._settings.hub.base_urn)
        except ConfigurationFault as fault:
            raise NotStartable(tuple(f"{folder}/{each}" for each in fault.complaints)) from None
        self._check_keys(found.hub)
        return found


async def open_store(settings: Settings, *, at: datetime, on_failure: Callable[[BaseException], None]) -> SqliteStore:
    """The store in the data directory of the settings; made only where the settings say so."""
    data = settings.data
    if not has_store(data.directory):
        refuse_new_store(data.directory, wanted=data.create)
    return await SqliteStore.open(
        data.directory,
        at=at,
        marks=FreeSpaceMarks(large=data.large_message_free_fraction, any=data.any_message_free_fraction),
        ballast_octets=data.ballast_bytes,
        on_failure=on_failure,
    )


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
    )


def server_tls(settings: Settings) -> ssl.SSLContext | None:
    """The TLS side of the listening socket; None for plain HTTP, as behind a proxy."""
    listen = settings.listen
    if listen.tls_certificate is None or listen.tls_key is None:
        return None
    client_authority = listen.client_ca if listen.client_ca is not None else None
    try:
        return tls_context(
            TlsFiles(
                certificate=str(listen.tls_certificate),
                key=str(listen.tls_key),
                key_password=_password(listen.tls_key_password_env),
                client_authority=str(client_authority) if listen.client_certificate != "none" else None,
                client_required=listen.client_certificate == "required",
                minimum=listen.minimum_tls,
            )
        )
    except (OSError, ssl.SSLError) as fault:
        raise NotStartable((f"listen.tls_certificate and tls_key cannot be used: {fault.strerror or fault}",)) from None


def duplicate_secret(settings: Settings) -> bytes:
    """The key of the duplicate rows: made once, kept in the data directory for the owner alone.

    The caller holds the data directory. The file has its name only when its octets are on disk, so a power cut while
    it is made leaves none, and the next start makes it.
    """
    path = settings.data.directory / "duplicate.key"
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        secret = secrets.token_bytes(SECRET_OCTETS)
        unfinished = path.with_suffix(".new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        flush_folder(path.parent)
    if len(secret) != SECRET_OCTETS:
        raise NotStartable(
            (
                f"{path}: holds {len(secret)} octets instead of {SECRET_OCTETS}; put it back from a backup, or remove "
                "it, and messages that were accepted before are not known as duplicates any more",
            )
        )
    return secret


def said_of(fault: OSError) -> str:
    """One line for a file, folder or disk that cannot be used."""
    return f"{fault.filename}: {fault.strerror}" if fault.filename else fault.strerror or str(fault)


def _private_key(place: Path, password_env: str | None) -> PrivateKeyTypes:
    password = _password(password_env)
    try:
        return load_private_key(place.read_bytes(), password.encode() if password is not None else None)
    except OSError as fault:
        raise NotStartable((f"{place}: the key cannot be read: {fault.strerror}",)) from None
    except UnusableCredential as fault:
        raise NotStartable((f"{place}: {fault}",)) from None


def _certificate(place: Path) -> Certificate:
    try:
        return load_certificates(place.read_bytes())[0]
    except OSError as fault:
        raise NotStartable((f"{place}: the certificate cannot be read: {fault.strerror}",)) from None
    except UnusableCredential as fault:
        raise NotStartable((f"{place}: {fault}",)) from None


def _password(name: str | None) -> str | None:
    if name is None:
        return None
    value = os.environ.get(name)
    if value is None:
        raise NotStartable((f"the environment variable {name} is not set; the settings say that it holds a password",))
    return value
