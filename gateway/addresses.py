"""How addresses are written where people write them: hosts, ports, URLs and mail addresses.

One reader for each form; an address literal goes through `ipaddress`, a name is held to the letters of host names. In a
URL an IPv6 address stands in brackets (RFC 3986 3.2.2); where a host stands alone, brackets are taken and left out.
Every refusal is a ValueError with a sentence that says what to write. This module imports nothing of ours.
"""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, NamedTuple
from urllib.parse import urlsplit

_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)")
_PRINTED: Final = re.compile(r"[\x21-\x7e]+")
_ID_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_PATH: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*")
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # RFC 5322 3.2.3

_A_MAIL_ADDRESS: Final = "must be a mail address such as meldingen@hub.example.org"
_A_HOST: Final = "must be a host name such as hub.example.org, or an address such as 192.0.2.1 or 2001:db8::1"
_A_URL: Final = "must be an http or https URL without a query"
MOST_MAIL_ADDRESS_CHARACTERS: Final = 254  # RFC 5321 4.5.3.1.3, less its brackets
MOST_URL_CHARACTERS: Final = 2048  # what every client, proxy and log takes
# An id is a UUID of 36 characters, an @ and the host, and has 255 in all (gateway.ebms.consistency).
MOST_ID_HOST_CHARACTERS: Final = 255 - 36 - 1
_IN_BRACKETS: Final = "an IPv6 address in a URL stands in brackets"


class UrlParts(NamedTuple):
    """What an http or https URL names; the host without brackets, the port that of the scheme where none is given."""

    scheme: str
    host: str
    port: int
    path: str


def read_mail_address(text: str) -> str:
    """A mail address as letters are sent to: letters of ASCII, no comment, no quotes, and a host with a dot in it. What
    the library that writes headers would read as an encoded word (RFC 2047) is none: no letter could be made for it.
    """
    local, _, host = text.rpartition("@")
    if not _LOCAL.fullmatch(local) or len(local) > 64 or len(text) > MOST_MAIL_ADDRESS_CHARACTERS:
        raise ValueError(_A_MAIL_ADDRESS)
    labels = host.split(".")
    if len(labels) < 2 or not all(_ID_LABEL.fullmatch(each) for each in labels) or _NUMBER.fullmatch(labels[-1]):
        raise ValueError(_A_MAIL_ADDRESS)
    found = f"{local}@{host.lower()}"
    if "=?" in local or not _is_written_as_read(found):
        raise ValueError(_A_MAIL_ADDRESS)
    return found


def read_host(text: str) -> str:
    """A host name or address literal that stands alone; without brackets, an address in its shortest form."""
    if "/" in text:
        raise ValueError(f"is a URL or a network, and not a host alone; {_A_HOST}")
    literal = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if literal != text or ":" in text:
        return _ipv6(literal, text)
    try:
        return str(IPv4Address(text))
    except ValueError:
        pass
    name = text.removesuffix(".")
    labels = name.split(".")
    if not name or len(name) > 253 or not all(_LABEL.fullmatch(each) for each in labels):
        raise ValueError(_A_HOST)
    if _NUMBER.fullmatch(labels[-1]):  # half an address, which some programs complete and others look up
        raise ValueError(f"is no address; {_A_HOST}")
    return text


def read_id_host(text: str) -> str:
    """The right-hand side of the ids that somebody makes: a name of labels, short enough for a whole id."""
    if not all(_ID_LABEL.fullmatch(each) for each in text.split(".")):
        raise ValueError(
            "must be a name such as hub.example.org: labels of letters, digits and hyphens, 63 of them at most, with"
            " a dot between two"
        )
    if len(text) > MOST_ID_HOST_CHARACTERS:
        raise ValueError(f"must have at most {MOST_ID_HOST_CHARACTERS} characters, so that an id has 255")
    return text


def bracketed(host: str) -> str:
    """A host as a URL or a Host header has it."""
    return f"[{host}]" if ":" in host else host


def read_url(text: str) -> UrlParts:
    """The parts of an http or https URL without a user, a query or a fragment."""
    if not _PRINTED.fullmatch(text) or "?" in text or "#" in text:
        raise ValueError(_A_URL)
    if len(text) > MOST_URL_CHARACTERS:
        raise ValueError(f"must have at most {MOST_URL_CHARACTERS} characters")
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that do not close, or hold no address
        raise ValueError(f"{_IN_BRACKETS}, as https://[2001:db8::1]:8443/as4") from None
    if parts.scheme not in ("http", "https") or "://" not in text:
        raise ValueError(_A_URL)
    if "@" in parts.netloc:
        raise ValueError("names a user; a URL of a hub holds none")
    host, port = _host_and_port(parts.netloc)
    if not _PATH.fullmatch(parts.path):
        raise ValueError("has characters in its path that a URL does not have; write them as %XX")
    return UrlParts(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), parts.path or "/")


def read_network(text: str) -> IPv4Network | IPv6Network:
    """An address or a network; an address is the network of itself alone."""
    literal = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if "%" in literal:  # of this machine alone, and an address that comes through a proxy has none
        raise ValueError("must be an address or network such as 10.0.0.0/8, without a zone")
    try:
        found = ip_network(literal, strict=False)
    except ValueError:
        raise ValueError("must be an address or network such as 10.0.0.0/8") from None
    if isinstance(found, IPv6Network) and found.network_address.ipv4_mapped is not None:
        raise ValueError("must be an address or network such as 10.0.0.0/8; write a mapped IPv4 address as IPv4")
    if "/" in literal and str(found.network_address) != str(ip_address(literal.partition("/")[0])):
        raise ValueError(f"must be an address or network such as 10.0.0.0/8; did you mean {found}?")
    return found


def _is_written_as_read(address: str) -> bool:
    try:
        return Address(addr_spec=address).addr_spec == address
    except MessageError:
        return False


def _host_and_port(netloc: str) -> tuple[str, int | None]:
    if netloc.startswith("["):
        literal, _, rest = netloc[1:].partition("]")
        host = _ipv6(literal, netloc)
        if "%" in literal:
            raise ValueError("an address in a URL has no zone")
        if rest and not rest.startswith(":"):
            raise ValueError(f"{_IN_BRACKETS}, with a colon before the port")
        written = rest
    else:
        if netloc.count(":") > 1:
            raise ValueError(f"{_IN_BRACKETS}, as https://[2001:db8::1]:8443/as4")
        name, colon, port = netloc.partition(":")
        host, written = read_host(name), colon + port
    return host, _port(written[1:]) if written else None


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65_535:
        raise ValueError(f"has the port {text[:20]!r}; a port is a number from 1 to 65535")
    return int(text)


def _ipv6(literal: str, written: str) -> str:
    try:
        found = IPv6Address(literal)
    except ValueError:
        if written.count(":") == 1 and "[" not in written:
            raise ValueError("has a port; the port stands in a key of its own") from None
        if written.startswith("[") and "]:" in written:
            raise ValueError("has a port; the port stands in a key of its own") from None
        raise ValueError(f"is no IPv6 address; {_A_HOST}") from None
    if found.ipv4_mapped is not None:
        raise ValueError(f"is an IPv4 address in IPv6 form; write {found.ipv4_mapped}")
    return str(found)
