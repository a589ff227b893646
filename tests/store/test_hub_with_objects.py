"""A hub whose large parts lie in object storage: over its sockets, and by its settings."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientError
from support.configuration.portal_settings import HUB
from support.hubs.hub import LogLines, TestedHub, running_hub
from support.hubs.processes import new_site
from support.hubs.pulling import pull, push, records
from support.messages.wire import Draft, Part, post, saldoverzoek
from support.store import objects
from support.store.objects import Line, line_to

from gateway.clock import SystemClock
from gateway.objects import ObjectPlace
from gateway.objects.s3 import S3Bucket
from gateway.postgres import read_address
from gateway.refused import Refused
from gateway.settings import SettingsFault, parse_settings, read_settings
from gateway.store.model import Kind
from gateway.store.postgres.engine import PostgresEngine
from gateway.wiring import open_hub
from gateway.wiring.administration import serve_administration
from gateway.wiring.standing import standing_of
from gateway.wiring.stores import engine_of, new_store

LARGE = 3 << 20  # of two pieces


@pytest.fixture
def place() -> ObjectPlace:
    return objects.new_place()


@asynccontextmanager
async def hub_on(folder: Path, url: str, place: ObjectPlace) -> AsyncIterator[tuple[TestedHub, Line]]:
    """A hub on that database, and the line on which it reaches object storage."""
    async with line_to(str(place.endpoint)) as line:
        bucket = S3Bucket(replace(place, endpoint=line.endpoint))
        async with running_hub(folder, engine=PostgresEngine(read_address(url), bucket=bucket)) as hub:
            yield hub, line


def large_message(hub: TestedHub) -> Draft:
    draft = saldoverzoek(at=hub.clock.now())
    return draft.with_parts(*draft.parts, Part(octets=secrets.token_bytes(LARGE), mime_type="application/pdf"))


async def test_without_object_storage_large_messages_are_postponed_and_small_ones_go_SR_17(
    tmp_path: Path, postgres_url: str, place: ObjectPlace
) -> None:
    async with hub_on(tmp_path, postgres_url, place) as (hub, line):
        first = await push(hub, large_message(hub))
        line.fault = lambda _method, _path: "error"
        second = large_message(hub)
        postponed = await post(hub, second.wire())
        assert (postponed.status, postponed.body) == (503, b"")
        assert int(postponed.headers["Retry-After"]) > 0
        assert (await pull(hub)).status == 503, "the mailbox is not empty"
        small = await push(hub)
        assert small.parts[0].octets in (await pull(hub)).plain("creditor").values()
        line.fault = lambda _method, _path: None
        await push(hub, second)
        hub.clock.move(timedelta(minutes=1))
        for each in (first, second):
            assert each.parts[1].octets in (await pull(hub)).plain("creditor").values()
        assert not any(each.damaged for each in await records(hub))


async def test_a_pull_whose_object_breaks_off_is_cut_and_goes_out_again_octet_for_octet(
    tmp_path: Path, postgres_url: str, place: ObjectPlace
) -> None:
    async with hub_on(tmp_path, postgres_url, place) as (hub, line):
        sent = await push(hub, large_message(hub))
        reads = 0

        def break_the_last(method: str, _path: str) -> str | None:
            nonlocal reads
            reads += method == "GET"
            return "cut" if method == "GET" and reads == 4 else None  # two pieces, read to check and read to send

        line.fault = break_the_last
        with pytest.raises(ClientError):
            await pull(hub)
        await hub.log.came("offer_broken")
        assert not any(each.damaged for each in await records(hub))
        hub.clock.move(timedelta(minutes=1))
        assert sent.parts[1].octets in (await pull(hub)).plain("creditor").values()


async def test_a_lost_object_costs_one_message_of_which_its_sender_finds_a_notice(
    tmp_path: Path, postgres_url: str, place: ObjectPlace
) -> None:
    async with hub_on(tmp_path, postgres_url, place) as (hub, _):
        await push(hub, large_message(hub))
        bucket = S3Bucket(place)
        await bucket.remove(await objects.names_in(bucket))
        other = await push(hub, large_message(hub))
        assert other.parts[1].octets in (await pull(hub)).plain("creditor").values()
        assert len(hub.log.of("message_damaged")) == 1
        (lost, _) = await records(hub)
        hub.clock.move(lost.metadata.expires_at - hub.clock.now() + timedelta(hours=1))
        hub.hub.time.confirm()
        await hub.running.keeper.keep()
        assert [each.metadata.kind for each in await records(hub)].count(Kind.NOTICE) == 2
        assert lost.metadata.message_id in {each["message_id"] for each in hub.log.of("message_damaged")}
        assert (await pull(hub, "counsellor")).user_message is not None


# --- by its settings ---------------------------------------------------------------------------------------------

SECTION = """
[store]
url = "{url}"
duplicate_key_file = "duplicates.key"

