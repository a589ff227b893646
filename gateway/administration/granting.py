"""What an organisation at a desk asks besides keys: told to the operator in sentences, and put in its file if he grants
it.

What `knooppunt pmode check` would complain of is refused with its complaint, and the request stays. A file is written,
the hub reloads, and only then the request is approved; where the hub takes nothing over, the file is again as it was.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Final

from crypto.certificates import load_der, thumbprint_sha256
from crypto.faults import UnusableCredential
from gateway.administration.administered import REFUSE_IT, Desks, TakeBack
from gateway.administration.asked import AskedRequest, Petition
from gateway.refused import Refused
from gateway.store.portal.mail import MailEvent
from gateway.store.portal.model import OPERATOR, PortalRequest, RequestState
from gateway.store.portal.wishes import (
    Access,
    CertificateWish,
    ExtensionWish,
    JoiningWish,
    LeavingWish,
    ListsWish,
    ModuleWish,
    UnitWish,
    Wish,
    read_wish,
    told_to,
    write_wish,
)
from gateway.written.complaints import shown

_LIST: Final = "`knooppunt request list` shows all of them"
_JOINED: Final[Mapping[Access, MailEvent]] = MappingProxyType(
    {"desk": MailEvent.WELCOME, "system": MailEvent.JOINED_SYSTEM}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What that changed, in sentences, and what is left to do for who joins."""

    changes: tuple[str, ...]
    next_step: str | None


async def change_asked(desks: Desks, request: PortalRequest, about: Petition, asked_by: str) -> AskedRequest:
    """The request with what its approval would change; where it is decided, that is told no more. Of who asks to take
    part that is told for the party id that follows from its number.
    """
    changes: tuple[str, ...] = ()
    objection: str | None = f"the request is {request.state.value} already"
    if request.state is RequestState.SUBMITTED:
        objection = None
        try:
            changes = (await desks.foretold(request.unit, read_wish(request.kind, request.about))).changes
        except Refused as fault:
            objection = f"{fault.reason}; {fault.next_step}"
    wants = wanted(request)
    return AskedRequest(
        asked=about,
        asked_by=shown(asked_by),
        wants=wants,
        changes=changes,
        objection=objection,
        administrators=len(await desks.store.administrators(request.organisation)),
    )


async def grant(
    desks: Desks,
    request_id: str,
    party: str | None,
    begins: date | None,
    reload: Callable[[], Awaitable[tuple[str, ...]]],
) -> Granted:
    """Put what is asked in force. Who joins gets that `party` id, where one is given; a module or certificate counts
    from the day that it `begins`, where one is given, and the request says that from then on. Raises `Refused`, with
    the files as they were.
    """
    request = await desks.store.find_request(request_id)
    if request is None or request.state is not RequestState.SUBMITTED:
        said = "no request has this id" if request is None else f"the request is {request.state.value} already"
        raise Refused(said, _LIST)
    wish = _from(read_wish(request.kind, request.about), begins)
    if party is not None and not isinstance(wish, JoiningWish):
        raise Refused("only who asks to take part gets a party id", "give the command without --party")
    if party is not None and request.unit not in ("", party):
        raise Refused(f"its approval had begun with the party id {request.unit}", "approve it without --party")
    unit = party or request.unit
    found = await desks.foretold(unit, wish)
    if not await desks.store.begin_approval(request_id, party=party):
        raise Refused("the request was decided meanwhile", _LIST)
    try:
        take_back = await desks.grant(unit, wish)
    except Refused:
        await desks.store.end_approval(request_id)
        raise
    if complaints := await reload():
        await _taken_back(take_back, complaints)
        await desks.store.end_approval(request_id)
        said = "\n  ".join(("the hub took nothing over, and the files are as before:", *complaints))
        raise Refused(said, "mend what it says, then approve again")
    hears = None if found.joins is None or not desks.sends_mail else _JOINED[found.joins]
    about = None if begins is None else write_wish(wish, told_to=told_to(request.kind, request.about))
    if not await desks.store.grant_request(request_id, by=OPERATOR, stranger_hears=hears, about=about):
        raise Refused("it is in force, and the request was decided meanwhile", _LIST)
    next_step = _next_step(found.joins, desks.sends_mail) if isinstance(wish, JoiningWish) else None
    return Granted(changes=found.changes, next_step=next_step)


