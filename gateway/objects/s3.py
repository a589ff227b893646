"""A bucket of S3-compatible storage, by `obstore`, in words of ours."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Any, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from gateway.objects.place import FoundObject, NoObject, ObjectPlace, ObjectsAway
from gateway.refused import Refused

CONNECT_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 10.0  # after which nothing is tried again
LISTED_AT_ONCE: Final = 1000
_FAULTS: Final = (BaseError, OSError, ValueError)  # what obstore raises; of the second kind FileNotFoundError


class S3Bucket:
    """The objects under the prefix of a place."""

    def __init__(self, place: ObjectPlace) -> None:
        self.place = place
        said: dict[str, Any] = {
            "endpoint": place.endpoint,
            "prefix": place.prefix or None,
            "access_key_id": place.key_id,
            "secret_access_key": place.secret_key,
        }
        try:
            self._store = S3Store(
                place.bucket,
                region=place.region,
                virtual_hosted_style_request=not place.path_style,
                client_options={
                    "allow_http": place.endpoint is not None and place.endpoint.startswith("http:"),
                    "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                    "timeout": timedelta(seconds=place.answer_seconds),
                },
                retry_config={"max_retries": place.retries, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
                **{key: value for key, value in said.items() if value is not None},
            )
        except _FAULTS as fault:
            raise Refused(f"store.objects: {_said_of(fault)}", "correct that section") from None

    async def put(self, name: str, octets: bytes) -> None:
        """Write an object in one request; raises `ObjectsAway`, and then nobody knows whether it is there."""
        try:
            await obstore.put_async(self._store, name, octets, use_multipart=False)
        except _FAULTS as fault:
            raise ObjectsAway(f"{self.place} takes nothing: {_said_of(fault)}") from fault

    async def read(self, name: str, *, most_octets: int) -> bytes | None:
        """All octets of an object; None for one that has more of them. Raises `NoObject` and `ObjectsAway`."""
        try:
            found = await obstore.get_async(self._store, name)
            if found.meta["size"] > most_octets:
                return None
            octets = bytes(await found.bytes_async())
        except FileNotFoundError as fault:
            raise NoObject(f"{self.place} has no {name}") from fault
        except _FAULTS as fault:
            raise ObjectsAway(f"{self.place} gives nothing: {_said_of(fault)}") from fault
        return octets

    async def remove(self, names: Sequence[str]) -> None:
        """Remove objects, of which those that are gone already do no harm; raises `ObjectsAway`."""
        if not names:
            return
        try:
            await obstore.delete_async(self._store, list(names))
        except FileNotFoundError:  # said by servers that are asked for one at a time
            for each in names if len(names) > 1 else ():
                await self.remove([each])
        except _FAULTS as fault:
            raise ObjectsAway(f"{self.place} removes nothing: {_said_of(fault)}") from fault

    async def pages(self, folder: str) -> AsyncGenerator[tuple[FoundObject, ...], None]:
        """What lies under a folder, a page at a time; raises `ObjectsAway`."""
        try:
            async for page in obstore.list(self._store, folder, chunk_size=LISTED_AT_ONCE):
                yield tuple(FoundObject(name=each["path"], changed_at=each["last_modified"]) for each in page)
        except _FAULTS as fault:
            raise ObjectsAway(f"{self.place} lists nothing: {_said_of(fault)}") from fault


def _said_of(fault: BaseException) -> str:
    """The first line, without what the library knows of its own inside."""
    return str(fault).partition("\n")[0][:300]
