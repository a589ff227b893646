"""What the mock broker says of somebody, as SAML: the Assertion, the Response around it, the ArtifactResponse around
that. Every value is a field, so that whoever tests can have each of them wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from lxml import etree

from gateway.site.broker import sealing
from gateway.site.broker.sealing import Element, Recipient, encrypted_id, name_id, placeholder, sign
from gateway.site.broker.values import (
    KVK,
    LEVEL,
    PSEUDO,
    SAML,
    SAMLP,
    SOAP,
    BrokerKey,
    Chosen,
    MockBroker,
)

_XS: Final = "http://www.w3.org/2001/XMLSchema"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_STATUS: Final = "urn:oasis:names:tc:SAML:2.0:status:"
_SERVICE_ID: Final = "urn:etoegang:core:ServiceID"
_BRANCH: Final = "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"
_INTERMEDIARY: Final = "urn:etoegang:1.9:IntermediateEntityID:KvKnr"
_LIFE: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAnswer:
    """All that an answer says; ids end in `number`, which keeps those of two answers apart."""

    number: str
    issuer: str
    destination: str
    recipient: str
    audience: str
    request_id: str
    at: datetime
    authenticated_at: datetime
    not_before: datetime
    not_on_or_after: datetime
    level: str | None
    service_id: str
    service_uuid: str
    legal: Sequence[tuple[str, str] | bytes]  # octets where a NameID is written by hand
    acting: tuple[str, str] | bytes
    recipients: Sequence[Recipient]
    key: BrokerKey = field(repr=False)
    branch: str = ""
    intermediary: str = ""
    status: Sequence[str] = ("Success",)
    advice: Sequence[BrokerAnswer] = ()
    cipher: str = f"{sealing.XENC}aes256-cbc"
    transport: str = sealing.OAEP_SHA1

    @property
    def assertion_id(self) -> str:
        """The id of the Assertion."""
        return f"_assertion{self.number}"


def answer_for(broker: MockBroker, chosen: Chosen, *, request_id: str, at: datetime, number: str) -> BrokerAnswer:
    """What the broker says after somebody chose; as a real one does, with what two others said to it as advice."""
    customer = broker.customer
    service = customer.services[chosen.service]
    ours = Recipient(entity_id=customer.entity_id, key_name=customer.encryption_name, certificate=customer.encryption)
    said = BrokerAnswer(
        number=number,
        issuer=broker.entity_id,
        destination=customer.consumer_url,
        recipient=customer.consumer_url,
        audience=customer.entity_id,
        request_id=request_id,
        at=at,
        authenticated_at=at,
        not_before=at,
        not_on_or_after=at + _LIFE,
        level=f"{LEVEL}{chosen.level}",
        service_id=service.service_id,
        service_uuid=service.service_uuid,
        legal=((chosen.number_kind, chosen.number),),
        acting=(PSEUDO, chosen.pseudonym),
        branch=chosen.branch,
        intermediary=chosen.intermediary,
        recipients=(ours,),
        key=broker.key,
    )
    return replace(said, advice=[_advice(said, each, index) for index, each in enumerate(broker.advisers)])


def _advice(answer: BrokerAnswer, key: BrokerKey, index: int) -> BrokerAnswer:
    """What somebody else said to the broker: under his own key, of a higher level, for another recipient."""
    return replace(
        answer,
        number=f"{answer.number}-{index}",
        issuer=f"urn:etoegang:AD:00000099000000008000:entities:{index:04}",
        audience=answer.issuer,
        recipient=answer.issuer,
        level=f"{LEVEL}loa4",
        legal=((KVK, "99999999"),),
        branch="999999999999",
        recipients=[replace(each, entity_id=answer.issuer) for each in answer.recipients],
        key=key,
    )


def assertion(answer: BrokerAnswer) -> Element:
    """The signed Assertion."""
    return sign(unsigned_assertion(answer), answer.key)


def unsigned_assertion(answer: BrokerAnswer) -> Element:
    """The Assertion, with the place where its signature goes."""
    root = etree.Element(
        f"{{{SAML}}}Assertion",
        {"ID": answer.assertion_id, "IssueInstant": moment(answer.at), "Version": "2.0"},
        nsmap={"saml": SAML, "xs": _XS, "xsi": _XSI},
    )
    _text(root, "Issuer", answer.issuer)
    root.append(placeholder())
    subject = etree.SubElement(root, f"{{{SAML}}}Subject")
    name = _text(subject, "NameID", f"_transient{answer.number}")
    name.set("Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient")
    bearer = etree.SubElement(
        subject, f"{{{SAML}}}SubjectConfirmation", {"Method": "urn:oasis:names:tc:SAML:2.0:cm:bearer"}
    )
    etree.SubElement(
        bearer,
        f"{{{SAML}}}SubjectConfirmationData",
        {
            "InResponseTo": answer.request_id,
            "NotOnOrAfter": moment(answer.not_on_or_after),
            "Recipient": answer.recipient,
        },
    )
    conditions = etree.SubElement(
        root,
        f"{{{SAML}}}Conditions",
        {"NotBefore": moment(answer.not_before), "NotOnOrAfter": moment(answer.not_on_or_after)},
    )
    _text(etree.SubElement(conditions, f"{{{SAML}}}AudienceRestriction"), "Audience", answer.audience)
    if answer.advice:
        advice = etree.SubElement(root, f"{{{SAML}}}Advice")
        advice.extend([assertion(each) for each in answer.advice])
    statement = etree.SubElement(root, f"{{{SAML}}}AuthnStatement", {"AuthnInstant": moment(answer.authenticated_at)})
    context = etree.SubElement(statement, f"{{{SAML}}}AuthnContext")
    if answer.level is not None:
        _text(context, "AuthnContextClassRef", answer.level)
    _text(context, "AuthenticatingAuthority", "urn:etoegang:AD:00000099000000008000:entities:0001")
    attributes = etree.SubElement(root, f"{{{SAML}}}AttributeStatement")
    for name_, values in _attributes(answer):
        _attribute(attributes, name_, values)
    return root


def _attributes(answer: BrokerAnswer) -> Iterable[tuple[str, Sequence[str | Element]]]:
    yield _SERVICE_ID, (answer.service_id,)
    yield "urn:etoegang:core:ServiceUUID", (answer.service_uuid,)
    yield (
        "urn:etoegang:core:LegalSubjectID",
        [_encrypted(answer, each, f"legal{index}") for index, each in enumerate(answer.legal)],
    )
    yield "urn:etoegang:core:ActingSubjectID", (_encrypted(answer, answer.acting, "acting"),)
    if answer.branch:
        yield _BRANCH, (answer.branch,)
    if answer.intermediary:
        yield _INTERMEDIARY, (answer.intermediary,)


def _encrypted(answer: BrokerAnswer, name: tuple[str, str] | bytes, what: str) -> Element:
    octets = name if isinstance(name, bytes) else name_id(*name)
    return encrypted_id(
        octets, answer.recipients, cipher=answer.cipher, transport=answer.transport, number=f"{what}{answer.number}"
    )


def response(answer: BrokerAnswer, *asserted: Element) -> Element:
    """The Response, without a signature of its own, around what is asserted."""
    root = etree.Element(
        f"{{{SAMLP}}}Response",
        {
            "Destination": answer.destination,
            "ID": f"_response{answer.number}",
            "InResponseTo": answer.request_id,
            "IssueInstant": moment(answer.at),
            "Version": "2.0",
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    _text(root, "Issuer", answer.issuer)
    root.append(_status(answer.status))
    root.extend(asserted)
    return root


def artifact_response(
    answer: BrokerAnswer, *responses: Element, resolve_id: str, status: Sequence[str] = ("Success",)
) -> Element:
    """The signed ArtifactResponse around a Response, or around none."""
    return sign(unsigned_artifact_response(answer, *responses, resolve_id=resolve_id, status=status), answer.key)


def unsigned_artifact_response(
    answer: BrokerAnswer, *responses: Element, resolve_id: str, status: Sequence[str] = ("Success",)
) -> Element:
    """The ArtifactResponse, with the place where its signature goes."""
    root = etree.Element(
        f"{{{SAMLP}}}ArtifactResponse",
        {
            "ID": f"_resolved{answer.number}",
            "InResponseTo": resolve_id,
            "IssueInstant": moment(answer.at),
            "Version": "2.0",
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    _text(root, "Issuer", answer.issuer)
    root.append(placeholder())
    root.append(_status(status))
    root.extend(responses)
    return root


def enveloped(root: Element) -> bytes:
    """A message in a SOAP 1.1 envelope."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(root)
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def written(answer: BrokerAnswer, *, resolve_id: str) -> bytes:
    """The whole answer to an ArtifactResolve."""
    asserted = (assertion(answer),) if tuple(answer.status) == ("Success",) else ()
    return enveloped(artifact_response(answer, response(answer, *asserted), resolve_id=resolve_id))


def moment(value: datetime) -> str:
    """A moment as many brokers write it, with milliseconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"


def _text(parent: Element, name: str, value: str) -> Element:
    element = etree.SubElement(parent, f"{{{SAML}}}{name}")
    element.text = value
    return element


def _attribute(parent: Element, name: str, values: Sequence[str | Element]) -> None:
    attribute = etree.SubElement(parent, f"{{{SAML}}}Attribute", {"Name": name})
    for each in values:
        value = etree.SubElement(attribute, f"{{{SAML}}}AttributeValue")
        if isinstance(each, str):
            value.set(f"{{{_XSI}}}type", "xs:string")
            value.text = each
        else:
            value.append(each)


def _status(codes: Sequence[str]) -> Element:
    """A status with its code, and the second one inside it."""
    root = parent = etree.Element(f"{{{SAMLP}}}Status", nsmap={"samlp": SAMLP})
    for code in codes:
        parent = etree.SubElement(parent, f"{{{SAMLP}}}StatusCode", {"Value": f"{_STATUS}{code}"})
    return root
