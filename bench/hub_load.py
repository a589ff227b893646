"""Requests that are signed beforehand, and what a run of them costs a hub process.

The load generator is another process, so what is counted is the hub alone: all its threads, from the kernel's own
account of them.
"""

from __future__ import annotations

import asyncio
import socket
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from lxml import etree

from bench.failure import NotMeasured
from bench.machine import cpu_seconds
from crypto.signed_info import VerifiedReference
from crypto.verify import VerificationPolicy, verify
from gateway.client.means import Means
from gateway.client.outgoing import Draft, make_ready, references_of
from gateway.client.participant import Participant
from gateway.client.receipts import make_pull_request, make_receipt
from gateway.client.records import open_records
from gateway.client.transport import open_session
from gateway.clock import SystemClock
from gateway.ebms import names
from gateway.ebms.consistency import content_ids
from gateway.ebms.envelope import locate
from gateway.ebms.model import UserMessage
from gateway.ebms.read import read_messaging
from gateway.ebms.receipts import part_references, receipt_for
from gateway.limits import ENVELOPE_LIMITS
from gateway.site.making import Site, make_site
from gateway.site.organisations import three
from xsd.document import parse_document
from xsd.samples import sample

CONNECTIONS = 4
HANDFUL = 10
DOCUMENT_OCTETS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One request, ready to be sent."""

    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a run of equal requests cost the hub."""

    requests: int
    cpu_microseconds: float  # of the hub, per request
    wall_seconds: float


class HubCpu:
    """CPU time of a process and all its threads, in seconds, as the kernel counts it."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def seconds(self) -> float:
        """So far."""
        return cpu_seconds(self._pid)


def document_of(octets: int, *, sender: str, receiver: str) -> bytes:
    """A valid Saldoverzoek of about that size: more claims until it is large enough."""
    text = sample(
        "Schuldregeling",
        "2.0",
        "Saldoverzoek",
        referentienummer=str(uuid.uuid4()),
        conversatie_referentienummer=str(uuid.uuid4()),
        afzender=sender,
        ontvanger=receiver,
    )
    root = etree.fromstring(text)
    namespace = etree.QName(root).namespace
    claims = root.find(f"{{{namespace}}}Vorderingen")
    if claims is None:
        raise NotMeasured("the sample has no claims")
    number = 100
    while len(etree.tostring(root)) < octets:
        claim = etree.SubElement(claims, f"{{{namespace}}}Vordering")
        etree.SubElement(claim, f"{{{namespace}}}FactuurnummerSEVolgensSHV").text = f"F-2025-{number}"
        etree.SubElement(claim, f"{{{namespace}}}Omschrijving").text = f"Verzonnen levering nummer {number}"
        number += 1
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


async def pushes(sender: Participant, receiver: str, count: int, folder: Path) -> list[Wire]:
    """So many signed and encrypted messages, each with references of its own."""
    records = await open_records(folder / "load", "outbox", 0x4B424E43)
    found = []
    async with open_session(sender) as session:
        means = Means(session=session)
        for _ in range(count):
            payload = document_of(DOCUMENT_OCTETS, sender=sender.party, receiver=receiver)
            draft = Draft(
                message_id=means.message_id(sender.party),
                payload=payload,
                service="urn:knooppunt:Schuldregeling:2.0",
                action="Saldoverzoek",
                references=references_of(payload),
            )
            ready = make_ready(draft, sender, records, means).outgoing
            if not isinstance(ready.parts, bytes):
                raise NotMeasured("a message of 5 KB is small")
            found.append(Wire(content_type=ready.content_type, body=ready.head + ready.parts + ready.tail))
    await records.aclose()
    return found


def pull_wires(participant: Participant, count: int) -> list[Wire]:
    """So many fresh PullRequests."""
    at = SystemClock().now()
    return [
        Wire(
            content_type=names.SOAP_XML_UTF8,
            body=make_pull_request(participant, message_id=f"{uuid.uuid4()}@bench", at=at),
        )
        for _ in range(count)
    ]


def receipt_wire(participant: Participant, body: bytes) -> Wire:
    """The receipt for one pulled message."""
    user_message, references = _pulled(participant, body)
    at, message_id = SystemClock().now(), f"{uuid.uuid4()}@bench"
    octets = make_receipt(participant, user_message, references, message_id=message_id, at=at)
    return Wire(content_type=names.SOAP_XML_UTF8, body=octets)


def pull_with_receipt_wire(participant: Participant, body: bytes) -> Wire:
    """A fresh PullRequest, and beside it the receipt for a message that was pulled before."""
    user_message, references = _pulled(participant, body)
    at = SystemClock().now()
    receipt = receipt_for(user_message, part_references(references), message_id=f"{uuid.uuid4()}@bench", timestamp=at)
    octets = make_pull_request(participant, message_id=f"{uuid.uuid4()}@bench", at=at, receipt=receipt)
    return Wire(content_type=names.SOAP_XML_UTF8, body=octets)


def _pulled(participant: Participant, body: bytes) -> tuple[UserMessage, tuple[VerifiedReference, ...]]:
    """What a receipt needs of a pulled message; its parts are left alone, their signed digests are what it repeats."""
    envelope = body.partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0]
    positions = locate(parse_document(envelope, limits=ENVELOPE_LIMITS))
    user_message = read_messaging(positions.messaging).user_message
    if user_message is None or positions.security is None:
        raise NotMeasured("no message came")
    verified = verify(
        positions.security,
        messaging=positions.messaging,
        body=positions.body,
        content_ids=frozenset(content_ids(user_message)),
        policy=VerificationPolicy(
            suite=participant.suite, certificates=participant.hub_signing, at=SystemClock().now()
        ),
    )
    return user_message, verified.references


async def send_all(
    session: aiohttp.ClientSession,
    url: str,
    wires: Sequence[Wire],
    cpu: HubCpu,
    *,
    expected: int,
    connections: int = CONNECTIONS,
) -> tuple[Cost, list[bytes]]:
    """Send everything over a few kept connections; returns what it cost the hub, and the answers in order."""
    answers: list[bytes] = [b""] * len(wires)
    queue = iter(enumerate(wires))

    async def work() -> None:
        for index, wire in queue:
            async with session.post(url, data=wire.body, headers={"Content-Type": wire.content_type}) as response:
                answers[index] = await response.read()
                if response.status != expected:
                    raise NotMeasured(f"HTTP {response.status} instead of {expected}")

    before, started = cpu.seconds(), time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    used, wall = cpu.seconds() - before, time.perf_counter() - started
    return Cost(requests=len(wires), cpu_microseconds=used / len(wires) * 1e6, wall_seconds=wall), answers


def bench_site(folder: Path, bits: int) -> Site:
    """A site whose limits do not stand in the way of a load from one address."""
    return make_site(
        folder / "site",
        three(),
        at=SystemClock().now(),
        port=free_port(),
        key_bits=bits,
        hub_keys={
            "mailbox": {"open_leases": 10_000, "quota_messages": 1_000_000},
            "attachments": {"mime_types": ["application/octet-stream", "application/pdf"], "max_octets": 2 * 1024**3},
        },
        settings_text="\n[limits]\nrequests_per_second_per_address = 100000\ninflation_ratio = 2000\n",
    )


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
