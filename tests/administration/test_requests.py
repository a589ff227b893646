"""A new set of keys of a unit at a desk: shown to the operator, compared by words, and put in force or refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from support.clocks import StandingClock
from support.hubs.hub import LogLines
from support.hubs.processes import CREDITOR, new_site
from support.keys.site_keys import copy_of
from support.portal.engines import PORTAL_ENGINES
from support.portal.portal_samples import ORGANISATION, copy, counting, key_set, lock, paired

from crypto.certificates import Certificate, der, thumbprint_sha256
from crypto.desk_keys import words_of_set
from crypto.pki import Usage, self_issued
from gateway.administration import requests
from gateway.administration.administered import Desks
from gateway.administration.asked import AskedKeys, AskedRequest, Petition
from gateway.administration.verbs import VERBS
from gateway.refused import Refused
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.store.model import KeyLost
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import OPERATOR, KeySet, KeySetState, LockKind, Person, RequestState
from gateway.wiring.administration import desks_of
from gateway.wiring.handed_over import folder_with
from pmodes.configuration import Configuration

NOW = datetime.now(UTC)
UNIT = "00000099000001002000"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A hub one of whose organisations works at a desk, and has no keys yet."""
    site = new_site(tmp_path_factory.mktemp("desk") / "site")
    file = site.settings.parent / "pmodes" / f"{CREDITOR.slug}.yaml"
    text = re.sub(r"(signing|encryption):\n(?: +- .*\n)+", r"\1: []\n", file.read_text("utf-8"))
    file.write_text(f"{text}access: desk\n", "utf-8")
    return site


@pytest.fixture(scope="module")
def certificates() -> tuple[Certificate, Certificate]:
    """Those of a set."""
    return pair()


@pytest.fixture(scope="module")
def others() -> tuple[Certificate, Certificate]:
    """Those of the set that comes after it."""
    return pair()


def pair() -> tuple[Certificate, Certificate]:
    def made(usage: Usage) -> Certificate:
        at = NOW - timedelta(hours=1)
        return self_issued(common_name="Desk", party_id=UNIT, at=at, days=700, usage=usage, key_bits=3072).certificate

    return made("signing"), made("encryption")


def keys_of(asked: AskedRequest) -> AskedKeys:
    assert asked.keys is not None
    return asked.keys


