"""wsu:Timestamp in wsse:Security: not needed, and judged when it is signed; an unsigned one says nothing (S44)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree
from support.keys.pki import NOW, identity
from support.messages.signed_messages import ENVELOPE, new_ids, policy_for, positions, signed_element

from crypto import names
from crypto.elements import Element
from crypto.faults import FailedAuthentication, PolicyNoncompliance
from crypto.key_references import KeyReference
from crypto.sign import sign, write_security
from crypto.suites import AS4_1_15_RSA
from crypto.timestamps import Lifetime
from crypto.verify import VerificationPolicy, Verified, verify


def verified_with(
    *timestamps: dict[str, str], signed: bool = True, policy: VerificationPolicy | None = None
) -> Verified:
    document = etree.fromstring(ENVELOPE)
    header, body = document
    security = etree.fromstring(write_security())
    header.insert(0, security)
    elements: list[Element] = [header[1], body]
    for times in timestamps:
        timestamp = etree.SubElement(security, names.TIMESTAMP)
        for name, text in times.items():
            etree.SubElement(timestamp, f"{{{names.WSU}}}{name}").text = text
        elements += [timestamp] * signed
    ids = new_ids()
    signature = sign(
        elements=[signed_element(each, ids) for each in elements],
        parts=(),
        key=identity("creditor").signing_key,
        suite=AS4_1_15_RSA,
        key_reference=KeyReference.TOKEN,
        ids=ids,
    )
    security.extend(etree.fromstring(write_security(signature.markup)))
    policy = policy or policy_for()
    return verify(security, messaging=header[1], body=body, content_ids=frozenset(), policy=policy)


@pytest.mark.parametrize("signed", [True, False])
def test_who_judges_the_time_himself_gets_what_the_message_says_of_it(signed: bool) -> None:
    """Every moment far from now; a certificate that has ended does not stand in the way either."""
    years = timedelta(days=3650)
    verified = verified_with(
        {"Created": (NOW - years).isoformat(), "Expires": (NOW - years).isoformat()},
        signed=signed,
        policy=replace(policy_for(), judges_time=False, at=NOW + years),
    )
    assert verified.lifetime == (Lifetime(created=NOW - years, expires=NOW - years) if signed else Lifetime())
    assert verified.certificate.not_valid_after_utc < NOW + years


def at(**difference: float) -> str:
    return (NOW + timedelta(**difference)).isoformat()


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    "times",
    [
        {"Created": at(minutes=-1), "Expires": at(minutes=4)},
        {"Created": at(minutes=-1), "Expires": at()},
        {"Created": at(minutes=5)},
        {"Expires": "2026-03-04T12:00:00.1234567+02:00"},
        {},
    ],
)
def test_S44_a_timestamp_in_time_is_accepted(times: dict[str, str], signed: bool) -> None:
    assert len(verified_with(times, signed=signed).references) == 2 + signed


OUT_OF_TIME = [
    {"Created": at(minutes=-9), "Expires": at(seconds=-1)},
    {"Expires": at(microseconds=-1)},
    {"Created": at(minutes=6), "Expires": at(minutes=9)},
    {"Expires": "0001-01-01T00:00:00+14:00"},
]


@pytest.mark.parametrize("times", OUT_OF_TIME)
def test_S44_a_signed_timestamp_out_of_time_is_refused(times: dict[str, str]) -> None:
    with pytest.raises(FailedAuthentication):
        verified_with(times)


@pytest.mark.parametrize("times", OUT_OF_TIME)
def test_S44_an_unsigned_timestamp_out_of_time_refuses_nothing(times: dict[str, str]) -> None:
    """Anybody on the way can have put it there."""
    assert verified_with(times, signed=False).lifetime == Lifetime()


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    "times",
    [
        {"Expires": "2026-03-04T12:00:00"},
        {"Expires": "2026-02-30T12:00:00Z"},
        {"Expires": "tomorrow"},
        {"Expires": ""},
        {"Comment": ""},
    ],
)
def test_S44_a_timestamp_of_another_form_is_refused(times: dict[str, str], signed: bool) -> None:
    with pytest.raises(PolicyNoncompliance):
        verified_with(times, signed=signed)


def test_S44_two_timestamps_are_refused() -> None:
    with pytest.raises(PolicyNoncompliance):
        verified_with({}, {})


def test_S44_a_timestamp_altered_after_signing_is_refused() -> None:
    where = positions(verified_with({"Expires": at(minutes=1)}).messaging.getroottree().getroot())
    wire_security = where.security
    next(wire_security.iter(names.EXPIRES)).text = at(minutes=2)
    with pytest.raises(FailedAuthentication):
        verify(wire_security, messaging=where.messaging, body=where.body, content_ids=frozenset(), policy=policy_for())


def test_without_a_timestamp_nothing_is_missing() -> None:
    assert len(verified_with().references) == 2
