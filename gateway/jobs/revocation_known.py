"""What is known of revoked certificates, in memory: the answers of authorities that were fetched, judged and kept.

Revoked is revoked for good: no later answer, no loss of answers and no P-Mode takes it back, until 90 days after the
certificate's end (decision 0027). Good is good until the authority's next answer is due. A certificate is as good as
its issuer, where somebody is named who knows about that one.

What an authority says counts by its signature, whoever delivered it; an older answer than one that was taken is not
taken, so nobody can bring back the day before a revocation by keeping its CRL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crypto.certificates import Certificate, thumbprint_sha256
from crypto.revocation import CLOCK_DIFFERENCE, Crl, RevocationFinding, UnusableCrl, age_objection, judge_ocsp, read_crl
from gateway.events import EventLog
from gateway.jobs.revocation_kept import KeptAnswers, Ledger, Revoked
from gateway.msh.revocation import Doubt
from pmodes.model import RevocationCheck, RevocationSource
from pmodes.revocation import chain_of, source_of

Kind: TypeAlias = Literal["crl", "ocsp"]
State: TypeAlias = Literal["good", "revoked", "stale", "missing"]
KINDS: Final[tuple[Kind, ...]] = ("crl", "ocsp")

_ROOM: Final = 65_536  # findings; who is asked for is judged again
_MOST_MISSED: Final = 1024
_ALARM_EVERY: Final = timedelta(hours=1)  # about one certificate: it is a state, and not as many states as messages
_WORST: Final[tuple[State, ...]] = ("revoked", "missing", "stale", "good")
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class AnswerNotTaken(Exception):
    """An answer that nothing may rest on; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlJudged:
    """A CRL of an authority that may be taken, and whom it revokes of those that were asked about."""

    authority: str
    crl: Crl
    revoked: Mapping[Certificate, RevocationFinding]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationStanding:
    """How it stands with a certificate, in a word and a sentence."""

    state: State
    detail: str
    since: datetime = _NEVER  # between these moments it is good, where it is
    until: datetime = _NEVER


