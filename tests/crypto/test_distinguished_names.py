"""Issuer names as products write them: every spelling names the certificate, no other name does (S04)."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from crypto.distinguished_names import names_same, parse_name
from crypto.faults import PolicyNoncompliance

NAME = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'Bakker, Zoon & "Co"'),
        x509.NameAttribute(NameOID.EMAIL_ADDRESS, "a@b.example"),
        x509.NameAttribute(NameOID.SERIAL_NUMBER, "0042"),
        x509.NameAttribute(NameOID.COMMON_NAME, "Ça  va"),
    ]
)


@pytest.mark.parametrize(
    "text",
    [
        r"CN=Ça va,2.5.4.5=0042,1.2.840.113549.1.9.1=a@b.example,O=Bakker\, Zoon & \"Co\",C=NL",
        r"CN=\C3\87a va, SERIALNUMBER=0042, E=a@b.example, O=Bakker\2C Zoon & \22Co\22, C=NL",
        r'CN = "Ça va" , OID.2.5.4.5 = 0042 ; EMAILADDRESS=a@b.example , O="Bakker, Zoon & \"Co\"" , C=nl',
        r"C=NL,O=Bakker\, Zoon & \"Co\",E=a@b.example,serialNumber=0042,CN=Ça va",
        r"CN=#0C06C387612076 61,2.5.4.5=#130430303432,E=#160B6140622E6578616D706C65,O=Bakker\, Zoon & \"Co\",C=NL",
    ],
)
def test_S04_every_spelling_of_a_name_is_that_name(text: str) -> None:
    assert names_same(parse_name(text), NAME)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CN=Ça va",
        r"CN=Ça va,2.5.4.5=0043,E=a@b.example,O=Bakker\, Zoon & \"Co\",C=NL",
        r"CN=Ça va+2.5.4.5=0042,E=a@b.example,O=Bakker\, Zoon & \"Co\",C=NL",
        r"2.5.4.5=0042,CN=Ça va,E=a@b.example,O=Bakker\, Zoon & \"Co\",C=NL",
    ],
)
def test_another_name_is_not_that_name(text: str) -> None:
    assert not names_same(parse_name(text), NAME)


@pytest.mark.parametrize("text", ["CN", "nothing=x", "CN=#zz", "CN=#0203010203", "CN=#0C05ab", r"CN=\FF", "a.b=c"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(PolicyNoncompliance):
        parse_name(text)


VALUES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=12
)


@given(st.lists(st.tuples(st.sampled_from([NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME]), VALUES), min_size=1))
def test_what_RFC_4514_writes_is_read_back(attributes: list[tuple[x509.ObjectIdentifier, str]]) -> None:
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])
    assert names_same(parse_name(name.rfc4514_string()), name)


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_is_refused(text: str) -> None:
    try:
        parse_name(text)
    except PolicyNoncompliance:
        return
