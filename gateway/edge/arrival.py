"""One exchange as the listener sees it: what it holds of the hub, what it costs, and what it proves.

It *arrives* until its envelope is whole, and holds until then no more than its octets; after that it is *work*, and
holds one of the places for requests in progress. Both are shares of its address (`gateway.edge.shares`).

SECURITY: a stranger's body is read no faster than its address may send. It is not ended: an honest message is proved by
its envelope, before its parts are read, and one that repeats what was accepted proves nothing, however honest it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus

from gateway.edge.admission import Admission
from gateway.edge.bare_status import BareStatus
from gateway.edge.body import Body, BodyRefused
from gateway.edge.connection import Connection
from gateway.edge.peer_addresses import Address
from gateway.edge.shares import Leaf, Share

HEAD_OCTETS = 4096  # what a request holds before the first octet of its body


class Arrival:
    """What stands between one request and the limits that all requests share; `leave` gives everything back.

    `full` makes the refusal for when there is no room.
    """

    def __init__(
        self,
        connection: Connection,
        address: Address | None,
        admission: Admission,
        *,
        full: Callable[[], BareStatus],
    ) -> None:
        self._connection = connection
        self._address = address
        self._admission = admission
        self._full = full
        self._body: Body | None = None
        self._share: Share | None = None
        self._whole = False
        self._ended = False
        connection.origin = address

    @property
    def leaf(self) -> Leaf:
        """Where whoever sent this stands now."""
        return self._admission.leaf_of(self._address)

    def begin(self, body: Body) -> None:
        """The head was taken; raises the refusal when too many octets are arriving already."""
        self._body = body
        self._share = self._admission.arriving.enter(self.leaf, body.cut, HEAD_OCTETS)
        if self._share is None:
            raise self._full()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body; what the listener does not wait for is a bare status."""
        if self._body is None:
            return
        try:
            async for chunk in self._body.chunks():
                if self._share is not None:
                    self._share.step()
                    if not self._whole and not self._share.grow(len(chunk)):
                        raise self._full()
                if wait := self._admission.overdrawn_seconds(self.leaf):
                    await self._body.rest(wait)
                yield chunk
        except BodyRefused as refused:
            if refused.status == HTTPStatus.SERVICE_UNAVAILABLE:
                raise self._full() from None
            raise BareStatus(refused.status, {"Connection": "close"}, detail=refused.detail) from None
        self._ended = True
        self._is_at_work()

    def envelope_is_whole(self) -> None:
        """From now on this exchange is work; raises the refusal when there is too much of that."""
        if self._whole or self._body is None:
            return
        self._whole = True
        self._body.envelope_is_whole()
        self.leave()
        self._share = self._admission.working.enter(self.leaf, self._body.cut)
        if self._share is None:
            raise self._full()
        self._is_at_work()

    def spend_cpu(self, seconds: float) -> None:
        """This exchange took so much CPU time."""
        self._admission.spend(self.leaf, cpu_seconds=seconds)

    def is_strangers(self) -> bool:
        """Whether a proof would make that address known: none was given in the last day, and there is an address."""
        leaf = self.leaf
        return not leaf.known and leaf.groups is not None

    def proved(self, participant: str) -> None:
        """That participant signed something new: the address is known, and what it does from here on is free."""
        self._admission.prove(self.leaf, participant)
        self._is_at_work()

    def _is_at_work(self) -> None:
        """What is worked on is not given up for others: the connection of one who proved something, and a place from
        the end of the body on, when cutting the body would end nothing.
        """
        if self._whole and self._connection.leaf.known:
            self._connection.share.at_work = True
        if self._whole and self._ended and self._share is not None:
            self._share.at_work = True

    def leave(self) -> None:
        """Give back what is held."""
        share, self._share = self._share, None
        if share is not None:
            share.leave()
