"""What the browser's key modules make, read by another implementation: Python's cryptography, OpenSSL, our own rooms.

The twin here knows the formats from their description alone; what it opens it opens with the secret of the lock and
nothing else, as whoever holds all that the server keeps would have to (PO-49).
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from support.browser.node import node

from crypto import desk_keys
from crypto.certificates import Certificate, certificate_objection, load_der, may_encrypt, may_sign
from crypto.faults import FailedAuthentication
from crypto.pki import certificates_pem
from xsd.check_digits import account_number

HERE = Path(__file__).parent
AT = datetime(2027, 1, 1, tzinfo=UTC)
IBANS = (
    "NL91ABNA0417164300", "NL91ABNA0417164301", "NL20INGB0001234567", "NL91ABNA041716430", "NL91 ABNA 0417 1643 00",
    "DE89370400440532013000", "BE68539007547034", "FR1420041010050500013M02606", "nl91abna0417164300", "", "NL",
    "NL00ABNA0417164300", "GB29NWBK60161331926819", "NL911BNA0417164300",
)  # fmt: skip


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """What a browser made, with the secret of its lock."""
    done = node([HERE / "js" / "keys" / "vectors.js", json.dumps({"ibans": IBANS})])
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def certificate(made: dict[str, Any], which: str) -> Certificate:
    return load_der(b64decode(made["certificates"][which]))


def kek(secret: bytes, *, unit: str, info: str) -> AESGCM:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=unit.encode(), info=info.encode()).derive(secret)
    return AESGCM(derived)


def opened(sealed: bytes, key: AESGCM, *associated: str) -> bytes:
    said = b"knooppunt desk 1 wrap\0" + b"".join(len(each).to_bytes(4, "big") + each.encode() for each in associated)
    return key.decrypt(sealed[:12], sealed[12:], said)


def lock_key(made: dict[str, Any], secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The private half of the lock, by the secret that opens it."""
    key = kek(secret, unit=made["unit"], info=f"knooppunt desk 1|{made['lock']}")
    found = load_der_private_key(opened(b64decode(made["sealedKey"]), key, made["unit"], "lock", made["lock"]), None)
    assert isinstance(found, ec.EllipticCurvePrivateKey)
    return found


@pytest.mark.parametrize("which", ["signing", "decryption"])
def test_certificates_are_as_the_hub_wants_them(made: dict[str, Any], which: str) -> None:
    found = certificate(made, which)
    assert certificate_objection(found, AT, usage="signing" if which == "signing" else "encryption") is None
    assert (may_sign(found), may_encrypt(found)) == (which == "signing", which == "decryption")
    assert found.version is x509.Version.v3
    assert found.serial_number.bit_length() == 127
    key = found.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert (key.key_size, key.public_numbers().e) == (3072, 65537)
    subject = {each.oid: each.value for each in found.subject}
    assert subject == {x509.NameOID.COMMON_NAME: "Incasso Noord", x509.NameOID.SERIAL_NUMBER: made["unit"]}
    identifier = found.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert identifier == x509.SubjectKeyIdentifier.from_public_key(key)


def test_the_signing_certificate_signed_itself_and_issued_the_other(made: dict[str, Any]) -> None:
    signing, decryption = certificate(made, "signing"), certificate(made, "decryption")
    signing.verify_directly_issued_by(signing)
    decryption.verify_directly_issued_by(signing)


@pytest.mark.parametrize("which", ["signing", "decryption"])
def test_openssl_takes_the_path(made: dict[str, Any], which: str, tmp_path: Path) -> None:
    root, leaf = tmp_path / "root.pem", tmp_path / "leaf.pem"
    root.write_bytes(certificates_pem(certificate(made, "signing")))
    leaf.write_bytes(certificates_pem(certificate(made, which)))
    command = ["openssl", "verify", "-x509_strict", "-attime", str(int(AT.timestamp())), "-CAfile", root, leaf]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == f"{leaf}: OK\n", done.stderr


