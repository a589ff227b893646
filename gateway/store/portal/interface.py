"""The portal's store as its server sees it: verbs by subject, each one transaction.

Whatever a verb says or changed is on stable storage when it returns: nothing has to be awaited after it. Each raises
`gateway.store.interface.StoreUnavailable` when nothing can be read or written now, and `OutcomeUnknown` when a commit
may or may not have happened; the caller says nothing then.

No verb is told what time it is. Secrets (session, login, pairing code) are drawn by the store, leave it once, and are
kept as digests only. A verb that names something of an organisation or unit names that, too: what belongs to another
is answered like what does not exist. A verb that changes what an organisation can see writes its line of the journal
in the same transaction; `by` is a person's id or `OPERATOR`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.identity.login import LoginKind, OrganisationNumber, PersonKey
from gateway.store.portal.mail import (
    AddressRefusal,
    Letter,
    MailEvent,
    MailFault,
    MailKind,
    MailStanding,
    NotificationAddress,
    OpenedLink,
    WatchedMessage,
)
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


class TooManyOpen(Exception):
    """So many ceremonies, locks or requests are there that no more begin now: come back later."""


class People(Protocol):
    """Who logged in, and for which units they work."""

    async def find_or_make_person(self, key: PersonKey) -> Person:
        """The person of this key, made if there is none; has logged in now."""

    async def person(self, person_id: str, *, organisation: OrganisationNumber) -> Person | None:
        """Somebody of this organisation."""

    async def persons(self, organisation: OrganisationNumber) -> tuple[Person, ...]:
        """Everybody who logged in for this organisation, by the time of their first login."""

    async def administrators(self, organisation: OrganisationNumber) -> tuple[str, ...]:
        """The ids of those who ever logged in for administration of this organisation, the first one first."""

    async def name_person(self, person_id: str, name: str) -> None:
        """What colleagues see; the caller has judged its form."""

    async def link_by_code(
        self, code: str, *, organisation: OrganisationNumber, unit: str, by: str
    ) -> Person | PairingRefusal:
        """Link whoever of this organisation has this pairing code on screen, in a session that counts; it is used up.

        Spaces, hyphens and case play no part. After `PAIRING_TRIES` wrong codes of one organisation within an hour none
        is looked at.
        """

    async def link(self, person_id: str, *, organisation: OrganisationNumber, unit: str, by: str) -> bool:
        """Link somebody who is linked to another unit of the organisation already, or oneself; False for anybody
        else.
        """

    async def unlink(self, person_id: str, *, organisation: OrganisationNumber, unit: str, by: str) -> bool:
        """End a link, and in the same transaction remove the person's locks of that unit, but for sheets, with what was
        wrapped to them, and end the person's sessions. False when there was none.
        """

    async def links(self, organisation: OrganisationNumber, *, ended: bool = False) -> tuple[Link, ...]:
        """Who works for which unit now, by unit and name; with `ended` who did, too."""

    async def is_linked(self, person_id: str, unit: str) -> bool:
        """Whether this person works for this unit now."""


class Sessions(Protocol):
    """Sessions and logins that are under way; nothing of either lives in memory."""

    async def begin_session(
        self, person_id: str, *, kind: LoginKind, branch: str | None = None, replaces: str | None = None
    ) -> NewSession:
        """A session with a new token; that of `replaces`, the token in the browser before, ends."""

    async def find_session(self, token: str, *, touch: bool = True) -> Session | None:
        """The session of this token, if it counts now; `touch` says that it is being used."""

    async def end_session(self, token: str) -> bool:
        """Nothing is left of it; False when there was none."""

    async def end_sessions_of(self, person_id: str) -> int:
        """End all of a person's sessions; how many there were."""

    async def open_login(self, login: OpenLogin) -> LoginHandles:
        """Remember a login for ten minutes, or until so many were begun after it that it has to give way."""

    async def take_login(self, handle: str, cookie: str) -> OpenLogin | None:
        """The open login of this handle and this browser, once; None changes nothing."""

    async def note_assertion(self, issuer: str, assertion_id: str, *, forget_at: datetime) -> bool:
        """True when this assertion was never seen; it is known until then."""


