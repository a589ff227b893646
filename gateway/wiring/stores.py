"""The store that the settings name: which engine it stands on, how it is opened, and how a new one is made.

A new store is made on purpose: by `knooppunt store new`, or by a hub whose settings say `data.create = true`.

A data directory with a slip in its name looks like an empty one, and so does a disk that is not mounted. A hub that
began anew there would take messages that its participants already sent, and would know nothing of those that wait.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn

from gateway.clock import Clock
from gateway.limits import MIB
from gateway.named_file import REMEDIES
from gateway.objects import ObjectPlace
from gateway.passwords import NoPassword, Passwords
from gateway.refused import LOOK_AT_DISK, Refused
from gateway.settings import ObjectsSection, Settings, StoreSection
from gateway.storage import (
    MORE_FILE_OCTETS,
    NO_SPACE,
    DatabaseBroken,
    DatabaseOlder,
    DatabaseRefused,
    DiskFull,
    is_lack,
)
from gateway.store.data_directory import (
    DataDirectoryInUse,
    DataDirectoryRefused,
    FreeSpaceMarks,
    ballast_octets,
    measure_space,
    refuse_unusable,
    release_ballast,
)
from gateway.store.engine import Engine, HeldStore, Look, OnStuck
from gateway.store.refused import lies_elsewhere, none_yet, refuse_no_store
from gateway.wiring.engines import engine_called, engine_on
from gateway.wiring.not_startable import (
    NotNow,
    NotStartable,
    StorageBroken,
    StoreThere,
    WrongPlace,
    no_room,
    not_startable,
)

LACKS: Final = "give this process what it lacks, then do it again"
_STEPS: Final[Mapping[int, str]] = {
    **{each: REMEDIES[each] for each in (errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR)},
    errno.ENOENT: "make its folder, or correct the name",
    errno.ELOOP: "put the file itself in the place of the link",
}

_MENDS: Final[Mapping[int, str]] = {
    **dict.fromkeys(NO_SPACE, "make room on that disk"),
    errno.EFBIG: MORE_FILE_OCTETS,
}


def engine_of(settings: Settings) -> Engine:
    """The engine of that store; raises `Refused` where there is none of that name."""
    if settings.store is not None:
        section = settings.store
        objects = None if section.objects is None else _place_of(section.objects)
        from_octets = MIB if section.objects is None else section.objects.from_bytes
        return engine_on(section.url, password=password_of(section), objects=objects, from_octets=from_octets)
    return engine_called(settings.data.engine, mark=settings.data.mark)


def password_of(section: StoreSection) -> str | None:
    """The password of the database's user; raises `Refused` where it cannot be read."""
    try:
        password = Passwords({}).password(section.password)
    except NoPassword as fault:
        raise Refused(f"store.password_file: {fault}", "write the password into that file") from None
    return None if password is None else password.decode("utf-8", "surrogateescape")


def _place_of(section: ObjectsSection) -> ObjectPlace:
    """Where large parts lie; raises `Refused` where the secret key cannot be read."""
    try:
        secret = Passwords({}).password(section.secret_key)
    except NoPassword as fault:
        raise Refused(f"store.objects.secret_key_file: {fault}", "write the secret key into that file") from None
    return ObjectPlace(
        endpoint=section.endpoint,
        bucket=section.bucket,
        region=section.region,
        prefix=section.prefix.strip("/"),
        path_style=section.path_style,
        key_id=section.access_key_id,
        secret_key=None if secret is None else secret.decode("utf-8", "surrogateescape"),
    )


async def open_store(
    settings: Settings,
    *,
    clock: Clock,
    on_failure: Callable[[BaseException], None],
    on_stuck: OnStuck = lambda _blobs: None,
) -> HeldStore:
    """The store in the data directory of the settings; made only where the settings say so."""
    data = settings.data
    engine = refuse_no_start(settings)
    return await engine.open(
        data.directory,
        clock=clock,
        marks=marks_of(settings),
        ballast_octets=data.ballast_bytes,
        log_days=data.log_days,
        on_failure=on_failure,
        on_stuck=on_stuck,
    )


def refuse_no_start(settings: Settings) -> Engine:
    """The engine on which a hub would start; NotStartable where there is none, where it would find no store, and is not
    to make one, or a place that cannot hold it. Opens nothing.
    """
    data, engine = settings.data, _engine_to_start(settings)
    if not is_there(engine, data.directory):
        refuse_new_store(engine, data.directory, wanted=data.create)
    try:
        refuse_unusable(data.directory)
    except DataDirectoryRefused as fault:
        raise WrongPlace((f"data.directory: {fault}",)) from None
    return engine


def is_there(engine: Engine, directory: Path) -> bool:
    """Whether a store is there; NotStartable where it stands in a database that cannot be asked."""
    try:
        return engine.exists(directory)
    except DatabaseRefused as fault:
        raise NotStartable((str(fault),)) from None


def check_store(settings: Settings, at: datetime) -> tuple[tuple[str, ...], bool]:
    """Why a hub would not start on the store that is there, as lines, and whether messages are known to lie in it;
    nothing and no where a process holds it, or where there is none yet. Changes nothing.
    """
    engine, directory = _engine_to_start(settings), settings.data.directory
    try:
        if not is_there(engine, directory):
            return (), False
        look = _look(settings, engine, at)
    except NotStartable as refused:
        return refused.complaints, False
    except OSError as fault:
        return (whole_complaint_of(fault),), False
    if look is None:
        return (), False
    return () if look.doubt is None else (said_of_doubt(settings, look.doubt),), look.counts.any_message


