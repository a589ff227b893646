"""What an ID token comes to, and what refuses it: each claim and each part of its form wrong by itself."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey
from support.identity.tokens import (
    ADMINISTRATOR,
    ASKED,
    AT,
    ISSUER,
    KVK_NUMBER,
    LOA,
    NONCE,
    PSEUDONYM,
    USER,
    answered,
    claims,
    provider,
    published,
    read,
    refused,
    signed,
    signing_key,
    token,
)

from gateway.identity import etoegang
from gateway.identity.login import Level, LoginCheck, LoginKind, LoginRefused, OrganisationNumber
from gateway.identity.oidc import read_keys, read_token

SECOND = timedelta(seconds=1)
NOW = int(AT.timestamp())


def test_a_token_that_every_check_holds_for_is_a_login_PO_17() -> None:
    proven = read(token())
    assert proven.login.kind is LoginKind.USER
    assert proven.login.issuer == ISSUER
    assert proven.login.organisation == OrganisationNumber(kind="KVK", value=KVK_NUMBER)
    assert proven.login.pseudonym == PSEUDONYM
    assert (proven.login.branch, proven.login.intermediary) == (None, None)
    assert (proven.login.level, proven.login.at) == (Level.LOA3, AT)
    assert proven.assertion_id == NONCE
    assert proven.remember_until == AT + timedelta(minutes=11)


# --- signature ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
def test_two_algorithms_are_taken_PO_17(algorithm: str) -> None:
    assert read(signed(claims(), {"alg": algorithm})).login.kind is LoginKind.USER


@pytest.mark.parametrize("algorithm", ["RS512", "PS384", "RS384", "PS512"])
def test_no_other_algorithm_is_taken_though_its_signature_holds_PO_17(algorithm: str) -> None:
    refused(signed(claims(), {"alg": algorithm}), "signature")


def test_a_token_without_signature_is_refused_PO_17() -> None:
    head, body, _ = signed(claims()).split(".")
    refused(f"{_b64(json.dumps({'alg': 'none', 'kid': 'one'}).encode())}.{body}.", "signature")
    refused(f"{head}.{body}.", "signature")


def test_a_public_key_is_no_secret_that_signs_PO_17() -> None:
    """HS256 under the octets of the provider's public key, which everybody has."""
    public = signing_key().as_pem(private=False)
    head, body = _b64(json.dumps({"alg": "HS256", "kid": "one"}).encode()), signed(claims()).split(".")[1]
    registry = jws.JWSRegistry(algorithms=["HS256"])
    mac = jws.serialize_compact(
        {"alg": "HS256", "kid": "one"}, json.dumps(claims()), OctKey.import_key(_b64(public)), registry=registry
    )
    refused(mac, "signature")
    refused(f"{head}.{body}.{mac.rpartition('.')[2]}", "signature")


@pytest.mark.parametrize("key_id", ["two", "", "one "])
def test_a_key_of_another_name_is_refused_PO_17(key_id: str) -> None:
    refused(signed(claims(), {"kid": key_id}), "signature")


def test_a_token_that_does_not_name_its_key_is_refused_PO_17() -> None:
    registry = jws.JWSRegistry(algorithms=["PS256"])
    refused(
        jws.serialize_compact({"alg": "PS256"}, json.dumps(claims()), signing_key(), registry=registry), "signature"
    )


def test_a_key_that_the_token_itself_brings_is_not_used_PO_17() -> None:
    own = signing_key("foreign")
    brought = {"jwk": own.as_dict(private=False), "jku": f"{ISSUER}/jwks"}
    refused(signed(claims(), {"kid": "one", **brought}, key=own), "signature")


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_part_of_another_token_does_not_fit_PO_17(part: int) -> None:
    parts, others = signed(claims()).split("."), signed(claims(acr=f"{LOA}loa4"), {"typ": "JWT"}).split(".")
    parts[part] = others[part]
    refused(".".join(parts), "signature")


def test_a_key_for_one_algorithm_verifies_no_other() -> None:
    keys = published({**signing_key().as_dict(private=False), "alg": "PS256"})
    assert read(signed(claims()), keys=keys).login.level is Level.LOA3
    refused(signed(claims(), {"alg": "RS256"}), "signature", keys=keys)


