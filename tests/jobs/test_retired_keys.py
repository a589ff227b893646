"""Keys of a desk that were renewed: when what is wrapped of them goes, and what it waits for."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from support.hubs.hub import load_test_certificates
from support.hubs.pulling import push
from support.portal.portal_samples import copy, counting, key_set
from support.portal.portals import UNIT_A1, TestedPortal, desk_configuration, running_portal

from crypto.certificates import der, thumbprint_sha256
from gateway.store.model import MessageFilter
from gateway.store.portal.model import OPERATOR, KeySet, KeySetState
from gateway.store.portal.terms import LOST_STAYS, RETIRED_STAYS

OLD, NEW = "creditor", "creditor-next"
BOTH = {OLD, NEW}
STAYS = {OLD: KeySetState.RETIRED, NEW: KeySetState.ACTIVE}
GONE = {OLD: KeySetState.ENDED, NEW: KeySetState.ACTIVE}


def in_file(*names: str) -> dict[str, dict[str, object]]:
    """The unit's file; what waits there outlasts what was typed in a browser."""
    lists = {use: [f"{each}-{use}" for each in names] for use in ("signing", "encryption")}
    return {"creditor": {"certificates": lists, "mailbox": {"term_working_days": 20}}}


@dataclass(frozen=True, slots=True)
class Renewed:
    """A unit whose keys were renewed a moment ago."""

    portal: TestedPortal

    async def round(self, after: timedelta = timedelta()) -> dict[str, KeySetState]:
        """The hub's own round, so much later; how the sets stand then, by their certificates."""
        self.portal.clock.move(after)
        await self.portal.running.keep()
        return {_name(each): each.state for each in await self.portal.store.key_sets(UNIT_A1)}

    async def copies(self) -> set[str]:
        """What is wrapped, by the certificates of its sets."""
        sets = {each.id: _name(each) for each in await self.portal.store.key_sets(UNIT_A1)}
        return {sets[each.key_set] for each in await self.portal.store.copies(UNIT_A1)}

    async def page(self) -> str:
        return (await (await self.portal.linked(UNIT_A1)).get("/sleutel")).words


def _name(key_set: KeySet) -> str:
    encryption = {der(*load_test_certificates(f"{name}-encryption")): name for name in BOTH}
    return encryption[key_set.decryption_certificate]


@asynccontextmanager
async def renewed(folder: Path, *, asked: bool = False, lost: bool = False) -> AsyncIterator[Renewed]:
    """With a question, if one was `asked`, that came before the renewal and waits; or not renewed, but `lost`."""
    async with running_portal(folder, extra=in_file(OLD)) as portal:
        browser = await portal.linked(UNIT_A1)
        found = await portal.store.find_session(browser.cookies["__Host-knooppunt"])
        assert found is not None
        own = await counting(portal.store, found.person, UNIT_A1)
        if asked:
            await push(portal.hub)
        for names in ((OLD,), (NEW, OLD)):
            signing, encryption = (
                der(*load_test_certificates(f"{names[0]}-{use}")) for use in ("signing", "encryption")
            )
            made = key_set(found.person, UNIT_A1, signing_certificate=signing, decryption_certificate=encryption)
            before = () if lost else [each.id for each in await portal.store.key_sets(UNIT_A1)]
            assert await portal.store.propose_key_set(made, [copy(made, own)], follows=before)
            portal.hub.take_over(desk_configuration(in_file(*names)))
            assert await portal.store.activate_key_set(made.id, by=OPERATOR)
        yield Renewed(portal)


async def test_the_copies_of_renewed_keys_go_when_nothing_waits_under_them_and_the_page_says_so_PO_54(
    tmp_path: Path,
) -> None:
    async with renewed(tmp_path, asked=True) as unit:
        assert await unit.round(RETIRED_STAYS) == STAYS
        assert await unit.copies() == BOTH, "a message waits that only the old keys open"
        assert "De vorige sleutel blijft bewaard" in await unit.page()

        store = unit.portal.hub.store
        (waiting,) = await store.messages(MessageFilter(receiver=UNIT_A1, waiting=True))
        assert await store.expire(waiting.metadata.message_id, notice=None, notice_parts=None, at_once=True)
        assert await unit.round() == GONE
        assert await unit.copies() == {NEW}
        assert "De vorige sleutel is opgeruimd" in await unit.page()
        (old,) = load_test_certificates(f"{OLD}-encryption")
        told = {"party": UNIT_A1, "certificate": thumbprint_sha256(old).hex()}
        assert unit.portal.log.of("portal_keys_ended") == [told]
        assert await unit.round() == GONE


async def test_what_comes_after_a_renewal_is_sealed_to_the_new_keys_and_keeps_the_old_no_longer_PO_54(
    tmp_path: Path,
) -> None:
    async with renewed(tmp_path) as unit:
        await push(unit.portal.hub)
        (record,) = await unit.portal.hub.store.messages(MessageFilter(receiver=UNIT_A1, waiting=True))
        (new,) = load_test_certificates(f"{NEW}-encryption")
        assert record.metadata.sealed_to == thumbprint_sha256(new).hex()
        assert await unit.round(RETIRED_STAYS) == GONE


async def test_renewed_keys_stay_as_long_as_something_typed_may_lie_sealed_to_them(tmp_path: Path) -> None:
    async with renewed(tmp_path) as unit:
        assert await unit.round(RETIRED_STAYS - timedelta(seconds=1)) == STAYS
        assert await unit.round(timedelta(seconds=1)) == GONE


async def test_keys_to_which_the_hub_would_seal_still_or_again_stay(tmp_path: Path) -> None:
    async with renewed(tmp_path) as unit:
        unit.portal.hub.take_over(desk_configuration(in_file(OLD)))
        assert await unit.round(RETIRED_STAYS) == STAYS
        unit.portal.hub.take_over(desk_configuration(in_file(NEW)))
        assert await unit.round() == GONE


async def test_while_the_time_is_suspect_no_keys_end(tmp_path: Path) -> None:
    async with renewed(tmp_path) as unit:
        unit.portal.clock.jump(RETIRED_STAYS)
        assert await unit.round() == STAYS
        unit.portal.hub.hub.time.confirm()
        assert await unit.round() == GONE


async def test_keys_of_a_unit_that_left_go_with_their_time(tmp_path: Path) -> None:
    async with renewed(tmp_path) as unit:
        configuration = desk_configuration(in_file(NEW, OLD))
        without = {key: each for key, each in configuration.by_party.items() if key != UNIT_A1}
        unit.portal.hub.take_over(dataclasses.replace(configuration, by_party=without))
        assert await unit.round(RETIRED_STAYS) == GONE


async def test_what_waits_under_lost_keys_expires_with_notice_and_a_day_later_nothing_is_left_of_them_PO_55(
    tmp_path: Path,
) -> None:
    """As an approval that was cut short leaves it, and what came in while it went on."""
    async with renewed(tmp_path, asked=True, lost=True) as unit:
        store = unit.portal.hub.store
        await push(unit.portal.hub)
        assert await unit.round() == STAYS
        (left,) = await store.messages(MessageFilter(receiver=UNIT_A1, waiting=True))
        (new,) = load_test_certificates(f"{NEW}-encryption")
        assert left.metadata.sealed_to == thumbprint_sha256(new).hex(), "what came since is another's"
        assert [each["notice"] for each in unit.portal.log.of("message_expired")] == [True]
        assert await unit.round(LOST_STAYS) == GONE
        assert await unit.copies() == {NEW}
