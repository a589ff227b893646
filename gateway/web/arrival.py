"""One exchange as the listener sees it: what it holds of the hub, what it costs, and what it proves.

It *arrives* until its envelope is whole, and holds until then no more than its octets; after that it is *work*, and
holds one of the places for requests in progress. Both are shares of its address (`gateway.edge.shares`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from gateway.ebms.errors import BareStatus
from gateway.edge.admission import Admission
from gateway.edge.body import Body, BodyRefused
from gateway.edge.connection import Connection
from gateway.edge.shares import Place, Share

HEAD_OCTETS = 4096  # what a request holds before the first octet of its body


class Arrival:
    """What stands between one request and the limits that all requests share; `leave` gives everything back.

    `full` makes the refusal for when there is no room.
    """

    def __init__(
        self, connection: Connection, place: Place, admission: Admission, *, full: Callable[[], BareStatus]
    ) -> None:
        self._connection = connection
        self.place = place
        self._admission = admission
        self._full = full
        self._body: Body | None = None
        self._share: Share | None = None
        self._whole = False

    def begin(self, body: Body) -> None:
        """The head was taken; raises the refusal when too many octets are arriving already."""
        self._body = body
        self._share = self._admission.arriving.enter(self.place, body.cut, HEAD_OCTETS)
        if self._share is None:
            raise self._full()

    def came(self, octets: int) -> None:
        """So many octets of the body were read."""
        self._spend_octets(octets)
        if not self._whole and self._share is not None and not self._share.grow(octets):
            raise self._full()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body; what the listener does not wait for is a bare status."""
        if self._body is None:
            return
        try:
            async for chunk in self._body.chunks():
                self.came(len(chunk))
                yield chunk
        except BodyRefused as refused:
            raise BareStatus(refused.status, {"Connection": "close"}, detail=refused.detail) from None

    def envelope_is_whole(self) -> None:
        """From now on this exchange is work; raises the refusal when there is too much of that."""
        if self._whole or self._body is None:
            return
        self._whole = True
        self._body.envelope_is_whole()
        self.leave()
        self._share = self._admission.working.enter(self.place, self._body.cut)
        if self._share is None:
            raise self._full()
        self._connection.share.at_work = True

    def spend_cpu(self, seconds: float) -> None:
        """This exchange took so much CPU time."""
        self._admission.spend(self.place, cpu_seconds=seconds)

    def proved(self) -> None:
        """A participant's signature held: the address is known, and what it does from here on costs it nothing."""
        self._admission.prove(self.place)
        known = Place(self.place.groups, known=True, unlimited=self.place.unlimited)
        if self._connection.place.groups == self.place.groups:
            self._connection.place = known
        self.place = known

    def leave(self) -> None:
        """Give back what is held."""
        share, self._share = self._share, None
        if share is not None:
            share.leave()

    def _spend_octets(self, octets: int) -> None:
        if self._connection.place.groups != self.place.groups:  # else the connection counted them
            self._admission.spend(self.place, octets=octets)
