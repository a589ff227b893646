"""Where a PostgreSQL database is: read from a `postgresql://` URL, which is shown without what is secret.

SECURITY: a password never stands in the URL, for that is shown and logged; it is handed over beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from gateway.refused import Refused

_SCHEMES = ("postgresql", "postgres")
_OPTIONS = ("host", "port", "user", "sslmode", "sslrootcert", "sslcert", "sslkey")
_EXAMPLE = "write it as postgresql://user@host:5432/database, or postgresql:///database?host=/var/run/postgresql"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A database, and how it is reached."""

    url: str
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.url


def read_address(url: str, *, password: str | None = None) -> Address:
    """The address that a URL says; raises `Refused` for one that is none, that names no database, or a password."""
    try:
        parts = urlsplit(url)
        secret, _ = parts.password, parts.port
    except ValueError:
        raise Refused("store.url: it is no URL", _EXAMPLE) from None
    if parts.scheme not in _SCHEMES:
        raise Refused("store.url: it is no URL of a PostgreSQL database", _EXAMPLE)
    options = dict(parse_qsl(parts.query))
    if secret is not None or "password" in options:
        raise Refused(
            "store.url: it holds a password, which would be shown wherever the URL is", "name store.password_file"
        )
    if not parts.path.strip("/"):
        raise Refused("store.url: it names no database", _EXAMPLE)
    if unknown := sorted(set(options) - set(_OPTIONS)):
        raise Refused(
            f"store.url: {', '.join(unknown)} cannot be said there", f"say no more than {', '.join(_OPTIONS)}"
        )
    return Address(url=url, password=password)
