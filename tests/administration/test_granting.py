"""What an organisation asks besides keys: told to the operator, put in its file and in force, or refused whole."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.clocks import StandingClock
from support.hubs.hub import LogLines
from support.hubs.processes import CREDITOR, new_site
from support.keys.site_keys import copy_of
from support.portal.engines import PORTAL_ENGINES
from support.portal.portal_samples import ORGANISATION, paired

from crypto.certificates import CertificateUsage, der
from crypto.pki import certificates_pem, self_issued
from gateway.administration import requests
from gateway.administration.administered import Desks
from gateway.administration.asked import AskedRequest
from gateway.administration.telling import said_of_approval, said_of_asked, said_of_refusal
from gateway.identity.login import OrganisationNumber
from gateway.refused import Refused
from gateway.settings import read_settings
from gateway.site.making import Site
from gateway.store.model import KeyLost
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.mail import MailEvent
from gateway.store.portal.model import STRANGER, Person, RequestKind, RequestState
from gateway.store.portal.wishes import (
    CertificateWish,
    ExtensionWish,
    JoiningWish,
    LeavingWish,
    ListsWish,
    ModuleWish,
    UnitWish,
    Wish,
    kind_of_wish,
    write_wish,
)
from gateway.wiring.administration import desks_of
from gateway.wiring.handed_over import folder_with
from gateway.written.editor_schema import EditorSchema
from pmodes.configuration import Configuration
from pmodes.term import local_day

NOW = datetime.now(UTC)
TODAY = local_day(NOW)  # of the hub's calendar, which is a day ahead of UTC's before midnight
UNIT = "00000099000001002000"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A hub for tests, one of whose organisations works at a desk."""
    site = new_site(tmp_path_factory.mktemp("desk") / "site")
    file = site.settings.parent / "pmodes" / f"{CREDITOR.slug}.yaml"
    text = re.sub(r"  MeldingenBewindvoering:\n +- .*\n", "", file.read_text("utf-8"))
    file.write_text(f"{text}# the desk\naccess: desk\n", "utf-8")
    return site


@dataclass
class AtTheDesk:
    """An operator, and an organisation that asks."""

    site: Site
    store: PortalStore
    person: Person
    complaints: tuple[str, ...] = ()
    reloads: list[Configuration] = field(default_factory=list)
    at: datetime = NOW
    sends_mail: bool = True

    @property
    def file(self) -> Path:
        return self.site.settings.parent / "pmodes" / f"{CREDITOR.slug}.yaml"

    @property
    def desks(self) -> Desks:
        async def taken(_address: str) -> None:
            """The mail server takes it."""

        found = desks_of(self.store, read_settings(self.site.settings), StandingClock(self.at))
        return replace(found, test_mail=taken if self.sends_mail else None)

    def folder(self) -> Configuration:
        return folder_with(read_settings(self.site.settings), {}, "the files have faults")

    def written(self) -> dict[str, bytes]:
        folder = self.file.parent
        return {str(each): each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file()}

    async def reload(self) -> tuple[str, ...]:
        if not self.complaints:
            self.reloads.append(self.folder())
        return self.complaints

    async def asks(self, wish: Wish) -> str:
        found = await self.store.submit_request(
            kind_of_wish(wish), write_wish(wish), organisation=ORGANISATION, unit=UNIT, by=self.person.id
        )
        assert found is not None
        return found.id

    async def shown(self, request: str) -> AskedRequest:
        return await requests.asked(self.desks, request, at=self.at)

    async def joins(self, wish: JoiningWish) -> str:
        number = OrganisationNumber(kind="KVK", value=wish.kvk)
        found = await self.store.submit_request(
            RequestKind.JOINING, write_wish(wish), organisation=number, unit="", by=STRANGER
        )
        assert found is not None
        return found.id

    async def approve(
        self, request: str, words: str | None = None, party: str | None = None, begins: date | None = None
    ) -> AskedRequest:
        async def expire(_sealed_to: str) -> KeyLost:
            raise AssertionError("no key is lost")

        hub = requests.ApprovingHub(at=self.at, reload=self.reload, expire=expire, log=LogLines())
        return await requests.approve(self.desks, request, words, None, hub, party, begins)

    async def state(self, request: str) -> RequestState:
        found = await self.store.find_request(request)
        assert found is not None
        return found.state


