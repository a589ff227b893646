"""Any order of verbs, restarts and passing time agrees with a model of a few lines (G2, G4, G5, G6, G7; T3 to T12)."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from support.store.engines import PLACES, as_of
from support.store.file_systems import in_memory
from support.store.store_samples import START, accept, acceptance_for, parts_of, pull, read_whole, sealed_message

from gateway.store.interface import DamagedBlob, NotOffered, StoreUnavailable
from gateway.store.model import (
    Accepted,
    DeskFull,
    DeskLease,
    DeskRequest,
    Duplicate,
    Empty,
    Expired,
    Kind,
    MessageFilter,
    Offer,
    QuotaExceeded,
    ReceiptOutcome,
    Replayed,
    State,
)
from gateway.store.model import Held as HeldByAnother
from gateway.store.rules.desk import DESK_LONGEST, DESK_SPAN, HELD_BY_PERSON

T = TypeVar("T")

OWNERS = ("left", "right")
QUOTA = 4
OPEN_LEASES = 2
REPEAT = timedelta(seconds=300)
GRACE = timedelta(minutes=10)
LONGEST = timedelta(hours=12)
PAUSES = [60, 300, 1800, 7200]
SPANS = [1, 30, 59, 60, 300, 301, 900, 1800, 7200, 86_400, 3 * 86_400]
numbers = st.integers(1, 8)
owners = st.sampled_from(OWNERS)


@dataclass
class Held:
    """A message as the model knows it."""

    number: int
    owner: str
    size: int
    expires_at: datetime
    kind: Kind = Kind.MESSAGE
    state: State = State.STORED
    lease_until: datetime | None = None
    pause_until: datetime | None = None
    token: str = ""
    person: str | None = None  # the lease is one of a desk
    offered_at: datetime = START
    attempts: int = 0
    errors: int = 0
    late: bool = False
    away: bool = False  # its file was lost
    damaged: bool = False  # and somebody noticed
    unreadable: int = 0

    @property
    def message_id(self) -> str:
        return f"leg2-{self.number}@hub.example"

    def waits(self) -> bool:
        return self.state in (State.STORED, State.OFFERED)

    def leased(self, at: datetime) -> bool:
        return self.waits() and self.lease_until is not None and self.lease_until > at

    def offerable(self, at: datetime) -> bool:
        paused = self.pause_until is not None and self.pause_until > at
        return self.waits() and not self.damaged and not self.leased(at) and not paused and self.expires_at > at

    def lets_others_pass(self) -> bool:
        """Whether a PullRequest that met it gets another message when it comes again."""
        put_off = self.unreadable > 0 and self.state is State.OFFERED and self.pause_until is not None
        return self.damaged or put_off

    def mark_damaged(self) -> None:
        if not self.damaged:
            self.damaged, self.lease_until, self.pause_until = True, self.offered_at, None

    def reads_as(self, at: datetime) -> State:
        return State.OFFERED if self.leased(at) else State.STORED if self.waits() else self.state


@dataclass
class Pulled:
    """A PullRequest that was answered."""

    at: datetime
    held: Held | None
    token: str = ""


@dataclass
class Model:
    """What the store should hold, oldest first."""

    messages: list[Held] = field(default_factory=list)
    pulls: dict[tuple[str, int], Pulled] = field(default_factory=dict)
    latest: dict[str, datetime] = field(default_factory=dict)  # signal that counted, by party
    errors: int = 0

    def forget_pulls(self, at: datetime) -> None:
        """After a day, but for the latest signal of a party: that one after 90."""
        self.pulls = {
            key: pulled
            for key, pulled in self.pulls.items()
            if pulled.at > at - timedelta(days=1)
            or (pulled.at == self.latest[key[0]] and pulled.at > at - timedelta(days=90))
        }


class StoreMachine(RuleBasedStateMachine):
    """Drives a real store and the model side by side."""

    engine: str

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=in_memory())
        self.path = Path(self.folder.name) / "data"
        self.loop = asyncio.new_event_loop()
        self.now = START
        self.model = Model()
        self.notices = 100
        self.pulled_last = "left", 1
        self.store = self.do(self.opened(START))

    def opened(self, at: datetime) -> Coroutine[Any, Any, Any]:
        return PLACES[self.engine].open(self.path, at=at)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.do(self.store.aclose())
        self.loop.close()
        self.folder.cleanup()

    def of(self, number: int) -> Held | None:
        return next((held for held in self.model.messages if held.number == number), None)

    @rule(number=numbers, owner=owners, large=st.booleans(), other_content=st.booleans())
    def accept(self, number: int, owner: str, large: bool, other_content: bool) -> None:
        message = sealed_message(number, at=self.now, receiver=owner, final_recipient=owner)
        acceptance = acceptance_for(message, content=b"other" if other_content else b"first")
        size = 70_000 if large else 300
        outcome = self.do(
            accept(self.store, message, parts_of(number, size), acceptance=acceptance, quota_messages=QUOTA)
        )
        earlier = self.of(number)
        waiting = [h for h in self.model.messages if h.owner == owner and h.waits() and h.kind is Kind.MESSAGE]
        if earlier is not None:
            assert isinstance(outcome, Duplicate)
        elif len(waiting) >= QUOTA:
            assert outcome == QuotaExceeded()
        else:
            assert outcome == Accepted()
            self.model.messages.append(Held(number, owner, size, message.metadata.expires_at))

    @rule(owner=owners, pull_number=numbers, lease_seconds=st.sampled_from([60, 900, 43_200]))
    def pull(self, owner: str, pull_number: int, lease_seconds: int) -> None:
        request = pull(pull_number, party=owner, lease_seconds=lease_seconds, open_leases=OPEN_LEASES)
        outcome = self.do(self.store.lease(request))
        mine = [held for held in self.model.messages if held.owner == owner]
        self.pulled_last = owner, pull_number
        pulled = self.model.pulls.get((owner, pull_number))
        held = next((each for each in mine if each.offerable(self.now)), None)
        if sum(each.leased(self.now) and each.person is None for each in mine) >= OPEN_LEASES:
            held = None
        if pulled is not None:
            other, held = held, pulled.held
            if self.now - pulled.at > REPEAT:
                assert outcome == Replayed()
                return
            if held is None:
                assert outcome == Empty()
                return
            paused = held.pause_until is not None and held.pause_until > self.now
            taken = held.leased(self.now) and held.token != pulled.token
            if not held.waits() or held.damaged or taken or paused or held.expires_at <= self.now:
                if not held.lets_others_pass():
                    assert outcome == Replayed()
                    return
                held = other
                if held is not None:
                    pulled.held = held
        else:
            self.model.pulls[owner, pull_number] = Pulled(self.now, held)
            self.model.latest[owner] = self.now
        if held is None:
            assert outcome == Empty()
            return
        assert isinstance(outcome, Offer)
        assert outcome.message_id == held.message_id
        held.state = State.OFFERED
        held.attempts += 1
        held.offered_at = self.now
        held.person = None
        held.lease_until = self.now + timedelta(seconds=lease_seconds)
        held.pause_until = None
        held.token = self.model.pulls[owner, pull_number].token = outcome.lease_token
        assert (outcome.attempt, outcome.lease_until) == (held.attempts, held.lease_until)
        if held.away:
            with pytest.raises(DamagedBlob):
                self.do(read_whole(self.store, outcome))
            held.mark_damaged()
            return
        message = sealed_message(held.number)
        assert self.do(read_whole(self.store, outcome)) == (
            message.head + parts_of(held.number, held.size) + message.tail
        )

    @precondition(lambda self: self.model.pulls)
    @rule(lease_seconds=st.sampled_from([60, 900]))
    def pull_again(self, lease_seconds: int) -> None:
        """The PullRequest that was answered last: its answer was lost."""
        self.pull(*self.pulled_last, lease_seconds)

    @rule(owner=owners, pull_number=numbers)
    def meet_damage(self, owner: str, pull_number: int) -> None:
        self.lose_or_find_file(owner, away=True)
        self.pull(owner, pull_number, 60)

    @rule(number=numbers, seconds=st.sampled_from([10, 30, 1000]), stale=st.booleans(), prolong=st.booleans())
    def move_lease(self, number: int, seconds: int, stale: bool, prolong: bool) -> None:
        held = self.of(number)
        if held is None:
            return
        span = timedelta(seconds=seconds)
        until = self.now + span
        verb = self.store.prolong_lease if prolong else self.store.cut_lease
        self.do(verb(held.message_id, "stale" if stale else held.token, span))
        if stale or held.state is not State.OFFERED or held.pause_until is not None or held.lease_until is None:
            return
        if held.person is not None:
            return
        if prolong:
            held.lease_until = max(held.lease_until, min(until, held.offered_at + LONGEST))
        else:
            held.lease_until = min(held.lease_until, until)

    @rule(number=numbers, person=st.sampled_from(["ann", "bob"]), take_over=st.booleans())
    def open_at_desk(self, number: int, person: str, take_over: bool) -> None:
        held = self.of(number)
        message_id, party = (held.message_id, held.owner) if held else ("none", "left")
        request = DeskRequest(message_id=message_id, party=party, person=person, take_over=take_over)
        outcome = self.do(self.store.open_at_desk(request))
        if held is None or not held.waits() or held.damaged or held.expires_at <= self.now:
            assert outcome is None
            return
        leased = held.leased(self.now)
        if leased and held.person != person and not (take_over and held.person is not None):
            assert outcome == HeldByAnother(person=held.person, until=held.lease_until)  # type: ignore[arg-type]
            return
        if not (leased and held.person == person):
            others = [each for each in self.model.messages if each is not held and each.person == person]
            if sum(each.leased(self.now) for each in others) >= HELD_BY_PERSON:
                assert outcome == DeskFull(limit=HELD_BY_PERSON, of_person=True)
                return
            held.state, held.person, held.offered_at = State.OFFERED, person, self.now
            held.lease_until = held.pause_until = None
            held.attempts += 1
        assert isinstance(outcome, DeskLease)
        until = min(self.now + DESK_SPAN, held.offered_at + DESK_LONGEST, held.expires_at)
        held.lease_until = until if held.lease_until is None else max(held.lease_until, until)
        held.token = outcome.token
        assert (outcome.until, outcome.began_at) == (held.lease_until, held.offered_at)

    @rule(number=numbers, stale=st.booleans())
    def release(self, number: int, stale: bool) -> None:
        held = self.of(number)
        if held is None:
            return
        token = "stale" if stale else held.token
        released = self.do(self.store.release_desk_lease(held.message_id, party=held.owner, token=token))
        assert released is (not stale and held.person is not None and held.leased(self.now))
        if released:
            held.lease_until, held.token = self.now, "released"

    @rule(number=numbers, right=st.booleans())
    def receipt(self, number: int, right: bool) -> None:
        held = self.of(number)
        message_id = held.message_id if held else "none"
        party = held.owner if held and right else "third"
        work = self.store.close(message_id, party=party, receipt=b"<r/>")
        if held is None or not right or held.attempts == 0:
            try:
                self.do(work)
            except NotOffered:
                return
            raise AssertionError("a receipt for what was not offered was taken")
        outcome = self.do(work)
        if held.waits():
            assert outcome is ReceiptOutcome.CLOSED
            held.state = State.RECEIPTED
            held.late = True
        else:
            late = ReceiptOutcome.REPEATED if held.late else ReceiptOutcome.LATE
            assert outcome is late
            again = self.store.keep_late(message_id, party=party, receipt=b"<r/>", notice=None, notice_parts=None)
            assert self.do(again) is late
            held.late = True

    @rule(number=numbers)
    def error(self, number: int) -> None:
        held = self.of(number)
        if held is None or held.attempts == 0:
            return
        self.model.errors += 1
        self.model.latest[held.owner] = self.now
        said = {"code": "EBMS:0004", "error_id": f"error-{self.model.errors}", "said_at": self.now}
        assert self.do(self.store.record_error(held.message_id, party=held.owner, **said))
        if held.waits():
            held.errors += 1
            assert held.lease_until is not None
            held.lease_until = min(held.lease_until, self.now)
            held.pause_until = self.now + timedelta(seconds=PAUSES[min(held.errors, 4) - 1])

    @rule(number=numbers, stale=st.booleans())
    def put_off(self, number: int, stale: bool) -> None:
        held = self.of(number)
        if held is None:
            return
        self.do(self.store.put_off(held.message_id, "stale" if stale else held.token))
        if not stale and held.person is None and held.state is State.OFFERED and held.lease_until is not None:
            held.unreadable += 1
            held.lease_until = min(held.lease_until, self.now)
            held.pause_until = self.now + timedelta(seconds=PAUSES[min(held.unreadable, 4) - 1])

    @rule(owner=owners, away=st.booleans())
    def lose_or_find_file(self, owner: str, away: bool) -> None:
        """The oldest file of a mailbox that is there, or is not."""
        held = next(
            (h for h in self.model.messages if h.owner == owner and h.waits() and h.size > 65_536 and h.away != away),
            None,
        )
        if held is None:
            return
        aside = Path(self.folder.name) / f"{held.number}"
        if held.away:
            PLACES[self.engine].show_large_parts(self.path, aside)
        else:
            parts = parts_of(held.number, held.size)
            PLACES[self.engine].hide_large_parts(self.path, aside, held.message_id, parts)
        held.away = not held.away

    @rule()
    def recheck(self) -> None:
        doubtful = [
            held for held in self.model.messages if held.state is State.OFFERED and (held.damaged or held.unreadable)
        ]
        found = self.do(self.store.recheck())
        assert found.whole == tuple(held.message_id for held in doubtful if not held.away)
        assert found.damaged == tuple(held.message_id for held in doubtful if held.away)
        assert found.unreadable == ()
        for held in doubtful:
            if held.away:
                held.mark_damaged()
            else:
                held.damaged, held.unreadable, held.pause_until = False, 0, None

    @precondition(lambda self: self.model.messages)
    @rule()
    def go_back(self) -> None:
        """Nobody can tell whether this is all, so nothing is taken or given until an operator says that it counts."""
        self.do(self.store.aclose())
        PLACES[self.engine].forget_where_it_was(self.path)
        self.store = self.do(self.opened(self.now))
        assert self.store.doubt
        for work in (accept(self.store, sealed_message(99)), self.store.lease(pull(99)), self.purged()):
            with pytest.raises(StoreUnavailable):
                self.do(work)
        self.do(self.store.confirm_restored())
        assert self.store.doubt is None

    async def purged(self) -> int:
        return await self.store.purge()

    @rule(with_notice=st.booleans())
    def expire_due(self, with_notice: bool) -> None:
        due = {record.metadata.message_id for record in self.do(self.store.due(limit=1000))}
        expected = {
            held.message_id
            for held in self.model.messages
            if held.waits()
            and held.expires_at <= self.now
            and (held.lease_until is None or held.lease_until <= self.now - GRACE)
        }
        assert due == expected
        for held in [each for each in self.model.messages if each.waits()]:
            assert self.expire(held, with_notice, at_once=False) == (held.message_id in expected)

    @rule(number=numbers)
    def lose_key(self, number: int) -> None:
        held = self.of(number)
        if held is not None:
            waits = held.waits()
            assert self.expire(held, with_notice=True, at_once=True) == waits

    def expire(self, held: Held, with_notice: bool, *, at_once: bool) -> bool:
        waited = held.waits()
        self.notices += 1
        notice = Held(self.notices, "left", 300, self.now + timedelta(days=4), Kind.NOTICE)
        message = sealed_message(notice.number, at=self.now, kind=Kind.NOTICE, receiver="left")

        async def both() -> Expired | None:
            spool = await self.store.open_spool(300)
            await spool.write(parts_of(notice.number, 300))
            return await self.store.expire(
                held.message_id,
                notice=message if with_notice else None,
                notice_parts=spool if with_notice else None,
                at_once=at_once,
            )

        outcome = self.do(both())
        assert outcome in (None, Expired.NOTIFIED if with_notice else Expired.UNNOTIFIED)
        expired = outcome is not None
        assert waited or not expired
        if expired:
            held.state = State.EXPIRED
            if with_notice:
                self.model.messages.append(notice)
        return expired

    @rule(number=numbers, days=st.integers(-1, 5))
    def prolong_term(self, number: int, days: int) -> None:
        held = self.of(number)
        if held is None:
            return
        expires_at = held.expires_at + timedelta(days=days)
        prolonged = self.do(self.store.prolong_term(held.message_id, party=held.owner, expires_at=expires_at))
        assert prolonged == (held.waits() and days > 0)
        if prolonged:
            held.expires_at = expires_at

    @rule()
    def purge(self) -> None:
        final = [held for held in self.model.messages if held.state in (State.RECEIPTED, State.EXPIRED)]
        assert self.do(self.store.purge()) == len(final)
        for held in final:
            held.state = State.REMOVED
        self.model.forget_pulls(self.now)
        large = sum(held.size > 65_536 and not held.away for held in self.model.messages if held.waits())
        assert PLACES[self.engine].count_large_parts(self.path) == large

    @rule(seconds=st.sampled_from(SPANS))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        as_of(self.now, self.store)

    @precondition(lambda self: self.model.messages)
    @rule()
    def restart(self) -> None:
        self.do(self.store.aclose())
        self.store = self.do(self.opened(self.now))
        if self.store.doubt is not None:  # each file may be damage, all together a store that went back
            assert all(held.away for held in self.model.messages if held.waits() and held.size > 65_536)
            self.do(self.store.confirm_restored())

    @invariant()
    def log_agrees(self) -> None:
        records = self.do(self.store.messages(MessageFilter(limit=1000)))
        assert [
            (record.metadata.message_id, record.state, record.attempts, record.metadata.expires_at)
            for record in reversed(records)
        ] == [
            (held.message_id, held.reads_as(self.now), held.attempts, held.expires_at) for held in self.model.messages
        ]

    @invariant()
    def sums_agree(self) -> None:
        counts = self.do(self.store.counts())
        states = [held.reads_as(self.now) for held in self.model.messages]
        assert counts.damaged == sum(held.damaged for held in self.model.messages if held.waits())
        assert dict(counts.states) == {state: states.count(state) for state in State}
        for mailbox in self.do(self.store.mailboxes()):
            mine = [held for held in self.model.messages if held.owner == mailbox.party and held.waits()]
            leased = sum(held.leased(self.now) for held in mine)
            assert (mailbox.leased, mailbox.waiting) == (leased, len(mine) - leased)
            assert mailbox.next_expires_at == min((held.expires_at for held in mine), default=None)


EXAMPLES = {"sqlite": 40, "postgres": 8, "objects": 8}  # a verb over a socket takes several times as long
for name in PLACES:
    machine = type(f"StoreMachine_{name}", (StoreMachine,), {"engine": name})
    machine.TestCase.settings = settings(
        max_examples=EXAMPLES[name], stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    machine.TestCase.pytestmark = [pytest.mark.soak] if name == "objects" else []
    globals()[f"TestStoreMachine_{name}"] = machine.TestCase