@dataclass
class AtTheDesk:
    """An operator and, at the other end of the telephone, an organisation."""

    site: Site
    store: PortalStore
    person: Person
    certificates: tuple[Certificate, Certificate]
    complaints: tuple[str, ...] = ()
    at: datetime = field(default_factory=lambda: StandingClock().now())
    reloads: list[Configuration] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    log: LogLines = field(default_factory=LogLines)

    def folder(self) -> Configuration:
        """What the P-Mode files come to."""
        return folder_with(read_settings(self.site.settings), {}, "the files have faults")

    @cached_property
    def desks(self) -> Desks:
        return desks_of(self.store, read_settings(self.site.settings), StandingClock(NOW))

    async def reload(self) -> tuple[str, ...]:
        if not self.complaints:
            self.reloads.append(self.folder())
        return self.complaints

    async def expire(self, sealed_to: str) -> KeyLost:
        self.expired.append(sealed_to)
        return KeyLost(known=True, notified=2, unnotified=1, overtaken=0, postponed=0)

    def hub(self, reload: Callable[[], Awaitable[tuple[str, ...]]] | None = None) -> requests.ApprovingHub:
        return requests.ApprovingHub(at=self.at, reload=reload or self.reload, expire=self.expire, log=self.log)

    async def ask_for(
        self,
        *kinds: LockKind,
        uncounted: tuple[LockKind, ...] = (),
        seal: bool = True,
        unit: str = UNIT,
        lost: bool = False,
    ) -> str:
        """Make a set, sealed to locks of these kinds; the id of its request."""
        signing, decryption = self.certificates
        made = key_set(
            self.person,
            unit,
            signing_certificate=der(signing),
            decryption_certificate=der(decryption),
            organisation_key=self.organisation_key,
        )
        locks = [await counting(self.store, self.person, unit, kind=each) for each in kinds]
        for each in uncounted:
            locks.append(lock(self.person, unit, kind=each))
            assert await self.store.add_lock(locks[-1])
        before = () if lost else [each.id for each in await self.store.key_sets(unit)]
        copies = [copy(made, each) for each in locks] if seal else []
        found = await self.store.propose_key_set(made, copies, follows=before)
        assert found is not None
        return found.id

    @property
    def organisation_key(self) -> bytes:
        return self.certificates[0].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def words(self) -> str:
        signing, decryption = self.certificates
        return " ".join(
            words_of_set(UNIT, signing=signing, decryption=decryption, organisation_key=self.organisation_key)
        )

    def in_file(self, use: str) -> tuple[str, ...]:
        """The certificates of the unit that a reload would find."""
        found = self.folder().by_party[UNIT]
        listed = found.signing_certificates if use == "signing" else found.encryption_certificates
        return tuple(thumbprint_sha256(each).hex() for each in listed)

    async def sets(self) -> tuple[KeySet, ...]:
        return await self.store.key_sets(UNIT)

    async def asked(self, request: str) -> AskedRequest:
        return await requests.asked(self.desks, request, at=self.at)

    async def shown(self, request: str) -> AskedKeys:
        return keys_of(await self.asked(request))

    async def approve(self, request: str, words: str | None = None, sooner: str | None = None) -> AskedRequest:
        return await requests.approve(self.desks, request, words or self.words, sooner, self.hub())

    async def refuse(self, request: str, reason: str = "the words differed") -> Petition:
        return await requests.refuse(self.desks, request, reason, self.reload)

    async def cut_short(self, request: str, sooner: str | None = None) -> None:
        """An approval that wrote its certificates, which the hub then did not take over; the fault is mended."""
        self.complaints = ("another.yaml: has a fault",)
        with pytest.raises(Refused, match="has a fault"):
            await self.approve(request, sooner=sooner)
        self.complaints = ()


@pytest.fixture
async def desk(
    pristine: Site, certificates: tuple[Certificate, Certificate], tmp_path: Path
) -> AsyncIterator[AtTheDesk]:
    (tmp_path / "data").mkdir()
    store = await PORTAL_ENGINES["sqlite"](tmp_path / "data", StandingClock())
    person = await paired(store, unit=UNIT)
    yield AtTheDesk(copy_of(pristine, tmp_path / "site"), store, person, certificates)
    await store.aclose()


BOTH = (LockKind.PASSKEY, LockKind.SHEET)


async def test_a_request_is_shown_with_its_words_and_what_opens_its_keys(desk: AtTheDesk) -> None:
    request = await desk.ask_for(*BOTH)
    (listed,) = await requests.all_requests(desk.desks)
    shown = await desk.shown(request)
    assert (listed.request, listed.unit, listed.state) == (request, UNIT, RequestState.SUBMITTED)
    assert listed.organisation == f"{ORGANISATION.kind} {ORGANISATION.value}"
    assert " ".join(shown.words) == desk.words
    assert shown.signing_thumbprint == thumbprint_sha256(desk.certificates[0]).hex()
    assert (await desk.asked(request)).objection is None
    assert sorted(each.kind for each in shown.locks) == ["passkey", "sheet"]
    assert (shown.replaces, shown.same_organisation_key) == (False, True)


