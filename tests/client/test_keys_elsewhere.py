"""Keys that no process of ours ever sees, as in a hardware module: each signature and each unwrapping is a call of
another program, which is told octets and answers octets. A whole question and its answer go that way.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.client.offices import answer, office, question
from support.hubs.hub import running_hub
from support.keys.pki import identity

import gateway
from crypto import names
from crypto.certificates import Certificate
from crypto.faults import FailedDecryption
from crypto.key_transports import WrappedOctets
from crypto.pki import Issued, private_key_pem
from crypto.signature_algorithms import SignatureAlgorithm
from gateway.client.outbox import OutboxState
from gateway.client.pull import pull
from gateway.client.taking import Outcome
from xsd.samples import sample_attachment

ROOT = Path(gateway.__file__).parents[1]
HASHES = {names.RSA_SHA256: "sha256", names.SHA256: "sha256", names.MGF1_SHA256: "sha256"}


@dataclass(frozen=True)
class Elsewhere:
    """What signs or unwraps without a key: a certificate, and a program that has the key."""

    certificate: Certificate
    place: Path

    def sign(self, algorithm: SignatureAlgorithm, octets: bytes) -> bytes:
        return self._asked("dgst", f"-{HASHES[algorithm.uri]}", "-sign", self.place, given=octets)

    def unwrap(self, wrapped: WrappedOctets) -> bytes:
        methods = wrapped.transport.methods
        padding = {
            "rsa_padding_mode": "oaep",
            "rsa_oaep_md": HASHES[methods[names.DIGEST_METHOD]],
            "rsa_mgf1_md": HASHES[methods[names.MGF]],
        }
        options = [each for pair in padding.items() for each in ("-pkeyopt", ":".join(pair))]
        try:
            return self._asked("pkeyutl", "-decrypt", "-inkey", self.place, *options, given=wrapped.octets)
        except subprocess.CalledProcessError:
            raise FailedDecryption("the content key could not be unwrapped") from None

    def _asked(self, *words: str | Path, given: bytes) -> bytes:
        command = ["openssl", *map(str, words)]
        return subprocess.run(command, input=given, capture_output=True, check=True, timeout=60).stdout


def elsewhere(issued: Issued, place: Path) -> Elsewhere:
    place.write_bytes(private_key_pem(issued.private_key))
    return Elsewhere(issued.certificate, place)


async def test_a_question_and_its_answer_pass_with_every_key_of_hub_and_participants_elsewhere(tmp_path: Path) -> None:
    keys = {
        (name, use): elsewhere(getattr(identity(name), use), tmp_path / f"{name}-{use}")
        for name in ("hub", "counsellor", "creditor")
        for use in ("signing", "encryption")
    }
    own = {"signing_keys": (keys["hub", "signing"],), "decryption_keys": (keys["hub", "encryption"],)}
    async with (
        running_hub(tmp_path, **own) as hub,  # type: ignore[arg-type]
        office(hub, "counsellor", tmp_path) as asking,
        office(hub, "creditor", tmp_path) as asked,
    ):
        for each, name in ((asking, "counsellor"), (asked, "creditor")):
            each.who = replace(each.who, signing_key=keys[name, "signing"], decryption_keys=(keys[name, "encryption"],))
        assert (await asking.push(question(), "Saldoverzoek", sample_attachment())).state is OutboxState.ACKNOWLEDGED
        assert (await pull(asked.who, inbox=asked.inbox, means=asked.means)).outcome is Outcome.STORED
        assert [each.read() for each in (await asked.only()).parts] == [question(), sample_attachment()]
        assert (await asked.push(answer(), "SaldoverzoekAntwoord")).state is OutboxState.ACKNOWLEDGED
        assert (await pull(asking.who, inbox=asking.inbox, means=asking.means)).outcome is Outcome.STORED


# It plays a foreign party, and judges ours: so it signs and seals by other libraries, with keys that are its own.
THE_BROKER_OF_A_TEST_SITE = ROOT / "gateway/site/broker"


def sources() -> Iterator[Path]:
    for folder in ("gateway", "pmodes", "xsd", "knooppunt", "conformance"):
        for path in (ROOT / folder).rglob("*.py"):
            if not path.is_relative_to(THE_BROKER_OF_A_TEST_SITE):
                yield path


@pytest.mark.parametrize("name", ["load_pem_private_key", "load_der_private_key", "load_key_and_certificates"])
def test_no_room_but_crypto_reads_a_private_key(name: str) -> None:
    assert [str(each) for each in sources() if name in each.read_text("utf-8")] == []


def test_no_room_but_crypto_knows_a_private_key_and_only_a_site_makes_some() -> None:
    """A type of keys, or a field that holds one, in a room means that no other thing could stand in its place."""
    found = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = getattr(node, "id", getattr(node, "attr", getattr(node, "name", None)))
            if isinstance(named, str) and named.endswith(("PrivateKey", "PrivateKeyTypes")) and named != "PrivateKey":
                found.add(str(path.relative_to(ROOT)))
    assert found <= {"gateway/site/production.py"}