def test_the_secret_of_the_lock_opens_the_three_keys_and_no_other_secret_does_PO_49(made: dict[str, Any]) -> None:
    unit, lock, copy = made["unit"], made["lock"], json.loads(made["copy"])
    own = lock_key(made, b64decode(made["secret"]))
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert point == b64decode(made["publicKey"])
    other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b64decode(copy["oneOff"]))
    between = kek(own.exchange(ec.ECDH(), other), unit=unit, info=f"knooppunt desk 1|seal|{lock}")
    spki = {}
    for name, sealed in copy["keys"].items():
        octets = opened(b64decode(sealed), between, unit, f"{made['set']}/{name}", lock)
        public = load_der_private_key(octets, None).public_key()
        spki[name] = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert spki["organisation"] == b64decode(made["organisation"])
    for name in ("signing", "decryption"):
        of_certificate = certificate(made, name).public_key()
        assert spki[name] == of_certificate.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(InvalidTag):
        lock_key(made, bytes(32))


def test_pins_lie_under_the_lock_itself(made: dict[str, Any]) -> None:
    key = kek(b64decode(made["secret"]), unit=made["unit"], info=f"knooppunt desk 1|{made['lock']}")
    pins = json.loads(opened(b64decode(json.loads(made["copy"])["pins"]), key, made["unit"], "pins", made["lock"]))
    assert pins == {"organisation": made["organisation"], "roster": 1, "settings": 0, "known": 0}


def test_both_halves_have_the_same_words_and_frames(made: dict[str, Any]) -> None:
    assert b64decode(made["framed"]) == desk_keys.framed("x", "é", b"\0\1", "")
    words = desk_keys.words_of_set(
        made["unit"],
        signing=certificate(made, "signing"),
        decryption=certificate(made, "decryption"),
        organisation_key=b64decode(made["organisation"]),
    )
    assert list(words) == made["words"] == list(desk_keys.words_of(b64decode(made["hash"])))
    every = {desk_keys.words_of((value << 245).to_bytes(32, "big"))[0] for value in range(2048)}
    assert every == {one + other for one in made["parts"]["first"] for other in made["parts"]["second"]}


def test_an_enrolment_is_verified_for_its_unit_lock_and_challenge_alone_PO_76(made: dict[str, Any]) -> None:
    signing, value = certificate(made, "signing"), b64decode(made["enrolled"])
    right = {"unit": made["unit"], "lock": made["lock"], "challenge": b64decode(made["challenge"])}
    desk_keys.check_enrolment(signing, value, **right)
    for wrong in ({"unit": "x"}, {"lock": "x"}, {"challenge": bytes(32)}):
        with pytest.raises(FailedAuthentication):
            desk_keys.check_enrolment(signing, value, **{**right, **wrong})
    with pytest.raises(ValueError, match="32 octets"):
        desk_keys.check_enrolment(signing, value, **{**right, "challenge": bytes(31)})


def test_a_document_is_verified_as_what_it_is_and_by_the_key_of_its_organisation(made: dict[str, Any]) -> None:
    key = b64decode(made["organisation"])
    for purpose, other in (("roster", "settings"), ("settings", "roster")):
        text, value = made[purpose]["text"].encode(), b64decode(made[purpose]["signature"])
        desk_keys.check_document(text, value, purpose=purpose, organisation_key=key)  # type: ignore[arg-type]
        foreign = certificate(made, "signing").public_key()
        spki = foreign.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for octets, label, by in ((text + b" ", purpose, key), (text, other, key), (text, purpose, spki)):
            with pytest.raises(FailedAuthentication):
                desk_keys.check_document(octets, value, purpose=label, organisation_key=by)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [b"", b"0\0", "small"])
def test_a_key_of_an_organisation_that_is_none_verifies_nothing(key: bytes | str) -> None:
    if isinstance(key, str):
        small = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
        key = small.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(FailedAuthentication, match="organisation's key"):
        desk_keys.check_document(b"{}", bytes(384), purpose="roster", organisation_key=key)


def test_a_sheet_is_its_secret_in_letters_with_two_to_check(made: dict[str, Any]) -> None:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    secret = b64decode(made["sheet"]["secret"])
    value = int.from_bytes(secret, "big") << 2
    letters = "".join(alphabet[value >> 5 * place & 31] for place in reversed(range(26)))
    check = hashlib.sha256(desk_keys.framed("sheet", secret)).digest()
    letters += alphabet[check[0] >> 3] + alphabet[(check[0] & 7) << 2 | check[1] >> 6]
    assert made["sheet"]["text"].replace(" ", "") == letters


def test_both_halves_judge_account_numbers_alike(made: dict[str, Any]) -> None:
    assert made["ibans"] == [account_number(each) for each in IBANS]
