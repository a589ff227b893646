"""What lies in deploy/: a unit without rights, an image without a shell, and two hubs on one database."""

from __future__ import annotations

import re
import subprocess
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from support.absent import program

from gateway.settings import Settings, SettingsFault, parse_settings

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


def test_the_settings_of_the_two_are_settings_but_for_the_store_that_is_to_come() -> None:
    text = (DEPLOY / "compose" / "hub.toml").read_text("utf-8")
    found = tomllib.loads(text)
    assert found["store"]["url"].startswith("postgresql://")
    if "store" not in Settings.model_fields:
        with pytest.raises(SettingsFault):
            parse_settings(text)
    settings = parse_settings(re.sub(r"^\[store\]\n(?:.+\n)+", "", text, flags=re.MULTILINE))
    assert settings.monitoring is not None
    assert settings.monitoring.drain_seconds + 30 < 120, "stop_grace_period"
    assert compose()["services"]["hub-a"]["stop_grace_period"] == "120s"
