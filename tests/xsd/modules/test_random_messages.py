"""Any document that a schema allows is accepted, read and written: for every message of every module."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree
from support.random_messages import documents

from xsd.binding import from_element, to_element
from xsd.catalogue import load_catalogue
from xsd.checking.layers import rule_violations, violations
from xsd.message_type import MessageType
from xsd.messages import message_class
from xsd.payload_header import read_payload_header
from xsd.schema_model import read_schema_model

CATALOGUE = load_catalogue()
MODELS = {m.namespace: read_schema_model(m.messages[0].schema) for m in CATALOGUE.modules}
TYPES = [pytest.param(t, id=f"{t.module}-{t.version}-{t.name}") for t in CATALOGUE]


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True)


@pytest.mark.parametrize("message_type", TYPES)
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_allowed_document_survives_being_read_and_written(message_type: MessageType, data: st.DataObject) -> None:
    drawn = data.draw(documents(MODELS[message_type.namespace], message_type.name))
    document = etree.fromstring(etree.tostring(drawn))
    found = violations(message_type, document)
    assume(all(v.code != "XSD-CVC-IDC" for v in found))
    assert found == ()
    message = from_element(message_class(message_type), document)
    assert canonical(to_element(message)) == canonical(document)
    assert from_element(type(message), to_element(message)) == message
    header = read_payload_header(document)
    assert header.referentienummer == message.stuurgegevens.referentienummer  # type: ignore[attr-defined]
    rule_violations(message_type, document, document)