def _from(wish: Wish, begins: date | None) -> Wish:
    """The wish with another first day, where one is given; raises `Refused` where it has none."""
    if begins is None:
        return wish
    if not isinstance(wish, ModuleWish | CertificateWish):
        raise Refused("only a module or certificate has a first day", "give the command without --begins")
    return replace(wish, begins=begins)


async def _taken_back(take_back: TakeBack, complaints: tuple[str, ...]) -> None:
    """Raises `Refused` where the change stands in the files still: then the approval has begun, and did not end."""
    try:
        await take_back()
    except Refused as fault:
        said = "\n  ".join(("the hub took nothing over, and the change stands in the files still:", *complaints))
        raise Refused(f"{said}\n  {fault.reason}", f"{fault.next_step}; or mend it, then approve again") from None


def _next_step(joins: Access | None, sends_mail: bool) -> str:
    """What is left to do for the contact of who joins."""
    if joins is None:
        return "nobody is written to, for it takes part nowhere yet by this hub: call the contact"
    written = "the contact is written to" if sends_mail else "no mail leaves here: call the contact and say"
    if joins == "desk":
        return (
            f"{written} how to log in: by eHerkenning, the first time for administration, at the address of the portal"
        )
    return f"{written} that it takes part; give it the address and the certificates of this hub"


async def refuse_granted(desks: Desks, request: PortalRequest) -> None:
    """Raise `Refused` where an approval was cut short after it had written what is asked, or that cannot be told."""
    try:
        found = await desks.foretold(request.unit, read_wish(request.kind, request.about))
    except Refused as fault:
        if fault.next_step == REFUSE_IT:
            return
        raise Refused(
            f"its approval had begun, and what it asks for may stand in the files: {fault.reason}",
            f"{fault.next_step}; or take what it wrote out of the files and reload; then refuse it",
        ) from None
    if found.is_there:
        said = "its approval had begun, and what it asks for stands in the files"
        raise Refused(said, "approve it again; or take that out of the files, reload, and refuse it then")


def wanted(request: PortalRequest) -> str:
    """What is asked, in words."""
    if request.kind.is_for_keys:
        return "new keys, made at its desk"
    return _said(read_wish(request.kind, request.about))


def _said(wish: Wish) -> str:
    match wish:
        case ExtensionWish():
            return f"at most {wish.days} days more for its messages, one by one as it asks"
        case ModuleWish():
            return f"{shown(wish.module)} {shown(wish.version)} from {wish.begins}, for {wish.environment}"
        case UnitWish():
            return f"a business unit called {shown(wish.name)}, establishment {shown(wish.establishment)}"
        case CertificateWish():
            return f"its next {wish.use} certificate, {_thumbprint(wish.certificate)}{_since(wish.begins)}"
        case ListsWish():
            return "to answer questions by lists at its desk" if wish.on else "to answer no more questions by lists"
        case LeavingWish():
            return f"to take part until and with {wish.last_day}, and no longer"
        case JoiningWish():
            return "; ".join(_of_joining(wish))


def _of_joining(wish: JoiningWish) -> Iterator[str]:
    yield f"to take part as {shown(wish.name)}, {shown(wish.role)}, KvK {shown(wish.kvk)}"
    if wish.establishments:
        yield f"establishments {shown(', '.join(wish.establishments))}"
    how = "at a desk" if wish.access == "desk" else "with a system of its own"
    yield f"{shown(', '.join(wish.modules))}, {how}, for {wish.environment}"
    if wish.signing is not None and wish.encryption is not None:
        yield f"signs with {_thumbprint(wish.signing)}, sealed to {_thumbprint(wish.encryption)}"
    for what, day in (("connection", wish.connection_agreed), ("processing", wish.processing_agreed)):
        yield f"agreement on {what} " + ("not named" if day is None else f"of {day}")
    yield f"contact {shown(wish.contact)}, {shown(wish.telephone)}, {shown(wish.email)}"


def _since(begins: date | None) -> str:
    return "" if begins is None else f", from {begins}"


def _thumbprint(certificate: bytes) -> str:
    """As an operator reads it out to the organisation."""
    try:
        return f"sha256:{thumbprint_sha256(load_der(certificate)).hex()}"
    except UnusableCredential:
        return "which cannot be read"
