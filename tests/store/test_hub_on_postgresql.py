"""A hub whose store is a PostgreSQL database: it starts, takes and gives messages, and leaves another hub's alone."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest
from support.hubs.hub import LogLines
from support.hubs.processes import new_site, running_site
from support.portal.portal_samples import ORGANISATION, begun, paired
from support.store.nodes import on_node
from support.store.postgres import PostgresServer

from gateway.cli.playing import free_port
from gateway.client.outbox import OutboxState
from gateway.clock import SystemClock
from gateway.settings import read_settings
from gateway.site.making import Site, make_site
from gateway.site.with_portal import make_portal
from gateway.store.model import EvidenceKind, MessageFilter, State
from gateway.store.postgres.seen import SEEN_NAME
from gateway.wiring import NotStartable, open_hub
from gateway.wiring.nodes import worries_of_nodes
from gateway.wiring.stores import check_store, engine_of, new_store


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return new_site(tmp_path_factory.mktemp("postgresql") / "site")


@pytest.fixture
def site(pristine: Site, postgres_url: str) -> Site:
    """On an empty database, with a data directory that is not there yet and a key for whoever shares the database."""
    key = pristine.settings.parent / "duplicates.key"
    key.unlink(missing_ok=True)
    key.touch(mode=0o600)
    key.write_bytes(b"k" * 32)
    return on_node(pristine, f"node-{postgres_url.partition('?')[0][-4:]}", url=postgres_url)


def failed(fault: BaseException) -> NoReturn:
    raise AssertionError(fault)


async def refusal(site: Site) -> str:
    with pytest.raises(NotStartable) as refused:
        await open_hub(read_settings(site.settings), log=LogLines(), on_failure=failed)
    (said,) = refused.value.complaints
    return said


async def test_a_message_is_pushed_to_one_node_and_collected_from_another(site: Site, tmp_path: Path) -> None:
    """Push, receipt, pull, message, receipt, over sockets; the second node had nothing but the database."""
    await new_store(read_settings(site.settings), clock=SystemClock())
    async with running_site(site) as running:
        await running.start()
        async with running.desk("counsellor", tmp_path) as counsellor:
            pushed = await counsellor.push(running.party("creditor"))
        assert pushed.state is OutboxState.ACKNOWLEDGED, pushed
        await running.process.kill()
        on_node(site, "another-node")
        await running.start()
        async with running.desk("creditor", tmp_path) as creditor:
            pulled = await creditor.pull()
        await running.process.kill()
    engine, directory = engine_of(read_settings(site.settings)), read_settings(site.settings).data.directory
    store = await engine.open(directory, clock=SystemClock())
    (record,) = await store.messages(MessageFilter())
    kinds = [kind for kind, _, _ in await store.evidence(record.metadata.message_id)]
    await store.aclose()
    assert pulled.number is not None, pulled
    assert record.state is State.RECEIPTED
    assert kinds == [EvidenceKind.GIVEN, EvidenceKind.TAKEN]


async def test_a_slip_in_the_database_makes_no_new_hub(site: Site) -> None:
    said = await refusal(site)
    assert "knooppunt store new --hub" in said


async def test_a_hub_with_another_key_of_duplicates_does_not_start(site: Site) -> None:
    settings = read_settings(site.settings)
    await new_store(settings, clock=SystemClock())
    opened = await open_hub(settings, log=LogLines(), on_failure=failed)
    await opened.running.stop()
    other = site.settings.parent / "other.key"
    other.touch(mode=0o600)
    other.write_bytes(b"o" * 32)
    said = await refusal(on_node(site, "second", key="other.key"))
    assert said.startswith("store.duplicate_key_file: it holds another key than the one")
    said = await refusal(on_node(site, "second", key="absent.key"))
    assert "absent.key: no such file" in said


async def test_nodes_that_work_with_other_files_are_named_and_a_reload_of_both_puts_that_right(site: Site) -> None:
    settings = read_settings(site.settings)
    await new_store(settings, clock=SystemClock())
    file = settings.pmodes.folder / "creditor.yaml"
    whole = file.read_text()
    one = await open_hub(settings, log=LogLines(), on_failure=failed)
    file.write_text(f"{whole}\n# changed\n")
    second = read_settings(on_node(site, "beside").settings)
    second = second.model_copy(update={"listen": second.listen.model_copy(update={"port": 0})})
    other = await open_hub(second, log=LogLines(), on_failure=failed)
    assert one.running.nodes is not None
    assert other.running.nodes is not None

    async def said() -> list[str]:
        for each in (other, one):
            await each.running.nodes.look()  # type: ignore[union-attr]  # seen above
        return list(worries_of_nodes(await other.store.nodes.seen()))

    try:
        await one.running.nodes.look()
        (worry,) = await said()
        assert re.match(r"node \S+:/\S+/node-\S+ works with other files \([0-9a-f]{12}, since ", worry)
        assert [each.value for each in one.measuring._at_hand() if each.name == "knooppunt_nodes_differing"] == [1]
        await one.reloading.reload()
        assert await said() == []
        file.write_text(whole)
        await one.reloading.reload()
        await other.reloading.reload()
        assert await said() == []
        await other.running.stop()
        assert len(await one.store.nodes.seen()) == 1
    finally:
        file.write_text(whole)
        await other.running.stop()
        await one.running.stop()


async def test_a_database_that_is_not_there_is_one_line(site: Site, postgres: PostgresServer) -> None:
    said = await refusal(on_node(site, "node", url=postgres.url("nothing")))
    assert 'database "nothing" does not exist; see that the server runs and lets this user in' in said
    assert check_store(read_settings(site.settings), datetime.now(UTC))[0] == (said,)


async def test_the_database_of_another_hub_is_named_and_left_as_it_is(
    site: Site, postgres: PostgresServer, postgres_url: str
) -> None:
    await new_store(read_settings(site.settings), clock=SystemClock())
    with postgres.database() as url:
        settings = read_settings(on_node(site, "elsewhere", url=url).settings)
        await new_store(settings, clock=SystemClock())
        node = read_settings(on_node(site, "elsewhere", url=postgres_url).settings)
        said = await refusal(site)
        assert "holds the store of another hub" in said
        assert not check_store(node, datetime.now(UTC))[1]


@pytest.fixture(scope="module")
def pristine_with_portal(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder, at = tmp_path_factory.mktemp("portal") / "site", datetime.now(UTC)
    portal = make_portal(folder, port=free_port(), broker_port=free_port(), organisations=[], at=at)
    return make_site(folder, [], at=at, port=free_port(), settings_text=portal.settings_text)


async def test_a_hub_keeps_its_portal_in_the_same_database_and_a_restored_one_logs_everybody_out(
    pristine_with_portal: Site, postgres: PostgresServer, postgres_url: str
) -> None:
    (pristine_with_portal.settings.parent / "duplicates.key").touch(mode=0o600)
    (pristine_with_portal.settings.parent / "duplicates.key").write_bytes(b"k" * 32)
    site = on_node(pristine_with_portal, "node", url=postgres_url)
    settings = read_settings(site.settings)
    await new_store(settings, clock=SystemClock())
    opened = await open_hub(settings, log=LogLines(), on_failure=failed)
    assert opened.running.portal is not None
    portal = opened.running.portal.portal.store
    person = await paired(portal)
    new = await begun(portal, person)
    await opened.running.stop()
    node = settings.data.directory
    saw = json.loads((node / SEEN_NAME).read_text())
    (node / SEEN_NAME).write_text(json.dumps(saw | {"position": saw["position"] + (1 << 40)}))
    assert "this node saw" in await refusal(site)
    engine = engine_of(settings)
    store = await engine.open(node, clock=SystemClock())
    await store.confirm_restored()
    await store.aclose()
    again = await engine.open_portal(node, clock=SystemClock())
    assert await again.find_session(new.token) is None
    assert [each.id for each in await again.persons(ORGANISATION)] == [person.id]
    await again.aclose()
