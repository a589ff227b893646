"""What is fetched of revocation, when, and what becomes of it: a server of the test, or openssl's, on loopback."""

from __future__ import annotations

import itertools
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from support.clocks import StandingClock
from support.hubs.watching import Watching, source, watching
from support.keys import issuing, revoking
from support.keys.issuing import distribution
from support.keys.pki import NOW, identity
from support.longer import longer
from support.net.answering import Answering, answering

from crypto.certificates import Certificate
from crypto.revocation import RevocationFinding
from gateway.jobs.revocation_kept import FOLDER, LEDGER
from gateway.jobs.revocation_known import RevocationStanding
from gateway.jobs.revocation_watch import LEAST_SECONDS
from pmodes.model import RevocationCheck

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def creditors() -> Certificate:
    return identity("creditor").signing.certificate


def counsellors() -> Certificate:
    return identity("counsellor").signing.certificate


async def test_a_crl_is_fetched_and_says_who_was_revoked() -> None:
    async with answering(revoking.crl(creditors())) as server:
        both = watching(None, source(server.url), asked=[creditors(), counsellors()])
        assert both.state(creditors()) == "missing"
        await both.watch.look()
        assert (both.state(creditors()), both.state(counsellors())) == ("revoked", "good")
        assert server.connections == 1
        assert both.events() == ["certificate_revoked"]


async def test_a_responder_is_asked_about_each_certificate() -> None:
    async with answering(revoking.response(creditors(), revoked=True)) as server:
        one = watching(None, source(ocsp=server.url))
        await one.watch.look()
        assert one.state(creditors()) == "revoked"
        assert b"Content-Type: application/ocsp-request\r\n" in server.requests[0]


async def test_an_answer_about_another_certificate_is_not_taken() -> None:
    async with answering(revoking.response(counsellors())) as server:
        one = watching(None, source(ocsp=server.url))
        await one.watch.look()
        assert one.state(creditors()) == "missing"
        assert "another certificate" in str(one.log.of("revocation_not_had")[0]["detail"])


async def test_what_goes_wrong_with_one_authority_keeps_nobody_from_asking_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with answering(revoking.response(creditors())) as responder, answering(revoking.crl()) as crl:
        one = watching(None, source(crl.url, responder.url))

        def broken(*_: object) -> None:
            raise x509.UnsupportedGeneralNameType("of a name", 3)

        monkeypatch.setattr(one.known, "judge_crl", broken)
        await one.watch.look()
        assert one.state(creditors()) == "good"
        (told,) = one.log.of("revocation_not_had")
        assert "UnsupportedGeneralNameType" in str(told["detail"])
        assert told["retry_seconds"] == 60


@pytest.mark.parametrize(("wanted", "missed"), [("off", False), ("soft", True), ("hard", True)])
async def test_a_used_certificate_of_which_the_last_answer_is_over_is_asked_about_again_where_that_is_wanted(
    wanted: RevocationCheck, missed: bool
) -> None:
    async with answering(revoking.crl(counsellors())) as server:
        one = watching(None, source(server.url), asked=[creditors(), counsellors()])
        await one.watch.look()
        one.clock.move(2 * DAY)
        assert one.state(creditors()) == "stale"
        one.known.doubt(creditors(), one.clock.now(), wanted=wanted, party="1")
        assert (creditors() in one.known.missed()) is missed


async def test_a_used_certificate_of_which_nobody_said_anything_is_not_asked_about_where_that_is_off() -> None:
    async with answering(revoking.response(counsellors(), revoked=True)) as server:
        one = watching(None, source(ocsp=server.url), asked=[counsellors()])
        await one.watch.look()
        assert one.state(creditors()) == "missing"
        one.known.doubt(creditors(), one.clock.now(), wanted="off", party="1")
        assert creditors() not in one.known.missed()


async def test_one_of_two_that_says_good_is_enough_and_one_that_says_revoked_too() -> None:
    async with answering(revoking.crl(creditors())) as crl, answering(revoking.response(creditors())) as responder:
        one = watching(None, source(crl.url, responder.url))
        crl.says(b"", status="404 Not Found")
        await one.watch.look()
        assert one.state(creditors()) == "good"
        crl.says(revoking.crl(creditors()))
        one.clock.move(HOUR)
        await one.watch.look()
        assert one.state(creditors()) == "revoked"


