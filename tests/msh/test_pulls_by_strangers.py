"""The answer to a PullRequest whose signature is nobody's: it tells nothing of who takes part (decision 0013)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.hubs.hub import running_hub
from support.keys.pki import NOW, identity
from support.messages.operations import counted_operations
from support.messages.wire import Wire, altered, mpc_of, post, pull_request

from crypto.certificates import Certificate
from crypto.elements import Element
from crypto.key_references import KeyReference
from crypto.keys import SigningKey
from crypto.signature_algorithms import SignatureAlgorithm
from crypto.suites import AS4_1_15_RSA
from gateway.ebms.model import Messaging, PullRequest
from gateway.ebms.names import DEFAULT_MPC, EB, SOAP_XML_UTF8
from gateway.ebms.pack import signed_envelope

MPCS = (mpc_of("creditor"), mpc_of("counsellor"), mpc_of("stranger"), "urn:nothing", DEFAULT_MPC, None)
NAMED = ("creditor", "counsellor", "hub", "stranger")
OWN = re.compile(rb"(<[^<>]*(?:MessageId|Timestamp|DigestValue|SignatureValue)>)[^<]*|(\b(?:\w+:)?Id|URI)=\"[^\"]*\"")


@dataclass(frozen=True)
class Forger:
    """Names one certificate, and signs with the key of another."""

    certificate: Certificate
    key: SigningKey

    def sign(self, algorithm: SignatureAlgorithm, octets: bytes) -> bytes:
        return self.key.sign(algorithm, octets)


def pull_naming(named: str, mpc: str | None, form: KeyReference, fault: str) -> Wire:
    """A PullRequest that names that party's certificate, and that it did not sign so."""

    def turn(root: Element) -> None:
        request = next(root.iter(f"{{{EB}}}PullRequest"))
        del request.attrib["mpc"]
        if mpc is not None:
            request.set("mpc", mpc)

    own = identity(named).signing_key
    key = own if fault == "turned" else Forger(own.certificate, identity("administrator").signing_key)
    signed = "urn:signed" if fault == "turned" else mpc
    signal = PullRequest(message_id="asked@tests.example", timestamp=NOW, mpc=signed)
    packed = signed_envelope(Messaging(pull_request=signal), key=key, suite=AS4_1_15_RSA, key_reference=form)
    body = altered(packed.envelope, turn if fault == "turned" else None)
    return Wire(content_type=SOAP_XML_UTF8, body=body, envelope=body)


@pytest.mark.parametrize("form", KeyReference)
@pytest.mark.parametrize("fault", ["another's key", "turned"])
async def test_whatever_mailbox_and_whose_certificate_a_stranger_names_he_gets_the_same_octets_for_one_operation_SR_05(
    tmp_path: Path, form: KeyReference, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mailbox and certificate may be one participant's, two participants', the hub's or nobody's."""
    operations = counted_operations(monkeypatch)
    answers = {}
    async with running_hub(tmp_path) as hub:
        for mpc in MPCS:
            for named in NAMED:
                operations.clear()
                reply = await post(hub, pull_naming(named, mpc, form, fault))
                assert reply.codes == ("EBMS:0101",), (mpc, named, reply.codes)
                assert len(operations) == 2, (mpc, named, "one by the hub, one by whoever read its answer")
                answers[OWN.sub(rb"\1\2", reply.body)] = (mpc, named)
    assert len(answers) == 1, answers


async def test_the_log_says_whose_mailbox_and_whose_certificate_it_was_and_what_did_not_hold(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await post(hub, pull_naming("creditor", mpc_of("creditor"), KeyReference.SKI, "another's key"))
        (line,) = hub.log.of("refused")
    assert "the certificate named is that of 00000099000000002000" in str(line["detail"])
    assert "the mailbox is that of 00000099000000002000" in str(line["detail"])
    assert line["compared"] is not None
    assert "ds:SignatureValue" in str(line["compared"])


async def test_a_participant_is_told_in_its_own_language_that_a_mailbox_is_not_its_own(tmp_path: Path) -> None:
    """Whoever's signature holds is spoken to as the P-Mode has it, whatever it asks for."""
    async with running_hub(tmp_path, extra={"creditor": {"language": "nl"}}) as hub:
        reply = await post(hub, pull_request("creditor", mpc="urn:nothing"))
    assert reply.error is not None
    (entry,) = reply.error.errors
    assert (entry.code, entry.language) == ("EBMS:0010", "nl")
