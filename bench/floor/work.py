"""What has to be done for one transaction, prepared, and each step of it as a function.

A push with one part of 5 KB comes in, its receipt goes out, a PullRequest comes in, the sealed message goes out, its
receipt comes in: three private key operations (unwrap, two signatures) and four public ones (three verifications, one
wrap), three headers held against their schema, one document against its own, three commits.

Many messages are made ready, so that no step finds the octets of the one before in the processor's caches.
"""

from __future__ import annotations

import base64
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import apsw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM
from isal import igzip as gzip
from lxml import etree

from bench.floor.wire import (
    HUB,
    OAEP,
    PKCS1,
    RECEIVER,
    SENDER,
    Identity,
    Signed,
    digest,
    encrypted_key,
    mime,
    new_id,
    parts_of,
    pull_request,
    receipt,
    signed,
    user_message,
)

READY = 32
PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XENC = "{http://www.w3.org/2001/04/xmlenc#}"
WSU_ID = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}Id"
HEADERS = ("#messaging", "#body")


class FloorBroken(Exception):
    """A step did not find what it had to; the text says which."""


@dataclass(slots=True)
class Transaction:
    """What goes from step to step."""

    push: bytes
    pull: bytes
    receipt_in: bytes
    receipted: tuple[tuple[str, str, str], ...]  # what that receipt repeats
    message_id: str = field(default_factory=new_id)
    cipher: bytes = b""
    part_id: str = ""
    root: etree._Element | None = None
    signed_info: bytes = b""
    messaging: bytes = b""
    plain: bytes = b""
    message: bytes = b""
    receipt: bytes = b""
    answer: bytes = b""


