"""The realm: the portal as two OpenID clients and as two service providers of SAML, and one person who may log in.

What a broker of eHerkenning says of a person is hard-coded here, for Keycloak has no mandates; what it cannot say at
all, as an encrypted identity inside an attribute or a level of assurance by SAML, no setting makes it say.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from support.identity import logins
from support.identity.tokens import KVK, KVK_NUMBER, LOA, PSEUDONYM
from support.identity.tokens import us as relying_party

from crypto.keys import SigningKey
from crypto.pki import self_issued
from gateway.identity import etoegang
from gateway.identity.login import LoginKind
from gateway.identity.oidc import Registration, our_keys
from gateway.identity.saml import RelyingParty

REALM: Final = "proef"
PLAIN, ENCRYPTED = "plain", "encrypted"
PERSON: Final = "jansen"
PASSWORD: Final = "a password of the tests"
_CLAIMS: Final = {
    etoegang.LEGAL_SUBJECT: KVK_NUMBER,
    "namequalifier": KVK,
    etoegang.ACTING_SUBJECT: PSEUDONYM,
}


@cache
def registration() -> Registration:
    """Ourselves as OpenID clients, who ask for a level."""
    return replace(relying_party(), acr_values=(f"{LOA}loa3",))


@cache
def service_provider(name: str, /) -> RelyingParty:
    """Ourselves by SAML, with a key of today; to the one called `encrypted` Keycloak encrypts the whole assertion."""
    made = self_issued(
        common_name="login signing",
        party_id="00000099000000009000",
        at=datetime.now(UTC) - timedelta(hours=1),
        days=2,
        usage="signing",
    )
    return replace(
        logins.us(),
        entity_id=f"{logins.ENTITY}:{name}",
        signer=SigningKey(private_key=made.private_key, certificate=made.certificate),
    )


def realm() -> dict[str, Any]:
    """The realm as its administration takes it."""
    return {
        "realm": REALM,
        "enabled": True,
        "sslRequired": "none",
        "clients": [*_openid_clients(), _saml_client(PLAIN), _saml_client(ENCRYPTED)],
        "users": [
            {
                "username": PERSON,
                "enabled": True,
                "firstName": "J.",
                "lastName": "Jansen",
                "email": "jansen@example.org",
                "emailVerified": True,
                "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
            }
        ],
    }


def _openid_clients() -> Iterator[dict[str, Any]]:
    us = registration()
    for kind, algorithm in ((LoginKind.USER, "PS256"), (LoginKind.ADMINISTRATOR, "RS256")):
        client = us.clients[kind]
        yield {
            "clientId": client.client_id,
            "protocol": "openid-connect",
            "publicClient": False,
            "standardFlowEnabled": True,
            "redirectUris": [client.redirect_uri],
            "clientAuthenticatorType": "client-jwt",
            "attributes": {
                "use.jwks.string": "true",
                "jwks.string": our_keys((us.signer.certificate,)).decode("ascii"),
                "token.endpoint.auth.signing.alg": "RS256",
                "id.token.signed.response.alg": algorithm,
                "pkce.code.challenge.method": "S256",
                "acr.loa.map": json.dumps({f"{LOA}loa3": 1}),
            },
            "protocolMappers": [_claim(name, value) for name, value in _CLAIMS.items()],
        }


def _saml_client(name: str) -> dict[str, Any]:
    us = service_provider(name)
    service = us.services[LoginKind.USER]
    said = {
        "urn:etoegang:core:ServiceID": service.service_id,
        "urn:etoegang:core:ServiceUUID": service.service_uuid,
        etoegang.LEGAL_SUBJECT: KVK_NUMBER,
        etoegang.ACTING_SUBJECT: PSEUDONYM,
    }
    return {
        "clientId": us.entity_id,
        "protocol": "saml",
        "redirectUris": [us.consumer_url],
        "frontchannelLogout": False,
        "attributes": {
            "saml.artifact.binding": "true",
            "saml_artifact_binding_url": us.consumer_url,
            "saml.client.signature": "true",
            "saml.signing.certificate": _octets(us.signer.certificate),
            "saml.server.signature": "true",
            "saml.assertion.signature": "true",
            "saml.signature.algorithm": "RSA_SHA256",
            "saml.server.signature.keyinfo.xmlSigKeyInfoKeyNameTransformer": "KEY_ID",
            "saml.authnstatement": "true",
            "saml_name_id_format": "transient",
            "saml_force_name_id_format": "true",
            "saml.encrypt": str(name == ENCRYPTED).lower(),
            "saml.encryption.certificate": _octets(logins.unwrapper().certificate),
        },
        "protocolMappers": [_attribute(name, value) for name, value in said.items()],
    }


def _claim(name: str, value: str) -> Mapping[str, Any]:
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": {
            "claim.name": name.replace(".", "\\."),
            "claim.value": value,
            "jsonType.label": "String",
            "id.token.claim": "true",
        },
    }


def _attribute(name: str, value: str) -> Mapping[str, Any]:
    return {
        "name": name,
        "protocol": "saml",
        "protocolMapper": "saml-hardcode-attribute-mapper",
        "config": {"attribute.name": name, "attribute.nameformat": "URI Reference", "attribute.value": value},
    }


def _octets(certificate: Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii")