@pytest.fixture
async def desk(pristine: Site, tmp_path: Path) -> AsyncIterator[AtTheDesk]:
    (tmp_path / "data").mkdir()
    store = await PORTAL_ENGINES["sqlite"](tmp_path / "data", StandingClock())
    person = await paired(store, unit=UNIT)
    yield AtTheDesk(copy_of(pristine, tmp_path / "site"), store, person)
    await store.aclose()


def next_certificate() -> bytes:
    at = NOW - timedelta(hours=1)
    made = self_issued(common_name="Next", party_id=UNIT, at=at, days=700, usage="signing", key_bits=3072)
    return der(made.certificate)


NEXT = next_certificate()
USES: tuple[CertificateUsage, ...] = ("signing", "encryption")
SOON = TODAY + timedelta(days=40)
GRANTED: dict[str, tuple[Wish, str, Callable[[Configuration], bool]]] = {
    "extension": (
        ExtensionWish(days=14),
        "14",
        lambda after: after.by_party[UNIT].mailbox.extension_days == 14,
    ),
    "module": (
        ModuleWish(module="MeldingenBewindvoering", version="1.0", begins=SOON, environment="test"),
        f"MeldingenBewindvoering 1.0 from {SOON}",
        lambda after: after.by_party[UNIT].modules["MeldingenBewindvoering"][0].begins == SOON,
    ),
    "unit": (
        UnitWish(name="Afdeling: 'Twee' #2", establishment="000012345678"),
        "joins as",
        lambda after: after.by_party[f"{UNIT}:000012345678"].name == "Afdeling: 'Twee' #2",
    ),
    "certificate": (
        CertificateWish(use="signing", certificate=NEXT, begins=SOON),
        "new signing certificate",
        lambda after: NEXT in [der(each) for each in after.by_party[UNIT].signing_certificates],
    ),
    "lists": (
        ListsWish(on=True),
        "lists",
        lambda after: after.by_party[UNIT].desk_lists,
    ),
    "leaving": (
        LeavingWish(last_day=TODAY - timedelta(days=1)),
        "suspended",
        lambda after: after.by_party[UNIT].suspended,
    ),
}


@pytest.mark.parametrize("name", GRANTED)
async def test_what_is_granted_is_told_before_and_in_force_after_and_the_rest_of_the_file_stays(
    name: str, desk: AtTheDesk
) -> None:
    wish, told, holds = GRANTED[name]
    before, text = desk.written(), desk.file.read_text("utf-8")
    request = await desk.asks(wish)
    shown = await desk.shown(request)
    assert (shown.objection, any(told in each for each in shown.changes)) == (None, True), shown
    assert "an approval changes:" in said_of_asked(shown)
    assert (desk.written(), await desk.state(request)) == (before, RequestState.SUBMITTED)
    approved = await desk.approve(request)
    assert (approved.asked.state, approved.changes) == (RequestState.APPROVED, shown.changes)
    assert told in said_of_approval(approved)
    assert holds(desk.reloads[-1])
    kept = [each for each in text.splitlines() if each not in desk.file.read_text("utf-8").splitlines()]
    assert kept == [], "every line of before is there still"
    with pytest.raises(Refused, match="approved already"):
        await desk.approve(request)


@pytest.mark.parametrize("name", GRANTED)
async def test_what_stands_there_already_is_approved_and_written_by_nobody_again(name: str, desk: AtTheDesk) -> None:
    wish, _, _ = GRANTED[name]
    first = await desk.asks(wish)
    await desk.approve(first)
    after, again = desk.written(), await desk.asks(wish)
    assert "already" in (await desk.shown(again)).changes[0]
    await desk.approve(again)
    assert (desk.written(), await desk.state(again)) == (after, RequestState.APPROVED)


@pytest.mark.parametrize(
    ("wish", "complaint"),
    [
        (ExtensionWish(days=15), "extension_days"),
        (ModuleWish(module="Nergens", version="1.0", begins=SOON, environment="test"), "there is no module"),
        (UnitWish(name="a\nb", establishment="000012345678"), "name"),
        (UnitWish(name="a", establishment="1"), "party"),
        (CertificateWish(use="encryption", certificate=NEXT), "encryption"),
        (CertificateWish(use="signing", certificate=b"no certificate"), "cannot be used"),
        (LeavingWish(last_day=TODAY), "until and with"),
    ],
)
async def test_what_a_check_complains_of_is_refused_with_its_complaint_and_the_request_stays(
    wish: Wish, complaint: str, desk: AtTheDesk
) -> None:
    before, request = desk.written(), await desk.asks(wish)
    shown = await desk.shown(request)
    assert complaint in str(shown.objection)
    with pytest.raises(Refused, match=re.escape(complaint)):
        await desk.approve(request)
    assert (desk.written(), desk.reloads) == (before, [])
    assert (await desk.state(request), await desk.store.approving()) == (RequestState.SUBMITTED, frozenset())


