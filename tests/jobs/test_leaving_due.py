"""Who asked to take part no more: the operator is told once that may be approved."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from support.portal.portal_samples import ORGANISATION, UNIT
from support.portal.portals import running_portal

from gateway.store.portal.model import OPERATOR, RequestKind, RequestState
from gateway.store.portal.wishes import ExtensionWish, LeavingWish, write_wish
from pmodes.term import local_day


async def test_leaving_is_told_from_the_day_after_the_last_once_a_day_until_it_is_decided(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        last_day = local_day(portal.clock.now())
        for wish, kind in (
            (LeavingWish(last_day=last_day), RequestKind.LEAVING),
            (LeavingWish(last_day=last_day + timedelta(days=9)), RequestKind.LEAVING),
            (ExtensionWish(days=7), RequestKind.EXTENSION),
        ):
            found = await portal.store.submit_request(
                kind, write_wish(wish), organisation=ORGANISATION, unit=UNIT, by="somebody"
            )
            assert found is not None

        async def told(after: timedelta) -> list[str]:
            before = len(portal.log.of("portal_leaving_due"))
            portal.clock.move(after)
            portal.hub.hub.time.confirm()
            await portal.running.keep()
            return [each["last_day"] for each in portal.log.of("portal_leaving_due")[before:]]

        assert await told(timedelta()) == []
        assert await told(timedelta(days=1)) == [last_day.isoformat()]
        assert await told(timedelta(minutes=1)) == []
        assert await told(timedelta(days=1)) == [last_day.isoformat()]
        (due,) = [
            each for each in await portal.store.requests() if write_wish(LeavingWish(last_day=last_day)) == each.about
        ]
        await portal.store.decide_request(due.id, RequestState.REFUSED, by=OPERATOR, reason="no")
        assert await told(timedelta(days=1)) == []
