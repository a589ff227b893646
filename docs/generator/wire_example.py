"""Records one push, one pull and one receipt as they stand on the wire: `python -m generator.wire_example`, in docs.

Keys, ids and times are new each time, so the files below docs/reference/wire are made on purpose and kept; a test holds
them against the program (tests/docs/test_wire_example.py).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

DOCS: Final = Path(__file__).parent.parent
FOLDER: Final = DOCS / "reference" / "wire"

if __name__ == "__main__":
    sys.path[1:1] = [str(DOCS.parent), str(DOCS.parent / "tests")]

from cryptography.hazmat.primitives.serialization import Encoding  # noqa: E402 - found by the path above
from interop.product import payload, scene  # noqa: E402 - as above
from support.keys.pki import identity  # noqa: E402 - as above

EXCHANGES: Final = ("push", "pull", "receipt")
SIGNERS: Final = ("counsellor", "creditor", "hub")


@dataclass
class Tapped:
    """A relay on loopback; `passed` has what went each way, an exchange after the other."""

    host: str
    port: int
    passed: list[tuple[bytearray, bytearray]] = field(default_factory=list)
    url: str = ""

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.host, self.port)

        async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, answer: bool) -> None:
            while octets := await source.read(1 << 16):
                if not answer and octets.startswith(b"POST "):
                    self.passed.append((bytearray(), bytearray()))
                self.passed[-1][answer].extend(octets)
                target.write(octets)
                await target.drain()
            target.close()

        await asyncio.gather(carry(reader, back, False), carry(there, writer, True))


@asynccontextmanager
async def tapped(url: str) -> AsyncIterator[Tapped]:
    """What a client says to `url`, which is plain HTTP."""
    place = urlsplit(url)
    assert place.hostname is not None
    assert place.port is not None
    tap = Tapped(place.hostname, place.port)
    server = await asyncio.start_server(tap.relay, "127.0.0.1", 0)
    async with server:
        tap.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{place.path}"
        yield tap


async def record(folder: Path) -> list[tuple[bytes, bytes]]:
    """A Saldoverzoek is pushed, pulled and acknowledged: three requests with their answers."""
    async with scene(folder) as here, tapped(here.hub.url) as tap:
        async with here.client("counsellor", url=tap.url) as counsellor:
            assert (await counsellor.push(payload())).receipt is not None
        async with here.client("creditor", url=tap.url) as creditor:
            await creditor.pull()
        return [(bytes(asked), bytes(answered)) for asked, answered in tap.passed]


def main() -> None:
    """Write the files anew."""
    with tempfile.TemporaryDirectory(prefix="knooppunt-wire-") as folder:
        exchanges = asyncio.run(record(Path(folder)))
    FOLDER.mkdir(exist_ok=True)
    for name, (asked, answered) in zip(EXCHANGES, exchanges, strict=True):
        (FOLDER / f"{name}-request.http").write_bytes(asked)
        (FOLDER / f"{name}-answer.http").write_bytes(answered)
    for name in SIGNERS:
        certificate = identity(name).signing.certificate.public_bytes(Encoding.PEM)
        (FOLDER / f"{name}-signing.pem").write_bytes(certificate)


if __name__ == "__main__":
    main()
