"""Logins by Keycloak: what it makes is read as far as it can say what a broker does; what it makes otherwise is refused
by a line that tells what is wrong.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from interop_full.browsing import finished, there_and_back
from interop_full.keycloak import Keycloak
from interop_full.realm import ENCRYPTED, PLAIN, registration, service_provider
from support.identity import logins
from support.identity.tokens import KVK_NUMBER, LOA, PSEUDONYM

from gateway.identity.login import Level, LoginKind, LoginRefused
from gateway.identity.oidc import Provider, Registration
from gateway.identity.saml import Broker, RelyingParty
from gateway.net.destination import Destinations
from gateway.net.fetching import NotFetched, Outbound
from gateway.portal import provider_keys
from gateway.portal.oidc_road import OidcRoad
from gateway.portal.saml_road import SamlRoad

MINUTE = timedelta(minutes=1)


def outbound() -> Outbound:
    return Outbound(Destinations(hosts=frozenset({"127.0.0.1"}), networks=(ip_network("127.0.0.0/8"),)))


def openid(keycloak: Keycloak, us: Registration | None = None, known: Provider | None = None) -> OidcRoad:
    return OidcRoad(lambda: us or registration(), known or keycloak.provider, outbound(), random=os.urandom)


def saml(keycloak: Keycloak, us: RelyingParty | None = None, known: Broker | None = None) -> SamlRoad:
    us, known = us or service_provider(PLAIN), known or keycloak.broker()
    return SamlRoad(lambda: us, lambda: known, outbound(), content_type="text/xml", random=os.urandom)


@pytest.mark.parametrize("kind", LoginKind)
async def test_each_service_logs_in_by_openid_connect_with_its_own_client_and_algorithm_PO_19(
    keycloak: Keycloak, kind: LoginKind
) -> None:
    """The one client's tokens are signed by PS256, the other's by RS256."""
    road = openid(keycloak)
    login = (await finished(road, await there_and_back(road, kind))).login
    assert (login.kind, login.issuer, login.level) == (kind, keycloak.issuer, Level.LOA3)
    assert (login.organisation.value, login.pseudonym) == (KVK_NUMBER, PSEUDONYM)


async def test_when_its_signing_key_is_renewed_the_first_login_after_a_minute_fetches_it_PO_19(
    keycloak: Keycloak, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute is not waited for: both sides look at the clock of this machine."""
    road, kind = openid(keycloak), LoginKind.ADMINISTRATOR
    await finished(road, await there_and_back(road, kind))
    keycloak.renew_signing_key()
    with pytest.raises(LoginRefused, match="no key of the provider has that name"):
        await finished(road, await there_and_back(road, kind))
    monkeypatch.setattr(provider_keys, "ASK_AGAIN_AFTER", timedelta())
    assert (await finished(road, await there_and_back(road, kind))).login.kind is kind


async def test_a_code_counts_once_and_the_log_says_so_by_its_word_PO_19(keycloak: Keycloak) -> None:
    road = openid(keycloak)
    returned = await there_and_back(road)
    await finished(road, returned)
    with pytest.raises(NotFetched, match="token endpoint: the answer is HTTP 400, invalid_grant"):
        await finished(road, returned)


async def test_a_key_that_it_does_not_know_gets_no_token_and_the_log_says_so_by_its_word_PO_19(
    keycloak: Keycloak,
) -> None:
    road = openid(keycloak, replace(registration(), key_id="another"))
    with pytest.raises(NotFetched, match=r"token endpoint: the answer is HTTP 40[01], invalid_client"):
        await finished(road, await there_and_back(road))


async def test_a_level_that_the_settings_do_not_list_is_refused_PO_19(keycloak: Keycloak) -> None:
    known = replace(keycloak.provider, levels={f"{LOA}loa4": Level.LOA4})
    road = openid(keycloak, known=known)
    with pytest.raises(LoginRefused) as refused:
        await finished(road, await there_and_back(road))
    assert refused.value.check == "level"


async def test_its_artifact_is_resolved_and_all_holds_up_to_the_level_that_it_cannot_say_PO_19(
    keycloak: Keycloak,
) -> None:
    """Source, signatures of ArtifactResponse and Assertion, parties, request and times come before the level."""
    road = saml(keycloak)
    returned = await there_and_back(road)
    with pytest.raises(LoginRefused) as refused:
        await finished(road, returned)
    assert refused.value.check == "level"
    with pytest.raises(LoginRefused) as again:
        await finished(road, returned)
    assert again.value.check in ("response", "status"), "an artifact counts once"


async def test_an_answer_under_another_key_than_its_metadata_name_is_refused_PO_19(keycloak: Keycloak) -> None:
    known = keycloak.broker()
    other = [logins.broker_key().certificate]
    road = saml(keycloak, known=replace(known, certificates=dict.fromkeys(known.certificates, other)))
    with pytest.raises(LoginRefused) as refused:
        await finished(road, await there_and_back(road))
    assert refused.value.check == "signature"


async def test_an_answer_from_before_the_login_began_is_refused_PO_19(keycloak: Keycloak) -> None:
    road = saml(keycloak)
    returned = await there_and_back(road)
    assert returned.opened.began_at is not None
    later = replace(returned.opened, began_at=returned.opened.began_at + 5 * MINUTE)
    with pytest.raises(LoginRefused) as refused:
        await finished(road, replace(returned, opened=later))
    assert refused.value.check == "time"


async def test_an_assertion_that_is_encrypted_as_a_whole_is_refused_by_a_line_that_says_so_PO_19(
    keycloak: Keycloak,
) -> None:
    road = saml(keycloak, service_provider(ENCRYPTED))
    with pytest.raises(LoginRefused) as refused:
        await finished(road, await there_and_back(road))
    assert str(refused.value) == (
        "shape: the whole Assertion is encrypted, and the scheme encrypts identities inside it alone; have the broker"
        " send it so"
    )


async def test_a_request_that_another_key_signed_leads_to_no_login_PO_19(keycloak: Keycloak) -> None:
    road = saml(keycloak, replace(service_provider(PLAIN), signer=service_provider(ENCRYPTED).signer))
    with pytest.raises(AssertionError, match="400"):
        await there_and_back(road)
