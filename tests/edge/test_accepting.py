"""Accepting when the process may open no more files: it rests, and does not run in circles."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from support.store.faulty_storage import no_more_descriptors

from gateway.edge.accepting import Accepting


class Counting(socket.socket):
    """A listening socket that counts how often it is asked."""

    asked = 0

    def accept(self) -> tuple[socket.socket, Any]:
        self.asked += 1
        return super().accept()


async def test_accepting_rests_while_there_is_no_descriptor_and_goes_on_afterwards() -> None:
    loop = asyncio.get_running_loop()
    taken: asyncio.Future[socket.socket] = loop.create_future()
    with Counting(socket.AF_INET, socket.SOCK_STREAM) as listening, socket.socket() as knocking:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        listening.setblocking(False)
        knocking.setblocking(False)
        accepting = Accepting(listening, lambda connection, _peer: taken.set_result(connection))
        with no_more_descriptors():
            await loop.sock_connect(knocking, ("127.0.0.1", accepting.port))
            for _ in range(1000):  # turns of the event loop, each of which would ask again
                await asyncio.sleep(0)
            assert listening.asked == 1
        async with asyncio.timeout(20):
            connection = await taken
        connection.close()
        accepting.close()
