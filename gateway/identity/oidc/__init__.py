"""Logins by OpenID Connect, as a relying party of the NL GOV profile sees them. Pure: keys, ids, time are arguments.

A login in five calls, in this order; whoever makes them remembers, sends and draws ids:

    authorization_request(us, provider, asked, *, state) -> AuthorizationRequest(url, fields)
        remember `asked` under the state and the browser's login cookie; the browser goes there with `fields`
    code_of(query, provider) -> code
        no open login under cookie and state: stop here, nothing is sent
    token_request(us, provider, asked, code, *, assertion_id, at) -> TokenRequest(url, octets)
        POST `octets` to `url` as FORM_TYPE; where it is declined, `why_no_token` has the word for the log
    read_token(octets) -> IdToken(text, algorithm, key_id)
        where no key is known by `key_id`, fetch `provider.keys_url` anew, not more often than now and then
    read(token, *, us, provider, keys, asked, now) -> Proven(login, assertion_id, remember_until)

Each raises `LoginRefused`, and nothing else of what came from outside. `keys` is what `read_keys` makes of the
provider's JWK Set; `our_keys` writes ours, for the provider.
"""

from gateway.identity.oidc.answer import read
from gateway.identity.oidc.errors import why_no_token
from gateway.identity.oidc.keys import MOST_KEYS_OCTETS, ProviderKeys, key_id_of, our_keys, read_keys
from gateway.identity.oidc.parties import BegunLogin, ClaimPaths, LoginClient, Provider, Registration
from gateway.identity.oidc.request import AuthorizationRequest, authorization_request
from gateway.identity.oidc.returning import code_of
from gateway.identity.oidc.token import MOST_ANSWER_OCTETS, IdToken, read_token
from gateway.identity.oidc.token_request import FORM_TYPE, TokenRequest, token_request

__all__ = [
    "FORM_TYPE",
    "MOST_ANSWER_OCTETS",
    "MOST_KEYS_OCTETS",
    "AuthorizationRequest",
    "BegunLogin",
    "ClaimPaths",
    "IdToken",
    "LoginClient",
    "Provider",
    "ProviderKeys",
    "Registration",
    "TokenRequest",
    "authorization_request",
    "code_of",
    "key_id_of",
    "our_keys",
    "read",
    "read_keys",
    "read_token",
    "token_request",
    "why_no_token",
]
