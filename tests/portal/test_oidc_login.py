"""Logging in by OpenID Connect over real sockets: to the provider and back, its keys, and who gets no session."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.identity.logins import issued
from support.identity.tokens import ADMINISTRATOR, USER
from support.portal.portals import TestedPortal, running_portal
from support.portal.provider import TestProvider, departed, logged_in, returned, running_provider

from gateway.identity.oidc import key_id_of

SESSION = "__Host-knooppunt"


@pytest.fixture
async def provider() -> AsyncIterator[TestProvider]:
    async with running_provider() as running:
        yield running


@pytest.fixture
async def portal(tmp_path: Path, provider: TestProvider) -> AsyncIterator[TestedPortal]:
    async with running_portal(tmp_path, road=provider.road) as running:
        yield running


def of_now(portal: TestedPortal) -> dict[str, int]:
    """The times of a token that is made now."""
    now = int(portal.clock.now().timestamp())
    return {"iat": now, "auth_time": now, "exp": now + 60}


def refusals(portal: TestedPortal) -> list[str]:
    """What the log says of each."""
    return [each["detail"] for each in portal.log.of("portal_refused")]


async def test_each_service_logs_in_by_its_client_and_gets_its_role_PO_17(
    portal: TestedPortal, provider: TestProvider
) -> None:
    for service, client, on in (("user", USER, "/berichten"), ("administrator", ADMINISTRATOR, "/organisatie")):
        browser = portal.browser()
        page = await logged_in(browser, provider, service)
        assert (page.status, page.see) == (303, on)
        session = json.loads((await browser.call("GET", "/desk/api/session")).text)
        assert session["kind"] == service
        assert provider.asked[-1]["client_id"] == client
        assert provider.asked[-1]["redirect_uri"] == f"https://portaal.example/oidc/{service}/callback"
    assert provider.keys_asked == 1


async def test_the_token_of_one_client_at_the_address_of_the_other_logs_nobody_in_PO_84(
    portal: TestedPortal, provider: TestProvider
) -> None:
    browser = portal.browser()
    fields = await departed(browser, provider, "user")
    assert (await returned(browser, fields["state"], "administrator")).status == 403
    assert (await returned(browser, fields["state"], "user")).status == 403, "it counted once"
    assert provider.asked == []
    page = await logged_in(browser, provider, "administrator", aud=USER)
    assert page.status == 403
    assert SESSION not in browser.cookies


async def test_a_return_without_the_cookie_and_the_state_of_a_login_asks_the_provider_nothing_PO_17(
    portal: TestedPortal, provider: TestProvider
) -> None:
    one, other = portal.browser(), portal.browser()
    fields = await departed(one, provider)
    assert (await returned(other, fields["state"])).status == 403
    assert (await returned(one, "unknown")).status == 403
    assert (await one.get("/oidc/user/callback?code=c")).status == 403
    assert (provider.asked, provider.keys_asked) == ([], 0)


async def test_the_verifier_that_goes_along_is_that_of_the_challenge_and_stands_in_no_page_PO_17(
    portal: TestedPortal, provider: TestProvider
) -> None:
    browser = portal.browser()
    page = await logged_in(browser, provider)
    verifier = provider.asked[0]["code_verifier"]
    assert len(verifier) == 64
    assert verifier not in page.text
    assert verifier not in str(portal.log.lines)


async def test_a_token_that_is_refused_leaves_its_check_in_the_log_and_nothing_that_it_said_PO_17(
    portal: TestedPortal, provider: TestProvider
) -> None:
    browser = portal.browser()
    page = await logged_in(browser, provider, acr=None, sub="somebody-of-255")
    assert page.status == 403
    (refused,) = portal.log.of("portal_refused")
    assert refused["detail"].startswith("level: ")
    assert "somebody-of-255" not in str(portal.log.lines)


async def test_who_ends_the_login_at_the_provider_comes_back_to_a_calm_page_PO_14(
    portal: TestedPortal, provider: TestProvider
) -> None:
    browser = portal.browser()
    fields = await departed(browser, provider)
    page = await returned(browser, fields["state"], query="error=access_denied")
    assert (page.status, page.see) == (303, "/?cancelled=1")
    assert portal.log.of("portal_refused") == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"error":"invalid_client","error_description":"who is somebody-of-255"}', "invalid_client"),
        ('{"error":"somebody-of-255"}', "for a reason that OAuth has no word for"),
        ('{"error":["invalid_client"]}', "for a reason that OAuth has no word for"),
        ("somebody-of-255" * 1000, "for a reason that OAuth has no word for"),
    ],
)
async def test_a_provider_that_gives_no_token_is_said_to_be_silent_and_the_log_has_oauths_word_for_why(
    portal: TestedPortal, provider: TestProvider, body: str, why: str
) -> None:
    provider.status, provider.declined = 400, body
    assert (await logged_in(portal.browser(), provider)).status == 502
    assert refusals(portal) == [f"the provider's token endpoint: the answer is HTTP 400, {why}"]
    assert "somebody-of-255" not in str(portal.log.lines)


async def test_the_log_tells_each_return_that_fits_no_login_by_what_it_lacks_PO_17(
    portal: TestedPortal, provider: TestProvider
) -> None:
    one, other = portal.browser(), portal.browser()
    fields = await departed(one, provider)
    await departed(other, provider)
    assert (await one.get("/oidc/user/callback?code=c")).status == 403
    assert (await returned(portal.browser(), fields["state"])).status == 403
    assert (await returned(other, fields["state"])).status == 403
    assert (await returned(one, fields["state"], "administrator")).status == 403
    for said, part in zip(
        refusals(portal),
        ("without the handle", "without the cookie", "or is another's", "another service"),
        strict=True,
    ):
        assert part in said


async def test_a_key_that_is_not_known_is_fetched_once_a_minute_at_most_PO_17(
    portal: TestedPortal, provider: TestProvider
) -> None:
    assert (await logged_in(portal.browser(), provider)).status == 303
    provider.key = "two"
    for _ in range(3):
        assert (await logged_in(portal.browser(), provider)).status == 403
    assert provider.keys_asked == 1
    assert refusals(portal)[-1] == "signature: no key of the provider has that name; its keys were asked for just now"
    provider.published = ("one", "two")
    portal.clock.move(timedelta(minutes=1))
    assert (await logged_in(portal.browser(), provider, **of_now(portal))).status == 303
    assert provider.keys_asked == 2


async def test_when_the_provider_renews_its_key_the_next_login_fetches_it_and_those_under_the_old_go_on_PO_17(
    portal: TestedPortal, provider: TestProvider
) -> None:
    assert (await logged_in(portal.browser(), provider)).status == 303
    portal.clock.move(timedelta(minutes=1))
    provider.published = ("one", "two")
    for key in ("two", "one", "two"):
        provider.key = key
        assert (await logged_in(portal.browser(), provider, **of_now(portal))).status == 303
    assert provider.keys_asked == 2


async def test_many_tokens_of_a_new_key_at_once_fetch_the_keys_once_and_who_has_a_known_key_does_not_wait_PO_17(
    portal: TestedPortal, provider: TestProvider
) -> None:
    assert (await logged_in(portal.browser(), provider)).status == 303
    assert await provider.gave.get() == "one"
    portal.clock.move(timedelta(minutes=1))
    provider.published, provider.release = ("one", "two"), asyncio.Event()
    provider.key = "two"
    waiting = []
    for _ in range(3):
        browser = portal.browser()
        fields = await departed(browser, provider)
        # One after the other, for the provider says to all what it says to the last.
        provider.said = {"aud": fields["client_id"], "nonce": fields["nonce"], **of_now(portal)}
        waiting.append(asyncio.create_task(returned(browser, fields["state"])))
        assert await provider.gave.get() == "two"
    await provider.waits.wait()
    provider.key = "one"
    async with asyncio.timeout(30):
        assert (await logged_in(portal.browser(), provider, **of_now(portal))).status == 303
    assert not any(each.done() for each in waiting)
    provider.release.set()
    assert [page.status for page in await asyncio.gather(*waiting)] == [303, 303, 303]
    assert provider.keys_asked == 2


async def test_the_log_says_which_of_the_providers_addresses_was_silent_and_that_nobody_asks_again_at_once_PO_17(
    portal: TestedPortal, provider: TestProvider
) -> None:
    provider.keys_status = 503
    for _ in range(2):
        assert (await logged_in(portal.browser(), provider)).status == 502
    assert provider.keys_asked == 1
    assert refusals(portal) == [
        "the provider's keys: the answer is HTTP 503",
        "the provider's keys: they could not be had just now, and are not asked for yet",
    ]


async def test_a_key_that_was_withdrawn_counts_for_an_hour_at_most(
    portal: TestedPortal, provider: TestProvider
) -> None:
    assert (await logged_in(portal.browser(), provider)).status == 303
    provider.published = ("two",)
    portal.clock.move(timedelta(hours=1))
    assert (await logged_in(portal.browser(), provider, **of_now(portal))).status == 403


async def test_a_provider_fetches_our_key_where_the_portal_has_it(portal: TestedPortal) -> None:
    page = await portal.browser().get("/oidc/keys")
    (key,) = json.loads(page.text)["keys"]
    assert page.headers["Content-Type"] == "application/json"
    assert key["kid"] == key_id_of(issued("login by oidc").certificate)
    assert "d" not in key
