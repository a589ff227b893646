"""The table of metrics: everything that can be counted and measured of a hub that runs, beside the table of events.
The page of metrics on the monitoring listener, its reference page and the alert rules are held to it.

SECURITY: a metric has one label at most, and its values stand here, all of them: whatever a peer sends makes no new
line, and none names a message, a reference, a party or a person.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Final, Literal, NamedTuple

from gateway.events import EVENTS, EventLog

OTHER: Final = "other"  # whatever is not in the list of values
# Closed lists of other rooms, which a test holds to them.
CAUSES: Final = (
    "load",
    "store",
    "in-flight",
    "commit",
    "stood-still",
    "time",
    "participant-time",
    "signing-certificate",
    "decryption-certificate",
    "key",
    "receiver-certificate",
    "revocation",
    "proxy",
    "signed-anew",
)
CODES: Final = (
    *(f"EBMS:{number:04}" for number in (*range(1, 12), *range(20, 24), 60, *range(101, 104))),
    *(f"EBMS:{number:04}" for number in (201, 202, *range(301, 304))),
    OTHER,
)
STATES: Final = ("stored", "offered", "receipted", "expired", "removed")
GROUNDS: Final = (
    "ahead",
    "behind",
    "before-mark",
    "long-stop",
    "unreadable-mark",
    "unsynchronised",
    "not-yet-synchronised",
    "participants",
    OTHER,
)
USES: Final = (
    "signing",
    "encryption",
    "tls",
    "tls-chain",
    "client",
    "server",
    "directory",
    "login",
    "login-tls",
    "broker",
    "root",
    "issuer",
)
REQUESTS: Final = (
    "key-set",
    "lost-keys",
    "extension",
    "module",
    "unit",
    "certificate",
    "lists",
    "leaving",
    "joining",
    OTHER,
)
PARTS: Final = ("store", "mail", "requests", "disk", "certificates")
CLASSES: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One row of the table. With a `label` there is a line for each of its `values`, also where nothing happened; a
    gauge that is not `always` there is left out where there is nothing to tell.
    """

    kind: Kind
    tells: str
    label: str = ""
    values: tuple[str, ...] = ()
    always: bool = True


