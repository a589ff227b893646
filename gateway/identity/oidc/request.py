"""Beginning a login: the authorization request, as the fields of a form that takes a browser to the provider.

By GET: not every provider takes POST, and no field is a secret.

The code flow and nothing else, with PKCE by S256; the person is asked anew, and the token has to say when. Clauses:
OpenID Connect Core 3.1.2.1, RFC 7636 4.2 and 4.3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from gateway.identity.login import LoginRefused
from gateway.identity.oidc.compact import base64url
from gateway.identity.oidc.parties import BegunLogin, Provider, Registration

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 4.1


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """Where the browser goes with which fields."""

    url: str
    fields: Mapping[str, str]


def authorization_request(
    us: Registration, provider: Provider, asked: BegunLogin, *, state: str
) -> AuthorizationRequest:
    """A login of that kind. `state` is a handle without meaning, which comes back as it is; ValueError where the
    verifier is none. LoginRefused (`service`) where that provider does not vouch for the service.
    """
    if not _VERIFIER.fullmatch(asked.verifier):
        raise ValueError("a code verifier has 43 to 128 unreserved characters")
    if asked.kind not in provider.services:
        raise LoginRefused("service", "the provider does not vouch for that service")
    client = us.clients[asked.kind]
    fields = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": "openid",
        "state": state,
        "nonce": asked.nonce,
        "code_challenge": base64url(sha256(asked.verifier.encode("ascii")).digest()),
        "code_challenge_method": "S256",
        "prompt": "login",
        "max_age": "0",
    }
    if us.acr_values:
        fields["acr_values"] = " ".join(us.acr_values)
    return AuthorizationRequest(url=provider.authorization_url, fields=fields)
