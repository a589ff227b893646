"""Moments and certificates in the browser, held against what the hub makes of the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.browser.asking import asked
from support.keys.pki import NOW, VARIANTS, Variant, identity

from crypto.certificates import certificate_objection, der, subject_key_identifier, thumbprint_sha256
from crypto.moments import read_date_time


@given(
    st.from_regex(
        r"\A[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,4})?(Z|[+-][01][0-9]:[0-6][0-9])?\Z"
    )
)
def test_a_moment_is_read_as_the_hub_reads_it(text: str) -> None:
    found, wanted = asked().ask("moment", written=text), read_date_time(text)
    if wanted is None or not 100 < wanted.year < 9990:
        return
    assert found is not None
    assert found["hasZone"] is (wanted.tzinfo is not None)
    moment = datetime.fromisoformat(found["moment"])
    aware = wanted if wanted.tzinfo is not None else wanted.replace(tzinfo=UTC)
    assert moment == aware.astimezone(UTC).replace(microsecond=aware.microsecond // 1_000 * 1_000)


@pytest.mark.parametrize(
    "text", ["2026-02-30T10:00:00Z", "2026-13-01T10:00:00Z", "2026-03-04T25:00:00Z", "", "gisteren"]
)
def test_a_moment_that_does_not_exist_is_none(text: str) -> None:
    assert read_date_time(text) is None
    assert asked().ask("moment", written=text) is None


@pytest.mark.parametrize("use", ["signing", "encryption"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_certificate_is_judged_as_the_hub_judges_it(variant: Variant, use: str) -> None:
    certificate = getattr(identity("creditor", variant), use).certificate
    found = asked().ask("certificate", der=der(certificate), use=use, at=NOW)
    assert found["serialNumber"] == str(certificate.serial_number)
    assert found["thumbprint"] == thumbprint_sha256(certificate).hex()
    assert found["keyIdentifier"] in (None, subject_key_identifier(certificate))
    assert datetime.fromisoformat(found["notAfter"]) == certificate.not_valid_after_utc
    objection = certificate_objection(certificate, NOW, usage=use)  # type: ignore[arg-type]
    assert (found["objection"] is None) == (objection is None)


@given(place=st.integers(0, 2_000), octet=st.integers(0, 255), cut=st.integers(0, 3))
def test_octets_that_are_no_certificate_are_none(place: int, octet: int, cut: int) -> None:
    octets = bytearray(der(identity("creditor").signing.certificate))
    octets[place % len(octets)] = octet
    asked().ask("certificate", der=bytes(octets)[: len(octets) - cut], at=NOW)
