"""The certificates that a hub asks about, as they are now: those of the P-Mode files, where their P-Mode wants to know;
those by which something was accepted that may come again; and those that a root vouched for in a message, once they
were missed.

What they come to is worked out in a thread, of what was seen on the loop at one moment, and only when that changed. An
organisation whose file stayed costs nothing then, and whoever is new in traffic costs no look at the files.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from crypto.certificates import Certificate, thumbprint_sha256
from gateway.jobs.revocation_inquiry import NOTHING_ASKED, Inquiry, InquiryPart, inquiry_of, joined, part_of
from gateway.msh.signers import KnownSigners, certificate_of
from gateway.store.model import Signer
from gateway.wiring.beside_traffic import beside_traffic
from pmodes.configuration import Configuration
from pmodes.derive import template
from pmodes.model import HubParty, Leg, Organisation
from pmodes.validity import Listed, listed_of

Parts: TypeAlias = dict[str, tuple[HubParty | Organisation, InquiryPart]]  # by party id, each with whose it is


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the certificates are of, at one moment."""

    configuration: Configuration
    signers: tuple[Signer, ...]
    missed: tuple[tuple[Certificate, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worked:
    """What that came to."""

    seen: _Seen
    parts: Parts
    of_files: Inquiry
    inside: frozenset[bytes]  # SHA-256 of the certificates of the files
    inquiry: Inquiry


class AskedFor:
    """Call it on the loop; it is the very same value as before where nothing changed."""

    def __init__(
        self,
        configuration: Callable[[], Configuration],
        signers: KnownSigners,
        missed: Callable[[], Mapping[Certificate, str]],
    ) -> None:
        self._configuration = configuration
        self._signers = signers
        self._missed = missed
        self._worked: _Worked | None = None
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self) -> Inquiry:
        async with self._one_at_a_time:
            configuration = self._configuration()
            if not configuration.hub.revocation:
                self._worked = None
                return NOTHING_ASKED
            seen = _Seen(
                configuration=configuration,
                signers=tuple(self._signers.everyone()),
                missed=tuple(self._missed().items()),
            )
            if self._worked is None or self._worked.seen != seen:
                await asyncio.to_thread(self._work_out, seen)
            return NOTHING_ASKED if self._worked is None else self._worked.inquiry

    def _work_out(self, seen: _Seen) -> None:
        before, old = self._worked, None
        hub = seen.configuration.hub
        if before is not None and before.seen.configuration is seen.configuration:
            parts, of_files, inside = before.parts, before.of_files, before.inside
        else:
            with beside_traffic():
                old = {} if before is None else before.parts
                parts = parts_of(seen.configuration, old)
                of_files = put_together(parts)
                inside = frozenset(thumbprint_sha256(each.certificate) for each in of_files.listed)
        others = part_of(_others(seen, inside), hub.revocation, hub.trust.intermediates)
        inquiry = joined(of_files, inquiry_of([others]))
        self._worked = _Worked(seen=seen, parts=parts, of_files=of_files, inside=inside, inquiry=inquiry)
        del before
        while old:  # one organisation after the other, as `gateway.wiring.reloading` lets go of them
            old.popitem()


def parts_of(configuration: Configuration, before: Parts | None = None) -> Parts:
    """What the certificates of each file come to whose P-Mode does not say that nobody is to be asked; the hub's own,
    and those of authorities between a root and a participant. A part of `before` is taken where its file stayed, if
    that of the hub did.
    """
    hub = configuration.hub
    sources, between = hub.revocation, hub.trust.intermediates
    known = before or {}
    of_hub = known.get(hub.party_id)
    if of_hub is None or of_hub[0] is not hub:
        known, of_hub = {}, (hub, part_of((*listed_of([hub]), *_between(hub)), sources, between))
    parts: Parts = {hub.party_id: of_hub}
    for each in configuration.organisations:
        part = known.get(each.party_id)
        if part is None or part[0] is not each:
            part = each, part_of(_wanted(configuration, each), sources, between)
        parts[each.party_id] = part
    return parts


def put_together(parts: Parts) -> Inquiry:
    """What all of them come to."""
    return inquiry_of(part for _, part in parts.values())


def _wanted(configuration: Configuration, organisation: Organisation) -> Iterator[Listed]:
    """Those of which its P-Mode wants to know."""
    for each in listed_of([organisation]):
        leg = Leg.SENDING if each.use == "signing" else Leg.RECEIVING
        if template(configuration.hub, organisation, leg, configuration.suites).security.revocation != "off":
            yield each


def _between(hub: HubParty) -> Iterator[Listed]:
    for index, certificate in enumerate(hub.trust.intermediates):
        yield Listed(
            owner=hub.name,
            party=hub.party_id,
            place=f"{hub.file}: trust.intermediates[{index}]",
            use="tls-chain",
            certificate=certificate,
        )


def _others(seen: _Seen, inside: frozenset[bytes]) -> Iterable[Listed]:
    """The certificates that no file lists."""
    found: dict[Certificate, Listed] = {}
    for each in seen.signers:
        if hashlib.sha256(each.certificate).digest() not in inside:
            found.setdefault(*_other(certificate_of(each.certificate), each.sender, "an earlier acceptance"))
    for certificate, party in seen.missed:
        if thumbprint_sha256(certificate) not in inside:
            found.setdefault(*_other(certificate, party, "a message, vouched for by a root"))
    return found.values()


def _other(certificate: Certificate, party: str, place: str) -> tuple[Certificate, Listed]:
    return certificate, Listed(owner=party, party=party, place=place, use="signing", certificate=certificate)
