"""How a hub stands, from outside: what its settings and P-Modes say, and what its store says, whether it runs or not.

A look changes nothing: the hub that runs is asked, and the store of one that does not is read as it lies there.

A part that cannot be read does not hide the others: it becomes a worry, and the rest is told.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from crypto.certificates import WHOLE_VALIDITY, Certificate
from gateway.administration import verbs
from gateway.administration.administered import Vitals
from gateway.administration.asked import OverdueRequest
from gateway.administration.client import AnsweringHub
from gateway.events import EVENTS
from gateway.jobs.revocation_known import RevocationStanding
from gateway.metrics import EventCount
from gateway.refused import Broken, Refused, Unanswered
from gateway.settings import Settings
from gateway.store.data_directory import LARGE_OCTETS, Space, measure_space, room_step
from gateway.store.engine import Look, ObjectsStanding
from gateway.store.model import Counts, MailboxRecord
from gateway.store.nodes import SeenNode
from gateway.store.portal.mail import MailStanding
from gateway.store.refused import refusals_told, refuse_no_store
from gateway.wiring.book_handed_out import book_worries
from gateway.wiring.bound_unseen import bound_unseen
from gateway.wiring.broker_kept import broker_worries
from gateway.wiring.certificates import all_certificates, concerns_of
from gateway.wiring.from_settings import read_configuration
from gateway.wiring.nodes import worries_of_nodes
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.opening import asks_kernel
from gateway.wiring.own_certificates import OwnCertificate, apart, untimely
from gateway.wiring.own_keys import own_certificates
from gateway.wiring.revocation import standings, worries_of
from gateway.wiring.stores import ballast_lacks, engine_of, marks_of, said_of_doubt, whole_complaint_of
from gateway.wiring.time_doubts import against_time, said_of_time
from pmodes.configuration import Configuration
from pmodes.counting import counted
from pmodes.term import NoTimeZoneData
from pmodes.validity import Listed

_REQUESTS_NAMED: Final = 5


class Marks(NamedTuple):
    """Which fraction of the disk has to stay free, or else: it is told of, large messages are not taken, none is."""

    alarm: float
    large: float
    any: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What there is to know; None where it could not be read."""

    at: datetime
    running: bool | None  # None where a process holds the store and does not answer
    configuration: Configuration | None
    certificates: tuple[Listed, ...]
    revocation: Mapping[Certificate, RevocationStanding]  # of those about which somebody is asked
    counts: Counts | None
    mailboxes: tuple[MailboxRecord, ...] | None  # of a hub that runs, like the next four
    mail: MailStanding | None  # of one that sends mail
    vitals: Vitals | None
    warnings: tuple[EventCount, ...]  # events that somebody should look at, since its start
    nodes: tuple[SeenNode, ...]  # that serve its store, itself among them
    space: Space | None  # of the disk where the store lies
    marks: Marks
    time_suspect: bool | None
    worries: tuple[str, ...]
    storage_failed: bool


