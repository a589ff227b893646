"""The floor does what has to be done, and finds out when it was not."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from lxml import etree

from bench.alternating import Round
from bench.floor import wire
from bench.floor.work import Floor, FloorBroken, canonical
from bench.floor_process import HEADER_SCHEMA, floor_running, schema_of_documents, write_document
from bench.station import Used
from bench.transactions import row
from crypto.certificates import load_certificates
from crypto.suites import AS4_1_15_RSA
from crypto.verify import VerificationPolicy, verify
from gateway.clock import SystemClock
from gateway.ebms.envelope import locate
from gateway.ebms.read import read_messaging
from gateway.limits import ENVELOPE_LIMITS
from xsd.checking.header_schema import header_violations
from xsd.document import parse_document


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Floor:
    folder = tmp_path_factory.mktemp("floor")
    write_document(folder / "document.xml")
    return Floor(
        2048,
        schema=schema_of_documents(),
        header_schema=HEADER_SCHEMA,
        document=folder / "document.xml",
        folder=folder,
    )


def envelopes(floor: Floor) -> dict[str, tuple[bytes, wire.Identity]]:
    """Every envelope of one transaction, and who signed it."""
    _, each = floor.transact(0, 1)
    return {
        "push": (wire.parts_of(each.push)[0][1], floor.sender),
        "receipt": (each.receipt, floor.hub),
        "pull": (each.pull, floor.receiver),
        "message": (wire.parts_of(each.answer)[0][1], floor.hub),
        "receipt in": (each.receipt_in, floor.receiver),
    }


@pytest.mark.parametrize("which", ["push", "receipt", "pull", "message", "receipt in"])
def test_what_the_floor_writes_is_verified_by_the_hubs_own_eyes(floor: Floor, which: str) -> None:
    """The templates are canonical, or no digest would hold."""
    octets, signer = envelopes(floor)[which]
    positions = locate(parse_document(octets, limits=ENVELOPE_LIMITS))
    assert header_violations(positions.messaging) == ()
    messaging = read_messaging(positions.messaging)
    assert messaging.user_message or messaging.pull_request or messaging.receipt
    certificate = signer.certificate.public_bytes(serialization.Encoding.PEM)
    assert positions.security is not None
    parts = [] if messaging.user_message is None else messaging.user_message.parts
    verified = verify(
        positions.security,
        messaging=positions.messaging,
        body=positions.body,
        content_ids=frozenset(each.href.removeprefix("cid:") for each in parts),
        policy=VerificationPolicy(
            suite=AS4_1_15_RSA, certificates=load_certificates(certificate), at=SystemClock().now()
        ),
    )
    assert len(verified.references) == 2 + len(parts)


def test_the_message_that_is_handed_out_carries_the_pushed_part_and_the_proof_of_its_origin(floor: Floor) -> None:
    _, each = floor.transact(0, 1)
    (_, envelope), *parts = wire.parts_of(each.answer)
    references = list(etree.fromstring(envelope).iter("{http://www.w3.org/2000/09/xmldsig#}DigestValue"))
    assert len(parts) == 2
    assert wire.digest(each.plain) in [one.text for one in references]


def test_every_step_is_counted_in_every_transaction(floor: Floor) -> None:
    used, _ = floor.transact(3, 5)
    assert list(used) == [name for name, _ in Floor.STEPS]
    assert all(nanoseconds > 0 for nanoseconds in used.values())
    stored = list(floor.database.execute("select count(*) from message where state = 'receipted' and content is null"))
    assert stored[0][0] >= 5


def test_a_floor_that_is_given_spoiled_octets_does_not_go_on(floor: Floor) -> None:
    each = floor.begin(0)
    each.push = each.push.replace(b"Saldoverzoek", b"Saldoverzoec")
    floor.parse(each)
    with pytest.raises(FloorBroken, match="digest of #messaging"):
        floor.verify(each)


def test_a_floor_that_is_given_a_header_against_the_schema_does_not_go_on(floor: Floor) -> None:
    each = floor.begin(0)
    each.push = each.push.replace(b"<eb:Action>", b"<eb:Acteon>").replace(b"</eb:Action>", b"</eb:Acteon>")
    with pytest.raises(FloorBroken, match="header breaks its schema"):
        floor.parse(each)


def test_the_canonical_form_of_what_was_written_is_what_was_written() -> None:
    identity = wire.Identity(2048)
    signed = wire.signed(wire.pull_request("one@floor"), identity)
    root = etree.fromstring(signed.octets)
    for element in (root[0][1], root[1], root[0][0][-1][0]):
        assert canonical(element) in signed.octets


async def test_a_floor_in_a_process_of_its_own_tells_the_cpu_time_of_every_step_and_of_the_requests(
    tmp_path: Path,
) -> None:
    write_document(tmp_path / "document.xml")
    async with floor_running(2048, tmp_path / "document.xml", 0) as floor:
        used = await floor.transact(6, 2)
        more = await floor.transact(2, 1)
    assert (used.transactions, more.transactions) == (6, 2)
    assert list(used.seconds) == [*(name for name, _ in Floor.STEPS), "3 HTTPS requests"]
    assert all(seconds > 0 for seconds in used.seconds.values())
    assert len(floor.pids) == 2


def test_a_ratio_stands_against_the_floor_of_its_own_round() -> None:
    rounds = [
        Round(
            used={"hub": Used(10, {"push": hub}), "floor": Used(10, {"a": low, "b": low})},
            others_cores=0,
            load_average=1,
        )
        for hub, low in ((0.06, 0.01), (0.04, 0.01))
    ]
    found = row(4, rounds, [1_500.0, 4_000.0])
    assert found["ratio"]["rounds"] == pytest.approx([3.0, 2.0])
    assert found["ratio_to_floor_before"]["rounds"] == pytest.approx([4.0, 1.0])
