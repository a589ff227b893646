"""The portal on PostgreSQL: from the login to the overview, at each node alike, for nothing of it lies in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.portal.engines import PostgresPlace, make_portal_tables
from support.portal.portals import UNIT_A1, running_portal
from support.store.postgres import PostgresServer


@pytest.fixture
def place(postgres: PostgresServer) -> Iterator[PostgresPlace]:
    with postgres.database(template=postgres.template("portal", make_portal_tables)) as url:
        yield PostgresPlace(url=url)


async def test_who_logs_in_at_one_node_is_linked_reads_and_leaves_at_another(
    tmp_path: Path, place: PostgresPlace
) -> None:
    async with (
        running_portal(tmp_path / "one", place=place) as one,
        running_portal(tmp_path / "other", place=place) as other,
    ):
        employee = one.browser()
        assert (await employee.log_in()).see == "/berichten"
        (code,) = (await employee.get("/berichten")).document.xpath("//strong[@class='code']/text()")
        other.broker.count = one.broker.count  # one broker, which numbers what it says: nobody uses an assertion twice
        administrator = await other.administrator()
        fields = {"token": await administrator.token(), "code": code}
        assert (await administrator.post(f"/organisatie/{UNIT_A1}/koppelen", fields)).see == "/organisatie"
        moved = other.browser()
        moved.cookies = employee.cookies  # whatever divides the load sent it there
        for browser in (employee, moved):
            overview = await browser.get("/berichten")
            assert overview.status == 200
            assert overview.document.xpath("//strong[@class='code']") == []
        assert (await moved.post("/uitloggen", {"token": await employee.token()})).status == 303
        assert (await employee.get("/berichten")).status == 303