@pytest.mark.parametrize("name", GRANTED)
async def test_where_the_hub_takes_nothing_over_the_files_are_as_they_were(name: str, desk: AtTheDesk) -> None:
    before, request = desk.written(), await desk.asks(GRANTED[name][0])
    desk.complaints = ("hub.toml: a key cannot be read",)
    with pytest.raises(Refused, match="a key cannot be read"):
        await desk.approve(request)
    assert desk.written() == before
    assert (await desk.state(request), await desk.store.approving()) == (RequestState.SUBMITTED, frozenset())
    desk.complaints = ()
    await desk.approve(request)
    assert GRANTED[name][2](desk.folder())


async def test_lists_are_switched_off_again_where_they_were_switched_on(desk: AtTheDesk) -> None:
    before = desk.file.read_text("utf-8")
    await desk.approve(await desk.asks(ListsWish(on=True)))
    await desk.approve(await desk.asks(ListsWish(on=False)))
    assert desk.file.read_text("utf-8").replace("desk: {lists: false}\n", "") == before


@pytest.mark.parametrize(
    ("days", "stands"),
    [
        ("from: 2020-01-01", True),
        (f"from: {SOON}", True),
        (f"from: {SOON + timedelta(days=1)}", False),
        (f"from: 2020-01-01, until: {SOON - timedelta(days=1)}", False),
        (f"from: 2020-01-01, until: {SOON + timedelta(days=400)}", False),
    ],
)
async def test_a_module_that_stands_there_with_other_days_is_not_called_granted(
    days: str, stands: bool, desk: AtTheDesk
) -> None:
    text = desk.file.read_text("utf-8")
    listed = "modules:\n  MeldingenBewindvoering:\n    - {version: '1.0', " + days + "}\n"
    desk.file.write_text(text.replace("modules:\n", listed, 1), "utf-8")
    before = desk.written()
    request = await desk.asks(
        ModuleWish(module="MeldingenBewindvoering", version="1.0", begins=SOON, environment="test")
    )
    objection = (await desk.shown(request)).objection
    assert (objection is None) == stands, objection
    if stands:
        await desk.approve(request)
    else:
        with pytest.raises(Refused, match="stands in the file with other days"):
            await desk.approve(request)
        assert ("take its `until` out by hand" in objection) == ("until" in days)
    assert desk.written() == before


async def test_a_module_is_approved_from_another_day_than_was_asked_and_whoever_asked_reads_that(
    desk: AtTheDesk,
) -> None:
    wish = ModuleWish(module="MeldingenBewindvoering", version="1.0", begins=SOON, environment="test")
    later = SOON + timedelta(days=20)
    request = await desk.asks(wish)
    with pytest.raises(Refused, match="has a first day"):
        await desk.approve(await desk.asks(ListsWish(on=True)), begins=later)
    approved = await desk.approve(request, begins=later)
    assert f"from {later}" in approved.wants
    assert desk.reloads[-1].by_party[UNIT].modules["MeldingenBewindvoering"][0].begins == later
    again = await desk.asks(wish)
    objection = (await desk.shown(again)).objection
    assert f"--begins {later}" in str(objection)
    before = desk.written()
    await desk.approve(again, begins=later)
    assert (desk.written(), await desk.state(again)) == (before, RequestState.APPROVED)


