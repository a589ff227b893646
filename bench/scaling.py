"""What a hub costs when it is large: many messages that wait, many mailboxes, many organisations.

Every row is a hub of its own; all of them run at the same time and are asked in turns, so that a ratio between two rows
says something of the rows and not of the machine. The first row is what the others are held against.

    waiting N         so many messages in the mailbox that is pulled from
    mailboxes N       a hundred messages in each of so many mailboxes beside it
    organisations N   so many P-Mode files with certificates of their own
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from bench.alternating import load_facts_of
from bench.failure import NotMeasured
from bench.keys import many_keys
from bench.laying import lay
from bench.machine import Load
from bench.program import CHECKOUT, Program, program_of
from bench.rounds import Spread, in_turns, ratio
from bench.station import Installation, Station, install, running
from crypto.pki import RSA, Authority, Usage, certificates_pem, issue
from gateway.clock import SystemClock
from gateway.site.making import party_for

LIFE = timedelta(days=3)  # of messages that wait
PARTS_OCTETS = 200  # what is measured is the number of rows
IN_EACH_MAILBOX = 100
IN_FIRST = 1_000  # that wait in the mailbox of every other row, so that pulls find something
FIRST_MADE = 2001  # numbers of parties that the site has not
REQUESTS = 20  # pulls and pushes of one turn
TURNS = 4
WARM_UP = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One row."""

    waiting: int = IN_FIRST
    mailboxes: int = 0
    organisations: int = 0

    @property
    def name(self) -> str:
        """What is large."""
        if self.organisations:
            return f"organisations {self.organisations}"
        return f"mailboxes {self.mailboxes}" if self.mailboxes else f"waiting {self.waiting}"


@dataclass(slots=True)
class Asked:
    """What one round of requests took."""

    pull_seconds: list[float] = field(default_factory=list)
    pull_cpu_seconds: float = 0.0
    push_cpu_seconds: float = 0.0
    pushes: int = 0


def sizes(waiting: Sequence[int], mailboxes: int, organisations: int) -> tuple[Size, ...]:
    """The rows that are asked for, the smallest first; 0 leaves mailboxes or organisations out."""
    found = [Size(waiting=each) for each in sorted(waiting)]
    if mailboxes:
        found.append(Size(mailboxes=mailboxes))
    if organisations:
        found.append(Size(organisations=organisations))
    return tuple(found)