async def test_the_right_words_put_both_certificates_in_the_file_and_in_force_PO_50(desk: AtTheDesk) -> None:
    assert desk.in_file("signing") == desk.in_file("encryption") == ()
    request = await desk.ask_for(*BOTH)
    approved = await desk.approve(request, desk.words.upper().replace(" ", " - "))
    assert approved.asked.state is RequestState.APPROVED
    shown = keys_of(approved)
    assert desk.in_file("signing") == (shown.signing_thumbprint,)
    assert desk.in_file("encryption") == (shown.encryption_thumbprint,)
    assert len(desk.reloads) == 1
    assert [each.state for each in await desk.sets()] == [KeySetState.ACTIVE]


async def test_other_words_write_nothing(desk: AtTheDesk) -> None:
    request = await desk.ask_for(*BOTH)
    for words in ("", "appelbrug " * 7, " ".join(reversed(desk.words.split())), desk.words.rsplit(" ", 1)[0]):
        with pytest.raises(Refused, match="not the words"):
            await desk.approve(request, words or " ")
    assert desk.in_file("signing") == desk.in_file("encryption") == ()
    assert (desk.reloads, [each.state for each in await desk.sets()]) == ([], [KeySetState.PROPOSED])


@pytest.mark.parametrize(
    "locks",
    [
        {"kinds": (LockKind.PASSKEY,)},
        {"kinds": (LockKind.PASSKEY, LockKind.PASSKEY)},
        {"kinds": (LockKind.PASSKEY,), "uncounted": (LockKind.SHEET,)},
        {"kinds": BOTH, "seal": False},
    ],
    ids=["one lock", "two of a kind", "one that was never opened", "the set is sealed to none"],
)
async def test_keys_that_one_lost_lock_would_end_do_not_go_live(desk: AtTheDesk, locks: dict[str, object]) -> None:
    kinds = locks.pop("kinds")
    request = await desk.ask_for(*kinds, **locks)  # type: ignore[misc, arg-type]
    with pytest.raises(Refused, match="two locks"):
        await desk.approve(request)
    assert desk.in_file("signing") == ()


async def test_what_a_reload_refused_is_approved_again_once_it_is_mended(desk: AtTheDesk) -> None:
    request = await desk.ask_for(*BOTH)
    desk.complaints = ("another.yaml: has a fault",)
    with pytest.raises(Refused, match="has a fault"):
        await desk.approve(request)
    assert [each.state for each in await desk.sets()] == [KeySetState.PROPOSED]
    desk.complaints = ()
    await desk.approve(request)
    assert len(desk.in_file("signing")) == len(desk.in_file("encryption")) == 1
    assert [each.state for each in await desk.sets()] == [KeySetState.ACTIVE]


async def test_a_set_that_replaces_one_says_whether_the_organisation_is_the_same(
    desk: AtTheDesk, certificates: tuple[Certificate, Certificate]
) -> None:
    await desk.approve(await desk.ask_for(*BOTH))
    desk.certificates = (certificates[0], certificates[0])
    again = await desk.shown(await desk.ask_for(*BOTH))
    assert (again.replaces, again.same_organisation_key) == (True, True)
    desk.certificates = (certificates[1], certificates[0])
    other = await desk.shown(await desk.ask_for(*BOTH))
    assert (other.replaces, other.same_organisation_key) == (True, False)
    first = await desk.shown(await desk.ask_for(*BOTH, unit="another unit of it"))
    assert (first.replaces, first.same_organisation_key) == (False, False)


async def test_nobody_withdraws_what_the_operator_is_about_to_put_in_force(desk: AtTheDesk) -> None:
    request = await desk.ask_for(LockKind.PASSKEY, LockKind.SHEET)

    async def withdrawn_meanwhile() -> tuple[str, ...]:
        assert not await desk.store.decide_request(request, RequestState.WITHDRAWN, by=desk.person.id)
        return ()

    await requests.approve(desk.desks, request, desk.words, None, desk.hub(withdrawn_meanwhile))
    assert [each.state for each in await desk.sets()] == [KeySetState.ACTIVE]