async def test_a_unit_with_its_own_term_for_answering_keeps_it_where_it_is_granted_a_module(desk: AtTheDesk) -> None:
    await desk.approve(await desk.asks(UnitWish(name="Twee", establishment="000012345678")))
    text = desk.file.read_text("utf-8")
    agreed = "modules:\n  Betalingsregeling:\n    - {version: '2.0', answer_working_days: 3}\n"
    desk.file.write_text(re.sub(r"modules:\n(  Betalingsregeling:\n( +- .*\n)+)?", agreed, text, count=1), "utf-8")
    unit = f"{UNIT}:000012345678"
    assert "answer_working_days" not in desk.file.read_text("utf-8").partition("units:")[2]
    found = await desk.store.submit_request(
        RequestKind.MODULE,
        write_wish(ModuleWish(module="MeldingenBewindvoering", version="1.0", begins=SOON, environment="test")),
        organisation=ORGANISATION,
        unit=unit,
        by=desk.person.id,
    )
    assert found is not None
    await desk.approve(found.id)
    kept = {
        each.version: each.answer_working_days for each in desk.folder().by_party[unit].modules["Betalingsregeling"]
    }
    assert kept["2.0"] == 3


async def test_an_establishment_with_a_system_is_no_unit_at_a_desk_already(desk: AtTheDesk) -> None:
    await desk.approve(await desk.asks(UnitWish(name="Twee", establishment="000012345678")))
    text = desk.file.read_text("utf-8")
    for use in USES:
        made = self_issued(
            common_name="x", party_id=UNIT, at=NOW - timedelta(hours=1), days=90, usage=use, key_bits=3072
        )
        (desk.file.parent / "certificates" / f"two-{use}.pem").write_bytes(certificates_pem(made.certificate))
    listed = "{signing: [certificates/two-signing.pem], encryption: [certificates/two-encryption.pem]}"
    system = re.sub(r"access: desk(.*)certificates: \{[^}]*\}", rf"access: system\1certificates: {listed}", text)
    assert system != text
    desk.file.write_text(system, "utf-8")
    before = desk.written()
    again = await desk.asks(UnitWish(name="Drie", establishment="000012345678"))
    with pytest.raises(Refused, match="a party with a system"):
        await desk.approve(again)
    assert desk.written() == before


async def test_a_module_for_the_other_environment_changes_nothing_here(desk: AtTheDesk) -> None:
    before = desk.written()
    wish = ModuleWish(module="MeldingenBewindvoering", version="1.0", begins=date(2027, 1, 1), environment="production")
    request = await desk.asks(wish)
    (told,) = (await desk.shown(request)).changes
    assert "asked for production, and this hub is for test" in told
    await desk.approve(request)
    assert (desk.written(), await desk.state(request)) == (before, RequestState.APPROVED)


async def test_names_are_told_with_what_cannot_be_seen_escaped_PO_89(desk: AtTheDesk) -> None:
    request = await desk.asks(UnitWish(name="a\u202e\x1b[2J", establishment="000012345678"))
    said = said_of_asked(await desk.shown(request))
    assert "\\u202e\\x1b[2J" in said
    assert not {"\u202e", "\x1b"} & set(said)


async def test_a_begun_approval_whose_change_stands_there_is_not_refused(desk: AtTheDesk) -> None:
    request = await desk.asks(ExtensionWish(days=14))
    assert await desk.store.begin_approval(request)
    await desk.desks.grant(UNIT, ExtensionWish(days=14))
    with pytest.raises(Refused, match="stands in the files"):
        await requests.refuse(desk.desks, request, "no", desk.reload)
    assert (await desk.approve(request)).asked.begun is None
    other = await desk.asks(ExtensionWish(days=28))
    assert await desk.store.begin_approval(other)
    assert (await requests.refuse(desk.desks, other, "no", desk.reload)).state is RequestState.REFUSED


async def test_a_begun_approval_is_judged_with_the_party_id_that_it_was_given(desk: AtTheDesk) -> None:
    party, request = "00000099000001009000", await desk.joins(JOINING)

    async def killed() -> tuple[str, ...]:
        raise asyncio.CancelledError

    desk.reload = killed  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await desk.approve(request, party=party)
    del desk.reload
    with pytest.raises(Refused, match="stands in the files"):
        await requests.refuse(desk.desks, request, "no", desk.reload)
    with pytest.raises(Refused, match=f"begun with the party id {party}"):
        await desk.approve(request, party=OIN)
    assert "already" in (await desk.shown(request)).changes[0]
    await desk.approve(request)
    assert {party, OIN} & desk.reloads[-1].by_party.keys() == {party}


async def test_a_party_id_that_came_to_nothing_is_given_anew(desk: AtTheDesk) -> None:
    request, desk.complaints = await desk.joins(JOINING), ("no",)
    with pytest.raises(Refused, match="took nothing over"):
        await desk.approve(request, party="00000099000001009000")
    desk.complaints = ()
    await desk.approve(request)
    assert OIN in desk.reloads[-1].by_party