async def test_nothing_is_asked_of_an_address_in_a_certificate_or_crl_SR_11() -> None:
    async with answering(b"") as inside, answering(b"") as server:
        here = x509.UniformResourceIdentifier(inside.url)
        point = x509.DistributionPoint(full_name=[here], relative_name=None, reasons=None, crl_issuer=None)
        access = x509.AccessDescription(x509.AuthorityInformationAccessOID.OCSP, here)
        root = issuing.authority("Root", begins=NOW - DAY, ends=NOW + DAY)
        leaf = issuing.holder(
            "Leaf",
            root,
            begins=NOW - DAY,
            ends=NOW + DAY,
            extensions=(
                *issuing.SIGNER,
                (x509.CRLDistributionPoints([point]), False),
                (x509.AuthorityInformationAccess([access]), False),
            ),
        ).certificate
        freshest = (x509.FreshestCRL([point]), False)
        server.says(revoking.crl(by=root, extensions=[freshest]))
        unnamed = watching(None, asked=[leaf])
        await unnamed.watch.look()
        assert unnamed.state(leaf) is None
        named = watching(None, source(server.url, issuer=root.certificate), asked=[leaf])
        await named.watch.look()
        assert named.state(leaf) == "good"
        assert inside.connections == 0


REFUSED_CRLS = {
    "an older number": ({"number": 6}, "older than one seen"),
    "no number": ({"number": None}, "has no number"),
    "delta": ({"number": 8, "extensions": [(x509.DeltaCRLIndicator(7), True)]}, "delta"),
    "indirect": ({"number": 8, "extensions": [(distribution(indirect_crl=True), True)]}, "indirect"),
    "stale": ({"number": 8, "lasts": HOUR}, "stale"),
    "an earlier moment": ({"number": 8, "at": NOW - HOUR}, "was seen"),
}


@pytest.mark.parametrize("case", REFUSED_CRLS)
async def test_a_crl_that_is_not_taken_changes_nothing_SR_11(tmp_path: Path, case: str) -> None:
    said, why = REFUSED_CRLS[case]
    async with answering(revoking.crl()) as server:
        one = watching(tmp_path, source(server.url))
        await one.watch.look()
        kept = {path.name: path.read_bytes() for path in (tmp_path / FOLDER).iterdir()}
        server.says(revoking.crl(**said))  # type: ignore[arg-type]
        one.clock.move(12 * HOUR)
        await one.watch.look()
        assert why in str(one.log.of("revocation_not_had")[0]["detail"])
        assert one.state(creditors()) == "good"
        assert kept == {path.name: path.read_bytes() for path in (tmp_path / FOLDER).iterdir()}


@pytest.mark.parametrize("number", [1, None])
@pytest.mark.parametrize("kept", [True, False], ids=["kept", "lost"])
async def test_an_authority_may_begin_anew_with_its_numbers_once_the_last_crl_is_over_SR_11(
    tmp_path: Path, number: int | None, *, kept: bool
) -> None:
    async with answering(revoking.crl()) as server:
        one = watching(tmp_path, source(server.url))
        await one.watch.look()
        if not kept:
            for path in (tmp_path / FOLDER).glob("*.crl"):
                path.unlink()
        one.clock.move(DAY + timedelta(minutes=1))
        one = watching(tmp_path, source(server.url), clock=one.clock)
        anew = {"number": number, "at": NOW + DAY}
        server.says(revoking.crl(**anew))  # at the last moment of the other
        await one.watch.look()
        assert len(one.log.of("revocation_not_had")) == 1
        server.says(revoking.crl(counsellors(), **{**anew, "at": NOW + DAY + timedelta(seconds=1)}))
        one.clock.move(HOUR)
        await one.watch.look()
        assert (one.state(creditors()), one.state(counsellors())) == ("good", "revoked")
        server.says(revoking.crl(number=6, at=NOW + HOUR, lasts=9 * DAY))
        one.clock.move(12 * HOUR)
        await one.watch.look()
        assert len(one.log.of("revocation_not_had")) == 2


async def test_a_crl_by_another_authority_of_the_same_name_is_not_taken_SR_11() -> None:
    other = issuing.authority("Other")
    async with answering(revoking.crl(by=other, issuer_name=revoking.ours().name)) as server:
        one = watching(None, source(server.url))
        await one.watch.look()
        assert one.state(creditors()) == "missing"


async def test_revoked_stays_so_whatever_is_said_later_and_over_a_restart_and_an_outage_SR_12(tmp_path: Path) -> None:
    async with answering(revoking.crl(creditors())) as server:
        one = watching(tmp_path, source(server.url))
        await one.watch.look()
        server.says(revoking.crl(number=8, at=NOW + HOUR))
        one.clock.move(12 * HOUR)
        await one.watch.look()
        assert one.log.of("revocation_not_had") == []
        assert one.state(creditors()) == "revoked"
    again = watching(tmp_path, source(server.url), clock=one.clock)
    assert again.state(creditors()) == "revoked"
    await again.watch.look()
    assert again.state(creditors()) == "revoked"
    unnamed = watching(tmp_path, clock=one.clock)
    assert unnamed.state(creditors()) == "revoked"
    # without the ledger the new CRL alone counts: it is the ledger that remembers
    (tmp_path / FOLDER / LEDGER).unlink()
    forgot = watching(tmp_path, source(server.url), clock=one.clock)
    await forgot.watch.recall()
    assert forgot.state(creditors()) == "good"


