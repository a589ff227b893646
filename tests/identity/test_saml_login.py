"""What a login by SAML comes to, and what refuses it: each value of an answer wrong by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from support.identity.logins import (
    ASKED,
    AT,
    BROKER,
    ENTITY,
    KVK_NUMBER,
    RESOLVE_ID,
    SERVICES,
    WHO,
    answer,
    broker,
    broker_key,
    given,
    issued,
    logged_in,
    read,
    refused,
    unwrapper,
    us,
)

from crypto.login_decryption import key_name_of
from gateway.identity.login import Level, LoginCheck, LoginKind, OrganisationNumber
from gateway.site.broker import sealing
from gateway.site.broker.answer import artifact_response, assertion, enveloped, response
from gateway.site.broker.sealing import Recipient
from gateway.site.broker.values import KVK, LEVEL, PSEUDO, RSIN

SECOND = timedelta(seconds=1)


def recipient(entity_id: str, certificate: x509.Certificate, key_name: str | None = None) -> Recipient:
    return Recipient(entity_id=entity_id, key_name=key_name or key_name_of(certificate), certificate=certificate)


def test_an_answer_that_every_check_holds_for_is_a_login() -> None:
    proven = read(answer())
    assert proven.login.kind is LoginKind.USER
    assert proven.login.issuer == BROKER
    assert proven.login.organisation == OrganisationNumber(kind="KVK", value=KVK_NUMBER)
    assert proven.login.pseudonym == WHO.pseudonym
    assert (proven.login.branch, proven.login.intermediary) == (None, None)
    assert (proven.login.level, proven.login.at) == (Level.LOA3, AT)
    assert proven.assertion_id == answer().assertion_id
    assert proven.remember_until == AT + timedelta(minutes=3)


# --- level and service --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["loa1", "loa2", "loa2plus", "loa5", "LOA3", "", None])
def test_a_level_below_the_third_or_none_that_is_known_is_refused_PO_03(level: str | None) -> None:
    said = answer(level=None if level is None else f"{LEVEL}{level}")
    refused(said, "level")


def test_a_level_above_the_third_is_let_in_PO_03() -> None:
    assert read(answer(level=f"{LEVEL}loa4")).login.level is Level.LOA4


def test_the_kind_of_a_login_follows_from_the_service_that_the_mandate_is_for_PO_04() -> None:
    said = answer(replace(WHO, service=2))
    asked = replace(ASKED, kind=LoginKind.ADMINISTRATOR)
    assert read(said, asked=asked).login.kind is LoginKind.ADMINISTRATOR
    refused(said, "service")
    refused(answer(), "service", asked=asked)


@pytest.mark.parametrize(
    "otherwise",
    [
        {"service_uuid": SERVICES[LoginKind.ADMINISTRATOR].service_uuid},
        {"service_uuid": "6f4b0e0a-0000-4000-8000-000000000009"},
        {"service_uuid": SERVICES[LoginKind.USER].service_uuid.upper()},
        {"service_id": SERVICES[LoginKind.ADMINISTRATOR].service_id},
        {"service_id": "urn:etoegang:DV:00000099000000009000:services:9"},
    ],
)
def test_both_names_of_the_service_have_to_be_those_asked_for_PO_04(otherwise: dict[str, Any]) -> None:
    refused(answer(**otherwise), "service")


# --- whom it is from and for, and when ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("otherwise", "check"),
    [
        ({"audience": f"{ENTITY}0"}, "audience"),
        ({"recipient": "https://portaal.example/eherkenning/1.13/acs/"}, "recipient"),
        ({"destination": "https://other.example/eherkenning/1.13/acs"}, "destination"),
        ({"issuer": f"{BROKER}0"}, "issuer"),
        ({"request_id": "_another"}, "request"),
    ],
)
def test_each_party_that_is_another_refuses_the_login_PO_11(otherwise: dict[str, Any], check: LoginCheck) -> None:
    refused(answer(**otherwise), check)


@pytest.mark.parametrize(
    ("place", "otherwise", "check"),
    [
        ("response", {"issuer": f"{BROKER}0"}, "issuer"),
        ("response", {"request_id": "_another"}, "request"),
        ("assertion", {"issuer": f"{BROKER}0"}, "issuer"),
        ("assertion", {"request_id": "_another"}, "request"),
    ],
)
def test_what_stands_in_response_and_assertion_has_to_be_right_in_both_PO_11(
    place: str, otherwise: dict[str, Any], check: LoginCheck
) -> None:
    right, wrong = answer(), answer(**otherwise)
    inner = assertion(wrong if place == "assertion" else right)
    outer = response(wrong if place == "response" else right, inner)
    refused(enveloped(artifact_response(right, outer, resolve_id=RESOLVE_ID)), check)


def test_an_artifact_that_another_resolves_is_refused_PO_11() -> None:
    resolved = artifact_response(
        answer(issuer=f"{BROKER}0"), response(answer(), assertion(answer())), resolve_id=RESOLVE_ID
    )
    refused(enveloped(resolved), "issuer")


@pytest.mark.parametrize("seconds", [59, 61])
@pytest.mark.parametrize("name", ["not_before", "at", "authenticated_at", "not_on_or_after"])
def test_a_clock_may_be_a_minute_off_and_no_more_PO_11(name: str, seconds: int) -> None:
    off = seconds * SECOND
    said = answer(**{name: AT - off if name == "not_on_or_after" else AT + off})
    if seconds < 60:
        assert read(said).login.at <= AT
    else:
        refused(said, "time")


@pytest.mark.parametrize("name", ["at", "authenticated_at"])
def test_nothing_of_before_the_request_counts_for_the_person_is_to_be_asked_anew_PO_11(name: str) -> None:
    assert read(answer(**{name: AT - 59 * SECOND})).login.at <= AT
    refused(answer(**{name: AT - 61 * SECOND}), "time")


def test_an_assertion_that_counts_for_longer_than_a_login_takes_is_refused_PO_11() -> None:
    longest = timedelta(minutes=10, seconds=59)
    assert read(answer(not_on_or_after=AT + longest)).remember_until == AT + longest + timedelta(minutes=1)
    refused(answer(not_on_or_after=AT + longest + 2 * SECOND), "time")


def test_a_login_that_was_begun_more_than_ten_minutes_ago_is_over_PO_10() -> None:
    late = AT + timedelta(minutes=10)
    said = answer(at=late, authenticated_at=late, not_before=late, not_on_or_after=late + SECOND)
    assert read(said, now=late).login.at == late
    refused(said, "request", now=late + SECOND)


def test_the_answer_to_another_question_than_ours_is_refused_PO_10() -> None:
    refused(answer(), "response", resolve_id="_another")


def test_an_artifact_that_stands_for_nothing_any_more_is_refused_PO_10() -> None:
    nothing = enveloped(artifact_response(answer(), resolve_id=RESOLVE_ID))
    assert not refused(nothing, "response").is_cancelled
    failed = enveloped(artifact_response(answer(), resolve_id=RESOLVE_ID, status=("Requester",)))
    assert not refused(failed, "status").is_cancelled


# --- what the broker says of it -----------------------------------------------------------------------------------


def test_who_ends_the_login_at_the_broker_has_cancelled_it_PO_14() -> None:
    assert refused(answer(status=("Responder", "AuthnFailed")), "status").is_cancelled


@pytest.mark.parametrize(
    "status", [("Requester", "RequestUnsupported"), ("Responder", "UnknownPrincipal"), ("Responder",), ("Requester",)]
)
def test_every_other_status_is_a_refusal_and_no_cancellation_PO_14(status: tuple[str, ...]) -> None:
    assert not refused(answer(status=status), "status").is_cancelled


def test_nobody_cancels_a_login_who_does_not_sign_as_the_broker_PO_14() -> None:
    said = answer(status=("Responder", "AuthnFailed"), key=broker_key("means"))
    assert not refused(said, "signature").is_cancelled


def test_advice_is_let_through_and_says_nothing_PO_06() -> None:
    assert len(answer().advice) == 2
    with_advice, without = read(answer()), read(answer(advice=()))
    assert with_advice == without


def test_what_is_encrypted_in_advice_is_not_touched_PO_83() -> None:
    for_us = [replace(each, recipients=[recipient(ENTITY, unwrapper().certificate)]) for each in answer().advice]
    unreadable = [replace(each, legal=(("nothing", "0"),)) for each in for_us]
    assert read(answer(advice=unreadable)) == read(answer())


# --- which organisation, which person -----------------------------------------------------------------------------


def test_an_rsin_alone_is_an_organisation_too_PO_13() -> None:
    organisation = read(answer(legal=((RSIN, "123456782"),))).login.organisation
    assert organisation == OrganisationNumber(kind="RSIN", value="123456782")


@pytest.mark.parametrize(
    "otherwise",
    [
        {"legal": ((KVK, "12345678"), (KVK, "87654321"))},
        {"legal": ((KVK, "12345678"), (RSIN, "123456782"))},
        {"legal": ()},
        {"legal": ((KVK, "1234567"),)},
        {"legal": ((KVK, "١٢٣٤٥٦٧٨"),)},
        {"legal": ((RSIN, "12345678"),)},
        {"legal": (("urn:etoegang:1.9:EntityConcernedID:BSN", "123456782"),)},
        {"legal": (("", "12345678"),)},
        {"acting": (PSEUDO, "short")},
        {"acting": (PSEUDO, "with a blank in it")},
        {"acting": (KVK, "12345678")},
        {"branch": "12345678901"},
        {"branch": "12345678901a"},
        {"intermediary": "1234567"},
    ],
)
def test_a_number_that_is_not_of_its_form_or_stands_there_twice_is_refused_PO_13(otherwise: dict[str, Any]) -> None:
    refused(answer(**otherwise), "identity")


def test_a_branch_and_an_intermediary_are_told_PO_13() -> None:
    login = read(answer(branch="000012345678", intermediary="87654321")).login
    assert (login.branch, login.intermediary) == ("000012345678", "87654321")


# --- opening ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cipher", sealing.CIPHERS)
@pytest.mark.parametrize("transport", [sealing.OAEP_SHA1, sealing.OAEP_SHA256])
def test_every_cipher_that_brokers_use_is_opened_PO_12(cipher: str, transport: str) -> None:
    assert read(answer(cipher=cipher, transport=transport)) == read(answer())


def test_of_three_wrapped_keys_the_one_for_us_by_both_names_is_taken_PO_12() -> None:
    foreign, ours = issued("foreign", "encryption").certificate, unwrapper().certificate
    three = [recipient("urn:other", ours), recipient(ENTITY, foreign), recipient(ENTITY, ours)]
    assert read(answer(recipients=three)) == read(answer())


@pytest.mark.parametrize("hash_name", ["sha1", "sha256"])
def test_our_key_is_known_by_either_fingerprint_in_either_case_PO_12(hash_name: str) -> None:
    certificate = unwrapper().certificate
    algorithm = sealing.hashes.SHA1() if hash_name == "sha1" else sealing.hashes.SHA256()
    name = certificate.fingerprint(algorithm).hex().upper()
    assert read(answer(recipients=[recipient(ENTITY, certificate, name)])) == read(answer())


def test_during_a_rollover_the_key_before_opens_as_well_PO_12() -> None:
    both = replace(us(), unwrappers=(unwrapper("login decryption next"), unwrapper()))
    assert read(answer(), us=both) == read(answer())
    newer = recipient(ENTITY, unwrapper("login decryption next").certificate)
    assert read(answer(recipients=[newer]), us=both) == read(answer())


def test_whatever_does_not_open_is_refused_in_the_same_words_PO_12() -> None:
    ours, foreign = unwrapper().certificate, issued("foreign", "encryption").certificate
    cases = [
        answer(recipients=[recipient("urn:other", ours)]),
        answer(recipients=[recipient(ENTITY, ours, "another name")]),
        answer(recipients=[recipient(ENTITY, foreign, key_name_of(ours))]),
        answer(recipients=[recipient(ENTITY, foreign, key_name_of(ours))], cipher=f"{sealing.XENC11}aes256-gcm"),
        answer(recipients=[]),
    ]
    assert len({str(refused(each, "decryption")) for each in cases}) == 1


def test_a_login_of_before_a_rollover_of_the_brokers_key_is_read_by_either_PO_09() -> None:
    old, new = broker_key(), broker_key("broker next")
    for each in (old, new):
        assert logged_in(given(answer(key=each)), broker=broker(old, new)).login.issuer == BROKER


def test_a_key_that_is_not_in_the_brokers_metadata_signs_nothing_whatever_the_message_says_PO_09() -> None:
    refused(answer(key=broker_key("broker next")), "signature")


def test_the_key_of_a_broker_whose_certificate_is_over_signs_nothing_PO_09() -> None:
    short = broker_key("broker of ten days", days=10)
    refused(answer(key=short), "signature", broker=broker(short), now=AT + SECOND)