METRICS: Final[Mapping[str, Metric]] = {
    "knooppunt_info": Metric(
        kind="gauge", tells="1, with the version of the hub: the one value that stands in no list.", label="version"
    ),
    "knooppunt_ready": Metric(kind="gauge", tells="1 while /readyz says so."),
    "knooppunt_started_seconds": Metric(kind="gauge", tells="When the hub started, in seconds since 1970."),
    "knooppunt_events_total": Metric(
        kind="counter",
        tells="How often each event of the log happened since the start, but for lines that the log leaves out.",
        label="event",
        values=tuple(EVENTS),
    ),
    "knooppunt_postponed_total": Metric(
        kind="counter", tells="Requests that got 503 or 429, by the cause.", label="cause", values=(*CAUSES, OTHER)
    ),
    "knooppunt_refused_total": Metric(
        kind="counter", tells="Requests that were refused, by the ebMS code.", label="code", values=CODES
    ),
    "knooppunt_messages": Metric(
        kind="gauge",
        tells="Messages in each state, notices included; the first two wait to be collected.",
        label="state",
        values=STATES,
    ),
    "knooppunt_messages_damaged": Metric(kind="gauge", tells="Messages that wait and are proven damaged."),
    "knooppunt_notices_waiting": Metric(kind="gauge", tells="Notices of the hub that wait, messages in all else."),
    "knooppunt_open_questions": Metric(kind="gauge", tells="Questions without an answer."),
    "knooppunt_waiting_bytes": Metric(kind="gauge", tells="Size of what waits."),
    "knooppunt_oldest_waiting_seconds": Metric(
        kind="gauge", tells="Age of the oldest message that waits to be collected, 0 where none does."
    ),
    "knooppunt_next_expiry_seconds": Metric(
        kind="gauge", tells="Until the first term of what waits is over; below 0 it is.", always=False
    ),
    "knooppunt_mailboxes_waiting": Metric(kind="gauge", tells="Mailboxes in which something waits."),
    "knooppunt_open_leases": Metric(
        kind="gauge", tells="Messages that were handed out under a lease that goes on, without a receipt yet."
    ),
    "knooppunt_flush_seconds": Metric(
        kind="histogram",
        tells="How long an exchange waited until the store had everything on stable storage; on PostgreSQL no"
        " time, for each commit waits for that itself.",
    ),
    "knooppunt_pull_seconds": Metric(
        kind="histogram",
        tells="How long it took to find a message for a pull, to lease it and to check it whole, or to find none.",
    ),
    "knooppunt_store_doubtful": Metric(kind="gauge", tells="1 where the store is not served: it went back, or failed."),
    "knooppunt_store_log_bytes": Metric(kind="gauge", tells="Size of the write-ahead log of an embedded store."),
    "knooppunt_objects_away": Metric(
        kind="gauge",
        tells="1 where the object storage cannot be used in which large parts lie, so that they are answered 503.",
        always=False,
    ),
    "knooppunt_objects_held": Metric(kind="gauge", tells="Messages whose parts lie in object storage.", always=False),
    "knooppunt_objects_leaving": Metric(
        kind="gauge", tells="Objects of messages that ended and that could not be removed yet.", always=False
    ),
    "knooppunt_disk_free_bytes": Metric(kind="gauge", tells="Room on the disk of `data.directory`."),
    "knooppunt_disk_bytes": Metric(kind="gauge", tells="Size of that disk."),
    "knooppunt_disk_mark_bytes": Metric(
        kind="gauge",
        tells="How much has to stay free: below `alarm` a worry is told, below `large` no message over 1 MiB is taken,"
        " below `any` none.",
        label="mark",
        values=("alarm", "large", "any"),
    ),
    "knooppunt_ballast_bytes": Metric(kind="gauge", tells="What `knooppunt store release-ballast` would give back."),
    "knooppunt_connections": Metric(
        kind="gauge", tells="Open connections of each listener.", label="listener", values=("hub", "portal")
    ),
    "knooppunt_connections_limit": Metric(kind="gauge", tells="How many connections the hub takes."),
    "knooppunt_requests_in_progress": Metric(kind="gauge", tells="Requests whose envelope is whole, being worked on."),
    "knooppunt_organisations": Metric(kind="gauge", tells="Organisations in force."),
    "knooppunt_configuration_refused": Metric(
        kind="gauge", tells="1 where the last reload was refused, so that what was in force before still is."
    ),
    "knooppunt_nodes": Metric(kind="gauge", tells="Hubs that serve the store of this one, itself among them."),
    "knooppunt_nodes_differing": Metric(
        kind="gauge", tells="Those of them that work with other files than most, or than the one that has the newest."
    ),
    "knooppunt_nodes_clock_off": Metric(
        kind="gauge", tells="Those of them whose clock is more than ten seconds off that of the database."
    ),
    "knooppunt_time_suspect": Metric(
        kind="gauge", tells="1 for each ground on which the clock is in doubt.", label="ground", values=GROUNDS
    ),
    "knooppunt_certificate_days_left": Metric(
        kind="gauge",
        tells="Whole days until the first certificate of each use ends, of the hub's own and of what its files trust.",
        label="use",
        values=USES,
        always=False,
    ),
    "knooppunt_participant_certificate_days_left": Metric(
        kind="gauge",
        tells="The same of the organisations: until the last one of a party for that use ends, of the party that is"
        " left without first.",
        label="use",
        values=("signing", "encryption"),
        always=False,
    ),
    "knooppunt_mail_waiting": Metric(kind="gauge", tells="Lines that wait to be mailed.", always=False),
    "knooppunt_mail_failing": Metric(
        kind="gauge", tells="Those of them that the mail server did not take.", always=False
    ),
    "knooppunt_mail_oldest_seconds": Metric(
        kind="gauge", tells="Age of the oldest of them, 0 where none waits.", always=False
    ),
    "knooppunt_requests_waiting": Metric(
        kind="gauge",
        tells="What organisations at a desk ask of the operator and nobody decided, by what it is about.",
        label="kind",
        values=REQUESTS,
        always=False,
    ),
    "knooppunt_requests_oldest_seconds": Metric(
        kind="gauge", tells="Age of the oldest of these requests, 0 where none waits.", always=False
    ),
    "knooppunt_unread": Metric(
        kind="gauge",
        tells="1 for each part of this page that could not be read now; its lines are left out.",
        label="part",
        values=PARTS,
    ),
    "process_resident_memory_bytes": Metric(kind="gauge", tells="Memory of the process.", always=False),
    "process_virtual_memory_bytes": Metric(kind="gauge", tells="Address space of the process.", always=False),
    "process_cpu_seconds_total": Metric(kind="counter", tells="CPU time of the process.", always=False),
    "process_open_fds": Metric(kind="gauge", tells="Open files of the process.", always=False),
    "process_max_fds": Metric(kind="gauge", tells="How many it may open.", always=False),
    "process_start_time_seconds": Metric(kind="gauge", tells="When the process started.", always=False),
}


