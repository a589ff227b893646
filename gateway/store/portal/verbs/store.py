"""The verbs of the portal's store, each one transaction of its engine; of mail those in `mail_verbs`.

What happens inside stands in `people`, `sessions`, `keys`, `ceremonies`, `papers`, `brokers`, `handlings` and
`forgetting`: functions that are written once and ask whichever engine for its rows (`records.PortalRows`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from functools import partial

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
from gateway.store.portal.verbs import brokers, ceremonies, forgetting, keys, papers, people, sessions
from gateway.store.portal.verbs import handlings as in_hand
from gateway.store.portal.verbs.access import Access
from gateway.store.portal.verbs.mail_verbs import MailVerbs
from gateway.store.portal.verbs.records import PortalRows


class PortalVerbs(MailVerbs):
    """As `gateway.store.portal.interface.PortalStore` says, but for what an engine does to its own: `cut_log` and
    `aclose`.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._purging = asyncio.Lock()

    async def find_or_make_person(self, key: PersonKey) -> Person:
        """The person of this key; has logged in now."""
        return await self._access.write(lambda transaction, now: people.find_or_make(transaction, key, now))

    async def person(self, person_id: str, *, organisation: OrganisationNumber) -> Person | None:
        """Somebody of this organisation."""
        return await self._access.read(lambda transaction, _: people.find(transaction, person_id, organisation))

    async def persons(self, organisation: OrganisationNumber) -> tuple[Person, ...]:
        """Everybody who logged in for this organisation."""
        return await self._access.read(lambda transaction, _: people.persons(transaction, organisation))

    async def administrators(self, organisation: OrganisationNumber) -> tuple[str, ...]:
        """Who ever logged in for administration."""
        return await self._access.read(lambda transaction, _: people.administrators(transaction, organisation))

    async def name_person(self, person_id: str, name: str) -> None:
        """What colleagues see."""
        await self._access.write(lambda transaction, _: people.name(transaction, person_id, name))

    async def link_by_code(
        self, code: str, *, organisation: OrganisationNumber, unit: str, by: str
    ) -> Person | PairingRefusal:
        """Link whoever shows this code; a wrong one counts against the organisation."""
        return await self._access.write(
            lambda transaction, now: people.link_by_code(transaction, code, organisation, unit, by, now)
        )

    async def link(self, person_id: str, *, organisation: OrganisationNumber, unit: str, by: str) -> bool:
        """Link somebody who was paired before."""
        return await self._access.write(
            lambda transaction, now: people.link(transaction, person_id, organisation, unit, by, now)
        )

    async def unlink(self, person_id: str, *, organisation: OrganisationNumber, unit: str, by: str) -> bool:
        """End a link with all that hangs on it."""
        return await self._access.write(
            lambda transaction, now: people.unlink(transaction, person_id, organisation, unit, by, now)
        )

    async def links(self, organisation: OrganisationNumber, *, ended: bool = False) -> tuple[Link, ...]:
        """Who works for which unit."""
        return await self._access.read(lambda transaction, _: people.links(transaction, organisation, ended=ended))

    async def is_linked(self, person_id: str, unit: str) -> bool:
        """Whether this person works for this unit now."""
        return await self._access.read(lambda transaction, _: people.is_linked(transaction, person_id, unit))

    async def begin_session(
        self, person_id: str, *, kind: LoginKind, branch: str | None = None, replaces: str | None = None
    ) -> NewSession:
        """A session with a new token, in the place of the one before."""
        return await self._access.write(
            lambda transaction, now: sessions.begin(transaction, person_id, kind, branch, replaces, now)
        )

    async def find_session(self, token: str, *, touch: bool = True) -> Session | None:
        """The session of this token, if it counts now."""
        found = await self._access.read(lambda transaction, now: sessions.find(transaction, token, now))
        if found is None or not touch:
            return found
        return await self._access.touch(lambda transaction, now: sessions.use(transaction, token, now))

    async def end_session(self, token: str) -> bool:
        """Nothing is left of it."""
        return await self._access.write(lambda transaction, _: sessions.end(transaction, token))

    async def end_sessions_of(self, person_id: str) -> int:
        """Nothing is left of a person's sessions."""
        return await self._access.write(lambda transaction, _: sessions.end_all_of(transaction, person_id))

    async def open_login(self, login: OpenLogin) -> LoginHandles:
        """Remember a login for ten minutes."""
        return await self._access.write(lambda transaction, now: sessions.open_login(transaction, login, now))

    async def take_login(self, handle: str, cookie: str) -> OpenLogin | None:
        """The open login of this handle and this browser, once."""
        return await self._access.write(lambda transaction, now: sessions.take_login(transaction, handle, cookie, now))

    async def note_assertion(self, issuer: str, assertion_id: str, *, forget_at: datetime) -> bool:
        """Whether this assertion was never seen."""
        return await self._access.write(
            lambda transaction, now: sessions.note_assertion(transaction, issuer, assertion_id, forget_at, now)
        )

    async def add_lock(self, lock: Lock) -> Lock | None:
        """A new lock, with its challenge."""
        return await self._access.write(lambda transaction, now: keys.add_lock(transaction, lock, now))

    async def count_lock(self, lock_id: str, *, unit: str, person: str) -> bool:
        """The round trip of this person's lock held."""
        return await self._access.write(
            lambda transaction, now: keys.count_lock(transaction, lock_id, unit, person, now)
        )

    async def remove_lock(self, lock_id: str, *, organisation: OrganisationNumber, unit: str, by: str) -> bool:
        """The lock is gone, with what was wrapped to it."""
        return await self._access.write(
            lambda transaction, now: keys.remove_lock(transaction, lock_id, organisation, unit, by, now)
        )

    async def locks(self, unit: str) -> tuple[Lock, ...]:
        """The locks of a unit, oldest first."""
        return await self._access.read(lambda transaction, _: keys.locks(transaction, unit))

    async def propose_key_set(
        self,
        key_set: KeySet,
        copies: Sequence[WrappedCopy],
        *,
        roster: KeptDocument | None = None,
        follows: Collection[str] = (),
    ) -> PortalRequest | None:
        """A new key set, its copies, its roster and its request."""
        return await self._access.write(
            lambda transaction, now: keys.propose(transaction, key_set, copies, roster, follows, now)
        )

    async def key_sets(self, unit: str) -> tuple[KeySet, ...]:
        """Newest first."""
        return await self._access.read(lambda transaction, _: keys.key_sets(transaction, unit))

    async def retired_key_sets(self) -> tuple[RetiredKeys, ...]:
        """Those of all units, oldest first."""
        return await self._access.read(lambda transaction, _: keys.retired_key_sets(transaction))

    async def activate_key_set(self, key_set_id: str, *, by: str, reason: str | None = None) -> bool:
        """The operator said yes."""
        return await self._access.write(
            lambda transaction, now: keys.activate(transaction, key_set_id, by, reason, now)
        )

    async def end_key_set(self, key_set_id: str, *, unit: str, by: str) -> bool:
        """Its copies go."""
        return await self._access.write(lambda transaction, now: keys.end_set(transaction, key_set_id, unit, by, now))

    async def wrap(self, copies: Sequence[WrappedCopy], *, unit: str, roster: KeptDocument | None = None) -> bool:
        """Keep all of these copies with their roster, or nothing."""
        return await self._access.write(lambda transaction, now: keys.wrap(transaction, copies, unit, roster, now))

    async def renew_organisation_key(self, asked: NextKey) -> bool:
        """The organisation's next key, with the copies and rosters of its units."""
        return await self._access.write(lambda transaction, now: keys.renew_organisation_key(transaction, asked, now))

    async def copies(self, unit: str, *, lock: str | None = None) -> tuple[WrappedCopy, ...]:
        """What is wrapped for this unit."""
        return await self._access.write(lambda transaction, now: keys.copies(transaction, unit, lock, now))

    async def open_ceremony(
        self, *, organisation: OrganisationNumber, unit: str, newcomer: str, said: bytes
    ) -> Ceremony:
        """The newcomer's first word."""
        return await self._access.write(
            lambda transaction, now: ceremonies.begin(transaction, organisation, unit, newcomer, said, now)
        )

    async def ceremonies(self, unit: str) -> tuple[Ceremony, ...]:
        """Those that are under way."""
        return await self._access.read(lambda transaction, now: ceremonies.under_way(transaction, unit, now))

    async def say(self, ceremony_id: str, *, unit: str, by: str, after: int, said: bytes) -> Ceremony | None:
        """One word more, where it fits."""
        return await self._access.write(
            lambda transaction, now: ceremonies.say(transaction, ceremony_id, unit, by, after, said, now)
        )

    async def end_ceremony(self, ceremony_id: str, *, unit: str, by: str) -> bool:
        """One of the two ends it."""
        return await self._access.write(lambda transaction, _: ceremonies.end(transaction, ceremony_id, unit, by))

    async def keep_document(self, document: KeptDocument, *, under: SignedUnder | None = None) -> bool:
        """The version after the newest, under the key that counts."""
        return await self._access.write(lambda transaction, now: keys.keep_signed(transaction, document, under, now))

    async def document(
        self, kind: DocumentKind, *, organisation: OrganisationNumber, unit: str = ""
    ) -> KeptDocument | None:
        """The newest version."""
        return await self._access.read(
            lambda transaction, _: papers.find_document(transaction, kind, organisation, unit)
        )

    async def documents(
        self, kind: DocumentKind, *, organisation: OrganisationNumber, unit: str = ""
    ) -> tuple[KeptDocument, ...]:
        """All versions that are kept, newest first."""
        return await self._access.read(lambda transaction, _: papers.documents(transaction, kind, organisation, unit))

    async def submit_request(
        self, kind: RequestKind, about: str, *, organisation: OrganisationNumber, unit: str, by: str
    ) -> PortalRequest | None:
        """A request for anything but keys."""
        return await self._access.write(
            lambda transaction, now: papers.ask_for(transaction, kind, about, organisation, unit, by, now)
        )

    async def requests(
        self, *, organisation: OrganisationNumber | None = None, states: Collection[RequestState] = ()
    ) -> tuple[PortalRequest, ...]:
        """Newest first."""
        return await self._access.read(lambda transaction, _: papers.requests(transaction, organisation, states))

    async def find_request(self, request_id: str) -> PortalRequest | None:
        """One request, whosever it is."""
        return await self._access.read(lambda transaction, _: papers.find_request(transaction, request_id))

    async def begin_approval(self, request_id: str, *, party: str | None = None) -> bool:
        """The operator's yes is being carried out."""
        return await self._access.write(
            lambda transaction, now: papers.begin_approval(transaction, request_id, party, now)
        )

    async def end_approval(self, request_id: str) -> None:
        """Nothing of it was put in force."""
        await self._access.write(lambda transaction, _: papers.end_approval(transaction, request_id))

    async def approving(self) -> frozenset[str]:
        """What began and is not decided."""
        return await self._access.read(lambda transaction, _: papers.all_being_approved(transaction))

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
        return await self._access.write(
            lambda transaction, now: keys.refuse(transaction, request_id, state, by, reason, now, stranger_hears)
        )

    async def grant_request(
        self, request_id: str, *, by: str, stranger_hears: MailEvent | None = None, about: str | None = None
    ) -> bool:
        """What it asks for, or what is granted instead, is in force."""
        return await self._access.write(
            lambda transaction, now: papers.grant(transaction, request_id, by, now, stranger_hears, about)
        )

    async def rely_on_metadata(
        self, broker: str, valid_until: datetime, *, anew_from: datetime | None = None
    ) -> BrokerMetadata:
        """Those that count from now on."""
        return await self._access.write(
            lambda transaction, now: brokers.rely_on(transaction, broker, valid_until, anew_from, now)
        )

    async def set_notice(self, notice: PortalNotice | None) -> None:
        """What stands above all pages."""
        await self._access.write(lambda transaction, _: papers.set_notice(transaction, notice))

    async def notice(self) -> PortalNotice | None:
        """What stands above all pages now."""
        return await self._access.read(lambda transaction, now: papers.find_notice(transaction, now))

    async def journal(
        self, organisation: OrganisationNumber, *, older_than: int | None = None, limit: int = 100
    ) -> tuple[JournalLine, ...]:
        """Newest first."""
        return await self._access.read(
            lambda transaction, _: papers.journal(transaction, organisation, older_than, limit)
        )

    async def note_handlings(self, handlings: Sequence[Handling]) -> None:
        """Who had messages in hand now."""
        await self._access.write(lambda transaction, now: in_hand.note(transaction, handlings, now))

    async def handlings(
        self, organisation: OrganisationNumber, unit: str, *, older_than: int | None = None, limit: int = 100
    ) -> tuple[Handling, ...]:
        """Newest first."""
        return await self._access.read(
            lambda transaction, _: in_hand.handlings(transaction, organisation, unit, older_than, limit)
        )

    async def purge(self, *, trusted: Callable[[], Awaitable[bool]] | None = None) -> int:
        """Everything that is over, and the log cut."""
        now = await self._access.now()  # before the look that vouches for it
        if trusted is not None and not await trusted():
            return 0
        async with self._purging:
            gone = 0
            for step in forgetting.STEPS:
                while some := await self._access.write(partial(_as_of, now, step)):
                    gone += some
            await self.cut_log()
            return gone

    async def cut_log(self) -> None:
        """What was deleted goes from the log, too."""
        raise NotImplementedError


async def _as_of(moment: datetime, step: forgetting.Step, transaction: PortalRows, _now: datetime) -> int:
    return await step(transaction, moment)
