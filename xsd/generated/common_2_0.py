"""The shared types of generation 2.0.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from xsd.binding import AMOUNT, DATE, INTEGER, MOMENT, TEXT, TRUTH, element, elements, group


class AanduidingBijHuisnummer(StrEnum):
    """Ligging ten opzichte van het huisnummer."""

    # tegenover
    TO = "to"
    # bij
    BY = "by"


class AdresGeheim(StrEnum):
    """Het adres wordt niet meegedeeld."""

    # het adres is geheim
    TRUE = "true"


class Bijlagesoort(StrEnum):
    """Soort meereizend document."""

    # toestemming van de klant
    TOESTEMMINGSVERKLARING = "Toestemmingsverklaring"
    # beschikking van de rechter
    BESCHIKKING = "Beschikking"
    # een ander document
    OVERIG = "Overig"


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


class Mediatype(StrEnum):
    """Soort bestand."""

    # PDF
    APPLICATION_PDF = "application/pdf"


class RedenGeenMedewerking(StrEnum):
    """Waarom de schuldeiser niet meewerkt."""

    # de klant is onbekend
    KLANT_ONBEKEND = "KLANT_ONBEKEND"
    # de klant heeft recent finale kwijting ontvangen
    RECENT_FINALE_KWIJTING = "RECENT_FINALE_KWIJTING"
    # de klant heeft recent een poging tot stabilisatie gehad
    RECENT_STABILISATIE = "RECENT_STABILISATIE"
    # de schuldeiser wenst geen samenwerking met deze schuldhulpverlener
    GEEN_SAMENWERKING_SHV = "GEEN_SAMENWERKING_SHV"


class Schuldtype(StrEnum):
    """Wat een schuld bij de schuldeiser is."""

    # openstaande schuld
    OPENSTAAND = "OPENSTAAND"
    # overgedragen schuld
    OVERGEDRAGEN = "OVERGEDRAGEN"
    # onbekende schuld bij de schuldeiser
    ONBEKEND = "ONBEKEND"


class SoortSchuld(StrEnum):
    """Soort schuld."""

    # schuld aan een zorgverzekeraar of zorgverlener
    ZORG = "Zorg"
    # schuld aan de overheid
    PUBLIEK = "Publiek"
    # schuld voor energie, water of telecom
    NUTS = "Nuts"
    # een andere schuld
    OVERIG = "Overig"


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
class Bijlage:
    """Een meereizend document."""

    soort: Bijlagesoort = element("Soort", Bijlagesoort)
    bestandsnaam: str = element("Bestandsnaam", TEXT)
    mediatype: Mediatype = element("Mediatype", Mediatype)
    sha256: str = element("Sha256", TEXT)


@group
class StuurgegevensMetBijlagen:
    """Stuurgegevens van een vraag of melding waarmee documenten meereizen."""

    referentienummer: str = element("Referentienummer", TEXT)
    conversatie_referentienummer: str = element("ConversatieReferentienummer", TEXT)
    versie: str = element("Versie", TEXT)
    afzender: str = element("Afzender", TEXT)
    ontvanger: str = element("Ontvanger", TEXT)
    berichttype: str = element("Berichttype", TEXT)
    aanmaakmoment: datetime = element("Aanmaakmoment", MOMENT)
    bijlagen: tuple[Bijlage, ...] = elements("Bijlagen/Bijlage", Bijlage, default=())


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


@group
class NederlandsAdres:
    """Een adres met straat en huisnummer."""

    straatnaam: str = element("Straatnaam", TEXT)
    huisnummer: int = element("Huisnummer", INTEGER)
    huisletter: str | None = element("Huisletter", TEXT, default=None)
    huisnummertoevoeging: str | None = element("Huisnummertoevoeging", TEXT, default=None)
    aanduiding_bij_huisnummer: AanduidingBijHuisnummer | None = element(
        "AanduidingBijHuisnummer", AanduidingBijHuisnummer, default=None
    )
    postcode: str = element("Postcode", TEXT)
    woonplaats: str = element("Woonplaats", TEXT)


@group
class Ligplaats:
    """De plaats van een woonboot of woonwagen."""

    verwijzing: str = element("Verwijzing", TEXT)
    postcode: str | None = element("Postcode", TEXT, default=None)
    woonplaats: str = element("Woonplaats", TEXT)


@group
class BuitenlandsAdres:
    """Een adres buiten Nederland."""

    adresregel: tuple[str, ...] = elements("Adresregel", TEXT)
    land: str = element("Land", TEXT)


@group
class Adreskeuze:
    """Waar de klant verblijft: precies één van deze vormen."""

    nederlands_adres: NederlandsAdres | None = element("NederlandsAdres", NederlandsAdres, default=None)
    woonboot: Ligplaats | None = element("Woonboot", Ligplaats, default=None)
    woonwagen: Ligplaats | None = element("Woonwagen", Ligplaats, default=None)
    buitenlands_adres: BuitenlandsAdres | None = element("BuitenlandsAdres", BuitenlandsAdres, default=None)
    adres_geheim: AdresGeheim | None = element("AdresGeheim", AdresGeheim, default=None)


@group
class Kantoor:
    """Een kantoor of organisatie."""

    naam: str = element("Naam", TEXT)
    kvk_nummer: str = element("KvKNummer", TEXT)
    rsin: str | None = element("RSIN", TEXT, default=None)
    oin: str | None = element("OIN", TEXT, default=None)


@group
class GevraagdeVordering:
    """Een vordering waarnaar wordt gevraagd."""

    factuurnummer_se_volgens_shv: str = element("FactuurnummerSEVolgensSHV", TEXT)
    omschrijving: str | None = element("Omschrijving", TEXT, default=None)


@group
class OpenstaandeVordering:
    """Een vordering die bij de schuldeiser openstaat."""

    factuurnummer_se: str = element("FactuurnummerSE", TEXT)
    ontstaansdatum: date = element("Ontstaansdatum", DATE)
    oorspronkelijk_bedrag: Decimal = element("OorspronkelijkBedrag", AMOUNT)
    hoofdsom: Decimal | None = element("Hoofdsom", AMOUNT, default=None)
    rente: Decimal | None = element("Rente", AMOUNT, default=None)
    kosten: Decimal | None = element("Kosten", AMOUNT, default=None)
    actueel_bedrag: Decimal = element("ActueelBedrag", AMOUNT)
    preferent: bool | None = element("Preferent", TRUTH, default=None)


@group
class OvergedragenVordering:
    """Aan wie een vordering is overgedragen."""

    naam: str = element("Naam", TEXT)
    kvk_nummer: str | None = element("KvKNummer", TEXT, default=None)
    referentie: str | None = element("Referentie", TEXT, default=None)


@group
class GematchteVordering:
    """Het antwoord op één gevraagde vordering."""

    factuurnummer_se_volgens_shv: str = element("FactuurnummerSEVolgensSHV", TEXT)
    schuldtype: Schuldtype = element("Schuldtype", Schuldtype)
    openstaand: OpenstaandeVordering | None = element("Openstaand", OpenstaandeVordering, default=None)
    overgedragen: OvergedragenVordering | None = element("Overgedragen", OvergedragenVordering, default=None)


@group
class OpenstaandeSchuld:
    """Een openstaande schuld in het overzicht."""

    kenmerk: str = element("Kenmerk", TEXT)
    bedrag: Decimal = element("Bedrag", AMOUNT)
    ontstaansdatum: date | None = element("Ontstaansdatum", DATE, default=None)
    preferent: bool | None = element("Preferent", TRUTH, default=None)


@group
class Totaalvordering:
    """Het totaal van alle openstaande schulden."""

    kenmerk: str = element("Kenmerk", TEXT)
    bedrag: Decimal = element("Bedrag", AMOUNT)


@group
class OngematchteSchulden:
    """Precies één van de twee: het overzicht of het totaal."""

    openstaande_schulden: tuple[OpenstaandeSchuld, ...] = elements(
        "OpenstaandeSchulden/Schuld", OpenstaandeSchuld, default=()
    )
    totaalvordering: Totaalvordering | None = element("Totaalvordering", Totaalvordering, default=None)
