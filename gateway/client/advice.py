"""What to do about an answer that was not the wished one: which setting of participant.yaml is likely to be wrong, or
that none is.

An answer is sorted by kind and code already; here each is translated once, for push and pull, into a sentence that
names the setting, what it says now, and whom to ask. Only what no setting explains is the message's own fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime
from typing import Final

from cryptography.x509 import Certificate

from crypto.certificates import certificate_objection, thumbprint_sha256
from gateway.client.answers import AnswerKind
from gateway.client.connection_advice import about_connection
from gateway.client.http_advice import about_http
from gateway.client.participant import Participant
from gateway.ebms import texts
from gateway.ebms.model import ErrorEntry
from gateway.ebms.party_ids import mailbox_mpc
from gateway.ebms.text import Phrase, Text
from pmodes.texts import (
    CALLED_FROM_ELSEWHERE,
    OTHER_VERSION,
    PART_COMPRESSED,
    PART_MISSING,
    PART_OF_OTHER_TYPE,
    PART_TOO_LARGE,
    PARTS_TOO_MANY,
    SUSPENDED,
    TYPE_NOT_RECEIVED,
    TYPE_NOT_SENT,
    VERSION_ENDED,
    VERSION_NOT_ACTIVE,
    VERSION_NOT_YET,
)

# Why a pulled message is not for us, in words that the advice below knows again.
FROM_ANOTHER: Final = "the message is from another party than the hub"
TO_ANOTHER: Final = "the message is to another party"
FOR_ANOTHER: Final = "the final recipient is another party"
IN_THE_NAME_OF: Final = "signed the proof of origin in the name of"
WHEN_ACCEPTED: Final = "when the hub accepted the message"
# A pull that finds nothing right after one that failed says that the mailbox is empty.
COMES_AGAIN: Final = (
    "; a message that the hub gave and that did not arrive comes again when its lease is over, after a quarter of an"
    " hour if nothing else was agreed, and until then the mailbox may seem empty"
)
PAUSE: Final = (
    "a pause that grows with each refusal: 1, 5 and 30 minutes, then 2 hours each, if nothing else was agreed"
)
_ANY_WAIT_SECONDS: Final = 999_999_999  # 31 years
_TAKEN: Final = ", under another MessageId, for the hub accepted the first"
_CHANGED: Final = "the digest of "  # how a fault begins that was found after the signature's own value held


class WrongSetting(Exception):
    """A setting that can be seen to be wrong before anything is sent; the text names it and says what to do, and has
    both apart.
    """

    def __init__(self, sentence: str, next_step: str) -> None:
        super().__init__(f"{sentence}; {next_step}")
        self.sentence = sentence
        self.next_step = next_step


def check_own_certificate(participant: Participant, at: datetime) -> None:
    """Raise `WrongSetting` when nobody would believe a signature by the own key now."""
    certificate = participant.signing_key.certificate
    objection = certificate_objection(certificate, at, usage="signing")
    if objection is not None:
        raise WrongSetting(
            f"`signing` in participant.yaml: {objection} ({_about(certificate)})",
            "put a valid one there that the hub has registered for you",
        )


def check_hub_encryption(participant: Participant, at: datetime) -> None:
    """Raise `WrongSetting` when nothing may be encrypted to the hub's certificate now."""
    certificate = participant.hub_encryption
    objection = certificate_objection(certificate, at, usage="encryption")
    if objection is not None:
        raise WrongSetting(
            f"`hub.encryption` in participant.yaml: {objection} ({_about(certificate)})",
            "ask the hub for its certificate of today",
        )


