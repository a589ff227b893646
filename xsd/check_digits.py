"""Check digits of the numbers in messages: BSN and RSIN (the eleven test), IBAN (ISO 13616, modulo 97).

Own arithmetic, because the library also accepts dots, spaces and missing zeros, which a message may not have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping


def eleven_test(number: str) -> bool:
    """Nine digits, not all zero, whose sum weighted 9 to 2 and -1 is a multiple of eleven (BSN, RSIN)."""
    if len(number) != 9 or not number.isascii() or not number.isdigit() or not int(number):
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, number, strict=True)) % 11 == 0


def modulo_97(iban: str) -> bool:
    """An IBAN without spaces whose check digits are right; one of the Netherlands has 18 characters."""
    if not iban.isascii() or not iban.isalnum() or len(iban) < 15 or (iban[:2] == "NL" and len(iban) != 18):
        return False
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


CHECKS: Mapping[str, Callable[[str], bool]] = {"bsn": eleven_test, "rsin": eleven_test, "iban": modulo_97}
"""The algorithms a rule may name."""
