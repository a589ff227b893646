"""A hub that plays a script: each request gets the next answer of a list, over a real socket.

    async with HubScript(receipt(), html(502)) as hub:
        ... push to hub.url ...
        hub.requests[0].user_message

An answer is a function of the request, so that it can refer to what came; `None` breaks the connection off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.test_utils import TestServer
from support.keys.pki import NOW, identity
from support.messages.whole_parts import decrypt_part
from support.messages.wire import Draft, Part, Wire, new_id, party, saldoverzoek, signal_wire, split

from crypto.certificates import Certificate
from crypto.decrypt import DecryptionPolicy, read_encryption, unwrap
from crypto.keys import SigningKey
from crypto.suites import AS4_1_15_RSA
from crypto.verify import VerificationPolicy, Verified, verify
from gateway.ebms import gzip, names
from gateway.ebms.envelope import Positions, locate
from gateway.ebms.errors import ERRORS
from gateway.ebms.model import ErrorSignal, Messaging, PartReference, Property, Receipt, UserMessage
from gateway.ebms.origin import PART_PROPERTY, build_origin
from gateway.ebms.party_ids import mailbox_mpc
from gateway.ebms.read import read_messaging
from gateway.ebms.receipts import part_references, receipt_for
from gateway.ebms.write import write_body, write_envelope, write_messaging
from gateway.limits import ENVELOPE_LIMITS
from xsd.document import parse_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came, its signature verified against the participant's certificate."""

    content_type: str
    body: bytes
    positions: Positions
    verified: Verified
    parts: Mapping[str, bytes]

    @property
    def messaging(self) -> Messaging:
        return read_messaging(self.verified.messaging)

    @property
    def user_message(self) -> UserMessage:
        message = self.messaging.user_message
        assert message is not None
        return message

    @property
    def references(self) -> tuple[PartReference, ...]:
        return part_references(self.verified.references)

    def plain_parts(self) -> list[bytes]:
        """The parts in the order of the body, decrypted by the hub and inflated."""
        assert self.positions.security is not None
        policy = DecryptionPolicy(suite=AS4_1_15_RSA)
        plan = read_encryption(self.positions.security, content_ids=frozenset(self.parts), policy=policy)
        keys = unwrap(plan, (identity("hub").decryption_key,))
        plain = []
        for content_id, octets in self.parts.items():
            inflater = gzip.Inflater(1 << 30)
            plain.append(b"".join(inflater.feed(decrypt_part(keys[content_id], octets))))
            inflater.finish()
        return plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the script answers."""

    status: int = 200
    content_type: str = names.SOAP_XML_UTF8
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    broken_after: int | None = None  # octets of the body after which the connection breaks


Answer = Callable[[Request], Reply | None]


class HubScript:
    """The server; `requests` is what came, in order. A test may add to `signers`, whose signatures it can read."""

    def __init__(self, *answers: Answer, sender: str = "counsellor") -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.signers = [identity(sender).signing.certificate]
        application = web.Application(client_max_size=1 << 31)
        application.router.add_post("/as4", self._serve)
        self._server = TestServer(application)

    @property
    def url(self) -> str:
        return str(self._server.make_url("/as4"))

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._server.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        policy = VerificationPolicy(suite=AS4_1_15_RSA, certificates=tuple(self.signers), at=NOW)
        received = _read(request.headers["Content-Type"], await request.read(), policy)
        self.requests.append(received)
        reply = self.answers.pop(0)(received) if self.answers else None
        if reply is None:
            return self._broken(request)
        headers = dict(reply.headers)
        if reply.body:
            headers["Content-Type"] = reply.content_type
        if reply.broken_after is None:
            return web.Response(status=reply.status, body=reply.body, headers=headers)
        response = web.StreamResponse(status=reply.status, headers={**headers, "Content-Length": str(len(reply.body))})
        await response.prepare(request)
        await response.write(reply.body[: reply.broken_after])
        return self._broken(request, response)

    @staticmethod
    def _broken(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return response or web.Response()


def read_request(content_type: str, body: bytes, signer: Certificate, at: datetime) -> Request:
    """Take a request apart; an assertion fails when it is not what its sender signed."""
    return _read(content_type, body, VerificationPolicy(suite=AS4_1_15_RSA, certificates=(signer,), at=at))


def _read(content_type: str, body: bytes, policy: VerificationPolicy) -> Request:
    root, parts = split(content_type, body)
    positions = locate(parse_document(root, limits=ENVELOPE_LIMITS))
    assert positions.security is not None
    verified = verify(
        positions.security,
        messaging=positions.messaging,
        body=positions.body,
        content_ids=frozenset(parts),
        policy=policy,
    )
    return Request(content_type=content_type, body=body, positions=positions, verified=verified, parts=parts)


# --- answers ------------------------------------------------------------------------------------------------------


def signed(messaging: Messaging, *, signer: SigningKey | None = None, status: int = 200) -> Reply:
    """Signals, signed by the hub unless somebody else is named."""
    return Reply(status=status, body=signal_wire(messaging, signer or identity("hub").signing_key).body)


def unsigned(messaging: Messaging, *, status: int = 200) -> Reply:
    """Signals without a signature."""
    header, body = write_messaging(messaging, "messaging-1"), write_body("body-2")
    return Reply(status=status, body=write_envelope(header, body))


def receipt_to(request: Request, **changes: object) -> Receipt:
    """The right receipt for a push, or one with fields changed."""
    receipt = receipt_for(request.user_message, request.references, message_id=new_id(), timestamp=NOW)
    return replace(receipt, **changes)  # type: ignore[arg-type]


def receipt(*, signer: SigningKey | None = None, status: int = 200, bend: Callable[[bytes], bytes] | None = None,
            **changes: object) -> Answer:  # fmt: skip
    """A signed receipt; `changes` are fields of it, `bend` changes the finished octets."""

    def answer(request: Request) -> Reply:
        made = {name: value(request) if callable(value) else value for name, value in changes.items()}
        reply = signed(Messaging(receipt=receipt_to(request, **made)), signer=signer, status=status)
        return reply if bend is None else replace(reply, body=bend(reply.body))

    return answer


def error_to(request: Request, *codes: str, about: str | None = "") -> ErrorSignal:
    """An ebMS error about what came; `about` None relates it to nothing."""
    messaging = request.messaging
    unit = messaging.user_message or messaging.pull_request or messaging.receipt
    assert unit is not None
    return ErrorSignal(
        message_id=new_id(),
        timestamp=NOW,
        ref_to_message_id=unit.message_id if about == "" else about,
        errors=tuple(entry for code in codes for entry in ERRORS[code]().entries()),
    )


def error(*codes: str, signer: SigningKey | None = None, is_signed: bool = True, status: int = 200,
          about: str | None = "") -> Answer:  # fmt: skip
    """An ebMS error signal."""

    def answer(request: Request) -> Reply:
        messaging = Messaging(error=error_to(request, *codes, about=about))
        return signed(messaging, signer=signer, status=status) if is_signed else unsigned(messaging, status=status)

    return answer


def empty(request: Request) -> Reply:
    """The mailbox holds nothing."""
    return error("EBMS:0006")(request)


def nothing(_request: Request) -> Reply:
    """A signal was taken."""
    return Reply(status=204)


def silence(_request: Request) -> None:
    """The connection breaks before a word."""


def html(status: int, **headers: str) -> Answer:
    """What a load balancer says."""
    page = b"<html><body>Bad gateway</body></html>"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request: Reply(status=status, content_type="text/html", body=page, headers=named)


def plain(wire: Wire, *, broken_after: int | None = None, status: int = 200) -> Answer:
    """The same octets for everybody."""
    return lambda _request: Reply(
        status=status, content_type=wire.content_type, body=wire.body, broken_after=broken_after
    )


# --- messages to pull ---------------------------------------------------------------------------------------------


def origin_of(draft: Draft, signer: Certificate | None = None) -> bytes:
    """The proof of origin that a hub makes of a message of leg 1, at whatever time it took it."""
    return origin_in(draft.wire(), signer or draft.signer.certificate)


def origin_in(wire: Wire, signer: Certificate) -> bytes:
    """The same of a message that was signed already."""
    policy = VerificationPolicy(
        suite=AS4_1_15_RSA, certificates=(signer,), at=NOW, judges_time=False, judges_fitness=False
    )
    return build_origin(_read(wire.content_type, wire.body, policy).verified)


def leg_two(
    leg_one: Draft | None = None,
    *,
    receiver: str = "counsellor",
    origin: bytes | str | None = "",
    extra: tuple[Part, ...] = (),
) -> Draft:
    """What the hub offers for a message of leg 1, its proof of origin with it unless `origin` says otherwise."""
    leg_one = leg_one or saldoverzoek("creditor", receiver)
    parts = (*leg_one.parts, *extra)
    if origin == "":
        origin = origin_of(leg_one)
    if isinstance(origin, bytes):
        properties = (
            Property(name=names.MIME_TYPE, value=names.APPLICATION_XML),
            Property(name=names.COMPRESSION_TYPE, value=names.GZIP),
            PART_PROPERTY,
        )
        parts += (Part(octets=origin, properties=properties),)
    draft = replace(leg_one, signer=identity("hub").signing_key, recipient=identity(receiver), parts=parts)
    return draft.saying(
        message_id=new_id(),
        from_party=party("hub"),
        to_party=replace(party(receiver), role=names.RESPONDER),
        mpc=mailbox_mpc("urn:knooppunt", identity(receiver).party_id),
        parts=tuple(each.info() for each in parts),
    )


def bent(draft: Draft, at: int = 40) -> Answer:
    """The message with one octet of its first part's ciphertext changed."""

    def flip(octets: bytes) -> bytes:
        changed = bytearray(octets)
        changed[at] ^= 1
        return bytes(changed)

    first = draft.parts[0].content_id
    return plain(draft.wire(part_alter=lambda part, octets: flip(octets) if part == first else octets))
