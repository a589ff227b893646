"""The foreign programs and the identities they use. In CI no program may be missing; elsewhere tests say which is."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import pytest
from interop import product
from interop.foreign import As4Peer, Jdk, NotServed, Phase4Peer, PrerequisiteMissing
from interop.identities import Identities
from interop.judges import JdkJudge
from interop.oracles import WireMessage
from support.absent import NOT_SERVED

Started = TypeVar("Started")


def _started(start: Callable[[], Started]) -> Started:
    try:
        return start()
    except PrerequisiteMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    except NotServed as absent:
        pytest.skip(f"{NOT_SERVED}: {absent}")


@pytest.fixture(scope="session")
def started() -> Callable[[Callable[[], Started]], Started]:
    """What asks a program that may be missing."""
    return _started


@pytest.fixture(scope="session")
def jdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JdkJudge]:
    """The judge on the Java platform."""
    with _started(lambda: Jdk(tmp_path_factory.mktemp("jdk-classes"))) as conversation:
        yield JdkJudge(conversation, tmp_path_factory.mktemp("jdk-messages"))


@pytest.fixture(scope="session")
def as4_peer() -> Iterator[As4Peer]:
    """A partner on the `as4` package; what it remembers is by MessageId, so tests do not meet in it."""
    with _started(As4Peer) as conversation:
        yield conversation


@pytest.fixture(scope="session")
def phase4() -> Iterator[Phase4Peer]:
    """A partner on phase4, which keeps nothing between two requests."""
    with _started(Phase4Peer) as conversation:
        yield conversation


@pytest.fixture(scope="session")
def another_as4_peer() -> Iterator[As4Peer]:
    """A second one, for what the package says to itself."""
    with _started(As4Peer) as conversation:
        yield conversation


@pytest.fixture(scope="session")
def identities(tmp_path_factory: pytest.TempPathFactory) -> Identities:
    """Keys and certificates by name, made when first asked for, as values and as files."""
    return Identities(tmp_path_factory.mktemp("identities"))


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, WireMessage]:
    """Every kind of message that the product sends, as it went over a socket."""
    return asyncio.run(product.every_kind(tmp_path_factory.mktemp("product")))
