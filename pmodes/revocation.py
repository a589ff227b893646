"""Who knows whether a certificate was revoked: the authorities that hub.yaml lists with where each tells it.

A certificate leads nowhere by what stands in it: the addresses are those that an administrator wrote, and the authority
is the one whose key signed the certificate.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from cryptography import x509

from crypto.certificates import Certificate, thumbprint_sha256
from crypto.faults import UnusableCredential
from crypto.issuer_signatures import certificate_signature_objection
from gateway.named_file import FileRefused
from gateway.written.complaints import Complaint, KeyPath, line_of, shown
from pmodes.derive import overrides_of
from pmodes.model import HubParty, Leg, Organisation, Place, RevocationSource, Trust
from pmodes.shapes import RevocationShape
from pmodes.source_file import LoadCertificates, SourceFile, why_not_had

PARAMETER = "Knooppunt.Revocation"


def source_of(certificate: Certificate, sources: Sequence[RevocationSource]) -> RevocationSource | None:
    """The first of these whose authority issued the certificate; None where nobody is named."""
    return next((each for each in sources if issued_by(certificate, each.issuer)), None)


def chain_of(
    certificate: Certificate, sources: Sequence[RevocationSource], between: Sequence[Certificate]
) -> Iterator[tuple[Certificate, RevocationSource | None]]:
    """The certificate and the authorities above it, as far as files name them, each with who knows about it; an
    authority that is named vouches for itself. `between` are other authorities, below a root.
    """
    each, seen = certificate, set[Certificate]()
    while each not in seen:
        seen.add(each)
        source = source_of(each, sources)
        if source is not None and source.issuer == each:
            return
        yield each, source
        above = (one for one in between if issued_by(each, one))
        issuer = source.issuer if source is not None else next(above, None)
        if issuer is None:
            return
        each = issuer


@lru_cache(maxsize=32_768)
def issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether it bears that name and that key's signature."""
    return certificate.issuer == issuer.subject and certificate_signature_objection(certificate, issuer) is None


def read_sources(
    source: SourceFile, shapes: Sequence[RevocationShape], load: LoadCertificates
) -> tuple[RevocationSource, ...]:
    """What hub.yaml lists, complaining of every entry that leads to nothing."""
    found: list[RevocationSource] = []
    for index, shape in enumerate(shapes):
        at: KeyPath = ("revocation", index)
        if shape.crl is None and shape.ocsp is None:
            source.complain(at, "names no place; write crl, ocsp or both, each an http or https URL")
        issuer = _issuer(source, (*at, "issuer"), shape.issuer, load)
        if issuer is None:
            continue
        if any(each.issuer == issuer for each in found):
            source.complain((*at, "issuer"), f"{shown(shape.issuer)}: the same certificate stands twice; join the two")
        place = Place(file=source.name, line=source.line(at))
        found.append(RevocationSource(issuer=issuer, crl=shape.crl, ocsp=shape.ocsp, place=place))
    return tuple(found)


def nobody_to_ask(hub: HubParty, organisations: Sequence[Organisation]) -> Iterator[Complaint]:
    """Where an answer is demanded about a certificate whose authority hub.yaml does not list: there will be none."""
    for organisation in organisations:
        for leg, use, certificates in (
            (Leg.SENDING, "signing", organisation.signing_certificates),
            (Leg.RECEIVING, "encryption", organisation.encryption_certificates),
        ):
            override = overrides_of(hub, organisation, leg).get(PARAMETER)
            if override is None or override.value != "hard":
                continue
            demanded = f"{PARAMETER} is hard ({override.place}), and hub.yaml lists under revocation"
            for index, certificate in enumerate(certificates):
                if source_of(certificate, hub.revocation) is None:
                    path = f"certificates.{use}[{index}]"
                    sentence = (
                        f"{demanded} no issuer of this certificate, so that every message would get 503; list it, {_OR}"
                    )
                    yield _about(organisation, f"certificates.{use}", path, sentence)
            vouched_for = use == "signing" and organisation.trust == "roots" and organisation.access == "system"
            if vouched_for and not any(_leads_to_a_root(each.issuer, hub.trust) for each in hub.revocation):
                whom = "nobody below a root that it trusts" if hub.revocation else "nobody"
                sentence = (
                    f"{demanded} {whom}, so that every message signed with a certificate that a root vouches for would"
                    f" get 503; list the authority that issues those, {_OR}"
                )
                yield _about(organisation, "certificates.trust", "certificates.trust", sentence)


def _leads_to_a_root(issuer: Certificate, trust: Trust) -> bool:
    """Whether an authority is a root, or the way up from it ends at one; what a root vouches for, one of these issued.
    Without a root, which is complained of as such, anybody does.
    """
    roots, ways, seen = [each.certificate for each in trust.roots], [issuer], set[Certificate]()
    while roots and ways:
        each = ways.pop()
        if each in roots or any(issued_by(each, root) for root in roots):
            return True
        seen.add(each)
        ways += (one for one in trust.intermediates if one not in seen and issued_by(each, one))
    return not roots


_OR: Final = "or set soft or off"


def _about(organisation: Organisation, key: str, path: str, sentence: str) -> Complaint:
    at = f"{organisation.at}." if organisation.at else ""
    line = line_of(organisation.lines, key)
    return Complaint(file=organisation.file, line=line, path=f"{at}{path}", sentence=sentence)


def _issuer(source: SourceFile, at: KeyPath, path: str, load: LoadCertificates) -> Certificate | None:
    try:
        loaded = load(posixpath.join(posixpath.dirname(source.name), path))
    except (FileRefused, OSError, UnusableCredential, ValueError) as fault:
        source.complain(at, f"{shown(path)}: {why_not_had(fault)}")
        return None
    if len(loaded) != 1:
        source.complain(at, f"{shown(path)}: holds {len(loaded)} certificates and should hold one")
        return None
    if not _is_authority(loaded[0]):
        source.complain(at, f"{shown(path)}: is no authority's certificate; name that of who issued the participants'")
    return loaded[0]


def _is_authority(certificate: Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def name_of(issuer: Certificate) -> str:
    """How people and logs name an authority: its subject, and the beginning of its thumbprint."""
    return f"{issuer.subject.rfc4514_string()} ({thumbprint_sha256(issuer).hex()[:16]})"
