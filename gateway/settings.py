"""The process settings: one TOML file, every key documented here, unknown keys refused.

Secrets stand in the file by reference only: the path of a file, the number of a descriptor, or the name of an
environment variable. Relative paths are seen from the settings file. Addresses are checked here; the files that are
named, where they are read. Nothing but the command line and the wiring imports this module.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails, PydanticUndefined

from gateway.addresses import read_host, read_network, read_url
from gateway.named_file import TEXT_OCTETS, FileRefused, read_named
from gateway.toml_words import in_our_words

KIB: Final = 1024
MIB: Final = 1024 * KIB

_URN: Final = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}(?::[A-Za-z0-9.\-]+)*")


class SettingsFault(Exception):
    """The settings cannot be used; `complaints` are whole lines for the administrator."""

    def __init__(self, complaints: tuple[str, ...]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


def _urn(value: str) -> str:
    if not _URN.fullmatch(value):
        raise ValueError("must be a URN such as urn:knooppunt, without a colon at its end")
    return value


def _url(value: str) -> str:
    read_url(value)
    return value


def _hosts(value: Any) -> Any:
    """One address or a list of them; a list afterwards, each as it is written shortest."""
    listed = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(each, str) for each in listed):
        raise ValueError("must be an address, or a list of addresses")
    found = [read_host(each) for each in listed]
    if len(set(found)) < len(found):
        raise ValueError("names the same address twice")
    return found


def _path(value: Any, info: ValidationInfo) -> Any:
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / value if isinstance(value, str) and value else value


def _network(value: Any) -> Any:
    return read_network(value if isinstance(value, str) else "")


Urn = Annotated[str, AfterValidator(_urn)]
Url = Annotated[str, AfterValidator(_url)]
FilePath = Annotated[Path, BeforeValidator(_path)]
Hosts = Annotated[list[str], BeforeValidator(_hosts)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Octets = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
PerSecond = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, lt=1, strict=False)]
Descriptor = Annotated[int, Field(ge=0, le=1023)]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReference:
    """Where a password is: at most one of the three."""

    file: Path | None
    fd: int | None
    env: str | None
    said_as: str  # how the key is called in the settings, without its section

    @property
    def kind_and_place(self) -> tuple[str, Path | int | str | None]:
        """Which of the three it is, and which one."""
        if self.file is not None:
            return "file", self.file
        return ("fd", self.fd) if self.fd is not None else ("env", self.env)


def _reference(section: BaseModel, prefix: str) -> PasswordReference:
    file, fd, env = (getattr(section, f"{prefix}_{kind}") for kind in ("file", "fd", "env"))
    kind = "file" if file is not None else "fd" if fd is not None else "env"
    return PasswordReference(file=file, fd=fd, env=env, said_as=f"{prefix.rpartition('.')[2]}_{kind}")


class HubSection(_Section):
    """Who the hub is."""

    base_urn: Urn = Field("urn:knooppunt", description="Base of every name on the wire: services, MPCs, P-Mode ids.")
    public_url: Url = Field(description="URL of the AS4 endpoint as participants use it.")
    message_id_host: str = Field(
        "knooppunt.invalid",
        pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?$",
        description="Right-hand side of the MessageIds that the hub makes.",
    )


class DataSection(_Section):
    """Where messages are kept."""

    directory: FilePath = Field(description="Folder of the store, its database and blobs; one hub process at a time.")
    create: bool = Field(
        False,
        description="Whether a hub that finds no store there makes a new one, as in a container that begins empty;"
        " else `knooppunt store new` makes it.",
    )
    log_days: int = Field(
        396,
        ge=90,
        description="How many days the message log and the receipts in it are kept after a message was removed:"
        " thirteen months.",
    )
    ballast_bytes: int = Field(
        256 * MIB, ge=0, description="Size of the file that an operator can release when the disk is full; 0: none."
    )
    large_message_free_fraction: Fraction = Field(
        0.10, description="Part of the disk that has to stay free for a message over 1 MiB to be taken."
    )
    any_message_free_fraction: Fraction = Field(
        0.05, description="Part of the disk that has to stay free for any message to be taken."
    )


class ListenSection(_Section):
    """Where the hub listens."""

    host: Hosts = Field(
        ["127.0.0.1"],
        description="Address to listen on, or a list of them: `0.0.0.0` is every IPv4 address of the machine, `::`"
        " every IPv6 address, and both together are everything.",
    )
    port: int = Field(8443, ge=0, le=65_535, description="Port to listen on; 0 lets the system choose one.")
    tls_certificate: FilePath | None = Field(None, description="Certificate chain (PEM); none: plain HTTP.")
    tls_key: FilePath | None = Field(None, description="Private key of the certificate (PEM).")
    tls_key_password_file: FilePath | None = Field(
        None, description="File whose first line is the password of the TLS key; for the owner alone."
    )
    tls_key_password_fd: Descriptor | None = Field(
        None, description="Number of an open descriptor from which the password of the TLS key is read."
    )
    tls_key_password_env: EnvironmentName | None = Field(
        None, description="Environment variable with the password of the TLS key; a file or descriptor is safer."
    )
    client_ca: FilePath | None = Field(None, description="Authorities (PEM) for TLS client certificates.")
    client_certificate: Literal["none", "optional", "required"] = Field(
        "none", description="Whether a TLS client certificate is asked for."
    )
    minimum_tls: Literal["1.2", "1.3"] = Field("1.2", description="Lowest TLS version.")
    trusted_proxies: list[Network] = Field(
        default_factory=list, description="Networks whose X-Forwarded-For is believed when counting per address."
    )

    @property
    def tls_key_password(self) -> PasswordReference:
        """Where the password of the TLS key is."""
        return _reference(self, "tls_key_password")


class LimitsSection(_Section):
    """What one message, one connection and one address may take."""

    soap_bytes: Octets = Field(256 * KIB, description="Size of the SOAP part.")
    document_bytes: Octets = Field(4 * MIB, description="Size of the XML document after decompression.")
    message_bytes: Octets = Field(2048 * MIB, description="Size of a whole request.")
    inflated_bytes: Octets = Field(4096 * MIB, description="Size of all parts of a message after decompression.")
    inflation_ratio: int = Field(100, ge=2, description="How many times its size a part may grow; counts above 32 MiB.")
    parts: int = Field(64, ge=1, le=64, description="Number of parts of a message.")
    handshake_seconds: Seconds = Field(5.0, description="Time for the TLS handshake, from the moment of connecting.")
    header_seconds: Seconds = Field(10.0, description="Time for the request line and headers, of each request.")
    envelope_seconds: Seconds = Field(20.0, description="Time for the SOAP part, after the headers.")
    idle_seconds: Seconds = Field(30.0, description="Time without a byte in either direction.")
    total_seconds: Seconds = Field(3600.0, description="Time for a whole request.")
    minimum_bytes_per_second: PerSecond = Field(
        1024.0, description="Slowest upload; a body that is half a minute behind is cut off."
    )
    connections: int = Field(1024, ge=1, description="Open connections.")
    connections_per_address: int = Field(
        64, ge=1, description="Open connections of one address (IPv6: of a /64); a /56 or IPv4 /24 has twice as many."
    )
    connection_seconds: Seconds = Field(3600.0, description="Age at which a kept connection ends with an answer.")
    arriving_bytes: Octets = Field(
        64 * MIB, description="Octets of envelopes that are not whole yet, in all; one address has a quarter."
    )
    requests_in_progress: int = Field(
        256, ge=1, description="Requests whose envelope is whole, being worked on; one address has a quarter."
    )
    requests_per_second_per_address: PerSecond = Field(50.0, description="Above it an address gets 429.")
    unreadable_per_second_per_address: PerSecond = Field(
        20.0, description="Unreadable requests of one address that get a signed error; above it a bare 429."
    )
    unreadable_per_second: PerSecond = Field(
        100.0, description="The same of all strangers together: each signature costs a millisecond or more."
    )
    stranger_cpu_fraction_per_address: Fraction = Field(
        0.05, gt=0, description="Part of one core that an address may cost that proved nothing; all such have 8 times."
    )
    stranger_bytes_per_second_per_address: PerSecond = Field(
        float(MIB), description="Octets a second of such an address; above it, or the CPU time, 429."
    )
    refusals_logged_per_second: PerSecond = Field(
        5.0, description="Log lines of one kind about what was refused before AS4; the rest is counted in `unsaid`."
    )
    retry_after_seconds: int = Field(
        60, ge=1, le=86_400, description="What Retry-After says first in a 503 for load or disk, and in a 429."
    )


class PModesSection(_Section):
    """Where processing modes are configured."""

    folder: FilePath = Field(description="Folder with hub.yaml and a file for each organisation.")


class ModulesSection(_Section):
    """Message definitions besides the shipped ones."""

    folders: list[FilePath] = Field(default_factory=list, description="Further module folders: Module/version/.")


class LogSection(_Section):
    """What is logged."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe level.")
    format: Literal["json", "text"] = Field("json", description="One JSON object a line, or text for a terminal.")
    file: FilePath | None = Field(None, description="File to append to; none: standard error.")


