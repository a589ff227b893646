"""Reads the settings file: its text, its sections, and what contradicts each other in them, with every complaint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from gateway.limits import KIB, MIB, Limits
from gateway.named_file import TEXT_OCTETS, FileRefused, read_named, real_path
from gateway.settings.key_section import KeySection
from gateway.settings.monitoring_section import MonitoringSection
from gateway.settings.portal_section import EHerkenningSection, PortalSection
from gateway.settings.sections import Settings
from gateway.written.complaints import Complaint, KeyPath
from gateway.written.sentences import SECTION
from gateway.written.source import Source
from gateway.written.toml_text import read_toml
from gateway.written.utf8 import NotUtf8, text_of

_EARLY_OCTETS: Final = Limits().early_octets
_HEAD_OCTETS: Final = 64 * KIB  # of a request


class SettingsFault(Exception):
    """The settings cannot be used; `complaints` are whole lines for the administrator."""

    def __init__(self, complaints: tuple[str, ...]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


def read_settings(path: Path) -> Settings:
    """Read the settings file; raises SettingsFault with every complaint."""
    try:
        text = text_of(read_named(path, most_octets=TEXT_OCTETS))
    except FileRefused as fault:
        raise SettingsFault((f"{path}: {fault.told}",)) from None
    except NotUtf8 as fault:
        raise SettingsFault((f"{path}: {fault}",)) from None
    return parse_settings(text, name=str(path), folder=path.parent)


def parse_settings(text: str, *, name: str = "settings", folder: Path = Path()) -> Settings:
    """Settings from a text; `folder` is what relative paths are seen from."""
    complaints: list[Complaint] = []
    source = Source(name, read_toml(text), complaints)
    settings = source.shape(Settings, keys_are=SECTION, context={"folder": folder})
    if settings is not None:
        wrong = {each.path.partition(".")[0] for each in complaints}  # what was left out there contradicts nothing
        said = [*_contradictions(settings), *(() if wrong else _in_the_log(settings, Path(name)))]
        for path, sentence in said:
            if path[0] not in wrong:
                source.complain(path, sentence)
    if settings is None or complaints:
        raise SettingsFault(tuple(str(each) for each in sorted(complaints)))
    return settings


def _contradictions(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    listen, limits = settings.listen, settings.limits
    data = settings.data
    if data.mark is not None and real_path(data.mark).is_relative_to(real_path(data.directory)):
        yield ("data", "mark"), "lies in data.directory; name a folder outside, best on another disk"
    if settings.store is not None and data.mark is not None:
        yield ("data", "mark"), "is of a store in data.directory; what the hub saw of [store] lies there itself"
    objects = None if settings.store is None else settings.store.objects
    if objects is not None and (objects.access_key_id is None) != (objects.secret_key_file is None):
        yield ("store", "objects"), "access_key_id and secret_key_file go together"
    if (listen.tls_certificate is None) != (listen.tls_key is None):
        yield ("listen",), "tls_certificate and tls_key go together"
    if listen.client_certificate != "none" and (listen.client_ca is None or listen.tls_certificate is None):
        yield ("listen", "client_certificate"), "needs client_ca and tls_certificate"
    if listen.proxy_protocol and not listen.trusted_proxies:
        yield ("listen", "proxy_protocol"), "lets nobody in but trusted_proxies; name the proxies there"
    if listen.client_certificate_header is not None and not listen.trusted_proxies:
        yield ("listen", "client_certificate_header"), "is believed from trusted_proxies alone; name the proxies there"
    yield from _twofold(("listen",), listen, "tls_key_password")
    of_uses: tuple[tuple[str, Sequence[KeySection]], ...] = (
        ("signing", settings.keys.signing),
        ("decryption", settings.keys.decryption),
    )
    for use, keys in of_uses:
        for index, each in enumerate(keys):
            yield from _twofold(("keys", use, index), each, "password")
    if settings.directory is not None:
        yield from _twofold(("directory",), settings.directory, "password")
    if settings.portal is not None:
        yield from _contradictions_of(settings.portal, settings)
    if settings.mail is not None:
        if settings.portal is None:
            yield ("mail",), "tells organisations at the portal, and there is no section [portal]"
        if settings.mail.user is None and settings.mail.password.kind_and_place[1] is not None:
            yield ("mail", settings.mail.password.said_as), "there is no user to log in with"
        if settings.mail.user is not None and settings.mail.password.kind_and_place[1] is None:
            yield ("mail", "user"), "has no password; say where it is with password_file"
        yield from _twofold(("mail",), settings.mail, "password")
    if settings.monitoring is not None:
        yield from _contradictions_of_monitoring(settings.monitoring, settings)
    if listen.port == 0 and len(listen.host) > 1:
        yield ("listen", "port"), "0 lets the system choose a port for one address; with several, name the port"
    if limits.document_bytes > limits.inflated_bytes:
        yield ("limits", "document_bytes"), "is more than inflated_bytes"
    if limits.soap_bytes > limits.message_bytes:
        yield ("limits", "soap_bytes"), "is more than message_bytes"
    if limits.connections_per_address > limits.connections:
        yield ("limits", "connections_per_address"), "is more than connections"
    if limits.arriving_bytes / 4 < limits.soap_bytes + _EARLY_OCTETS + _HEAD_OCTETS:
        before = f"{_EARLY_OCTETS // MIB} MiB before it"
        yield ("limits", "arriving_bytes"), f"one address has a quarter; it is less than soap_bytes and {before}"
    if limits.idle_seconds > limits.total_seconds:
        yield ("limits", "idle_seconds"), "is more than total_seconds"


def _contradictions_of(portal: PortalSection, settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    if (portal.tls_certificate is None) != (portal.tls_key is None):
        yield ("portal",), "tls_certificate and tls_key go together"
    if portal.port == 0 and len(portal.host) > 1:
        yield ("portal", "port"), "0 lets the system choose a port for one address; with several, name the port"
    if portal.port and portal.port == settings.listen.port and set(portal.host) & set(settings.listen.host):
        yield ("portal", "port"), "is that of the AS4 endpoint; the portal has a listener of its own"
    if len(set(portal.languages)) < len(portal.languages):
        yield ("portal", "languages"), "names the same language twice"
    yield from _twofold(("portal",), portal, "tls_key_password")
    if (portal.eherkenning is None) == (portal.oidc is None):
        yield ("portal",), "has one way to log in: say either [portal.eherkenning] or [portal.oidc]"
    if portal.eherkenning is not None:
        yield from _contradictions_of_eherkenning(portal.eherkenning)
    if portal.oidc is not None:
        if portal.oidc.user == portal.oidc.administrator:
            yield ("portal", "oidc", "administrator"), "is that of user; the role of a login comes from its client"
        yield from _twofold(("portal", "oidc"), portal.oidc, "password")


def _contradictions_of_monitoring(monitoring: MonitoringSection, settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    if monitoring.port == 0 and len(monitoring.host) > 1:
        yield ("monitoring", "port"), "0 lets the system choose a port for one address; with several, name the port"
    others = [("the AS4 endpoint", settings.listen.host, settings.listen.port)]
    if settings.portal is not None:
        others.append(("the portal", settings.portal.host, settings.portal.port))
    for whose, hosts, port in others:
        if monitoring.port and monitoring.port == port and set(monitoring.host) & set(hosts):
            yield ("monitoring", "port"), f"is that of {whose}; metrics and health have a listener of their own"


def _contradictions_of_eherkenning(login: EHerkenningSection) -> Iterator[tuple[KeyPath, str]]:
    both = zip(
        ("index", "id", "uuid"), *(vars(each).values() for each in (login.user, login.administrator)), strict=True
    )
    for key in [key for key, user, administrator in both if user == administrator]:
        yield (
            ("portal", "eherkenning", "administrator", key),
            "is that of user; the role of a login comes from its service",
        )
    yield from _twofold(("portal", "eherkenning"), login, "password")
    if login.tls_client is not None:
        yield from _twofold(("portal", "eherkenning", "tls_client"), login.tls_client, "password")
    for index, each in enumerate(login.other_keys):
        yield from _twofold(("portal", "eherkenning", "other_keys", index), each, "password")


def _in_the_log(settings: Settings, own: Path) -> Iterator[tuple[KeyPath, str]]:
    """What the hub reads, or keeps its messages in, is no place for lines that are added to it."""
    if settings.log.file is None:
        return
    log = real_path(settings.log.file)
    if any(log.is_relative_to(real_path(each)) for each in (settings.data.directory, settings.pmodes.folder)):
        yield ("log", "file"), "lies in data.directory or pmodes.folder; name a file in a folder of its own"
    elif any(log == real_path(each) or _is_one_file(log, each) for each in (own, *named_in(settings))):
        yield ("log", "file"), "is a file that the hub reads; name another"


def _is_one_file(one: Path, other: Path) -> bool:
    """Whether both are there, and the same under two names."""
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def named_in(settings: Settings) -> Iterator[Path]:
    """Every file of keys, certificates and passwords that the settings name."""
    sections = (
        settings.listen,
        settings.keys,
        settings.directory,
        settings.portal,
        settings.mail,
        settings.outbound,
        settings.store,
    )
    for section in sections:
        if section is not None:
            yield from files_of(section)


def files_of(section: BaseModel) -> Iterator[Path]:
    """Every file and folder that is named in a part of the settings."""
    for _, value in section:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Path):
                yield each
            elif isinstance(each, BaseModel):
                yield from files_of(each)


def _twofold(where: KeyPath, section: BaseModel, prefix: str) -> Iterator[tuple[KeyPath, str]]:
    given = [
        each for each in (f"{prefix}_{kind}" for kind in ("file", "fd", "env")) if getattr(section, each) is not None
    ]
    if len(given) > 1:
        yield (*where, given[0]), f"the password is in one place, and not in {given[1]} too"