async def test_an_approval_beside_a_refusal_tells_what_it_left_in_the_file(desk: AtTheDesk) -> None:
    request = await desk.ask_for(LockKind.PASSKEY, LockKind.SHEET)

    async def refused_meanwhile() -> tuple[str, ...]:
        assert await desk.store.decide_request(request, RequestState.REFUSED, by=OPERATOR, reason="other words")
        return ()

    with pytest.raises(Refused, match=f"refused meanwhile, and its certificates stand in the file of {UNIT}") as told:
        await requests.approve(desk.desks, request, desk.words, None, desk.hub(refused_meanwhile))
    assert "take them out" in told.value.next_step


async def refuse(desk: AtTheDesk, request: str) -> object:
    return await desk.refuse(request)


async def approve(desk: AtTheDesk, request: str) -> object:
    return await desk.approve(request)


@pytest.mark.parametrize("first", [approve, refuse])
@pytest.mark.parametrize("then", [approve, refuse])
async def test_a_request_is_decided_once(
    desk: AtTheDesk,
    first: Callable[[AtTheDesk, str], Awaitable[object]],
    then: Callable[[AtTheDesk, str], Awaitable[object]],
) -> None:
    request = await desk.ask_for(*BOTH)
    await first(desk, request)
    with pytest.raises(Refused, match=r"already|are gone"):
        await then(desk, request)


async def test_a_refusal_has_a_reason_that_the_organisation_reads(desk: AtTheDesk) -> None:
    request = await desk.ask_for(*BOTH)
    with pytest.raises(Refused, match="no reason"):
        await desk.refuse(request, "  ")
    refused = await desk.refuse(request)
    assert (refused.state, refused.reason) == (RequestState.REFUSED, "the words differed")
    assert desk.in_file("signing") == ()


@pytest.mark.parametrize("work", [approve, refuse])
async def test_an_id_that_is_none_is_told_as_that(
    desk: AtTheDesk, work: Callable[[AtTheDesk, str], Awaitable[object]]
) -> None:
    with pytest.raises(Refused, match="has this id"):
        await work(desk, "unknown")


async def anew(desk: AtTheDesk, others: tuple[Certificate, Certificate]) -> str:
    """A set is in force, every lock of it is lost, and others are asked for; their request."""
    await desk.approve(await desk.ask_for(*BOTH))
    desk.certificates = others
    return await desk.ask_for(*BOTH, lost=True)


async def test_that_all_locks_are_lost_waits_a_day_from_its_receipt_PO_55(
    desk: AtTheDesk, others: tuple[Certificate, Certificate]
) -> None:
    request = await anew(desk, others)
    before = desk.in_file("signing")
    (asked, *_) = await desk.store.requests()
    desk.at = asked.asked_at + timedelta(hours=24, seconds=-1)
    shown = await desk.shown(request)
    assert (shown.lost, shown.not_before) == (True, asked.asked_at + timedelta(hours=24))
    for sooner in (None, "  "):
        with pytest.raises(Refused, match="whoever still has one may object until") as told:
            await desk.approve(request, sooner=sooner)
        assert "--sooner" in told.value.next_step
    assert (desk.in_file("signing"), desk.expired) == (before, [])
    desk.at += timedelta(seconds=1)
    assert (await desk.shown(request)).not_before is None
    assert (await desk.approve(request)).asked.state is RequestState.APPROVED


async def test_an_approval_after_a_loss_ends_what_waits_and_takes_the_lost_certificates_out_PO_55(
    desk: AtTheDesk, others: tuple[Certificate, Certificate]
) -> None:
    request = await anew(desk, others)
    lost = desk.in_file("encryption")
    approved = await desk.approve(request, sooner=" two people of the organisation said so ")
    assert desk.in_file("signing") == (keys_of(approved).signing_thumbprint,)
    assert desk.in_file("encryption") == (keys_of(approved).encryption_thumbprint,)
    assert desk.reloads[-1].by_party[UNIT].encryption_certificates == (others[1],), "before anything expires"
    assert tuple(desk.expired) == lost
    assert keys_of(approved).expired == KeyLost(known=True, notified=2, unnotified=1, overtaken=0, postponed=0)
    assert approved.asked.reason == "two people of the organisation said so"
    assert desk.log.of("portal_keys_lost") == [{"party": UNIT, "detail": "two people of the organisation said so"}]
    (kept,) = await desk.store.retired_key_sets()
    assert kept.is_lost


