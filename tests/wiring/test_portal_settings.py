"""The section of the portal: off unless it is there, and refused with whatever contradicts itself in it."""

from __future__ import annotations

import pytest
from support.configuration.portal_settings import HUB, PORTAL

from gateway.settings import PortalSection, SettingsFault, parse_settings


def portal(text: str = PORTAL) -> PortalSection:
    found = parse_settings(HUB + text).portal
    assert found is not None
    return found


def test_without_its_section_there_is_no_portal() -> None:
    assert parse_settings(HUB).portal is None


def test_what_is_not_said_is_as_documented() -> None:
    found = portal()
    assert (found.host, found.port, found.languages) == (["127.0.0.1"], 8444, ["nl", "en"])
    assert found.eherkenning is not None
    assert found.eherkenning.level == "loa3"
    assert found.eherkenning.artifact_content_type == "text/xml"


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("https://portaal", "http://portaal", "portal.url: must begin with https"),
        ("portaal.example", "portaal.example/desk", "portal.url: must be a scheme and a host"),
        ("https://portaal", "https://Portaal", "portal.url: must be a scheme and a host"),
        ('helpdesk = "010 123 45 67"', "", "portal.helpdesk"),
        ("[portal.eherkenning]\n", 'tls_key = "a"\n[portal.eherkenning]\n', "go together"),
        ("[portal.eherkenning]\n", 'port = 8443\n[portal.eherkenning]\n', "is that of the AS4 endpoint"),
        ("[portal.eherkenning]\n", 'languages = ["nl", "nl"]\n[portal.eherkenning]\n', "the same language twice"),
        ("[portal.eherkenning]\n", 'languages = ["de"]\n[portal.eherkenning]\n', "portal.languages"),
        ("index = 2", "index = 1", "administrator.index: is that of user"),
        ("services:0002", "services:0001", "administrator.id: is that of user"),
        ("000000000002", "000000000001", "administrator.uuid: is that of user"),
        ("000000000002", "00000000000X", "administrator.uuid"),
        ('broker_signers = ["broker.pem"]', "broker_signers = []", "broker_signers"),
        ("[portal.eherkenning.user]", 'level = "loa2"\n[portal.eherkenning.user]', "portal.eherkenning.level"),
        ("[portal.eherkenning.user]", 'unknown = 1\n[portal.eherkenning.user]', "unknown"),
    ],
)  # fmt: skip
def test_a_contradiction_is_told_by_its_key(was: str, becomes: str, said: str) -> None:
    assert was in PORTAL
    with pytest.raises(SettingsFault) as refused:
        parse_settings(HUB + PORTAL.replace(was, becomes, 1))
    assert said in str(refused.value)


def test_on_this_machine_a_portal_may_be_tried_without_tls() -> None:
    assert portal(PORTAL.replace("https://portaal.example", "http://localhost:8444")).url == "http://localhost:8444"


OIDC = """
[portal]
url = "https://portaal.example"
helpdesk = "010 123 45 67"
[portal.oidc]
key = "login.key"
certificate = "login.pem"
issuer = "https://broker.example/oidc"
authorization_url = "https://broker.example/oidc/auth"
token_url = "https://broker.example/oidc/token"
keys_url = "https://broker.example/oidc/jwks"
user = "portal-user"
administrator = "portal-administrator"
"""


def test_a_portal_may_have_openid_connect_in_place_of_saml_PO_17() -> None:
    found = portal(OIDC)
    assert found.eherkenning is None
    assert found.oidc is not None
    assert (found.oidc.level, found.oidc.audience) == ("loa3", None)
    assert set(found.oidc.levels.values()) == {"loa3", "loa4"}


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('user = "portal-user"', 'user = "portal-administrator"', "portal.oidc.administrator: is that of user"),
        ('issuer = "https:', 'issuer = "http:', "portal.oidc.issuer: must begin with https"),
        ('token_url = "https:', 'token_url = "http:', "portal.oidc.token_url: must begin with https"),
        ('keys_url = "https://broker.example/oidc/jwks"', "", "portal.oidc.keys_url"),
        ("[portal.oidc]\n", '[portal.oidc]\nlevel = "loa2"\n', "portal.oidc.level"),
        ("[portal.oidc]\n", '[portal.oidc]\nlevels = { high = "high" }\n', "portal.oidc.levels"),
        ("[portal.oidc]\n", "[portal.oidc]\nclaims = { pseudonym = [] }\n", "portal.oidc.claims.pseudonym"),
    ],
)
def test_a_contradiction_of_openid_connect_is_told_by_its_key_PO_84(was: str, becomes: str, said: str) -> None:
    assert was in OIDC
    with pytest.raises(SettingsFault) as refused:
        parse_settings(HUB + OIDC.replace(was, becomes, 1))
    assert said in str(refused.value)


@pytest.mark.parametrize("text", [PORTAL + OIDC.partition('67"\n')[2], OIDC.partition("[portal.oidc]")[0]])
def test_a_portal_has_one_way_to_log_in(text: str) -> None:
    with pytest.raises(SettingsFault, match=r"either \[portal.eherkenning\] or \[portal.oidc\]"):
        parse_settings(HUB + text)
