"""Beginning a login: the AuthnRequest, as the fields of a form that the browser posts to the broker.

No NameIDPolicy and no RequestedAuthnContext: the scheme forbids the one, and the level stands in its catalogue.
Clauses: SAML 2.0 Core 3.4.1, Bindings 3.5.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from crypto.elements import base64_text
from crypto.markup import attribute, text
from crypto.signed_element import sign_element
from gateway.identity.login import LoginKind
from gateway.identity.saml import names
from gateway.identity.saml.moments import moment
from gateway.identity.saml.parties import AskedLogin, Broker, RelyingParty

MOST_RELAY_STATE_OCTETS: Final = 80  # SAML 2.0 Bindings 3.5.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where the browser posts which fields, and what is remembered until it comes back."""

    url: str
    fields: Mapping[str, str]
    login: AskedLogin


def begin(
    us: RelyingParty, broker: Broker, kind: LoginKind, *, request_id: str, relay_state: str, at: datetime
) -> Begun:
    """A login of that kind. `request_id` is an xs:ID that was never used before; `relay_state` a handle without
    meaning, which comes back as it is; ValueError where it is longer than 80 octets.
    """
    if len(relay_state.encode("utf-8")) > MOST_RELAY_STATE_OCTETS:
        raise ValueError(f"a relay state has {MOST_RELAY_STATE_OCTETS} octets at most")
    octets = sign_element(
        *_halves(us, broker, us.services[kind].index, request_id, at),
        id_value=request_id,
        key=us.signer,
        key_name=us.key_name,
    )
    return Begun(
        url=broker.login_url,
        fields={"SAMLRequest": base64_text(octets), "RelayState": relay_state},
        login=AskedLogin(request_id=request_id, kind=kind, begun_at=at),
    )


def _halves(us: RelyingParty, broker: Broker, service: int, request_id: str, at: datetime) -> tuple[str, str]:
    """The request before and behind its signature; attributes in the order of their names."""
    if us.consumer_index is None:
        index, url = "", f' AssertionConsumerServiceURL="{attribute(us.consumer_url)}"'
        binding = f' ProtocolBinding="{names.HTTP_ARTIFACT}"'
    else:
        index, url, binding = f' AssertionConsumerServiceIndex="{us.consumer_index}"', "", ""
    before = (
        f'<samlp:AuthnRequest xmlns:samlp="{names.SAMLP}"{index}{url} AttributeConsumingServiceIndex="{service}"'
        f' Destination="{attribute(broker.login_url)}" ForceAuthn="true" ID="{attribute(request_id)}"'
        f' IssueInstant="{moment(at)}"{binding} Version="{names.VERSION}">'
        f'<saml:Issuer xmlns:saml="{names.SAML}">{text(us.entity_id)}</saml:Issuer>'
    )
    return before, "</samlp:AuthnRequest>"
