"""Wrapping carried out over a golden answer, in every place and under every id; a named check has to refuse each.

The Assertion is wrapped inside an ArtifactResponse that is left as it is, and inside one that the broker signed over
the wrapped Assertion: the inner signature has to hold by itself.
"""

from __future__ import annotations

import pytest
from lxml import etree
from support.identity.logins import AT, RESOLVE_ID, answer, broker_key, logged_in
from support.identity.wrapping import SHAPES, signature_of

from gateway.identity.login import LoginRefused
from gateway.site.broker.answer import artifact_response, response, unsigned_assertion
from gateway.site.broker.sealing import Element, placeholder, sign
from gateway.site.broker.values import KVK, SAML, SAMLP

ASSERTION = f"{{{SAML}}}Assertion"
RESPONSE = f"{{{SAMLP}}}Response"
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
    _parent(root).replace(root, sign(root, broker_key()))


def _refused(document: Element, *checks: str) -> LoginRefused:
    with pytest.raises(LoginRefused) as caught:
        logged_in(etree.tostring(document))
    assert caught.value.check in checks, caught.value
    return caught.value


def refused_wrapped_assertions(golden: bytes, shape: str, ids: str) -> None:
    """A forged assertion in place of the signed one, or beside it."""
    assert logged_in(golden).login.at == AT
    document = etree.fromstring(golden)
    (signed,) = (each for each in document.iter(ASSERTION) if _parent(each).tag == RESPONSE)
    SHAPES[shape](signed, labelled(forged_assertion(), signed, ids))
    _refused(document, "shape", "signature")
    signed_anew(document)
    refusal = _refused(document, "shape", "signature")
    assert "ArtifactResponse" not in refusal.detail  # whose signature holds now


def refused_wrapped_answers(golden: bytes, shape: str, ids: str) -> None:
    """A forged ArtifactResponse in place of the signed one, or beside it."""
    document = etree.fromstring(golden)
    signed = next(document.iter(ARTIFACT_RESPONSE))
    SHAPES[shape](signed, labelled(forged_artifact_response(), signed, ids))
    _refused(document, "response", "shape", "signature")


def _parent(element: Element) -> Element:
    found = element.getparent()
    assert found is not None
    return found
