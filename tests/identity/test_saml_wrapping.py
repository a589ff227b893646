"""Signature wrapping over every golden answer: what stands in for the signed element is refused by a named check."""

from __future__ import annotations

import pytest
from support.identity.attacks import IDS, forged_assertion, refused_wrapped_answers, refused_wrapped_assertions
from support.identity.goldens import GOLDENS
from support.identity.logins import RESOLVE_ID, answer, refused
from support.identity.wrapping import SHAPES

from gateway.site.broker.answer import artifact_response, enveloped, response


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("golden", GOLDENS)
def test_an_assertion_that_stands_in_for_the_signed_one_is_refused_PO_05(golden: str, shape: str, ids: str) -> None:
    refused_wrapped_assertions(GOLDENS[golden](), shape, ids)


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("golden", GOLDENS)
def test_an_answer_that_stands_in_for_the_signed_one_is_refused_PO_05(golden: str, shape: str, ids: str) -> None:
    refused_wrapped_answers(GOLDENS[golden](), shape, ids)


def test_a_forged_assertion_without_a_signature_is_refused_though_the_answer_is_signed_PO_83() -> None:
    said = artifact_response(answer(), response(answer(), forged_assertion()), resolve_id=RESOLVE_ID)
    refused(enveloped(said), "signature")
