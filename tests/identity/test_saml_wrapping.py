"""Signature wrapping over every golden answer: whatever stands in for what was signed, it is refused by a named check.

The Assertion is wrapped inside an ArtifactResponse that is left as it is, and inside one that the broker signed over
the wrapped Assertion: the inner signature has to hold by itself.
"""

from __future__ import annotations

import pytest
from lxml import etree
from support.identity.goldens import GOLDENS
from support.identity.logins import AT, RESOLVE_ID, answer, broker_key, logged_in, refused
from support.identity.wrapping import SHAPES, signature_of

from gateway.identity.login import LoginRefused
from gateway.site.broker.answer import artifact_response, response, unsigned_assertion
from gateway.site.broker.sealing import Element, placeholder, sign
from gateway.site.broker.values import KVK, SAML, SAMLP

ASSERTION = f"{{{SAML}}}Assertion"
ARTIFACT_RESPONSE = f"{{{SAMLP}}}ArtifactResponse"
IDS = ("the same id", "another id", "no id")
FORGED = answer(number="2", legal=((KVK, "99999999"),), advice=())


def forged_assertion() -> Element:
    """What a thief would like to be true; anybody can encrypt for us."""
    forged = unsigned_assertion(FORGED)
    forged.remove(signature_of(forged))
    return forged


def forged_artifact_response() -> Element:
    forged = artifact_response(FORGED, response(FORGED, forged_assertion()), resolve_id=RESOLVE_ID)
    forged.remove(signature_of(forged))
    return forged


def labelled(forged: Element, signed: Element, ids: str) -> Element:
    if ids == "the same id":
        forged.set("ID", signed.attrib["ID"])
    elif ids == "no id":
        del forged.attrib["ID"]
    return forged


def signed_anew(document: Element) -> None:
    """Let the broker sign the ArtifactResponse over what it holds now."""
    root = next(document.iter(ARTIFACT_RESPONSE))
    root.replace(signature_of(root), placeholder())
    parent = root.getparent()
    assert parent is not None
    parent.replace(root, sign(root, broker_key()))


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("golden", GOLDENS)
def test_an_assertion_that_stands_in_for_the_signed_one_is_refused_PO_05(golden: str, shape: str, ids: str) -> None:
    octets = GOLDENS[golden]()
    assert logged_in(octets).login.at == AT
    document = etree.fromstring(octets)
    signed = next(each for each in document.iter(ASSERTION) if each.getparent().tag == f"{{{SAMLP}}}Response")  # type: ignore[union-attr]
    SHAPES[shape](signed, labelled(forged_assertion(), signed, ids))
    with pytest.raises(LoginRefused) as caught:
        logged_in(etree.tostring(document))
    assert caught.value.check in {"shape", "signature"}
    signed_anew(document)
    with pytest.raises(LoginRefused) as caught:
        logged_in(etree.tostring(document))
    assert caught.value.check in {"shape", "signature"}
    assert "ArtifactResponse" not in caught.value.detail  # whose signature holds now


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("golden", GOLDENS)
def test_an_answer_that_stands_in_for_the_signed_one_is_refused_PO_05(golden: str, shape: str, ids: str) -> None:
    document = etree.fromstring(GOLDENS[golden]())
    signed = next(document.iter(ARTIFACT_RESPONSE))
    SHAPES[shape](signed, labelled(forged_artifact_response(), signed, ids))
    with pytest.raises(LoginRefused) as caught:
        logged_in(etree.tostring(document))
    assert caught.value.check in {"response", "shape", "signature"}


def test_a_forged_assertion_without_a_signature_is_refused_though_the_answer_is_signed_PO_83() -> None:
    octets = artifact_response(answer(), response(answer(), forged_assertion()), resolve_id=RESOLVE_ID)
    envelope = etree.fromstring(GOLDENS["signxml"]())
    old = next(envelope.iter(ARTIFACT_RESPONSE))
    old.getparent().replace(old, octets)  # type: ignore[union-attr]
    refused(etree.tostring(envelope), "signature")