class Keys(Protocol):
    """Key sets, locks, and the copies that are wrapped to them."""

    async def add_lock(self, lock: Lock) -> Lock | None:
        """A new lock, with its challenge; it does not count yet. None when its id was used before."""

    async def count_lock(self, lock_id: str, *, unit: str, person: str) -> bool:
        """The round trip of this person's lock held. False where there is none that waits for it."""

    async def remove_lock(self, lock_id: str, *, organisation: OrganisationNumber, unit: str, by: str) -> bool:
        """The lock is gone, with what was wrapped to it."""

    async def locks(self, unit: str) -> tuple[Lock, ...]:
        """The locks of a unit, oldest first."""

    async def propose_key_set(
        self,
        key_set: KeySet,
        copies: Sequence[WrappedCopy],
        *,
        roster: KeptDocument | None = None,
        follows: Collection[str] = (),
    ) -> PortalRequest | None:
        """A new key set, its copies, the roster that lists their locks, and the request that the operator decides, in
        one transaction. None when its id was used before, a copy names a lock that is not of this unit, or the roster
        does not follow; `TooManyOpen` for more than a unit asks for in a day.

        `follows` are the sets that are on its roster, too. Where the one in force is none of them, the request is
        `LOST_KEYS`: nobody opens what is sealed to that one any more.

        A set that was proposed before and not decided is withdrawn with its request; None while that is being approved.
        """

    async def key_sets(self, unit: str) -> tuple[KeySet, ...]:
        """Newest first, ended ones too as long as they are known."""

    async def retired_key_sets(self) -> tuple[RetiredKeys, ...]:
        """Those of all units under which messages may wait although another set is in force, oldest first."""

    async def activate_key_set(self, key_set_id: str, *, by: str, reason: str | None = None) -> bool:
        """The operator said yes and the certificates are in force: the set before is retired. The request it came with
        is approved in the same transaction, for that reason. False for a set that is not proposed.
        """

    async def end_key_set(self, key_set_id: str, *, unit: str, by: str) -> bool:
        """Nothing waits under it, or its keys are lost: its copies go. False for one that has ended."""

    async def wrap(self, copies: Sequence[WrappedCopy], *, unit: str, roster: KeptDocument | None = None) -> bool:
        """Keep these copies, each in the place of an earlier one for the same set and lock, and the roster; all of it
        or, where one names a set or lock that is not of this unit or a set that ended, whoever wraps it has none of
        that set in a lock of his own, or the roster does not follow, nothing. Without a roster an earlier copy changes
        by its pins alone, or nothing is kept: a page that waited would bring back the keys of before.
        """

    async def renew_organisation_key(self, asked: NextKey) -> bool:
        """The organisation's next key: what was under the former one is under that one from now on, and the copies and
        the roster of each unit are kept as by `wrap`. Nothing of it where something does not follow, the former key is
        not the one that counts or is held by other units than those, a set under another one waits for its approval
        there, or the settings are another version by now.
        """

    async def copies(self, unit: str, *, lock: str | None = None) -> tuple[WrappedCopy, ...]:
        """What is wrapped for this unit, to all of its locks or to one; marks that one as used."""

    async def open_ceremony(
        self, *, organisation: OrganisationNumber, unit: str, newcomer: str, said: bytes
    ) -> Ceremony:
        """The newcomer's first word; an earlier ceremony of the same newcomer ends. Raises `TooManyOpen`."""

    async def ceremonies(self, unit: str) -> tuple[Ceremony, ...]:
        """Those that are under way, oldest first."""

    async def say(self, ceremony_id: str, *, unit: str, by: str, after: int, said: bytes) -> Ceremony | None:
        """One word more, when so many were said before. The first who answers the newcomer is the approver, and nobody
        else speaks after that; whether somebody may be one, the caller knows. None where that does not fit.
        """

    async def end_ceremony(self, ceremony_id: str, *, unit: str, by: str) -> bool:
        """One of the two ends it."""


