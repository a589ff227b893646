"""Check digits of the numbers in messages: BSN and RSIN (the eleven test), IBAN (ISO 13616: modulo 97, and the length
and form that its country has).

The library also accepts dots, spaces, small letters and missing zeros, which a message may not have: for the eleven
test that leaves nothing of it to use, an IBAN is looked at first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import product
from string import ascii_uppercase

from stdnum import iban as registry
from stdnum import numdb


def eleven_test(number: str) -> bool:
    """Nine digits, not all zero, whose sum weighted 9 to 2 and -1 is a multiple of eleven (BSN, RSIN)."""
    if len(number) != 9 or not number.isascii() or not number.isdigit() or not int(number):
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, number, strict=True)) % 11 == 0


def account_number(iban: str) -> bool:
    """An IBAN without spaces, of a country that has them, in the length and form of that country, whose check digits
    are right. National check digits inside the account number are the banks' affair."""
    written = iban.isascii() and iban.isalnum() and iban == iban.upper()
    # 00, 01 and 99 leave the remainders of 97, 98 and 02, which alone are given out (ISO 7064: 98 less a remainder).
    return written and iban[2:4] not in ("00", "01", "99") and bool(registry.is_valid(iban, check_country=False))


@cache
def account_forms() -> Mapping[str, str]:
    """Each country that has account numbers in ISO 13616, and what follows the check digits there: `4!a10!n` is four
    capitals and ten digits; `c` is either."""
    known = numdb.get("iban")
    countries = ("".join(letters) for letters in product(ascii_uppercase, repeat=2))
    found = ((country, known.info(country)[0][1]) for country in countries)
    return {country: facts["bban"] for country, facts in found if "bban" in facts}


CHECKS: Mapping[str, Callable[[str], bool]] = {"bsn": eleven_test, "rsin": eleven_test, "iban": account_number}
"""The algorithms a rule may name."""
