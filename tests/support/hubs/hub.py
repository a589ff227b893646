"""A real hub for tests: real sockets, real crypto, a real database, and a clock that stands still.

    async with running_hub(tmp_path) as hub:
        hub.url, hub.clock, hub.store, hub.log.lines ...

Organisations are those of `support.keys.pki`: the counsellor (debt counsellor and credit bank), the creditor, the
administrator.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import cast

import yaml
from support.clocks import StandingClock
from support.keys.pki import PARTIES, Variant, authority, identity

from crypto.certificates import Certificate
from crypto.keys import Signer, Unwrapper
from gateway.directory.model import SignedBook
from gateway.directory.public import PublicPage
from gateway.ebms.party_ids import unit_parts
from gateway.jobs.revocation_known import RevocationKnown
from gateway.limits import EdgeLimits, Limits
from gateway.msh.hub import Hub
from gateway.msh.in_force import InForce, OwnKeys
from gateway.store.data_directory import FreeSpaceMarks
from gateway.store.engine import Engine, HeldStore
from gateway.traced import Tracer
from gateway.wiring import RunningHub, assemble, run
from gateway.wiring.engines import engine_called
from pmodes.configuration import Configuration
from pmodes.files import read_configuration
from xsd.catalogue import Catalogue, load_catalogue

ROLES = {
    "counsellor": ["shv-fase-1", "shv-fase-2", "kredietbank"],
    "creditor": ["schuldeiser"],
    "administrator": ["bewindvoerder", "schuldeiser"],
}

# What a test that sends everything from one address, and proves nothing, must not run into.
PATIENT: Mapping[str, float] = {
    "stop_seconds": 1.0,
    "requests_per_second": 1e6,
    "stranger_cpu_seconds_per_second": 1e6,
    "stranger_octets_per_second": 1e12,
    "log_lines_per_second": 1e6,
}


def patient(limits: EdgeLimits | None = None) -> EdgeLimits:
    """These limits, and patience where they are as everywhere."""
    usual = EdgeLimits()
    own = limits or usual
    chosen = {each.name for each in fields(EdgeLimits) if getattr(own, each.name) != getattr(usual, each.name)}
    return replace(own, **{name: value for name, value in PATIENT.items() if name not in chosen})  # type: ignore[arg-type]


@cache
def catalogue() -> Catalogue:
    """The shipped modules, read once a process."""
    return load_catalogue()


@dataclass
class LogLines:
    """Every event of a hub, as (name, fields)."""

    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    written: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, event: str, /, **fields: object) -> None:
        self.lines.append((event, fields))
        self.written.set()

    async def came(self, event: str) -> dict[str, object]:
        """Wait for the first event of that name, and give its fields."""
        async with asyncio.timeout(20):
            while not self.of(event):
                self.written.clear()
                await self.written.wait()
        return self.of(event)[0]

    def of(self, event: str) -> list[dict[str, object]]:
        """The fields of every event of that name."""
        return [fields for name, fields in self.lines if name == event]


@dataclass
class TestedHub:
    """What a test sees of a hub."""

    __test__ = False

    url: str
    port: int
    clock: StandingClock
    log: LogLines
    hub: Hub
    running: RunningHub
    store: HeldStore
    known: RevocationKnown  # of revoked certificates; fetched by whoever tests that
    configuration: Configuration
    folder: Path
    take_over: Callable[[Configuration], None]  # as a reload of P-Mode files does


def modules_for(roles: list[str]) -> dict[str, list[str]]:
    """Every module version in which one of these roles sends or receives something, but the hub's own."""
    found: dict[str, list[str]] = {}
    for module in catalogue().modules:
        taking_part = {role for each in module.messages for role in (*each.senders, *each.receivers)}
        if module.name != "Knooppunt" and taking_part & set(roles):
            found.setdefault(module.name, []).append(module.version)
    return found


def configuration_texts(extra: Mapping[str, Mapping[str, object]] | None = None) -> dict[str, str]:
    """The P-Mode files of the test organisations; `extra` adds keys to a file, by the organisation's name."""
    texts = {}
    for name in ("hub", *ROLES):
        content: dict[str, object] = {
            "name": PARTIES[name][1],
            "party": PARTIES[name][0],
            "certificates": {"signing": [f"{name}-signing"], "encryption": [f"{name}-encryption"]},
        }
        if name == "hub":
            content["environment"] = "test"
            content["language"] = "en"
        else:
            content |= {"roles": ROLES[name], "modules": modules_for(ROLES[name])}
        content |= (extra or {}).get(name, {})
        texts[f"{name}.yaml"] = yaml.safe_dump(_with_its_organisation(content))
    return texts


