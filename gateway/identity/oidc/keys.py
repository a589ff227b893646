"""The keys of a provider, as it publishes them (a JWK Set, RFC 7517), and ours as we do.

SECURITY: a key that a token itself names or carries is never used. Of what a provider publishes only RSA keys for
signatures count, of 2048 bits at least, and each by the name that it alone has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from gateway.identity.login import LoginRefused
from gateway.identity.oidc.compact import base64url, from_base64url, read_object, written
from gateway.limits import KIB

MOST_KEYS_OCTETS: Final = 64 * KIB
ALGORITHMS: Final = frozenset({"PS256", "RS256"})
_LEAST_BITS: Final = 2048
_MOST_BITS: Final = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderKey:
    """One key, and the only algorithm that it is for, if the provider says one."""

    key: RSAKey = field(repr=False)
    algorithm: str | None


ProviderKeys = Mapping[str, ProviderKey]


def read_keys(octets: bytes) -> ProviderKeys:
    """The keys by their names; LoginRefused (`source`) where these octets are no JWK Set."""
    if len(octets) > MOST_KEYS_OCTETS:
        raise LoginRefused("source", f"the keys have more than {MOST_KEYS_OCTETS} octets")
    listed = read_object(octets, "what the provider has as its keys", check="source").get("keys")
    if not isinstance(listed, list):
        raise LoginRefused("source", "what the provider has as its keys is no JWK Set")
    found: dict[str, ProviderKey] = {}
    for each in listed:
        if not isinstance(each, dict) or not _is_for_signatures(each):
            continue
        if each["kid"] in found:
            raise LoginRefused("source", "two keys of the provider have one name")
        if (key := _key_of(each)) is not None:
            found[each["kid"]] = ProviderKey(key=key, algorithm=each.get("alg"))
    return found


def _is_for_signatures(jwk: Mapping[str, Any]) -> bool:
    return (
        jwk.get("kty") == "RSA"
        and jwk.get("use", "sig") == "sig"
        and (jwk.get("alg") is None or jwk["alg"] in ALGORITHMS)
        and isinstance(jwk.get("kid"), str)
    )


def _key_of(jwk: Mapping[str, Any]) -> RSAKey | None:
    """The public half; None where it is none, or shorter or longer than a key may be."""
    try:
        modulus = int.from_bytes(from_base64url(jwk["n"], "a key"), "big")
        if not _LEAST_BITS <= modulus.bit_length() <= _MOST_BITS:
            return None
        return RSAKey.import_key({name: jwk[name] for name in ("kty", "n", "e")})
    except (JoseError, LoginRefused, KeyError, TypeError, ValueError):
        return None


def key_id_of(certificate: x509.Certificate) -> str:
    """What our keys are called: their thumbprint (RFC 7638)."""
    return base64url(sha256(written(_public(certificate))).digest())


def our_keys(certificates: tuple[x509.Certificate, ...]) -> bytes:
    """Our keys as a provider reads them."""
    listed = [{**_public(each), "kid": key_id_of(each), "use": "sig", "alg": "RS256"} for each in certificates]
    return written({"keys": listed})


def _public(certificate: x509.Certificate) -> dict[str, str]:
    """The members of RFC 7638 3.2, in their order; ValueError where the key is no RSA key."""
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("a client assertion is signed with an RSA key")
    numbers = key.public_numbers()
    e, n = (number.to_bytes((number.bit_length() + 7) // 8, "big") for number in (numbers.e, numbers.n))
    return {"e": base64url(e), "kty": "RSA", "n": base64url(n)}