def _look(settings: Settings, engine: Engine, at: datetime) -> Look | None:
    """The store that is there; None where a process holds it, or a start would bring it up to date first. NotStartable
    or OSError where it cannot be read.
    """
    try:
        return engine.look(settings.data.directory, at)
    except (DataDirectoryInUse, DatabaseOlder):
        return None
    except DatabaseBroken as fault:
        raise StorageBroken((str(fault),)) from None
    except (DataDirectoryRefused, DatabaseRefused) as fault:
        raise NotStartable((str(fault),)) from None


def said_of(fault: OSError) -> str:
    """One line for a file, folder or disk that cannot be used."""
    return f"{fault.filename}: {fault.strerror}" if fault.filename else fault.strerror or str(fault)


def complaint_of(fault: OSError) -> str:
    """The same as a whole line, with what to do; a disk that is full or fails has a step of its own, for all of it."""
    if fault.errno in (*NO_SPACE, errno.EROFS, errno.EIO):
        return said_of(fault)
    step = LACKS if is_lack(fault) else _STEPS.get(fault.errno or 0, LOOK_AT_DISK)
    return f"{said_of(fault)}; {step}"


def whole_complaint_of(fault: OSError) -> str:
    """The same, for who is told nothing else about a disk."""
    told = complaint_of(fault)
    if told != said_of(fault):
        return told
    return f"{told}; {_MENDS.get(fault.errno or 0, LOOK_AT_DISK)}"


def said_of_doubt(settings: Settings, doubt: str) -> str:
    """One line for a store that is not served."""
    return (
        f"data.directory: the store in {settings.data.directory} is not what this hub stored: {doubt}; "
        "put the newest files back, or see what it would cost to go on without them: "
        "knooppunt store confirm-restored --hub SETTINGS"
    )


def _engine_to_start(settings: Settings) -> Engine:
    try:
        return engine_of(settings)
    except Refused as refused:
        raise NotStartable((str(refused),)) from None


def marks_of(settings: Settings) -> FreeSpaceMarks:
    """How much of the disk is to stay free."""
    data = settings.data
    return FreeSpaceMarks(large=data.large_message_free_fraction, any=data.any_message_free_fraction)


def ballast_lacks(settings: Settings) -> str | None:
    """What to say where the ballast of the settings is not there, and the disk has no room for it."""
    data = settings.data
    if data.ballast_bytes in (0, ballast_octets(data.directory)):
        return None
    try:
        space = measure_space(data.directory)
    except OSError:
        return None  # no such directory: that is told of the store
    if marks_of(settings).leave_room_for(data.ballast_bytes, space):
        return None  # the next start makes it
    return (
        f"data.ballast_bytes: there is no ballast, for one of {data.ballast_bytes} octets would leave too little of the"
        f" {space.free_octets} that are free; make room on that disk, or name a smaller one, and start the hub again"
    )


def give_back_ballast(settings: Settings) -> int:
    """Delete the ballast of that store, which needs no open database and no hub; returns how many octets came back.
    Raises `Refused` where no store is, and OSError.
    """
    directory = settings.data.directory
    refuse_no_store(engine_of(settings), directory)
    return release_ballast(directory)


def refuse_new_store(engine: Engine, directory: Path, *, wanted: bool) -> None:
    """NotStartable where no new store is wanted, or where one would lie on top of something."""
    if (lost := engine.lost(directory)) is not None:
        raise NotNow((f"data.directory: {lost.reason}; {lost.next_step}",))
    if (other := lies_elsewhere(engine, directory)) is not None:
        raise NotStartable((str(other),))
    try:
        refuse_unusable(directory)
    except DataDirectoryRefused as fault:
        raise WrongPlace((f"data.directory: {fault}",)) from None
    if not wanted:
        raise NotStartable((str(none_yet(directory)),))


def _refuse_store_there(settings: Settings, engine: Engine, at: datetime) -> NoReturn:
    """Raise what there is to say of the store that is there, by how it stands: only a sound one can be started on."""
    there = f"data.directory: {settings.data.directory} holds a store already; it is left as it is"
    try:
        look = _look(settings, engine, at)
    except NotStartable as refused:
        raise type(refused)((there, *refused.complaints)) from None
    except OSError as fault:
        raise not_startable(fault, f"{there}; {complaint_of(fault)}") from None
    if look is None:
        raise StoreThere((there,), "name another directory; how that one stands tells: knooppunt status --hub SETTINGS")
    if look.doubt is not None:
        raise NotNow((there, said_of_doubt(settings, look.doubt)))
    raise StoreThere((there,), "name another directory, or start the hub on the store that is there")


async def new_store(settings: Settings, *, clock: Clock) -> Path:
    """Make the store that the settings name and nobody has made yet; returns its folder. NotStartable or OSError if it
    cannot be.
    """
    directory = settings.data.directory
    engine = _engine_to_start(settings)
    if is_there(engine, directory):
        _refuse_store_there(settings, engine, clock.now())
    refuse_new_store(engine, directory, wanted=True)
    try:
        store = await engine.open(directory, clock=clock)
    except DatabaseBroken as fault:
        raise StorageBroken((str(fault),)) from None
    except DiskFull as fault:
        raise no_room(fault) from None
    except (DatabaseRefused, DataDirectoryRefused) as fault:
        raise NotStartable((str(fault),)) from None
    await store.aclose()
    return directory