class DecryptionKeySection(_Section):
    """One key that messages to the hub may be encrypted to."""

    key: FilePath = Field(description="Private key (PEM).")
    certificate: FilePath = Field(description="Its certificate (PEM or DER).")
    password_file: FilePath | None = Field(
        None, description="File whose first line is the password of the key; for the owner alone."
    )
    password_fd: Descriptor | None = Field(
        None, description="Number of an open descriptor from which the password of the key is read."
    )
    password_env: EnvironmentName | None = Field(
        None, description="Environment variable with the password of the key; a file or descriptor is safer."
    )

    @property
    def password(self) -> PasswordReference:
        """Where the password of the key is."""
        return _reference(self, "password")


class KeysSection(_Section):
    """The hub's keys."""

    signing_key: FilePath = Field(description="Private key for signing (PEM).")
    signing_certificate: FilePath = Field(description="Certificate of the signing key (PEM or DER).")
    signing_password_file: FilePath | None = Field(
        None, description="File whose first line is the password of the signing key; for the owner alone."
    )
    signing_password_fd: Descriptor | None = Field(
        None, description="Number of an open descriptor from which the password of the signing key is read."
    )
    signing_password_env: EnvironmentName | None = Field(
        None, description="Environment variable with the password of the signing key; a file or descriptor is safer."
    )
    decryption: list[DecryptionKeySection] = Field(
        min_length=1, description="Keys for decryption: the current one, and around a rollover the next or the last."
    )

    @property
    def signing_password(self) -> PasswordReference:
        """Where the password of the signing key is."""
        return _reference(self, "signing_password")


