"""Whom a token names: by claims at places of a setting, and by `represents`."""

from __future__ import annotations

from typing import Any

import pytest
from support.identity.tokens import (
    BY_SUBJECT,
    KVK_NUMBER,
    NL_KVK,
    NL_RSIN,
    PSEUDONYM,
    claims,
    read,
    refused,
    represented,
    signed,
    token,
)

from gateway.identity import etoegang
from gateway.identity.login import OrganisationNumber
from gateway.identity.oidc import ClaimPaths

CHAIN = "urn:etoegang:1.13:IntermediateEntityID:KvKnr"


def test_who_is_represented_is_the_organisation_PO_17() -> None:
    login = read(signed(represented((NL_RSIN, "123456789"))), paths=BY_SUBJECT).login
    assert login.organisation == OrganisationNumber(kind="RSIN", value="123456789")
    assert (login.pseudonym, login.intermediary) == ("subject-of-this-client", None)


def test_of_two_the_deepest_is_represented_and_the_other_acts_for_it_PO_17() -> None:
    login = read(signed(represented((NL_KVK, "87654321"), (NL_KVK, KVK_NUMBER))), paths=BY_SUBJECT).login
    assert login.organisation.value == KVK_NUMBER
    assert login.intermediary == "87654321"


@pytest.mark.parametrize(
    "organisations",
    [
        ((NL_KVK, "87654321"), (NL_KVK, "11223344"), (NL_KVK, KVK_NUMBER)),
        ((NL_RSIN, "123456789"), (NL_KVK, KVK_NUMBER)),
        ((NL_KVK, "1234567"),),
        (("urn:nl-eid-gdi:1.0:id:BSN", "123456782"),),
        (("", KVK_NUMBER),),
    ],
)
def test_a_chain_that_nobody_here_knows_is_refused_PO_17(organisations: tuple[tuple[str, str], ...]) -> None:
    refused(signed(represented(*organisations)), "identity", paths=BY_SUBJECT)


@pytest.mark.parametrize(
    "said", ["12345678", [], {}, {"sub": KVK_NUMBER, "sub_id_type": NL_KVK}, {"iss": "a", "sub": KVK_NUMBER}]
)
def test_a_representation_that_lacks_something_is_refused_PO_17(said: Any) -> None:
    refused(signed(represented(represents=said)), "identity", paths=BY_SUBJECT)


def test_represents_counts_besides_the_claims_and_has_to_agree_with_them_PO_17() -> None:
    said = {"sub": KVK_NUMBER, "iss": "urn:kvk", "sub_id_type": NL_KVK}
    assert read(token(represents=said)).login.organisation.value == KVK_NUMBER
    refused(token(represents={**said, "sub": "87654321"}), "identity")


def test_claims_stand_where_the_setting_says() -> None:
    paths = ClaimPaths(
        organisation=("company", "id"), organisation_kind=("company", "kind"), pseudonym=("person",), branch=("branch",)
    )
    company = {"id": KVK_NUMBER, "kind": NL_KVK}
    login = read(token(company=company, person="somebody", branch="000012345678"), paths=paths).login
    assert (login.organisation.value, login.pseudonym, login.branch) == (KVK_NUMBER, "somebody", "000012345678")
    for none in ("the id of nobody", ["id"], None, 1):
        refused(token(company=none, person="somebody"), "identity", paths=paths)


@pytest.mark.parametrize(
    "otherwise",
    [
        {etoegang.LEGAL_SUBJECT: None},
        {etoegang.LEGAL_SUBJECT: "1234567"},
        {etoegang.LEGAL_SUBJECT: [KVK_NUMBER]},
        {etoegang.LEGAL_SUBJECT: int(KVK_NUMBER)},
        {"namequalifier": None},
        {"namequalifier": "urn:etoegang:1.9:EntityConcernedID:Pseudo"},
        {etoegang.ACTING_SUBJECT: None},
        {etoegang.ACTING_SUBJECT: "short"},
        {etoegang.ACTING_SUBJECT: "with blanks in it"},
        {"sub": None},
        {"sub": ""},
        {"sub": "s" * 257},
    ],
)
def test_each_thing_that_names_somebody_has_to_be_there_and_of_its_form(otherwise: dict[str, Any]) -> None:
    refused(token(**otherwise), "identity")


@pytest.mark.parametrize(
    "number", [KVK_NUMBER, "123456782", "1234.56.782", "urn:nl-eid-gdi:1.0:id:BSN:123456782", "1234 5678"]
)
@pytest.mark.parametrize("claim", ["sub", etoegang.ACTING_SUBJECT])
def test_no_person_is_named_by_the_number_of_an_organisation_or_a_citizen_PO_17(claim: str, number: str) -> None:
    refused(token(**{claim: number}), "identity")


@pytest.mark.parametrize("kind", [NL_KVK, NL_RSIN, "urn:nl-eid-gdi:1.0:id:BSN", "urn:nl-eid-gdi:1.0:id:legacy-BSN"])
def test_no_subject_is_of_the_kind_of_such_a_number_PO_17(kind: str) -> None:
    refused(token(sub_id_type=kind), "identity")


def test_a_mandate_for_one_branch_says_so() -> None:
    assert read(token(**{etoegang.BRANCH: "000012345678"})).login.branch == "000012345678"


@pytest.mark.parametrize(
    "otherwise",
    [
        {etoegang.BRANCH: "12345678"},
        {etoegang.BRANCH: ["000012345678"]},
        {"urn:etoegang:1.9:ServiceRestriction:Other": "x"},
        {"urn:etoegang:1.13:ServiceRestriction": "x"},
    ],
)
def test_a_restriction_that_nobody_here_knows_is_refused(otherwise: dict[str, Any]) -> None:
    refused(token(**otherwise), "identity")


def test_an_intermediary_in_a_claim_is_told() -> None:
    login = read(token(**{CHAIN: "87654321"})).login
    assert (login.organisation.value, login.intermediary, login.pseudonym) == (KVK_NUMBER, "87654321", PSEUDONYM)


@pytest.mark.parametrize(
    "otherwise",
    [
        {CHAIN: "8765432"},
        {"urn:etoegang:1.13:IntermediateEntityID:RSIN": "123456789"},
        {CHAIN: "87654321", "urn:etoegang:1.9:IntermediateEntityID:KvKnr": "87654321"},
    ],
)
def test_an_intermediary_that_nobody_here_knows_is_refused(otherwise: dict[str, Any]) -> None:
    refused(token(**otherwise), "identity")


def test_no_refusal_holds_a_value_of_the_token() -> None:
    secret = "somebodys-name-of-255"
    for name in (*claims(), "represents", etoegang.BRANCH):
        found = signed(claims(**{name: [secret]}))
        check = {"iss": "issuer", "aud": "audience", "nonce": "request", "acr": "level"}.get(name, "identity")
        check = "time" if name in {"iat", "exp", "auth_time"} else check
        assert secret not in str(refused(found, check))  # type: ignore[arg-type]