[store.objects]
endpoint = "{endpoint}"
bucket = "{bucket}"
access_key_id = "knooppunt"
secret_key_file = "objects.key"

[data]
directory = "node"
"""


def secret_in(folder: Path, name: str, octets: bytes) -> None:
    (folder / name).touch(mode=0o600)
    (folder / name).write_bytes(octets)


async def test_a_hub_tells_that_its_object_storage_is_away_and_is_ready_all_the_same(
    tmp_path: Path, postgres_url: str, place: ObjectPlace
) -> None:
    site = new_site(tmp_path / "site")
    folder = site.settings.parent
    secret_in(folder, "duplicates.key", b"k" * 32)
    secret_in(folder, "objects.key", b"secret\n")
    async with line_to(str(place.endpoint)) as line:
        section = SECTION.format(url=postgres_url, endpoint=line.endpoint, bucket=place.bucket)
        text = re.sub(r'\[data\]\ndirectory = "[^"]*"\n', lambda _found: section, site.settings.read_text())
        site.settings.write_text(text)
        settings = read_settings(site.settings)
        await new_store(settings, clock=SystemClock())
        opened = await open_hub(settings, log=LogLines(), on_failure=lambda _fault: None)
        opened.measuring.fresh_seconds = 0.0
        try:
            told = {each.name: each.value for each in await opened.measuring.samples()}
            assert (told["knooppunt_objects_away"], told["knooppunt_objects_held"], told["knooppunt_ready"]) == (
                0,
                0,
                1,
            )
            line.fault = lambda _method, _path: "denied"
            told = {each.name: each.value for each in await opened.measuring.samples()}
            assert (told["knooppunt_objects_away"], told["knooppunt_ready"]) == (1, 1)
            async with serve_administration(opened, settings):
                worries = (await standing_of(settings, datetime.now(UTC))).worries
            (worry,) = (each for each in worries if each.startswith("object storage:"))
            assert worry.endswith("large messages are answered 503 until it is back")
            assert "secret" not in worry
        finally:
            await opened.running.stop()


WRONG = {
    'endpoint = "http://objects.example"': "it is no https, and not on this machine",
    'endpoint = "https://name:word@objects.example"': "it holds a name or password",
    'endpoint = "objects.example"': "it is no URL of a server",
}


@pytest.mark.parametrize("said", sorted(WRONG))
def test_an_endpoint_that_cannot_be_one_is_told_by_its_key(said: str) -> None:
    settings = parse_settings(HUB + f'[store]\nurl = "postgresql://a@b/c"\n[store.objects]\nbucket = "abc"\n{said}\n')
    with pytest.raises(Refused, match=re.escape(WRONG[said])) as refused:
        engine_of(settings)
    assert str(refused.value).startswith("store.objects.endpoint: ")


def test_object_storage_is_for_a_store_on_postgresql_and_a_key_has_two_halves() -> None:
    with pytest.raises(SettingsFault, match=r"store\.url"):
        parse_settings(HUB + '[store.objects]\nbucket = "abc"\n')
    half = '[store]\nurl = "postgresql://a@b/c"\n[store.objects]\nbucket = "abc"\naccess_key_id = "a"\n'
    with pytest.raises(SettingsFault, match="go together"):
        parse_settings(HUB + half)
