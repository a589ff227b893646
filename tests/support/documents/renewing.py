"""The places of the pages about renewing certificates, in which their commands are typed as they stand there: the
folders of two participants, and of a hub that runs.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import yaml
from support.documents.documents import Block
from support.documents.two_machines import KNOOPPUNT
from support.hubs.processes import new_site

import gateway
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site
from gateway.site.organisations import Planned

_Places = TypeVar("_Places", bound="Places")
PATIENCE_SECONDS = 240.0  # ends a test that hangs; what is waited for is that something came, not that time passed
BANK, COUNTERPART = "bank", "counterpart"
PARTICIPANTS = (BANK, COUNTERPART)
# A copy to another place lands in that place's folder; the service manager is one signal.
SCP = """#!/bin/sh
case "$2" in {cases} esac
"""
SYSTEMCTL = """#!/bin/sh
test "$*" = "reload knooppunt" && kill -HUP {pid}
"""


class Places:
    """The three folders of the pages, in which their commands are typed and their files are changed as they stand
    there; what every participant does, both do.
    """

    def __init__(self, site: Site, home: Path, hub: HubProcess) -> None:
        self.folders = {
            "bank": site.organisation(BANK).folder,
            "counterpart": site.organisation(COUNTERPART).folder,
            "hub": site.settings.parent,
        }
        self.bank, self.counterpart = (site.organisation(each).party for each in (BANK, COUNTERPART))
        self._tools = home / "tools"
        self._tools.mkdir()
        named = [*self.folders.items(), *(("participant", self.folders[each]) for each in PARTICIPANTS)]
        copies: dict[str, list[str]] = {}
        for name, folder in named:
            copies.setdefault(name, []).append(f'cp "$1" "{folder}/${{2#*:}}"')
        cases = " ".join(f"{name}:*) {'; '.join(each)} ;;" for name, each in copies.items())
        self.log = site.folder / "hub.log"
        for name, text in (
            ("knooppunt", KNOOPPUNT),
            ("scp", SCP.format(cases=cases)),
            ("systemctl", SYSTEMCTL.format(pid=hub.pid)),
        ):
            (self._tools / name).write_text(text)
            (self._tools / name).chmod(0o755)

    async def do(self, block: Block) -> None:
        """Type a block of commands where it says, or give a file the keys that a block shows."""
        place, _, file = block.place.partition(" ")
        before = self._reloads()
        for each in PARTICIPANTS if place == "participant" else (place,):
            await asyncio.to_thread(self._do, block, self.folders[each], file)
        if "systemctl reload" in block.text:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while self._reloads() == before:  # noqa: ASYNC110 - another process writes
                    await asyncio.sleep(0.01)

    def _reloads(self) -> int:
        text = self.log.read_text("utf-8")
        assert "reload_refused" not in text
        return text.count('"reloaded"')

    def _do(self, block: Block, folder: Path, file: str) -> None:
        path = folder / file
        if block.language == "yaml":
            content = yaml.safe_load(path.read_text("utf-8"))
            for key, value in yaml.safe_load(block.text).items():
                content[key] = {**content.get(key, {}), **value} if isinstance(value, dict) else value
            _write(path, yaml.safe_dump(content, sort_keys=False))
            return
        if block.language == "toml":
            table = re.escape(block.text.partition("\n")[0])
            others = re.sub(rf"^{table}\n(?:[^\[\n].*\n|\n)*", "", path.read_text("utf-8"), flags=re.MULTILINE)
            _write(path, f"{others}\n{block.text}")
            return
        environment = {
            **os.environ,
            "PATH": f"{self._tools}:{os.environ['PATH']}",
            "PYTHONPATH": str(Path(gateway.__file__).parents[1]),
        }
        ended = subprocess.run(
            ["bash", "-eu", "-c", block.text], cwd=folder, env=environment,
            capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, (block, ended.stdout, ended.stderr)

    async def moved_on(self, has: Callable[[], bool]) -> None:
        """Wait until something else that goes on has come so far."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not has():  # noqa: ASYNC110 - whatever it is, it tells nobody
                await asyncio.sleep(0.01)


def _write(path: Path, text: str) -> None:
    """As an editor does: whoever reads meanwhile sees the file as it was, or as it is."""
    path.with_suffix(".new").write_text(text, "utf-8")
    path.with_suffix(".new").replace(path)


@asynccontextmanager
async def places_of(
    home: Path, organisations: tuple[Planned, Planned], *, requires_origin: str, made: type[_Places]
) -> AsyncIterator[_Places]:
    """The three places, with the hub running; one participant takes nothing whose origin it cannot verify."""
    site = new_site(home / "site", organisations)
    hub = HubProcess(site.settings, site.folder / "hub.log")
    await hub.start()
    found = made(site, home, hub)
    participant = found.folders[requires_origin] / "participant.yaml"
    participant.write_text(participant.read_text("utf-8") + "origin: required\n", "utf-8")
    try:
        yield found
    finally:
        await hub.kill()