async def test_good_is_good_over_a_restart_and_an_outage_until_the_next_is_due_SR_12(tmp_path: Path) -> None:
    async with answering(revoking.crl()) as server:
        one = watching(tmp_path, source(server.url))
        await one.watch.look()
    again = watching(tmp_path, source(server.url), clock=one.clock)
    await again.watch.recall()
    assert again.state(creditors()) == "good"
    again.clock.move(DAY)
    assert again.state(creditors()) == "good"
    again.clock.move(timedelta(seconds=1))
    await again.watch.look()
    assert again.state(creditors()) == "stale"
    assert again.events() == ["revocation_not_had", "revocation_stale"]


async def test_a_kept_response_counts_after_a_restart(tmp_path: Path) -> None:
    async with answering(revoking.response(creditors())) as server:
        await watching(tmp_path, source(ocsp=server.url)).watch.look()
        again = watching(tmp_path, source(ocsp=server.url))
        await again.watch.recall()
        assert again.state(creditors()) == "good"
        await again.watch.look()
        assert server.connections == 1  # half of its time is not over


async def test_a_response_is_good_until_the_next_is_due() -> None:
    async with answering(revoking.response(creditors())) as server:
        one = watching(None, source(ocsp=server.url))
        await one.watch.look()
        one.clock.move(DAY)
        assert one.state(creditors()) == "good"
        one.clock.move(timedelta(seconds=1))
        assert one.state(creditors()) == "stale"


async def test_who_was_found_good_is_not_worked_out_again_because_of_a_response_about_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with answering(revoking.crl()) as server:
        one = watching(None, source(server.url), asked=[creditors(), counsellors()])
        await one.watch.look()
    worked, real = list[Certificate](), one.known.known

    def noted(certificate: Certificate, at: datetime) -> RevocationStanding | None:
        worked.append(certificate)
        return real(certificate, at)

    monkeypatch.setattr(one.known, "known", noted)
    good = RevocationFinding(status="good", detail="good")
    one.known.take_response(creditors(), good)
    for each in (creditors(), counsellors(), counsellors()):
        assert one.known.doubt(each, one.clock.now(), wanted="hard", party="1") is None
    assert worked == [creditors()]
    one.known.take_response(source().issuer, good)
    assert one.known.doubt(counsellors(), one.clock.now(), wanted="hard", party="1") is None
    assert worked == [creditors(), counsellors()]


async def fetches_within(one: Watching, server: Answering, hours: int) -> list[int]:
    """After how many minutes something was fetched, looking each minute."""
    found, before = [], server.connections
    for minute in range(hours * 60):
        await one.watch.look()
        if server.connections > before:
            found.append(minute)
        before = server.connections
        one.clock.move(timedelta(minutes=1))
    return found


async def test_an_answer_is_fetched_again_at_half_of_its_time() -> None:
    async with answering(revoking.crl(lasts=2 * HOUR)) as server:
        one = watching(None, source(server.url))
        found = await fetches_within(one, server, hours=2)
        assert found[:3] == [0, 60, 90]
        assert all(later - earlier >= 5 for earlier, later in itertools.pairwise(found) if later < 115)


@pytest.mark.parametrize(("seconds", "chance"), [(40, 0.99), *longer((40, 0.0), (400, 0.99), (590, 0.99))])
async def test_an_answer_that_ends_soon_is_fetched_again_before_it_does(seconds: int, chance: float) -> None:
    """A CRL made for a short time, or a daily one that was fetched shortly before its end."""
    clock, lasts = StandingClock(), timedelta(seconds=seconds)
    end = clock.now() + lasts
    async with answering(b"") as server:
        one = watching(None, source(server.url), chance=chance, clock=clock)
        for number in range(1, 5):
            while server.connections < number:
                server.says(revoking.crl(at=clock.now(), lasts=lasts))
                await one.watch.look()
                assert clock.now() < end
                fetched_at = clock.now()
                clock.move(timedelta(seconds=one.watch.rest_seconds()))
            end = fetched_at + lasts
        assert one.watch.rest_seconds() >= LEAST_SECONDS
        assert one.log.of("revocation_not_had") == []


