"""Trust by roots, as the files say it: which roots, for what, and for which organisations a root may vouch.

A root vouches for an organisation that has an OIN of its own and shares it with nobody: the OIN is what binds a
certificate to the organisation, and where several parties have one the files decide, by listing certificates. What a
root then vouches for is `pmodes.vouching`'s to say.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509

from crypto.certificates import Certificate
from crypto.paths import Step, TrustedRoot
from gateway.ebms.names import OIN_TYPE
from gateway.ebms.party_ids import oin_of
from gateway.named_file import FileRefused
from gateway.written.complaints import Complaint, KeyPath, line_of, shown
from pmodes.model import HubParty, Organisation, Trust
from pmodes.places import place_in
from pmodes.shapes import TrustShape
from pmodes.source_file import LoadCertificates, SourceFile, why_not_had


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """What was found of a certificate that is not listed: the one, where a root vouches for it, else the step that
    decides against it, if it bears the OIN of who is asked for; and between which moments nobody has to look again.
    """

    certificate: Certificate | None = None
    failed: Step | None = None
    since: datetime
    until: datetime

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """The certificate that counts without being listed, if there is one."""
        return () if self.certificate is None else (self.certificate,)


NOBODY_ASKED: Final = Vouched(since=datetime.min.replace(tzinfo=UTC), until=datetime.max.replace(tzinfo=UTC))


def own_oins(owner: HubParty | Organisation) -> tuple[str, ...]:
    """The party ids that are OINs, and not those of a unit: one, or none, for no two are of one type."""
    return tuple(each.value for each in owner.party_ids if each.type == OIN_TYPE)


def read_trust(source: SourceFile, shape: TrustShape | None, load: LoadCertificates) -> Trust:
    """What hub.yaml says of roots, complaining of what cannot be one."""
    if shape is None:
        return Trust()
    roots: list[TrustedRoot] = []
    for index, root in enumerate(shape.roots):
        at: KeyPath = ("trust", "roots", index)
        found = _load(source, at, root.file, load)
        if len(found) > 1:
            source.complain(at, f"{shown(root.file)}: holds {len(found)} certificates; name one root a file")
        elif found and not _is_authority(found[0]):
            source.complain(at, f"{shown(root.file)}: is the certificate of no authority; name the root itself")
        usages = root.extended_key_usages
        for each in found[:1]:
            purposes = None if usages is None else frozenset(usages)
            roots.append(TrustedRoot(certificate=each, policies=frozenset(root.policies), purposes=purposes))
    intermediates: list[Certificate] = []
    for index, name in enumerate(shape.intermediates):
        at = ("trust", "intermediates", index)
        for each in _load(source, at, name, load):
            if not _is_authority(each):
                source.complain(at, f"{shown(name)}: holds a certificate of no authority; leave that out")
            intermediates.append(each)
    return Trust(roots=tuple(roots), intermediates=tuple(dict.fromkeys(intermediates)))


def trust_contradictions(hub: HubParty | None, organisations: Sequence[Organisation]) -> Iterator[Complaint]:
    """Where a root could not vouch, or could vouch for more than one party."""
    vouched_for = [each for each in organisations if each.trust == "roots"]
    if not vouched_for:
        return
    by_oin: dict[str, dict[int, Organisation]] = defaultdict(dict)
    for each in organisations:
        for oin in {oin_of(name) for name in each.speaks_for} - {None}:
            by_oin[str(oin)][id(each)] = each
    for each in vouched_for:
        yield from _of_one(hub, each, by_oin)


def _of_one(
    hub: HubParty | None, organisation: Organisation, by_oin: Mapping[str, Mapping[int, Organisation]]
) -> Iterator[Complaint]:
    own = own_oins(organisation)
    if hub is not None and "trust" not in hub.lines:  # what is wrong with roots that it names is told there
        yield _about(organisation, f"{hub.file} names no root that could vouch; give `trust.roots` there, or {_PIN}")
    if not own:
        yield _about(organisation, f"it has no OIN of its own, by which a certificate would be known as its; {_PIN}")
    for other, shared in {each: (found, oin) for oin in own for each, found in by_oin.get(oin, {}).items()}.values():
        if other is not organisation:
            is_its_own = shared in {oin_of(each.value) for each in other.party_ids}
            where = place_in(other, "party" if is_its_own else "acts_for")
            yield _about(organisation, f"its OIN also stands in {where}, so a root cannot tell them apart; {_PIN}")


_PIN = "write `trust: pinned` and list its certificates"


def _load(source: SourceFile, at: KeyPath, name: str, load: LoadCertificates) -> Sequence[Certificate]:
    try:
        return load(posixpath.join(posixpath.dirname(source.name), name))
    except (FileRefused, OSError, ValueError) as fault:
        source.complain(at, f"{shown(name)}: {why_not_had(fault)}")
        return ()


def _is_authority(certificate: Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _about(organisation: Organisation, sentence: str) -> Complaint:
    key = "certificates.trust"
    path = f"{organisation.at}.{key}" if organisation.at else key
    return Complaint(file=organisation.file, line=line_of(organisation.lines, key), path=path, sentence=sentence)
