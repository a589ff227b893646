"""An Error for somebody whom nobody knows is written as hub.yaml says, as far as the hub writes one at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.hub import catalogue, configuration_texts, load_test_certificates, running_hub
from support.hubs.raw import connected, head
from support.messages.wire import Wire, new_id, post, saldoverzoek

from crypto.keys import SigningKey
from crypto.names import AES128_GCM, DS, RSA_SHA512, SHA512, WSSE
from crypto.suites import AS4_1_15_RSA, SUITES, Suite, narrow_suite
from gateway.ebms import texts
from gateway.ebms.names import SOAP_XML_UTF8
from gateway.limits import EdgeLimits, Limits
from pmodes.configuration import Configuration
from pmodes.files import read_configuration

STRONGER = narrow_suite(
    "stronger",
    signature=RSA_SHA512,
    digest=SHA512,
    key_transport="rsa-oaep-sha256-mgf1sha256",
    content=AES128_GCM,
)
TORN = Wire(content_type=SOAP_XML_UTF8, body=b"<torn")


def with_hub(**keys: object) -> Configuration:
    """The test organisations with further keys in hub.yaml; there is a second suite to choose."""
    return read_configuration(
        configuration_texts({"hub": keys}),
        catalogue=catalogue(),
        load=load_test_certificates,
        suites={**SUITES, STRONGER.name: STRONGER},
    )


@pytest.mark.parametrize("suite", [AS4_1_15_RSA, STRONGER], ids=lambda suite: suite.name)
@pytest.mark.parametrize(("key_reference", "element"), [("token", "Reference"), ("ski", "KeyIdentifier")])
async def test_the_suite_and_the_key_reference_are_those_of_the_hub(
    suite: Suite, key_reference: str, element: str, tmp_path: Path
) -> None:
    configuration = with_hub(suite=suite.name, key_reference=key_reference)
    async with running_hub(tmp_path, configuration=configuration) as hub, connected(hub) as peer:
        await peer.send(head(TORN.content_type, f"Content-Length: {len(TORN.body)}", "Connection: close") + TORN.body)
        answer = etree.fromstring((await peer.gone()).partition(b"\r\n\r\n")[2])
    (method,) = answer.iter(f"{{{DS}}}SignatureMethod")
    assert method.get("Algorithm") == suite.signature.uri
    (reference,) = answer.iter(f"{{{WSSE}}}SecurityTokenReference")
    assert etree.QName(reference[0]).localname == element


async def test_who_sends_more_nonsense_than_allowed_costs_no_signature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = []
    sign = SigningKey.sign

    def counted(key: SigningKey, *arguments: object) -> bytes:
        signed.append(key)
        return sign(key, *arguments)  # type: ignore[arg-type]

    edge = replace(EdgeLimits(), unreadable_per_second=0.001, requests_per_second=1e6, stop_seconds=1.0)
    limits = replace(Limits(), retry_after_seconds=7)
    async with running_hub(tmp_path, edge_limits=edge, limits=limits) as hub:
        monkeypatch.setattr(SigningKey, "sign", counted)
        answers = [await post(hub, TORN) for _ in range(3)]
    assert [each.status for each in answers] == [400, 429, 429]
    assert len(signed) == 1
    assert 6 <= int(answers[-1].headers["Retry-After"]) <= 8, "the first wait, spread by a fifth"
    assert answers[-1].body == b""


async def test_what_cannot_be_read_for_its_size_or_its_number_of_parts_is_told_so(tmp_path: Path) -> None:
    draft = saldoverzoek()
    (part,) = draft.parts
    many = draft.with_parts(*(replace(part, content_id=new_id()) for _ in range(65)))
    large = Wire(content_type=SOAP_XML_UTF8, body=b" " * (Limits().soap_octets + 1))
    async with running_hub(tmp_path) as hub:
        said = [await post(hub, many.wire()), await post(hub, large)]
    assert [each.error and each.error.errors[0].description for each in said] == [
        texts.TOO_MANY_PARTS.en,
        texts.ENVELOPE_TOO_LARGE.en,
    ]
