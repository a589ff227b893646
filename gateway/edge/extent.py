"""How far the last request on a connection reaches, so that octets of the next one are noticed behind its end.

The HTTP library's parser keeps the beginning of a head to itself, and one segment may hold the end of a body and that
beginning. Where two heads end in one segment it is not counted out where the second request ends: then, in doubt, there
is more.
"""

from __future__ import annotations

from typing import Final

BLANK_LINE: Final = b"\r\n\r\n"


class Extent:
    """Follows what came on one connection."""

    __slots__ = ("_came", "_chunked", "_end", "_last")

    def __init__(self) -> None:
        self._came = 0  # octets, in all
        self._chunked = False
        self._end = 0  # of the last request, when it is not chunked
        self._last = b""

    def add(self, segment: bytes) -> None:
        """These octets came, and no head came to its end in them."""
        self._came += len(segment)
        self._last = (self._last + segment[-len(BLANK_LINE) :])[-len(BLANK_LINE) :]

    def add_head(self, segment: bytes, *, heads: int, chunked: bool, body_octets: int) -> None:
        """In this segment so many heads came to their end; the last said how its body is framed."""
        before = self._last[1:]  # a blank line may lie across two segments
        found = (before + segment).find(BLANK_LINE)
        self._end = self._came - len(before) + found + len(BLANK_LINE) + body_octets
        if heads != 1 or found < 0:
            self._end = -1
        self._chunked = chunked
        self.add(segment)

    @property
    def goes_on(self) -> bool:
        """Whether more came than the last request, of which the body is whole."""
        if self._chunked:  # a chunked body ends with an empty line, with trailers or without
            return self._last != BLANK_LINE
        return self._came > self._end
