"""xmlsec1 on logins: it verifies what we sign for the broker, and what it signs in a broker's place is read."""

from __future__ import annotations

import os
import shutil
from base64 import b64decode
from pathlib import Path

import pytest
from lxml import etree
from support.identity import xmlsec
from support.identity.attacks import IDS, refused_wrapped_answers, refused_wrapped_assertions
from support.identity.logins import AT, RESOLVE_ID, answer, broker, logged_in, read, us
from support.identity.offers import offer
from support.identity.wrapping import SHAPES

from gateway.identity.login import LoginKind
from gateway.identity.saml import Artifact, begin, resolve_request, write_catalogue, write_metadata
from gateway.site.broker.values import SOAP

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(
        shutil.which("xmlsec1") is None and not os.environ.get("CI"), reason="there is no xmlsec1 on this machine"
    ),
]


def asked_about_an_artifact() -> bytes:
    found = Artifact(value="AAQAAA==", index=0, relay_state="h")
    envelope = etree.fromstring(resolve_request(us(), broker(), found, request_id="_q1", at=AT).octets)
    (body,) = envelope.iterchildren(f"{{{SOAP}}}Body")
    return etree.tostring(body[0])


def asked_to_log_in() -> bytes:
    begun = begin(us(), broker(), LoginKind.USER, request_id="_r1", relay_state="h", at=AT)
    return b64decode(begun.fields["SAMLRequest"])


WRITTEN = {
    "metadata": lambda: write_metadata(offer(), metadata_id="_m1"),
    "catalogue": lambda: write_catalogue(offer(), catalogue_id="_c1", at=AT),
    "AuthnRequest": asked_to_log_in,
    "ArtifactResolve": asked_about_an_artifact,
}


@pytest.mark.parametrize("written", WRITTEN)
def test_xmlsec1_verifies_what_we_write_for_the_broker_PO_18(written: str, tmp_path: Path) -> None:
    xmlsec.verify(WRITTEN[written](), us().signer.certificate, us().key_name, tmp_path)


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An answer that xmlsec1 signed, over prefixes that another canonicalization would drop."""
    return xmlsec.answered(answer(), resolve_id=RESOLVE_ID, folder=tmp_path_factory.mktemp("xmlsec1"))


def test_an_answer_that_xmlsec1_signed_is_read(golden: bytes) -> None:
    assert b"InclusiveNamespaces" in golden
    assert logged_in(golden) == read(answer())


@pytest.mark.parametrize("ids", IDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_what_stands_in_for_what_xmlsec1_signed_is_refused_PO_05(golden: bytes, shape: str, ids: str) -> None:
    refused_wrapped_assertions(golden, shape, ids)
    refused_wrapped_answers(golden, shape, ids)
