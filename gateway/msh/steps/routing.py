"""Route: whose mailbox a verified message is for, and whether it may go there. Decided from the message header alone.

Version rules: the asking side fixes the version of a conversation and the answer uses it. Refused by name are a message
type that its sender does not send, a version that the receiver has not activated, and an answer to a question that was
never asked of its sender (decision 0001).
"""

from __future__ import annotations

from crypto.certificates import Certificate
from gateway.ebms import names, texts
from gateway.ebms.errors import ProcessingModeMismatch, ValueInconsistent
from gateway.ebms.evidence import ABSENT, ANOTHER, Compared
from gateway.ebms.model import UserMessage
from gateway.msh.hub import Hub
from gateway.msh.journey import Trusted, Way
from gateway.msh.later import Cause, Postponed
from pmodes.match import check_sender, receiver_of
from pmodes.model import Leg, PMode, newest_active
from pmodes.profiles import check_payload_profile, check_properties
from pmodes.texts import OTHER_VERSION
from xsd.message_type import MessageType


async def route(trusted: Trusted, message_type: MessageType, hub: Hub) -> Way:
    """The way of a verified message; raises EBMS:0010 or EBMS:0003 where it may not go, `Postponed` where it cannot go
    now.
    """
    configuration = hub.configuration()
    user_message = trusted.user_message
    check_sender(trusted.pmode)
    check_properties(trusted.pmode, user_message)
    check_payload_profile(trusted.pmode, user_message)
    receiver = receiver_of(configuration, user_message, message_type)
    await _check_question(user_message, message_type, hub)
    pmode = configuration.pmode(receiver, message_type, Leg.RECEIVING)
    recipient_of(pmode, hub)
    return Way(receiver=receiver, pmode=pmode, message_type=message_type)


def recipient_of(pmode: PMode, hub: Hub) -> Certificate:
    """The certificate to encrypt to: the receiver's newest that is active now. That there is none may pass with a
    renewal, or be a fault of the hub's clock.
    """
    found = newest_active(pmode.security.encryption_certificates, hub.clock.now())
    if found is None:
        party = pmode.organisation.party_id
        raise Postponed(Cause.RECEIVER_CERTIFICATE, f"{party} has no valid encryption certificate", party=party)
    return found


async def _check_question(user_message: UserMessage, message_type: MessageType, hub: Hub) -> None:
    reference = user_message.property(names.CROSS_REFERENCE)
    if reference is None:
        if message_type.answers_to and not message_type.question:
            raise ProcessingModeMismatch(
                texts.NO_QUESTION,
                "an answer without crossReference",
                compared=[Compared(what=f"eb:Property {names.CROSS_REFERENCE}", expected="present", found=ABSENT)],
            )
        return
    question = await hub.store.find_question(
        reference,
        original_sender=user_message.property(names.FINAL_RECIPIENT) or "",
        final_recipient=user_message.property(names.ORIGINAL_SENDER) or "",
    )
    if question is None or question.action not in message_type.answers_to:
        asked_for = " or ".join(sorted(message_type.answers_to)) or "a question"
        raise ProcessingModeMismatch(
            texts.NO_QUESTION,
            "no such question was asked of this sender by this receiver",
            compared=[_about_question(asked_for, ABSENT if question is None else question.action)],
        )
    if question.service != message_type.service:
        asked = hub.catalogue.find(question.service, question.action)
        public = texts.NO_QUESTION if asked is None else OTHER_VERSION(version=f"{asked.module} {asked.version}")
        raise ProcessingModeMismatch(
            public,
            "the question was asked in another module version",
            compared=[_about_question(message_type.service, question.service)],
        )
    if question.conversation_id != user_message.conversation_id:
        raise ValueInconsistent(
            texts.OTHER_CONVERSATION,
            "the question belongs to another conversation",
            compared=[Compared(what="eb:ConversationId", expected="that of the question", found=ANOTHER)],
        )


def _about_question(expected: str, found: str) -> Compared:
    return Compared(what=f"the message that {names.CROSS_REFERENCE} names", expected=expected, found=found)
