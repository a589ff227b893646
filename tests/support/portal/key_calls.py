"""A browser of a unit that says of keys what its Worker would, with keys and signatures made here."""

from __future__ import annotations

import hashlib
import json
import uuid
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from support.identity import logins
from support.portal.portals import UNIT_A1, Page, TestBrowser, TestedPortal

from crypto.certificates import der
from crypto.desk_keys import framed
from crypto.pki import Issued, Usage, self_issued


@cache
def issued(usage: Usage, number: int = 0) -> Issued:
    at = logins.AT - timedelta(hours=1)
    return self_issued(common_name=f"Desk {number}", party_id=UNIT_A1, at=at, days=700, usage=usage, key_bits=3072)


def text(octets: bytes) -> str:
    return b64encode(octets).decode()


def signature(key: Issued, octets: bytes) -> str:
    assert isinstance(key.private_key, rsa.RSAPrivateKey)
    return text(key.private_key.sign(octets, padding.PKCS1v15(), hashes.SHA256()))


def public(key: Issued) -> bytes:
    return key.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def copy(pins: str | None = None) -> str:
    return json.dumps({"oneOff": "b25l", "keys": {"signing": "c2VhbGVk"}, "pins": pins})


@dataclass
class Desk:
    """A browser of unit A1 that says of keys what its Worker would."""

    browser: TestBrowser
    token: str
    organisation: Issued = field(default_factory=lambda: issued("signing", 1))
    roster: bytes = b""
    unit: str = UNIT_A1

    @property
    def path(self) -> str:
        return f"/desk/api/units/{quote(self.unit, safe='')}/keys"

    async def say(self, path: str, **document: Any) -> Page:
        return await self.browser.call("POST", f"{self.path}/{path}", document, token=self.token)

    async def keys(self) -> dict[str, Any]:
        found = await self.browser.call("GET", self.path, token=self.token)
        assert found.status == 200, found.text
        return dict(json.loads(found.text))

    async def lock(self, kind: str = "passkey") -> tuple[str, bytes]:
        """A new lock: its id and its challenge."""
        lock = str(uuid.uuid4())
        said = {"id": lock, "kind": kind, "name": "Laptop", "public_key": text(b"point"), "sealed_key": text(b"sealed")}
        made = await self.say("locks", **said, **({"credential": text(b"credential")} if kind == "passkey" else {}))
        assert made.status == 200, made.text
        return lock, b64decode(json.loads(made.text)["challenge"])

    def signed(self, purpose: str, before: bytes = b"", key: Issued | None = None, **says: Any) -> dict[str, str]:
        counter = json.loads(before)["counter"] + 1 if before else 1
        previous = hashlib.sha256(before).hexdigest() if before else ""
        octets = json.dumps({"counter": counter, "previous": previous, **says}).encode()
        value = signature(key or self.organisation, framed(purpose, octets))
        return {"text": octets.decode(), "signature": value}

    def listing(self, *locks: str) -> dict[str, str]:
        return self.signed("roster", self.roster, unit=self.unit, locks=[{"id": each} for each in locks])

    async def propose(self, *locks: str, copies: list[dict[str, str]] | None = None, **changes: Any) -> Page:
        set_id, roster = str(uuid.uuid4()), self.listing(*locks)
        sealed = [{"set": set_id, "lock": each, "copy": copy()} for each in locks]
        said = {
            "id": set_id, "signing": text(der(issued("signing").certificate)),
            "decryption": text(der(issued("encryption").certificate)), "organisation": text(public(self.organisation)),
            "roster": roster, "copies": sealed if copies is None else copies,
        }  # fmt: skip
        page = await self.say("sets", **{**said, **changes})
        if page.status == 200:
            self.roster = roster["text"].encode()
        return page


async def desk_of(portal: TestedPortal, person: str = "Jansen") -> Desk:
    browser = await portal.linked(UNIT_A1, person=person)
    return Desk(browser, await browser.token())
