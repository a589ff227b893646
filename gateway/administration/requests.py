"""What organisations at a desk ask of the operator, and his yes or no. Of a new set of keys it stands here, of anything
else in `gateway.administration.granting`.

The keys were made in a browser and lie here sealed. What decides is whether the set is the unit's own and not one that
somebody put in its place: whoever made it reads seven words out by telephone, under the number that the contract names,
and the operator types what he hears. Only then are its certificates written into the organisation's file.

Where every lock of a unit was lost, the approval leaves no other certificate of the unit in the file and ends at once
what is sealed to those of before, with notice to the senders. Whoever has a lock after all has a day to object, from
the request's receipt, unless the operator writes down why it does not wait.

SECURITY: the words that were heard are an argument of the approval, so there is none without a call. What is shown of a
request tells whose it is, and no key lies among it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from crypto.certificates import Certificate, load_der, thumbprint_sha256
from crypto.desk_keys import are_typed, words_of_set
from crypto.faults import UnusableCredential
from gateway.administration import granting
from gateway.administration.administered import Desks, FileChange
from gateway.administration.asked import AskedKeys, AskedLock, AskedRequest, Petition
from gateway.events import EventLog
from gateway.refused import Refused
from gateway.store.model import KeyLost
from gateway.store.portal.mail import MailEvent
from gateway.store.portal.model import OPERATOR, KeySet, KeySetState, Lock, PortalRequest, RequestKind, RequestState

_LIST = "`knooppunt request list` shows all of them"
_BEGUN = "an approval began and did not end, and its certificates may be in force: approve again, or refuse"


async def all_requests(desks: Desks) -> tuple[Petition, ...]:
    """Every request that is kept, newest first."""
    begun = await desks.store.approving()
    return tuple(petition(each, begun) for each in await desks.store.requests())


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovingHub:
    """What an approval does with the hub that runs, at this moment."""

    at: datetime
    reload: Callable[[], Awaitable[tuple[str, ...]]]  # the complaints, after which everything is as it was
    expire: Callable[[str], Awaitable[KeyLost]]  # what waits under a certificate, by its thumbprint
    log: EventLog


async def asked(desks: Desks, request_id: str, *, at: datetime) -> AskedRequest:
    """One request, as it stands at that moment. Raises `Refused`."""
    request = await request_named(desks, request_id)
    about = petition(request, await desks.store.approving())
    name = await name_of(desks, request)
    if not request.kind.is_for_keys:
        return await granting.change_asked(desks, request, about, name)
    key_set = await _key_set(desks, request)
    return AskedRequest(
        asked=about,
        asked_by=name,
        wants=granting.wanted(request),
        changes=(),
        objection=_objection(request, await _locks(desks, key_set)),
        administrators=len(await desks.store.administrators(request.organisation)),
        keys=await _keys(desks, request, key_set, at),
    )


async def approve(
    desks: Desks,
    request_id: str,
    words: str | None,
    sooner: str | None,
    hub: ApprovingHub,
    party: str | None = None,
    begins: date | None = None,
) -> AskedRequest:
    """Put in force what is asked. Certificates of a set come into the organisation's file if the words are those of the
    set; `sooner` says why a day is not waited for, `party` which party id whoever joins is to have, `begins` from which
    day a module or certificate counts, where that is not the one asked. What was cut short, or refused by a fault in
    the files, can be done again. Raises `Refused`.
    """
    request = await request_named(desks, request_id)
    if not request.kind.is_for_keys:
        if words is not None or sooner is not None:
            raise Refused("this request is for no keys, so there are no words", "give the command with its id alone")
        async with desks.deciding:
            granted = await granting.grant(desks, request_id, party, begins, hub.reload)
        approved = await asked(desks, request_id, at=hub.at)
        return replace(approved, changes=granted.changes, next_step=granted.next_step)
    if party is not None:
        raise Refused("only who asks to take part gets a party id", "give the command without --party")
    if begins is not None:
        raise Refused("keys count from their approval", "give the command without --begins")
    if words is None:
        raise Refused(
            "it takes the seven words to approve keys",
            "call whoever made them, under the number in the contract, and give the words that you hear, in quotes",
        )
    async with desks.deciding:
        lost, reason = await _put_in_force(desks, request_id, words, sooner, hub)
    approved = await asked(desks, request_id, at=hub.at)
    if not lost or approved.keys is None:
        return approved
    became = await _expire(lost, approved.asked.unit, reason, hub)
    return replace(approved, keys=replace(approved.keys, expired=became))


async def refuse(
    desks: Desks, request_id: str, reason: str, reload: Callable[[], Awaitable[tuple[str, ...]]]
) -> Petition:
    """Refuse a request, with a reason that an organisation reads on its page, and a stranger nowhere. Where its
    approval had begun, the file lists what it listed before, and the hub has taken that over. Raises `Refused`.
    """
    if not reason.strip():
        raise Refused("there is no reason", "say in a sentence what whoever asked it is to know")
    async with desks.deciding:
        request = await request_named(desks, request_id)
        if request_id in await desks.store.approving():
            if request.kind.is_for_keys:
                await _take_back(desks, request, reload)
            else:
                await granting.refuse_granted(desks, request)
        joins = request.kind is RequestKind.JOINING and desks.sends_mail
        if not await desks.store.decide_request(
            request_id,
            RequestState.REFUSED,
            by=OPERATOR,
            reason=reason.strip(),
            stranger_hears=MailEvent.JOINING_REFUSED if joins else None,
        ):
            raise Refused(f"the request is {request.state.value} already", _LIST)
        return petition(await request_named(desks, request_id))


async def _keys(desks: Desks, request: PortalRequest, key_set: KeySet, at: datetime) -> AskedKeys:
    signing, decryption = _certificates(key_set)
    return AskedKeys(
        words=_words(key_set),
        signing_thumbprint=thumbprint_sha256(signing).hex(),
        encryption_thumbprint=thumbprint_sha256(decryption).hex(),
        valid_until=min(signing.not_valid_after_utc, decryption.not_valid_after_utc),
        replaces=await _in_force(desks, key_set) is not None,
        same_organisation_key=await _organisation_key(desks, key_set) in (None, key_set.organisation_key),
        locks=tuple([
            AskedLock(
                person=await name_of(desks, request, each.person),
                kind=each.kind.value,
                counts=each.counts_since is not None,
            )
            for each in await _locks(desks, key_set)
        ]),
        lost=request.kind is RequestKind.LOST_KEYS,
        not_before=_not_before(request, at),
    )  # fmt: skip


async def _put_in_force(
    desks: Desks, request_id: str, words: str, sooner: str | None, hub: ApprovingHub
) -> tuple[Sequence[KeySet], str | None]:
    """What is lost with the approval, and why it does not wait."""
    request = await request_named(desks, request_id)
    key_set = await _key_set(desks, request)
    objection = _objection(request, await _locks(desks, key_set))
    if objection is not None:
        raise Refused(objection, f"`knooppunt request show {request_id}` tells how it stands")
    reason = _reason(request, sooner, hub.at)
    if not are_typed(words, _words(key_set)):
        raise Refused(
            "these are not the words of this set",
            "have all seven read out again; if they differ still, refuse the request: somebody put other keys there",
        )
    if not await desks.store.begin_approval(request_id):
        raise Refused("the request was decided meanwhile", _LIST)
    lost = await _lost(desks, request, key_set)
    is_lost = request.kind is RequestKind.LOST_KEYS
    await desks.put_certificates(FileChange(unit=key_set.unit, there=_pair(key_set), alone=is_lost))
    if complaints := await hub.reload():
        said = "\n  ".join(("the certificates stand in the file, and nothing was taken over:", *complaints))
        raise Refused(said, "mend the files, then approve again")
    if not await desks.store.activate_key_set(key_set.id, by=OPERATOR, reason=reason):
        taken, back = (", and those of before are out of it", ", put those back") if is_lost else ("", "")
        said = f"the request was refused meanwhile, and its certificates stand in the file of {key_set.unit}{taken}"
        raise Refused(said, f"take them out{back} and reload, or messages are sealed to keys that nobody has; {_LIST}")
    return lost, reason


async def _take_back(desks: Desks, request: PortalRequest, reload: Callable[[], Awaitable[tuple[str, ...]]]) -> None:
    """Undo what an approval wrote, whole or in part, before the copies of its keys go. A loss took the set in force out
    of the file; any other approval took nothing out, and nothing is put back that somebody took out himself.
    """
    sets = await desks.store.key_sets(request.unit)
    active = next((each for each in sets if each.state is KeySetState.ACTIVE), None)
    kept = () if active is None else _pair(active)
    gone = [one for each in sets if each.id == request.about for one in _pair(each) if one not in kept]
    there = _pair(active) if active is not None and request.kind is RequestKind.LOST_KEYS else None
    try:
        await desks.put_certificates(FileChange(unit=request.unit, there=there, gone=gone))
    except Refused as fault:
        said = f"its approval had begun, and the certificates may stand in the file of {request.unit} still"
        raise Refused(f"nothing is refused yet, for {said}: {fault.reason}", fault.next_step) from None
    if complaints := await reload():
        said = "\n  ".join(("the file is as before the approval, and nothing was taken over:", *complaints))
        raise Refused(said, "mend the files, then refuse again")


def _reason(request: PortalRequest, sooner: str | None, at: datetime) -> str | None:
    """Why a request is approved before its time; None where that is over. Raises `Refused`."""
    not_before = _not_before(request, at)
    if not_before is None:
        if sooner is not None:
            raise Refused("this request need not wait, so nothing is sooner", "give the command without --sooner")
        return None
    if sooner is None or not sooner.strip():
        said = "all locks are said to be lost, and whoever still has one may object until"
        raise Refused(
            f"{said} {not_before:%Y-%m-%d %H:%M} UTC",
            "approve it then, or say why not, such as that a second person confirmed the loss: --sooner REASON",
        )
    return sooner.strip()


def _not_before(request: PortalRequest, at: datetime) -> datetime | None:
    earliest = request.earliest_approval
    return earliest if request.state is RequestState.SUBMITTED and earliest > at else None


async def _lost(desks: Desks, request: PortalRequest, key_set: KeySet) -> Sequence[KeySet]:
    """The sets of the unit under which messages may wait that nobody opens any more."""
    if request.kind is not RequestKind.LOST_KEYS:
        return ()
    used = (KeySetState.ACTIVE, KeySetState.RETIRED)
    return [each for each in await desks.store.key_sets(key_set.unit) if each.state in used and each.id != key_set.id]


async def _expire(lost: Sequence[KeySet], unit: str, reason: str | None, hub: ApprovingHub) -> KeyLost:
    """End what waits under lost keys. Where this is cut short, the hub's round goes on with it."""
    hub.log("portal_keys_lost", party=unit, detail=reason)
    sealed = {thumbprint_sha256(load_der(each.decryption_certificate)).hex() for each in lost}
    became = [await hub.expire(each) for each in sorted(sealed)]
    return KeyLost(
        known=any(each.known for each in became),
        notified=sum(each.notified for each in became),
        unnotified=sum(each.unnotified for each in became),
        overtaken=sum(each.overtaken for each in became),
        postponed=sum(each.postponed for each in became),
    )


