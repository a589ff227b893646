"""One login by OpenID Connect as every test has it: ourselves, a provider, a token, and the reading of it.

read(token())                   the login
read(token(acr=None))           LoginRefused; None leaves a claim out
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey
from support.identity.logins import issued

from crypto.keys import SigningKey
from gateway.identity import etoegang
from gateway.identity.login import LoginCheck, LoginKind, LoginRefused, Proven
from gateway.identity.oidc import (
    BegunLogin,
    ClaimPaths,
    LoginClient,
    Provider,
    ProviderKeys,
    Registration,
    key_id_of,
    read_keys,
    read_token,
)
from gateway.identity.oidc import read as read_login

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ISSUER = "https://broker.example/oidc"
USER, ADMINISTRATOR = "urn:knooppunt:user", "urn:knooppunt:administrator"
KVK_NUMBER = "12345678"
KVK = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
NL_KVK, NL_RSIN = "urn:nl-eid-gdi:1.0:id:KvKnr", "urn:nl-eid-gdi:1.0:id:RSIN"
PSEUDONYM = f"{'a1' * 32}@{'b2' * 16}"
LOA = "urn:etoegang:core:assurance-class:"
NONCE, VERIFIER = "n" * 43, "v" * 43
ASKED = BegunLogin(kind=LoginKind.USER, nonce=NONCE, verifier=VERIFIER, begun_at=AT)
BY_SUBJECT = ClaimPaths(pseudonym=("sub",))


@cache
def us() -> Registration:
    """The portal."""
    made = issued("login by oidc")
    return Registration(
        clients={
            LoginKind.USER: LoginClient(
                kind=LoginKind.USER, client_id=USER, redirect_uri="https://portaal.example/oidc/user/callback"
            ),
            LoginKind.ADMINISTRATOR: LoginClient(
                kind=LoginKind.ADMINISTRATOR,
                client_id=ADMINISTRATOR,
                redirect_uri="https://portaal.example/oidc/administrator/callback",
            ),
        },
        signer=SigningKey(private_key=made.private_key, certificate=made.certificate),
        key_id=key_id_of(made.certificate),
    )


def provider() -> Provider:
    """The broker as we know it."""
    return Provider(
        issuer=ISSUER,
        authorization_url=f"{ISSUER}/auth",
        token_url=f"{ISSUER}/token",
        keys_url=f"{ISSUER}/jwks",
        services=frozenset(LoginKind),
        levels=etoegang.LEVELS,
        audience=ISSUER,
    )


@cache
def signing_key(name: str = "one") -> RSAKey:
    """A key that the provider signs with."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, private=True)


def published(*keys: dict[str, Any]) -> ProviderKeys:
    """What we read of the keys that the provider publishes: these, or its own one."""
    listed = keys or (signing_key().as_dict(private=False),)
    return read_keys(json.dumps({"keys": listed}).encode())


def claims(**otherwise: Any) -> dict[str, Any]:
    """What the provider says, but for what is said otherwise; None leaves a claim out."""
    at = int(AT.timestamp())
    said = {
        "iss": ISSUER,
        "aud": USER,
        "sub": "subject-of-this-client",
        "nonce": NONCE,
        "iat": at,
        "exp": at + 300,
        "auth_time": at,
        "acr": f"{LOA}loa3",
        etoegang.LEGAL_SUBJECT: KVK_NUMBER,
        "namequalifier": KVK,
        etoegang.ACTING_SUBJECT: PSEUDONYM,
        **otherwise,
    }
    return {name: value for name, value in said.items() if value is not None}


def represented(*organisations: tuple[str, str], **otherwise: Any) -> dict[str, Any]:
    """Claims by `represents` alone, from the outermost to the deepest."""
    nested: dict[str, Any] | None = None
    for kind, number in reversed(organisations):
        inner = {} if nested is None else {"represents": nested}
        nested = {"sub": number, "iss": "urn:kvk", "sub_id_type": kind, **inner}
    without: dict[str, Any] = {etoegang.LEGAL_SUBJECT: None, "namequalifier": None, etoegang.ACTING_SUBJECT: None}
    return claims(**{**without, "represents": nested, **otherwise})


def signed(payload: dict[str, Any] | bytes, header: dict[str, Any] | None = None, key: Any = None) -> str:
    """These claims as the provider signs them."""
    octets = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    head = {"alg": "PS256", "kid": "one", **(header or {})}
    registry = jws.JWSRegistry(algorithms=[head["alg"]], strict_check_header=False)
    return jws.serialize_compact(head, octets, key or signing_key(), registry=registry)


def token(**otherwise: Any) -> str:
    """The token of those claims."""
    return signed(claims(**otherwise))


def answered(text: str) -> bytes:
    """The answer of the token endpoint with that ID token."""
    return json.dumps({"access_token": "opaque", "token_type": "Bearer", "id_token": text}).encode()


def read(text: str, *, paths: ClaimPaths | None = None, **otherwise: Any) -> Proven:
    """The login that a token comes to, by ourselves at `AT` unless it is said otherwise."""
    party = us() if paths is None else replace(us(), claims=paths)
    expected: dict[str, Any] = {
        "us": party, "provider": provider(), "keys": published(), "asked": ASKED, "now": AT, **otherwise,
    }  # fmt: skip
    return read_login(read_token(answered(text)), **expected)


def refused(text: str, check: LoginCheck, **otherwise: Any) -> LoginRefused:
    """The refusal of a token, which has to be by that check."""
    with pytest.raises(LoginRefused) as caught:
        read(text, **otherwise)
    assert caught.value.check == check, caught.value
    return caught.value
