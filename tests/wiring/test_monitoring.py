"""Metrics and health of a hub: on a listener of their own, with the lines of the table and no other."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.hubs.hub import LogLines
from support.hubs.processes import new_site
from support.keys.site_keys import copy_of
from support.store.store_samples import accept, sealed_message

from gateway.metrics import METRICS
from gateway.settings import MonitoringSection, Settings, SettingsFault, parse_settings, read_settings
from gateway.site.making import Site
from gateway.store.interface import StoreUnavailable
from gateway.wiring import NotStartable, OpenedHub, open_hub


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return new_site(tmp_path_factory.mktemp("monitoring") / "site")


@pytest.fixture
def settings(pristine: Site, tmp_path: Path) -> Settings:
    """Of a hub of its own for each test, which is watched on a port of the system's choice."""
    own = read_settings(copy_of(pristine, tmp_path / "site").settings)
    return own.model_copy(update={"monitoring": MonitoringSection(port=0)})


@asynccontextmanager
async def opened_hub(settings: Settings) -> AsyncIterator[OpenedHub]:
    opened = await open_hub(settings, log=LogLines(), on_failure=lambda _fault: None)
    opened.measuring.fresh_seconds = 0.0
    try:
        yield opened
    finally:
        await opened.running.stop()


async def asked(port: int | None, path: str, *, method: str = "GET", tls: bool = False) -> tuple[int, str]:
    """Status and text."""
    url = f"http{'s' if tls else ''}://127.0.0.1:{port}{path}"
    async with aiohttp.ClientSession() as session, session.request(method, url, ssl=False) as response:
        return response.status, await response.text()


async def lines(opened: OpenedHub) -> Mapping[tuple[str, str], float]:
    """Every line of the page, by name and the value of its label, as a reader of Prometheus reads it."""
    status, text = await asked(opened.monitoring_port, "/metrics")
    assert status == HTTPStatus.OK
    found = {}
    for family in text_string_to_metric_families(text):
        for each in family.samples:
            assert len(each.labels) <= 1
            found[each.name, next(iter(each.labels.values()), "")] = each.value
    return found


def of_table(name: str) -> str:
    """The name in the table: a histogram has three lines of its own."""
    return re.sub(r"_(?:bucket|count|sum)$", "", name)


async def test_the_page_has_the_lines_of_the_table_and_no_other_LG_06(settings: Settings) -> None:
    async with opened_hub(settings) as opened:
        found = await lines(opened)
    told = {of_table(name) for name, _ in found}
    assert told <= METRICS.keys()
    assert {name for name, metric in METRICS.items() if metric.always} <= told
    for name, metric in METRICS.items():
        if metric.always and metric.values and name != "knooppunt_connections":
            assert {label for each, label in found if each == name} == set(metric.values), name
    assert [found["knooppunt_unread", part] for part in METRICS["knooppunt_unread"].values] == [0.0] * 5
    assert (found["knooppunt_ready", ""], found["knooppunt_organisations", ""]) == (1.0, 2.0)
    assert found["knooppunt_certificate_days_left", "tls"] == 727
    assert found["knooppunt_participant_certificate_days_left", "encryption"] == 727
    assert 0 < found["knooppunt_disk_free_bytes", ""] < found["knooppunt_disk_bytes", ""]
    assert found["knooppunt_disk_mark_bytes", "any"] == pytest.approx(0.01 * found["knooppunt_disk_bytes", ""])


async def test_what_waits_is_counted_and_what_is_kept_of_the_store_serves_a_while(settings: Settings) -> None:
    async with opened_hub(settings) as opened:
        before = await lines(opened)
        await accept(opened.store, sealed_message(1))
        opened.log("postponed", cause="store")
        found = await lines(opened)
        opened.measuring.fresh_seconds = 3600.0
        await accept(opened.store, sealed_message(2))
        opened.log("postponed", cause="store")
        kept = await lines(opened)
    assert [each["knooppunt_messages", "stored"] for each in (before, found, kept)] == [0, 1, 1]
    assert [each["knooppunt_postponed_total", "store"] for each in (before, found, kept)] == [0, 1, 2]
    assert (found["knooppunt_mailboxes_waiting", ""], found["knooppunt_open_leases", ""]) == (1, 0)
    assert found["knooppunt_oldest_waiting_seconds", ""] > 0
    assert ("knooppunt_next_expiry_seconds", "") not in before
    assert ("knooppunt_next_expiry_seconds", "") in found


