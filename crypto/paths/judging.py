"""Judging a certificate: whether it is pinned, or which path leads to a root, and what of that path does not hold.

Every path that the search hands out is judged until one holds; where none does, the verdict is that on the first. RFC
5280 6.1 is kept, with these differences, each of them stricter: a root is judged as any authority, its validity, length
and constraints included; an authority's extended key usage bounds what stands below it; an authority is no end
certificate; policy mappings, policy constraints and what else is critical and not judged here refuse the path.

SECURITY: see `crypto.paths`. What stands in `Step.found` may be out of a certificate that came in a message: it is for
people who ask about a file, and not for the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509

from crypto.certificates import Certificate, rsa_bits, term_of, thumbprint_sha256
from crypto.der_elements import serial_number_of
from crypto.issuer_signatures import certificate_signature_objection, key_weakness
from crypto.paths.extensions import Statements, read_extensions
from crypto.paths.names import name_objection
from crypto.paths.policy import ANY_PURPOSE, PURPOSES, PathPolicy
from crypto.paths.search import FoundPath, PathSearch
from crypto.paths.untrusted import subject_serial_numbers
from crypto.paths.verdict import PathVerdict, Step

ITSELF: Final = "the certificate"
ROOT: Final = "the root"
_ANY_POLICY: Final = "2.5.29.32.0"
_MOST_SERIAL_OCTETS: Final = 20
_KEY_USAGES: Final = {
    "signing": ("digital_signature",),
    "encryption": ("key_encipherment", "key_agreement"),
    "tls": ("digital_signature",),
}


def judge_certificate(certificate: Certificate, policy: PathPolicy) -> PathVerdict:
    """The verdict on an end certificate; never raises for what stands in one."""
    if certificate in policy.pinned:
        return PathVerdict(steps=tuple(_pinned(certificate, policy)), path=(certificate,))
    paths = PathSearch(policy.roots, policy.intermediates).paths(certificate)
    return _best(PathVerdict(steps=tuple(_path(each, policy)), path=each.certificates) for each in paths)


def judge_authority(certificate: Certificate, policy: PathPolicy) -> PathVerdict:
    """The verdict on a root or an authority below one: whether it may vouch for certificates at that moment."""
    root = next((each for each in policy.roots if each.certificate == certificate), None)
    paths = PathSearch(policy.roots, policy.intermediates).paths(certificate)
    if root is not None:
        paths = (FoundPath(certificates=(certificate,), root=root),)
    return _best(
        PathVerdict(steps=tuple(_path(each, policy, of_authority=True)), path=each.certificates) for each in paths
    )


def _best(verdicts: Iterable[PathVerdict]) -> PathVerdict:
    judged = tuple(verdicts)
    return next((each for each in judged if each.holds), judged[0])


def _pinned(certificate: Certificate, policy: PathPolicy) -> Iterator[Step]:
    """Of a certificate that stands in a file nothing is asked but whether it can do what it stands there for."""
    yield _step("pin", ITSELF, "listed, or issued below a root that is trusted", "listed", True)
    if policy.judges_end:
        yield _validity(certificate, ITSELF, policy)
    yield from _withdrawal(certificate, policy)
    yield _key(certificate, ITSELF, policy.minimum_rsa_bits)
    said = read_extensions(certificate)
    if said is None:
        yield _unreadable(ITSELF)
        return
    yield _use(said, policy)
    yield from _revocation(certificate, ITSELF, policy)


def _path(found: FoundPath, policy: PathPolicy, *, of_authority: bool = False) -> Iterator[Step]:
    path = found.certificates
    root = found.root
    if root is None:
        yield _step("path", ITSELF, "listed, or issued below a root that is trusted", found.broken or "", False)
    else:
        yield _step("path", ITSELF, "listed, or issued below a root that is trusted", f"{len(path)} certificates", True)
    above: list[_Judged] = []
    for place in reversed(range(len(path))):
        certificate = path[place]
        about = ITSELF if place == 0 else ROOT if place == len(path) - 1 and root is not None else f"issuer {place}"
        said = read_extensions(certificate)
        if said is None:
            yield _unreadable(about)
            return
        this = _Judged(certificate=certificate, said=said, about=about)
        yield from _of_any(this, above, policy, is_root=about == ROOT)
        if place or of_authority:
            yield from _of_issuer(this, path[0 if of_authority else 1 : place])
        above.append(this)
    end, *issuers = reversed(above)
    if not of_authority:
        yield from _of_end(end, issuers, policy, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    certificate: Certificate
    said: Statements
    about: str


def _of_any(this: _Judged, above: Sequence[_Judged], policy: PathPolicy, *, is_root: bool) -> Iterator[Step]:
    """What is asked of every certificate of a path; of the root, whose signature is its own, less."""
    certificate, about = this.certificate, this.about
    if not is_root:
        yield _serial(certificate, about)
        if above:
            objection = certificate_signature_objection(certificate, above[-1].certificate)
            yield _step("signature", about, f"made by {above[-1].about}", objection or "it holds", objection is None)
    yield _key(certificate, about, policy.minimum_rsa_bits if about == ITSELF else 0)
    if policy.judges_end or about != ITSELF:
        yield _validity(certificate, about, policy)
    unjudged = this.said.unjudged_critical
    yield _step("critical extensions", about, "known", ", ".join(unjudged) or "known", not unjudged)
    if above:
        constraints = [each.said.name_constraints for each in above if each.said.name_constraints is not None]
        if constraints and (about == ITSELF or not _self_issued(certificate)):
            objection = name_objection(certificate, this.said, constraints)
            yield _step("names", about, "within the name constraints", objection or "within", objection is None)
    if not is_root:
        yield from _revocation(certificate, about, policy)


def _of_issuer(this: _Judged, below: Sequence[Certificate]) -> Iterator[Step]:
    """What is asked of an authority; `below` are the authorities between it and the end."""
    constraints, usage = this.said.constraints, this.said.key_usage
    is_authority = constraints is not None and constraints.ca
    found = "nothing" if constraints is None else "CA" if constraints.ca else "no CA"
    yield _step("basicConstraints", this.about, "CA", found, is_authority)
    if constraints is not None and constraints.path_length is not None:
        length = sum(not _self_issued(each) for each in below)
        expected = f"{constraints.path_length} authorities below it at most"
        yield _step("pathLenConstraint", this.about, expected, str(length), length <= constraints.path_length)
    if usage is not None:
        signs = usage.key_cert_sign
        yield _step("keyUsage", this.about, "keyCertSign", "keyCertSign" if signs else "without", signs)


def _of_end(end: _Judged, issuers: Sequence[_Judged], policy: PathPolicy, found: FoundPath) -> Iterator[Step]:
    constraints = end.said.constraints
    is_authority = constraints is not None and constraints.ca
    yield _step("basicConstraints", ITSELF, "no CA", "CA" if is_authority else "no CA", not is_authority)
    yield from _withdrawal(end.certificate, policy)
    yield _use(end.said, policy)
    yield _purpose(end, issuers, policy, found)
    if found.root is not None and found.root.policies:
        yield _policies(end, issuers, found.root.policies)
    if policy.serial_number is not None:
        yield _subject_serial_number(end.certificate, policy.serial_number)


def _use(said: Statements, policy: PathPolicy) -> Step:
    wanted = _KEY_USAGES[policy.use]
    expected = " or ".join(_spelled(each) for each in wanted)
    if said.key_usage is None:
        return _step("keyUsage", ITSELF, expected, "any, for it names none", True)
    named = _named_usages(said.key_usage)
    return _step("keyUsage", ITSELF, expected, ", ".join(map(_spelled, named)), not named.isdisjoint(wanted))


def _named_usages(usage: x509.KeyUsage) -> frozenset[str]:
    plain = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    return frozenset(each for each in (*plain, "key_cert_sign", "crl_sign") if getattr(usage, each))


def _spelled(usage: str) -> str:
    """As RFC 5280 spells it."""
    first, *others = usage.split("_")
    return first + "".join("CRL" if each == "crl" else each.capitalize() for each in others)


def _purpose(end: _Judged, issuers: Sequence[_Judged], policy: PathPolicy, found: FoundPath) -> Step:
    """Of its purposes one has to be that of the use, and each authority that names some has to name it."""
    own = None if found.root is None else found.root.purposes
    allowed = PURPOSES[policy.use] if own is None else own
    for each in issuers:
        if each.said.purposes is not None and ANY_PURPOSE not in each.said.purposes:
            allowed &= each.said.purposes
    named = end.said.purposes
    expected = " or ".join(sorted(allowed)) or "nothing, for its issuers allow none"
    if named is None:
        return _step("extendedKeyUsage", ITSELF, expected, "any, for it names none", bool(allowed))
    holds = bool(allowed) and (ANY_PURPOSE in named or not named.isdisjoint(allowed))
    return _step("extendedKeyUsage", ITSELF, expected, ", ".join(sorted(named)), holds)


def _policies(end: _Judged, issuers: Sequence[_Judged], wanted: frozenset[str]) -> Step:
    """One that the root is trusted for, in every certificate below it (RFC 5280 6.1.3 d, without mappings)."""
    kept = wanted & end.said.policies
    for each in issuers[:-1]:
        if _ANY_POLICY not in each.said.policies:
            kept &= each.said.policies
    found = ", ".join(sorted(end.said.policies)) or "none"
    return _step("certificatePolicies", ITSELF, f"{' or '.join(sorted(wanted))}, as in its issuers", found, bool(kept))


def _subject_serial_number(certificate: Certificate, wanted: str) -> Step:
    """Exactly one, as written (SR-10)."""
    values = subject_serial_numbers(certificate)
    found = values[0] if len(values) == 1 else f"{len(values)} of them" if values else "absent"
    return _step("serialNumber in the subject", ITSELF, wanted, found, values == (wanted,))


def _revocation(certificate: Certificate, about: str, policy: PathPolicy) -> Iterator[Step]:
    finding = policy.revocations.get(thumbprint_sha256(certificate))
    if finding is None and not policy.revocation_required:
        return
    expected = "told good" if policy.revocation_required else "not revoked"
    if finding is None:
        yield _step("revocation", about, expected, "told by nobody", False)
        return
    holds = finding.status == "good" if policy.revocation_required else finding.status != "revoked"
    yield _step("revocation", about, expected, finding.detail, holds)


def _serial(certificate: Certificate, about: str) -> Step:
    serial = serial_number_of(certificate)
    octets = (serial.bit_length() + 8) // 8
    found = "negative" if serial < 0 else "zero" if serial == 0 else f"{octets} octets"
    holds = serial > 0 and octets <= _MOST_SERIAL_OCTETS
    return _step("serial number", about, f"positive, {_MOST_SERIAL_OCTETS} octets at most", found, holds)


def _key(certificate: Certificate, about: str, minimum_rsa_bits: int) -> Step:
    weakness, bits = key_weakness(certificate), rsa_bits(certificate)
    if weakness is None and bits is not None and bits < minimum_rsa_bits:
        weakness = f"its RSA key has {bits} bits, fewer than {minimum_rsa_bits}"
    return _step("key", about, "strong enough", weakness or "strong enough", weakness is None)


def _withdrawal(certificate: Certificate, policy: PathPolicy) -> Iterator[Step]:
    if policy.withdrawn:
        withdrawn = thumbprint_sha256(certificate) in policy.withdrawn
        found = "listed" if withdrawn else "not listed"
        yield _step("withdrawal", ITSELF, "not listed as compromised", found, not withdrawn)


def _validity(certificate: Certificate, about: str, policy: PathPolicy) -> Step:
    term = term_of(certificate, policy.terms)
    narrowed = certificate in policy.terms
    found = f"{'counting' if narrowed else 'valid'} from {_moment(term.begins_at)} until {_moment(term.ends_at)}"
    return _step("validity", about, f"valid at {_moment(policy.at)}", found, term.holds(policy.at))


def _unreadable(about: str) -> Step:
    return _step("extensions", about, "readable", "not readable", False)


def _self_issued(certificate: Certificate) -> bool:
    return certificate.subject == certificate.issuer


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _step(what: str, about: str, expected: str, found: str, holds: bool) -> Step:
    return Step(what=what, about=about, expected=expected, found=found, holds=holds)
