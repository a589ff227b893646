"""The addresses that proved something, and until when that counts.

SECURITY: only participants can add one, but one participant has a /48 or more. So when there are too many, the group
that has most of them loses its oldest, and nobody makes a stranger of another.
"""

from __future__ import annotations

from typing import TypeAlias

from gateway.edge.addresses import Group

Groups: TypeAlias = tuple[Group, Group, Group]  # /48, /56, /64, or /16, /24 and an IPv4 address


class KnownAddresses:
    """So many addresses at most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._wide: dict[Group, dict[Group, dict[Group, float]]] = {}  # the latest proof last

    def until(self, groups: Groups) -> float:
        """The moment at which that address is a stranger again."""
        wide, middle, narrow = groups
        return self._wide.get(wide, {}).get(middle, {}).get(narrow, 0.0)

    def note(self, groups: Groups, until: float) -> None:
        """It proved something."""
        wide, middle, narrow = groups
        found = self._wide.setdefault(wide, {}).setdefault(middle, {})
        self._size += found.pop(narrow, None) is None
        found[narrow] = until
        if self._size > self._most:
            self._forget_one()

    def _forget_one(self) -> None:
        wide = max(self._wide, key=lambda each: sum(map(len, self._wide[each].values())))
        middle = max(self._wide[wide], key=lambda each: len(self._wide[wide][each]))
        found = self._wide[wide][middle]
        del found[next(iter(found))]
        self._size -= 1
        if not found:
            del self._wide[wide][middle]
        if not self._wide[wide]:
            del self._wide[wide]
