"""Who signed what was accepted, as it is read anew from the store each round."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from support.hubs.hub import running_hub
from support.keys.pki import identity
from support.messages.wire import post, saldoverzoek
from support.store.store_samples import SIGNER

from gateway.ebms.model import Party
from gateway.msh import signers as known
from gateway.msh.signers import KnownSigners, certificate_of
from gateway.store.model import Signer

PARTY = Party(
    party_ids=tuple(SIGNER.from_party),
    role="http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/initiator",
)


def signer(number: int) -> Signer:
    return replace(SIGNER, certificate=b"certificate %d" % number)


class Remembering:
    """A store that remembers these signers."""

    def __init__(self, *signers: Signer) -> None:
        self.remembered = signers

    async def signers(self) -> tuple[Signer, ...]:
        await asyncio.sleep(0)
        return self.remembered


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> None:
    class Short:
        """A slice of a step or two, so that nothing is timed."""

        def __init__(self) -> None:
            self._steps = 1

        def is_over(self) -> bool:
            self._steps -= 1
            return self._steps < 0

    monkeypatch.setattr(known, "Slice", Short)


@pytest.mark.usefixtures("slices")
async def test_while_many_signers_are_read_anew_everybody_else_has_his_turn_and_knows_those_of_before() -> None:
    found = KnownSigners()
    found.note(signer(0))
    renewing = asyncio.create_task(found.renew(Remembering(*map(signer, range(100)))))  # type: ignore[arg-type]
    turns = 0
    while not renewing.done():
        assert signer(0) in found.of(PARTY)
        turns += 1
        await asyncio.sleep(0)
    assert turns > 40
    assert found.of(PARTY) == tuple(signer(number) for number in reversed(range(100)))


@pytest.mark.usefixtures("slices")
async def test_a_signer_that_is_noted_while_others_are_read_stays_known_and_one_that_was_forgotten_does_not() -> None:
    found = KnownSigners()
    found.note(signer(7))
    renewing = asyncio.create_task(found.renew(Remembering(signer(1), signer(2))))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    found.note(signer(3))
    await renewing
    assert found.of(PARTY) == (signer(3), signer(2), signer(1))


async def test_a_signer_is_read_from_what_was_kept(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await post(hub, saldoverzoek().wire())
        (signer,) = await hub.store.signers()
        assert certificate_of(signer.certificate) == identity("counsellor").signing.certificate
