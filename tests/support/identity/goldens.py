"""Answers that are right, each made by another hand, as octets: what attacks and alterations start from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from support.identity.logins import RESOLVE_ID, answer, given

from gateway.site.broker.answer import artifact_response, assertion, enveloped, placeholder, response
from gateway.site.broker.sealing import sign


@cache
def of_signxml() -> bytes:
    """As the mock broker gives it."""
    return given(answer())


@cache
def without_advice() -> bytes:
    """Nothing but what is needed."""
    return given(answer(advice=()))


@cache
def with_signed_response() -> bytes:
    """The Response has a signature of its own as well."""
    said = answer()
    outer = response(said, assertion(said))
    outer.insert(1, placeholder())
    return enveloped(artifact_response(said, sign(outer, said.key), resolve_id=RESOLVE_ID))


GOLDENS: Final[Mapping[str, Callable[[], bytes]]] = {
    "signxml": of_signxml,
    "without advice": without_advice,
    "with a signed Response": with_signed_response,
}