async def standing_of(settings: Settings, at: datetime) -> Standing:
    """Look at everything once."""
    own, unread = own_certificates(settings)
    configuration, complaints = read_configuration(settings)
    revocation: Mapping[Certificate, RevocationStanding] = {}
    terms = WHOLE_VALIDITY if configuration is None else configuration.hub.signing_terms
    worries = [*unread, *complaints, *untimely(own, at, terms=terms), *_of_broker(settings, own, at)]
    worries += book_worries(settings, at)
    if configuration is None:
        certificates = tuple(each.listed("the hub", "") for each in own)
    else:
        certificates = all_certificates(own, configuration)
        worries += apart(own, configuration)
        worries += map(str, bound_unseen(settings, configuration))
        worries += _concerns(settings, own, configuration, at)
        try:
            found = standings(settings, configuration, at)
        except NotStartable as refused:
            worries += refused.complaints
        except OSError as fault:
            worries.append(f"what is known of revocation: {whole_complaint_of(fault)}")
        else:
            revocation = {each.certificate: known for each, known in found}
            worries += worries_of(found)
    running: bool | None = False
    counts, reasons, doubt, broken = None, None, None, False
    asked = _Asked()
    try:
        hub = await _running(settings)
        if hub is not None:
            running = True
            async with contextlib.aclosing(hub):
                counts, doubt = await hub.ask(verbs.counts), await hub.ask(verbs.doubt)
                reasons = (await hub.ask(verbs.time_seen)).grounds
                asked = await _ask(hub)
                worries += worries_of_nodes(asked.nodes)
                worries += _of_requests(await hub.ask(verbs.overdue_requests))
                worries += _of_objects(await hub.ask(verbs.objects_standing))
                unread = await hub.ask(verbs.reload_refused)
                worries += (
                    f"the last reload was refused, and all that was in force still is: {each}" for each in unread
                )
        else:
            look = _look(settings, at)
            counts, doubt = look.counts, look.doubt
            reasons = _against_time(settings, configuration, used=counts.any_message)
    except Refused as refused:
        broken = isinstance(refused, Broken)
        running = None if isinstance(refused, Unanswered) else running
        worries.append(f"the store: {refused}")
    except OSError as fault:
        worries.append(f"the store: {whole_complaint_of(fault)}")
    mail = asked.mail
    if mail is not None and mail.failing:
        worries.append(
            f"mail: {counted(mail.failing, 'letter')} was not taken and is tried again; the last time:"
            f" {mail.failure}; `knooppunt mail test ADDRESS` tries the server now"
        )
    if doubt is not None:
        worries.append(said_of_doubt(settings, doubt))
    worries += filter(None, (said_of_time(reasons or ()), *_little_room(settings), ballast_lacks(settings)))
    if counts is not None and counts.damaged:
        worries.append(
            f"{counted(counts.damaged, 'message')} in store, damaged: look at the disk, then: knooppunt store recheck"
        )
    if counts is not None and counts.overdue:
        worries.append(
            f"{counted(counts.overdue, 'message')} past the end of the term and not ended: expiry_postponed in the log"
            " says why; what to do is in docs/how-to/run-a-hub.md"
        )
    marks = marks_of(settings)
    return Standing(
        at=at,
        running=running,
        configuration=configuration,
        certificates=certificates,
        revocation=revocation,
        counts=counts,
        mailboxes=asked.mailboxes,
        mail=mail,
        vitals=asked.vitals,
        warnings=asked.warnings,
        nodes=asked.nodes,
        space=_space(settings),
        marks=Marks(settings.data.alarm_free_fraction, marks.large, marks.any),
        time_suspect=None if reasons is None else bool(reasons),
        worries=tuple(worries),
        storage_failed=broken,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What only a hub that runs knows."""

    mailboxes: tuple[MailboxRecord, ...] | None = None
    mail: MailStanding | None = None
    vitals: Vitals | None = None
    warnings: tuple[EventCount, ...] = ()
    nodes: tuple[SeenNode, ...] = ()


async def _ask(hub: AnsweringHub) -> _Asked:
    counted_events = await hub.ask(verbs.events)
    return _Asked(
        mailboxes=await hub.ask(verbs.mailboxes),
        mail=await hub.ask(verbs.mail_standing),
        vitals=await hub.ask(verbs.vitals),
        nodes=await hub.ask(verbs.nodes),
        warnings=tuple(each for each in counted_events if each.count and EVENTS[each.event].warning),
    )


def _of_broker(settings: Settings, own: tuple[OwnCertificate, ...], at: datetime) -> list[str]:
    """What is to be said of the broker of logins, where the portal has one and its signers could be read."""
    signers = [each.certificate for each in own if each.use == "broker"]
    if settings.portal is None or settings.portal.eherkenning is None or not signers:
        return []
    return broker_worries(settings.portal.eherkenning, signers, at)


def _of_objects(found: ObjectsStanding | None) -> Iterator[str]:
    if found is not None and found.away is not None:
        yield f"object storage: {found.away}; large messages are answered 503 until it is back"


def _of_requests(found: tuple[OverdueRequest, ...]) -> Iterator[str]:
    """Those that wait too long, the first few by name."""
    for each in found[:_REQUESTS_NAMED]:
        asks = f"request {each.request}, {each.kind.value} of {each.of}"
        yield f"{asks}: {each.why}; decide it: `knooppunt request show {each.request}`"
    if len(found) > _REQUESTS_NAMED:
        more = counted(len(found) - _REQUESTS_NAMED, "request")
        yield f"{more} more, waiting too long: `knooppunt request list` shows all"


def _little_room(settings: Settings) -> list[str]:
    """What of its disk keeps messages out now, or will before long."""
    directory, space = settings.data.directory, _space(settings)
    if space is None:
        return []  # no such directory: that is told of the store
    marks, free = marks_of(settings), space.free_octets
    if free < max(marks.any * space.total_octets, LARGE_OCTETS):
        refused = "no new message is taken"
    elif free < marks.large * space.total_octets:
        refused = "no new message over 1 MiB is taken"
    elif free < (alarm := settings.data.alarm_free_fraction) * space.total_octets:
        refused = f"less than the {alarm:.0%} of data.alarm_free_fraction"
    else:
        return []
    return [f"{free} octets free of {space.total_octets} where the store lies, {refused}: {room_step(directory)}"]


def _space(settings: Settings) -> Space | None:
    with contextlib.suppress(OSError):
        return measure_space(settings.data.directory)
    return None


async def _running(settings: Settings) -> AnsweringHub | None:
    """The hub that answers for that directory."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return await AnsweringHub.connect(settings.data.directory)
    return None


def _look(settings: Settings, at: datetime) -> Look:
    """The store of a hub that does not run; raises `Refused`."""
    engine, directory = engine_of(settings), settings.data.directory
    refuse_no_store(engine, directory)
    with refusals_told(directory):
        return engine.look(directory, at)


def _against_time(settings: Settings, configuration: Configuration | None, *, used: bool) -> tuple[str, ...] | None:
    """Why a hub that started now would doubt the clock; None where nobody knows: the P-Modes say whether the kernel has
    to vouch for it, and could not be read.
    """
    if configuration is not None:
        return against_time(settings, asks_kernel=asks_kernel(configuration), used=used)
    return against_time(settings, asks_kernel=False, used=used) or None


def _concerns(
    settings: Settings, own: tuple[OwnCertificate, ...], configuration: Configuration, at: datetime
) -> list[str]:
    try:
        found = concerns_of(own, configuration, at, settings=settings)
        return [str(each) for each in found]
    except NoTimeZoneData as fault:
        return [str(fault)]
