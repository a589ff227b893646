"""Explain: which P-Mode a message would get, or of each that it might have meant why it is not under that one.

The functions that decide it for a message that comes are asked here one by one, so that what is told is what the hub
does. They are asked on, where the hub stops at the first that refuses. Signature, parts, document, and what was asked
before are not looked at: they take keys and a store.

SECURITY: what is told holds values of the message's header. It is for the administrator who has that message, and for
no log and no peer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from gateway.ebms.consistency import mpc_of
from gateway.ebms.errors import EbmsError
from gateway.ebms.evidence import ABSENT, ANOTHER, Compared
from gateway.ebms.header_rules import check_user_message
from gateway.ebms.model import AgreementRef, Party, PartyId, Service, UserMessage
from gateway.ebms.names import FINAL_RECIPIENT, ORIGINAL_SENDER, TEST_ACTION, TEST_SERVICE
from gateway.msh.steps.trust import suspended
from gateway.written.complaints import printable
from pmodes.configuration import Configuration, Sender, senders_of
from pmodes.match import check_sender, differences, match_user_message, receiver_of
from pmodes.model import Leg, Organisation, PMode
from pmodes.profiles import check_payload_profile, check_properties
from xsd.message_type import MessageType

_SHOWN: Final = 300  # characters of a value: a party id with its type, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A message header, or as much of one as was given: what is not there is not judged."""

    message: UserMessage
    has_properties: bool = True
    has_parts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NearPMode:
    """A P-Mode of leg 1 that a message may have meant, and where it differs from that; found values are its own."""

    pmode: PMode
    compared: tuple[Compared, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyRefused:
    """Why the hub would not take a message, with what that rests on."""

    code: str
    sentence: str
    compared: tuple[Compared, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a message would get: the P-Mode of each leg, or why not. The first of the refusals is the hub's answer;
    there are candidates where no P-Mode of leg 1 fits.
    """

    sending: PMode | None
    receiving: PMode | None
    refused: tuple[WhyRefused, ...]
    candidates: tuple[NearPMode, ...]


def explain(configuration: Configuration, header: Header, day: date) -> Explanation:
    """What a message that comes on that day would get."""
    message = header.message
    try:
        if header.has_parts:
            check_user_message(message)
        pmode = match_user_message(configuration, message, day)
    except EbmsError as error:
        near = tuple(_candidates(configuration, message))
        return Explanation(sending=None, receiving=None, refused=(_refused(error, message),), candidates=near)
    objections = [suspended(pmode.organisation)] if pmode.organisation.suspended else []
    objections += [each for check in _checks(pmode, header, day) if (each := _error_of(check)) is not None]
    receiving: PMode | None = None
    kind = pmode.message_type
    if kind is not None and (header.has_properties or message.property(FINAL_RECIPIENT) is not None):
        try:
            receiver = receiver_of(configuration, message, kind, day)
            receiving = configuration.pmode(receiver, kind, Leg.RECEIVING)
        except EbmsError as error:
            objections.append(error)
    refused = tuple(_refused(each, message) for each in objections)
    return Explanation(sending=pmode, receiving=receiving, refused=refused, candidates=())


def _checks(pmode: PMode, header: Header, day: date) -> Iterator[Callable[[], None]]:
    """What is asked of a message under its P-Mode, in the order in which the hub asks."""
    yield lambda: check_sender(pmode, day)
    if header.has_properties:
        yield lambda: check_properties(pmode, header.message)
    if header.has_parts and pmode.message_type is not None:
        yield lambda: check_payload_profile(pmode, header.message)


def _error_of(check: Callable[[], None]) -> EbmsError | None:
    try:
        check()
    except EbmsError as error:
        return error
    return None


def _candidates(configuration: Configuration, message: UserMessage) -> Iterator[NearPMode]:
    """The P-Modes of whoever has one of the PartyIds of eb:From, whether he may send or not."""
    message_type = configuration.catalogue.find(message.service.value, message.action)
    if message_type is None and (message.service.value, message.action) != (TEST_SERVICE, TEST_ACTION):
        return  # not even a message type, of which there could be P-Modes
    for sender in _near(configuration, message):
        pmode = _pmode(configuration, sender, message_type)
        compared = [_with_found(each, message) for each in differences(pmode, message)]
        if sender.organisation.access == "desk":
            what = f"access of {sender.organisation.party_id}"
            compared.append(Compared(pmode=pmode.id, what=what, expected="system", found="desk"))
        yield NearPMode(pmode=pmode, compared=tuple(compared))


def _near(configuration: Configuration, message: UserMessage) -> tuple[Sender, ...]:
    exact = configuration.senders.get(message.from_party.key, ())
    if exact:
        return exact
    values = {each.value for each in message.from_party.party_ids}
    whose: dict[str, Organisation] = {}
    for value in sorted(values):
        for found in (configuration.by_party.get(value), configuration.mailboxes.get(value)):
            if found is not None:
                whose.setdefault(found.party_id, found)
    return tuple(
        sender
        for organisation in whose.values()
        for sender in senders_of(organisation)
        if not values.isdisjoint(each.value for each in sender.party_ids)
    )


def _pmode(configuration: Configuration, sender: Sender, message_type: MessageType | None) -> PMode:
    return configuration.pmode(sender.organisation, message_type, Leg.SENDING, acting_for=sender.acting_for)


def _refused(error: EbmsError, message: UserMessage) -> WhyRefused:
    return WhyRefused(
        code=error.code,
        sentence=error.public.en,
        compared=tuple(_with_found(each, message) for each in error.compared),
    )


def _with_found(compared: Compared, message: UserMessage) -> Compared:
    """The same with what the message says, where that was held back."""
    said = _SAID.get(compared.what)
    if compared.found != ANOTHER or said is None:
        return compared
    found = said(message)
    return replace(compared, found=printable(found if len(found) <= _SHOWN else f"{found[: _SHOWN - 1]}…"))


def _party(party: Party) -> str:
    return ", ".join(map(_typed, party.party_ids))


def _typed(named: PartyId | Service | AgreementRef) -> str:
    return named.value if named.type is None else f"{named.value} ({named.type})"


def _agreement(message: UserMessage) -> str:
    return ABSENT if message.agreement_ref is None else _typed(message.agreement_ref)


def _pmode_named(message: UserMessage) -> str:
    return (None if message.agreement_ref is None else message.agreement_ref.pmode) or ABSENT


# What a header says, by what it is held against.
_SAID: Final[Mapping[str, Callable[[UserMessage], str]]] = {
    "PMode.Initiator.Party": lambda message: _party(message.from_party),
    "PMode.Initiator.Role": lambda message: message.from_party.role,
    "PMode.Responder.Party": lambda message: _party(message.to_party),
    "PMode.Responder.Role": lambda message: message.to_party.role,
    "PMode[1].BusinessInfo.Service": lambda message: _typed(message.service),
    "PMode[1].BusinessInfo.Action": lambda message: message.action,
    "PMode[1].BusinessInfo.MPC": lambda message: mpc_of(message.mpc),
    "PMode.Agreement": _agreement,
    "PMode.ID": _pmode_named,
    "eb:Service": lambda message: _typed(message.service),
    "eb:Action": lambda message: message.action,
    "eb:AgreementRef": _agreement,
    "eb:UserMessage/@mpc": lambda message: mpc_of(message.mpc),
    f"eb:Property {FINAL_RECIPIENT}": lambda message: message.property(FINAL_RECIPIENT) or ABSENT,
    f"eb:Property {ORIGINAL_SENDER}": lambda message: message.property(ORIGINAL_SENDER) or ABSENT,
}
