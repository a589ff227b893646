"""eHerkenning by SAML, as a service provider of the scheme sees it. Pure: keys, ids and the time are arguments.

A login in four calls, in this order; whoever makes them remembers, sends and draws ids:

    begin(us, broker, kind, *, request_id, relay_state, at) -> Begun(url, fields, login)
        remember `login` (an AskedLogin) under the RelayState and the browser's login cookie; the browser posts `fields`
    artifact_of(query, broker) -> Artifact(value, index, relay_state)
        no open login under cookie and RelayState: stop here, nothing is sent
    resolve_request(us, broker, artifact, *, request_id, at) -> ResolveRequest(url, octets, request_id)
        POST `octets` to `url` with SOAP_ACTION, as text/xml or application/soap+xml by setting
    read(octets, *, us, broker, asked, resolve_id, now) -> Proven(login, assertion_id, remember_until)
        take the open login (`asked`) once, before this call; then remember `assertion_id` until then, and refuse the
        login (LoginRefused, "replay") where it was known

Each raises `LoginRefused`, and nothing else of what came from outside. `us` is a `RelyingParty`, `broker` what
`read_broker` makes of the broker's metadata:

    read_broker(octets, *, entity_id, signers, now, after=None) -> Broker
    write_metadata(offer, *, metadata_id) -> octets                 our side, for the broker
    write_catalogue(offer, *, catalogue_id, at) -> octets
"""

from gateway.identity.login import Proven
from gateway.identity.saml.answer import read
from gateway.identity.saml.artifact import SOAP_ACTION, Artifact, ResolveRequest, artifact_of, resolve_request
from gateway.identity.saml.broker_metadata import BrokerMetadataFault, read_broker
from gateway.identity.saml.catalogue import write_catalogue
from gateway.identity.saml.offering import OfferedLogin, ServiceOffer
from gateway.identity.saml.our_metadata import write_metadata
from gateway.identity.saml.parties import AskedLogin, Broker, LoginService, RelyingParty
from gateway.identity.saml.request import Begun, begin
from gateway.identity.saml.written_rightly import NotAsWritten

__all__ = [
    "SOAP_ACTION",
    "Artifact",
    "AskedLogin",
    "Begun",
    "Broker",
    "BrokerMetadataFault",
    "LoginService",
    "NotAsWritten",
    "OfferedLogin",
    "Proven",
    "RelyingParty",
    "ResolveRequest",
    "ServiceOffer",
    "artifact_of",
    "begin",
    "read",
    "read_broker",
    "resolve_request",
    "write_catalogue",
    "write_metadata",
]