def advise(
    kind: AnswerKind | None,
    errors: Sequence[ErrorEntry],
    note: str,
    participant: Participant,
    *,
    at: datetime,
    pulling: bool,
    retry_after_seconds: float | None = None,
    status: int | None = None,
    is_about: bool = True,
) -> str:
    """One sentence or two for whoever has to go on; empty where there is nothing to say beside the error itself.

    A failure that is not about what was sent (`is_about`) blames a setting at most: nothing is known of the message.
    """
    if kind is AnswerKind.FAILURE and not is_about:
        found = next((_SETTINGS[each.code] for each in errors if each.code in _SETTINGS), None)
        return "" if found is None else found(participant, pulling)
    if kind is AnswerKind.FAILURE:
        if any(each.description in _OUT_OF_TIME for each in errors):
            return _about_clock(at, pulling)
        said = [each.description or "" for each in errors]
        named = next((found for phrases, found in _SENTENCES if _is_said(phrases, said)), None)
        if named is not None:
            return named(participant, pulling)
        codes = [each.code for each in errors]
        found = next((_CODES[code] for code in codes if code in _CODES), None)
        return "" if found is None else found(participant, pulling)
    if kind is AnswerKind.UNTRUSTED and note.startswith(_CHANGED):
        return (
            "the hub signed this answer, and it was changed on the way: no setting is wrong, but something between you"
            " and the hub rewrites what passes; find that proxy"
        )
    if kind is AnswerKind.UNTRUSTED:
        return _about_hub_signing(participant, at)
    if kind is AnswerKind.FULL and not pulling:
        return (
            "the receiver has to pull first, and nothing is lost: the message waits in the outbox. If it goes on, tell"
            " the receiver or the hub's operator"
        )
    if kind is AnswerKind.OVERLOAD:
        return _about_later(retry_after_seconds, at, pulling)
    if kind in (AnswerKind.UNREACHABLE, AnswerKind.BROKEN_OFF):
        return about_connection(note, participant, was_open=kind is AnswerKind.BROKEN_OFF)
    if kind is AnswerKind.RECEIPT and not pulling:
        return _about_a_receipt(participant)
    return "" if kind is None else about_http(kind, status, note, participant)


def _is_said(phrases: Sequence[Phrase | Text], said: Sequence[str]) -> bool:
    return any(phrase.is_said_in(each) for phrase in phrases for each in said)


def advise_not_taken(errors: Sequence[ErrorEntry], note: str, participant: Participant) -> str:
    """About a message that was pulled and does not hold."""
    if note == FROM_ANOTHER:
        return (
            f"`hub.party` in participant.yaml ({participant.hub_party.value}): the hub signs as another party; ask it"
            " for its party id"
        )
    if note in (TO_ANOTHER, FOR_ANOTHER):
        return (
            f"`party` in participant.yaml ({', '.join(each.value for each in participant.party_ids)}): what lies in"
            " this mailbox is for another party; name every party id of your own"
        )
    if IN_THE_NAME_OF in note:
        return (
            "ask the party that is named as sender whether the one that signed acts for it, and if so add the"
            " certificate under that name in `senders` too; `origin: reported` takes such messages and tells of it"
        )
    if WHEN_ACCEPTED in note:
        return (
            "ask the hub's operator why the message was taken with that certificate, and the sender to send the content"
            " as a new message, signed by one that is good; `origin: reported` takes such messages and tells of it"
        )
    if "`senders`" in note:
        return (
            "ask that party for its signing certificate of today and add it under `senders`; `origin: reported` takes"
            " such messages and tells of it"
        )
    if any(each.code == "EBMS:0102" for each in errors):
        return (
            "`decryption` in participant.yaml: the message is sealed to a certificate whose key is not there; keep an"
            " old key until nothing waits under it, and see that the hub has your newest certificate"
        )
    if _is_said([texts.PROOF_OF_ORIGIN], [each.description or "" for each in errors]):
        return (
            "no setting is wrong: show this to the hub's operator, for what it gives is not what the sender signed, and"
            f" ask the sender to send the content again as a new message{_TAKEN}"
        )
    return (
        "tell the hub's operator or the sender what is wrong with it: it stays in the mailbox until its term is over,"
        f" and the sender has to make a new message of what it still wants to say{_TAKEN}"
    )


def advise_held_back(codes: Set[str], participant: Participant) -> str:
    """About messages that were refused in an earlier pull and lie in the mailbox still, of whose faults the codes are
    known alone.
    """
    settings = ["`hub.party`, `party` and `mpc`"] if "EBMS:0003" in codes else []
    if "EBMS:0102" in codes:
        settings.append("`decryption` (is the key there to which the hub seals?)")
    if participant.origin_required and "EBMS:0103" in codes:
        settings.append("`senders` and `origin: required` (is the sender's certificate of today there?)")
    about = (
        f"look at {'; '.join(settings)} in participant.yaml" if settings else "tell the hub's operator or the sender"
    )
    return f"messages that did not hold lie in the mailbox still: {about}; the hub offers them again after {PAUSE}"


