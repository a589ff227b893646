"""Later: what will pass, or may be the hub's own fault, is HTTP 503 with a Retry-After of its cause (decision 0018);
what a sender does too often is 429.

An ebMS failure is final for a sender: its application is told that the message failed. So a fault that may lie in the
hub's clock, disk, certificates or load never becomes one. The table says for each cause when to come back first and at
the latest; in between the wait grows with the time that the cause has lasted, and chance spreads those who wait.

SECURITY: what is about one receiver or one message lasts for each asker by itself, so that no wait tells what others
sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from crypto.certificates import WHOLE_VALIDITY, Certificate, Terms, check_validity
from crypto.faults import FailedAuthentication
from gateway.clock import Clock
from gateway.ebms.evidence import Compared, evidence_of

JITTER: Final = 0.2  # part of the wait by which it is spread to either side
MOST_LASTING: Final = 10_000
MINUTE, HOUR = 60.0, 3600.0


class Cause(StrEnum):
    """Why a request has to come again; the log names it so."""

    LOAD = "load"
    STORE = "store"
    IN_FLIGHT = "in-flight"
    COMMIT = "commit"
    STOOD_STILL = "stood-still"
    TIME = "time"
    PARTICIPANT_TIME = "participant-time"
    SIGNING_CERTIFICATE = "signing-certificate"
    DECRYPTION_CERTIFICATE = "decryption-certificate"
    KEY = "key"
    RECEIVER_CERTIFICATE = "receiver-certificate"
    REVOCATION = "revocation"
    PROXY = "proxy"
    SIGNED_ANEW = "signed-anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """When to come back for a cause; without `first_seconds` the setting limits.retry_after_seconds decides."""

    first_seconds: float | None = None
    longest_seconds: float
    means: str  # for the operator
    status: HTTPStatus = HTTPStatus.SERVICE_UNAVAILABLE


CAUSES: Final[dict[Cause, Wait]] = {
    Cause.LOAD: Wait(longest_seconds=5 * MINUTE, means="no room for the request, or its address came too often"),
    Cause.STORE: Wait(longest_seconds=15 * MINUTE, means="the store takes nothing now: disk, or closing"),
    Cause.IN_FLIGHT: Wait(
        longest_seconds=5 * MINUTE, means="another arrival of the same message was still being taken"
    ),
    Cause.COMMIT: Wait(longest_seconds=15 * MINUTE, means="whether the message was stored is not known"),
    Cause.STOOD_STILL: Wait(
        longest_seconds=5 * MINUTE, means="the hub stood still, and what came meanwhile has grown too old"
    ),
    Cause.TIME: Wait(first_seconds=5 * MINUTE, longest_seconds=HOUR, means="the hub's own time is suspect"),
    Cause.PARTICIPANT_TIME: Wait(
        first_seconds=5 * MINUTE,
        longest_seconds=HOUR,
        means="sender and hub show different times, and nobody vouches for the hub's",
    ),
    Cause.SIGNING_CERTIFICATE: Wait(
        first_seconds=15 * MINUTE,
        longest_seconds=4 * HOUR,
        means="the hub's signing certificate has not begun, has ended or ends before the term of a new message",
    ),
    Cause.DECRYPTION_CERTIFICATE: Wait(
        first_seconds=15 * MINUTE, longest_seconds=4 * HOUR, means="every decryption certificate of the hub has ended"
    ),
    Cause.KEY: Wait(
        first_seconds=15 * MINUTE, longest_seconds=4 * HOUR, means="a key of the configuration cannot be used"
    ),
    Cause.RECEIVER_CERTIFICATE: Wait(
        first_seconds=15 * MINUTE,
        longest_seconds=4 * HOUR,
        means="the receiver has no encryption certificate that is valid now and not revoked",
    ),
    Cause.REVOCATION: Wait(
        first_seconds=5 * MINUTE,
        longest_seconds=HOUR,
        means="nobody could say of late whether a certificate was revoked, and its P-Mode waits for that",
    ),
    Cause.PROXY: Wait(
        first_seconds=5 * MINUTE,
        longest_seconds=HOUR,
        means="a trusted proxy did not say for whom it speaks, and the participant may call from some addresses alone",
    ),
    Cause.SIGNED_ANEW: Wait(
        longest_seconds=HOUR,
        means="a sender signed one message anew too often: it is 429",
        status=HTTPStatus.TOO_MANY_REQUESTS,
    ),
}


class Postponed(Exception):
    """A request that cannot be judged or done now; `about` is the party or message that the cause lasts for, where that
    is not the hub, and `compared` what the verdict rests on, where it is one.
    """

    def __init__(
        self, cause: Cause, detail: str, *, about: str | None = None, compared: Sequence[Compared] = ()
    ) -> None:
        super().__init__(detail)
        self.cause = cause
        self.detail = detail
        self.about = about
        self.compared = tuple(compared)


class RetryAfter:
    """How long each cause has lasted. Askers are participants alone; of more than `MOST_LASTING` entries the one that
    was met least lately begins anew.
    """

    def __init__(self, clock: Clock, *, first_seconds: float, chance: Callable[[], float]) -> None:
        self._clock = clock
        self._first_seconds = first_seconds
        self._chance = chance
        self._lasting: dict[tuple[Cause, str | None], tuple[float, float]] = {}  # its begin, and when it was met last

    def seconds(self, cause: Cause, about: str | None = None) -> int:
        """What Retry-After says now: the first wait, or as long as the cause has lasted if that is more; `about` what
        and whom it has lasted.
        """
        wait = CAUSES[cause]
        now = self._clock.monotonic()
        begun, last = self._lasting.pop((cause, about), (now, now))
        if now - last > 2 * wait.longest_seconds:
            begun = now  # whoever waits would have come back: it had passed
        self._lasting[cause, about] = (begun, now)  # behind all others
        if len(self._lasting) > MOST_LASTING:
            del self._lasting[next(iter(self._lasting))]
        return self._spread(max(self._first(cause), min(now - begun, wait.longest_seconds)))

    def first_seconds(self, cause: Cause) -> int:
        """The first wait, for what concerns whoever asks alone: it lasts no longer for anybody else."""
        return self._spread(self._first(cause))

    def _first(self, cause: Cause) -> float:
        first = CAUSES[cause].first_seconds
        return self._first_seconds if first is None else first

    def _spread(self, seconds: float) -> int:
        return max(1, round(seconds * (1 - JITTER + 2 * JITTER * self._chance())))


def check_own_signature(certificate: Certificate, at: datetime, terms: Terms = WHOLE_VALIDITY) -> None:
    """Raises `Postponed` when what the hub signs at that moment would not hold: its certificate does not count yet, or
    no more.
    """
    try:
        check_validity(certificate, at, terms)
    except FailedAuthentication as fault:
        detail = f"the hub's own: {fault.detail}"
        raise Postponed(Cause.SIGNING_CERTIFICATE, detail, compared=evidence_of(fault)) from None
