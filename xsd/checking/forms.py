"""Prescribed forms in words: what the patterns of the shared types ask for, in Dutch and in English.

The words belong to the pattern and not to the name of the type, so that a type of the same name in a module from
elsewhere is never described wrongly. A pattern that is not here is told without words.
"""

from __future__ import annotations

from typing import Final

FORMS: Final[dict[str, tuple[str, str]]] = {
    "[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}": (
        "twee hoofdletters, twee cijfers en dan 11 tot 30 hoofdletters of cijfers, zonder spaties",
        "two capitals, two digits and then 11 to 30 capitals or digits, without spaces",
    ),
    "[0-9]{4}-[0-9]{2}-[0-9]{2}": (
        "een datum als 1980-12-31, zonder tijd en zonder tijdzone",
        "a date as 1980-12-31, without a time and without a time zone",
    ),
    "[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z": (
        "een tijdstip in UTC als 2026-03-16T10:00:00Z, in hele seconden, met uren van 00 tot en met 23",
        "a moment in UTC as 2026-03-16T10:00:00Z, in whole seconds, with hours from 00 to 23",
    ),
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}": (
        "een UUID in kleine letters, zonder accolades",
        "a UUID in lower case, without braces",
    ),
    r"[0-9]{1,3}\.[0-9]{1,3}": ("twee getallen met een punt ertussen, als 2.0", "two numbers with a dot, as 2.0"),
    "[0-9]{20}(:[0-9]{12})?": (
        "een OIN van 20 cijfers, of 20 cijfers, een dubbele punt en 12 cijfers",
        "an OIN of 20 digits, or 20 digits, a colon and 12 digits",
    ),
    "(0000000[1-46-9]|00000010|00000099)[0-9]{9}000": (
        "20 cijfers met een bekend voorvoegsel van acht en aan het eind 000",
        "20 digits that begin with a known prefix of eight and end with 000",
    ),
    "true|false": ("true of false", "true or false"),
    r"(0|[1-9][0-9]{0,8})\.[0-9]{2}": (
        "een bedrag met een punt en twee decimalen, als 1234.56, zonder nullen ervoor",
        "an amount with a dot and two decimals, as 1234.56, without leading zeros",
    ),
    "[0-9]{9}": ("precies negen cijfers", "exactly nine digits"),
    "[0-9]{8}": ("precies acht cijfers", "exactly eight digits"),
    "[1-9][0-9]{3}([A-RT-Z][A-Z]|S[BCE-RT-Z])": (
        "vier cijfers en twee hoofdletters zonder spatie, als 1234AB; SA, SD en SS komen niet voor",
        "four digits and two capitals without a space, as 1234AB; SA, SD and SS do not occur",
    ),
    r"\+?[0-9]{8,15}": (
        "8 tot 15 cijfers zonder spaties of streepjes, met eventueel een + ervoor",
        "8 to 15 digits without spaces or hyphens, with a + before them if need be",
    ),
    "[0-9a-f]{64}": ("64 hexadecimale tekens in kleine letters", "64 hexadecimal digits in lower case"),
    "[A-Z]{2}": ("twee hoofdletters", "two capitals"),
}
"""Pattern, as the schema has it, to what it asks for."""