async def test_what_need_not_wait_is_not_approved_sooner_and_a_renewal_ends_nothing(
    desk: AtTheDesk, others: tuple[Certificate, Certificate]
) -> None:
    first = await desk.ask_for(*BOTH)
    with pytest.raises(Refused, match="need not wait"):
        await desk.approve(first, sooner="haste")
    await desk.approve(first)
    desk.certificates = others
    approved = await desk.approve(await desk.ask_for(*BOTH))
    assert (keys_of(approved).lost, keys_of(approved).expired, desk.expired) == (False, None, [])
    assert len(desk.in_file("encryption")) == 2, "messages wait under the former one"


async def test_a_loss_that_was_approved_half_is_approved_again(
    desk: AtTheDesk, others: tuple[Certificate, Certificate]
) -> None:
    request = await anew(desk, others)
    desk.complaints = ("another.yaml: has a fault",)
    with pytest.raises(Refused, match="has a fault"):
        await desk.approve(request, sooner="said so")
    desk.complaints = ()
    approved = await desk.approve(request, sooner="said so")
    assert desk.in_file("encryption") == (keys_of(approved).encryption_thumbprint,)
    assert len(desk.expired) == 1


async def test_after_a_loss_the_file_lists_the_new_certificates_and_no_others_whosever_they_were_PO_55(
    desk: AtTheDesk, certificates: tuple[Certificate, Certificate], others: tuple[Certificate, Certificate]
) -> None:
    """Those of a set that ended stay in the file until somebody takes them out, as do those that he added himself."""
    await desk.approve(await desk.ask_for(*BOTH))
    (ended,) = await desk.sets()
    desk.certificates = others
    await desk.approve(await desk.ask_for(*BOTH))
    assert await desk.store.end_key_set(ended.id, unit=UNIT, by=OPERATOR)
    assert len(desk.in_file("signing")) == len(desk.in_file("encryption")) == 2
    desk.certificates = pair()
    approved = await desk.approve(await desk.ask_for(*BOTH, lost=True), sooner="said so")
    assert desk.in_file("signing") == (keys_of(approved).signing_thumbprint,)
    assert desk.in_file("encryption") == (keys_of(approved).encryption_thumbprint,)
    assert desk.expired == [thumbprint_sha256(others[1]).hex()]


@pytest.mark.parametrize("lost", [True, False], ids=["lost", "renewed"])
async def test_a_refusal_of_what_was_approved_half_leaves_the_file_as_it_was_before_and_in_force(
    desk: AtTheDesk, others: tuple[Certificate, Certificate], lost: bool
) -> None:
    await desk.approve(await desk.ask_for(*BOTH))
    before, in_force = desk.in_file("signing") + desk.in_file("encryption"), desk.reloads[-1].by_party[UNIT]
    desk.certificates = others
    request = await desk.ask_for(*BOTH, lost=lost)
    await desk.cut_short(request, "said so" if lost else None)
    assert desk.in_file("signing") + desk.in_file("encryption") != before
    assert (await desk.refuse(request)).state is RequestState.REFUSED
    assert desk.in_file("signing") + desk.in_file("encryption") == before
    again = desk.reloads[-1].by_party[UNIT]
    assert (again.encryption_certificates, len(desk.reloads)) == (in_force.encryption_certificates, 2)


