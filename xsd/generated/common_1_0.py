"""The shared types of generation 1.0.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from xsd.binding import DATE, INTEGER, MOMENT, TEXT, element, group


class AanduidingBijHuisnummer(StrEnum):
    """Ligging ten opzichte van het huisnummer."""

    # tegenover
    TO = "to"
    # bij
    BY = "by"


class Geslacht(StrEnum):
    """Geslacht."""

    # man
    M = "M"
    # vrouw
    V = "V"
    # geen van beide
    X = "X"
    # onbekend
    O = "O"


class Schuldtype(StrEnum):
    """Wat een schuld bij de schuldeiser is."""

    # openstaande schuld
    OPENSTAAND = "OPENSTAAND"
    # overgedragen schuld
    OVERGEDRAGEN = "OVERGEDRAGEN"
    # onbekende schuld bij de schuldeiser
    ONBEKEND = "ONBEKEND"


@group
class Stuurgegevens:
    """Stuurgegevens van een vraag of melding."""

    referentienummer: str = element("Referentienummer", TEXT)
    conversatie_referentienummer: str = element("ConversatieReferentienummer", TEXT)
    versie: str = element("Versie", TEXT)
    afzender: str = element("Afzender", TEXT)
    ontvanger: str = element("Ontvanger", TEXT)
    berichttype: str = element("Berichttype", TEXT)
    aanmaakmoment: datetime = element("Aanmaakmoment", MOMENT)


@group
class StuurgegevensAntwoord:
    """Stuurgegevens van een antwoord: met het nummer van de vraag."""

    referentienummer: str = element("Referentienummer", TEXT)
    conversatie_referentienummer: str = element("ConversatieReferentienummer", TEXT)
    cross_referentienummer: str = element("CrossReferentienummer", TEXT)
    versie: str = element("Versie", TEXT)
    afzender: str = element("Afzender", TEXT)
    ontvanger: str = element("Ontvanger", TEXT)
    berichttype: str = element("Berichttype", TEXT)
    aanmaakmoment: datetime = element("Aanmaakmoment", MOMENT)


@group
class StuurgegevensMelding:
    """Stuurgegevens van een bericht dat een antwoord kan zijn, maar ook uit zichzelf kan worden gestuurd."""

    referentienummer: str = element("Referentienummer", TEXT)
    conversatie_referentienummer: str = element("ConversatieReferentienummer", TEXT)
    cross_referentienummer: str | None = element("CrossReferentienummer", TEXT, default=None)
    versie: str = element("Versie", TEXT)
    afzender: str = element("Afzender", TEXT)
    ontvanger: str = element("Ontvanger", TEXT)
    berichttype: str = element("Berichttype", TEXT)
    aanmaakmoment: datetime = element("Aanmaakmoment", MOMENT)


@group
class Persoon:
    """Een klant of partner."""

    geslacht: Geslacht = element("Geslacht", Geslacht)
    voorletters: str = element("Voorletters", TEXT)
    voornamen: str | None = element("Voornamen", TEXT, default=None)
    voorvoegsel: str | None = element("Voorvoegsel", TEXT, default=None)
    achternaam: str = element("Achternaam", TEXT)
    geboortedatum: date = element("Geboortedatum", DATE)


@group
class Adres:
    """Een adres in Nederland."""

    straatnaam: str = element("Straatnaam", TEXT)
    huisnummer: int = element("Huisnummer", INTEGER)
    huisletter: str | None = element("Huisletter", TEXT, default=None)
    huisnummertoevoeging: str | None = element("Huisnummertoevoeging", TEXT, default=None)
    aanduiding_bij_huisnummer: AanduidingBijHuisnummer | None = element(
        "AanduidingBijHuisnummer", AanduidingBijHuisnummer, default=None
    )
    postcode: str = element("Postcode", TEXT)
    woonplaats: str = element("Woonplaats", TEXT)
    woonbootverwijzing: str | None = element("Woonbootverwijzing", TEXT, default=None)
    woonwagenverwijzing: str | None = element("Woonwagenverwijzing", TEXT, default=None)


@group
class Contactpersoon:
    """Een contactpersoon."""

    naam: str = element("Naam", TEXT)
    telefoonnummer: str | None = element("Telefoonnummer", TEXT, default=None)
    emailadres: str | None = element("Emailadres", TEXT, default=None)


@group
class Betaalgegevens:
    """Waar een betaling heen gaat."""

    iban: str = element("IBAN", TEXT)
    ten_name_van: str = element("TenNameVan", TEXT)
    betalingskenmerk: str = element("Betalingskenmerk", TEXT)
