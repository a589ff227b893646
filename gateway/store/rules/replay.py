"""Replay: what a signal or a message that came before means now, and how long it is remembered.

A PullRequest and an Error count once. The same PullRequest gets its answer again for a few minutes, because the answer
may have been lost, and is a replay after that. What came with a wrong time was heard of and did not count; it may yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from gateway.store.model import Empty, Heard, LeaseRequest, Replayed

SIGNAL_MEMORY = timedelta(days=1)  # a signal is fresh for minutes; the rest is for clocks that were set
LATEST_MEMORY = timedelta(days=90)  # how long the latest signal of a party is known, so that an older one is no news


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardSignal:
    """What is remembered of one signal or message of a party."""

    said_at: datetime
    at: datetime  # when it counted, or else was heard of
    counted: bool
    mpc: str | None = None  # of a PullRequest, like the rest
    holder: str | None = None
    message: int | None = None  # the row of what it was answered with; None: with an empty mailbox, or nothing
    lease_token: str | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """The PullRequest counted before and may have the answer once more that it had."""

    message: int
    lease_token: str | None


def has_counted(heard: HeardSignal | None) -> bool:
    """Whether a signal took effect before, and takes none now."""
    return heard is not None and heard.counted


PullVerdict: TypeAlias = Again | Empty | Replayed | None


def judge_pull(heard: HeardSignal | None, request: LeaseRequest, now: datetime) -> PullVerdict:
    """None for a PullRequest that has not counted yet."""
    if heard is None or not has_counted(heard):
        return None
    other = (heard.mpc, heard.holder) != (request.mpc, request.holder)
    if other or now - heard.at > timedelta(seconds=request.repeat_seconds):
        return Replayed()
    if heard.message is None:
        return Empty(repeated=True)
    return Again(heard.message, heard.lease_token)


def counts_now(
    heard: HeardSignal | None,
    said_at: datetime,
    now: datetime,
    *,
    request: LeaseRequest | None = None,
    message: int | None = None,
    lease_token: str | None = None,
) -> HeardSignal:
    """What is remembered from now on of a signal that counts: from the first time on, with its latest answer."""
    return HeardSignal(
        said_at=said_at if heard is None else heard.said_at,
        at=heard.at if heard is not None and has_counted(heard) else now,
        counted=True,
        mpc=None if request is None else request.mpc,
        holder=None if request is None else request.holder,
        message=message,
        lease_token=lease_token,
    )


def noted(heard: HeardSignal | None, said_at: datetime, now: datetime) -> HeardSignal | None:
    """What is remembered from now on of a message that may not count now; None where something is already."""
    return HeardSignal(said_at=said_at, at=now, counted=False) if heard is None else None


def heard_of(heard: HeardSignal | None, latest: datetime | None) -> Heard:
    """What was known of a message that may not count now; `latest` is of its party's signals that counted."""
    return Heard(known=heard is not None, counted=has_counted(heard), latest=latest)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is old enough to be forgotten: heard of before `recent` and neither counted nor its party's latest, or
    before `latest` whatever it was.
    """

    recent: datetime
    latest: datetime


def memory(now: datetime) -> Memory:
    """How far back it reaches."""
    return Memory(now - SIGNAL_MEMORY, now - LATEST_MEMORY)