async def measure(
    rows: Sequence[Size], folder: Path, *, rounds: int, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Pulls over one connection and pushes over four, in so many rounds, of a hub of each of these sizes."""
    installations = {}
    with program_of(str(CHECKOUT)) as program:
        for row in rows:
            tell(f"making a hub: {row.name}")
            installations[row.name] = await _make(row, program, folder / row.name.replace(" ", "-"))
        started: dict[str, float] = {}
        found: list[tuple[dict[str, Asked], float]] = []
        async with AsyncExitStack() as stack:
            stations = {}
            for name, installation in installations.items():
                begun = time.perf_counter()
                pushes = WARM_UP + rounds * TURNS * REQUESTS
                stations[name] = await stack.enter_async_context(running(installation, pushes))
                started[name] = stations[name].listened_at - begun
            memory = {name: resident_mebibytes(station.pids[0]) for name, station in stations.items()}
            for station in stations.values():
                await _ask(station, Asked(), WARM_UP)
            for number in range(rounds):
                tell(f"pulling and pushing, round {number + 1} of {rounds}")
                found.append(await _round(stations, number))
    return [_facts(row, found, rows[0], started[row.name], memory[row.name]) for row in rows]


async def _round(stations: Mapping[str, Station], number: int) -> tuple[dict[str, Asked], float]:
    asked = {name: Asked() for name in stations}
    load = Load(pid for each in stations.values() for pid in each.pids)
    for name, size in in_turns(tuple(stations), [REQUESTS] * TURNS, number):
        await _ask(stations[name], asked[name], size)
    return asked, load.others_cores()


async def _ask(station: Station, asked: Asked, number: int) -> None:
    cpu, seconds = await station.pull_one_by_one(number)
    asked.pull_cpu_seconds += cpu
    asked.pull_seconds += seconds
    asked.push_cpu_seconds += await station.push(number, 4)
    asked.pushes += number


def _facts(
    row: Size, found: Sequence[tuple[dict[str, Asked], float]], first: Size, started: float, memory: float
) -> dict[str, Any]:
    rounds = [asked for asked, _ in found]
    middle, firsts = (
        [1000 * statistics.median(each[name].pull_seconds) for each in rounds] for name in (row.name, first.name)
    )
    of_row = [each[row.name] for each in rounds]
    return {
        "row": row.name,
        "waiting": row.waiting,
        "mailboxes": row.mailboxes,
        "organisations": row.organisations,
        "start_seconds": started,
        "resident_mebibytes": memory,
        "pull_median_milliseconds": Spread(tuple(middle)).facts(),
        "pull_median_ratio": ratio(middle, firsts).facts(),
        "pull_cpu_microseconds": Spread(
            tuple(1e6 * each.pull_cpu_seconds / len(each.pull_seconds) for each in of_row)
        ).facts(),
        "push_cpu_microseconds": Spread(tuple(1e6 * each.push_cpu_seconds / each.pushes for each in of_row)).facts(),
        "load": load_facts_of([others for _, others in found]),
    }


async def _make(row: Size, program: Program, folder: Path) -> Installation:
    installation = await asyncio.to_thread(install, program, folder, 2048)
    settings = Path(installation.site["settings"])
    if row.organisations:
        await asyncio.to_thread(more_organisations, settings, row.organisations)
    mailbox, sender = installation.participant(1).party, installation.participant(0).party
    await lay(
        settings.parent / "data",
        row.waiting + row.mailboxes * IN_EACH_MAILBOX,
        sender=sender,
        receivers=lambda number: (
            mailbox if number < row.waiting else party_for(FIRST_MADE + (number - row.waiting) % row.mailboxes)
        ),
        at=SystemClock().now(),
        ends=LIFE,
        parts_octets=PARTS_OCTETS,
    )
    return installation


def more_organisations(settings: Path, number: int) -> None:
    """So many P-Mode files like that of the site's last organisation, with parties, certificates and keys of their own
    (`bench.keys`): with one key for all of them, what is found by a key would be found for thousands at once.
    """
    pmodes, site = settings.parent / "pmodes", settings.parents[1]
    (model,) = sorted(path for path in pmodes.glob("incasso-*.yaml"))
    content = yaml.safe_load(model.read_text("utf-8"))
    key = load_pem_private_key((site / "ca.key").read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise NotMeasured("the site's authority has no RSA key")
    authority = Authority(certificate=load_pem_x509_certificate((site / "ca.pem").read_bytes()), private_key=key)
    usages: tuple[Usage, ...] = ("signing", "encryption")
    keys = many_keys(number * len(usages))
    kind = replace(RSA, new=lambda _bits: next(keys))
    at = SystemClock().now() - timedelta(hours=1)
    for each in range(number):
        party, slug = party_for(FIRST_MADE + each), f"made-{each:05}"
        certificates = {}
        for usage in usages:
            issued = issue(
                authority, common_name=f"{slug} {usage}", party_id=party, at=at, days=365, usage=usage, kind=kind
            )
            certificates[usage] = [f"certificates/{slug}-{usage}.pem"]
            (pmodes / certificates[usage][0]).write_bytes(certificates_pem(issued.certificate))
        modules = content["modules"] | {"Knooppunt": ["1.0"]}  # with this one there are five
        changed = content | {"name": slug, "party": party, "certificates": certificates, "modules": modules}
        (pmodes / f"{slug}.yaml").write_text(yaml.safe_dump(changed, sort_keys=False), "utf-8")


def resident_mebibytes(pid: int | Literal["self"]) -> float:
    """Memory of a process that is in use now."""
    line = next(each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
