"""Which P-Mode a message is under: exact comparison on whole values, in an order that tells a stranger nothing.

First come rules and values that do not depend on any participant (EBMS:0003, EBMS:0001), then the combination. Every
mismatch of the combination gets one public text, because it is found before the signature is verified: whoever probes
must not learn which parties, agreements or roles exist. What did differ goes into the private detail. Whether the
sender takes part in the message type is asked after verification (`check_sender`), as is what a P-Mode says of
properties and parts (`pmodes.profiles`): a prober cannot find out which module versions a party has active.

Clauses: ebMS3 Core 4.1, 5.2.2, appendix D; eDelivery AS4 1.4.4, 1.5.5.

SECURITY: every value compared here is untrusted. Nothing is matched by prefix, without regard to case, or by the
certificate that a message carries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pmodes.configuration import Configuration, Sender
from pmodes.headers import MessageHeader, PartyHeader, PartyIdHeader
from pmodes.identifiers import is_uri
from pmodes.model import Agreement, Leg, Organisation, PartyKey, PMode
from pmodes.names import DEFAULT_MPC, FINAL_RECIPIENT, TEST_ACTION, TEST_SERVICE
from pmodes.sentences import TYPE_NOT_RECEIVED, TYPE_NOT_SENT, VERSION_NOT_ACTIVE, Sentence
from xsd.message_type import MessageType

VALUE_NOT_RECOGNIZED: Final = "EBMS:0001"
VALUE_INCONSISTENT: Final = "EBMS:0003"
PROCESSING_MODE_MISMATCH: Final = "EBMS:0010"

NO_PROCESSING_MODE: Final = Sentence(
    "No processing mode fits this message.", "Geen processing mode past bij dit bericht."
)


class Mismatch(Exception):
    """A message that no processing mode covers: an ebMS code, a sentence for the peer, a detail for the operator."""

    def __init__(self, code: str, public: Sentence, private: str) -> None:
        super().__init__(f"{code}: {private}")
        self.code = code
        self.public = public
        self.private = private


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A parameter for which message and P-Mode say different things; None means that nothing is said."""

    parameter: str
    expected: str | None
    found: str | None


def match_user_message(configuration: Configuration, message: MessageHeader) -> PMode:
    """The P-Mode of leg 1 that a pushed message claims to be under, before its signature is verified.

    Its certificates and suite are what the signature has to be verified with. Raises Mismatch. Whether the sender takes
    part in the message type is not decided here, but by `check_sender` after verification: only the sender itself is
    told what it may send.
    """
    check_header_values(message)
    _check_recognized(configuration, message)
    message_type = _message_type(configuration, message)
    candidates = configuration.senders.get(_key(message.from_party), ())
    if not candidates:
        raise _nobody(message)
    pmodes = [_pmode_of(configuration, each, message_type) for each in candidates]
    fitting = [pmode for pmode in pmodes if next(differences(pmode, message), None) is None] or [
        pmode for pmode in pmodes if next(header_differences(pmode, message), None) is None
    ]
    if len(fitting) != 1:
        raise Mismatch(PROCESSING_MODE_MISMATCH, NO_PROCESSING_MODE, _why_not(pmodes, fitting, message))
    pmode = fitting[0]
    if pmode.strictness.ref_to_message_id_refused and message.ref_to_message_id is not None:
        raise Mismatch(
            VALUE_INCONSISTENT,
            Sentence(
                "A One-Way message carries no RefToMessageId.", "Een eenrichtingsbericht draagt geen RefToMessageId."
            ),
            f"{pmode.id}: RefToMessageId is present",
        )
    return pmode


def senders_named(configuration: Configuration, message: MessageHeader) -> tuple[Organisation, ...]:
    """The organisations that may send under the PartyIds of eb:From, whatever else the message says."""
    return tuple(each.organisation for each in configuration.senders.get(_key(message.from_party), ()))


def check_header_values(message: MessageHeader) -> None:
    """Rules on values that hold whatever is configured; Mismatch EBMS:0003 names the first that is broken."""
    for name, party in (("From", message.from_party), ("To", message.to_party)):
        types = [each.type for each in party.party_ids]
        if len(types) != len(set(types)):
            raise _inconsistent(
                Sentence(
                    f"Two PartyIds in {name} have the same type.", f"Twee PartyId's in {name} hebben hetzelfde type."
                )
            )
        if any(each.type is None and not is_uri(each.value) for each in party.party_ids):
            raise _inconsistent(
                Sentence(
                    f"A PartyId in {name} has no type and is not a URI.",
                    f"Een PartyId in {name} heeft geen type en is geen URI.",
                )
            )
    agreement = message.agreement_ref
    if agreement is not None and agreement.type is None and not is_uri(agreement.value):
        raise _inconsistent(
            Sentence("AgreementRef has no type and is not a URI.", "AgreementRef heeft geen type en is geen URI.")
        )
    if message.service.type is None and not is_uri(message.service.value):
        raise _inconsistent(
            Sentence("Service has no type and is not a URI.", "Service heeft geen type en is geen URI.")
        )
    if message.action == TEST_ACTION and message.service.value != TEST_SERVICE:
        raise _inconsistent(
            Sentence("The test action belongs to the test service.", "De testactie hoort bij de testservice.")
        )