@pytest.mark.parametrize("block", [False, True], ids=["in brackets", "line by line"])
async def test_a_refusal_of_the_first_keys_that_were_approved_half_leaves_none_in_the_file(
    desk: AtTheDesk, block: bool
) -> None:
    request = await desk.ask_for(*BOTH)
    await desk.cut_short(request)
    if block:  # as somebody writes who tidies up the file meanwhile
        for file in (desk.site.settings.parent / "pmodes").glob("*.yaml"):
            text = file.read_text("utf-8")
            file.write_text(re.sub(r"( +)(signing|encryption): \[(\S+)\]", r"\1\2:\n\1  - \3  # desk", text), "utf-8")
    assert len(desk.in_file("signing")) == 1
    await desk.refuse(request)
    assert desk.in_file("signing") == desk.in_file("encryption") == ()


async def test_what_cannot_be_taken_back_is_not_refused_and_says_why(desk: AtTheDesk) -> None:
    request = await desk.ask_for(*BOTH)
    await desk.cut_short(request)
    faulty = desk.site.settings.parent / "pmodes" / "faulty.yaml"
    faulty.write_text("party: [", "utf-8")
    with pytest.raises(Refused, match=f"the certificates may stand in the file of {UNIT} still"):
        await desk.refuse(request)
    faulty.unlink()
    desk.complaints = ("another.yaml: has a fault",)
    with pytest.raises(Refused, match="nothing was taken over") as told:
        await desk.refuse(request)
    assert told.value.next_step == "mend the files, then refuse again"
    assert [each.state for each in await desk.sets()] == [KeySetState.PROPOSED]
    desk.complaints = ()
    assert (await desk.refuse(request)).state is RequestState.REFUSED


async def test_an_approval_that_was_cut_short_is_shown_as_begun_until_it_is_given_again(desk: AtTheDesk) -> None:
    request = await desk.ask_for(*BOTH)
    (listed,) = await requests.all_requests(desk.desks)
    assert (listed.begun, (await desk.asked(request)).asked.begun) == (None, None)
    await desk.cut_short(request)
    (listed,) = await requests.all_requests(desk.desks)
    asked = (await desk.asked(request)).asked
    assert listed.begun == asked.begun
    assert "approve again" in str(listed.begun)
    assert (await desk.approve(request)).asked.begun is None
    (listed,) = await requests.all_requests(desk.desks)
    assert listed.begun is None


@pytest.mark.parametrize("other", [approve, refuse])
async def test_of_two_who_decide_at_once_the_second_hears_what_the_first_decided(
    desk: AtTheDesk, other: Callable[[AtTheDesk, str], Awaitable[object]]
) -> None:
    request = await desk.ask_for(*BOTH)
    second: list[asyncio.Task[object]] = []

    async def reload() -> tuple[str, ...]:
        second.append(asyncio.create_task(_awaited(other(desk, request))))
        await asyncio.sleep(0)
        return await desk.reload()

    approved = await requests.approve(desk.desks, request, desk.words, None, desk.hub(reload))
    with pytest.raises(Refused, match="approved already"):
        await second[0]
    assert approved.asked.state is RequestState.APPROVED
    assert desk.in_file("signing") == (keys_of(approved).signing_thumbprint,)
    assert [each.state for each in await desk.sets()] == [KeySetState.ACTIVE]


async def _awaited(work: Awaitable[object]) -> object:
    return await work


async def test_the_answer_to_an_approval_after_a_loss_counts_what_ended_otherwise_meanwhile(
    desk: AtTheDesk, others: tuple[Certificate, Certificate]
) -> None:
    approved = await desk.approve(await anew(desk, others), sooner="said so")
    told = VERBS["approve_request"].told
    assert told is not None
    assert "otherwise" not in told(approved)
    overtaken = KeyLost(known=True, notified=2, unnotified=1, overtaken=3, postponed=0)
    assert "3 ended meanwhile otherwise, by a receipt or their term" in told(
        replace(approved, keys=replace(keys_of(approved), expired=overtaken))
    )
