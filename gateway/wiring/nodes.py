"""This process as a node: what it is called, and what there is to say of all that serve one store."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version

from gateway.clock import Clock
from gateway.jobs.node_watch import NodeWatch, is_off
from gateway.settings import Settings
from gateway.store.engine import HeldStore
from gateway.store.nodes import Node, SeenNode, prevailing
from gateway.wiring.from_settings import ConfiguredSite


def node_watch_of(settings: Settings, site: ConfiguredSite, store: HeldStore, clock: Clock) -> NodeWatch:
    """A node is known by its host and its data directory, which one process holds."""
    name = f"{socket.gethostname()}:{settings.data.directory.absolute()}"

    def itself() -> Node:
        return Node(name=name, version=program_version(), configuration=site.digest().hex())

    return NodeWatch(store.nodes, itself, clock)


def program_version() -> str:
    """Of the package that runs."""
    try:
        return version("knooppunt")
    except PackageNotFoundError:  # run from its sources
        return "0+unreleased"


def worries_of_nodes(seen: Sequence[SeenNode]) -> Iterator[str]:
    """Which nodes differ from the others, and whose clock is off."""
    most = prevailing(seen)
    for each in seen:
        if each.node.configuration != most:
            yield (
                f"node {each.node.name} works with other files ({each.node.configuration[:12]}, since"
                f" {each.since:%Y-%m-%dT%H:%M:%SZ}) than the others ({(most or '')[:12]}): compare P-Modes, the section"
                " hub of the settings and the hub's certificates, then reload both; after a minute it says that it is"
                " not ready"
            )
        if is_off(each):
            seconds = each.clock_ahead.total_seconds()
            said = f"{abs(seconds):.0f} seconds {'ahead of' if seconds > 0 else 'behind'}"
            yield f"node {each.node.name}: its clock is {said} that of the database, and it says that it is not ready"