async def test_what_is_not_taken_back_stays_begun_and_is_not_refused(desk: AtTheDesk) -> None:
    request, before = await desk.asks(ExtensionWish(days=14)), desk.file.read_bytes()

    async def changed_meanwhile() -> tuple[str, ...]:
        desk.file.write_bytes(desk.file.read_bytes() + b"# by hand\n")
        return ("hub.toml: a key cannot be read",)

    desk.reload = changed_meanwhile  # type: ignore[method-assign]
    with pytest.raises(Refused, match="stands in the files still"):
        await desk.approve(request)
    del desk.reload
    assert await desk.store.approving() == {request}
    with pytest.raises(Refused, match="stands in the files"):
        await requests.refuse(desk.desks, request, "no", desk.reload)
    desk.file.write_bytes(before)
    assert (await requests.refuse(desk.desks, request, "no", desk.reload)).state is RequestState.REFUSED


async def test_a_begun_approval_of_what_cannot_be_granted_any_more_is_refused(desk: AtTheDesk) -> None:
    wish = CertificateWish(use="signing", certificate=b"no certificate")
    impossible, unclear = await desk.asks(wish), await desk.asks(ExtensionWish(days=14))
    for each in (impossible, unclear):
        assert await desk.store.begin_approval(each)
    assert (await requests.refuse(desk.desks, impossible, "no", desk.reload)).state is RequestState.REFUSED
    desk.file.write_text("name: [", "utf-8")
    with pytest.raises(Refused, match="may stand in the files"):
        await requests.refuse(desk.desks, unclear, "no", desk.reload)


async def test_words_are_for_keys_alone(desk: AtTheDesk) -> None:
    request = await desk.asks(ExtensionWish(days=14))
    with pytest.raises(Refused, match="no keys"):
        await desk.approve(request, "seven words")


JOINING = JoiningWish(
    name="Energie: 'Proef'", kvk="12345678", establishments=(), role="schuldeiser",
    modules=("Schuldregeling 2.0", "Schuldregeling 1.1"), environment="test", access="desk", contact="A. Bos",
    email="a.bos@proef.example", telephone="010 1234567", connection_agreed=date(2026, 1, 5),
)  # fmt: skip
OIN = "00000099123456780000"


def with_certificates() -> JoiningWish:
    """Who joins, whichever way it works."""
    made = self_issued(
        common_name="x", party_id=OIN, at=NOW - timedelta(hours=1), days=90, usage="encryption", key_bits=3072
    )
    return replace(JOINING, signing=NEXT, encryption=der(made.certificate))


async def test_who_joins_at_a_desk_gets_a_file_without_certificates_and_the_answer_says_how_one_logs_in(
    desk: AtTheDesk,
) -> None:
    schema = desk.file.parent / EditorSchema.ORGANISATION.file_name
    schema.unlink(missing_ok=True)
    before, request = desk.written(), await desk.joins(JOINING)
    shown = await desk.shown(request)
    assert (shown.objection, shown.asked_by) == (None, "stranger")
    assert "joins as" in shown.changes[0]
    assert "contact A. Bos, 010 1234567, a.bos@proef.example" in shown.wants
    assert "how to log in" in said_of_approval(await desk.approve(request))
    added = desk.reloads[-1].by_party[OIN]
    assert (added.name, added.kvk, added.access, added.roles) == (JOINING.name, "12345678", "desk", {"schuldeiser"})
    assert (added.signing_certificates, added.encryption_certificates) == ((), ())
    assert [each.version for each in added.modules["Schuldregeling"] if not each.of_itself] == ["2.0", "1.1"]
    assert (added.agreements.connection, added.agreements.processing) == (date(2026, 1, 5), None)
    new = desk.written().keys() - before.keys()
    assert {Path(each).name for each in new} == {"energie-proef.yaml", schema.name}, "its first line names the schema"
    text = (desk.file.parent / "energie-proef.yaml").read_text("utf-8")
    assert "Bos" not in text, "of people nothing stands in a file"


