"""Keys in files that openssl and the JDK's keytool wrote are read, and sign and open as any other."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from crypto.certificates import Certificate, load_certificates
from crypto.faults import PasswordMissing, UnusableCredential
from crypto.keys import holds_private_key, is_pkcs12, load_private_key
from crypto.suites import AS4_1_15_RSA

PASSWORD = "correct horse"
CLEAR = ("-keypbe", "NONE", "-certpbe", "NONE", "-nomac")


def run(*words: str | Path) -> None:
    subprocess.run([*map(str, words)], check=True, capture_output=True, timeout=60)


def of_openssl(*options: str, password: str = PASSWORD) -> Callable[[Path], tuple[Path, Path]]:
    def make(folder: Path) -> tuple[Path, Path]:
        key, certificate, file = folder / "key.pem", folder / "certificate.pem", folder / "key.p12"
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=openssl",
            "-keyout", key, "-out", certificate)  # fmt: skip
        run("openssl", "pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", file,
            "-passout", f"pass:{password}", *options)  # fmt: skip
        return file, certificate

    return make


def of_keytool(*options: str) -> Callable[[Path], tuple[Path, Path]]:
    def make(folder: Path) -> tuple[Path, Path]:
        file, certificate = folder / "key.p12", folder / "certificate.der"
        store = ("-keystore", str(file), "-storepass", PASSWORD, "-alias", "key")
        run("keytool", *options, "-genkeypair", "-keyalg", "RSA", "-keysize", "2048", "-dname", "CN=keytool",
            "-validity", "30", "-storetype", "PKCS12", *store)  # fmt: skip
        run("keytool", "-exportcert", "-file", certificate, *store)
        return file, certificate

    return make


FILES = {
    "openssl": of_openssl(),
    "openssl with a name and a chain": of_openssl("-name", "hub"),
    "openssl as before version 3": of_openssl("-legacy"),
    "keytool": of_keytool(),
    "keytool as before Java 17": of_keytool("-J-Dkeystore.pkcs12.legacy"),
}


def pair(make: Callable[[Path], tuple[Path, Path]], folder: Path) -> tuple[bytes, Certificate]:
    file, certificate = make(folder)
    return file.read_bytes(), load_certificates(certificate.read_bytes())[0]


@pytest.mark.parametrize("program", FILES)
def test_the_key_is_read_with_its_password_and_signs_for_its_certificate(program: str, tmp_path: Path) -> None:
    octets, certificate = pair(FILES[program], tmp_path)
    assert is_pkcs12(octets)
    assert holds_private_key(octets)
    key = load_private_key(octets, PASSWORD.encode())
    value = key.signer(certificate).sign(AS4_1_15_RSA.signature, b"said")
    AS4_1_15_RSA.signature.verify(certificate.public_key(), value, b"said")
    wrapped = AS4_1_15_RSA.key_transport.wrap(bytes(16), certificate.public_key())
    assert key.unwrapper(certificate).unwrap(wrapped) == bytes(16)
    with pytest.raises(UnusableCredential, match="its password is wrong"):
        load_private_key(octets, b"another")
    with pytest.raises(PasswordMissing):
        load_private_key(octets)


@pytest.mark.parametrize("options", [(), CLEAR], ids=["an empty password", "nothing encrypted"])
def test_a_file_without_a_password_needs_none(options: tuple[str, ...], tmp_path: Path) -> None:
    octets, certificate = pair(of_openssl(*options, password=""), tmp_path)
    assert load_private_key(octets).belongs_to(certificate)


def test_a_file_of_certificates_alone_holds_no_key(tmp_path: Path) -> None:
    _, certificate = of_openssl()(tmp_path)
    run("openssl", "pkcs12", "-export", "-nokeys", "-in", certificate, "-out", tmp_path / "trust.p12",
        "-passout", f"pass:{PASSWORD}")  # fmt: skip
    with pytest.raises(UnusableCredential, match="holds no private key"):
        load_private_key((tmp_path / "trust.p12").read_bytes(), PASSWORD.encode())
