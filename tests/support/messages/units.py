"""Message units for tests: one of each kind, ids that count, and hypothesis strategies for every kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

from hypothesis import strategies as st
from support.keys.pki import NOW

from crypto import names as security_names
from gateway.ebms import names
from gateway.ebms.model import (
    AgreementRef,
    ErrorEntry,
    ErrorSignal,
    Messaging,
    PartInfo,
    PartReference,
    Party,
    PartyId,
    Property,
    PullRequest,
    Receipt,
    Service,
    UserMessage,
)
from gateway.ebms.write import write_body, write_envelope, write_messaging

CONTENT_ID = "saldo@sender.example"
PART = PartInfo(
    href=f"cid:{CONTENT_ID}",
    properties=(
        Property(name=names.MIME_TYPE, value="application/xml"),
        Property(name=names.COMPRESSION_TYPE, value=names.GZIP),
    ),
)
USER_MESSAGE = UserMessage(
    message_id="one@sender.example",
    timestamp=NOW,
    from_party=Party(party_ids=(PartyId(value="00000001000000001000", type=names.OIN_TYPE),), role=names.INITIATOR),
    to_party=Party(party_ids=(PartyId(value="00000004000000009000", type=names.OIN_TYPE),), role=names.RESPONDER),
    service=Service(value="urn:knooppunt:Saldo:1.0"),
    action="Saldoverzoek",
    conversation_id="dossier-1",
    properties=(Property(name=names.TRACKING_IDENTIFIER, value="ref-1"),),
    parts=(PART,),
)
PULL_REQUEST = PullRequest(message_id="pull@receiver.example", timestamp=NOW, mpc="urn:knooppunt:mpc:1")
REFERENCES = (
    PartReference(
        uri="#messaging-1",
        transforms=(security_names.EXC_C14N,),
        digest_method=security_names.SHA256,
        digest_value=bytes(32),
        prefix_lists=(("S12", "eb"),),
    ),
    PartReference(
        uri="#body-2",
        transforms=(security_names.EXC_C14N,),
        digest_method=security_names.SHA256,
        digest_value=bytes(range(32)),
    ),
    PartReference(
        uri=f"cid:{CONTENT_ID}",
        transforms=(security_names.ATTACHMENT_CONTENT_TRANSFORM,),
        digest_method=security_names.SHA256,
        digest_value=bytes(reversed(range(32))),
    ),
)
RECEIPT = Receipt(
    message_id="receipt@receiver.example",
    timestamp=NOW,
    ref_to_message_id=USER_MESSAGE.message_id,
    references=REFERENCES,
)
ERROR = ErrorSignal(
    message_id="error@receiver.example",
    timestamp=NOW,
    ref_to_message_id=USER_MESSAGE.message_id,
    errors=(ErrorEntry(code="EBMS:0010", severity="failure", description="No.", language="en"),),
)


def user_message(**changes: Any) -> UserMessage:
    """The ordinary user message, changed."""
    return replace(USER_MESSAGE, **changes)


def part(href: str | None, **properties: str) -> PartInfo:
    """A part with these properties."""
    return PartInfo(href=href, properties=tuple(Property(name=name, value=properties[name]) for name in properties))


def envelope(messaging: Messaging) -> bytes:
    """The octets of an unsigned envelope."""
    return write_envelope(write_messaging(messaging, "messaging-1"), write_body("body-2"))


# Strategies. Strings of the schema's xs:token hold no blanks at the ends and none twice; others hold any character of
# XML but control characters besides line feed and tab.
_CHARACTERS = st.characters(exclude_categories=("Cs", "Cc", "Cn"), include_characters="\n\t")
STRINGS = st.text(_CHARACTERS, min_size=1, max_size=20)
TOKENS = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zs", "Zl", "Zp")), min_size=1, max_size=8), max_size=3
).map(" ".join)
FILLED_TOKENS = TOKENS.filter(bool)
# The wire has milliseconds.
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))
PROPERTIES = st.lists(st.builds(Property, name=STRINGS, value=STRINGS, type=st.none() | STRINGS), max_size=3).map(tuple)
PARTIES = st.builds(
    Party,
    party_ids=st.lists(st.builds(PartyId, value=STRINGS, type=st.none() | STRINGS), min_size=1, max_size=2).map(tuple),
    role=STRINGS,
)
USER_MESSAGES = st.builds(
    UserMessage,
    message_id=STRINGS,
    timestamp=MOMENTS,
    from_party=PARTIES,
    to_party=PARTIES,
    service=st.builds(Service, value=STRINGS, type=st.none() | STRINGS),
    action=TOKENS,
    conversation_id=TOKENS,
    mpc=st.none() | TOKENS,
    ref_to_message_id=st.none() | STRINGS,
    agreement_ref=st.none()
    | st.builds(AgreementRef, value=STRINGS, type=st.none() | STRINGS, pmode=st.none() | STRINGS),
    properties=PROPERTIES,
    parts=st.lists(st.builds(PartInfo, href=st.none() | TOKENS, properties=PROPERTIES), max_size=3).map(tuple),
)
PULL_REQUESTS = st.builds(
    PullRequest, message_id=STRINGS, timestamp=MOMENTS, mpc=st.none() | TOKENS, selection=st.just(())
)
_PREFIXES = st.lists(st.sampled_from(("S12", "eb", "wsu", "#default")), max_size=3).map(tuple)


@st.composite
def references(draw: st.DrawFn) -> PartReference:
    """A reference with a list of prefixes for each transform, or with none."""
    transforms = draw(st.lists(STRINGS, min_size=1, max_size=2).map(tuple))
    lists = draw(st.tuples(*[_PREFIXES] * len(transforms)))
    return PartReference(
        uri=draw(STRINGS),
        transforms=transforms,
        digest_method=draw(STRINGS),
        digest_value=draw(st.binary(max_size=64)),
        prefix_lists=lists if any(lists) else (),
    )


RECEIPTS = st.builds(
    Receipt,
    message_id=STRINGS,
    timestamp=MOMENTS,
    ref_to_message_id=st.none() | STRINGS,
    references=st.lists(references(), min_size=1, max_size=4).map(tuple),
)
AWARENESS_RECEIPTS = st.builds(
    Receipt,
    message_id=STRINGS,
    timestamp=MOMENTS,
    ref_to_message_id=st.none() | STRINGS,
    references=st.just(()),
    user_message=USER_MESSAGES,
)


@st.composite
def error_entries(draw: st.DrawFn) -> ErrorEntry:
    """An error with a described language, or with neither."""
    described = draw(st.booleans())
    return ErrorEntry(
        code=draw(FILLED_TOKENS),
        severity=draw(FILLED_TOKENS),
        short_description=draw(st.none() | TOKENS),
        category=draw(st.none() | TOKENS),
        origin=draw(st.none() | TOKENS),
        ref_to_message_in_error=draw(st.none() | TOKENS),
        description=draw(STRINGS) if described else None,
        language=draw(st.sampled_from(("nl", "en", "fr-BE"))) if described else None,
        detail=draw(st.none() | TOKENS),
    )


ERROR_SIGNALS = st.builds(
    ErrorSignal,
    message_id=STRINGS,
    timestamp=MOMENTS,
    ref_to_message_id=st.none() | STRINGS,
    errors=st.lists(error_entries(), min_size=1, max_size=3).map(tuple),
)


@st.composite
def messagings(draw: st.DrawFn) -> Messaging:
    """One unit of each kind at most, and several Errors, of which the first stands apart."""
    errors = draw(st.lists(ERROR_SIGNALS, max_size=3))
    return Messaging(
        user_message=draw(st.none() | USER_MESSAGES),
        pull_request=draw(st.none() | PULL_REQUESTS),
        receipt=draw(st.none() | RECEIPTS | AWARENESS_RECEIPTS),
        error=errors[0] if errors else None,
        further_errors=tuple(errors[1:]),
    )


MESSAGINGS = messagings()
