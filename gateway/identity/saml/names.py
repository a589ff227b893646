"""Namespaces, element names and identifiers of SAML 2.0 and of the eHerkenning scheme (version 1.13).

Element names are in lxml's `{namespace}local` spelling. Sources: SAML 2.0 Core, Bindings and Metadata; the scheme's
interface specifications. What its logins say by either road stands in `gateway.identity.etoegang`.
"""

from __future__ import annotations

from typing import Final

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
CATALOGUE: Final = "urn:etoegang:1.13:service-catalog"

ENVELOPE: Final = f"{{{SOAP}}}Envelope"
BODY: Final = f"{{{SOAP}}}Body"
ARTIFACT_RESPONSE: Final = f"{{{SAMLP}}}ArtifactResponse"
RESPONSE: Final = f"{{{SAMLP}}}Response"
STATUS: Final = f"{{{SAMLP}}}Status"
STATUS_CODE: Final = f"{{{SAMLP}}}StatusCode"
ISSUER: Final = f"{{{SAML}}}Issuer"
ASSERTION: Final = f"{{{SAML}}}Assertion"
ENCRYPTED_ASSERTION: Final = f"{{{SAML}}}EncryptedAssertion"
SUBJECT: Final = f"{{{SAML}}}Subject"
SUBJECT_CONFIRMATION: Final = f"{{{SAML}}}SubjectConfirmation"
SUBJECT_CONFIRMATION_DATA: Final = f"{{{SAML}}}SubjectConfirmationData"
CONDITIONS: Final = f"{{{SAML}}}Conditions"
AUDIENCE_RESTRICTION: Final = f"{{{SAML}}}AudienceRestriction"
AUDIENCE: Final = f"{{{SAML}}}Audience"
ONE_TIME_USE: Final = f"{{{SAML}}}OneTimeUse"
PROXY_RESTRICTION: Final = f"{{{SAML}}}ProxyRestriction"
ADVICE: Final = f"{{{SAML}}}Advice"
AUTHN_STATEMENT: Final = f"{{{SAML}}}AuthnStatement"
AUTHN_CONTEXT: Final = f"{{{SAML}}}AuthnContext"
AUTHN_CONTEXT_CLASS_REF: Final = f"{{{SAML}}}AuthnContextClassRef"
ATTRIBUTE_STATEMENT: Final = f"{{{SAML}}}AttributeStatement"
ATTRIBUTE: Final = f"{{{SAML}}}Attribute"
ENCRYPTED_ATTRIBUTE: Final = f"{{{SAML}}}EncryptedAttribute"
ATTRIBUTE_VALUE: Final = f"{{{SAML}}}AttributeValue"
ENCRYPTED_ID: Final = f"{{{SAML}}}EncryptedID"
NAME_ID: Final = f"{{{SAML}}}NameID"

VERSION: Final = "2.0"
HTTP_ARTIFACT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"
HTTP_POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SOAP_BINDING: Final = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"
BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS: Final = "urn:oasis:names:tc:SAML:2.0:status:Success"
RESPONDER: Final = "urn:oasis:names:tc:SAML:2.0:status:Responder"
AUTHN_FAILED: Final = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"

SERVICE_ID: Final = "urn:etoegang:core:ServiceID"
SERVICE_UUID: Final = "urn:etoegang:core:ServiceUUID"

PSEUDONYM_KINDS: Final = frozenset(
    {"urn:etoegang:1.13:EntityConcernedID:Pseudo", "urn:etoegang:1.9:EntityConcernedID:Pseudo"}
)
