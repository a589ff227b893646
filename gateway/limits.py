"""The limits of hub, participant and message, one dataclass a subject, with the defaults that are in force where nobody
says otherwise.

Settings take their defaults from here, and the reference page takes them from the settings: a number stands once. This
module imports nothing of ours, and every room may import it but `crypto`, whose limits stand beside what they bound.

"A stranger" is an address that has proved nothing in the last day: no signature of a participant held that came from
it. Limits of one address hold for an IPv6 /64; a /56 or an IPv4 /24 has twice as much, a /48 or /16 four times
(`gateway.edge.peer_addresses`), and all strangers together have half of everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, Literal, TypeAlias

CertificateForm: TypeAlias = Literal["rfc9440", "escaped-pem"]  # in which a proxy hands on a client's certificate

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

DEFAULT_RATIO: Final = 100  # how many times its size a part may grow; `gateway.ebms.gzip` says from where it counts
RETRY_AFTER_SECONDS: Final = 60
# Of one message, as a hub takes it unless it is set otherwise, and as a participant sends it and expects it.
SOAP_OCTETS: Final = 256 * KIB
DOCUMENT_OCTETS: Final = 4 * MIB
WIRE_OCTETS: Final = 2 * GIB
INFLATED_OCTETS: Final = 4 * GIB
PARTS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one message may measure, in octets and counts."""

    soap_octets: int = SOAP_OCTETS
    document_octets: int = DOCUMENT_OCTETS
    message_octets: int = WIRE_OCTETS
    inflated_octets: int = INFLATED_OCTETS
    inflation_ratio: int = DEFAULT_RATIO
    parts: int = PARTS
    retry_after_seconds: int = RETRY_AFTER_SECONDS  # what a peer is told when the store takes nothing now
    in_flight_seconds: float = 10.0  # how long a message waits for another arrival of it
    receipts_again: int = 8  # how many signings of one message get a receipt of their own beside the first
    early_octets: int = MIB  # parts that stand before the root part and have to be held in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeLimits:
    """Times in seconds, rates per second and address."""

    handshake_seconds: float = 5.0  # an honest handshake is two or three round trips
    header_seconds: float = 10.0
    envelope_seconds: float = 20.0  # 256 KiB at 13 KiB a second
    idle_seconds: float = 30.0
    total_seconds: float = 3600.0
    keepalive_seconds: float = 75.0
    connection_seconds: float = 3600.0  # then a connection is made anew, and its certificates are verified anew
    slow_octets_per_second: float = 1024.0
    slow_window_seconds: float = 30.0  # how far a body may be behind that rate
    requests_per_second: float = 50.0
    unreadable_per_second: float = 20.0
    unreadable_in_all_per_second: float = 100.0  # a signature costs a millisecond or more
    stranger_cpu_seconds_per_second: float = 0.05  # some ten refusals, each with a signed answer
    stranger_octets_per_second: float = 1.0 * MIB
    stranger_burst_seconds: float = 2.0  # how long a stranger may save up CPU time; all of them twice what one may
    requests_in_progress: int = 256
    arriving_octets: int = 64 * MIB  # of all envelopes that are not whole yet
    connections: int = 1024
    connections_per_address: int = 64
    log_lines_per_second: float = 5.0  # of each kind of refusal before AS4
    retry_after_seconds: int = RETRY_AFTER_SECONDS
    stop_seconds: float = 30.0
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    proxy_protocol: bool = False  # each of their connections begins with a PROXY header, and nobody else connects
    client_certificate_header: str | None = None  # in which they hand on what a TLS client showed them
    client_certificate_form: CertificateForm = "rfc9440"

    def trusts(self, address: IPv4Address | IPv6Address | None) -> bool:
        """Whether that peer is a proxy whose word on the client's address is taken."""
        return address is not None and any(address in each for each in self.trusted_proxies)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLimits:
    """What a store keeps, how long, and what it leaves of the disk."""

    log_days: int = 396  # thirteen months
    ballast_octets: int = 256 * MIB  # given back when the disk is full
    alarm_free_fraction: float = 0.20
    large_message_free_fraction: float = 0.10
    any_message_free_fraction: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundLimits:
    """What the hub asks of somebody else's server, and takes of it."""

    seconds: float = 15.0  # of a whole exchange, from the look-up of the name to the last octet
    connections: int = 4
    crl_octets: int = 16 * MIB  # the list of a large authority has some hundred thousand entries of 40 octets
    ocsp_octets: int = 64 * KIB  # an answer about one certificate, with the certificates of who signed it


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadLimits:
    """What the head of an HTTP request may measure; one over any of them is answered 400."""

    target_octets: int = 8190
    value_octets: int = 8190  # of one header
    headers: int = 100


HEAD_LIMITS: Final = HeadLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class MimeLimits:
    """How much structure a message may have; `parts` counts the root, `part_header_octets` one part's whole header."""

    parts: int = PARTS + 1
    part_headers: int = 16
    part_header_octets: int = 8 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimits:
    """How large a document may be; one over any of them is a fault.

    `octets` are those that arrived; `depth` counts the root as one; `attributes` is per element. Of the whole document,
    `elements` counts elements and, by themselves, comments, `attributes_in_all` whatever is written as an attribute,
    `namespaces` declarations, `ids` the attributes whose local name is `id` in any case, and `references` what begins
    with an ampersand. `text_octets` holds for the own text of an element and for an attribute value, in UTF-8, save for
    xenc:CipherValue and wsse:BinarySecurityToken.
    """

    octets: int
    depth: int
    elements: int
    attributes: int
    attributes_in_all: int
    namespaces: int
    ids: int
    references: int
    text_octets: int


# A message of 64 parts with a receipt for as many has about 2,500 elements, 2,000 attributes and 300 ids.
ENVELOPE_LIMITS: Final = DocumentLimits(
    octets=SOAP_OCTETS,
    depth=64,
    elements=10_000,
    attributes=64,
    attributes_in_all=4_096,
    namespaces=256,
    ids=512,
    references=16_384,
    text_octets=64 * KIB,
)
PAYLOAD_LIMITS: Final = DocumentLimits(
    octets=DOCUMENT_OCTETS,
    depth=64,
    elements=200_000,
    attributes=64,
    attributes_in_all=400_000,
    namespaces=4_096,
    ids=400_000,
    references=1_000_000,
    text_octets=DOCUMENT_OCTETS,
)
# An answer with two assertions in its advice has some 400 elements; metadata of a broker has its certificates besides.
LOGIN_LIMITS: Final = DocumentLimits(
    octets=256 * KIB,
    depth=48,
    elements=4_000,
    attributes=32,
    attributes_in_all=4_000,
    namespaces=1_000,
    ids=512,
    references=4_000,
    text_octets=32 * KIB,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """What a participant takes from its hub and gives to it, in octets and counts."""

    answer_octets: int = 512 * KIB  # of an answer without parts
    message_octets: int = 4 * GIB  # of a pulled message on the wire
    inflated_octets: int = 8 * GIB  # of one part
    inflation_ratio: int = DEFAULT_RATIO  # counts above FREE_OCTETS of `gateway.ebms.gzip` only
    parts: int = PARTS  # of a pulled message
    outgoing_octets: int = INFLATED_OCTETS  # all documents of a message together
    outgoing_wire_octets: int = WIRE_OCTETS  # the whole of it as sent
    outgoing_parts: int = PARTS - 1  # to which the hub adds the proof of origin
