"""Non-repudiation receipts: made from what was verified, read, and held against what was sent.

A receipt repeats every ds:Reference of the user message's ds:SignedInfo inside ebbp:MessagePartNRInformation, one each
(AS4 5.1.8 b). Who signed a receipt, and which message it is about, is left to the use case.

SECURITY: a receipt removes a message for good, so it has to repeat every digest and nothing else; there is one answer
for every way in which it does not (EBMS:0302).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from crypto import names as security_names
from crypto.canonical import read_prefix_list
from crypto.certificates import check_validity
from crypto.content_ids import content_id_of
from crypto.elements import Element, algorithm_of, base64_of, child_elements
from crypto.faults import FailedAuthentication as NotValid
from crypto.faults import PolicyNoncompliance, SecurityFault
from crypto.sign import Reference
from crypto.verify import Verified
from gateway.ebms import names
from gateway.ebms.errors import InvalidReceipt, error_for
from gateway.ebms.evidence import ABSENT, ANOTHER, Compared, evidence_of
from gateway.ebms.model import PartReference, Receipt, UserMessage

NON_REPUDIATION: Final = f"{{{names.EBBP}}}NonRepudiationInformation"
_MOST_DIGEST_CHARACTERS: Final = 256
_PART: Final = f"{{{names.EBBP}}}MessagePartNRInformation"


def part_references(verified: Iterable[Reference]) -> tuple[PartReference, ...]:
    """The verified references of a signature as a receipt repeats them, in the same order."""
    return tuple(
        PartReference(
            uri=each.uri,
            transforms=each.transforms,
            digest_method=each.digest_method,
            digest_value=each.digest_value,
            prefix_lists=each.prefix_lists if any(each.prefix_lists) else (),
        )
        for each in verified
    )


def receipt_for(
    user_message: UserMessage, references: Iterable[PartReference], *, message_id: str, timestamp: datetime
) -> Receipt:
    """The non-repudiation receipt for a message whose signature was verified; ValueError without references."""
    repeated = tuple(references)
    if not repeated:
        raise ValueError("a non-repudiation receipt repeats at least one reference")
    return Receipt(
        message_id=message_id,
        timestamp=timestamp,
        ref_to_message_id=user_message.message_id,
        references=repeated,
    )


def check_receipt(receipt: Receipt, sent: Sequence[PartReference]) -> None:
    """Hold a receipt against the references of the message as sent: the same parts and digests, each once.

    Transforms are not compared: equal digests leave nothing to them, and products copy them in different spellings.
    A reception-awareness receipt proves nothing and fails. Raises InvalidReceipt.
    """
    if not sent or not receipt.references:
        found = f"{len(receipt.references)} in the receipt, {len(sent)} in the message"
        raise InvalidReceipt(
            detail="the receipt or the sent message has no references",
            compared=[Compared(what="ds:Reference", expected="one at least", found=found)],
        )
    claimed, expected = (Counter(map(_repeated, references)) for references in (receipt.references, sent))
    if claimed != expected:
        missing, unknown = (expected - claimed).total(), (claimed - expected).total()
        raise InvalidReceipt(
            detail=f"the receipt lacks {missing} references and has {unknown} unknown ones",
            compared=tuple(_differences(receipt.references, sent, unknown=unknown)),
        )


def _repeated(reference: PartReference) -> tuple[tuple[bool, str], str, bytes]:
    return _named(reference.uri), reference.digest_method, reference.digest_value


def _differences(
    claimed: Sequence[PartReference], sent: Sequence[PartReference], *, unknown: int
) -> Iterator[Compared]:
    """Each reference as it was sent, by its place, that the receipt does not repeat; then how many nobody sent."""
    repeated, named = Counter(map(_repeated, claimed)), {_named(each.uri) for each in claimed}
    for place, reference in enumerate(sent, start=1):
        if repeated[_repeated(reference)] > 0:
            repeated[_repeated(reference)] -= 1
        else:
            what = (
                f"ds:Reference {place} of {len(sent)}, to {'a part' if content_id_of(reference.uri) else 'an element'}"
            )
            found = ANOTHER if _named(reference.uri) in named else ABSENT
            yield Compared(what=what, expected=f"its digest by {reference.digest_method}", found=found)
    if unknown:
        yield Compared(what="ds:Reference", expected="those of the message, each once", found=f"{unknown} besides")


def _named(uri: str) -> tuple[bool, str]:
    """What a URI names, in whatever spelling: the part of a Content-ID, or an element."""
    content_id = content_id_of(uri)
    return (False, uri) if content_id is None else (True, content_id)


def read_references(parent: Element) -> tuple[PartReference, ...]:
    """The references of an eb:Receipt; empty without NonRepudiationInformation, InvalidReceipt when one is odd."""
    information = list(parent.iterchildren(NON_REPUDIATION))
    if len(information) > 1:
        found = Compared(what="ebbp:NonRepudiationInformation", expected="one", found=str(len(information)))
        raise InvalidReceipt(detail="the receipt has more than one NonRepudiationInformation", compared=[found])
    try:
        return tuple(read_reference(_only_reference(part)) for each in information for part in child_elements(each))
    except SecurityFault as fault:
        raise InvalidReceipt(detail=fault.detail, compared=evidence_of(fault)) from None


def read_reference(reference: Element) -> PartReference:
    """One ds:Reference, of a receipt or of a ds:SignedInfo; a SecurityFault when it does not have its shape."""
    uri = reference.get("URI")
    children = child_elements(reference)
    transforms = child_elements(children.pop(0)) if children and children[0].tag == security_names.TRANSFORMS else []
    if uri is None or [each.tag for each in children] != [security_names.DIGEST_METHOD, security_names.DIGEST_VALUE]:
        raise SecurityFault("a Reference does not have its shape")
    prefix_lists = tuple(_prefixes(each) for each in transforms)
    return PartReference(
        uri=uri,
        transforms=tuple(algorithm_of(each) for each in transforms),
        digest_method=algorithm_of(children[0]),
        digest_value=base64_of(children[1], limit=_MOST_DIGEST_CHARACTERS, otherwise=PolicyNoncompliance),
        prefix_lists=prefix_lists if any(prefix_lists) else (),
    )


def _only_reference(part: Element) -> Element:
    """The ds:Reference of a MessagePartNRInformation; a MessagePartIdentifier is not allowed (AS4 5.1.8 b)."""
    children = child_elements(part)
    if part.tag != _PART or [each.tag for each in children] != [security_names.REFERENCE]:
        raise SecurityFault("MessagePartNRInformation does not hold exactly one Reference")
    return children[0]


def _prefixes(transform: Element) -> tuple[str, ...]:
    listed = transform.find(security_names.INCLUSIVE_NAMESPACES)
    return () if listed is None else read_prefix_list(listed)


def check_receipt_certificate(receipt: Receipt, verified: Verified, at: datetime) -> None:
    """EBMS:0101 unless the certificate of a receipt was valid when it was made, by its eb:Timestamp or its signed
    wsu:Timestamp, or is valid now.

    A receipt is bound by its digests and counts whenever it comes: that it is old, that its wsu:Expires has passed or
    that its certificate has ended since is no reason to refuse it. The signature was verified without judging the time.
    """
    objection = NotValid("")
    for moment in (receipt.timestamp, verified.lifetime.created, at):
        if moment is None:
            continue
        try:
            check_validity(verified.certificate, moment, verified.policy.terms)
        except NotValid as fault:
            objection = fault
        else:
            return
    raise error_for(objection)