class Settings(_Section):
    """All settings of one hub process."""

    hub: HubSection = Field(description="Who the hub is.")
    data: DataSection = Field(description="Where messages are kept.")
    listen: ListenSection = Field(default_factory=ListenSection, description="Where the hub listens.")
    limits: LimitsSection = Field(default_factory=LimitsSection, description="What a message or address may take.")
    pmodes: PModesSection = Field(description="Where processing modes are configured.")
    modules: ModulesSection = Field(default_factory=ModulesSection, description="Further message definitions.")
    log: LogSection = Field(default_factory=LogSection, description="What is logged.")
    keys: KeysSection = Field(description="The hub's keys.")


def passwords(settings: Settings) -> tuple[PasswordReference, ...]:
    """Every reference to a password, whether it is used or not."""
    return (
        settings.listen.tls_key_password,
        settings.keys.signing_password,
        *(each.password for each in settings.keys.decryption),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    """One key of the reference page; an empty default means that the key is needed or has none."""

    key: str
    type: str
    default: str
    needed: bool
    description: str


def read_settings(path: Path) -> Settings:
    """Read the settings file; raises SettingsFault with every complaint."""
    try:
        text = read_named(path, most_octets=TEXT_OCTETS).decode("utf-8-sig")  # some editors put a mark at the start
    except FileRefused as fault:
        raise SettingsFault((f"{path}: {fault}",)) from None
    except UnicodeDecodeError:
        raise SettingsFault((f"{path}: the file is not UTF-8 text; save it as UTF-8",)) from None
    return parse_settings(text, name=str(path), folder=path.parent)


def parse_settings(text: str, *, name: str = "settings", folder: Path = Path()) -> Settings:
    """Settings from a text; `folder` is what relative paths are seen from."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        line, sentence = in_our_words(text, fault)
        raise SettingsFault((f"{name}:{line}: {sentence}",)) from None
    try:
        settings = Settings.model_validate(values, context={"folder": folder})
    except ValidationError as fault:
        lines = _lines(text)
        found = sorted(_complaint(lines, error) for error in fault.errors(include_url=False))
        raise SettingsFault(
            tuple(f"{name}:{line}: {said}" if line else f"{name}: {said}" for line, said in found)
        ) from None
    complaints = tuple(f"{name}: {each}" for each in _contradictions(settings))
    if complaints:
        raise SettingsFault(complaints)
    return settings


def settings_reference() -> tuple[ReferenceRow, ...]:
    """Every key with its type, default and meaning, in the order of the sections."""
    return tuple(_rows("", Settings))


def _contradictions(settings: Settings) -> Iterator[str]:
    listen, limits = settings.listen, settings.limits
    if (listen.tls_certificate is None) != (listen.tls_key is None):
        yield "listen: tls_certificate and tls_key go together"
    if listen.client_certificate != "none" and (listen.client_ca is None or listen.tls_certificate is None):
        yield "listen.client_certificate: needs client_ca and tls_certificate"
    yield from _twofold("listen.", listen, "tls_key_password")
    yield from _twofold("keys.", settings.keys, "signing_password")
    for index, each in enumerate(settings.keys.decryption):
        yield from _twofold(f"keys.decryption[{index}].", each, "password")
    if listen.port == 0 and len(listen.host) > 1:
        yield "listen.port: 0 lets the system choose a port for one address; with several, name the port"
    if limits.document_bytes > limits.inflated_bytes:
        yield "limits.document_bytes: is more than inflated_bytes"
    if limits.soap_bytes > limits.message_bytes:
        yield "limits.soap_bytes: is more than message_bytes"
    if limits.connections_per_address > limits.connections:
        yield "limits.connections_per_address: is more than connections"
    if limits.idle_seconds > limits.total_seconds:
        yield "limits.idle_seconds: is more than total_seconds"


def _twofold(where: str, section: BaseModel, prefix: str) -> Iterator[str]:
    given = [
        each for each in (f"{prefix}_{kind}" for kind in ("file", "fd", "env")) if getattr(section, each) is not None
    ]
    if len(given) > 1:
        yield f"{where}{given[0]}: the password is in one place, and not in {given[1]} too"


def _complaint(lines: dict[str, int], error: ErrorDetails) -> tuple[int, str]:
    """The line of what is complained of, or of what is around it (0: no line), and the complaint."""
    steps = list(error["loc"])
    key = ".".join(str(each) for each in steps)
    near = key
    while near and near not in lines:
        near = near.rpartition(".")[0]
    return lines.get(near, 0), f"{key}: {_sentence(error, steps)}"


def _sentence(error: ErrorDetails, steps: list[int | str]) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "this key is needed"
        case "extra_forbidden":
            return f"there is no such key{_meant(steps)}"
        case "literal_error":
            return f"must be {context['expected']}"
        case "string_type":
            return "must be text"
        case "path_type" | "is_instance_of":
            return "must be a path"
        case "int_type" | "int_from_float":
            return "must be a whole number"
        case "float_type" | "finite_number":
            return "must be a number"
        case "list_type":
            return "must be a list"
        case "bool_type":
            return "must be true or false"
        case "model_type" | "model_attributes_type":
            return "must be a section"
        case "too_short" | "string_too_short":
            return "must not be empty"
        case "greater_than_equal" | "greater_than":
            return f"must be {'at least' if 'ge' in context else 'more than'} {context.get('ge', context.get('gt'))}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case "less_than":
            return f"must be less than {context['lt']}"
        case "string_pattern_mismatch":
            return "has characters that do not belong in it"
        case "value_error":
            return str(context["error"])
        case _:
            return error["msg"]


def _meant(steps: list[int | str]) -> str:
    model: type[BaseModel] | None = Settings
    for step in steps[:-1]:
        if isinstance(step, str) and model is not None:
            model = _section_of(model.model_fields[step].annotation)
    close = get_close_matches(str(steps[-1]), model.model_fields if model else (), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _section_of(annotation: Any) -> type[BaseModel] | None:
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, _Section):
            return each
    return None


def _rows(prefix: str, model: type[BaseModel]) -> Iterator[ReferenceRow]:
    for name, field in model.model_fields.items():
        inner = _section_of(field.annotation)
        key = f"{prefix}{name}"
        is_list = get_origin(field.annotation) is list
        if inner is not None:
            yield from _rows(f"{key}[]." if is_list else f"{key}.", inner)
            continue
        default = "" if field.default in (PydanticUndefined, None) else _shown(field.default)
        yield ReferenceRow(
            key=key,
            type=_type_name(field.annotation),
            default=default,
            needed=field.is_required(),
            description=field.description or "",
        )


def _shown(value: object) -> str:
    if isinstance(value, list) and len(value) == 1:
        return _shown(value[0])
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


_TYPE_NAMES: Final = {
    Path: "path",
    IPv4Network: "network",
    bool: "true | false",
    int: "whole number",
    float: "number",
    str: "text",
}


def _type_name(annotation: Any) -> str:
    if annotation == list[str]:
        return "address or list of addresses"
    leaves = list(_leaves(annotation))
    words = [f'"{each}"' for each in leaves if isinstance(each, str)]
    name = " | ".join(words) or next(_TYPE_NAMES[each] for each in leaves if each in _TYPE_NAMES)
    return f"list of {name}s" if get_origin(annotation) is list else name


def _leaves(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of, and the words of a Literal."""
    if not get_args(annotation):
        yield annotation
    elif get_origin(annotation) is Annotated:
        yield from _leaves(get_args(annotation)[0])
    else:
        for each in get_args(annotation):
            yield from _leaves(each)


_SECTION_LINE: Final = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.\-]+)\s*\]\]?")
_KEY_LINE: Final = re.compile(r"\s*([A-Za-z0-9_.\-]+)\s*=")


def _lines(text: str) -> dict[str, int]:
    """The line of each section and key, as far as they stand at the start of a line; tomllib keeps none."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _SECTION_LINE.match(line):
            section = header.group(1)
            if line.lstrip().startswith("[["):
                found.setdefault(section, number)
                counts[section] = counts.get(section, -1) + 1
                section = f"{section}.{counts[section]}"
            found.setdefault(section, number)
        elif key := _KEY_LINE.match(line):
            found.setdefault(f"{section}.{key.group(1)}" if section else key.group(1), number)
    return found
