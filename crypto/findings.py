"""What a refusal of the security layer rests on, as values: which reference, certificate, algorithm or moment was
looked at, and what it was held against. `gateway.ebms.evidence` has the one table that tells them for the log.

SECURITY: a finding is made of what nobody vouches for. So it holds our own words, places, counts, distances in time and
names that specifications publish (`crypto.published`), and certificates, which are public; never a digest, an id, a
Content-ID or another value of the message, and never a key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from cryptography import x509


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFound:
    """The digest that a ds:Reference says is not that of `target`; `place` is where it stands in SignedInfo, from 1."""

    place: int
    of: int
    target: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceUnresolved:
    """A reference leads to nothing that it may lead to; `place` among `of` elements of that name, from 1, where there
    may be several.
    """

    element: str
    wanted: str
    place: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftUncovered:
    """Something that has to be signed or encrypted, and is not; `count` of them."""

    what: str
    by: Literal["signed", "encrypted"]
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmFound:
    """An algorithm that the suite does not take, or not so; `found` as `crypto.published.shown` tells it."""

    element: str
    accepted: tuple[str, ...]
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmsFound:
    """Several algorithms of one method, each of which the suite does not take there; none where each would do beside
    others.
    """

    each: tuple[AlgorithmFound, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateUnknown:
    """What an element names in that form is none of these certificates."""

    element: str
    form: str
    held_against: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateUnfit:
    """A certificate that may not be used so at any time; `objection` says why."""

    certificate: x509.Certificate
    usage: str
    objection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """From when until when a certificate counts; both ends are inclusive."""

    begins_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        """Whether it counts at that moment."""
        return self.begins_at <= at <= self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOutOfTerm:
    """A certificate that does not count at that time, and from when until when it does."""

    certificate: x509.Certificate
    at: datetime
    term: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFound:
    """The signature value is not this certificate's over ds:SignedInfo."""

    certificate: x509.Certificate
    algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentOutOfBounds:
    """A moment that an element says lies so many seconds beyond the bound, before the earliest or after the latest."""

    element: str
    bound: datetime
    beyond: Literal["earliest", "latest"]
    seconds: int

    @classmethod
    def at_earliest(cls, element: str, bound: datetime, said: datetime) -> MomentOutOfBounds:
        """Said to be before the bound."""
        return cls(element=element, bound=bound, beyond="earliest", seconds=round((bound - said).total_seconds()))

    @classmethod
    def at_latest(cls, element: str, bound: datetime, said: datetime) -> MomentOutOfBounds:
        """Said to be after the bound."""
        return cls(element=element, bound=bound, beyond="latest", seconds=round((said - bound).total_seconds()))


@dataclass(frozen=True, slots=True, kw_only=True)
class CiphertextFound:
    """What of an encrypted part is not as it has to be: its length, its IV or its tag."""

    what: Literal["length", "IV", "tag"]
    expected: str
    found: str


OneFinding: TypeAlias = (
    DigestFound
    | ReferenceUnresolved
    | LeftUncovered
    | AlgorithmFound
    | CertificateUnknown
    | CertificateUnfit
    | CertificateOutOfTerm
    | SignatureFound
    | MomentOutOfBounds
    | CiphertextFound
)
Finding: TypeAlias = OneFinding | AlgorithmsFound