@pytest.mark.parametrize(
    ("wish", "event", "said"),
    [
        ({}, MailEvent.WELCOME, "written to how to log in"),
        ({"access": "system"}, MailEvent.JOINED_SYSTEM, "give it the address"),
        ({"environment": "production"}, None, "nobody is written to"),
        ({"environment": "production", "access": "system"}, None, "nobody is written to"),
    ],
)
async def test_who_joins_is_welcomed_only_where_it_can_log_in_here(
    wish: dict[str, Any], event: MailEvent | None, said: str, desk: AtTheDesk
) -> None:
    request = await desk.joins(replace(with_certificates(), **wish))
    assert said in said_of_approval(await desk.approve(request))
    letter = await desk.store.take_letter()
    assert (None if letter is None else [each.event for each in letter.lines]) == (None if event is None else [event])


async def test_who_is_refused_hears_that_and_the_operator_that_the_reason_is_his_to_say(desk: AtTheDesk) -> None:
    refused = await requests.refuse(desk.desks, await desk.joins(JOINING), "no", desk.reload)
    assert "call, and say it" in said_of_refusal(refused)
    letter = await desk.store.take_letter()
    assert letter is not None
    assert [each.event for each in letter.lines] == [MailEvent.JOINING_REFUSED]
    of_a_desk = await requests.refuse(desk.desks, await desk.asks(ExtensionWish(days=7)), "no", desk.reload)
    assert "call" not in said_of_refusal(of_a_desk)


async def test_where_no_mail_leaves_nothing_is_queued_for_who_joins_and_the_operator_calls(desk: AtTheDesk) -> None:
    desk.sends_mail = False
    assert "no mail leaves here: call" in said_of_approval(await desk.approve(await desk.joins(JOINING)))
    await requests.refuse(desk.desks, await desk.joins(replace(JOINING, kvk="87654321")), "no", desk.reload)
    assert await desk.store.take_letter() is None


async def test_establishments_of_who_joins_at_a_desk_are_its_units(desk: AtTheDesk) -> None:
    request = await desk.joins(replace(JOINING, establishments=("000012345678", "000087654321")))
    await desk.approve(request)
    after = desk.reloads[-1].by_party
    assert OIN not in after
    unit = after[f"{OIN}:000087654321"]
    assert (unit.name, unit.access, unit.kvk) == (f"{JOINING.name}, vestiging 000087654321", "desk", "12345678")
    assert (unit.establishment, unit.unit_of and unit.unit_of.name) == ("000087654321", JOINING.name)


async def test_who_joins_with_a_system_brings_its_certificates_and_may_get_another_party_id(desk: AtTheDesk) -> None:
    party = "00000099000001009000"
    sealed_to = self_issued(
        common_name="x", party_id=party, at=NOW - timedelta(hours=1), days=90, usage="encryption", key_bits=3072
    )
    wish = replace(
        JOINING, access="system", signing=NEXT, encryption=der(sealed_to.certificate), establishments=("000012345678",)
    )
    request = await desk.joins(wish)
    await desk.approve(request, party=party)
    added = desk.reloads[-1].by_party[party]
    assert [der(each) for each in added.signing_certificates] == [NEXT]
    assert (added.encryption_certificates, added.establishment) == ((sealed_to.certificate,), "000012345678")


async def test_a_second_organisation_of_that_name_gets_a_file_of_its_own_and_a_second_of_that_number_none(
    desk: AtTheDesk,
) -> None:
    await desk.approve(await desk.joins(JOINING))
    await desk.approve(await desk.joins(replace(JOINING, kvk="87654321")))
    assert desk.reloads[-1].by_party["00000099876543210000"].file == "energie-proef-87654321.yaml"
    before, again = desk.written(), await desk.joins(replace(JOINING, name="Heel anders"))
    with pytest.raises(Refused, match="party"):
        await desk.approve(again)
    assert (desk.written(), await desk.state(again)) == (before, RequestState.SUBMITTED)
    same = await desk.joins(JOINING)
    assert "already" in (await desk.shown(same)).changes[0]


async def test_who_joins_for_the_other_environment_gets_no_file_here(desk: AtTheDesk) -> None:
    before, request = desk.written(), await desk.joins(replace(JOINING, environment="production"))
    assert "asked for production, and this hub is for test" in (await desk.shown(request)).changes[0]
    await desk.approve(request)
    assert desk.written() == before


async def test_a_party_id_is_given_to_who_joins_alone(desk: AtTheDesk) -> None:
    request = await desk.asks(ExtensionWish(days=14))
    with pytest.raises(Refused, match="take part"):
        await desk.approve(request, party=OIN)