async def request_named(desks: Desks, request_id: str) -> PortalRequest:
    """The request of that id, whosever it is; raises `Refused`."""
    request = await desks.store.find_request(request_id)
    if request is None:
        raise Refused("no request has this id", _LIST)
    return request


async def _key_set(desks: Desks, request: PortalRequest) -> KeySet:
    found = next((each for each in await desks.store.key_sets(request.unit) if each.id == request.about), None)
    if found is None:
        raise Refused("the keys that this request was about are gone", "refuse it, and have new ones made")
    return found


async def _in_force(desks: Desks, key_set: KeySet) -> KeySet | None:
    others = (each for each in await desks.store.key_sets(key_set.unit) if each.id != key_set.id)
    return next((each for each in others if each.state is KeySetState.ACTIVE), None)


async def _organisation_key(desks: Desks, key_set: KeySet) -> bytes | None:
    """That of the set which was approved last, of whichever unit of the organisation."""
    units = {each.unit for each in await desks.store.requests(organisation=key_set.organisation)}
    found = [each for unit in units for each in await desks.store.key_sets(unit)]
    active = [(each.active_since, each) for each in found if each.active_since and each.state is KeySetState.ACTIVE]
    return max(active, key=lambda each: each[0])[1].organisation_key if active else None


async def _locks(desks: Desks, key_set: KeySet) -> tuple[Lock, ...]:
    """Those that the set is sealed to."""
    wrapped = {each.lock for each in await desks.store.copies(key_set.unit) if each.key_set == key_set.id}
    return tuple(each for each in await desks.store.locks(key_set.unit) if each.id in wrapped)