class Floor:
    """Everything that one transaction needs."""

    def __init__(self, bits: int, *, schema: Path, header_schema: Path, document: Path, folder: Path) -> None:
        self.sender, self.hub, self.receiver = (Identity(bits) for _ in range(3))
        self.schema = etree.XMLSchema(etree.parse(str(schema)))
        self.header_schema = etree.XMLSchema(etree.parse(str(header_schema)))
        self.payload = gzip.compress(document.read_bytes())
        self.ready = [self._make_ready() for _ in range(READY)]
        self.database = apsw.Connection(str(folder / "floor.db"))
        for statement in ("pragma journal_mode=wal", "pragma synchronous=full", "pragma secure_delete=on"):
            list(self.database.execute(statement))
        self.database.execute("create table seen (id text primary key, receipt blob) without rowid")
        self.database.execute(
            "create table message (n integer primary key, id text unique, state text, pull text, content blob, "
            "refs text)"
        )

    def _make_ready(self) -> tuple[bytes, bytes, Signed, tuple[tuple[str, str, str], ...]]:
        part_id, key = new_id(), os.urandom(16)
        wrapped = self.hub.public.encrypt(key, OAEP)
        header = user_message(new_id(), SENDER, HUB, [part_id])
        push = signed(header, self.sender, [(part_id, digest(self.payload))], encrypted_key(wrapped, [part_id]))
        pull = signed(pull_request(new_id()), self.receiver)
        # As many references as the message that goes out has: header, Body, the part and the proof of origin.
        receipted = (*push.references, push.references[-1])
        receipt_in = signed(receipt(new_id(), new_id(), receipted), self.receiver)
        return mime(push.octets, [(part_id, sealed(key, self.payload))]), pull.octets, receipt_in, receipted

    def begin(self, number: int) -> Transaction:
        """The transaction of that number, before its first step."""
        push, pull, receipt_in, receipted = self.ready[number % READY]
        return Transaction(push, pull, receipt_in.octets, receipted)

    # ---- the push

    def parse(self, each: Transaction) -> None:
        """MIME, parse, header schema."""
        (_, envelope), (head, each.cipher) = parts_of(each.push)
        each.part_id = head.rpartition(b"<")[2].partition(b">")[0].decode()
        each.root = self._parsed(envelope)

    def verify(self, each: Transaction) -> None:
        """Signature value, and digests of header and Body."""
        each.messaging, each.signed_info = verified(_root(each), self.sender)

    def look_for_duplicate(self, each: Transaction) -> None:
        """Was it accepted before?"""
        if list(self.database.execute("select receipt from seen where id = ?", (each.message_id,))):
            raise FloorBroken("a message came twice")

    def open_part(self, each: Transaction) -> None:
        """Unwrap, decrypt, digest."""
        wrapped = next(_root(each).iter(f"{XENC}CipherValue")).text or ""
        each.plain = opened(self.hub.key.decrypt(base64.b64decode(wrapped), OAEP), each.cipher)
        references = list(_root(each).iter(f"{DS}Reference"))
        if digest(each.plain) != references[2][2].text:
            raise FloorBroken("the digest of the part differs")

    def validate(self, each: Transaction) -> None:
        """Inflate, parse, schema."""
        root = etree.fromstring(gzip.decompress(each.plain), PARSER)  # type: ignore[no-untyped-call]  # igzip has no types
        if not self.schema.validate(root):
            raise FloorBroken("the sample does not conform")

    def seal(self, each: Transaction) -> None:
        """Proof of origin, encrypt, wrap, sign, MIME."""
        origin = gzip.compress(self._origin(each))
        key, origin_id = os.urandom(16), new_id()
        parts = [(each.part_id, sealed(key, each.plain)), (origin_id, sealed(key, origin))]
        content_ids = [each.part_id, origin_id]
        encryption = encrypted_key(self.receiver.public.encrypt(key, OAEP), content_ids)
        header = user_message(each.message_id, HUB, RECEIVER, content_ids, f"urn:floor:mpc:{RECEIVER}")
        digests = [(each.part_id, digest(each.plain)), (origin_id, digest(origin))]
        each.message = mime(signed(header, self.hub, digests, encryption).octets, parts)

    def _origin(self, each: Transaction) -> bytes:
        """The sender's header, Body and signature as they were signed, with his certificate."""
        security = _root(each)[0][0]
        return b"".join(
            (
                b'<o:Origin xmlns:o="urn:floor:origin:1">',
                each.messaging,
                canonical(_root(each)[1]),
                canonical(security[-2]),
                canonical(security[-1]),
                b"<o:Certificate>%b</o:Certificate></o:Origin>" % self.sender.token.encode(),
            )
        )

    def acknowledge(self, each: Transaction) -> None:
        """The signed receipt."""
        info = _root(each).find(f".//{DS}SignedInfo")
        if info is None:
            raise FloorBroken("no signature came")
        references = [
            (one.get("URI") or "", one[0][0].get("Algorithm") or "", one[2].text or "")
            for one in info.iterchildren(f"{DS}Reference")
        ]
        each.receipt = signed(receipt(new_id(), each.message_id, references), self.hub).octets

    def store(self, each: Transaction) -> None:
        """Message, receipt and acceptance in one durable commit."""
        with self.database:
            self.database.execute("insert into seen values (?, ?)", (each.message_id, each.receipt))
            self.database.execute(
                "insert into message (id, state, content, refs) values (?, 'stored', ?, ?)",
                (each.message_id, each.message, repr(each.receipted)),
            )

    # ---- the pull

    def take_pull(self, each: Transaction) -> None:
        """Parse, header schema, verify."""
        verified(self._parsed(each.pull), self.receiver)

    def lease(self, each: Transaction) -> None:
        """The oldest message that waits, in one durable commit."""
        with self.database:
            ((each.answer,),) = self.database.execute(
                "update message set state = 'offered', pull = ? where n = "
                "(select max(n) from message) and state = 'stored' returning content",
                (new_id(),),
            )

    # ---- its receipt

    def take_receipt(self, each: Transaction) -> None:
        """Parse, header schema, verify, compare."""
        root = self._parsed(each.receipt_in)
        verified(root, self.receiver)
        repeated = [one[2].text for one in root[0][1].iter(f"{DS}Reference")]
        if repeated != [value for _, _, value in each.receipted]:
            raise FloorBroken("the receipt is of something else")

    def close(self, each: Transaction) -> None:
        """The message is gone, in one durable commit."""
        with self.database:
            self.database.execute(
                "update message set state = 'receipted', content = null where id = ? and state = 'offered'",
                (each.message_id,),
            )
            if not self.database.changes():
                raise FloorBroken("the receipt is of no message")

    def _parsed(self, envelope: bytes) -> etree._Element:
        root = etree.fromstring(envelope, PARSER)
        if not self.header_schema.validate(root[0][1]):
            raise FloorBroken("a header breaks its schema")
        return root

    STEPS = (
        ("push: MIME, parse, header schema", parse),
        ("push: verify", verify),
        ("push: look for a duplicate", look_for_duplicate),
        ("push: unwrap, decrypt, digest", open_part),
        ("push: inflate, parse, schema", validate),
        ("push: origin, encrypt, wrap, sign", seal),
        ("push: signed receipt", acknowledge),
        ("push: durable store", store),
        ("pull: parse, header schema, verify", take_pull),
        ("pull: lease", lease),
        ("receipt: parse, header schema, verify", take_receipt),
        ("receipt: close", close),
    )

    def transact(self, first: int, count: int) -> tuple[dict[str, int], Transaction]:
        """CPU nanoseconds of each step over so many transactions, one after the other, and the last one."""
        used = dict.fromkeys((name for name, _ in self.STEPS), 0)
        each = self.begin(first)
        for number in range(first, first + count):
            each = self.begin(number)
            for name, step in self.STEPS:
                started = time.process_time_ns()
                step(self, each)
                used[name] += time.process_time_ns() - started
        return used, each


def _root(each: Transaction) -> etree._Element:
    if each.root is None:
        raise FloorBroken("nothing was parsed")
    return each.root


def canonical(element: etree._Element) -> bytes:
    """Its exclusive canonical form."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def verified(root: etree._Element, signer: Identity) -> tuple[bytes, bytes]:
    """Compare the digests of header and Body, verify the signature value; the canonical header and ds:SignedInfo."""
    ids = {identifier: element for element in root.iter() if (identifier := element.get(WSU_ID)) is not None}
    signature = root[0][0][-1]
    info = canonical(signature[0])
    signer.public.verify(base64.b64decode(signature[1].text or ""), info, PKCS1, hashes.SHA256())
    found = {}
    for each in signature[0].iterchildren(f"{DS}Reference"):
        uri = each.get("URI") or ""
        if uri in HEADERS:
            found[uri] = canonical(ids[uri[1:]])
            if digest(found[uri]) != each[2].text:
                raise FloorBroken(f"the digest of {uri} differs")
    return found["#messaging"], info


def sealed(key: bytes, octets: bytes) -> bytes:
    """IV, ciphertext and tag."""
    iv = os.urandom(12)
    encryptor = Cipher(AES(key), GCM(iv)).encryptor()
    return iv + encryptor.update(octets) + encryptor.finalize() + encryptor.tag


def opened(key: bytes, octets: bytes) -> bytes:
    """What was sealed."""
    decryptor = Cipher(AES(key), GCM(octets[:12])).decryptor()
    plain = decryptor.update(octets[12:-16])
    decryptor.finalize_with_tag(octets[-16:])
    return plain