def _with_its_organisation(content: dict[str, object]) -> dict[str, object]:
    """A business unit as the only unit of an organisation that is no party itself; whoever is no unit, as it is."""
    parts = unit_parts(str(content["party"]))
    if parts is None:
        return content
    return {
        "name": f"{content['name']} Groep",
        "party": parts[0],
        "roles": content.pop("roles"),
        "modules": content.pop("modules"),
        "units": [content],
    }


def load_test_certificates(path: str) -> tuple[Certificate, ...]:
    """The certificate that a name stands for: `creditor-signing`, `creditor-next-signing`, `hub-encryption` ..."""
    name, _, rest = path.rpartition("/")[2].partition("-")
    if name == "authority":
        return (authority().certificate,)
    variant, _, usage = rest.rpartition("-")
    who = identity(name, cast(Variant, variant)) if variant else identity(name)
    return ((who.signing if usage == "signing" else who.encryption).certificate,)


def with_p_modes(hub: Hub, configuration: Configuration) -> Hub:
    """The same hub, with other P-Modes in force."""
    in_force = replace(hub.in_force(), configuration=configuration)
    return replace(hub, in_force=lambda: in_force)


def signing_with(hub: Hub, *keys: Signer) -> Hub:
    """The same hub, with other keys that sign."""
    now = hub.in_force()
    in_force = replace(now, keys=replace(now.keys, signing=keys))
    return replace(hub, in_force=lambda: in_force)


@asynccontextmanager
async def running_hub(
    folder: Path,
    *,
    extra: Mapping[str, Mapping[str, object]] | None = None,
    limits: Limits | None = None,
    edge_limits: EdgeLimits | None = None,
    clock: StandingClock | None = None,
    configuration: Configuration | None = None,
    decryption_keys: tuple[Unwrapper, ...] | None = None,
    signing_keys: tuple[Signer, ...] | None = None,
    signing_since: Mapping[Certificate, datetime] | None = None,
    time_confirmed: bool = True,
    load: Mapping[str, Certificate] | None = None,
    address_books: Sequence[SignedBook] = (),
    pages: Mapping[str, PublicPage] | None = None,
    tracer: Tracer | None = None,
    engine: Engine | None = None,
) -> AsyncIterator[TestedHub]:
    """A hub on a loopback port in the clear; everything of it lies in `folder`. Its operator has confirmed its time,
    unless a test wants a clock for which nobody vouches. `load` are certificates by names of their own;
    of `address_books`, to which a test may add, the last is in force. Its store is the embedded one,
    unless an `engine` is given.
    """
    clock = clock or StandingClock()
    log = LogLines()
    if configuration is None:
        configuration = read_configuration(
            configuration_texts(extra),
            catalogue=catalogue(),
            load=lambda path: (load[path],) if path in (load or {}) else load_test_certificates(path),
        )
    store = await (engine or engine_called()).open(
        folder / "data", clock=clock, marks=FreeSpaceMarks(large=0.0, any=0.0)
    )
    hub_identity = identity("hub")
    keys = OwnKeys(
        signing=signing_keys or (hub_identity.signing_key,),
        decryption=decryption_keys or (hub_identity.decryption_key,),
        since=signing_since or {},
        terms=configuration.hub.signing_terms,
    )
    in_force = InForce(configuration=configuration, keys=keys)

    def take_over(reloaded: Configuration) -> None:
        nonlocal in_force
        in_force = replace(in_force, configuration=reloaded)

    known = RevocationKnown(
        lambda: hub.configuration().hub.revocation, log, between=lambda: hub.configuration().hub.trust.intermediates
    )
    hub = assemble(
        in_force=lambda: in_force,
        store=store,
        clock=clock,
        duplicate_secret=b"a secret of the tests",
        log=log,
        limits=limits,
        revocation=known,
        address_book=lambda: address_books[-1] if address_books else None,
        tracer=tracer,
    )
    if time_confirmed:
        hub.time.confirm()
    running = run(hub, edge_limits=edge_limits or patient(), pages=lambda: pages or {})
    port = await running.listen("127.0.0.1", 0, None)
    try:
        yield TestedHub(
            url=f"http://127.0.0.1:{port}/as4",
            port=port,
            clock=clock,
            log=log,
            hub=hub,
            running=running,
            store=store,
            known=known,
            configuration=configuration,
            folder=folder,
            take_over=take_over,
        )
    finally:
        await running.stop()
