"""Route: whose mailbox a verified message is for, and whether it may go there. Decided from the message header alone.

Version rules: the asking side fixes the version of a conversation and the answer uses it. Refused by name are a message
type that its sender does not send, a version that the receiver has not activated, and an answer to a question that was
never asked of its sender (decision 0001).
"""

from __future__ import annotations

from gateway.ebms import names, texts
from gateway.ebms.errors import ProcessingModeMismatch, ValueInconsistent
from gateway.ebms.evidence import ABSENT, ANOTHER, Compared
from gateway.ebms.model import UserMessage
from gateway.msh.journey import Trusted
from gateway.msh.steps.freshness import refuse_for_day
from gateway.msh.timekeeping import Timekeeping
from gateway.store.interface import Store
from gateway.traced import step
from pmodes.configuration import Configuration
from pmodes.match import check_sender, receiver_of
from pmodes.model import Leg, PMode
from pmodes.profiles import check_payload_profile, check_properties
from pmodes.term import local_day
from pmodes.texts import OTHER_VERSION
from xsd.catalogue import Catalogue
from xsd.message_type import MessageType


@step("route")
async def route(
    trusted: Trusted, message_type: MessageType, configuration: Configuration, store: Store, time: Timekeeping
) -> PMode:
    """The P-Mode of leg 2, whose organisation is the receiver; raises EBMS:0010 or EBMS:0003 where the message may not
    go. Whether it can go now is asked where it is sealed.
    """
    user_message, day = trusted.signed.user_message, local_day(time.now())
    try:
        check_sender(trusted.pmode, day)
    except ProcessingModeMismatch as refusal:
        check_sender(trusted.pmode, None)  # raises what no other day would change
        refuse_for_day(refusal, time)
    check_properties(trusted.pmode, user_message)
    check_payload_profile(trusted.pmode, user_message)
    try:
        receiver = receiver_of(configuration, user_message, message_type, day)
    except ProcessingModeMismatch as refusal:
        receiver_of(configuration, user_message, message_type, None)
        refuse_for_day(refusal, time)
    await _check_question(user_message, message_type, configuration.catalogue, store)
    return configuration.pmode(receiver, message_type, Leg.RECEIVING)


async def _check_question(
    user_message: UserMessage, message_type: MessageType, catalogue: Catalogue, store: Store
) -> None:
    reference = user_message.property(names.CROSS_REFERENCE)
    if reference is None:
        if message_type.answers_to and not message_type.question:
            raise ProcessingModeMismatch(
                texts.NO_QUESTION,
                "an answer without crossReference",
                compared=[Compared(what=f"eb:Property {names.CROSS_REFERENCE}", expected="present", found=ABSENT)],
            )
        return
    question = await store.find_question(
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
        asked = catalogue.find(question.service, question.action)
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
