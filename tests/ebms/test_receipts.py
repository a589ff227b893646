"""Receipts: what they repeat, and that nothing but a full repetition is accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.keys.pki import NOW
from support.messages.units import RECEIPT, REFERENCES, USER_MESSAGE, references, user_message

from crypto import names as security_names
from crypto.signed_info import VerifiedReference
from gateway.ebms.errors import InvalidReceipt
from gateway.ebms.model import PartReference, Receipt
from gateway.ebms.receipts import check_receipt, part_references, receipt_for

FIRST, SECOND, THIRD = REFERENCES
SENT = st.lists(references(), min_size=1, max_size=5)


def receipt(*repeated: PartReference) -> Receipt:
    return replace(RECEIPT, references=repeated)


def test_a_receipt_repeats_every_reference_in_its_order_and_names_the_message() -> None:  # R02
    made = receipt_for(USER_MESSAGE, REFERENCES, message_id="receipt@hub", timestamp=NOW)

    assert made == Receipt(
        message_id="receipt@hub", timestamp=NOW, ref_to_message_id=USER_MESSAGE.message_id, references=REFERENCES
    )


def test_a_receipt_that_would_repeat_nothing_is_not_made() -> None:
    with pytest.raises(ValueError, match="at least one"):
        receipt_for(USER_MESSAGE, (), message_id="receipt@hub", timestamp=NOW)


@given(
    st.lists(references(), min_size=1, max_size=5).flatmap(lambda sent: st.tuples(st.just(sent), st.permutations(sent)))
)
def test_every_full_repetition_is_accepted_in_any_order(
    sent_and_repeated: tuple[list[PartReference], list[PartReference]],
) -> None:
    sent, repeated = sent_and_repeated

    check_receipt(receipt(*repeated), sent)


@pytest.mark.parametrize(
    "repeated",
    [
        pytest.param((), id="R10 none"),
        pytest.param((FIRST, SECOND), id="R10 one missing"),
        pytest.param((FIRST, SECOND, SECOND), id="R10 one missing, another twice"),
        pytest.param((*REFERENCES, FIRST), id="one twice"),
        pytest.param((*REFERENCES, replace(FIRST, uri="cid:other")), id="one unknown"),
        pytest.param((FIRST, SECOND, replace(THIRD, digest_value=bytes(32))), id="R09 digest"),
        pytest.param((FIRST, SECOND, replace(THIRD, digest_value=b"")), id="R09 no digest"),
        pytest.param((FIRST, SECOND, replace(THIRD, digest_method=security_names.SHA512)), id="R09 digest method"),
        pytest.param((FIRST, SECOND, replace(THIRD, uri="cid:other")), id="R09 URI"),
        pytest.param(
            (replace(FIRST, digest_value=SECOND.digest_value), replace(SECOND, digest_value=FIRST.digest_value), THIRD),
            id="digests swapped",
        ),
    ],
)
def test_anything_but_a_full_repetition_is_an_invalid_receipt(repeated: tuple[PartReference, ...]) -> None:
    with pytest.raises(InvalidReceipt):
        check_receipt(receipt(*repeated), REFERENCES)


def test_transforms_are_not_compared() -> None:
    check_receipt(receipt(replace(FIRST, transforms=(), prefix_lists=()), SECOND, THIRD), REFERENCES)


def test_a_reception_awareness_receipt_does_not_stand_for_a_non_repudiation_receipt() -> None:  # R07
    with pytest.raises(InvalidReceipt):
        check_receipt(replace(RECEIPT, references=(), user_message=user_message()), REFERENCES)


def test_nothing_is_a_receipt_for_a_message_that_signed_nothing() -> None:
    with pytest.raises(InvalidReceipt):
        check_receipt(receipt(), ())


@given(references())
def test_verified_references_become_those_of_a_receipt(reference: PartReference) -> None:
    verified = VerifiedReference(
        uri=reference.uri,
        transforms=reference.transforms,
        prefix_lists=reference.prefix_lists or ((),) * len(reference.transforms),
        digest_method=reference.digest_method,
        digest_value=reference.digest_value,
    )

    assert part_references([verified]) == (reference,)
