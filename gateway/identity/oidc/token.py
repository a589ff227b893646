"""The answer of the token endpoint, and the ID token in it up to its signature.

Clauses: OpenID Connect Core 3.1.3.3, RFC 7515 4 and 5.2, RFC 8725 3.

SECURITY: the algorithm is one of two by a list, the key is the provider's by its name. Nothing else in the header has
an effect, and nothing in the payload is looked at before the signature held. The access token is not read: nothing is
asked with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError

from gateway.identity.login import LoginRefused
from gateway.identity.oidc.compact import from_base64url, read_object
from gateway.identity.oidc.keys import ALGORITHMS, ProviderKeys
from gateway.limits import KIB

MOST_ANSWER_OCTETS: Final = 64 * KIB
_MOST_TOKEN_CHARACTERS: Final = 32 * KIB
_MOST_HEADER_CHARACTERS: Final = 2 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class IdToken:
    """An ID token that nobody has judged yet, and by which key and algorithm it says that it is signed."""

    text: str = field(repr=False)
    algorithm: str
    key_id: str


def read_token(octets: bytes) -> IdToken:
    """The ID token of a token answer; LoginRefused where there is none that could be judged."""
    if len(octets) > MOST_ANSWER_OCTETS:
        raise LoginRefused("document", f"the answer has more than {MOST_ANSWER_OCTETS} octets")
    answer = read_object(octets, "the answer")
    if str(answer.get("token_type")).lower() != "bearer":
        raise LoginRefused("document", "the answer has tokens of another type")
    text = answer.get("id_token")
    if not isinstance(text, str) or not text.isascii() or len(text) > _MOST_TOKEN_CHARACTERS or text.count(".") != 2:
        raise LoginRefused("document", "the answer has no signed ID token")
    head = text.partition(".")[0]
    if len(head) > _MOST_HEADER_CHARACTERS:
        raise LoginRefused("document", "the header of the token is too long")
    header = read_object(from_base64url(head, "the header of the token"), "the header of the token")
    algorithm, key_id = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise LoginRefused("signature", "the token is signed by an algorithm that is not taken")
    if not isinstance(key_id, str):
        raise LoginRefused("signature", "the token does not name its key")
    if "crit" in header or "b64" in header:
        raise LoginRefused("shape", "the token asks for more than is understood here")
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise LoginRefused("shape", "the token is of another kind than an ID token")
    return IdToken(text=text, algorithm=str(algorithm), key_id=key_id)


def verified(token: IdToken, keys: ProviderKeys) -> Mapping[str, Any]:
    """The claims that the provider signed; LoginRefused (`signature`)."""
    named = keys.get(token.key_id)
    if named is None:
        raise LoginRefused("signature", "no key of the provider has the name that the token gives")
    if named.algorithm not in (None, token.algorithm):
        raise LoginRefused("signature", "the key is for another algorithm")
    registry = jws.JWSRegistry(algorithms=[token.algorithm], strict_check_header=False)
    registry.max_header_length = _MOST_HEADER_CHARACTERS
    try:
        signed = jws.deserialize_compact(token.text, named.key, registry=registry)
    except (JoseError, ValueError, TypeError):
        raise LoginRefused("signature", "the signature does not hold") from None
    return read_object(signed.payload, "what the token says")