def _about(certificate: Certificate) -> str:
    ends = certificate.not_valid_after_utc.strftime("%Y-%m-%d %H:%M:%SZ")
    begins = certificate.not_valid_before_utc.strftime("%Y-%m-%d %H:%M:%SZ")
    return f"SHA-256 {thumbprint_sha256(certificate).hex()}, valid from {begins} to {ends}"


def _about_signing(participant: Participant, pulling: bool) -> str:
    derived = participant.mpc == mailbox_mpc(participant.base, participant.party)
    source = " (made of `base` and `party`)" if derived else ""
    mailbox = f", with the mailbox `mpc` {participant.mpc}{source}" if pulling else ""
    return (
        f"`signing` in participant.yaml: has the hub registered this certificate for `party` {participant.party}"
        f"{mailbox}, and is it not another organisation's? ({_about(participant.signing_key.certificate)})"
    )


def _about_hub_encryption(participant: Participant, _pulling: bool) -> str:
    return (
        "`hub.encryption` in participant.yaml: the hub could not open what was encrypted to this certificate"
        f" ({_about(participant.hub_encryption)}); ask the hub for its certificate of today"
    )


def _about_suite(participant: Participant, _pulling: bool) -> str:
    return (
        f"`suite` ({participant.suite.name}) or `key_reference` ({participant.key_reference}) in participant.yaml: what"
        " was agreed with the hub?"
    )


def _about_processing_mode(participant: Participant, pulling: bool) -> str:
    if pulling:
        return _about_signing(participant, pulling)
    agreement = "none" if participant.agreement_ref is None else participant.agreement_ref.value
    return (
        f"has the hub registered you, the receiver and the module version for each other? In participant.yaml: `party`"
        f" {participant.party}, `hub.party` {participant.hub_party.value}, `agreement` {agreement}, `base`"
        f" {participant.base}"
    )


def _about_the_type(participant: Participant, _pulling: bool) -> str:
    roles = ", ".join(participant.roles) or "none"
    return (
        "ask the hub's operator for which roles and module versions you and the receiver are registered; `roles` in"
        f" participant.yaml says: {roles}"
    )


def _about_the_days(_participant: Participant, _pulling: bool) -> str:
    return "send it in a module version that is active for you today, or ask the hub's operator for other days"


def _about_the_address(_participant: Participant, _pulling: bool) -> str:
    return (
        "from which addresses did you agree with the hub's operator to call? Call from one of them, or have the address"
        " of this machine, as the internet sees it, added to them"
    )


def _about_suspension(_participant: Participant, _pulling: bool) -> str:
    return "ask the hub's operator why you are suspended and until when; then do the same again"


def _about_the_parts(_participant: Participant, _pulling: bool) -> str:
    return "look at `--attach` and `--type-of-attachment`: which documents, of which MIME type, go with this message?"


def _about_the_version(_participant: Participant, _pulling: bool) -> str:
    return "make the answer in the module version of its question, and push that"


def _about_the_question(_participant: Participant, _pulling: bool) -> str:
    return (
        "does the crossReference of the message name a question that this party got, and is its receiver who asked?"
        " `knooppunt schema sample --answering QUESTION` takes both over"
    )


def _about_hub_signing(participant: Participant, at: datetime) -> str:
    held = "; ".join(_about(each) for each in participant.hub_signing)
    objections = [certificate_objection(each, at, usage="signing") for each in participant.hub_signing]
    why = "the answer is not signed by a certificate there"
    if all(objections):
        why = "no certificate there can be believed: " + "; ".join(dict.fromkeys(each for each in objections if each))
    return (
        f"`hub.signing` in participant.yaml: {why} ({held}); ask the hub for its certificate of today. If that is the"
        " same one, somebody else answers in the hub's place"
    )


