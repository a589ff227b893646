"""The floor: what one full transaction costs when nothing is done but what has to be done.

Imports nothing of ours. The arithmetic, the canonical forms, the digests, one commit after the other and three empty
HTTPS requests are done by hand with the same libraries, and timed in CPU time of this process (and of the empty
server). The hub does the same work plus everything that makes it a hub; the ratio of the two is what `make bench`
reports.

The steps are timed in the order of a transaction, one transaction after the other. The same step forty times in a row
finds all it needs in the processor's caches and takes a quarter less, which no hub ever sees;
`steps_in_a_row_microseconds` tells that sum as well.

One transaction: a push with one 5 KB part comes in, its receipt goes out, a PullRequest comes in, the sealed message
goes out, its receipt comes in. Three private key operations (unwrap, two signatures) and four public ones (three
verifications, one wrap).

    python bench/floor.py --bits 2048 --schema xsd/modules/Schuldregeling/2.0/schema.xsd --document SAMPLE.xml
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import os
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import apsw
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.x509.oid import NameOID
from isal import igzip as gzip
from lxml import etree

ROUNDS, LOOPS = 7, 40
OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
PKCS1 = padding.PKCS1v15()
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
DS = "http://www.w3.org/2000/09/xmldsig#"
NS = {
    "S12": "http://www.w3.org/2003/05/soap-envelope",
    "eb": "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/",
    "wsse": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "wsu": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
    "ds": DS,
}
WSU_ID = f"{{{NS['wsu']}}}Id"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


class Identity:
    """A key pair with a certificate."""

    def __init__(self, bits: int) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        self.public = self.key.public_key()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "floor")])
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .sign(self.key, hashes.SHA256())
        )
        self.token = base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()


def c14n(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def digest(octets: bytes) -> str:
    return base64.b64encode(hashlib.sha256(octets).digest()).decode()


def reference(uri: str, value: str, transform: str) -> str:
    return (
        f'<ds:Reference URI="{uri}"><ds:Transforms><ds:Transform Algorithm="{transform}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<ds:DigestValue>{value}</ds:DigestValue></ds:Reference>"
    )


SWA = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform"


def signed(messaging: str, signer: Identity, parts: list[tuple[str, str]], extra: str = "") -> bytes:
    """An envelope with the signature over Messaging, Body and the given part digests."""
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())
    root = etree.fromstring(
        f"<S12:Envelope {spaces}><S12:Header>{messaging}<wsse:Security>{extra}"
        f'<wsse:BinarySecurityToken wsu:Id="t">{signer.token}</wsse:BinarySecurityToken></wsse:Security></S12:Header>'
        f'<S12:Body wsu:Id="b"/></S12:Envelope>',
        PARSER,
    )
    header, body = root
    references = reference("#m", digest(c14n(header[0])), EXC) + reference("#b", digest(c14n(body)), EXC)
    references += "".join(reference(f"cid:{cid}", value, SWA) for cid, value in parts)
    info = etree.fromstring(
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXC}"/>'
        f'<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>{references}'
        f'</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo xmlns:wsse="{NS["wsse"]}"><wsse:SecurityTokenReference>'
        f'<wsse:Reference URI="#t"/></wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>',
        PARSER,
    )
    header[1].append(info)
    value = signer.key.sign(c14n(info[0]), PKCS1, hashes.SHA256())
    info[1].text = base64.b64encode(value).decode()
    return etree.tostring(root, encoding="UTF-8")


def verified(octets: bytes, signer: Identity, parts: dict[str, bytes]) -> etree._Element:
    """Parse, digest Messaging, Body and parts, compare, verify the signature value."""
    root = etree.fromstring(octets, PARSER)
    ids = {element.get(WSU_ID): element for element in root.iter() if element.get(WSU_ID)}
    signature = root[0][1][-1]
    info = signature[0]
    for each in info.iterchildren(f"{{{DS}}}Reference"):
        uri = each.get("URI") or ""
        found = parts[uri[4:]] if uri.startswith("cid:") else c14n(ids[uri[1:]])
        if digest(found) != each[2].text:
            raise ValueError("a digest differs")
    signer.public.verify(base64.b64decode(signature[1].text or ""), c14n(info), PKCS1, hashes.SHA256())
    return root


def user_message(cid: str, size: int = 2400) -> str:
    """An eb:Messaging of about the size that a real one has."""
    filling = "".join(f'<eb:Property name="p{n}">value of a property {n}</eb:Property>' for n in range(size // 60))
    return (
        f'<eb:Messaging S12:mustUnderstand="true" wsu:Id="m"><eb:UserMessage><eb:MessageInfo><eb:MessageId>one@floor'
        f"</eb:MessageId></eb:MessageInfo><eb:MessageProperties>{filling}</eb:MessageProperties><eb:PayloadInfo>"
        f'<eb:PartInfo href="cid:{cid}"/></eb:PayloadInfo></eb:UserMessage></eb:Messaging>'
    )


def signal(content: str) -> str:
    return f'<eb:Messaging wsu:Id="m"><eb:SignalMessage>{content}</eb:SignalMessage></eb:Messaging>'


def sealed(key: bytes, octets: bytes) -> bytes:
    iv = os.urandom(12)
    encryptor = Cipher(AES(key), GCM(iv)).encryptor()
    return iv + encryptor.update(octets) + encryptor.finalize() + encryptor.tag


def opened(key: bytes, octets: bytes) -> bytes:
    decryptor = Cipher(AES(key), GCM(octets[:12])).decryptor()
    plain = decryptor.update(octets[12:-16])
    decryptor.finalize_with_tag(octets[-16:])
    return plain


def cpu_microseconds(work: Callable[[], object]) -> float:
    """Median CPU time of one call over rounds of loops."""
    work()
    found = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(LOOPS):
            work()
        found.append((time.process_time() - started) / LOOPS * 1e6)
    return statistics.median(found)


class Floor:
    """Everything that one transaction needs, prepared, and each step as a function."""

    def __init__(self, bits: int, schema: Path, document: Path, folder: Path) -> None:
        self.sender, self.hub, self.receiver = (Identity(bits) for _ in range(3))
        self.schema = etree.XMLSchema(etree.parse(str(schema)))
        self.payload = gzip.compress(document.read_bytes())
        self.key = os.urandom(16)
        cipher = sealed(self.key, self.payload)
        wrapped = base64.b64encode(self.hub.public.encrypt(self.key, OAEP)).decode()
        extra = f'<xenc:EncryptedKey xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">{wrapped}</xenc:EncryptedKey>'
        envelope = signed(user_message("p@floor"), self.sender, [("p@floor", digest(self.payload))], extra)
        self.push = self.mime(envelope, cipher)
        pull = signal('<eb:PullRequest mpc="urn:floor:mpc"/>')
        self.pull = signed(pull, self.receiver, [])
        nri = "".join(f"<eb:R>{reference(f'#{n}', digest(bytes([n])), EXC)}</eb:R>" for n in range(4))
        self.receipt_text = signal(f"<eb:Receipt>{nri}</eb:Receipt>")
        self.receipt_in = signed(self.receipt_text, self.receiver, [])
        self.database = apsw.Connection(str(folder / "floor.db"))
        for statement in ("pragma journal_mode=wal", "pragma synchronous=full", "pragma secure_delete=on"):
            list(self.database.execute(statement))
        self.database.execute("create table seen (k blob primary key, receipt blob)")
        self.database.execute(
            "create table message (n integer primary key, state text, token blob, head blob, parts blob)"
        )
        self.stored = b"x" * 6000
        self.number = 0

    @staticmethod
    def mime(envelope: bytes, part: bytes) -> bytes:
        return (
            b"--B\r\nContent-Type: application/soap+xml\r\nContent-ID: <r>\r\n\r\n"
            + envelope
            + b"\r\n--B\r\nContent-Type: application/octet-stream\r\nContent-ID: <p@floor>\r\n\r\n"
            + part
            + b"\r\n--B--\r\n"
        )

    def open_push(self) -> None:
        """MIME split, parse, unwrap the key, decrypt."""
        pieces = self.push.split(b"\r\n--B")
        self.envelope = pieces[0].partition(b"\r\n\r\n")[2]
        cipher = pieces[1].partition(b"\r\n\r\n")[2]
        root = etree.fromstring(self.envelope, PARSER)
        key = self.hub.key.decrypt(base64.b64decode(root[0][1][0].text or ""), OAEP)
        self.plain = opened(key, cipher)

    def verify_push(self) -> None:
        verified(self.envelope, self.sender, {"p@floor": self.plain})

    def validate(self) -> None:
        root = etree.fromstring(gzip.decompress(self.plain), PARSER)  # type: ignore[no-untyped-call]  # igzip has no types
        if not self.schema.validate(root):
            raise ValueError("the sample does not conform")

    def receipt_out(self) -> None:
        self.receipt = signed(self.receipt_text, self.hub, [])

    def store(self) -> None:
        self.number += 1
        with self.database:
            self.database.execute("insert into seen values (?, ?)", (os.urandom(32), self.receipt))
            self.database.execute(
                "insert into message values (?, 'stored', null, ?, ?)", (self.number, self.receipt, self.stored)
            )

    def verify_pull(self) -> None:
        verified(self.pull, self.receiver, {})

    def lease(self) -> None:
        with self.database:
            list(
                self.database.execute(
                    "update message set state = 'offered', token = ? where n = ? returning head, parts",
                    (os.urandom(16), self.number),
                )
            )

    def build(self) -> None:
        """Sign over the parts, wrap the key, encrypt, put into MIME."""
        key = os.urandom(16)
        cipher = sealed(key, self.plain)
        wrapped = base64.b64encode(self.receiver.public.encrypt(key, OAEP)).decode()
        extra = f'<xenc:EncryptedKey xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">{wrapped}</xenc:EncryptedKey>'
        envelope = signed(user_message("p@floor"), self.hub, [("p@floor", digest(self.plain))], extra)
        self.mime(envelope, cipher)

    def verify_receipt(self) -> None:
        verified(self.receipt_in, self.receiver, {})

    def close(self) -> None:
        with self.database:
            self.database.execute(
                "update message set state = 'receipted', head = null, token = ? where n = ?",
                (os.urandom(16), self.number),
            )

    STEPS = (
        ("mime, parse, unwrap, decrypt", open_push),
        ("digest, verify", verify_push),
        ("gunzip, parse, validate", validate),
        ("signed receipt", receipt_out),
        ("durable store", store),
        ("pull: parse, verify", verify_pull),
        ("lease", lease),
        ("build, sign, wrap, encrypt", build),
        ("receipt: parse, verify", verify_receipt),
        ("close", close),
    )

    def steps(self) -> dict[str, float]:
        """Median CPU microseconds of each step, over transactions that are done one after the other."""
        found: dict[str, list[float]] = {name: [] for name, _ in self.STEPS}
        for _ in range(ROUNDS * LOOPS):
            for name, step in self.STEPS:
                started = time.process_time_ns()
                step(self)
                found[name].append((time.process_time_ns() - started) / 1e3)
        return {name: statistics.median(each) for name, each in found.items()}

    def steps_in_a_row(self) -> float:
        """The sum of the steps in CPU microseconds when each is repeated on its own."""
        return sum(cpu_microseconds(partial(step, self)) for _, step in self.STEPS)


def serve_nothing(pipe: Connection, certificate: str, key: str) -> None:
    """An HTTPS server with an empty handler; says its port, then its CPU time whenever it is asked."""
    import uvloop
    from aiohttp import web

    async def handler(request: web.BaseRequest) -> web.Response:
        await request.read()
        return web.Response(body=b"x" * 2500)

    async def main() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(web.Server(handler), "127.0.0.1", 0, ssl=context)
        pipe.send(server.sockets[0].getsockname()[1])
        while await loop.run_in_executor(None, pipe.recv):
            pipe.send(time.process_time())

    uvloop.run(main())


async def requests_microseconds(bits: int, folder: Path, body: bytes, count: int = 1500) -> float:
    """CPU of an empty server for one request on a kept TLS connection."""
    import aiohttp

    identity = Identity(bits)
    certificate, key = folder / "tls.pem", folder / "tls.key"
    certificate.write_bytes(identity.certificate.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        identity.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    ours, theirs = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=serve_nothing, args=(theirs, str(certificate), str(key)), daemon=True)
    process.start()
    port = ours.recv()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def server_cpu() -> float:
        ours.send(True)
        return float(ours.recv())

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context, limit=1)) as session:
        for warm in (True, False):
            before = server_cpu()
            for _ in range(100 if warm else count):
                async with session.post(f"https://127.0.0.1:{port}/", data=body) as response:
                    await response.read()
    used = server_cpu() - before
    ours.send(False)
    process.join(5)
    return used / count * 1e6


def primitives(bits: int) -> dict[str, float]:
    """Microseconds of the bare key operations, to see what machine this is."""
    identity = Identity(bits)
    value = identity.key.sign(b"x", PKCS1, hashes.SHA256())
    wrapped = identity.public.encrypt(b"k" * 16, OAEP)
    return {
        "sign": cpu_microseconds(lambda: identity.key.sign(b"x", PKCS1, hashes.SHA256())),
        "verify": cpu_microseconds(lambda: identity.public.verify(value, b"x", PKCS1, hashes.SHA256())),
        "unwrap": cpu_microseconds(lambda: identity.key.decrypt(wrapped, OAEP)),
        "wrap": cpu_microseconds(lambda: identity.public.encrypt(b"k" * 16, OAEP)),
    }


def measure(bits: int, schema: Path, document: Path) -> dict[str, object]:
    """The floor for one key size: each step, three HTTPS requests, and the sum, in CPU microseconds."""
    with tempfile.TemporaryDirectory(prefix="floor-") as name:
        folder = Path(name)
        floor = Floor(bits, schema, document, folder)
        in_a_row = floor.steps_in_a_row()
        steps = floor.steps()
        request = asyncio.run(requests_microseconds(2048, folder, floor.push))
    steps["3 HTTPS requests, kept connection"] = 3 * request
    return {
        "bits": bits,
        "primitives_microseconds": primitives(bits),
        "steps_microseconds": steps,
        "sum_microseconds": sum(steps.values()),
        "steps_in_a_row_microseconds": in_a_row + 3 * request,
        "private_key_operations": 3,
        "public_key_operations": 4,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--bits", type=int, action="append", choices=(2048, 3072, 4096))
    parser.add_argument("--schema", type=Path, required=True)
    parser.add_argument("--document", type=Path, required=True)
    arguments = parser.parse_args()
    found = [measure(bits, arguments.schema, arguments.document) for bits in arguments.bits or [2048, 3072]]
    json.dump(found, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
