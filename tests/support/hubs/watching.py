"""A watch over revocation whose authority is a server of the test, without a hub around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from support.clocks import StandingClock
from support.hubs.hub import LogLines
from support.keys.pki import authority, identity

from crypto.certificates import Certificate
from gateway.jobs.revocation_inquiry import Inquiry, inquiry_of, part_of
from gateway.jobs.revocation_kept import KeptAnswers
from gateway.jobs.revocation_known import RevocationKnown, RevocationStanding
from gateway.jobs.revocation_watch import RevocationWatch
from gateway.net.destination import Destinations
from gateway.net.fetching import Outbound
from pmodes.model import Place, RevocationSource
from pmodes.validity import Listed

LOOPBACK = Destinations(hosts=frozenset({"127.0.0.1"}), networks=(ip_network("127.0.0.1/32"),))
PLACE = Place(file="hub.yaml", line=3)


def source(crl: str | None = None, ocsp: str | None = None, *, issuer: Certificate | None = None) -> RevocationSource:
    """What hub.yaml says of the authority of the tests."""
    return RevocationSource(issuer=issuer or authority().certificate, crl=crl, ocsp=ocsp, place=PLACE)


@dataclass
class Watching:
    """What a test sees of it."""

    known: RevocationKnown
    watch: RevocationWatch
    clock: StandingClock
    log: LogLines

    def state(self, certificate: Certificate) -> str | None:
        """How it stands with that certificate now."""
        found = self.found(certificate)
        return None if found is None else found.state

    def found(self, certificate: Certificate) -> RevocationStanding | None:
        return self.known.known(certificate, self.clock.now())

    def events(self) -> list[str]:
        """The names of what was logged, in order."""
        return [name for name, _ in self.log.lines]


def of(certificate: Certificate, use: str = "signing") -> Listed:
    """A certificate of a file."""
    return Listed(owner="A", party="1", place="a.yaml", use=use, certificate=certificate)  # type: ignore[arg-type]


def watching(
    folder: Path | None,
    *sources: RevocationSource,
    asked: Sequence[Certificate] | None = None,
    clock: StandingClock | None = None,
    chance: float = 0.5,
) -> Watching:
    """A watch that remembers in that folder; by default it asks about what the creditor signs with."""
    clock, log, kept = clock or StandingClock(), LogLines(), KeptAnswers(folder)
    certificates = asked or [identity("creditor").signing.certificate]
    inquiry = inquiry_of([part_of(map(of, certificates), sources, ())])

    async def asked_for() -> Inquiry:
        return inquiry

    known = RevocationKnown(lambda: sources, log, kept)
    watch = RevocationWatch(
        known,
        kept,
        Outbound(LOOPBACK),
        clock,
        log,
        asked=asked_for,
        chance=lambda: chance,
    )
    return Watching(known, watch, clock, log)
