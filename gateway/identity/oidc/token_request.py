"""Asking for the token: a code, the verifier that it is bound to, and an assertion signed with our own key.

No secret is shared with a provider (private_key_jwt). The assertion is made anew for each request, says whom it is for
and ends a minute later. It is signed by RS256 through the seam behind which our private keys stand. Clauses: OpenID
Connect Core 3.1.3.1 and 9, RFC 7523 3, RFC 7636 4.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from crypto.names import RSA_SHA256
from crypto.signature_algorithms import SIGNATURES
from gateway.identity.oidc.compact import base64url, written
from gateway.identity.oidc.parties import BegunLogin, Provider, Registration

FORM_TYPE: Final = "application/x-www-form-urlencoded"
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_HOLDS: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What is posted where, as FORM_TYPE."""

    url: str
    octets: bytes = field(repr=False)


def token_request(
    us: Registration, provider: Provider, asked: BegunLogin, code: str, *, assertion_id: str, at: datetime
) -> TokenRequest:
    """The request for the token of that login; `assertion_id` was never used before."""
    client = us.clients[asked.kind]
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": asked.verifier,
        "client_id": client.client_id,
        "client_assertion_type": _ASSERTION_TYPE,
        "client_assertion": client_assertion(us, provider, client.client_id, assertion_id=assertion_id, at=at),
    }
    return TokenRequest(url=provider.token_url, octets=urlencode(fields).encode("ascii"))


def client_assertion(us: Registration, provider: Provider, client_id: str, *, assertion_id: str, at: datetime) -> str:
    """That it is this client which asks, now and there."""
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": provider.audience,
        "jti": assertion_id,
        "iat": int(at.timestamp()),
        "exp": int((at + _ASSERTION_HOLDS).timestamp()),
    }
    header = {"alg": "RS256", "kid": us.key_id, "typ": "JWT"}
    signed = f"{base64url(written(header))}.{base64url(written(claims))}"
    return f"{signed}.{base64url(us.signer.sign(SIGNATURES[RSA_SHA256], signed.encode('ascii')))}"
