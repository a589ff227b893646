"""Party ids as the hub and its participants write them: an OIN, or an OIN with the establishment number of a business
unit (decision 0001)."""

from __future__ import annotations

import re
from typing import Final

from gateway.ebms.model import PartyId
from gateway.ebms.names import OIN_TYPE, UNIT_TYPE
from gateway.ebms.values import is_uri

_OIN: Final = re.compile(r"[0-9]{20}")
_UNIT: Final = re.compile(r"([0-9]{20}):([0-9]{12})")
_RSIN_PREFIX: Final = "00000001"
_KVK_PREFIX: Final = "00000003"
_TEST_PREFIX: Final = "00000099"
_PREFIXES: Final = frozenset(f"{number:08d}" for number in (1, 2, 3, 4, 6, 7, 8, 9, 10, 99))


def default_type(value: str) -> str | None:
    """The party id type that goes with the form of a value; None where the form tells nothing."""
    if _OIN.fullmatch(value):
        return OIN_TYPE
    return UNIT_TYPE if _UNIT.fullmatch(value) else None


def party_id(value: str) -> PartyId:
    """A party id with the type that goes with its form."""
    return PartyId(value=value, type=default_type(value))


def mailbox_mpc(base: str, value: str) -> str:
    """The MPC of a party's mailbox, unless it is overridden; `base` is that of every name on the wire."""
    return f"{base}:mpc:{value}"


def fault_of(value: str, type_: str | None) -> str | None:
    """What is wrong with a party id of one of the hub's own types, as the end of a sentence; None if nothing is."""
    if type_ == OIN_TYPE:
        return _fault_of_oin(value)
    if type_ == UNIT_TYPE:
        unit = _UNIT.fullmatch(value)
        if unit is None:
            return "is not an OIN, a colon and an establishment number of 12 digits"
        return _fault_of_oin(unit.group(1))
    if type_ is None and not is_uri(value):
        return "is not an OIN of 20 digits" if value.isdigit() else "has no type and is not a URI"
    return None


def unit_parts(value: str) -> tuple[str, str] | None:
    """The OIN and the establishment number in the party id of a business unit; None for any other party id."""
    found = _UNIT.fullmatch(value)
    return None if found is None else (found.group(1), found.group(2))


def kvk_in(value: str) -> str | None:
    """The KvK number in a party id that begins with an OIN made of one; None where there is none."""
    oin = value[:20]
    return oin[8:16] if oin.startswith(_KVK_PREFIX) and _OIN.fullmatch(oin) else None


def rsin_in(value: str) -> str | None:
    """The RSIN in a party id that begins with an OIN made of one; None where there is none."""
    oin = value[:20]
    return oin[8:17] if oin.startswith(_RSIN_PREFIX) and _OIN.fullmatch(oin) else None


def oin_of(value: str) -> str | None:
    """The OIN in a party id, its own or that of the organisation whose unit it is."""
    unit = unit_parts(value)
    if unit is not None:
        return unit[0]
    return value if _OIN.fullmatch(value) else None


def is_test_party(value: str) -> bool:
    """Whether a party id is derived from an OIN of the range that is set apart for tests."""
    return value.startswith(_TEST_PREFIX)


def _fault_of_oin(value: str) -> str | None:
    if not _OIN.fullmatch(value):
        return "is not an OIN of 20 digits"
    prefix = value[:8]
    if prefix not in _PREFIXES:
        return "does not start with a prefix that OINs have"
    if prefix == _RSIN_PREFIX and not _passes_eleven_test(value[8:17]):
        return "does not pass the 11-test of the RSIN in it"
    if prefix == _KVK_PREFIX and not value.endswith("0000"):
        return "does not end in 0000 after the KvK number in it"
    return None


def _passes_eleven_test(number: str) -> bool:
    weighted = sum(int(digit) * weight for digit, weight in zip(number, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
    return weighted % 11 == 0 and int(number) > 0