class Sample(NamedTuple):
    """One line of the page: a value of the table's metric `name`, and of its label where it has one."""

    name: str
    value: float
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCount:
    """How often one event of the table happened since the hub started, and when last, which is None for never."""

    event: str
    count: int
    last_at: datetime | None


# Of these events the values of one field are counted, too.
_BY_FIELD: Final[Mapping[str, tuple[str, str]]] = {
    "postponed": ("cause", "knooppunt_postponed_total"),
    "refused": ("code", "knooppunt_refused_total"),
}


class Counted:
    """Counts the events of one hub on their way to a log; every row of the table of events is a counter."""

    def __init__(self, log: EventLog, now: Callable[[], datetime]) -> None:
        self._log = log
        self._now = now
        self._counts: dict[str, tuple[int, datetime]] = {}
        self._of_values: Counter[tuple[str, str]] = Counter()

    def __call__(self, event: str, /, **fields: object) -> None:
        count, _ = self._counts.get(event, (0, None))
        self._counts[event] = count + 1, self._now()
        if event in _BY_FIELD:
            field, metric = _BY_FIELD[event]
            self._of_values[metric, within(str(fields.get(field)), METRICS[metric].values)] += 1
        self._log(event, **fields)

    def counts(self) -> tuple[EventCount, ...]:
        """Of every row, in the order of the table."""
        found = {name: self._counts.get(name, (0, None)) for name in EVENTS}
        return tuple(EventCount(event=name, count=count, last_at=at) for name, (count, at) in found.items())

    def samples(self) -> Iterator[Sample]:
        """The same, and what is counted of their fields."""
        for each in self.counts():
            yield Sample("knooppunt_events_total", each.count, each.event)
        for _, metric in _BY_FIELD.values():
            yield from (Sample(metric, self._of_values[metric, value], value) for value in METRICS[metric].values)


class Durations:
    """How long something took, in classes whose upper `bounds` are seconds; the last class has none."""

    def __init__(self, bounds: tuple[float, ...] = CLASSES) -> None:
        self.bounds = bounds
        self.seconds = 0.0
        self.slowest_seconds = 0.0
        self._classes = [0] * (len(bounds) + 1)

    def __call__(self, seconds: float) -> None:
        self._classes[bisect_left(self.bounds, seconds)] += 1
        self.seconds += seconds
        self.slowest_seconds = max(self.slowest_seconds, seconds)

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self._classes)

    def up_to(self) -> tuple[int, ...]:
        """How many took no longer than each bound, and how many there were in all."""
        return tuple(accumulate(self._classes))

    def within(self, part: float) -> float | None:
        """The lowest bound below which this part of all stayed; None where there were none, and the slowest of all
        where that is above every bound.
        """
        if not self.count:
            return None
        wanted = part * self.count
        reached = (bound for bound, count in zip(self.bounds, self.up_to(), strict=False) if count >= wanted)
        return next(reached, self.slowest_seconds)


def within(value: str, values: tuple[str, ...]) -> str:
    """The value where it is one of the list, and `OTHER` where it is not."""
    return value if value in values else OTHER


def of_each(name: str, found: Mapping[str, float] | Iterable[tuple[str, float]]) -> Iterator[Sample]:
    """A line for each value of the metric's label, summed, 0 where nothing was found; what is not in the list counts
    as `OTHER`.
    """
    values = METRICS[name].values
    sums = dict.fromkeys(values, 0.0)
    for value, number in found.items() if isinstance(found, Mapping) else found:
        sums[within(value, values)] += number
    return (Sample(name, number, value) for value, number in sums.items())
