"""Our part of the scheme's service catalogue: which services there are, at which level, for whom.

The role of who logs in follows from the service, so user and administrator are two. An organisation is named by its
KvK number or, in a set of its own, by its RSIN; a mandate may be limited to one establishment. Neither a BSN nor any
attribute of a person is asked for. Clauses: the scheme's service catalogue 1.13.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from crypto.markup import attribute, text
from crypto.signed_element import sign_element
from gateway.identity import etoegang
from gateway.identity.saml import names
from gateway.identity.saml.moments import moment
from gateway.identity.saml.offering import OfferedLogin, ServiceOffer
from gateway.identity.saml.our_metadata import key_descriptor
from gateway.identity.saml.written_rightly import held

SCHEME_VERSION: Final = "urn:etoegang:1.13:53"


def write_catalogue(offer: ServiceOffer, *, catalogue_id: str, at: datetime) -> bytes:
    """The signed ServiceCatalogue; `catalogue_id` is an xs:ID that was never used before.

    Raises `NotAsWritten` where it would not be valid.
    """
    us = offer.us
    before = (
        f'<esc:ServiceCatalogue xmlns:esc="{names.CATALOGUE}" ID="{attribute(catalogue_id)}"'
        f' IssueInstant="{moment(at)}" Version="{SCHEME_VERSION}">'
    )
    after = f"{''.join(_provider(offer))}</esc:ServiceCatalogue>"
    return held(sign_element(before, after, id_value=catalogue_id, key=us.signer, key_name=us.key_name), "catalogue")


def _provider(offer: ServiceOffer) -> Iterator[str]:
    yield '<esc:ServiceProvider esc:IsPublic="true">'
    yield _element("ServiceProviderID", offer.oin)
    yield from _in_languages("OrganizationDisplayName", {"nl": offer.name})
    for each in offer.services:
        yield from _definition(offer, each)
    for each in offer.services:
        yield from _instance(offer, each)
    yield "</esc:ServiceProvider>"


def _definition(offer: ServiceOffer, offered: OfferedLogin) -> Iterator[str]:
    yield '<esc:ServiceDefinition esc:IsPublic="true">'
    yield _element("ServiceUUID", offered.definition_uuid)
    yield from _in_languages("ServiceName", offered.names)
    yield from _in_languages("ServiceDescription", offered.descriptions)
    yield f'<saml:AuthnContextClassRef xmlns:saml="{names.SAML}">{etoegang.LEVEL_NAMES[offer.us.required]}'
    yield "</saml:AuthnContextClassRef>"
    yield _element("HerkenningsmakelaarId", offer.broker_oin)
    for number, kind in enumerate(etoegang.NUMBER_KINDS, start=1):
        yield f'<esc:EntityConcernedTypesAllowed setNumber="{number}">{kind}</esc:EntityConcernedTypesAllowed>'
    yield _element("ServiceRestrictionsAllowed", etoegang.BRANCH)
    yield "</esc:ServiceDefinition>"


def _instance(offer: ServiceOffer, offered: OfferedLogin) -> Iterator[str]:
    yield '<esc:ServiceInstance esc:IsPublic="true">'
    yield _element("ServiceID", offered.service.service_id)
    yield _element("ServiceUUID", offered.service.service_uuid)
    yield _element("InstanceOfService", offered.definition_uuid)
    yield from _in_languages("ServiceURL", {"nl": offered.url})
    yield from _in_languages("PrivacyPolicyURL", {"nl": offered.privacy_url})
    yield _element("HerkenningsmakelaarId", offer.broker_oin)
    yield _element("SSOSupport", "false")
    descriptor = key_descriptor(offer.encryption.certificate, offer.encryption_name, "encryption")
    yield "<esc:ServiceCertificate>"
    yield descriptor.replace("<md:KeyDescriptor", f'<md:KeyDescriptor xmlns:md="{names.MD}"', 1)
    yield "</esc:ServiceCertificate></esc:ServiceInstance>"


def _element(name: str, value: str) -> str:
    return f"<esc:{name}>{text(value)}</esc:{name}>"


def _in_languages(name: str, values: Mapping[str, str]) -> Iterator[str]:
    for language, value in sorted(values.items()):
        yield f'<esc:{name} xml:lang="{attribute(language)}">{text(value)}</esc:{name}>'
