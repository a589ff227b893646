"""Module Betalingsregeling, versie 2.0: betalingsregeling of herfinanciering van de hele schuld.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from xsd.binding import AMOUNT, DATE, INTEGER, TEXT, TRUTH, Message, element, elements, group
from xsd.generated.common_2_0 import (
    Adres,
    Betaalgegevens,
    Contactpersoon,
    GematchteVordering,
    GevraagdeVordering,
    OngematchteSchulden,
    OpenstaandeVordering,
    Persoon,
    RedenGeenMedewerking,
    Stuurgegevens,
    StuurgegevensAntwoord,
    StuurgegevensMelding,
    StuurgegevensMetBijlagen,
)


class Periode(StrEnum):
    """Tijd tussen twee termijnen."""

    # elke week
    WEEK = "WEEK"
    # elke vier weken
    VIER_WEKEN = "VIER_WEKEN"
    # elke maand
    MAAND = "MAAND"
    # elk kwartaal
    KWARTAAL = "KWARTAAL"


class RedenAfwijzing(StrEnum):
    """Waarom een voorstel wordt afgewezen."""

    # de bedragen kloppen niet
    BEDRAG_ONJUIST = "BEDRAG_ONJUIST"
    # het aangeboden deel is te laag
    PERCENTAGE_TE_LAAG = "PERCENTAGE_TE_LAAG"
    # de looptijd is te lang
    TERMIJN_TE_LANG = "TERMIJN_TE_LANG"
    # de schuld komt uit fraude of een boete
    FRAUDE_OF_BOETE = "FRAUDE_OF_BOETE"
    # een andere reden, in de toelichting
    ANDERS = "ANDERS"


class RedenEinde(StrEnum):
    """Waarom een regeling is geëindigd."""

    # de regeling is voltooid
    VOLTOOID = "VOLTOOID"
    # de regeling is tussentijds gestopt
    TUSSENTIJDS = "TUSSENTIJDS"
    # de klant is toegelaten tot de wettelijke schuldsanering
    WSNP = "WSNP"
    # de klant is overleden
    OVERLEDEN = "OVERLEDEN"
    # een andere reden, in de toelichting
    ANDERS = "ANDERS"


class StatusSE(StrEnum):
    """Stand van de behandeling bij de schuldeiser."""

    # het bericht is in behandeling
    IN_BEHANDELING = "IN_BEHANDELING"
    # er is overleg met de opdrachtgever
    OVERLEG_OPDRACHTGEVER = "OVERLEG_OPDRACHTGEVER"
    # de invordering is opgeschort
    INCASSO_OPGESCHORT = "INCASSO_OPGESCHORT"
    # de vordering is overgedragen
    OVERGEDRAGEN = "OVERGEDRAGEN"


class StatusSHV(StrEnum):
    """Stand van een dossier bij de schuldhulpverlener."""

    # de schulden worden geïnventariseerd
    INVENTARISATIE = "INVENTARISATIE"
    # het voorstel wordt gemaakt
    VOORSTEL_IN_VOORBEREIDING = "VOORSTEL_IN_VOORBEREIDING"
    # het wachten is op de andere schuldeisers
    WACHT_OP_AKKOORD = "WACHT_OP_AKKOORD"
    # de regeling loopt
    REGELING_LOOPT = "REGELING_LOOPT"
    # de schuldhulpverlening is beëindigd
    BEEINDIGD = "BEEINDIGD"


class TypeSchuldregeling(StrEnum):
    """Soort regeling."""

    # betalingsregeling
    BR = "BR"
    # herfinanciering
    HF = "HF"


@group
class Termijnen:
    """Betaling in termijnen."""

    termijnbedrag: Decimal = element("Termijnbedrag", AMOUNT)
    aantal_termijnen: int = element("AantalTermijnen", INTEGER)
    periode: Periode = element("Periode", Periode)
    eerste_betaaldatum: date = element("EersteBetaaldatum", DATE)


@group
class BedragIneens:
    """Betaling van het hele bedrag ineens."""

    bedrag: Decimal = element("Bedrag", AMOUNT)
    betaaldatum: date = element("Betaaldatum", DATE)


@group
class VoorgesteldeVordering:
    """Een vordering met haar betaling."""

    factuurnummer_se: str = element("FactuurnummerSE", TEXT)
    actueel_vorderingsbedrag: Decimal = element("ActueelVorderingsbedrag", AMOUNT)
    termijnen: Termijnen | None = element("Termijnen", Termijnen, default=None)
    bedrag_ineens: BedragIneens | None = element("BedragIneens", BedragIneens, default=None)
    betaalreferentie: str = element("Betaalreferentie", TEXT)


@group
class GeregeldeVordering:
    """Een vordering in de regeling."""

    factuurnummer_se: str = element("FactuurnummerSE", TEXT)
    actueel_vorderingsbedrag: Decimal = element("ActueelVorderingsbedrag", AMOUNT)
    betaalreferentie: str = element("Betaalreferentie", TEXT)


@group
class Saldoverzoek(Message):
    """Vraag van een schuldhulpverlener aan een schuldeiser: welke vorderingen staan open voor deze klant?"""

    ELEMENT: ClassVar[str] = "Saldoverzoek"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Betalingsregeling:2.0"
    MODULE: ClassVar[str] = "Betalingsregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensMetBijlagen = element("Stuurgegevens", StuurgegevensMetBijlagen)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    klantnummer_se_volgens_shv: str | None = element("KlantnummerSEVolgensSHV", TEXT, default=None)
    type_schuldregeling: TypeSchuldregeling | None = element("TypeSchuldregeling", TypeSchuldregeling, default=None)
    klant: Persoon = element("Klant", Persoon)
    partner: Persoon | None = element("Partner", Persoon, default=None)
    adres: Adres = element("Adres", Adres)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)
    vorderingen: tuple[GevraagdeVordering, ...] = elements("Vorderingen/Vordering", GevraagdeVordering)


@group
class SaldoverzoekAntwoord(Message):
    """Antwoord van een schuldeiser op een saldoverzoek, met matchen of niet-matchen."""

    ELEMENT: ClassVar[str] = "SaldoverzoekAntwoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Betalingsregeling:2.0"
    MODULE: ClassVar[str] = "Betalingsregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    contactpersoon_se: Contactpersoon = element("ContactpersoonSE", Contactpersoon)
    peildatum: date = element("Peildatum", DATE)
    matchen: bool = element("Matchen", TRUTH)
    gematcht: tuple[GematchteVordering, ...] = elements("Gematcht/Vordering", GematchteVordering, default=())
    extra_vorderingen: tuple[OpenstaandeVordering, ...] = elements(
        "ExtraVorderingen/Vordering", OpenstaandeVordering, default=()
    )
    ongematchte_schulden: OngematchteSchulden | None = element("OngematchteSchulden", OngematchteSchulden, default=None)
    betaalgegevens: Betaalgegevens | None = element("Betaalgegevens", Betaalgegevens, default=None)


@group
class GeenMedewerking(Message):
    """Antwoord van een schuldeiser die niet meewerkt, met de reden."""

    ELEMENT: ClassVar[str] = "GeenMedewerking"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Betalingsregeling:2.0"
    MODULE: ClassVar[str] = "Betalingsregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    klantnummer_shv: str | None = element("KlantnummerSHV", TEXT, default=None)
    reden: RedenGeenMedewerking = element("Reden", RedenGeenMedewerking)
    toelichting: str | None = element("Toelichting", TEXT, default=None)
    contactpersoon_se: Contactpersoon | None = element("ContactpersoonSE", Contactpersoon, default=None)


@group
class Betaalvoorstel(Message):
    """Voorstel aan een schuldeiser om de hele schuld in termijnen of ineens te betalen."""

    ELEMENT: ClassVar[str] = "Betaalvoorstel"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Betalingsregeling:2.0"
    MODULE: ClassVar[str] = "Betalingsregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensMetBijlagen = element("Stuurgegevens", StuurgegevensMetBijlagen)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    type_schuldregeling: TypeSchuldregeling = element("TypeSchuldregeling", TypeSchuldregeling)
    totaal_vorderingen: Decimal = element("TotaalVorderingen", AMOUNT)
    vorderingen: tuple[VoorgesteldeVordering, ...] = elements("Vorderingen/Vordering", VoorgesteldeVordering)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)


@group
class BetaalvoorstelAntwoord(Message):
    """Antwoord van een schuldeiser op een betaalvoorstel: akkoord of niet."""

    ELEMENT: ClassVar[str] = "BetaalvoorstelAntwoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Betalingsregeling:2.0"
    MODULE: ClassVar[str] = "Betalingsregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    contactpersoon_se: Contactpersoon = element("ContactpersoonSE", Contactpersoon)
    akkoord: bool = element("Akkoord", TRUTH)
    reden_afwijzing: RedenAfwijzing | None = element("RedenAfwijzing", RedenAfwijzing, default=None)
    toelichting: str | None = element("Toelichting", TEXT, default=None)
    betaalgegevens: Betaalgegevens | None = element("Betaalgegevens", Betaalgegevens, default=None)


@group
class RegelingAkkoord(Message):
    """Melding aan een schuldeiser dat de regeling tot stand is gekomen."""

    ELEMENT: ClassVar[str] = "RegelingAkkoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Betalingsregeling:2.0"
    MODULE: ClassVar[str] = "Betalingsregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    datum_akkoord: date = element("DatumAkkoord", DATE)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    type_schuldregeling: TypeSchuldregeling = element("TypeSchuldregeling", TypeSchuldregeling)
    eerste_betaaldatum: date = element("EersteBetaaldatum", DATE)
    vorderingen: tuple[GeregeldeVordering, ...] = elements("Vorderingen/Vordering", GeregeldeVordering)


@group
class RegelingBeeindigd(Message):
    """Melding aan een schuldeiser dat de regeling is geëindigd."""

    ELEMENT: ClassVar[str] = "RegelingBeeindigd"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Betalingsregeling:2.0"
    MODULE: ClassVar[str] = "Betalingsregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    einddatum: date = element("Einddatum", DATE)
    reden: RedenEinde = element("Reden", RedenEinde)
    toelichting: str | None = element("Toelichting", TEXT, default=None)


@group
class StatusberichtSHV(Message):
    """Bericht van de schuldhulpverlener over de stand van het dossier, uit zichzelf of op een statusverzoek."""

    ELEMENT: ClassVar[str] = "StatusberichtSHV"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Betalingsregeling:2.0"
    MODULE: ClassVar[str] = "Betalingsregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensMelding = element("Stuurgegevens", StuurgegevensMelding)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    klantnummer_se: str | None = element("KlantnummerSE", TEXT, default=None)
    status: StatusSHV = element("Status", StatusSHV)
    statusdatum: date = element("Statusdatum", DATE)
    toelichting: str | None = element("Toelichting", TEXT, default=None)


@group
class StatusberichtSE(Message):
    """Bericht van de schuldeiser over de stand van zijn behandeling, uit zichzelf of op een statusverzoek."""

    ELEMENT: ClassVar[str] = "StatusberichtSE"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Betalingsregeling:2.0"
    MODULE: ClassVar[str] = "Betalingsregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensMelding = element("Stuurgegevens", StuurgegevensMelding)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    klantnummer_shv: str | None = element("KlantnummerSHV", TEXT, default=None)
    status: StatusSE = element("Status", StatusSE)
    statusdatum: date = element("Statusdatum", DATE)
    toelichting: str | None = element("Toelichting", TEXT, default=None)


@group
class Statusverzoek(Message):
    """Vraag naar de stand van een dossier of van een behandeling."""

    ELEMENT: ClassVar[str] = "Statusverzoek"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Betalingsregeling:2.0"
    MODULE: ClassVar[str] = "Betalingsregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    klantnummer_se: str | None = element("KlantnummerSE", TEXT, default=None)
    klantnummer_shv: str | None = element("KlantnummerSHV", TEXT, default=None)
    toelichting: str | None = element("Toelichting", TEXT, default=None)