@pytest.mark.parametrize("header", [{"typ": "logout+jwt"}, {"typ": "at+jwt"}])
def test_a_token_of_another_kind_is_no_id_token(header: dict[str, Any]) -> None:
    refused(signed(claims(), header), "shape")


def test_what_a_header_says_is_critical_is_refused() -> None:
    head = _b64(json.dumps({"alg": "PS256", "kid": "one", "crit": ["exp"], "exp": 1}).encode())
    refused(f"{head}.{signed(claims()).partition('.')[2]}", "shape")


# --- the keys of the provider -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "otherwise",
    [{"use": "enc"}, {"kty": "EC"}, {"alg": "RS512"}, {"alg": "RSA-OAEP"}, {"kid": 1}, {"n": "AQAB"}, {"e": None}],
)
def test_a_key_that_is_not_for_these_signatures_is_none(otherwise: dict[str, Any]) -> None:
    assert published({**signing_key().as_dict(private=False), **otherwise}) == {}


def test_a_key_of_less_than_2048_bits_is_none() -> None:
    with pytest.warns(match="2048 bits"):
        short = RSAKey.generate_key(1024, {"kid": "one"}, private=True)
    assert published(short.as_dict(private=False)) == {}


def test_two_keys_of_one_name_are_refused() -> None:
    both = [signing_key().as_dict(private=False), {**signing_key("two").as_dict(private=False), "kid": "one"}]
    with pytest.raises(LoginRefused, match="one name"):
        published(*both)


@pytest.mark.parametrize(
    "octets", [b"", b"[]", b'{"keys":1}', b'{"keys":[],"keys":[]}', b"<html>", b'"' + b" " * 70_000]
)
def test_what_is_no_set_of_keys_is_refused(octets: bytes) -> None:
    with pytest.raises(LoginRefused) as caught:
        read_keys(octets)
    assert caught.value.check == "source"


# --- whom it is from and for, and when ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("otherwise", "check"),
    [
        ({"iss": f"{ISSUER}/"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"iss": [ISSUER]}, "issuer"),
        ({"aud": "another"}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": [USER, "another"]}, "audience"),
        ({"aud": [USER, "another"], "azp": USER}, "audience"),
        ({"aud": []}, "audience"),
        ({"azp": "another"}, "audience"),
        ({"nonce": "another"}, "request"),
        ({"nonce": None}, "request"),
        ({"nonce": 1}, "request"),
        ({"nonce": "\ud800"}, "request"),
    ],
)
def test_each_party_that_is_another_refuses_the_login_PO_17(otherwise: dict[str, Any], check: LoginCheck) -> None:
    refused(token(**otherwise), check)


def test_an_audience_may_stand_in_a_list_and_azp_may_say_it_again_PO_17() -> None:
    assert read(token(aud=[USER], azp=USER)).login.kind is LoginKind.USER


def test_a_token_of_one_client_is_nothing_at_the_other_PO_84() -> None:
    asked = replace(ASKED, kind=LoginKind.ADMINISTRATOR)
    refused(token(), "audience", asked=asked)
    assert read(token(aud=ADMINISTRATOR), asked=asked).login.kind is LoginKind.ADMINISTRATOR


def test_a_provider_vouches_for_its_own_services_and_levels_alone_PO_84() -> None:
    narrow = replace(provider(), services=frozenset({LoginKind.USER}))
    refused(token(aud=ADMINISTRATOR), "service", asked=replace(ASKED, kind=LoginKind.ADMINISTRATOR), provider=narrow)
    lower = replace(provider(), levels={f"{LOA}loa3": Level.LOA3})
    refused(token(acr=f"{LOA}loa4"), "level", provider=lower)


@pytest.mark.parametrize(
    ("otherwise", "check"),
    [
        ({"exp": NOW - 59}, None),
        ({"exp": NOW - 60}, "time"),
        ({"exp": None}, "time"),
        ({"exp": "never"}, "time"),
        ({"exp": True}, "time"),
        ({"exp": 1e300}, "time"),
        ({"iat": NOW + 60}, None),
        ({"iat": NOW + 61}, "time"),
        ({"iat": NOW - 60}, None),
        ({"iat": NOW - 61}, "time"),
        ({"iat": None}, "time"),
        ({"nbf": NOW + 60}, None),
        ({"nbf": NOW + 61}, "time"),
        ({"auth_time": NOW - 60}, None),
        ({"auth_time": NOW - 61}, "time"),
        ({"auth_time": NOW + 61}, "time"),
        ({"auth_time": None}, "time"),
    ],
)
def test_times_have_a_minute_of_skew_PO_17(otherwise: dict[str, Any], check: LoginCheck | None) -> None:
    if check is None:
        assert read(token(**otherwise)).login.at <= AT
    else:
        refused(token(**otherwise), check)


