"""Fetches what authorities say of revoked certificates, ahead of need, and tells what is revoked and what is lacking.

Each CRL and each OCSP response is asked for again when half of the time is over until its authority's next one is due,
so that an outage of the other half costs nothing; at least every few hours, so that a revocation is known that soon;
and where it ends within minutes, before it does.
What cannot be had is tried again after a minute, then less and less often; chance spreads whoever comes at once.

SECURITY: the addresses are those of hub.yaml. No certificate, CRL or response leads anywhere, whatever stands in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from crypto.certificates import thumbprint_sha256
from crypto.revocation import RevocationFinding, judge_ocsp
from crypto.revocation.asking import REQUEST_TYPE, ocsp_request
from gateway.clock import Clock
from gateway.events import EventLog, place_of
from gateway.jobs.revocation_inquiry import NOTHING_ASKED, Inquiry, Target, TargetKey
from gateway.jobs.revocation_kept import KeptAnswers, Ledger
from gateway.jobs.revocation_known import AnswerNotTaken, CrlJudged, RevocationKnown
from gateway.limits import OutboundLimits
from gateway.net.fetching import NotFetched, Outbound
from gateway.store.slices import Slice
from pmodes.validity import Listed, Use

ROUND_SECONDS: Final = 60.0
SOONEST_SECONDS, LATEST_SECONDS = 5 * 60.0, 4 * 3600.0  # between two answers about the same
NEAR_END: Final = 0.8  # of the time that is left of one that ends before the soonest: with chance still before its end
LEAST_SECONDS: Final = 10.0  # between two answers about the same, and two looks, however soon one ends
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 60.0, 3600.0
JITTER: Final = 0.2
_AGAIN: Final = timedelta(days=1)  # between two lines about the same authority
_AT_ONCE: Final = OutboundLimits().connections


Recalled: TypeAlias = CrlJudged | RevocationFinding | None


def kept_of(target: Target, known: RevocationKnown, kept: KeptAnswers, at: datetime) -> Recalled:
    """The last answer that was taken, and what it says now; None where there is none. For a thread."""
    if target.kind == "crl":
        octets = kept.crl(target.about)
        return None if octets is None else known.judge_kept(target.source, octets, target.certificates, at)
    octets = kept.response(target.about)
    (certificate,) = target.certificates
    if octets is None:
        return None
    return judge_ocsp(octets, certificate=certificate, issuer=target.source.issuer, at=at)


def recall_one(target: Target, recalled: Recalled, known: RevocationKnown) -> None:
    """Let it count again, for as long as it holds."""
    if isinstance(recalled, CrlJudged):
        known.take_crl(recalled)
    elif recalled is not None:
        known.take_response(target.certificates[0], recalled)


def recall_all(targets: Iterable[Target], known: RevocationKnown, kept: KeptAnswers, at: datetime) -> None:
    """Let everything count that was kept about those."""
    for each in targets:
        recall_one(each, kept_of(each, known, kept, at), known)


class RevocationWatch:
    """Keeps `known` up to date about what is `asked` for, which is the same value as long as nothing changes; `chance`
    gives a number from 0 to 1.
    """

    def __init__(
        self,
        known: RevocationKnown,
        kept: KeptAnswers,
        outbound: Outbound,
        clock: Clock,
        log: EventLog,
        *,
        asked: Callable[[], Awaitable[Inquiry]],
        chance: Callable[[], float],
        time_suspect: Callable[[], bool] = lambda: False,
    ) -> None:
        self._known = known
        self._kept = kept
        self._outbound = outbound
        self._clock = clock
        self._log = log
        self._asked = asked
        self._chance = chance
        self._time_suspect = time_suspect
        self._limits = OutboundLimits()
        self._due: dict[TargetKey, float] = {}  # in monotonic seconds
        self._failures: dict[TargetKey, int] = {}
        self._recalled = NOTHING_ASKED
        self._written: Ledger = known.ledger()
        self._revoked_told: set[tuple[str, Use, str]] = set()
        self._lack_told: dict[str, datetime] = {}

    async def recall(self) -> None:
        """Know what was kept before anything is fetched, and before anybody asks; what is about nobody in force any
        more goes.
        """
        asked = await self._asked()
        await asyncio.to_thread(lambda: self._kept.keep_only((each.kind, each.about) for each in asked.targets))
        await self._recall(asked)

    async def look(self) -> None:
        """Fetch what is due, keep it, and tell what is revoked or lacking."""
        asked = await self._asked()
        await self._recall(asked)
        soon = self._clock.monotonic() + LEAST_SECONDS  # what is due before the next look could be
        waiting = iter([each for each in asked.targets if self._due.get(each.key, 0.0) <= soon])
        async with asyncio.TaskGroup() as workers:
            for _ in range(_AT_ONCE):
                workers.create_task(self._work(waiting))
        await self._tell(asked.listed)
        if not self._time_suspect():
            self._known.forget(self._clock.now())
        await self._keep_ledger()

    def rest_seconds(self) -> float:
        """How long from now nothing is due; a round at most, for other certificates may be asked about by then."""
        due = min(self._due.values(), default=0.0) - self._clock.monotonic()
        return max(LEAST_SECONDS, min(due, ROUND_SECONDS))

    async def _recall(self, asked: Inquiry) -> None:
        """What was kept of targets that are new here; what holds for long is not fetched at once. Others have their
        turn between two, and targets that are not asked for any more are forgotten.
        """
        if asked is self._recalled:
            return
        at = self._clock.now()
        found = await asyncio.to_thread(self._kept_of_new, asked, at)
        part = Slice()
        for each, recalled in found:
            if part.is_over():
                await asyncio.sleep(0)
                part = Slice()
            recall_one(each, recalled, self._known)
            until = self._known.fresh_until(each.kind, each.certificates[0], at)
            self._due[each.key] = self._clock.monotonic() + (0.0 if until is None else self._wait(until, at))
        self._due = {key: due for key, due in self._due.items() if key in asked.keys}
        self._failures = {key: count for key, count in self._failures.items() if key in asked.keys}
        self._recalled = asked

    def _kept_of_new(self, asked: Inquiry, at: datetime) -> list[tuple[Target, Recalled]]:
        new = (each for each in asked.targets if each.key not in self._due)
        return [(each, kept_of(each, self._known, self._kept, at)) for each in new]

    async def _work(self, waiting: Iterator[Target]) -> None:
        for each in waiting:
            await self._fetch(each)

    async def _fetch(self, target: Target) -> None:
        try:
            until = await (self._fetch_crl(target) if target.kind == "crl" else self._fetch_response(target))
        except Exception as fault:  # of one authority: it keeps nobody from asking the others
            told = isinstance(fault, NotFetched | AnswerNotTaken | OSError)
            failures = self._failures.get(target.key, 0)
            self._failures[target.key] = failures + 1
            wait = self._spread(min(FIRST_RETRY_SECONDS * 2.0 ** min(failures, 16), LAST_RETRY_SECONDS))
            self._log(
                "revocation_not_had",
                place=str(target.source.place),
                url=target.url,
                detail=str(fault) if told else f"a defect, {type(fault).__name__} at {place_of(fault)}",
                retry_seconds=round(wait),
            )
        else:
            self._failures.pop(target.key, None)
            at = self._clock.now()
            wait = SOONEST_SECONDS if until is None else self._wait(until, at)
        self._due[target.key] = self._clock.monotonic() + wait

    async def _fetch_crl(self, target: Target) -> datetime | None:
        octets = await self._outbound.get(target.url, most_octets=self._limits.crl_octets)
        judged = await asyncio.to_thread(
            self._known.judge_crl, target.source, octets, target.certificates, self._clock.now()
        )
        await asyncio.to_thread(self._kept.write_crl, judged.authority, octets)
        self._known.take_crl(judged)
        await self._keep_ledger()
        return judged.crl.next_update

    async def _fetch_response(self, target: Target) -> datetime | None:
        (certificate,) = target.certificates
        question = ocsp_request(certificate, target.source.issuer)
        octets = await self._outbound.post(
            target.url, question, content_type=REQUEST_TYPE, most_octets=self._limits.ocsp_octets
        )
        finding = self._known.judge_response(target.source, octets, certificate, self._clock.now())
        await asyncio.to_thread(self._kept.write_response, target.about, octets)
        self._known.take_response(certificate, finding)
        await self._keep_ledger()
        return finding.next_update

    async def _keep_ledger(self) -> None:
        now = self._known.ledger()
        if now != self._written:
            await asyncio.to_thread(self._kept.write_ledger, now)
            self._written = now

    async def _tell(self, asked: Sequence[Listed]) -> None:
        """Others have their turn between two: there may be thousands."""
        at, part = self._clock.now(), Slice()
        lacking: dict[str, list[str]] = {}
        for each in asked:
            if part.is_over():
                await asyncio.sleep(0)
                part = Slice()
            known = self._known.standing(each.certificate, at)
            if known is None or known.state == "good":
                continue
            source = self._known.source(each.certificate)
            if known.state != "revoked":
                lacking.setdefault(str(source.place) if source else each.place, []).append(known.detail)
            elif (told := (each.party, each.use, thumbprint_sha256(each.certificate).hex())) not in self._revoked_told:
                self._revoked_told.add(told)
                self._log("certificate_revoked", place=each.place, party=each.party, use=each.use, detail=known.detail)
        for place, details in lacking.items():
            last = self._lack_told.get(place)
            if last is None or at - last >= _AGAIN:
                self._lack_told[place] = at
                self._log("revocation_stale", place=place, count=len(details), detail=details[0])
        self._lack_told = {place: last for place, last in self._lack_told.items() if place in lacking}

    def _wait(self, until: datetime, at: datetime) -> float:
        left = (until - at).total_seconds()
        soonest = max(LEAST_SECONDS, min(SOONEST_SECONDS, left * NEAR_END))
        return self._spread(max(soonest, min(left / 2, LATEST_SECONDS)))

    def _spread(self, seconds: float) -> float:
        return seconds * (1 - JITTER + 2 * JITTER * self._chance())
