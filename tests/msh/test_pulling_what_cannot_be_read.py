"""A message that cannot be read stands in nobody's way, and no error of a read costs a message its life (SR-17, P4)."""

from __future__ import annotations

import errno
import secrets
from datetime import timedelta
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, running_hub
from support.hubs.pulling import EMPTY, pull, push, records
from support.messages.wire import Draft, Part, post, pull_request, saldoverzoek
from support.store.faulty_storage import failing_reads
from support.store.inside import change_inside

from gateway.msh.pull import MOST_TRIED


async def push_with_blob(hub: TestedHub) -> tuple[Draft, Path]:
    """Push a message whose parts lie in a file, and find the file."""
    folder = hub.folder / "data" / "blobs"
    before = set(folder.iterdir())
    draft = saldoverzoek(at=hub.clock.now())
    large = Part(octets=secrets.token_bytes(100_000), mime_type="application/pdf")
    await push(hub, draft.with_parts(*draft.parts, large))
    (blob,) = set(folder.iterdir()) - before
    return draft, blob


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.ESTALE])
async def test_the_next_message_is_given_and_the_unreadable_one_waits_SR_17(tmp_path: Path, code: int) -> None:
    async with running_hub(tmp_path) as hub:
        first, blob = await push_with_blob(hub)
        second, _ = await push_with_blob(hub)
        request = pull_request(at=hub.clock.now())
        with failing_reads(code, of=blob):
            given = await post(hub, request)
            assert second.parts[0].octets in given.plain("creditor").values()
        assert hub.log.of("message_unreadable")
        assert second.parts[0].octets in (await post(hub, request)).plain("creditor").values()
        assert (await pull(hub)).codes == EMPTY  # a minute's pause
        hub.clock.move(timedelta(minutes=1))
        assert first.parts[0].octets in (await pull(hub)).plain("creditor").values()
        assert not any(each.damaged for each in await records(hub))


async def test_an_unreadable_message_alone_is_a_503_and_its_lease_is_cut_SR_17(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft, blob = await push_with_blob(hub)
        with failing_reads(of=blob):
            reply = await pull(hub)
            assert (reply.status, reply.body) == (503, b"")
        (record,) = await records(hub)
        assert (record.damaged, record.lease_until) == (False, None)
        hub.clock.move(timedelta(minutes=1))
        assert draft.parts[0].octets in (await pull(hub)).plain("creditor").values()


async def test_without_descriptors_the_answer_is_503_and_the_message_there_at_once_FA_07(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft, blob = await push_with_blob(hub)
        with failing_reads(errno.EMFILE, of=blob):
            assert (await pull(hub)).status == 503
        assert draft.parts[0].octets in (await pull(hub)).plain("creditor").values()


async def test_a_pull_that_meets_damage_gets_the_next_message_and_so_does_its_repetition(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        _, blob = await push_with_blob(hub)
        second, _ = await push_with_blob(hub)
        blob.unlink()
        request = pull_request(at=hub.clock.now())
        for _ in range(2):
            reply = await post(hub, request)
            assert second.parts[0].octets in reply.plain("creditor").values()
        assert len(hub.log.of("message_damaged")) == 1


async def test_a_pull_that_meets_damage_alone_finds_nothing(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        _, blob = await push_with_blob(hub)
        blob.unlink()
        request = pull_request(at=hub.clock.now())
        for _ in range(2):
            assert (await post(hub, request)).codes == EMPTY
        assert hub.log.of("message_offered") == []


async def test_one_pull_looks_at_so_many_damaged_messages_and_the_next_goes_on_behind_them(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        for _ in range(MOST_TRIED):
            _, blob = await push_with_blob(hub)
            blob.unlink()
        last, _ = await push_with_blob(hub)
        assert (await pull(hub)).status == 503
        assert last.parts[0].octets in (await pull(hub)).plain("creditor").values()


async def test_what_is_mended_is_given_after_a_second_look(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        draft, blob = await push_with_blob(hub)
        octets = blob.read_bytes()
        blob.write_bytes(octets[:-1] + b"\0")
        assert (await pull(hub)).codes == EMPTY
        blob.write_bytes(octets)
        assert (await pull(hub)).codes == EMPTY
        assert len((await hub.store.recheck()).whole) == 1
        assert draft.parts[0].octets in (await pull(hub)).plain("creditor").values()


async def test_a_receipt_for_a_message_whose_record_changed_is_neither_taken_nor_refused(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await push(hub)
        pulled = await pull(hub)
        await change_inside(hub.store, "UPDATE promised SET sha256 = zeroblob(32)")
        reply = await post(hub, pulled.receipt_wire("creditor", at=hub.clock.now()))
        assert (reply.status, reply.body) == (503, b"")
        assert hub.log.of("record_damaged")