def check_sender(pmode: PMode) -> None:
    """Raise Mismatch EBMS:0010 by name for a module version that is not active for the sender behind a verified
    signature, or a message type that its role does not send."""
    message_type = pmode.message_type
    if message_type is None:
        return
    version = f"{message_type.module} {message_type.version}"
    if not pmode.organisation.takes_part_in(message_type):
        public = VERSION_NOT_ACTIVE(version=version)
    elif not pmode.organisation.sends(message_type):
        public = TYPE_NOT_SENT(type=message_type.name, version=version)
    else:
        return
    private = ", ".join(f"{each.parameter} is not {each.expected}" for each in _taking_part_differences(pmode))
    raise Mismatch(PROCESSING_MODE_MISMATCH, public, f"{pmode.id}: {private}")


def differences(pmode: PMode, message: MessageHeader) -> Iterator[Difference]:
    """Every parameter of the P-Mode from which the message header differs, and what the organisation takes no part
    in."""
    yield from header_differences(pmode, message)
    yield from _taking_part_differences(pmode)


def header_differences(pmode: PMode, message: MessageHeader) -> Iterator[Difference]:
    """Every parameter of the P-Mode from which the message header differs."""
    for name, party, header in (
        ("Initiator" if pmode.leg is Leg.SENDING else "Responder", pmode.sender, message.from_party),
        ("Responder" if pmode.leg is Leg.SENDING else "Initiator", pmode.receiver, message.to_party),
    ):
        if party.key != _key(header):
            yield Difference(
                parameter=f"PMode.{name}.Party", expected=_listed(party.party_ids), found=_listed(header.party_ids)
            )
        if party.role != header.role:
            yield Difference(parameter=f"PMode.{name}.Role", expected=party.role, found=header.role)
    yield from _business_differences(pmode, message)
    found = _agreement(message)
    if found != pmode.agreement:
        yield Difference(parameter="PMode.Agreement", expected=_shown(pmode.agreement), found=_shown(found))
    named = None if message.agreement_ref is None else message.agreement_ref.pmode
    if named is not None and named != pmode.id:
        yield Difference(parameter="PMode.ID", expected=pmode.id, found=named)


def _business_differences(pmode: PMode, message: MessageHeader) -> Iterator[Difference]:
    expected = pmode.business_info
    if message.service.value != expected.service or message.service.type is not None:
        found = _typed(message.service.value, message.service.type)
        yield Difference(parameter="PMode[1].BusinessInfo.Service", expected=expected.service, found=found)
    if message.action != expected.action:
        yield Difference(parameter="PMode[1].BusinessInfo.Action", expected=expected.action, found=message.action)
    if _mpc(message) != expected.mpc:
        yield Difference(parameter="PMode[1].BusinessInfo.MPC", expected=expected.mpc, found=message.mpc)


def _taking_part_differences(pmode: PMode) -> Iterator[Difference]:
    message_type = pmode.message_type
    if message_type is not None and not pmode.organisation.takes_part_in(message_type):
        yield Difference(
            parameter="PMode[1].BusinessInfo.Service",
            expected=f"{message_type.module} {message_type.version} active for {pmode.organisation.party_id}",
            found="not active",
        )
    elif message_type is not None and not _has_the_role(pmode, message_type):
        yield Difference(
            parameter="PMode[1].BusinessInfo.Action",
            expected=f"{message_type.name} from or to a role of {pmode.organisation.party_id}",
            found=", ".join(sorted(pmode.organisation.roles)),
        )


def receiver_of(configuration: Configuration, message: MessageHeader) -> Organisation:
    """Whose mailbox a verified message goes to, by its property finalRecipient; raises Mismatch EBMS:0010.

    One public text serves an unknown party and a party without the module version: participants need not know who else
    takes part.
    """
    message_type = _message_type(configuration, message)
    if message_type is None:
        raise Mismatch(PROCESSING_MODE_MISMATCH, NO_PROCESSING_MODE, "the message type is in no module")
    names = [each.value for each in message.properties if each.name == FINAL_RECIPIENT]
    if len(names) != 1:
        raise Mismatch(
            PROCESSING_MODE_MISMATCH,
            Sentence(
                "The message property finalRecipient is needed once.",
                "De eigenschap finalRecipient moet er precies één keer zijn.",
            ),
            "finalRecipient",
        )
    public = TYPE_NOT_RECEIVED(type=message_type.name, version=f"{message_type.module} {message_type.version}")
    receiver = configuration.mailboxes.get(names[0])
    if receiver is None:
        raise Mismatch(PROCESSING_MODE_MISMATCH, public, "finalRecipient is no party that we know")
    if not receiver.takes_part_in(message_type):
        active = ", ".join(receiver.modules.get(message_type.module, ())) or "no version"
        private = f"{receiver.party_id} has {active} of {message_type.module} active"
        raise Mismatch(PROCESSING_MODE_MISMATCH, public, private)
    if not receiver.receives(message_type):
        raise Mismatch(
            PROCESSING_MODE_MISMATCH, public, f"{receiver.party_id} has no role that receives {message_type.name}"
        )
    return receiver


