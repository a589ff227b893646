"""What an ID token comes to: the checks, in their order, and the login that is left when all held.

     1  document    size, JSON without doubles, one compact JWS              `token.py`, `read_token`
     2  signature   algorithm by a list, key by its name, nothing unsigned   `token.py`
     3  issuer      to the letter
     4  service     one that this provider may vouch for
     5  audience    the client that asked, and nobody besides; azp
     6  request     the nonce of this browser's open login, ten minutes old at most
     7  time        iat, exp, nbf, auth_time, with a minute of skew
     8  replay      the caller's: `Proven.assertion_id` until `Proven.remember_until`
     9  level       acr, by the list of what this provider may say
    10  identity    the organisation, the person, a branch, an intermediary

SECURITY: the token comes straight from the provider, over TLS, in answer to a code that came through a browser's hands.
Each check is made all the same, and none trusts that the others were.
"""

from __future__ import annotations

from datetime import datetime

from gateway.identity.login import MOST_OPEN, SKEW, Login, Proven
from gateway.identity.oidc import checks
from gateway.identity.oidc.identifying import identified
from gateway.identity.oidc.keys import ProviderKeys
from gateway.identity.oidc.parties import BegunLogin, Provider, Registration
from gateway.identity.oidc.token import IdToken, verified


def read(
    token: IdToken, *, us: Registration, provider: Provider, keys: ProviderKeys, asked: BegunLogin, now: datetime
) -> Proven:
    """The login that the token proves; LoginRefused, with the first check that did not hold."""
    claims = verified(token, keys)
    checks.issuer(claims, provider)
    checks.service(provider, asked)
    checks.audience(claims, us.clients[asked.kind])
    checks.request(claims, asked, now)
    authenticated_at = checks.times(claims, asked, now)
    level = checks.level(claims, provider, us.required)
    identity = identified(claims, us.claims)
    return Proven(
        login=Login(
            kind=asked.kind,
            issuer=provider.issuer,
            organisation=identity.organisation,
            branch=identity.branch,
            intermediary=identity.intermediary,
            pseudonym=identity.pseudonym,
            level=level,
            at=authenticated_at,
        ),
        assertion_id=asked.nonce,
        remember_until=asked.begun_at + MOST_OPEN + SKEW,
    )
