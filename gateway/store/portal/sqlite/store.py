"""The portal's store in `portal.db`, in the data directory that the hub holds: each verb one transaction.

What happens inside stands in `people`, `sessions`, `keys`, `ceremonies`, `papers`, `brokers` and `forgetting`, its
statements in `sql/`; the verbs of mail in `mail_verbs`. The directory is locked by whoever opened the hub's store
there; this opens no lock of its own.

SECURITY: no secret and no pseudonym lies in the file, and no key that opens anything without a lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import apsw

from gateway import sqlite
from gateway.clock import Clock
from gateway.identity.login import LoginKind, OrganisationNumber, PersonKey
from gateway.store.portal.mail import MailEvent
from gateway.store.portal.model import (
    BrokerMetadata,
    Ceremony,
    DocumentKind,
    Handling,
    JournalLine,
    KeptDocument,
    KeySet,
    Link,
    Lock,
    LoginHandles,
    NewSession,
    NextKey,
    OpenLogin,
    PairingRefusal,
    Person,
    PortalNotice,
    PortalRequest,
    RequestKind,
    RequestState,
    RetiredKeys,
    Session,
    SignedUnder,
    WrappedCopy,
)
from gateway.store.portal.sqlite import brokers, ceremonies, forgetting, keys, papers, people, sessions
from gateway.store.portal.sqlite import handlings as in_hand
from gateway.store.portal.sqlite.access import Access
from gateway.store.portal.sqlite.database import APPLICATION_ID, MIGRATIONS, refuse_lost
from gateway.store.portal.sqlite.database import DATABASE_NAME as DATABASE_NAME
from gateway.store.portal.sqlite.mail_verbs import SqliteMail
from gateway.store.sqlite.mark import Watch

_CUT_ATTEMPTS: Final = 5


class SqlitePortalStore(SqliteMail):
    """One open database. `on_failure` is called on the event loop when a flush failed and the process has to end with
    `gateway.storage.EXIT_STORAGE`.
    """

    def __init__(self, access: Access, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        self._purging = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        directory: Path,
        *,
        mark: Path | None = None,
        clock: Clock,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
    ) -> SqlitePortalStore:
        """The store in this directory, made if there never was one; `mark` as for the hub's store. One that went back
        opens with a `doubt`, and says nothing until `confirm_restored`. Raises `gateway.storage.DatabaseRefused`.
        """
        refuse_lost(directory, mark=mark)
        path = directory / DATABASE_NAME
        watch = Watch(directory, database=path, outside=mark, has_blobs=False)
        try:
            watch.opening()
            connection = sqlite.open_database(
                path, migrations=MIGRATIONS, application_id=APPLICATION_ID, may_migrate=watch.may_migrate
            )
            try:
                watch.begin(connection)
                return cls(Access(path, connection, watch, on_failure), clock)
            except BaseException:
                sqlite.keep_log(connection)
                connection.close()
                raise
        except BaseException:
            watch.leave()
            raise

    @property
    def failed(self) -> BaseException | None:
        """What ended this store before it was closed."""
        return self._access.failed

    @property
    def doubt(self) -> str | None:
        """What shows that this database went back; None when all is here."""
        return self._access.doubt

    async def confirm_restored(self) -> None:
        """What is here counts from now on, but for sessions and logins: of those that ended some may be here again."""
        if self.doubt is not None:
            await self._access.confirm(_bring_up_to_date, sessions.end_all)

    async def aclose(self) -> None:
        """Finish what is asked and close; harmless when repeated."""
        await self._access.aclose()

    async def find_or_make_person(self, key: PersonKey) -> Person:
        """The person of this key; has logged in now."""
        now = self._clock.now()
        return await self._access.write(lambda connection: people.find_or_make(connection, key, now))

    async def person(self, person_id: str, *, organisation: OrganisationNumber) -> Person | None:
        """Somebody of this organisation."""
        return await self._access.read(lambda connection: people.find(connection, person_id, organisation))

    async def persons(self, organisation: OrganisationNumber) -> tuple[Person, ...]:
        """Everybody who logged in for this organisation."""
        return await self._access.read(lambda connection: people.persons(connection, organisation))

    async def administrators(self, organisation: OrganisationNumber) -> tuple[str, ...]:
        """Who ever logged in for administration."""
        return await self._access.read(lambda connection: people.administrators(connection, organisation))

    async def name_person(self, person_id: str, name: str) -> None:
        """What colleagues see."""
        await self._access.write(lambda connection: people.name(connection, person_id, name))

    async def link_by_code(
        self, code: str, *, organisation: OrganisationNumber, unit: str, by: str
    ) -> Person | PairingRefusal:
        """Link whoever shows this code; a wrong one counts against the organisation."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: people.link_by_code(connection, code, organisation, unit, by, now)
        )

    async def link(self, person_id: str, *, organisation: OrganisationNumber, unit: str, by: str) -> bool:
        """Link somebody who was paired before."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: people.link(connection, person_id, organisation, unit, by, now)
        )

    async def unlink(self, person_id: str, *, organisation: OrganisationNumber, unit: str, by: str) -> bool:
        """End a link with all that hangs on it."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: people.unlink(connection, person_id, organisation, unit, by, now)
        )

    async def links(self, organisation: OrganisationNumber, *, ended: bool = False) -> tuple[Link, ...]:
        """Who works for which unit."""
        return await self._access.read(lambda connection: people.links(connection, organisation, ended=ended))

    async def is_linked(self, person_id: str, unit: str) -> bool:
        """Whether this person works for this unit now."""
        return await self._access.read(lambda connection: people.is_linked(connection, person_id, unit))

    async def begin_session(
        self, person_id: str, *, kind: LoginKind, branch: str | None = None, replaces: str | None = None
    ) -> NewSession:
        """A session with a new token, in the place of the one before."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: sessions.begin(connection, person_id, kind, branch, replaces, now)
        )

    async def find_session(self, token: str, *, touch: bool = True) -> Session | None:
        """The session of this token, if it counts now."""
        now = self._clock.now()
        found = await self._access.read(lambda connection: sessions.find(connection, token, now))
        if found is None or not touch:
            return found
        return await self._access.write(lambda connection: sessions.use(connection, token, now))

    async def end_session(self, token: str) -> bool:
        """Nothing is left of it."""
        return await self._access.write(lambda connection: sessions.end(connection, token))

    async def end_sessions_of(self, person_id: str) -> int:
        """Nothing is left of a person's sessions."""
        return await self._access.write(lambda connection: sessions.end_all_of(connection, person_id))

    async def open_login(self, login: OpenLogin) -> LoginHandles:
        """Remember a login for ten minutes."""
        now = self._clock.now()
        return await self._access.write(lambda connection: sessions.open_login(connection, login, now))

    async def take_login(self, handle: str, cookie: str) -> OpenLogin | None:
        """The open login of this handle and this browser, once."""
        now = self._clock.now()
        return await self._access.write(lambda connection: sessions.take_login(connection, handle, cookie, now))

    async def note_assertion(self, issuer: str, assertion_id: str, *, forget_at: datetime) -> bool:
        """Whether this assertion was never seen."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: sessions.note_assertion(connection, issuer, assertion_id, forget_at, now)
        )

    async def add_lock(self, lock: Lock) -> Lock | None:
        """A new lock, with its challenge."""
        now = self._clock.now()
        return await self._access.write(lambda connection: keys.add_lock(connection, lock, now))

    async def count_lock(self, lock_id: str, *, unit: str, person: str) -> bool:
        """The round trip of this person's lock held."""
        now = self._clock.now()
        return await self._access.write(lambda connection: keys.count_lock(connection, lock_id, unit, person, now))

    async def remove_lock(self, lock_id: str, *, organisation: OrganisationNumber, unit: str, by: str) -> bool:
        """The lock is gone, with what was wrapped to it."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: keys.remove_lock(connection, lock_id, organisation, unit, by, now)
        )

    async def locks(self, unit: str) -> tuple[Lock, ...]:
        """The locks of a unit, oldest first."""
        return await self._access.read(lambda connection: keys.locks(connection, unit))

    async def propose_key_set(
        self,
        key_set: KeySet,
        copies: Sequence[WrappedCopy],
        *,
        roster: KeptDocument | None = None,
        follows: Collection[str] = (),
    ) -> PortalRequest | None:
        """A new key set, its copies, its roster and its request."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: keys.propose(connection, key_set, copies, roster, follows, now)
        )

    async def key_sets(self, unit: str) -> tuple[KeySet, ...]:
        """Newest first."""
        return await self._access.read(lambda connection: keys.key_sets(connection, unit))

    async def retired_key_sets(self) -> tuple[RetiredKeys, ...]:
        """Those of all units, oldest first."""
        return await self._access.read(keys.retired_key_sets)

    async def activate_key_set(self, key_set_id: str, *, by: str, reason: str | None = None) -> bool:
        """The operator said yes."""
        now = self._clock.now()
        return await self._access.write(lambda connection: keys.activate(connection, key_set_id, by, reason, now))

    async def end_key_set(self, key_set_id: str, *, unit: str, by: str) -> bool:
        """Its copies go."""
        now = self._clock.now()
        return await self._access.write(lambda connection: keys.end_set(connection, key_set_id, unit, by, now))

    async def wrap(self, copies: Sequence[WrappedCopy], *, unit: str, roster: KeptDocument | None = None) -> bool:
        """Keep all of these copies with their roster, or nothing."""
        now = self._clock.now()
        return await self._access.write(lambda connection: keys.wrap(connection, copies, unit, roster, now))

    async def renew_organisation_key(self, asked: NextKey) -> bool:
        """The organisation's next key, with the copies and rosters of its units."""
        now = self._clock.now()
        return await self._access.write(lambda connection: keys.renew_organisation_key(connection, asked, now))

    async def copies(self, unit: str, *, lock: str | None = None) -> tuple[WrappedCopy, ...]:
        """What is wrapped for this unit."""
        now = self._clock.now()
        return await self._access.write(lambda connection: keys.copies(connection, unit, lock, now))

    async def open_ceremony(
        self, *, organisation: OrganisationNumber, unit: str, newcomer: str, said: bytes
    ) -> Ceremony:
        """The newcomer's first word."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: ceremonies.begin(connection, organisation, unit, newcomer, said, now)
        )

    async def ceremonies(self, unit: str) -> tuple[Ceremony, ...]:
        """Those that are under way."""
        now = self._clock.now()
        return await self._access.read(lambda connection: ceremonies.under_way(connection, unit, now))

    async def say(self, ceremony_id: str, *, unit: str, by: str, after: int, said: bytes) -> Ceremony | None:
        """One word more, where it fits."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: ceremonies.say(connection, ceremony_id, unit, by, after, said, now)
        )

    async def end_ceremony(self, ceremony_id: str, *, unit: str, by: str) -> bool:
        """One of the two ends it."""
        return await self._access.write(lambda connection: ceremonies.end(connection, ceremony_id, unit, by))

    async def keep_document(self, document: KeptDocument, *, under: SignedUnder | None = None) -> bool:
        """The version after the newest, under the key that counts."""
        now = self._clock.now()
        return await self._access.write(lambda connection: keys.keep_signed(connection, document, under, now))

    async def document(
        self, kind: DocumentKind, *, organisation: OrganisationNumber, unit: str = ""
    ) -> KeptDocument | None:
        """The newest version."""
        return await self._access.read(lambda connection: papers.find_document(connection, kind, organisation, unit))

    async def documents(
        self, kind: DocumentKind, *, organisation: OrganisationNumber, unit: str = ""
    ) -> tuple[KeptDocument, ...]:
        """All versions that are kept, newest first."""
        return await self._access.read(lambda connection: papers.documents(connection, kind, organisation, unit))

    async def submit_request(
        self, kind: RequestKind, about: str, *, organisation: OrganisationNumber, unit: str, by: str
    ) -> PortalRequest | None:
        """A request for anything but keys."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: papers.ask_for(connection, kind, about, organisation, unit, by, now)
        )

    async def requests(
        self, *, organisation: OrganisationNumber | None = None, states: Collection[RequestState] = ()
    ) -> tuple[PortalRequest, ...]:
        """Newest first."""
        return await self._access.read(lambda connection: papers.requests(connection, organisation, states))

    async def find_request(self, request_id: str) -> PortalRequest | None:
        """One request, whosever it is."""
        return await self._access.read(lambda connection: papers.find_request(connection, request_id))

    async def begin_approval(self, request_id: str, *, party: str | None = None) -> bool:
        """The operator's yes is being carried out."""
        now = self._clock.now()
        return await self._access.write(lambda connection: papers.begin_approval(connection, request_id, party, now))

    async def end_approval(self, request_id: str) -> None:
        """Nothing of it was put in force."""
        await self._access.write(lambda connection: papers.end_approval(connection, request_id))

    async def approving(self) -> frozenset[str]:
        """What began and is not decided."""
        return await self._access.read(papers.all_being_approved)

    async def decide_request(
        self,
        request_id: str,
        state: RequestState,
        *,
        by: str,
        reason: str | None = None,
        stranger_hears: MailEvent | None = None,
    ) -> bool:
        """Refuse or withdraw, once."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: keys.refuse(connection, request_id, state, by, reason, now, stranger_hears)
        )

    async def grant_request(self, request_id: str, *, by: str, stranger_hears: MailEvent | None = None) -> bool:
        """What it asks for is in force."""
        now = self._clock.now()
        return await self._access.write(
            lambda connection: papers.grant(connection, request_id, by, now, stranger_hears)
        )

    async def rely_on_metadata(
        self, broker: str, valid_until: datetime, *, anew_from: datetime | None = None
    ) -> BrokerMetadata:
        """Those that count from now on."""
        now = self._clock.now()
        offered = BrokerMetadata(broker=broker, valid_until=valid_until, relied_at=now)
        return await self._access.write(lambda connection: brokers.rely_on(connection, offered, anew_from, now))

    async def set_notice(self, notice: PortalNotice | None) -> None:
        """What stands above all pages."""
        await self._access.write(lambda connection: papers.set_notice(connection, notice))

    async def notice(self) -> PortalNotice | None:
        """What stands above all pages now."""
        now = self._clock.now()
        return await self._access.read(lambda connection: papers.find_notice(connection, now))

    async def journal(
        self, organisation: OrganisationNumber, *, older_than: int | None = None, limit: int = 100
    ) -> tuple[JournalLine, ...]:
        """Newest first."""
        return await self._access.read(lambda connection: papers.journal(connection, organisation, older_than, limit))

    async def note_handlings(self, handlings: Sequence[Handling]) -> None:
        """Who had messages in hand now."""
        now = self._clock.now()
        await self._access.write(lambda connection: in_hand.note(connection, handlings, now))

    async def handlings(
        self, organisation: OrganisationNumber, unit: str, *, older_than: int | None = None, limit: int = 100
    ) -> tuple[Handling, ...]:
        """Newest first."""
        return await self._access.read(
            lambda connection: in_hand.handlings(connection, organisation, unit, older_than, limit)
        )

    async def purge(self, *, trusted: Callable[[], Awaitable[bool]] | None = None) -> int:
        """Everything that is over, and the log cut."""
        now = self._clock.now()  # before the look that vouches for it
        if trusted is not None and not await trusted():
            return 0
        async with self._purging:
            gone = 0
            for step in forgetting.STEPS:
                while some := await self._access.write(partial(_at, step, now)):
                    gone += some
            await self.cut_log()
            return gone

    async def cut_log(self) -> None:
        """What was deleted goes from the log, too."""
        for _ in range(_CUT_ATTEMPTS):
            if await self._access.cut_log():
                return


def _bring_up_to_date(connection: apsw.Connection) -> None:
    sqlite.migrate(connection, sqlite.read_migrations(MIGRATIONS), APPLICATION_ID)


def _at(step: forgetting.Step, now: datetime, connection: apsw.Connection) -> int:
    return step(connection, now)
