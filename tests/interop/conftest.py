"""The foreign programs and the identities they use. In CI no program may be missing; elsewhere tests say which is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping

import pytest
from interop import product
from interop.foreign import As4Peer, Jdk, Phase4Peer, Started, start_or_tell
from interop.identities import Identities
from interop.judges import JdkJudge
from interop.oracles import WireMessage


@pytest.fixture(scope="session")
def started() -> Callable[[Callable[[], Started]], Started]:
    """What asks a program that may be missing."""
    return start_or_tell


@pytest.fixture(scope="session")
def jdk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JdkJudge]:
    """The judge on the Java platform."""
    with start_or_tell(lambda: Jdk(tmp_path_factory.mktemp("jdk-classes"))) as conversation:
        yield JdkJudge(conversation, tmp_path_factory.mktemp("jdk-messages"))


@pytest.fixture(scope="session")
def as4_peer() -> Iterator[As4Peer]:
    """A partner on the `as4` package; what it remembers is by MessageId, so tests do not meet in it."""
    with start_or_tell(As4Peer) as conversation:
        yield conversation


@pytest.fixture(scope="session")
def phase4() -> Iterator[Phase4Peer]:
    """A partner on phase4, which keeps nothing between two requests."""
    with start_or_tell(Phase4Peer) as conversation:
        yield conversation


@pytest.fixture(scope="session")
def another_as4_peer() -> Iterator[As4Peer]:
    """A second one, for what the package says to itself."""
    with start_or_tell(As4Peer) as conversation:
        yield conversation


@pytest.fixture(scope="session")
def identities(tmp_path_factory: pytest.TempPathFactory) -> Identities:
    """Keys and certificates by name, made when first asked for, as values and as files."""
    return Identities(tmp_path_factory.mktemp("identities"))


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, WireMessage]:
    """Every kind of message that the product sends, as it went over a socket."""
    return asyncio.run(product.every_kind(tmp_path_factory.mktemp("product")))