def match_pull(configuration: Configuration, mpc: str | None) -> Organisation | None:
    """Whose mailbox an MPC is, compared octet for octet; nobody's for an absent or the default MPC.

    The caller verifies the signature before it lets the answer have any effect, and gives one answer to whoever asks
    for an MPC that is not his own, whether it exists or not.
    """
    if mpc is None or mpc == DEFAULT_MPC:
        return None
    return configuration.by_mpc.get(mpc)


def _check_recognized(configuration: Configuration, message: MessageHeader) -> None:
    if len(message.to_party.party_ids) > len(configuration.hub_key):
        raise _inconsistent(
            Sentence(
                "To has more PartyIds than the processing mode allows.",
                "To heeft meer PartyId's dan de processing mode toestaat.",
            )
        )
    if message.service.value not in configuration.services:
        raise Mismatch(
            VALUE_NOT_RECOGNIZED,
            Sentence("The value of Service is not known here.", "De waarde van Service is hier niet bekend."),
            "Service is in no P-Mode",
        )
    if message.action not in configuration.actions:
        raise Mismatch(
            VALUE_NOT_RECOGNIZED,
            Sentence("The value of Action is not known here.", "De waarde van Action is hier niet bekend."),
            "Action is in no P-Mode",
        )
    if _mpc(message) is not None and _mpc(message) not in configuration.push_mpcs:
        raise _inconsistent(
            Sentence("Messages are not pushed on this MPC.", "Op dit MPC worden geen berichten aangeboden.")
        )
    agreement = _agreement(message)
    if (
        agreement is not None
        and agreement not in configuration.agreements
        and message.service.value != TEST_SERVICE  # a test of an agreement that there is not is a mere mismatch
    ):
        raise Mismatch(
            VALUE_NOT_RECOGNIZED,
            Sentence("The value of AgreementRef is not known here.", "De waarde van AgreementRef is hier niet bekend."),
            "AgreementRef is in no P-Mode",
        )


def _message_type(configuration: Configuration, message: MessageHeader) -> MessageType | None:
    """None for the test service; raises for a Service and Action that do not go together."""
    service, action = message.service.value, message.action
    if (service, action) == (TEST_SERVICE, TEST_ACTION):
        return None
    found = configuration.catalogue.find(service, action)
    if found is None:
        raise Mismatch(PROCESSING_MODE_MISMATCH, NO_PROCESSING_MODE, "Service and Action are of different modules")
    return found


def _pmode_of(configuration: Configuration, sender: Sender, message_type: MessageType | None) -> PMode:
    return configuration.pmode(sender.organisation, message_type, Leg.SENDING, acting_for=sender.acting_for)


def _has_the_role(pmode: PMode, message_type: MessageType) -> bool:
    if pmode.leg is Leg.SENDING:
        return pmode.organisation.sends(message_type)
    return pmode.organisation.receives(message_type)


def _nobody(message: MessageHeader) -> Mismatch:
    if len(message.from_party.party_ids) > 1:
        return _inconsistent(
            Sentence(
                "From has more PartyIds than the processing mode allows.",
                "From heeft meer PartyId's dan de processing mode toestaat.",
            )
        )
    return Mismatch(
        PROCESSING_MODE_MISMATCH, NO_PROCESSING_MODE, "PMode.Initiator.Party: no organisation sends as From"
    )


def _why_not(pmodes: list[PMode], fitting: list[PMode], message: MessageHeader) -> str:
    if fitting:
        return "several P-Modes fit: " + ", ".join(each.id for each in fitting)
    return "; ".join(
        f"{each.id}: " + ", ".join(f"{d.parameter} is not {d.expected}" for d in differences(each, message))
        for each in pmodes
    )


def _inconsistent(public: Sentence) -> Mismatch:
    return Mismatch(VALUE_INCONSISTENT, public, public)


def _key(party: PartyHeader) -> PartyKey:
    return frozenset((each.value, each.type) for each in party.party_ids)


def _mpc(message: MessageHeader) -> str | None:
    return None if message.mpc == DEFAULT_MPC else message.mpc


def _agreement(message: MessageHeader) -> Agreement | None:
    header = message.agreement_ref
    return None if header is None else Agreement(value=header.value, type=header.type)


def _listed(party_ids: Sequence[PartyIdHeader]) -> str:
    return ", ".join(_typed(each.value, each.type) for each in party_ids)


def _shown(agreement: Agreement | None) -> str | None:
    return None if agreement is None else _typed(agreement.value, agreement.type)


def _typed(value: str, type_: str | None) -> str:
    return value if type_ is None else f"{value} ({type_})"
