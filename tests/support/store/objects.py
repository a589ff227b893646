"""S3-compatible storage for tests: a server of others in a process of its own, a bucket for each store, found by the
folder of the store, and a connection to it that fails as a test says.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from aiohttp import ClientSession, DummyCookieJar, web

from gateway.objects import ObjectPlace
from gateway.objects.s3 import S3Bucket

KEY_ID = "knooppunt"
SECRET_KEY = "a secret of tests"

_MOTO = """
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.port, flush=True)
server.serve_forever()
"""


class ObjectServer(Protocol):
    """A server that speaks S3 on loopback."""

    @property
    def endpoint(self) -> str: ...

    def make_bucket(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Moto:
    """The one of `moto`, which keeps objects in memory and looks at no signature."""

    endpoint: str

    def make_bucket(self, name: str) -> None:
        urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/{name}", method="PUT"), timeout=10).close()


@contextlib.contextmanager
def moto() -> Iterator[Moto]:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _MOTO], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        yield Moto(endpoint=f"http://127.0.0.1:{int(process.stdout.readline())}")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


_server: Callable[[], ObjectServer] | None = None


def serve_objects_from(server: Callable[[], ObjectServer]) -> None:
    """Where buckets are made from now on, once the first is asked for."""
    global _server
    _server = server


def new_place() -> ObjectPlace:
    """A bucket of its own, with nothing in it."""
    assert _server is not None, "no fixture said which server has the buckets"
    server, bucket = _server(), f"hub-{secrets.token_hex(8)}"
    server.make_bucket(bucket)
    return ObjectPlace(
        endpoint=server.endpoint,
        bucket=bucket,
        region="us-east-1",
        prefix="messages",
        key_id=KEY_ID,
        secret_key=SECRET_KEY,
        answer_seconds=5.0,
        retries=0,
    )


def place_objects(path: Path) -> None:
    """Make a bucket for the store in this folder, if it has none."""
    if not _beside(path).exists():
        _beside(path).write_text(json.dumps(asdict(new_place())))


def place_of(path: Path, **changes: Any) -> ObjectPlace:
    return replace(ObjectPlace(**json.loads(_beside(path).read_text())), **changes)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.bucket")


def apart(work: Callable[[S3Bucket], Awaitable[Any]], path: Path) -> Any:
    """What this work makes of the bucket beside the store, whether or not an event loop runs here."""

    async def done() -> Any:
        return await work(S3Bucket(place_of(path)))

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, done()).result()


async def names_in(bucket: S3Bucket) -> list[str]:
    """Every piece of large parts in a bucket."""
    found = [each.name async for page in bucket.pages("") for each in page]
    return sorted(name for name in found if not name.endswith("/mark"))


def count_objects(path: Path) -> int:
    """How many messages have, or had, parts there."""
    return len({name.rpartition("/")[0] for name in apart(names_in, path)})


def hide_objects(path: Path, aside: Path, _message_id: str, parts: bytes) -> None:
    """The pieces in which these parts lie are gone, and lie aside."""

    async def hide(bucket: S3Bucket) -> dict[str, str]:
        found: dict[str, dict[str, bytes]] = {}
        for name in await names_in(bucket):
            octets = await bucket.read(name, most_octets=1 << 30)
            found.setdefault(name.rpartition("/")[0], {})[name] = octets or b""
        (pieces,) = (each for each in found.values() if b"".join(each[name] for name in sorted(each)) == parts)
        await bucket.remove(list(pieces))
        return {name: octets.hex() for name, octets in pieces.items()}

    aside.write_text(json.dumps(apart(hide, path)))


def show_objects(path: Path, aside: Path) -> None:
    """They are back."""

    kept = json.loads(aside.read_text())

    async def show(bucket: S3Bucket) -> None:
        for name, octets in kept.items():
            await bucket.put(name, bytes.fromhex(octets))

    apart(show, path)


_KEPT = ("etag", "last-modified", "content-type")
Fault = Callable[[str, str], str | None]


@dataclass(slots=True, kw_only=True)
class Line:
    """A line to a server, which does to each request what `fault` says of its method and path. Requests in which the
    octets `refused` stand are denied.
    """

    endpoint: str
    fault: Fault = field(default=lambda _method, _path: None)
    refused: bytes | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextlib.asynccontextmanager
async def line_to(endpoint: str) -> AsyncIterator[Line]:
    """A line on which answers are an `error`, come `slow` or never (`hang`), are `cut` in the middle, `altered` or
    `shorter` than what is there; or whose requests are `swallowed`, and answered as if they had been carried out.
    """
    line = Line(endpoint="")
    over = asyncio.Event()

    async def carry(request: web.Request) -> web.StreamResponse:
        line.asked.append((request.method, request.path))
        fault = line.fault(request.method, request.path)
        if line.refused is not None and line.refused in await request.read() + request.path.encode():
            fault = "denied"
        if fault == "hang":
            await over.wait()
        if fault in ("error", "denied"):
            return web.Response(status=500 if fault == "error" else 403, text="<Error><Code>Sorry</Code></Error>")
        if fault == "swallowed":
            await request.read()
            return web.Response(headers={"ETag": '"0"'})
        if fault == "slow":
            await asyncio.sleep(0.05)
        sent = {key: value for key, value in request.headers.items() if key != "Transfer-Encoding"}
        async with session.request(
            request.method, f"{endpoint}{request.raw_path}", headers=sent, data=BytesIO(await request.read())
        ) as answer:
            body = await answer.read()
            kept = {key: value for key, value in answer.headers.items() if key.lower() in _KEPT}
            if fault == "altered" and body:
                body = bytes([body[0] ^ 1]) + body[1:]
            if fault == "shorter":
                body = body[:-1]
            if fault == "cut":
                response = web.StreamResponse(status=answer.status, headers=kept | {"Content-Length": str(len(body))})
                await response.prepare(request)
                await response.write(body[: len(body) // 2])
                assert request.transport is not None
                request.transport.abort()
                return response
            return web.Response(status=answer.status, headers=kept, body=body)

    async with ClientSession(cookie_jar=DummyCookieJar(), auto_decompress=False) as session:
        application = web.Application(client_max_size=1 << 30)
        application.router.add_route("*", "/{path:.*}", carry)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        line.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield line
        finally:
            over.set()
            await runner.cleanup()
