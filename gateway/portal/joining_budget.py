"""How many forms for taking part are taken of one address, of a network and of all strangers: so many at once, and
as many more in each day after.

SECURITY: who asks to take part proves nothing, and a person reads and calls each of them. So an address sends a few a
day. Once half of what all together have is used, an address that sent none of late may send one: a handful of addresses
closes the page for nobody else. Only forms that were taken count, or others that send nothing would close it.
"""

from __future__ import annotations

from typing import Final

from gateway.edge.budgets import Budget, Keys

OF_ADDRESS: Final = 5  # a day: an adviser who has some organisations join, and not the lists of a script
OF_ALL: Final = 160  # a day, of all strangers: more than anybody calls
_FACTORS: Final = (OF_ALL / OF_ADDRESS, 4.0, 2.0, 1.0)  # all strangers, a /48 or /16, a /56 or /24, an address
_DAY_SECONDS: Final = 86_400.0


class JoiningBudget:
    """What of a day's forms is left, to whom; `keys` as `Admission.keys_of` gives them, `now` a monotonic clock."""

    def __init__(self) -> None:
        self._budget = Budget(OF_ADDRESS / _DAY_SECONDS, burst=float(OF_ADDRESS), factors=_FACTORS)

    def has(self, keys: Keys, now: float) -> bool:
        """Whether a form from there may be taken."""
        is_low = self._budget.is_low(keys, now)
        return self._budget.has(keys, now, float(OF_ADDRESS) if is_low else 1.0)

    def charge(self, keys: Keys, now: float) -> None:
        """One is being taken."""
        self._budget.charge(keys, 1.0, now)

    def give_back(self, keys: Keys, now: float) -> None:
        """It was not taken after all."""
        self._budget.charge(keys, -1.0, now)
