"""What lies in deploy/: a unit without rights, an image without a shell, and two hubs on one database."""

from __future__ import annotations

import re
import subprocess
from configparser import ConfigParser
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from support.absent import program
from support.hubs.hub import LogLines
from support.hubs.processes import new_site
from support.store.store_samples import accept, sealed_message

from gateway.settings import parse_settings, read_settings
from gateway.wiring import open_hub

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
MOST_EXPOSED: Final = 20  # tenths, of the hundred that systemd counts for a unit that may do everything


def unit() -> dict[str, str]:
    """What the unit says last of each key of its service."""
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "knooppunt.service", "utf-8")
    return dict(parser["Service"])


def test_systemd_reads_the_unit_and_finds_it_little_exposed(tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    text = (DEPLOY / "knooppunt.service").read_text("utf-8")
    file = tmp_path / "knooppunt.service"
    file.write_text(text.replace(unit()["ExecStart"].split()[0], "/bin/true"), "utf-8")
    options = (("verify",), ("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager"))
    for words in options:
        ended = subprocess.run([analyze, *words, str(file)], capture_output=True, text=True, check=False, timeout=60)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "knooppunt.service" not in subprocess.run(
        [analyze, "verify", str(file)], capture_output=True, text=True, check=False, timeout=60
    ).stderr, "nothing in it is unknown or ignored"  # fmt: skip


def test_the_unit_takes_nothing_from_the_hub_that_it_needs() -> None:
    """The clock's state by adjtimex, which start of the machine it is, time for what runs, no start that is no use."""
    text = (DEPLOY / "knooppunt.service").read_text("utf-8")
    assert "adjtimex" in text
    assert "\nProtectClock=yes" not in text
    assert "\nProcSubset=pid" not in text
    assert unit()["CapabilityBoundingSet"] == unit()["AmbientCapabilities"] == ""
    assert int(unit()["TimeoutStopSec"]) > 30 + 60
    assert (unit()["Restart"], unit()["RestartPreventExitStatus"], unit()["User"]) == ("on-failure", "2", "knooppunt")
    assert (unit()["ProtectSystem"], unit()["UMask"], unit()["LimitCORE"]) == ("strict", "0077", "0")


def test_the_image_has_no_user_of_rights_and_nothing_but_what_the_hub_stands_on() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    *_, last = re.split(r"^FROM ", text, flags=re.MULTILINE)
    assert last.startswith("scratch\n")
    assert "\nUSER 10001:10001\n" in last
    assert "RUN" not in last
    assert "--require-hashes" in text
    packages = re.search(r'packages="([^"]*)"', (DEPLOY / "rootfs.sh").read_text("utf-8"))
    assert packages is not None
    assert not {"bash", "dash", "apt", "dpkg", "coreutils", "busybox", "perl-base"} & set(packages[1].split())


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", ["hub-a", "hub-b"])
def test_each_hub_of_two_has_no_rights_and_tells_its_health_to_nobody_outside(name: str) -> None:
    hub = compose()["services"][name]
    assert (hub["read_only"], hub["user"], hub["cap_drop"]) == (True, "10001:10001", ["ALL"])
    assert hub["security_opt"] == ["no-new-privileges:true"]
    assert [each.partition(":")[2] for each in hub["ports"]] == ["8443"]
    assert hub["depends_on"]["database"]["condition"] == "service_healthy"
    own = {each.partition(":")[0] for each in hub["volumes"]}
    assert name in own, "what each writes is its own"


def test_the_settings_of_the_two_are_settings() -> None:
    settings = parse_settings((DEPLOY / "compose" / "hub.toml").read_text("utf-8"))
    secrets = {Path("/run/secrets") / each for each in compose()["secrets"]}
    assert settings.store is not None
    assert {settings.store.password_file, settings.store.duplicate_key_file} == secrets
    assert settings.monitoring is not None
    assert settings.monitoring.drain_seconds + 30 < 120, "stop_grace_period"
    assert compose()["services"]["hub-a"]["stop_grace_period"] == "120s"


async def test_two_hubs_open_with_them_on_one_database_and_each_tells_what_waits_in_both(
    tmp_path: Path, postgres_url: str
) -> None:
    of_both = parse_settings((DEPLOY / "compose" / "hub.toml").read_text("utf-8"))
    assert of_both.store is not None
    assert of_both.monitoring is not None
    secret = tmp_path / "duplicate.key"
    secret.write_bytes(bytes(32))
    secret.chmod(0o600)
    site = read_settings(new_site(tmp_path / "site").settings)
    here = {"url": postgres_url, "password_file": None, "duplicate_key_file": secret}
    common = {
        "store": of_both.store.model_copy(update=here),
        "monitoring": of_both.monitoring.model_copy(update={"host": ["127.0.0.1"], "port": 0}),
        "listen": site.listen.model_copy(update={"port": 0}),
    }
    async with AsyncExitStack() as ending:
        told = []
        for name in ("hub-a", "hub-b"):
            data = of_both.data.model_copy(update={"directory": tmp_path / name, "ballast_bytes": 0})
            settings = site.model_copy(update={**common, "data": data})
            opened = await open_hub(settings, log=LogLines(), on_failure=lambda _fault: None)
            ending.push_async_callback(opened.running.stop)
            opened.measuring.fresh_seconds = 0.0
            told.append(opened)
        await accept(told[0].store, sealed_message(1))
        waits = [{each[:3] for each in await opened.measuring.samples()} for opened in told]
        assert all(("knooppunt_messages", 1.0, "stored") in each for each in waits)
        assert all(("knooppunt_ready", 1.0, "") in each for each in waits)
