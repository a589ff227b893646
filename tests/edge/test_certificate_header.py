"""The header in which a proxy hands on a client's certificate: its reader gives what was written, or refuses."""

from __future__ import annotations

import base64
import contextlib
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.keys.tls import tls_folder

from crypto.certificates import der
from gateway.edge.bare_status import BareStatus
from gateway.edge.certificate_header import byte_sequence, told_by_proxy
from gateway.limits import CertificateForm

FORMS: Final[tuple[CertificateForm, ...]] = ("rfc9440", "escaped-pem")


@given(st.binary(max_size=200))
def test_a_byte_sequence_is_read_as_it_was_written_SR_14(octets: bytes) -> None:
    assert byte_sequence(f":{base64.b64encode(octets).decode()}:") == octets


@given(st.text(alphabet=":=AB+/ ;,é\udcff", max_size=20) | st.text(max_size=30))
@example(":AAA:")
@example(":A===:")
@example(":AA==AA==:")
@example(":AAAA:\n")
def test_what_is_read_was_a_byte_sequence_and_nothing_beside_it_SR_14(value: str) -> None:
    try:
        octets = byte_sequence(value)
    except ValueError:
        return
    text = value[1:-1]
    assert value == f":{text}:"
    assert base64.b64decode(text, validate=True) == octets


@given(st.lists(st.text(max_size=30), min_size=1, max_size=3), st.booleans(), st.sampled_from(FORMS))
def test_whatever_stands_there_is_refused_and_never_a_defect_SR_14(
    values: list[str], trusted: bool, form: CertificateForm
) -> None:
    with pytest.raises(BareStatus) as refused:
        told_by_proxy(values, trusted=trusted, form=form)
    assert refused.value.status == 400


@given(st.data())
def test_a_certificate_with_any_octet_changed_has_another_thumbprint_or_is_refused_SR_14(data: st.DataObject) -> None:
    octets = bytearray(der(tls_folder().issued["valid"].certificate))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    value = f":{base64.b64encode(octets).decode()}:"
    with contextlib.suppress(BareStatus):
        found = told_by_proxy([value], trusted=True, form="rfc9440")
        assert found is not None
        assert found.thumbprint != tls_folder().thumbprint("valid")
