"""The keys of a unit as its browsers would have left them at the portal: a set of test keys, wrapped to one sheet.

    sheet = await give_keys(portal, UNIT_A1, "creditor", person="Jansen")       # what stands on the sheet

Made by another hand than the browser's, from the description of the formats; the set is in force, as after approval.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from support.directory.books import DIRECTORY
from support.keys.pki import identity
from support.portal.portals import TestBrowser, TestedPortal

from crypto.certificates import der
from crypto.desk_keys import framed
from gateway.store.portal.model import DocumentKind, KeptDocument, KeySet, Lock, LockKind, WrappedCopy

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def text(octets: bytes) -> str:
    return b64encode(octets).decode()


def sheet_text(secret: bytes) -> str:
    """What stands on a sheet with that secret."""
    value = int.from_bytes(secret, "big") << 2
    letters = "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(26)))
    check = hashlib.sha256(framed("sheet", secret)).digest()
    return letters + ALPHABET[check[0] >> 3] + ALPHABET[(check[0] & 7) << 2 | check[1] >> 6]


def _derived(secret: bytes, unit: str, info: str) -> AESGCM:
    return AESGCM(HKDF(algorithm=hashes.SHA256(), length=32, salt=unit.encode(), info=info.encode()).derive(secret))


def _sealed(octets: bytes, key: AESGCM, *place: str) -> bytes:
    vector = os.urandom(12)
    return vector + key.encrypt(vector, octets, framed("wrap", *place))


def _pkcs8(key: Key) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _wrapped(
    keys: Mapping[str, Key], unit: str, key_set: str, lock: str, own: ec.EllipticCurvePrivateKey
) -> dict[str, Any]:
    one_off = ec.generate_private_key(ec.SECP256R1())
    between = _derived(one_off.exchange(ec.ECDH(), own.public_key()), unit, f"knooppunt desk 1|seal|{lock}")
    sealed = {name: text(_sealed(_pkcs8(key), between, unit, f"{key_set}/{name}", lock)) for name, key in keys.items()}
    return {"oneOff": text(_point(one_off)), "keys": sealed}


async def give_keys(
    portal: TestedPortal, unit: str, name: str, *browsers: TestBrowser, administer: bool = True, **says: object
) -> Sequence[str]:
    """Keys in force for a unit: those of the test identity `name`. A sheet for each of these people, who work there.

    The organisation's settings name the hub; `says` is what they say otherwise. Where nobody administers, no sheet
    opens the organisation's key.
    """
    who = identity(name)
    organisation_key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    spki = organisation_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    keys: dict[str, Key] = {
        "signing": who.signing.private_key, "decryption": who.encryption.private_key, "organisation": organisation_key,
    }  # fmt: skip
    key_set, copies, listed, sheets = str(uuid.uuid4()), [], [], []
    for browser in browsers:
        found = await portal.store.find_session(browser.cookies["__Host-knooppunt"])
        assert found is not None
        person, lock, secret = found.person, str(uuid.uuid4()), os.urandom(16)
        own = ec.generate_private_key(ec.SECP256R1())
        kek = _derived(secret, unit, f"knooppunt desk 1|{lock}")
        await portal.store.add_lock(
            Lock(
                id=lock,
                organisation=person.organisation,
                unit=unit,
                person=person.id,
                kind=LockKind.SHEET,
                name="Blad",
                public_key=_point(own),
                sealed_key=_sealed(_pkcs8(own), kek, unit, "lock", lock),
            )
        )
        await portal.store.count_lock(lock, unit=unit, person=person.id)
        given = keys if administer else {name: keys[name] for name in ("signing", "decryption")}
        copy = _wrapped(given, unit, key_set, lock, own)
        pins = {"organisation": text(spki), "roster": 1, "settings": 0}
        copy["pins"] = text(_sealed(json.dumps(pins).encode(), kek, unit, "pins", lock))
        copies.append(WrappedCopy(key_set=key_set, lock=lock, octets=json.dumps(copy).encode(), wrapped_by=person.id))
        listed.append({
            "id": lock, "kind": "sheet", "person": person.id, "administers": administer, "publicKey": text(_point(own)),
            "since": portal.clock.now().isoformat(),
        })  # fmt: skip
        sheets.append(sheet_text(secret))
    certificates = {"signing": text(der(who.signing.certificate)), "decryption": text(der(who.encryption.certificate))}
    roster = {
        "format": "knooppunt desk 1 roster", "unit": unit, "counter": 1, "previous": "", "settings": 0,
        "organisation": text(spki), "sets": [{"id": key_set, "certificates": certificates}], "locks": listed,
    }  # fmt: skip
    octets = json.dumps(roster).encode()
    signature = organisation_key.sign(framed("roster", octets), padding.PKCS1v15(), hashes.SHA256())
    made = KeySet(
        id=key_set, organisation=person.organisation, unit=unit, made_by=person.id,
        signing_certificate=der(who.signing.certificate), decryption_certificate=der(who.encryption.certificate),
        organisation_key=spki,
    )  # fmt: skip
    assert await portal.store.propose_key_set(made, copies) is not None
    assert await portal.store.activate_key_set(key_set, by="test")
    kept = KeptDocument(
        kind=DocumentKind.ROSTER, organisation=person.organisation, unit=unit, counter=1, previous_sha256=b"",
        octets=octets, signature=signature, kept_by=person.id,
    )  # fmt: skip
    assert await portal.store.keep_document(kept)
    settings = {
        "format": "knooppunt desk 1 settings", "counter": 1, "previous": "", "accounts": [], "contacts": [],
        "lockKinds": ["passkey", "sheet", "device"], "deskOnly": False, "syncedPasskeys": True, "hub": hub_of(portal),
    }  # fmt: skip
    octets = json.dumps({**settings, **says}).encode()
    signature = organisation_key.sign(framed("settings", octets), padding.PKCS1v15(), hashes.SHA256())
    said = replace(kept, kind=DocumentKind.SETTINGS, unit="", octets=octets, signature=signature)
    assert await portal.store.keep_document(said)
    return sheets


def hub_of(portal: TestedPortal) -> dict[str, object]:
    """The hub of a portal as settings name it."""
    hub = portal.hub.configuration.hub
    return {
        "signing": [text(der(each)) for each in hub.signing_certificates],
        "encryption": [text(der(each)) for each in hub.encryption_certificates],
        "directory": [text(der(DIRECTORY.certificate))],
        "party": hub.party_id,
    }
