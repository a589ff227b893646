"""The form of a signature, and text that readers disagree on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from lxml import etree
from support.identity.goldens import GOLDENS
from support.identity.logins import RESOLVE_ID, answer, broker_key, given, logged_in, refused
from support.identity.wrapping import signature_of

import crypto.signed_element
from gateway.identity.login import LoginRefused
from gateway.site.broker.answer import BrokerAnswer, artifact_response, enveloped, response, unsigned_assertion
from gateway.site.broker.sealing import DS, Element, sign
from gateway.site.broker.values import KVK, SAML, SAMLP

ASSERTION = f"{{{SAML}}}Assertion"
ATTRIBUTE = f"{{{SAML}}}Attribute"
TR = "http://www.w3.org/TR/"


def bent(change: Callable[[Element], None], place: str = "Assertion") -> bytes:
    """A golden answer with its ds:Signature changed."""
    document = etree.fromstring(GOLDENS["without advice"]())
    tag = ASSERTION if place == "Assertion" else f"{{{SAMLP}}}ArtifactResponse"
    change(signature_of(next(document.iter(tag))))
    return etree.tostring(document)


def said(change: Callable[[Element], None], answer_: BrokerAnswer | None = None) -> bytes:
    """An answer whose Assertion was changed before the broker signed it."""
    said_ = answer_ or answer()
    unsigned = unsigned_assertion(said_)
    change(unsigned)
    signed = sign(unsigned, said_.key)
    return enveloped(artifact_response(said_, response(said_, signed), resolve_id=RESOLVE_ID))


def algorithm(name: str, value: str, index: int = 0) -> Callable[[Element], None]:
    def change(signature: Element) -> None:
        list(signature.iter(f"{{{DS}}}{name}"))[index].set("Algorithm", value)

    return change


def doubled(signature: Element) -> None:
    reference = next(signature.iter(f"{{{DS}}}Reference"))
    reference.addnext(etree.fromstring(etree.tostring(reference)))


def without_id(signature: Element) -> None:
    next(signature.iter(f"{{{DS}}}Reference")).set("URI", "")


def by_xpointer(signature: Element) -> None:
    reference = next(signature.iter(f"{{{DS}}}Reference"))
    reference.set("URI", f"#xpointer(id('{reference.get('URI', '')[1:]}'))")


def with_a_third_transform(signature: Element) -> None:
    etree.SubElement(
        next(signature.iter(f"{{{DS}}}Transforms")), f"{{{DS}}}Transform", {"Algorithm": f"{TR}1999/REC-xslt-19991116"}
    )


def without_transforms(signature: Element) -> None:
    transforms = next(signature.iter(f"{{{DS}}}Transforms"))
    transforms.remove(transforms[0])


def with_an_object(signature: Element) -> None:
    etree.SubElement(signature, f"{{{DS}}}Object")


FORMS: dict[str, Callable[[Element], None]] = {
    "XSLT": algorithm("Transform", f"{TR}1999/REC-xslt-19991116", 1),
    "XPath": algorithm("Transform", f"{TR}1999/REC-xpath-19991116", 1),
    "XPath instead of enveloped": algorithm("Transform", f"{TR}1999/REC-xpath-19991116"),
    "base64": algorithm("Transform", f"{DS}base64", 1),
    "inclusive c14n": algorithm("Transform", f"{TR}2001/REC-xml-c14n-20010315", 1),
    "exclusive c14n with comments": algorithm("Transform", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments", 1),
    "inclusive c14n of SignedInfo": algorithm("CanonicalizationMethod", f"{TR}2001/REC-xml-c14n-20010315"),
    "a third transform": with_a_third_transform,
    "one transform": without_transforms,
    "two references": doubled,
    "an empty URI": without_id,
    "an XPointer": by_xpointer,
    "a digest by SHA-1": algorithm("DigestMethod", f"{DS}sha1"),
    "a signature by SHA-1": algorithm("SignatureMethod", f"{DS}rsa-sha1"),
    "a signature by HMAC": algorithm("SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
    "a ds:Object": with_an_object,
}


@pytest.mark.parametrize("form", FORMS)
def test_another_form_is_refused_before_anything_of_it_runs_PO_08(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def ran(*_: object) -> bytes:
        raise AssertionError("something was canonicalized")

    octets = bent(FORMS[form], "ArtifactResponse")
    monkeypatch.setattr(crypto.signed_element, "canonical_octets", ran)
    refused(octets, "signature")


@pytest.mark.parametrize("form", FORMS)
def test_another_form_is_refused_inside_as_well_PO_08(form: str) -> None:
    refused(bent(FORMS[form]), "signature")


def test_a_certificate_in_the_message_is_not_looked_at_PO_09() -> None:
    """The thief's own certificate and name, or his certificate under the broker's name."""
    thief = broker_key("means")
    refused(answer(key=thief), "signature")

    def renamed(signature: Element) -> None:
        next(signature.iter(f"{{{DS}}}KeyName")).text = broker_key().name

    document = etree.fromstring(given(answer(key=thief)))
    for each in document.iter(f"{{{DS}}}Signature"):
        renamed(each)
    refused(etree.tostring(document), "signature")


def test_a_signature_that_names_no_key_or_two_is_nobodys_PO_09() -> None:
    def unnamed(signature: Element) -> None:
        info = next(signature.iter(f"{{{DS}}}KeyInfo"))
        info.remove(info[0])

    def twice(signature: Element) -> None:
        info = next(signature.iter(f"{{{DS}}}KeyInfo"))
        etree.SubElement(info, f"{{{DS}}}KeyName").text = "another"

    def otherwise(signature: Element) -> None:
        next(signature.iter(f"{{{DS}}}KeyName")).text = "another"

    for change in (unnamed, twice, otherwise):
        refused(bent(change), "signature")
        refused(bent(change, "ArtifactResponse"), "signature")


# --- one text, one reading ----------------------------------------------------------------------------------------

ISSUER = b"urn:etoegang:HM:00000099000000007000"


@pytest.mark.parametrize(
    "between",
    [b"<!---->", b"<!--a-->", b"<?p?>", b"<?xml-stylesheet href='x'?>", b"&e;"],
    ids=lambda each: each.decode(),
)
def test_a_value_that_is_cut_in_two_refuses_the_whole_answer_PO_07(between: bytes) -> None:
    octets = given(answer()).replace(ISSUER, ISSUER[:12] + between + ISSUER[12:])
    assert between in octets
    refused(octets, "document")


@pytest.mark.parametrize("prolog", [b"<!-- -->", b"<?p?>", b"<!DOCTYPE x>", b'<!DOCTYPE x [<!ENTITY e "v">]>'])
def test_nothing_stands_in_front_of_an_answer_PO_07(prolog: bytes) -> None:
    octets = given(answer())
    root = octets.index(b"<soap:Envelope")
    refused(octets[:root] + prolog + octets[root:], "document")


@pytest.mark.parametrize("spelling", [b"<![CDATA[urn:etoeg]]>ang", b"urn&#58;etoegang", b"urn:<![CDATA[etoegang]]>"])
def test_another_spelling_of_the_same_text_is_the_same_text_PO_07(spelling: bytes) -> None:
    octets = given(answer()).replace(b">urn:etoegang:HM", b">" + spelling + b":HM")
    assert spelling in octets
    assert logged_in(octets).login.issuer == "urn:etoegang:HM:00000099000000007000:entities:0001"


@pytest.mark.parametrize("between", [b"<!---->", b"<?p?>", b"&e;", b"<b/>"])
def test_what_was_encrypted_is_read_by_the_same_parser_PO_07(between: bytes) -> None:
    name_id = f'<NameID xmlns="{SAML}" NameQualifier="{KVK}">1234'.encode() + between + b"5678</NameID>"
    refused(answer(legal=(name_id,)), "identity" if between == b"<b/>" else "decryption")


def test_what_was_encrypted_may_be_spelled_in_another_way_PO_07() -> None:
    name_id = f'<a:NameID xmlns:a="{SAML}" NameQualifier="{KVK}">12<![CDATA[34]]>&#53;678</a:NameID>'.encode()
    assert logged_in(given(answer(legal=(name_id,)))).login.organisation.value == "12345678"


def test_what_was_encrypted_has_to_be_a_name_id() -> None:
    refused(answer(legal=(b"<NameID>12345678</NameID>",)), "decryption")
    refused(answer(legal=(b"12345678",)), "decryption")


# --- deciding attributes ------------------------------------------------------------------------------------------

DECIDING = [
    ("urn:etoegang:core:ServiceID", "service"),
    ("urn:etoegang:core:ServiceUUID", "service"),
    ("urn:etoegang:core:LegalSubjectID", "identity"),
    ("urn:etoegang:core:ActingSubjectID", "identity"),
    ("urn:etoegang:1.9:ServiceRestriction:Vestigingsnr", "identity"),
    ("urn:etoegang:1.9:IntermediateEntityID:KvKnr", "identity"),
]
FULL: dict[str, Any] = {"branch": "000012345678", "intermediary": "87654321", "advice": ()}


def attribute(assertion: Element, name: str) -> Element:
    return next(each for each in assertion.iter(ATTRIBUTE) if each.get("Name") == name)


def copied(element: Element) -> Element:
    """A copy with ids of its own."""
    copy = etree.fromstring(etree.tostring(element))
    for each in copy.iter():
        if "Id" in each.attrib:
            each.set("Id", each.attrib["Id"] + "b")
    return copy


@pytest.mark.parametrize(("name", "check"), DECIDING)
def test_an_attribute_that_decides_stands_there_once_PO_83(name: str, check: Any) -> None:
    def twice(assertion: Element) -> None:
        attribute(assertion, name).addnext(copied(attribute(assertion, name)))

    refused(said(twice, answer(**FULL)), check)


@pytest.mark.parametrize(("name", "check"), DECIDING)
def test_an_attribute_that_decides_has_one_value_PO_83(name: str, check: Any) -> None:
    def two_values(assertion: Element) -> None:
        value = attribute(assertion, name)[0]
        value.addnext(copied(value))

    refused(said(two_values, answer(**FULL)), check)


@pytest.mark.parametrize("name", ["Assertion", "AttributeStatement", "AuthnStatement", "Conditions", "Subject"])
def test_a_second_statement_refuses_the_whole_assertion_PO_83(name: str) -> None:
    def twice(assertion: Element) -> None:
        element = next(assertion.iterchildren(f"{{{SAML}}}{name}"))
        element.addnext(copied(element))

    if name != "Assertion":
        refused(said(twice), "shape")
        return
    both = enveloped(
        artifact_response(
            answer(),
            response(answer(), *(sign(unsigned_assertion(answer(number=each)), broker_key()) for each in "12")),
            resolve_id=RESOLVE_ID,
        )
    )
    refused(both, "shape")


@pytest.mark.parametrize(
    "name",
    [
        "urn:etoegang:1.9:ServiceRestriction:Postcode",
        "urn:etoegang:1.13:ServiceRestriction:Vestigingsnr",
        "urn:etoegang:1.9:IntermediateEntityID:RSIN",
        "urn:etoegang:1.9:ServiceRestriction",
    ],
)
@pytest.mark.parametrize("branch", ["", "000012345678"])
def test_a_limit_of_the_mandate_that_nobody_knows_is_a_refusal_PO_83(name: str, branch: str) -> None:
    """Also beside one that is known."""

    def limited(assertion: Element) -> None:
        statement = next(assertion.iterchildren(f"{{{SAML}}}AttributeStatement"))
        added = etree.SubElement(statement, ATTRIBUTE, {"Name": name})
        etree.SubElement(added, f"{{{SAML}}}AttributeValue").text = "1234"

    refused(said(limited, answer(branch=branch, advice=())), "identity")


@pytest.mark.parametrize(
    "names",
    [
        ["urn:etoegang:1.9:IntermediateEntityID:RSIN"],
        ["urn:etoegang:1.9:IntermediateEntityID:KvKnr", "urn:etoegang:1.13:IntermediateEntityID:KvKnr"],
    ],
)
def test_an_intermediary_that_is_named_otherwise_or_beside_another_is_a_refusal_PO_13(names: list[str]) -> None:
    def named(assertion: Element) -> None:
        statement = next(assertion.iterchildren(f"{{{SAML}}}AttributeStatement"))
        for name in names:
            added = etree.SubElement(statement, ATTRIBUTE, {"Name": name})
            etree.SubElement(added, f"{{{SAML}}}AttributeValue").text = "87654321"

    refused(said(named), "identity")


def test_a_condition_that_nobody_knows_is_a_refusal() -> None:
    def limited(assertion: Element) -> None:
        etree.SubElement(next(assertion.iter(f"{{{SAML}}}Conditions")), f"{{{SAML}}}Condition")

    refused(said(limited), "shape")


@pytest.mark.parametrize("moment", [None, "", "2026-12-01T09:00:00", "2026-12-01", "now"])
@pytest.mark.parametrize(
    ("element", "name"),
    [
        ("Assertion", "IssueInstant"),
        ("Conditions", "NotOnOrAfter"),
        ("Conditions", "NotBefore"),
        ("SubjectConfirmationData", "NotOnOrAfter"),
        ("AuthnStatement", "AuthnInstant"),
    ],
)
def test_what_is_no_moment_is_no_time_to_count_in_PO_11(element: str, name: str, moment: str | None) -> None:
    def otherwise(assertion: Element) -> None:
        found = next(assertion.iter(f"{{{SAML}}}{element}"))
        if moment is None:
            del found.attrib[name]
        else:
            found.set(name, moment)

    octets = said(otherwise, answer(advice=()))
    if (name, moment) == ("NotBefore", None):
        assert logged_in(octets).login.issuer.startswith("urn:etoegang:HM")
    else:
        refused(octets, "time")


def test_an_assertion_that_is_encrypted_whole_is_refused() -> None:
    encrypted = etree.Element(f"{{{SAML}}}EncryptedAssertion")
    octets = enveloped(artifact_response(answer(), response(answer(), encrypted), resolve_id=RESOLVE_ID))
    refused(octets, "shape")


def test_an_attribute_that_is_encrypted_whole_is_refused_for_it_may_limit_the_mandate() -> None:
    def otherwise(assertion: Element) -> None:
        statement = next(assertion.iter(f"{{{SAML}}}AttributeStatement"))
        statement.append(etree.Element(f"{{{SAML}}}EncryptedAttribute"))

    refused(said(otherwise, answer(advice=())), "shape")


def test_a_subject_that_anybody_may_confirm_is_refused() -> None:
    def otherwise(assertion: Element) -> None:
        confirmation = next(assertion.iter(f"{{{SAML}}}SubjectConfirmation"))
        confirmation.set("Method", "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches")

    refused(said(otherwise), "shape")


# --- every octet --------------------------------------------------------------------------------------------------


@settings(max_examples=80)
@drawn(data=st.data())
@pytest.mark.parametrize("golden", GOLDENS)
def test_no_change_of_an_octet_is_accepted_with_other_values(golden: str, data: st.DataObject) -> None:
    octets = GOLDENS[golden]()
    at = data.draw(st.integers(0, len(octets) - 1))
    by = data.draw(st.one_of(st.binary(max_size=1), st.sampled_from([b"<!---->", b" ", b"&#48;", b"\n", b"0", b"9"])))
    length = data.draw(st.integers(0, 1))
    try:
        read = logged_in(octets[:at] + by + octets[at + length :])
    except LoginRefused:
        return
    assert read == logged_in(octets)


@settings(max_examples=80)
@drawn(octets=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_whatever_comes_is_refused_and_raises_nothing_else(octets: bytes) -> None:
    """By its octets, or where they happen to be a document, by what it is."""
    with pytest.raises(LoginRefused) as caught:
        logged_in(octets)
    assert caught.value.check in ("document", "shape")


def test_an_answer_that_is_too_large_or_deep_is_refused_PO_15() -> None:
    refused(b"<a>" + b" " * 1_048_576 + b"</a>", "document")
    refused(b"<a>" * 60 + b"</a>" * 60, "document")


def test_another_document_than_an_envelope_is_refused_PO_15() -> None:
    refused(b"<html><body>500</body></html>", "shape")
    soap12 = given(answer()).replace(
        b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope"
    )
    refused(soap12, "shape")
    refused(given(answer()).replace(b"soap:Envelope", b"soap:Letter"), "shape")
    fault = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault/></s:Body></s:Envelope>'
    refused(fault, "response")