def test_a_login_that_was_begun_ten_minutes_ago_is_over_PO_17() -> None:
    late = token(iat=NOW, exp=NOW + 3600)
    assert read(late, now=AT + timedelta(minutes=10)).login.at == AT
    refused(late, "request", now=AT + timedelta(minutes=10) + SECOND)


@pytest.mark.parametrize(
    "level", [f"{LOA}loa1", f"{LOA}loa2plus", "loa3", f"{LOA}LOA3", f"{LOA}loa5", "", None, 3, [f"{LOA}loa3"]]
)
def test_a_level_below_the_third_or_none_that_is_known_or_none_at_all_is_refused_PO_17(level: Any) -> None:
    refused(token(acr=level), "level")


def test_a_level_above_the_third_is_let_in_PO_17() -> None:
    assert read(token(acr=f"{LOA}loa4")).login.level is Level.LOA4


# --- what is no token ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"[]",
        b"<html>",
        b'{"error":"invalid_grant"}',
        b'{"token_type":"Bearer"}',
        b'{"token_type":"mac","id_token":"a.b.c"}',
        b'{"token_type":"Bearer","id_token":"a.b"}',
        b'{"token_type":"Bearer","id_token":"a.b.c.d.e"}',
        b'{"token_type":"Bearer","id_token":"a=.b.c"}',
        b'{"token_type":"Bearer","id_token":1}',
        b'{"token_type":"Bearer","id_token":"a.b.c","id_token":"a.b.c"}',
        b"[" * 100_000,
        b'{"token_type":"Bearer","id_token":"' + b"a" * 40_000 + b'.b.c"}',
    ],
)
def test_an_answer_without_a_signed_token_is_refused(octets: bytes) -> None:
    with pytest.raises(LoginRefused) as caught:
        read_token(octets)
    assert caught.value.check == "document"


def test_an_answer_that_is_too_long_or_of_another_type_is_refused_though_its_token_holds() -> None:
    right = json.loads(answered(token()))
    assert read_token(json.dumps(right).encode()).key_id == "one"
    for otherwise in ({"more": "m" * 70_000}, {"token_type": "mac"}, {"token_type": None}):
        with pytest.raises(LoginRefused) as caught:
            read_token(json.dumps({**right, **otherwise}).encode())
        assert caught.value.check == "document"


@pytest.mark.parametrize(
    ("header", "check"),
    [({"kid": 1}, "signature"), ({"kid": ["one"]}, "signature"), ({"more": "m" * 2_000}, "document")],
)
def test_a_header_of_another_form_is_refused_before_a_key_is_looked_for(
    header: dict[str, Any], check: LoginCheck
) -> None:
    head = _b64(json.dumps({"alg": "PS256", "kid": "one", **header}).encode())
    with pytest.raises(LoginRefused) as caught:
        read_token(answered(f"{head}.{token().partition('.')[2]}"))
    assert caught.value.check == check


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps).map(str.encode)
)
def test_whatever_comes_is_a_token_or_a_refusal(octets: bytes) -> None:
    for answer in (octets, answered(f"{_b64(octets)}.{_b64(octets)}.{_b64(octets)}")):
        with pytest.raises(LoginRefused):
            read_token(answer)


@given(
    st.dictionaries(
        st.sampled_from([*claims(), "represents", "azp", "nbf", "sub_id_type", etoegang.BRANCH]),
        st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["sub", "iss", "represents"]), inner),
            max_leaves=5,
        ),
        min_size=1,
    )
)
def test_whatever_is_signed_is_a_login_or_a_refusal(otherwise: dict[str, Any]) -> None:
    with suppress(LoginRefused):
        assert read(token(**otherwise)).login.issuer == ISSUER


@pytest.mark.parametrize("payload", [b"[]", b"", b'{"iss":"a","iss":"b"}', b'{"exp":NaN}', b"\xff"])
def test_a_signed_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    refused(signed(payload), "document")


def _b64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