class Papers(Protocol):
    """Signed documents, requests, the operator's notice, and the journal of changes."""

    async def keep_document(self, document: KeptDocument, *, under: SignedUnder | None = None) -> bool:
        """The next version; False, and nothing changed, where its counter or hash does not follow on the newest, or
        where it is `under` a key of the organisation that is not the one that counts by now. Of what a unit knows the
        version before is forgotten, and the journal has no line of it.
        """

    async def document(
        self, kind: DocumentKind, *, organisation: OrganisationNumber, unit: str = ""
    ) -> KeptDocument | None:
        """The newest version."""

    async def documents(
        self, kind: DocumentKind, *, organisation: OrganisationNumber, unit: str = ""
    ) -> tuple[KeptDocument, ...]:
        """All versions that are kept, newest first."""

    async def submit_request(
        self, kind: RequestKind, about: str, *, organisation: OrganisationNumber, unit: str, by: str
    ) -> PortalRequest | None:
        """A request for anything but keys. None where it is too long, or the same is asked for that unit and waits;
        `TooManyOpen` for more than an organisation asks for in a day, or than strangers may have waiting. One to take
        part is nothing that the organisation of that number sees or hears of: anybody can write its number down.
        """

    async def requests(
        self, *, organisation: OrganisationNumber | None = None, states: Collection[RequestState] = ()
    ) -> tuple[PortalRequest, ...]:
        """Newest first; of one organisation or all, in these states or any."""

    async def find_request(self, request_id: str) -> PortalRequest | None:
        """One request, whosever it is: for the operator."""

    async def begin_approval(self, request_id: str, *, party: str | None = None) -> bool:
        """The operator said yes, and what it asks for is being put in force: until he decided, nobody withdraws it and
        none takes its place. Who joins has that party id, where it is named, as its unit until the approval ends. May
        be said again; False where it was decided.
        """

    async def end_approval(self, request_id: str) -> None:
        """Nothing of it was put in force: whoever asked may withdraw it again."""

    async def approving(self) -> frozenset[str]:
        """The requests, by their ids, whose approval began and is not decided: it goes on, or was cut short."""

    async def decide_request(
        self,
        request_id: str,
        state: RequestState,
        *,
        by: str,
        reason: str | None = None,
        stranger_hears: MailEvent | None = None,
    ) -> bool:
        """Refuse or withdraw, once; a key set that is refused ends, and where it was `LOST_KEYS` the roster is again
        the one of before it. Who asked to take part is written `stranger_hears`, where that is named. False where it
        was decided before. What is approved is approved by what it asks for, as `Keys.activate_key_set`, or by
        `grant_request`.
        """

    async def grant_request(
        self, request_id: str, *, by: str, stranger_hears: MailEvent | None = None, about: str | None = None
    ) -> bool:
        """What it asks for, which is no keys, is in force: it is approved, and who asked to take part is written that,
        where it is named. Where something else of the kind was granted than it asked for, it is `about` that from then
        on. False where it was decided before.
        """

    async def set_notice(self, notice: PortalNotice | None) -> None:
        """What stands above all pages until its time is over; None takes it away."""

    async def notice(self) -> PortalNotice | None:
        """What stands above all pages now."""

    async def journal(
        self, organisation: OrganisationNumber, *, older_than: int | None = None, limit: int = 100
    ) -> tuple[JournalLine, ...]:
        """Newest first, those before the number `older_than`."""

    async def note_handlings(self, handlings: Sequence[Handling]) -> None:
        """Who had messages in hand now, all of them or none."""

    async def handlings(
        self, organisation: OrganisationNumber, unit: str, *, older_than: int | None = None, limit: int = 100
    ) -> tuple[Handling, ...]:
        """Newest first, those before the number `older_than`. It is for the organisation's administrators alone."""


class Brokers(Protocol):
    """What was relied on of brokers, which no restart takes back."""

    async def rely_on_metadata(
        self, broker: str, valid_until: datetime, *, anew_from: datetime | None = None
    ) -> BrokerMetadata:
        """Rely on metadata of this broker that count until then, and answer which count now: those, or ones that were
        relied on before and end later, which then stay. What was relied on before `anew_from` is not looked at, once
        that moment has come.
        """