class RevocationKnown:
    """The answers about certificates of those authorities that `sources` names at the moment of asking; `between` are
    other authorities, below a root.

    Raises `LedgerUnreadable` where what was `kept` cannot be read. It belongs to the loop: what waits for a disk or for
    arithmetic over a whole CRL is handed to a thread by `gateway.jobs.revocation_watch`.
    """

    def __init__(
        self,
        sources: Callable[[], Sequence[RevocationSource]],
        log: EventLog,
        kept: KeptAnswers | None = None,
        *,
        between: Callable[[], Sequence[Certificate]] = tuple,
    ) -> None:
        self.sources = sources
        self._between = between
        self._log = log
        self._ledger = Ledger() if kept is None else kept.ledger()
        self._crls: dict[str, Crl] = {}  # by authority
        self._said_by_responder: dict[str, RevocationFinding] = {}  # by certificate
        self._alarmed: dict[str, datetime] = {}
        self._good: dict[Certificate, RevocationStanding] = {}  # until something new is known
        self._good_by: tuple[object, object] | None = None  # the files that this was found by
        self._missed: dict[Certificate, str] = {}  # used, and nobody knows anything of them: by certificate whose

    def source(self, certificate: Certificate) -> RevocationSource | None:
        """Who would know; None where nobody is named."""
        return source_of(certificate, self.sources())

    def doubt(self, certificate: Certificate, at: datetime, *, wanted: RevocationCheck, party: str) -> Doubt | None:
        """As `gateway.msh.revocation.Revocation` says it; nothing is fetched, and where nobody is named it is quick."""
        if not self._ledger.revoked and (wanted == "off" or (wanted == "soft" and not self.sources())):
            return None
        known = self.standing(certificate, at)
        if known is not None and known.state in ("missing", "stale") and wanted != "off":
            self._miss(certificate, party)
        if known is not None and known.state == "revoked":
            return Doubt(certificate=certificate, revoked=True, detail=known.detail)
        if wanted == "off" or (known is not None and known.state == "good"):
            return None
        if wanted == "hard":
            detail = "hub.yaml lists no issuer of the certificate under revocation" if known is None else known.detail
            return Doubt(certificate=certificate, revoked=False, detail=detail)
        if known is not None:
            self._alarm(certificate, at, party, known.detail)
        return None

    def standing(self, certificate: Certificate, at: datetime) -> RevocationStanding | None:
        """The same as `known`, where good is not worked out again for every message and every look: it is remembered
        for as long as it holds, by what is known and named now.
        """
        basis = (self.sources(), self._between())
        if self._good_by is None or any(one is not other for one, other in zip(basis, self._good_by, strict=True)):
            self._good, self._good_by = {}, basis
        found = self._good.get(certificate)
        if found is not None and found.since <= at <= found.until:
            return found
        found = self.known(certificate, at)
        if found is not None and found.state == "good":
            if len(self._good) >= _ROOM:
                self._good.clear()
            self._good[certificate] = found
        return found

    def known(self, certificate: Certificate, at: datetime) -> RevocationStanding | None:
        """How it stands with it and its issuers; None where nobody is named who would know, and nobody said anything.

        Of several things the worst: revoked, then what is lacking.
        """
        chain = chain_of(certificate, self.sources(), self._between())
        found = [(each, self._of_one(each, source, at)) for each, source in chain]
        standings = [
            own if each == certificate else replace(own, detail=f"its issuer: {own.detail}")
            for each, own in found
            if own is not None
        ]
        worst = min(standings, key=lambda each: _WORST.index(each.state), default=None)
        if worst is None or worst.state == "revoked" or found[0][1] is not None:
            if worst is None or worst.state != "good":
                return worst
            return replace(
                worst, since=max(each.since for each in standings), until=min(each.until for each in standings)
            )
        return None  # whatever is known of its issuers, nobody is named who would know about itself

    def judge_crl(
        self, source: RevocationSource, octets: bytes, certificates: Sequence[Certificate], at: datetime
    ) -> CrlJudged:
        """What a CRL that was fetched says of these certificates of that authority; raises `AnswerNotTaken`.
        Changes nothing, and belongs into a thread: the whole of the CRL is read.
        """
        authority = authority_key(source.issuer)
        crl = self._read(authority, source, octets)
        before = self._crls.get(authority)
        _refuse_older(crl.this_update, None if before is None else before.this_update)
        findings = {each: crl.finding(each, at) for each in certificates}
        if all(each.status == "unusable" for each in findings.values()):
            raise AnswerNotTaken(
                next((each.detail for each in findings.values()), "no certificate of its issuer is in force")
            )
        return _judged(authority, crl, findings)

    def judge_kept(
        self, source: RevocationSource, octets: bytes, certificates: Sequence[Certificate], at: datetime
    ) -> CrlJudged | None:
        """What a CRL says that was kept: it was taken before, so it is not refused for what passes with time; None
        where it is another by now. Changes nothing, as `judge_crl`.
        """
        authority = authority_key(source.issuer)
        try:
            crl = self._read(authority, source, octets)
        except AnswerNotTaken:
            return None
        return _judged(authority, crl, {each: crl.finding(each, at) for each in certificates})

    def _read(self, authority: str, source: RevocationSource, octets: bytes) -> Crl:
        try:
            crl = read_crl(octets, source.issuer)
        except UnusableCrl as refused:
            raise AnswerNotTaken(str(refused)) from None
        objection = age_objection(crl, self._ledger.numbers.get(authority), self._ledger.until.get(authority))
        if objection is not None:
            raise AnswerNotTaken(objection)
        return crl

    def take_crl(self, judged: CrlJudged) -> None:
        """Let it count from now on."""
        authority, crl = judged.authority, judged.crl
        self._ledger.numbers.pop(authority, None)
        self._ledger.until.pop(authority, None)
        if crl.number is not None:
            self._ledger.numbers[authority] = crl.number
        if crl.next_update is not None:
            self._ledger.until[authority] = crl.next_update
        self._crls[authority] = crl
        self._good.clear()
        for certificate, finding in judged.revoked.items():
            self._remember(certificate, finding)

    def judge_response(
        self, source: RevocationSource, octets: bytes, certificate: Certificate, at: datetime
    ) -> RevocationFinding:
        """What an OCSP response that was fetched says of that certificate; raises `AnswerNotTaken`. Changes nothing."""
        finding = judge_ocsp(octets, certificate=certificate, issuer=source.issuer, at=at)
        before = self._said_by_responder.get(thumbprint_sha256(certificate).hex())
        _refuse_older(finding.this_update, None if before is None else before.this_update)
        if finding.status == "unusable":
            raise AnswerNotTaken(finding.detail)
        return finding

    def take_response(self, certificate: Certificate, finding: RevocationFinding) -> None:
        """Let it count from now on."""
        if certificate in self._between() or any(each.issuer == certificate for each in self.sources()):
            self._good.clear()  # others are as good as this one
        self._good.pop(certificate, None)
        if len(self._said_by_responder) >= _ROOM:
            self._said_by_responder.clear()
        self._said_by_responder[thumbprint_sha256(certificate).hex()] = finding
        if finding.status == "revoked":
            self._remember(certificate, finding)

    def missed(self) -> Mapping[Certificate, str]:
        """Certificates that were used of late and of which nobody had said anything that holds, as those that a root
        vouches for and no file lists; with whose they are. To be asked about from now on.
        """
        return self._missed

    def ledger(self) -> Ledger:
        """What has to be kept, as it is now."""
        ledger = self._ledger
        return Ledger(numbers=dict(ledger.numbers), until=dict(ledger.until), revoked=dict(ledger.revoked))

    def forget(self, at: datetime) -> None:
        """Let go of certificates that ended so long ago that nothing they signed is remembered."""
        for name in [name for name, each in self._ledger.revoked.items() if each.forget_at < at]:
            del self._ledger.revoked[name]

    def fresh_until(self, kind: Kind, certificate: Certificate, at: datetime) -> datetime | None:
        """Until when an answer of that kind about it holds; None where there is none that holds now."""
        source = self.source(certificate)
        found = None if source is None else self._said(kind, certificate, source, at)
        return found.next_update if found is not None and _is_fresh(found, at) else None

    def _of_one(
        self, certificate: Certificate, source: RevocationSource | None, at: datetime
    ) -> RevocationStanding | None:
        found = [] if source is None else [self._said(kind, certificate, source, at) for kind in KINDS]
        answers = [each for each in found if each is not None]
        for each in answers:
            if each.status == "revoked":  # a certificate that nobody had asked about when the answer came
                self._remember(certificate, each)
        revoked = self._ledger.revoked.get(thumbprint_sha256(certificate).hex())
        if revoked is not None:
            return RevocationStanding(state="revoked", detail=f"the certificate was revoked: {revoked.said}")
        if source is None:
            return None
        good = [each for each in answers if each.status == "good" and _is_fresh(each, at)]
        if good:
            held = max(good, key=lambda each: each.next_update or _NEVER)
            since, until = (held.this_update or at) - CLOCK_DIFFERENCE, held.next_update or at
            return RevocationStanding(state="good", detail="not revoked", since=since, until=until)
        if not answers:
            return RevocationStanding(state="missing", detail="nobody has said yet whether the certificate was revoked")
        last = max(answers, key=lambda each: each.next_update or _NEVER)
        if last.next_update is not None and last.next_update < at:
            return RevocationStanding(
                state="stale", detail=f"the last answer held until {last.next_update:%Y-%m-%dT%H:%M:%SZ}"
            )
        return RevocationStanding(state="missing", detail=last.detail)

    def _said(
        self, kind: Kind, certificate: Certificate, source: RevocationSource, at: datetime
    ) -> RevocationFinding | None:
        """The last answer about it; a CRL that is here speaks of whomever nobody asked for before, too."""
        if kind == "ocsp":
            return self._said_by_responder.get(thumbprint_sha256(certificate).hex())
        crl = self._crls.get(authority_key(source.issuer))
        return None if crl is None else crl.finding(certificate, at)

    def _remember(self, certificate: Certificate, finding: RevocationFinding) -> None:
        ends_at = certificate.not_valid_after_utc.isoformat()
        name = thumbprint_sha256(certificate).hex()
        self._ledger.revoked.setdefault(name, Revoked(said=finding.detail, ends_at=ends_at))

    def _miss(self, certificate: Certificate, party: str) -> None:
        self._missed.pop(certificate, None)
        self._missed[certificate] = party  # behind all others
        if len(self._missed) > _MOST_MISSED:
            del self._missed[next(iter(self._missed))]

    def _alarm(self, certificate: Certificate, at: datetime, party: str, detail: str) -> None:
        name = thumbprint_sha256(certificate).hex()
        last = self._alarmed.get(name)
        if last is None or at - last >= _ALARM_EVERY or at < last:
            if len(self._alarmed) >= _ROOM:
                self._alarmed.clear()
            self._alarmed[name] = at
            self._log("revocation_unknown", party=party, certificate=name, detail=detail)


def _judged(authority: str, crl: Crl, findings: Mapping[Certificate, RevocationFinding]) -> CrlJudged:
    revoked = {certificate: each for certificate, each in findings.items() if each.status == "revoked"}
    return CrlJudged(authority=authority, crl=crl, revoked=revoked)


def _refuse_older(moment: datetime | None, before: datetime | None) -> None:
    """An answer of an earlier moment than one that was taken."""
    if moment is not None and before is not None and moment < before:
        one, other = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (moment, before))
        raise AnswerNotTaken(f"it is of {one}, and an answer of {other} was seen")


def _is_fresh(finding: RevocationFinding, at: datetime) -> bool:
    if finding.this_update is None or finding.next_update is None:
        return False
    return finding.this_update - CLOCK_DIFFERENCE <= at <= finding.next_update


@lru_cache(maxsize=1024)
def authority_key(issuer: Certificate) -> str:
    """What an authority is known by, whichever of its certificates is listed: its name and its key."""
    key = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(issuer.subject.public_bytes() + key).hexdigest()