async def test_a_part_that_cannot_be_read_now_is_told_as_such_and_hides_no_other(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(_store: object) -> None:
        raise StoreUnavailable("busy")

    async with opened_hub(settings) as opened:
        monkeypatch.setattr(type(opened.store), "mailboxes", busy)
        found = await lines(opened)
    assert (found["knooppunt_unread", "store"], found["knooppunt_unread", "disk"]) == (1, 0)
    assert ("knooppunt_messages", "stored") not in found
    assert found["knooppunt_disk_free_bytes", ""] > 0


async def test_health_and_metrics_are_told_on_their_own_listener_and_nowhere_else_SR_21(settings: Settings) -> None:
    async with opened_hub(settings) as opened:
        for path in ("/metrics", "/healthz", "/readyz"):
            assert (await asked(opened.monitoring_port, path))[0] == HTTPStatus.OK
            assert await asked(opened.port, path, tls=True) == (HTTPStatus.NOT_FOUND, "")
            assert (await asked(opened.monitoring_port, path, method="POST"))[0] == HTTPStatus.METHOD_NOT_ALLOWED
        assert (await asked(opened.monitoring_port, "/as4"))[0] == HTTPStatus.NOT_FOUND


async def test_a_hub_is_ready_unless_it_goes_or_its_last_reload_was_refused(settings: Settings) -> None:
    file = settings.pmodes.folder / "creditor.yaml"
    whole = file.read_text()
    async with opened_hub(settings) as opened:
        assert await asked(opened.monitoring_port, "/readyz") == (HTTPStatus.OK, "ready\n")
        file.write_text(f"{whole}\nno_such_key: 1\n")
        await opened.reloading.reload()
        refused = await asked(opened.monitoring_port, "/readyz")
        assert refused == (HTTPStatus.SERVICE_UNAVAILABLE, "the last reload was refused\n")
        assert (await lines(opened))["knooppunt_configuration_refused", ""] == 1
        assert (await asked(opened.monitoring_port, "/healthz"))[0] == HTTPStatus.OK
        file.write_text(whole)
        await opened.reloading.reload()
        assert (await asked(opened.monitoring_port, "/readyz"))[0] == HTTPStatus.OK
        opened.running.draining = True
        assert await asked(opened.monitoring_port, "/readyz") == (HTTPStatus.SERVICE_UNAVAILABLE, "draining\n")
        assert (await lines(opened))["knooppunt_ready", ""] == 0


async def test_a_node_is_not_ready_where_its_files_or_its_clock_are_not_those_of_the_others(settings: Settings) -> None:
    async with opened_hub(settings) as opened:
        nodes = opened.running.nodes
        assert nodes is not None
        await nodes.look()
        assert (await lines(opened))["knooppunt_nodes", ""] == 1
        (own,) = nodes.seen
        other, newer = replace(own.node, name="other", configuration="b2"), own.since + timedelta(seconds=1)
        nodes.seen = (replace(own, clock_ahead=timedelta(seconds=11)), replace(own, node=other, since=newer))
        nodes._differs_since = own.seen_at - timedelta(minutes=1)
        status, said = await asked(opened.monitoring_port, "/readyz")
        assert status == HTTPStatus.SERVICE_UNAVAILABLE
        assert said == "other nodes work with other files; the clock is not that of the database\n"
        found = await lines(opened)
        assert [found[f"knooppunt_nodes{each}", ""] for each in ("", "_differing", "_clock_off")] == [2, 1, 1]


async def test_a_hub_alone_may_stay_ready_after_a_refused_reload(settings: Settings) -> None:
    section = MonitoringSection(port=0, unready_after_refused_reload=False)
    async with opened_hub(settings.model_copy(update={"monitoring": section})) as opened:
        opened.reloading.refused = ("a fault",)
        assert (await asked(opened.monitoring_port, "/readyz"))[0] == HTTPStatus.OK


async def test_a_port_that_another_program_has_keeps_the_hub_from_starting(settings: Settings) -> None:
    async with opened_hub(settings) as opened:
        taken = settings.model_copy(
            update={
                "monitoring": MonitoringSection(port=opened.monitoring_port),
                "data": settings.data.model_copy(
                    update={"directory": settings.data.directory / "other", "create": True}
                ),
                "listen": settings.listen.model_copy(update={"port": 0}),
            }
        )
        with pytest.raises(NotStartable) as refused:
            await open_hub(taken, log=LogLines(), on_failure=lambda _fault: None)
    assert refused.value.complaints == (
        f"monitoring.host: cannot listen on 127.0.0.1 port {opened.monitoring_port}: another program uses it",
    )


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (
            "port = 8443",
            "monitoring.port: is that of the AS4 endpoint; metrics and health have a listener of their own",
        ),
        ('host = ["127.0.0.1", "::1"]\nport = 0', "monitoring.port: 0 lets the system choose a port for one address"),
    ],
)
def test_a_listener_that_is_not_its_own_is_refused_with_the_settings_SR_21(
    settings: Settings, pristine: Site, section: str, said: str
) -> None:
    text = re.sub(r"port = \d+", "port = 8443", pristine.settings.read_text())
    with pytest.raises(SettingsFault) as fault:
        parse_settings(f"{text}\n[monitoring]\n{section}\n", name="hub.toml")
    assert any(said in each for each in fault.value.complaints)