class Mail(Protocol):
    """Who is told of what by mail, and what waits to be sent. A verb that changes something queues what is told of it
    in the same transaction.
    """

    async def add_address(
        self, address: str, *, organisation: OrganisationNumber, unit: str, kinds: Collection[MailKind], by: str
    ) -> NotificationAddress | AddressRefusal:
        """A notification address of a unit, or of the organisation where `unit` is empty; the caller has judged its
        form. It counts once the link was opened that is sent to it. One that never counted, or that bounced, is asked
        again.
        """

    async def remove_address(self, address_id: str, *, organisation: OrganisationNumber, by: str) -> bool:
        """Nothing about messages goes there any more, and what touches security for some days still. False where there
        is none.
        """

    async def addresses(self, organisation: OrganisationNumber) -> tuple[NotificationAddress, ...]:
        """Those that were not removed, by unit and time."""

    async def open_link(self, token: str) -> OpenedLink | None:
        """What the link of a letter says now; None where it opens nothing, or no more. It changes nothing."""

    async def confirm_address(self, token: str) -> bool:
        """The address of this link counts from now on; True again where it does. False where the link is none."""

    async def change_kinds(
        self, address_id: str, *, organisation: OrganisationNumber, kinds: Collection[MailKind], by: str
    ) -> bool:
        """That address of a unit is told of these kinds from now on, and of no other that may be done without. False
        where there is none.
        """

    async def unsubscribe(self, token: str, kinds: Collection[MailKind]) -> bool:
        """The address of this link does without these kinds, of all units, whatever `change_kinds` says later. False
        where the link is none.
        """

    async def begin_again(self, token: str, kinds: Collection[MailKind]) -> bool:
        """The address of this link gets again what was ended by such a link. False where the link is none."""

    async def write_to(self, address: str, event: MailEvent, *, organisation: OrganisationNumber) -> None:
        """Tell something to somebody whose address is kept nowhere, such as who asked to take part."""

    async def take_letter(self) -> Letter | None:
        """All that is due to one address now, as one letter; nobody else sends it for some minutes. The link in it is
        new. What was tried before is the letter that it was, with nothing added.
        """

    async def letter_sent(self, letter: Letter) -> None:
        """A server took it."""

    async def letter_failed(self, letter: Letter, failure: str, fault: MailFault) -> bool:
        """It is tried again later, or, where that is of no use or was done for days, never; then its address shows why,
        where it was refused. What our own server kept back goes with what is due besides. Whether it is over.
        """

    async def mail_standing(self) -> MailStanding:
        """How much waits to be sent."""

    async def units_told(self) -> Mapping[str, OrganisationNumber]:
        """The units of which somebody may be told of messages now, each with its organisation."""

    async def arrivals_seen(self) -> int | None:
        """The number of the hub's last message that was looked at; None when nobody looked of late."""

    async def note_arrivals(
        self, before: int | None, seen: int, arrived: Sequence[tuple[WatchedMessage, datetime]]
    ) -> bool:
        """The messages after the number `before` were looked at, down to `seen`, and these are told of and watched,
        each with the end of its term. False, and nothing of it, where others than that were looked at before.
        """

    async def watched_due(self, limit: int) -> tuple[WatchedMessage, ...]:
        """Messages that are to be looked at now, the longest due first."""

    async def settle_watched(
        self, message: WatchedMessage, event: MailEvent | None, *, until: datetime, look_at: datetime | None
    ) -> bool:
        """Tell that event of a message whose term ends then, and look again at that moment, or never. Of a message one
        reminder is told. False, and nothing of it, where it changed meanwhile.
        """


class PortalStore(People, Sessions, Keys, Papers, Brokers, Mail, Protocol):
    """All that the portal keeps."""

    async def purge(self, *, trusted: Callable[[], Awaitable[bool]] | None = None) -> int:
        """Forget what is over (`gateway.store.portal.terms`), a few rows at a time, and cut the engine's log, which
        still holds what was deleted. `trusted` is asked as by `Store.purge`. Returns how many rows went.
        """

    async def cut_log(self) -> None:
        """Let nothing that was deleted stay in a log of the engine's own."""

    async def aclose(self) -> None:
        """Finish what is queued and close; harmless when repeated."""
