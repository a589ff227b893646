"""A foreign AS4 partner on the `as4` package: pushes, pulls, sends receipts, judges ours.

Run with the Python of an environment that holds the package. Every line of standard input is a request, a JSON object
with the member `command`; every line of standard output is its answer. Octets travel as base64. State (what was sent,
what was pulled) lives as long as the process, by MessageId. Commands:

build, push     compose a signed, compressed and encrypted user message; push also posts it and judges the answer
check-receipt   hold a receipt against the message that was composed under its RefToMessageId
build-pull, pull  compose a signed PullRequest; pull also posts it, verifies and decrypts what comes
open            verify and decrypt a user message that was obtained some other way
build-receipt, receipt  compose the signed receipt for a message that was opened, or with `alter_digest` one that lies
about its last part; receipt also posts it
read-signal     verify a signal that was obtained some other way
serve           answer on a loopback port like a small hub: receipts to pushes, queued messages to pulls
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import urllib3
from as4.core.common import (
    AS4BaseCredentials,
    AS4ExternalParty,
    AS4InternalCredentials,
    AS4InternalParty,
    AS4LocalPrivateKey,
    AS4PartyIdentity,
    AS4PrivateKey,
)
from as4.core.context import AS4ParseContext, SecurityPolicy
from as4.core.receipt import AS4Receipt
from as4.core.trust import pinned_certificates
from as4.errors import ReceiptVerificationError
from as4.models.dsig.reference import ComparableReferenceFields
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import AsymmetricPadding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from messages import Contents, GenericMessage, SignedPullRequest
from multipart import Unreadable, split

Request = Mapping[str, Any]
Answer = dict[str, Any]


def certificate(path: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(Path(path).read_bytes())


class TwoKeys(AS4PrivateKey):
    """Signs with one key and decrypts with another; the package knows one key of a party."""

    def __init__(self, signing: AS4LocalPrivateKey, decryption: AS4LocalPrivateKey) -> None:
        self._signing = signing
        self._decryption = decryption

    def sign(self, data: bytes, padding: AsymmetricPadding, algorithm: Any) -> bytes:
        return self._signing.sign(data, padding, algorithm)

    def decrypt(self, ciphertext: bytes, padding: AsymmetricPadding) -> bytes:
        return self._decryption.decrypt(ciphertext, padding)


def private_key(path: str) -> AS4LocalPrivateKey:
    key = load_pem_private_key(Path(path).read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    return AS4LocalPrivateKey(key)


def own_party(request: Request) -> AS4InternalParty:
    own = request["own"]
    key = TwoKeys(private_key(own["key"]), private_key(own.get("decryption_key") or own["key"]))
    return AS4InternalParty(
        identity=AS4PartyIdentity(party_id=own["party_id"], party_type=own.get("party_type")),
        credentials=AS4InternalCredentials(certificate=certificate(own["certificate"]), private_key=key),
    )


def other_party(request: Request) -> AS4ExternalParty:
    """With the certificate that messages to it are encrypted to."""
    other = request["other"]
    return AS4ExternalParty(
        identity=AS4PartyIdentity(party_id=other["party_id"], party_type=other.get("party_type")),
        credentials=AS4BaseCredentials(
            certificate=certificate(other.get("encryption_certificate") or other["certificate"])
        ),
    )


class Peer:
    """One partner's memory and commands."""

    def __init__(self) -> None:
        self._sent: dict[str, list[ComparableReferenceFields]] = {}
        self._opened: dict[str, GenericMessage] = {}

    def compose(self, request: Request) -> tuple[str, str, bytes]:
        """MessageId, Content-Type and body of a new user message."""
        contents = Contents(
            service=request["service"],
            service_type=request.get("service_type"),
            action=request["action"],
            agreement=request.get("agreement"),
            conversation_id=request["conversation_id"],
            mpc=request.get("mpc"),
            properties=[(name, value) for name, value in request.get("properties", [])],
            payloads={
                each["content_id"]: (each["media_type"], b64decode(each["octets"])) for each in request["payloads"]
            },
        )
        message = GenericMessage.compose(own_party(request), other_party(request), contents)
        body, boundary = message.get_request_data()
        self._sent[message.message_id] = message.signed_references
        return message.message_id, message.get_http_headers(boundary)["Content-Type"], body

    def build(self, request: Request) -> Answer:
        message_id, content_type, body = self.compose(request)
        return {"message_id": message_id, "content_type": content_type, "body": encode(body)}

    def push(self, request: Request) -> Answer:
        message_id, content_type, body = self.compose(request)
        status, answer_type, answer = post(request, content_type, body)
        judged = self._judge_signal(answer, message_id, certificate(request["other"]["certificate"]))
        return {
            "message_id": message_id,
            "status": status,
            "request": {"content_type": content_type, "body": encode(body)},
            "answer": {"content_type": answer_type, "body": encode(answer)},
            **judged,
        }

    def check_receipt(self, request: Request) -> Answer:
        return self._judge_signal(
            b64decode(request["body"]), request["message_id"], certificate(request["other"]["certificate"])
        )

    def _judge_signal(self, body: bytes, message_id: str, signer: x509.Certificate) -> Answer:
        try:
            receipt = AS4Receipt.parse(body, signer)
            if receipt.error is not None:
                codes = [each.error_code for each in receipt.errors]
                return {"outcome": "error", "codes": codes, "ref_to_message_id": receipt.original_message_id}
            if receipt.original_message_id != message_id:
                raise ReceiptVerificationError(f"the receipt is for {receipt.original_message_id}")
            receipt.verify_non_repudiation(self._sent[message_id])
        except ReceiptVerificationError as fault:
            return {"outcome": "refused", "reason": str(fault)}
        return {"outcome": "receipt", "ref_to_message_id": receipt.original_message_id}

    def build_pull(self, request: Request) -> Answer:
        headers, body = SignedPullRequest.compose(own_party(request), request["mpc"]).get_request_data()
        return {"content_type": headers["Content-Type"], "body": encode(body)}

    def pull(self, request: Request) -> Answer:
        headers, body = SignedPullRequest.compose(own_party(request), request["mpc"]).get_request_data()
        status, content_type, answer = post(request, headers["Content-Type"], body)
        exchange = {
            "status": status,
            "request": {"content_type": headers["Content-Type"], "body": encode(body)},
            "answer": {"content_type": content_type, "body": encode(answer)},
        }
        try:
            envelope, _ = split(content_type, answer)
        except Unreadable as fault:
            return {**exchange, "outcome": "refused", "reason": str(fault)}
        if b"UserMessage" not in envelope:
            return {**exchange, **self._judge_signal(envelope, "", certificate(request["other"]["certificate"]))}
        return {**exchange, **self._open(request, content_type, answer)}

    def open(self, request: Request) -> Answer:
        return self._open(request, request["content_type"], b64decode(request["body"]))

    def _open(self, request: Request, content_type: str, body: bytes) -> Answer:
        try:
            message = self.read(request, content_type, body)
        except Unreadable as fault:
            return {"outcome": "refused", "reason": str(fault)}
        if message.parse_error is not None:
            reason = f"{type(message.parse_error).__name__}: {message.parse_error.detail}"
            return {"outcome": "refused", "reason": reason}
        self._opened[message.message_id] = message
        unit = message.require_soap_envelope().header.messaging.user_message
        assert unit is not None
        properties = unit.message_properties.properties if unit.message_properties else []
        return {
            "outcome": "message",
            "message_id": message.message_id,
            "service": unit.collaboration_info.service.value,
            "action": unit.collaboration_info.action.value,
            "conversation_id": unit.collaboration_info.conversation_id.value,
            "properties": {each.name: each.value for each in properties},
            "payloads": {name: encode(octets) for name, octets in message.decrypted_data.items()},
        }

    def read(self, request: Request, content_type: str, body: bytes) -> GenericMessage:
        """The message as the package reads it; whatever it refuses stands in `parse_error`."""
        envelope, parts = split(content_type, body)
        policy = SecurityPolicy(signer_resolver=pinned_certificates(certificate(request["other"]["certificate"])))
        context = AS4ParseContext(local_party=own_party(request), security_policy=policy)
        return GenericMessage.parse(context, envelope, parts)

    def build_receipt(self, request: Request) -> Answer:
        headers, body = self._receipt(request)
        return {"content_type": headers["Content-Type"], "body": encode(body)}

    def receipt(self, request: Request) -> Answer:
        headers, body = self._receipt(request)
        status, content_type, answer = post(request, headers["Content-Type"], body)
        return {
            "status": status,
            "request": {"content_type": headers["Content-Type"], "body": encode(body)},
            "answer": {"content_type": content_type, "body": encode(answer)},
        }

    def _receipt(self, request: Request) -> tuple[dict[str, str], bytes]:
        message, own = self._opened[request["message_id"]], own_party(request)
        if not request.get("alter_digest"):
            return AS4Receipt.for_message(message, own).get_request_data()
        references = [each.model_copy(deep=True) for each in message.signature_references]
        references[-1].digest_value.text = encode(bytes(32))
        return AS4Receipt.create_non_repudiation_receipt(
            message.message_id, message.messaging_id, references, own
        ).get_request_data()

    def read_signal(self, request: Request) -> Answer:
        return self._judge_signal(b64decode(request["body"]), "", certificate(request["other"]["certificate"]))

    def serve(self, request: Request) -> Answer:
        from serving import start

        return {"url": start(self, request)}


def encode(octets: bytes) -> str:
    return b64encode(octets).decode("ascii")


def post(request: Request, content_type: str, body: bytes) -> tuple[int, str, bytes]:
    """Status, Content-Type and body of the answer; TLS only with the authority that the request names."""
    pool = urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=request.get("authority"), retries=False)
    answer = pool.request("POST", request["url"], body=body, headers={"Content-Type": content_type}, timeout=20.0)
    return answer.status, answer.headers.get("Content-Type", ""), answer.data


def main() -> None:
    peer = Peer()
    commands: dict[str, Callable[[Request], Answer]] = {
        "build": peer.build,
        "push": peer.push,
        "check-receipt": peer.check_receipt,
        "build-pull": peer.build_pull,
        "pull": peer.pull,
        "open": peer.open,
        "build-receipt": peer.build_receipt,
        "receipt": peer.receipt,
        "read-signal": peer.read_signal,
        "serve": peer.serve,
    }
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = commands[request["command"]](request)
        except Exception as fault:  # the asker gets every fault as an answer, and the process lives on
            answer = {"outcome": "fault", "reason": f"{type(fault).__name__}: {fault}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
