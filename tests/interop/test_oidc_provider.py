"""Logins by a foreign OpenID provider: what it makes is read; what was changed on the way is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from interop.oidc_peer import OidcPeer, on_the_way, registration
from support.identity.tokens import BY_SUBJECT, KVK, KVK_NUMBER, LOA, NL_KVK, PSEUDONYM

from gateway.identity import etoegang
from gateway.identity.login import Level, LoginCheck, LoginKind, LoginRefused
from gateway.net.fetching import NotFetched

pytestmark = pytest.mark.interop

WHO = {
    "sub": "somebody",
    etoegang.LEGAL_SUBJECT: KVK_NUMBER,
    "namequalifier": KVK,
    etoegang.ACTING_SUBJECT: PSEUDONYM,
}
CHAIN = {
    "sub": "somebody-by-this-name",
    "represents": {
        "sub": "87654321",
        "iss": "urn:kvk",
        "sub_id_type": NL_KVK,
        "represents": {"sub": KVK_NUMBER, "iss": "urn:kvk", "sub_id_type": NL_KVK},
    },
}


@pytest.fixture(scope="module")
def peer(started: Callable[[Callable[[], OidcPeer]], OidcPeer]) -> Iterator[OidcPeer]:
    with started(OidcPeer) as running:
        yield running


@pytest.mark.parametrize("kind", LoginKind)
async def test_each_service_logs_in_by_its_own_client_and_algorithm_PO_17(peer: OidcPeer, kind: LoginKind) -> None:
    """The one client's tokens are signed by PS256, the other's by RS256."""
    async with on_the_way(peer, kind=kind) as way:
        login = await way.back(await way.there(WHO))
    assert (login.kind, login.issuer, login.level) == (kind, peer.issuer, Level.LOA3)
    assert (login.organisation.value, login.pseudonym) == (KVK_NUMBER, PSEUDONYM)


async def test_who_is_represented_two_deep_is_the_organisation_PO_17(peer: OidcPeer) -> None:
    async with on_the_way(peer, us=registration(BY_SUBJECT)) as way:
        login = await way.back(await way.there(CHAIN))
    assert (login.organisation.value, login.intermediary) == (KVK_NUMBER, "87654321")


@pytest.mark.parametrize("level", [None, f"{LOA}loa2"])
async def test_a_login_without_a_level_or_below_the_third_is_refused_PO_17(peer: OidcPeer, level: str | None) -> None:
    async with on_the_way(peer) as way:
        await refused(way, "level", await way.there(WHO, level))


@pytest.mark.parametrize("number", [KVK_NUMBER, "123456782"])
async def test_a_subject_that_is_a_number_of_an_organisation_or_citizen_is_refused_PO_17(
    peer: OidcPeer, number: str
) -> None:
    async with on_the_way(peer) as way:
        await refused(way, "identity", await way.there({**WHO, "sub": number}))


async def test_a_nonce_that_was_changed_on_the_way_is_refused_PO_17(peer: OidcPeer) -> None:
    async with on_the_way(peer, bent={"nonce": "another"}) as way:
        await refused(way, "request", await way.there(WHO))


async def test_a_challenge_that_was_changed_on_the_way_gets_no_token_PO_17(peer: OidcPeer) -> None:
    async with on_the_way(peer, bent={"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}) as way:
        query = await way.there(WHO)
        with pytest.raises(NotFetched, match="400"):
            await way.back(query)


async def test_a_code_counts_once_and_for_the_client_that_it_was_given_to_PO_84(peer: OidcPeer) -> None:
    async with on_the_way(peer) as way, on_the_way(peer, kind=LoginKind.ADMINISTRATOR) as other:
        query = await way.there(WHO)
        await other.there(WHO)
        with pytest.raises(NotFetched, match="400"):
            await other.back(query)
    async with on_the_way(peer) as way:
        query = await way.there(WHO)
        assert (await way.back(query)).kind is LoginKind.USER
        with pytest.raises(NotFetched, match="400"):
            await way.back(query)


async def test_the_provider_says_in_its_return_who_it_is_and_another_is_refused_PO_17(peer: OidcPeer) -> None:
    async with on_the_way(peer) as way:
        query = await way.there(WHO)
        assert (query["iss"], query["state"]) == (peer.issuer, "handle")
        for iss in ({}, {"iss": "https://other.example"}):
            await refused(way, "source", {"code": query["code"], **iss})


async def test_a_provider_that_may_not_vouch_for_a_service_is_not_heard_PO_84(peer: OidcPeer) -> None:
    async with on_the_way(peer, kind=LoginKind.ADMINISTRATOR) as way:
        query = await way.there(WHO)
        narrow = replace(peer.known, services=frozenset({LoginKind.USER}))
        async with on_the_way(peer, known=narrow, kind=LoginKind.ADMINISTRATOR, opened=way.opened) as judged:
            await refused(judged, "service", query)


async def test_who_ends_the_login_there_did_nothing_wrong_PO_14(peer: OidcPeer) -> None:
    async with on_the_way(peer) as way:
        assert (await refused(way, "status", await way.there(None))).is_cancelled


async def refused(way: Any, check: LoginCheck, query: dict[str, str]) -> LoginRefused:
    """The refusal of that return, which has to be by that check."""
    with pytest.raises(LoginRefused) as caught:
        await way.back(query)
    assert caught.value.check == check, caught.value
    return caught.value
