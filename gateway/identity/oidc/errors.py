"""The words by which a provider says why there is no code or no token.

Clauses: RFC 6749 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6.

SECURITY: a word counts only where it is one of these, so that a log never holds what somebody else wrote. The sentence
that a provider may add to it (`error_description`) is not read.
"""

from __future__ import annotations

from typing import Final

from gateway.identity.login import LoginRefused
from gateway.identity.oidc.compact import read_object

ENDED_BY_THE_PERSON: Final = "access_denied"
_OF_A_RETURN: Final = frozenset(
    {
        ENDED_BY_THE_PERSON,
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_request",
        "invalid_request_object",
        "invalid_request_uri",
        "invalid_scope",
        "login_required",
        "registration_not_supported",
        "request_not_supported",
        "request_uri_not_supported",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_response_type",
    }
)
_OF_THE_TOKEN_ENDPOINT: Final = frozenset(
    {
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
_ANOTHER: Final = "for a reason that OAuth has no word for"


def why_no_code(word: str) -> str:
    """Why a browser came back without a code, for the log."""
    return word if word in _OF_A_RETURN else _ANOTHER


def why_no_token(octets: bytes) -> str:
    """Why the token endpoint declined, by the body of its answer, for the log."""
    try:
        word = read_object(octets, "the answer").get("error")
    except LoginRefused:
        word = None
    return word if isinstance(word, str) and word in _OF_THE_TOKEN_ENDPOINT else _ANOTHER
