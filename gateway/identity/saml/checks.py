"""The checks of a login by SAML, one function each, named as the order in `answer.py` names them.

Clauses: SAML 2.0 Core 2.3 to 2.7, 3.2.2, 3.5.2; Profiles 4.1.4.2, 4.1.4.3; the scheme's answer to a service provider.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from crypto.elements import Element, child_elements
from gateway.identity import etoegang
from gateway.identity.login import MOST_OPEN, SKEW, Level, LoginCheck, LoginRefused
from gateway.identity.saml import names
from gateway.identity.saml.moments import read_moment
from gateway.identity.saml.parties import AskedLogin, Broker, LoginService, RelyingParty
from gateway.identity.saml.verifying import SignedAnswer, Walked
from gateway.identity.saml.walking import issuer_of, none, one, value

MOST_AHEAD: Final = timedelta(minutes=10)  # how far off the end of an assertion may be

Attributes = Mapping[str, Sequence[Element]]
_WHOLLY_ENCRYPTED: Final = (
    "the whole Assertion is encrypted, and the scheme encrypts identities inside it alone; have the broker send it so"
)
_CONDITIONS: Final = frozenset({names.AUDIENCE_RESTRICTION, names.ONE_TIME_USE, names.PROXY_RESTRICTION})


def artifact_response(document: Element, resolve_id: str, broker: Broker) -> Element:
    """3: the ArtifactResponse at its place in the envelope, as far as it can be judged before its signature."""
    if document.tag != names.ENVELOPE:
        raise LoginRefused("shape", "the answer is no SOAP 1.1 envelope")
    found = one(one(document, names.BODY), names.ARTIFACT_RESPONSE, check="response")
    if found.get("InResponseTo") != resolve_id:
        raise LoginRefused("response", "it answers another question than ours")
    if issuer_of(found) != broker.entity_id:
        raise LoginRefused("issuer", "the ArtifactResponse is not the broker's")
    if _status(found)[0] != names.SUCCESS:
        raise LoginRefused("status", "the broker does not resolve the artifact")
    return found


def walk(outer: Element) -> Walked:
    """4: one Response, and in it one Assertion where its status is success; none else."""
    if next(outer.iterchildren(names.RESPONSE), None) is None:
        raise LoginRefused("response", "the broker has nothing, or nothing any more, under this artifact")
    response = one(outer, names.RESPONSE)
    if next(response.iterchildren(names.ENCRYPTED_ASSERTION), None) is not None:
        raise LoginRefused("shape", _WHOLLY_ENCRYPTED)
    if _status(response)[0] == names.SUCCESS:
        return Walked(artifact_response=outer, response=response, assertion=one(response, names.ASSERTION))
    none(response, names.ASSERTION)
    return Walked(artifact_response=outer, response=response, assertion=None)


def succeeded(response: Element) -> None:
    """What the signed Response says of itself; the person may have ended the login at the broker."""
    code, second = _status(response)
    if (code, second) == (names.RESPONDER, names.AUTHN_FAILED):
        raise LoginRefused("status", "the login was ended at the broker", is_cancelled=True)
    if code != names.SUCCESS:
        raise LoginRefused("status", "the broker refuses the login")


def parties(signed: SignedAnswer, us: RelyingParty, broker: Broker) -> None:
    """7: from the broker, to us, and for us alone."""
    for element in (signed.response, signed.assertion):
        if element.get("Version") != names.VERSION:
            raise LoginRefused("shape", "it is written in another version of SAML")
        if issuer_of(element) != broker.entity_id:
            raise LoginRefused("issuer", "it is not the broker's")
    if signed.response.get("Destination") != us.consumer_url:
        raise LoginRefused("destination", "the Response is for another address")
    if _confirmation(signed.assertion).get("Recipient") != us.consumer_url:
        raise LoginRefused("recipient", "the Assertion is for another address")
    conditions = one(signed.assertion, names.CONDITIONS)
    if any(each.tag not in _CONDITIONS for each in child_elements(conditions)):
        raise LoginRefused("shape", "the Assertion has a condition that nobody here knows")
    restriction = one(conditions, names.AUDIENCE_RESTRICTION, check="audience")
    if value(one(restriction, names.AUDIENCE, check="audience")) != us.entity_id:
        raise LoginRefused("audience", "the Assertion is for somebody else")


def request(signed: SignedAnswer, asked: AskedLogin, now: datetime) -> None:
    """8: the answer to the login that this browser began, and not too late. That it counts once is the caller's."""
    for element in (signed.response, _confirmation(signed.assertion)):
        if element.get("InResponseTo") != asked.request_id:
            raise LoginRefused("request", "it answers another login than this browser's")
    if now - asked.begun_at > MOST_OPEN:
        raise LoginRefused("request", "the login was begun too long ago")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When the person was asked, and until when the assertion has to be remembered."""

    authenticated_at: datetime
    remember_until: datetime


def times(signed: SignedAnswer, asked: AskedLogin, now: datetime) -> Times:
    """9: made after the request, valid now, not for longer than a login takes; the person was asked anew."""
    assertion = signed.assertion
    for element in (signed.response, assertion):
        _after_request(_moment(element, "IssueInstant"), asked, now, "it was made")
    ends = [_valid_now(element, now) for element in (one(assertion, names.CONDITIONS), _confirmation(assertion))]
    authenticated_at = _moment(one(assertion, names.AUTHN_STATEMENT), "AuthnInstant")
    _after_request(authenticated_at, asked, now, "the person was asked")
    return Times(authenticated_at=min(authenticated_at, now), remember_until=max(ends) + SKEW)


def level(assertion: Element, required: Level) -> Level:
    """11: by the table of levels; what is not in it is no level."""
    context = one(one(assertion, names.AUTHN_STATEMENT), names.AUTHN_CONTEXT, check="level")
    found = etoegang.LEVELS.get(value(one(context, names.AUTHN_CONTEXT_CLASS_REF, check="level"), check="level"))
    if found is None:
        raise LoginRefused("level", "the level is none that is known")
    if not found.reaches(required):
        raise LoginRefused("level", f"{found.value} is lower than {required.value}")
    return found


def attributes(assertion: Element) -> Attributes:
    """The attributes of the one statement, by name; one that is hidden could be a limit of the mandate."""
    statement = one(assertion, names.ATTRIBUTE_STATEMENT)
    none(statement, names.ENCRYPTED_ATTRIBUTE)
    found: dict[str, list[Element]] = {}
    for each in statement.iterchildren(names.ATTRIBUTE):
        found.setdefault(each.get("Name", ""), []).append(each)
    return found


def single(found: Attributes, name: str, check: LoginCheck) -> Element:
    """The one value of the one attribute of that name; LoginRefused with that check."""
    elements = found.get(name, ())
    if len(elements) != 1:
        raise LoginRefused(check, f"the Assertion has {len(elements)} {name.rpartition(':')[2]}")
    return one(elements[0], names.ATTRIBUTE_VALUE, check=check)


def service(found: Attributes, wanted: LoginService) -> LoginService:
    """12: the mandate is for the service that was asked for, by both of its names."""
    if value(single(found, names.SERVICE_ID, "service"), check="service") != wanted.service_id:
        raise LoginRefused("service", "the mandate is for another service")
    if value(single(found, names.SERVICE_UUID, "service"), check="service") != wanted.service_uuid:
        raise LoginRefused("service", "the mandate is for another service under this id")
    return wanted


def _status(element: Element) -> tuple[str, str]:
    """Both levels of a status; an empty text for a second one that is absent."""
    code = one(one(element, names.STATUS, check="status"), names.STATUS_CODE, check="status")
    second = next(code.iterchildren(names.STATUS_CODE), None)
    return code.get("Value", ""), "" if second is None else second.get("Value", "")


def _confirmation(assertion: Element) -> Element:
    """Who may bring the assertion: its one bearer, to one address, in answer to one request."""
    confirmation = one(one(assertion, names.SUBJECT), names.SUBJECT_CONFIRMATION)
    if confirmation.get("Method") != names.BEARER:
        raise LoginRefused("shape", "the subject is confirmed in another way than by bearer")
    return one(confirmation, names.SUBJECT_CONFIRMATION_DATA)


def _moment(element: Element, name: str) -> datetime:
    found = read_moment(element.get(name))
    if found is None:
        raise LoginRefused("time", f"{name} is no moment")
    return found


def _after_request(moment: datetime, asked: AskedLogin, now: datetime, what: str) -> None:
    if moment < asked.begun_at - SKEW:
        raise LoginRefused("time", f"{what} before this login began")
    if moment > now + SKEW:
        raise LoginRefused("time", f"{what} later than now")


def _valid_now(element: Element, now: datetime) -> datetime:
    """The end of what an element says of validity; the beginning may be absent."""
    if element.get("NotBefore") is not None and now < _moment(element, "NotBefore") - SKEW:
        raise LoginRefused("time", "the Assertion does not count yet")
    end = _moment(element, "NotOnOrAfter")
    if now >= end + SKEW:
        raise LoginRefused("time", "the Assertion counts no more")
    if end > now + MOST_AHEAD + SKEW:
        raise LoginRefused("time", "the Assertion counts longer than a login takes")
    return end