def _about_a_receipt(participant: Participant) -> str:
    """A receipt that the hub signed and that does not hold against what was sent (EBMS:0302)."""
    digests = (
        ""
        if participant.awareness_receipts
        else (
            ". If it repeats no digests at all, as some hubs do by agreement, `receipts: awareness` in participant.yaml"
            " takes it"
        )
    )
    return (
        "the hub signed a receipt, and not for the octets that were sent: it may have got others, or be at fault"
        " itself. Do not make the message anew; show this, with the MessageId, to the hub's operator, who can see"
        f" which digests it received{digests}"
    )


def _about_clock(at: datetime, pulling: bool) -> str:
    again = "pull again" if pulling else "push it again, which makes the message anew"
    return (
        f"the clock of this machine says {at:%Y-%m-%d %H:%M:%SZ}, and the hub's another time: set it right, then"
        f" {again}. If it is right, tell the hub's operator"
    )


def _about_later(retry_after_seconds: float | None, at: datetime, pulling: bool) -> str:
    named = retry_after_seconds is not None and retry_after_seconds >= 1  # a moment that is over says nothing
    when = ""
    if named and retry_after_seconds:
        within = "" if retry_after_seconds > _ANY_WAIT_SECONDS else "in "
        when = f" {within}{wish_said(retry_after_seconds)} (Retry-After)"
    kept = "" if pulling else ", and nothing is lost: the message waits in the outbox"
    return (
        f"the hub is there and asks to come back later{when}; it refuses nothing{kept}. If it goes on: is the clock of"
        f" this machine right ({at:%Y-%m-%d %H:%M:%SZ})? Else ask the hub's operator"
    )


def seconds_said(seconds: float) -> str:
    """Whole seconds, as many as they are."""
    return "1 second" if round(seconds) == 1 else f"{seconds:.0f} seconds"


def wish_said(seconds: float) -> str:
    """The wish of a Retry-After as it was sent; one that nobody can grant has no number."""
    return "after longer than any wait" if seconds > _ANY_WAIT_SECONDS else seconds_said(seconds)


def _about_values(participant: Participant, pulling: bool) -> str:
    """A pull says two things that may contradict what the hub knows: a time and a mailbox."""
    if pulling:
        return f"is the clock of this machine right? Else: {_about_signing(participant, pulling)}"
    return _mend_the_message(participant, pulling)


def _mend_the_message(_participant: Participant, _pulling: bool) -> str:
    return "mend the message and push it again"


# A hub of another make says it in words of its own; they fall under their code.
_OUT_OF_TIME: Final = frozenset(
    sentence for each in (texts.NOT_FRESH, texts.SIGNAL_NOT_FRESH, texts.EXPIRED) for sentence in (each.en, each.nl)
)
# Where a sentence of the hub says more than its code; a hub of another make falls under the code again.
_SENTENCES: Final[Sequence[tuple[Sequence[Phrase | Text], Callable[[Participant, bool], str]]]] = (
    ((PARTS_TOO_MANY, PART_MISSING, PART_OF_OTHER_TYPE, PART_COMPRESSED, PART_TOO_LARGE), _about_the_parts),
    ((VERSION_NOT_ACTIVE, TYPE_NOT_SENT, TYPE_NOT_RECEIVED), _about_the_type),
    ((VERSION_NOT_YET, VERSION_ENDED), _about_the_days),
    ((SUSPENDED,), _about_suspension),
    ((CALLED_FROM_ELSEWHERE,), _about_the_address),
    ((OTHER_VERSION,), _about_the_version),
    ((texts.NO_QUESTION,), _about_the_question),
)
_SETTINGS: Final[Mapping[str, Callable[[Participant, bool], str]]] = {
    "EBMS:0101": _about_signing,
    "EBMS:0102": _about_hub_encryption,
    "EBMS:0103": _about_suite,
    "EBMS:0010": _about_processing_mode,
    "EBMS:0001": _about_processing_mode,
}
_CODES: Final[Mapping[str, Callable[[Participant, bool], str]]] = {
    **_SETTINGS,
    "EBMS:0003": _about_values,
    "EBMS:0004": _mend_the_message,
    "EBMS:0303": _mend_the_message,
}
