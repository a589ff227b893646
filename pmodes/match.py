"""Which P-Mode a message is under: exact comparison on whole values, in an order that tells a stranger nothing.

First come values that do not depend on any participant (EBMS:0003, EBMS:0001; `told_to_all`), then the combination. A
mismatch of the combination is found before the signature is verified, and whoever probes must not learn which parties,
agreements or roles exist: the caller tells it to nobody but a participant whose signature holds. What did differ goes
into the evidence, for the log. Whether the sender takes part in the message type is asked after verification
(`check_sender`), as is what a P-Mode says of properties and parts (`pmodes.profiles`): a prober cannot find out which
module versions a party has active. Rules that hold whatever is configured are those of `gateway.ebms.header_rules`, and
come before this.

Clauses: ebMS3 Core 4.1, 5.2.2, appendix D; eDelivery AS4 1.4.4, 1.5.5.

SECURITY: every value compared here is untrusted. Nothing is matched by prefix, without regard to case, or by the
certificate that a message carries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from gateway.ebms.consistency import mpc_of
from gateway.ebms.errors import EbmsError, ProcessingModeMismatch, ValueInconsistent, ValueNotRecognized
from gateway.ebms.evidence import ABSENT, ANOTHER, Compared, kind_of
from gateway.ebms.model import AgreementRef, Party, Service, UserMessage
from gateway.ebms.names import DEFAULT_MPC, FINAL_RECIPIENT, TEST_ACTION, TEST_SERVICE
from gateway.ebms.text import Text
from pmodes import texts
from pmodes.configuration import Configuration, Sender
from pmodes.model import Leg, Organisation, PMode
from xsd.message_type import MessageType


def match_user_message(configuration: Configuration, message: UserMessage, day: date) -> PMode:
    """The P-Mode of leg 1 that a message pushed on that day claims to be under, before its signature is verified.

    Its certificates and suite are what the signature has to be verified with. Raises EBMS:0001, EBMS:0003 or
    EBMS:0010. Whether the sender takes part in the message type is not decided here, but by `check_sender` after
    verification: only the sender itself is told what it may send.
    """
    _check_recognized(configuration, message)
    message_type = _message_type(configuration, message)
    candidates = configuration.senders.get(message.from_party.key, ())
    if not candidates:
        raise _nobody()
    pmodes = [_pmode_of(configuration, each, message_type) for each in candidates]
    fitting = [each for each in pmodes if next(differences(each, message), None) is None]
    if len(fitting) > 1:
        fitting = [each for each in fitting if _takes_part(each, day)] or fitting
    if len(fitting) != 1:
        raise _none_or_several(pmodes, fitting, message)
    pmode = fitting[0]
    if pmode.strictness.ref_to_message_id_refused and message.ref_to_message_id is not None:
        raise ValueInconsistent(
            texts.REFERENCE_REFUSED,
            f"{pmode.id}: RefToMessageId is present",
            compared=[Compared(pmode=pmode.id, what="eb:RefToMessageId", expected=ABSENT, found="present")],
        )
    return pmode


def told_to_all(configuration: Configuration, message: UserMessage) -> EbmsError | None:
    """What is against a message whoever takes part, which a stranger may be told."""
    try:
        _check_recognized(configuration, message)
        _message_type(configuration, message)
    except EbmsError as error:
        return error
    return None


def senders_named(configuration: Configuration, message: UserMessage) -> tuple[Organisation, ...]:
    """The organisations that may send under the PartyIds of eb:From, whatever else the message says."""
    return tuple(each.organisation for each in configuration.senders.get(message.from_party.key, ()))


def check_sender(pmode: PMode, day: date | None) -> None:
    """Raise EBMS:0010 by name for a module version that is not active on that day (None: on no day at all) for the
    sender behind a verified signature, or a message type that its role does not send.
    """
    message_type, sender = pmode.message_type, pmode.organisation
    if message_type is None or sender.sends(message_type, day):
        return
    version = f"{message_type.module} {message_type.version}"
    if sender.takes_part_in(message_type, day):
        check_role(pmode)
    found = Compared(
        pmode=pmode.id,
        what="PMode[1].BusinessInfo.Service",
        expected=f"{version} active for {sender.party_id}",
        found=_days_of(sender, message_type),
    )
    public = _not_active(sender, message_type, day)
    detail = f"{pmode.id}: {found.what} is not {found.expected}, but {found.found}"
    raise ProcessingModeMismatch(public, detail, compared=[found])


def check_role(pmode: PMode) -> None:
    """Raise EBMS:0010 by name for a message type that no role of the sender sends, whatever is active for it."""
    message_type, sender = pmode.message_type, pmode.organisation
    if message_type is None or not sender.roles.isdisjoint(message_type.senders):
        return
    public = texts.TYPE_NOT_SENT(type=message_type.name, version=f"{message_type.module} {message_type.version}")
    found = Compared(
        pmode=pmode.id,
        what="PMode[1].BusinessInfo.Action",
        expected=f"{message_type.name} from a role of {sender.party_id}",
        found=", ".join(sorted(sender.roles)),
    )
    raise ProcessingModeMismatch(public, f"{pmode.id}: {found.what} is not {found.expected}", compared=[found])


def differences(pmode: PMode, message: UserMessage) -> Iterator[Compared]:
    """Every parameter of a P-Mode of leg 1 from which the message header differs."""
    for name, party, header in (
        ("Initiator", pmode.initiator, message.from_party),
        ("Responder", pmode.responder, message.to_party),
    ):
        if party.party_ids != header.party_ids and party.key != header.key:  # the order says nothing
            yield _differs(pmode, f"PMode.{name}.Party", _party_ids(party), ANOTHER)
        if party.role != header.role:
            yield _differs(pmode, f"PMode.{name}.Role", party.role, ANOTHER)
    expected = pmode.business_info
    if message.service != expected.service:
        yield _differs(pmode, "PMode[1].BusinessInfo.Service", _typed(expected.service), ANOTHER)
    if message.action != expected.action:
        yield _differs(pmode, "PMode[1].BusinessInfo.Action", expected.action, ANOTHER)
    if mpc_of(message.mpc) != mpc_of(expected.mpc):
        yield _differs(pmode, "PMode[1].BusinessInfo.MPC", mpc_of(expected.mpc), kind_of(message.mpc))
    agreed = pmode.agreement
    if _agreement(message) != agreed:
        found = kind_of(None if message.agreement_ref is None else message.agreement_ref.value)
        yield _differs(pmode, "PMode.Agreement", ABSENT if agreed is None else _typed(agreed), found)
    named = None if message.agreement_ref is None else message.agreement_ref.pmode
    if named is not None and named != pmode.id:
        yield _differs(pmode, "PMode.ID", pmode.id, ANOTHER)


def receiver_of(
    configuration: Configuration, message: UserMessage, message_type: MessageType, day: date | None
) -> Organisation:
    """Whose mailbox a verified message goes to on that day (None: on any day), by its property finalRecipient; raises
    EBMS:0010.

    One public text serves an unknown party and a party without the module version: participants need not know who else
    takes part.
    """
    receiver = configuration.mailboxes.get(message.property(FINAL_RECIPIENT) or "")
    version = f"{message_type.module} {message_type.version}"
    if receiver is None:
        why = "finalRecipient is no party that we know"
        found = Compared(what=f"eb:Property {FINAL_RECIPIENT}", expected="a party with a mailbox", found=ANOTHER)
    elif not receiver.takes_part_in(message_type, day):
        versions = receiver.modules.get(message_type.module, ())
        active = ", ".join(each.told for each in versions) or "no version"
        why = f"{receiver.party_id} has {active} of {message_type.module} active"
        found = Compared(what=f"modules of {receiver.party_id}", expected=version, found=active)
    elif not receiver.receives(message_type, day):
        why = f"{receiver.party_id} has no role that receives {message_type.name}"
        found = Compared(
            what=f"roles of {receiver.party_id}",
            expected=", ".join(sorted(message_type.receivers)),
            found=", ".join(sorted(receiver.roles)),
        )
    else:
        return receiver
    raise ProcessingModeMismatch(
        texts.TYPE_NOT_RECEIVED(type=message_type.name, version=version), why, compared=[found]
    )


def match_pull(configuration: Configuration, mpc: str | None) -> Organisation | None:
    """Whose mailbox an MPC is, compared octet for octet; nobody's for an absent or the default MPC.

    The caller verifies the signature before it lets the answer have any effect, and gives one answer to whoever asks
    for an MPC that is not his own, whether it exists or not.
    """
    if mpc is None or mpc == DEFAULT_MPC:
        return None
    return configuration.by_mpc.get(mpc)


def _check_recognized(configuration: Configuration, message: UserMessage) -> None:
    if len(message.from_party.party_ids) > configuration.most_party_ids:
        raise _too_many_ids("From", configuration.most_party_ids, message.from_party)
    most = len(configuration.hub_key)
    if len(message.to_party.party_ids) > most:
        raise _too_many_ids("To", most, message.to_party)
    if message.service.value not in configuration.services:
        raise _not_known("Service")
    if message.action not in configuration.actions:
        raise _not_known("Action")
    mpc = mpc_of(message.mpc)
    if mpc != DEFAULT_MPC and mpc not in configuration.push_mpcs:
        raise ValueInconsistent(
            texts.NOT_PUSHED_ON,
            "the MPC is not one that messages are pushed on",
            compared=[Compared(what="eb:UserMessage/@mpc", expected="the MPC of a P-Mode", found=kind_of(message.mpc))],
        )
    agreement = _agreement(message)
    if (
        agreement is not None
        and agreement not in configuration.agreements
        and message.service.value != TEST_SERVICE  # a test of an agreement that there is not is a mere mismatch
    ):
        raise _not_known("AgreementRef")


def _message_type(configuration: Configuration, message: UserMessage) -> MessageType | None:
    """None for the test service; raises for a Service and Action that do not go together."""
    service, action = message.service.value, message.action
    if (service, action) == (TEST_SERVICE, TEST_ACTION):
        return None
    found = configuration.catalogue.find(service, action)
    if found is None:
        raise ProcessingModeMismatch(
            texts.NO_PROCESSING_MODE,
            "Service and Action are of different modules",
            compared=[Compared(what="eb:Action", expected="a message type of the module in eb:Service", found=ANOTHER)],
        )
    return found


def _days_of(sender: Organisation, message_type: MessageType) -> str:
    found = sender.version_of(message_type)
    return "not active" if found is None else f"active as {found.told}"


def _not_active(sender: Organisation, message_type: MessageType, day: date | None) -> Text:
    """Told to the sender itself, of its own file."""
    version, found = f"{message_type.module} {message_type.version}", sender.version_of(message_type)
    if found is not None and found.begins is not None and day is not None and day < found.begins:
        return texts.VERSION_NOT_YET(version=version, day=found.begins.isoformat())
    if found is not None and found.ends is not None:
        return texts.VERSION_ENDED(version=version, day=found.ends.isoformat())
    return texts.VERSION_NOT_ACTIVE(version=version)


def _pmode_of(configuration: Configuration, sender: Sender, message_type: MessageType | None) -> PMode:
    return configuration.pmode(sender.organisation, message_type, Leg.SENDING, acting_for=sender.acting_for)


def _takes_part(pmode: PMode, day: date) -> bool:
    return pmode.message_type is None or pmode.organisation.sends(pmode.message_type, day)


def _nobody() -> EbmsError:
    return ProcessingModeMismatch(
        texts.NO_PROCESSING_MODE,
        "no organisation sends as From",
        compared=[Compared(what="PMode.Initiator.Party", expected="the party ids of an organisation", found=ANOTHER)],
    )


def _none_or_several(pmodes: list[PMode], fitting: list[PMode], message: UserMessage) -> EbmsError:
    if fitting:
        several = ", ".join(each.id for each in fitting)
        return ProcessingModeMismatch(texts.NO_PROCESSING_MODE, f"several P-Modes fit: {several}")
    compared = [found for each in pmodes for found in differences(each, message)]
    named = ", ".join(dict.fromkeys(each.what for each in compared))
    return ProcessingModeMismatch(
        texts.NO_PROCESSING_MODE, f"the message differs from every P-Mode of its sender in {named}", compared=compared
    )


def _too_many_ids(name: str, most: int, party: Party) -> EbmsError:
    number = len(party.party_ids)
    return ValueInconsistent(
        texts.TOO_MANY_PARTY_IDS(party=name),
        f"{number} PartyIds in {name}",
        compared=[Compared(what=f"eb:{name}/eb:PartyId", expected=f"{most} at most", found=str(number))],
    )


def _not_known(element: str) -> EbmsError:
    return ValueNotRecognized(
        texts.NOT_KNOWN(element=element),
        f"{element} is in no P-Mode",
        compared=[Compared(what=f"eb:{element}", expected="a value of a P-Mode", found=ANOTHER)],
    )


def _differs(pmode: PMode, parameter: str, expected: str, found: str) -> Compared:
    return Compared(pmode=pmode.id, what=parameter, expected=expected, found=found)


def _agreement(message: UserMessage) -> AgreementRef | None:
    """What eb:AgreementRef says of the agreement; which P-Mode it names is another question."""
    return None if message.agreement_ref is None else replace(message.agreement_ref, pmode=None)


def _party_ids(party: Party) -> str:
    return ", ".join(each.value if each.type is None else f"{each.value} ({each.type})" for each in party.party_ids)


def _typed(named: AgreementRef | Service) -> str:
    return named.value if named.type is None else f"{named.value} ({named.type})"