async def test_an_answer_that_lasts_for_weeks_is_fetched_again_after_some_hours() -> None:
    async with answering(revoking.crl(lasts=30 * DAY)) as server:
        assert await fetches_within(watching(None, source(server.url)), server, hours=9) == [0, 240, 480]


async def test_what_cannot_be_had_is_tried_less_and_less_often() -> None:
    async with answering(b"") as server:
        server.says(b"", status="503 Busy")
        found = await fetches_within(watching(None, source(server.url)), server, hours=5)
        assert found == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]


@pytest.mark.parametrize(("chance", "minutes"), [(0.0, 192), (0.99, 287)])
async def test_chance_spreads_the_fetches(chance: float, minutes: int) -> None:
    async with answering(revoking.crl(lasts=30 * DAY)) as server:
        one = watching(None, source(server.url), chance=chance)
        assert await fetches_within(one, server, hours=5) == [0, minutes]


async def test_a_certificate_is_as_good_as_its_issuer() -> None:
    root = issuing.authority("Root", begins=NOW - DAY, ends=NOW + DAY)
    middle = issuing.authority("Middle", root, begins=NOW - DAY, ends=NOW + DAY)
    leaf = issuing.holder("Leaf", middle, begins=NOW - DAY, ends=NOW + DAY).certificate
    async with answering(revoking.crl(by=root)) as of_root, answering(revoking.crl(by=middle)) as of_middle:
        sources = (source(of_root.url, issuer=root.certificate), source(of_middle.url, issuer=middle.certificate))
        one = watching(None, *sources, asked=[leaf])
        await one.watch.look()
        assert one.state(leaf) == "good"
        of_root.says(revoking.crl(middle.certificate, by=root, number=8))
        one.clock.move(12 * HOUR)
        await one.watch.look()
        found = one.found(leaf)
        assert found is not None
        assert (found.state, found.detail[:11]) == ("revoked", "its issuer:")


async def test_a_certificate_that_nobody_asked_for_is_judged_by_the_crl_that_is_here() -> None:
    async with answering(revoking.crl(counsellors())) as server:
        one = watching(None, source(server.url))
        await one.watch.look()
        assert one.state(counsellors()) == "revoked"
        assert one.state(identity("administrator").signing.certificate) == "good"


async def test_a_crl_is_read_once_and_not_for_each_question_however_many_authorities_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authorities = [issuing.authority(f"Authority {each}", begins=NOW - DAY, ends=NOW + DAY) for each in range(12)]
    leaves = [issuing.holder("Leaf", each, begins=NOW - DAY, ends=NOW + DAY).certificate for each in authorities]
    unasked = [issuing.holder("Other", each, begins=NOW - DAY, ends=NOW + DAY).certificate for each in authorities]
    async with AsyncExitStack() as servers:
        sources = []
        for each, revoked in zip(authorities, unasked, strict=True):
            server = await servers.enter_async_context(answering(revoking.crl(revoked, by=each)))
            sources.append(source(server.url, issuer=each.certificate))
        one = watching(None, *sources, asked=leaves)
        await one.watch.look()

    def read_again(*_: object) -> None:
        raise AssertionError("a CRL was read again")

    monkeypatch.setattr(x509, "load_der_x509_crl", read_again)
    assert {one.state(each) for each in leaves} == {"good"}
    assert {one.state(each) for each in unasked} == {"revoked"}


async def test_what_is_revoked_or_lacking_is_told_once_and_lacking_again_after_a_day() -> None:
    async with answering(revoking.crl(creditors(), lasts=HOUR)) as server:
        one = watching(None, source(server.url), asked=[creditors(), counsellors()])
        await one.watch.look()
        server.says(b"", status="404 Not Found")
        for _ in range(30):
            one.clock.move(HOUR)
            await one.watch.look()
        assert len(one.log.of("certificate_revoked")) == 1
        assert [fields["count"] for fields in one.log.of("revocation_stale")] == [1, 1]


async def test_a_revoked_certificate_is_forgotten_90_days_after_its_end_and_not_while_the_time_is_suspect() -> None:
    ended = identity("creditor", "expired").signing.certificate
    async with answering(revoking.crl(ended)) as server:
        one = watching(None, source(server.url), asked=[ended])
        await one.watch.look()
        one.clock.at = ended.not_valid_after_utc + timedelta(days=90)
        await one.watch.look()
        assert one.known.ledger().revoked
        one.clock.move(timedelta(seconds=1))
        one.watch._time_suspect = lambda: True
        await one.watch.look()
        assert one.known.ledger().revoked
        one.watch._time_suspect = lambda: False
        await one.watch.look()
        assert not one.known.ledger().revoked
