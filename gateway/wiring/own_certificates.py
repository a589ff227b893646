"""The hub's own certificates, each with the key of the settings that names it: held against P-Modes and time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from crypto.certificates import WHOLE_VALIDITY, Certificate, Terms, readable_key, term_of
from crypto.findings import Term
from pmodes.configuration import Configuration
from pmodes.consistency import signs_for, suites_in_use
from pmodes.places import place_in
from pmodes.validity import Listed, Use


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """A certificate of the hub, with the key of the settings that names it."""

    key: str
    use: Use
    certificate: Certificate
    since: datetime | None = None  # from when its key signs in place of the one before it

    def listed(self, owner: str, party: str) -> Listed:
        """The same as an entry among those of the P-Modes; its place is the key of the settings."""
        terms = WHOLE_VALIDITY
        if self.since is not None:
            own = term_of(self.certificate)
            terms = {self.certificate: Term(begins_at=max(own.begins_at, self.since), ends_at=own.ends_at)}
        return Listed(owner=owner, party=party, place=self.key, use=self.use, certificate=self.certificate, terms=terms)


def apart(own: Sequence[OwnCertificate], configuration: Configuration) -> Iterator[str]:
    """Where keys and P-Modes do not go together: participants verify and encrypt with the certificates of hub.yaml, so
    the keys must be those of theirs, and each is answered in its suite.
    """
    hub = configuration.hub
    for each in own:
        if each.use == "signing" and each.certificate not in hub.signing_certificates:
            where = place_in(hub, "certificates.signing")
            yield f"{each.key}: {where} does not list it under certificates.signing; add it there"
    opened = {each.certificate for each in own if each.use == "encryption"}
    for index, certificate in enumerate(hub.encryption_certificates):
        if certificate not in opened:
            where = place_in(hub, f"certificates.encryption[{index}]")
            yield (
                f"keys.decryption: lacks the key of the certificate that {where} lists for encryption; name that key"
                " too, or take the certificate out"
            )
    for suite, place in suites_in_use(configuration):
        if not any(each.use == "signing" and signs_for(each.certificate, suite) for each in own):
            yield (
                f"keys.signing: has no key of the kind {suite.signature.key_kind}, with which the suite {suite.name} of"
                f" {place} signs; add one, and its certificate to hub.yaml, or name another suite there"
            )


def untimely(
    certificates: Sequence[OwnCertificate],
    at: datetime,
    *,
    besides: Collection[Certificate] = (),
    terms: Terms = WHOLE_VALIDITY,
) -> Iterator[str]:
    """Which of the hub's certificates, besides those, do not count when they have to: one that signs now at that
    moment, one that signs later when it begins to, one that another signs in place of not at all; several for
    decryption may take turns (CE-12). `terms` are those of hub.yaml.
    """
    signing = [each for each in certificates if each.use == "signing"]
    now = signing_now(signing, at)
    later = [each for each in signing if each.since is not None and each.since > at]
    for each in (*now, *later):
        said = _untimely(each.certificate, max(at, each.since or at), terms)
        if said and each.certificate not in besides:
            yield f"{each.key}: {said}"
    kinds = {_kind(each) for each in now}
    for each in later:
        if _kind(each) not in kinds and each.certificate not in besides:
            yield f"{each.key}: signs from {each.since:%Y-%m-%d %H:%M:%SZ}, and no other of its kind does until then"
    for use in ("tls", "directory", "encryption"):
        of_use = [each for each in certificates if each.use == use]
        wrong = [(each, said) for each in of_use if (said := _untimely(each.certificate, at))]
        if use != "encryption" or len(wrong) == len(of_use):
            yield from (f"{each.key}: {said}" for each, said in wrong if each.certificate not in besides)


def signing_now(certificates: Iterable[OwnCertificate], at: datetime) -> tuple[OwnCertificate, ...]:
    """Of each kind of key the certificate of the one that signs at that moment."""
    found: dict[object, OwnCertificate] = {}
    for each in certificates:
        if each.use == "signing" and (each.since is None or each.since <= at):
            earlier = found.setdefault(_kind(each), each)
            if earlier.since is None or (each.since is not None and each.since > earlier.since):
                found[_kind(each)] = each
    return tuple(found.values())


def same_kind(one: OwnCertificate, other: OwnCertificate) -> bool:
    """Whether their keys are of one kind, so that one can sign in place of the other."""
    return _kind(one) is _kind(other)


def _kind(own: OwnCertificate) -> object:
    return type(readable_key(own.certificate))


def _untimely(certificate: Certificate, at: datetime, terms: Terms = WHOLE_VALIDITY) -> str | None:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at < begins:
        return f"the certificate is not valid before {begins:%Y-%m-%d %H:%M:%SZ}; look at the clock, or wait"
    if at > ends:
        return f"the certificate has ended, on {ends:%Y-%m-%d}; name a new one, and tell the participants"
    term = term_of(certificate, terms)
    if not term.holds(at):
        counts = f"{term.begins_at:%Y-%m-%d %H:%M:%SZ} until {term.ends_at:%Y-%m-%d %H:%M:%SZ}"
        return f"hub.yaml lets the certificate count from {counts} alone; have it sign within that, or change it there"
    return None
