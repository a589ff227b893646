"""Object storage as a store sees it: objects that are put, read, listed and removed by their names.

Whatever is no plain answer about one object says that the storage is away: a refusal, a time-out, a broken connection.
That an object is missing is said only where the server answers so; whether that is the right server and the right
bucket is for the caller to find out.

SECURITY: requests are signed, the secret key never leaves. Without TLS only loopback is spoken to. What is put here is
ciphertext, and names are the caller's.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Final, Protocol
from urllib.parse import urlsplit

from gateway.refused import Refused

ANSWER_SECONDS: Final = 30.0  # for one request, its body included
RETRIES: Final = 3


class ObjectsAway(Exception):
    """Nothing is known of what was asked: the storage did not answer, or refused to."""


class NoObject(Exception):
    """The server says that it has no such object, or no such bucket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectPlace:
    """A bucket, how it is reached and as whom; without a key, as whom the environment or the machine says."""

    endpoint: str | None
    bucket: str
    region: str
    prefix: str = ""
    key_id: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    path_style: bool = True
    answer_seconds: float = ANSWER_SECONDS
    retries: int = RETRIES

    def __str__(self) -> str:
        return f"{self.endpoint or 's3:/'}/{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundObject:
    """An object as a listing has it; `changed_at` by the clock of the server."""

    name: str
    changed_at: datetime


def refuse_endpoint(endpoint: str) -> None:
    """Raise `Refused` for what is no URL of a server, holds a password, or would be spoken to in the clear."""
    example = "write it as https://objects.example:9000"
    try:
        parts = urlsplit(endpoint)
        secret, host, _ = parts.password or parts.username, parts.hostname, parts.port
    except ValueError:
        raise Refused("store.objects.endpoint: it is no URL", example) from None
    if parts.scheme not in ("http", "https") or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise Refused("store.objects.endpoint: it is no URL of a server", example)
    if secret is not None:
        raise Refused("store.objects.endpoint: it holds a name or password", "name store.objects.secret_key_file")
    if parts.scheme == "http" and not _is_loopback(host):
        raise Refused("store.objects.endpoint: it is no https, and not on this machine", example)


def _is_loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


class Bucket(Protocol):
    """The objects under the prefix of a place."""

    @property
    def place(self) -> ObjectPlace:
        """Where they are."""

    async def put(self, name: str, octets: bytes) -> None:
        """Write an object in one request; raises `ObjectsAway`, and then nobody knows whether it is there."""

    async def read(self, name: str, *, most_octets: int) -> bytes | None:
        """All octets of an object; None for one that has more of them. Raises `NoObject` and `ObjectsAway`."""

    async def remove(self, names: Sequence[str]) -> None:
        """Remove objects, of which those that are gone already do no harm; raises `ObjectsAway`."""

    def pages(self, folder: str) -> AsyncGenerator[tuple[FoundObject, ...], None]:
        """What lies under a folder, a page at a time; raises `ObjectsAway`."""
