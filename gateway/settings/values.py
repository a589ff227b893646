"""The values of settings: what each kind may be, told in a sentence when it is not.

Relative paths are seen from the settings file. Addresses are checked here; the files that are named, where they are
read.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from gateway.addresses import read_host, read_id_host, read_network, read_url

_ADDRESSES: Final = "must be an address, or a list of addresses"
# What is made of it besides holds a party id or two, of 255 characters each, and the names of a module and a message;
# a value on the wire has 1,024 (gateway.ebms.header_rules).
_MOST_URN_CHARACTERS: Final = 200
_URN: Final = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}(?::[A-Za-z0-9.\-]+)*")

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")  # RFC 9110 5.6.2


def _urn(value: str) -> str:
    if not _URN.fullmatch(value):
        raise ValueError("must be a URN such as urn:knooppunt, without a colon at its end")
    if len(value) > _MOST_URN_CHARACTERS:
        raise ValueError(f"must have at most {_MOST_URN_CHARACTERS} characters")
    return value


def _header_name(value: str) -> str:
    if not _TOKEN.fullmatch(value):
        raise ValueError("must be the name of an HTTP header, such as Client-Cert")
    return value


def _url(value: str) -> str:
    read_url(value)
    return value


def _origin(value: str) -> str:
    parts = read_url(value)
    local = parts.host in ("localhost", "127.0.0.1", "::1")
    if urlsplit(value)[2:] != ("", "", "") or value != value.lower():
        raise ValueError("must be a scheme and a host in small letters, such as https://portaal.example, and no more")
    if not value.startswith("https:") and not local:
        raise ValueError("must begin with https: a browser gives back its cookies over TLS alone")
    return value


def _hosts(value: Any) -> Any:
    """One address or a list of them; a list afterwards."""
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise ValueError(_ADDRESSES)
    return listed


def _host(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(_ADDRESSES)
    return read_host(value)


def _different(value: list[str]) -> list[str]:
    if len(set(value)) < len(value):
        raise ValueError("names the same address twice")
    return value


def _path(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str) and "\0" in value:
        raise ValueError("has a NUL, which no path has")
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / value if isinstance(value, str) and value else value


def _network(value: Any) -> Any:
    return read_network(value if isinstance(value, str) else "")


HeaderName = Annotated[str, AfterValidator(_header_name)]
Urn = Annotated[str, AfterValidator(_urn)]
IdHost = Annotated[str, AfterValidator(read_id_host)]
Url = Annotated[str, AfterValidator(_url)]
Origin = Annotated[str, AfterValidator(_origin)]
FilePath = Annotated[Path, BeforeValidator(_path)]
Host = Annotated[str, BeforeValidator(_host)]  # as it is written shortest
Hosts = Annotated[list[Host], BeforeValidator(_hosts), AfterValidator(_different)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Octets = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
PerSecond = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, lt=1, strict=False)]
Descriptor = Annotated[int, Field(ge=0, le=1023)]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Section(BaseModel):
    """One section of the file: no key beside those that are documented, each of its type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