def _objection(request: PortalRequest, locks: tuple[Lock, ...]) -> str | None:
    """One lost telephone must not be the end of a unit's messages: two kinds of locks open them, or two people's."""
    if request.state is not RequestState.SUBMITTED:
        return f"the request is {request.state.value} already"
    counting = [each for each in locks if each.counts_since is not None]
    if len({each.kind for each in counting}) < 2 and len({each.person for each in counting}) < 2:
        return "fewer than two locks of two kinds or two people open these keys"
    return None


def _words(key_set: KeySet) -> tuple[str, ...]:
    signing, decryption = _certificates(key_set)
    return words_of_set(key_set.unit, signing=signing, decryption=decryption, organisation_key=key_set.organisation_key)


def _certificates(key_set: KeySet) -> tuple[Certificate, Certificate]:
    try:
        return load_der(key_set.signing_certificate), load_der(key_set.decryption_certificate)
    except UnusableCredential as fault:
        raise Refused(f"a certificate of the set cannot be read: {fault}", "refuse the request") from None


async def name_of(desks: Desks, request: PortalRequest, person_id: str | None = None) -> str:
    """Whoever asked, or that person of the organisation, by name; the id where there is none."""
    of = request.asked_by if person_id is None else person_id
    person = await desks.store.person(of, organisation=request.organisation)
    return of if person is None or person.name is None else person.name


def _pair(key_set: KeySet) -> tuple[bytes, bytes]:
    return key_set.signing_certificate, key_set.decryption_certificate


def petition(request: PortalRequest, begun: Collection[str] = ()) -> Petition:
    """A request as it stands in a list; `begun` are those whose approval began and did not end."""
    number = request.organisation
    return Petition(
        request=request.id,
        kind=request.kind,
        organisation=f"{number.kind} {number.value}",
        unit=request.unit,
        asked_at=request.asked_at,
        state=request.state,
        decided_at=request.decided_at,
        reason=request.reason,
        begun=_BEGUN if request.id in begun else None,
    )
