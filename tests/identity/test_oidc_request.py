"""Beginning a login by OpenID Connect, coming back with a code, and asking for the token."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from joserfc import jwk, jwt
from support.identity.logins import issued
from support.identity.tokens import ADMINISTRATOR, ASKED, AT, ISSUER, NONCE, USER, provider, us

from gateway.identity.login import LoginCheck, LoginKind, LoginRefused
from gateway.identity.oidc import Registration, authorization_request, code_of, key_id_of, our_keys, token_request


def test_a_login_begins_by_code_with_pkce_state_and_nonce_PO_17() -> None:
    begun = authorization_request(us(), provider(), ASKED, state="handle")
    assert begun.url == f"{ISSUER}/auth"
    assert begun.fields == {
        "response_type": "code",
        "client_id": USER,
        "redirect_uri": "https://portaal.example/oidc/user/callback",
        "scope": "openid",
        "state": "handle",
        "nonce": NONCE,
        "code_challenge": "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM",
        "code_challenge_method": "S256",
        "prompt": "login",
        "max_age": "0",
    }


def test_the_challenge_is_that_of_the_standards_example() -> None:
    """RFC 7636, appendix B."""
    asked = replace(ASKED, verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    begun = authorization_request(us(), provider(), asked, state="handle")
    assert begun.fields["code_challenge"] == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_other_service_is_another_client_that_returns_to_another_address_PO_84() -> None:
    asked = replace(ASKED, kind=LoginKind.ADMINISTRATOR)
    fields = authorization_request(us(), provider(), asked, state="handle").fields
    assert fields["client_id"] == ADMINISTRATOR
    assert fields["redirect_uri"] == "https://portaal.example/oidc/administrator/callback"


def test_a_provider_that_may_not_vouch_for_a_service_is_not_asked_PO_84() -> None:
    narrow = replace(provider(), services=frozenset({LoginKind.USER}))
    with pytest.raises(LoginRefused, match="service"):
        authorization_request(us(), narrow, replace(ASKED, kind=LoginKind.ADMINISTRATOR), state="handle")


@pytest.mark.parametrize("same", ["client_id", "redirect_uri"])
def test_two_services_with_one_client_or_one_address_are_refused_PO_84(same: str) -> None:
    user = us().clients[LoginKind.USER]
    other = replace(us().clients[LoginKind.ADMINISTRATOR], **{same: getattr(user, same)})
    with pytest.raises(ValueError, match="of its own"):
        Registration(clients={user.kind: user, other.kind: other}, signer=us().signer, key_id="one")


def test_values_that_a_broker_wants_to_choose_by_go_along() -> None:
    chosen = replace(us(), acr_values=("idp:eherkenning", "loa3"))
    assert (
        authorization_request(chosen, provider(), ASKED, state="handle").fields["acr_values"] == "idp:eherkenning loa3"
    )


@pytest.mark.parametrize("verifier", ["v" * 42, "v" * 129, "v" * 42 + "+", ""])
def test_a_verifier_of_another_form_is_none(verifier: str) -> None:
    with pytest.raises(ValueError, match="verifier"):
        authorization_request(us(), provider(), replace(ASKED, verifier=verifier), state="handle")


# --- coming back --------------------------------------------------------------------------------------------------


def test_a_return_of_the_provider_has_a_code() -> None:
    assert code_of({"code": "abc", "iss": ISSUER, "state": "handle"}, provider()) == "abc"


@pytest.mark.parametrize(
    ("query", "check"),
    [
        ({"code": "abc"}, "source"),
        ({"code": "abc", "iss": f"{ISSUER}/"}, "source"),
        ({"error": "access_denied", "iss": "https://other.example"}, "source"),
        ({"error": "server_error", "iss": ISSUER, "code": "abc"}, "status"),
        ({"iss": ISSUER}, "response"),
        ({"iss": ISSUER, "code": ""}, "response"),
        ({"iss": ISSUER, "code": "c" * 2049}, "response"),
        ({"iss": ISSUER, "code": "a\nb"}, "response"),
    ],
)
def test_a_return_without_issuer_or_code_is_refused_PO_17(query: dict[str, str], check: LoginCheck) -> None:
    with pytest.raises(LoginRefused) as caught:
        code_of(query, provider())
    assert (caught.value.check, caught.value.is_cancelled) == (check, False)


@pytest.mark.parametrize(
    ("word", "why"), [("unauthorized_client", "unauthorized_client"), ("who is somebody-of-255", "no word")]
)
def test_a_refusal_at_the_provider_is_told_by_oauths_word_and_by_nothing_else_that_came(word: str, why: str) -> None:
    with pytest.raises(LoginRefused, match=why) as caught:
        code_of({"error": word, "error_description": "somebody-of-255", "iss": ISSUER}, provider())
    assert "somebody" not in caught.value.detail


def test_whoever_ends_the_login_at_the_provider_did_nothing_wrong() -> None:
    with pytest.raises(LoginRefused) as caught:
        code_of({"error": "access_denied", "iss": ISSUER}, provider())
    assert caught.value.is_cancelled


# --- the token ----------------------------------------------------------------------------------------------------


def test_the_token_is_asked_for_with_verifier_and_a_signed_assertion_PO_17() -> None:
    asked = token_request(us(), provider(), ASKED, "a code+&", assertion_id="once", at=AT)
    assert asked.url == f"{ISSUER}/token"
    fields = {name: value for name, (value,) in parse_qs(asked.octets.decode(), strict_parsing=True).items()}
    assertion = jwt.decode(
        fields.pop("client_assertion"), jwk.KeySet.import_key_set(_published()), algorithms=["RS256"]
    )
    assert fields == {
        "grant_type": "authorization_code",
        "code": "a code+&",
        "redirect_uri": us().clients[LoginKind.USER].redirect_uri,
        "code_verifier": ASKED.verifier,
        "client_id": USER,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    at = int(AT.timestamp())
    assert assertion.claims == {"iss": USER, "sub": USER, "aud": ISSUER, "jti": "once", "iat": at, "exp": at + 60}


def test_our_key_has_its_thumbprint_as_its_name() -> None:
    """As the library makes it, which is not ours."""
    (published,) = jwk.KeySet.import_key_set(_published()).keys
    assert published.kid == published.thumbprint() == key_id_of(issued("login by oidc").certificate)


def test_what_a_token_request_prints_as_holds_no_secret() -> None:
    asked = token_request(us(), provider(), ASKED, "secret-code", assertion_id="once", at=AT)
    assert "secret-code" not in repr(asked)
    assert ASKED.verifier not in repr(ASKED)


def _published() -> jwk.KeySetSerialization:
    found: jwk.KeySetSerialization = json.loads(our_keys((issued("login by oidc").certificate,)))
    return found
