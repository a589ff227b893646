"""Module Schuldregeling, versie 1.1: de oude wijze van antwoorden, met nulbedragen.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from xsd.binding import AMOUNT, DATE, DECIMAL, INTEGER, TEXT, TRUTH, Message, element, elements, group
from xsd.generated.common_1_0 import (
    Adres,
    Betaalgegevens,
    Contactpersoon,
    Persoon,
    Schuldtype,
    Stuurgegevens,
    StuurgegevensAntwoord,
)


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


class Schuldoorzaak(StrEnum):
    """Hoofdoorzaak van de schulden."""

    # te weinig inkomen voor het nodige
    OVERLEVINGSSCHULD = "OVERLEVINGSSCHULD"
    # uitgaven om een gemis te vergoeden
    COMPENSATIESCHULD = "COMPENSATIESCHULD"
    # een verandering in inkomen of leven
    AANPASSINGSSCHULD = "AANPASSINGSSCHULD"
    # te veel krediet
    OVERKREDITERINGSSCHULD = "OVERKREDITERINGSSCHULD"


class TypeSchuldregeling(StrEnum):
    """Soort schuldregeling."""

    # saneringskrediet
    SK = "SK"
    # schuldbemiddeling
    SB = "SB"
    # schuldregeling zonder afloscapaciteit
    SA = "SA"


class Uitbetaalmomenten(StrEnum):
    """Wanneer aan de schuldeiser wordt uitbetaald."""

    # één keer
    EENMALIG = "EENMALIG"
    # elke maand
    MAANDELIJKS = "MAANDELIJKS"
    # elk jaar
    JAARLIJKS = "JAARLIJKS"
    # aan het eind van de looptijd
    EINDE_LOOPTIJD = "EINDE_LOOPTIJD"


class VorderingsType(StrEnum):
    """Rang van een vordering bij de berekening van het voorstel."""

    # preferente vordering
    PREFERENT = "PREFERENT"
    # concurrente vordering
    CONCURRENT = "CONCURRENT"


@group
class VoorgesteldeVordering:
    """Een vordering met het voorstel ervoor."""

    factuurnummer_se: str = element("FactuurnummerSE", TEXT)
    actueel_vorderingsbedrag: Decimal = element("ActueelVorderingsbedrag", AMOUNT)
    vorderings_type: VorderingsType = element("VorderingsType", VorderingsType)
    afkooppercentage: Decimal = element("Afkooppercentage", DECIMAL)
    prognose_eindbedrag: Decimal = element("PrognoseEindbedrag", AMOUNT)


@group
class Voorstel:
    """De berekening van een voorstel."""

    schuldoorzaak: Schuldoorzaak = element("Schuldoorzaak", Schuldoorzaak)
    aantal_preferente_schuldeisers: int = element("AantalPreferenteSchuldeisers", INTEGER)
    aantal_concurrente_schuldeisers: int = element("AantalConcurrenteSchuldeisers", INTEGER)
    totale_schuld_preferent: Decimal = element("TotaleSchuldPreferent", AMOUNT)
    totale_schuld_concurrent: Decimal = element("TotaleSchuldConcurrent", AMOUNT)
    totale_schuld: Decimal = element("TotaleSchuld", AMOUNT)
    afloscapaciteit: Decimal | None = element("Afloscapaciteit", AMOUNT, default=None)
    percentage_preferent: Decimal = element("PercentagePreferent", DECIMAL)
    percentage_concurrent: Decimal = element("PercentageConcurrent", DECIMAL)
    looptijd: int = element("Looptijd", INTEGER)
    ingangsdatum: date = element("Ingangsdatum", DATE)
    einddatum: date = element("Einddatum", DATE)
    uitbetaalmomenten: Uitbetaalmomenten | None = element("Uitbetaalmomenten", Uitbetaalmomenten, default=None)
    vorderingen: tuple[VoorgesteldeVordering, ...] = elements("Vorderingen/Vordering", VoorgesteldeVordering)


@group
class GeregeldeVordering:
    """Een vordering in de regeling."""

    factuurnummer_se: str = element("FactuurnummerSE", TEXT)
    afkooppercentage: Decimal = element("Afkooppercentage", DECIMAL)
    prognose_eindbedrag: Decimal = element("PrognoseEindbedrag", AMOUNT)
    actueel_vorderingsbedrag: Decimal = element("ActueelVorderingsbedrag", AMOUNT)
    vorderings_type: VorderingsType = element("VorderingsType", VorderingsType)
    betaalreferentie: str = element("Betaalreferentie", TEXT)


@group
class GevraagdeVordering:
    """Een vordering waarnaar wordt gevraagd."""

    factuurnummer_se_volgens_shv: str = element("FactuurnummerSEVolgensSHV", TEXT)


@group
class BeantwoordeVordering:
    """Het antwoord op één gevraagde vordering."""

    factuurnummer_se_volgens_shv: str = element("FactuurnummerSEVolgensSHV", TEXT)
    schuldtype: Schuldtype = element("Schuldtype", Schuldtype)
    factuurnummer_se: str | None = element("FactuurnummerSE", TEXT, default=None)
    ontstaansdatum: date | None = element("Ontstaansdatum", DATE, default=None)
    oorspronkelijk_bedrag: Decimal | None = element("OorspronkelijkBedrag", AMOUNT, default=None)
    actueel_bedrag: Decimal = element("ActueelBedrag", AMOUNT)


@group
class ExtraVordering:
    """Een niet gevraagde vordering of het totaal."""

    factuurnummer_se: str = element("FactuurnummerSE", TEXT)
    ontstaansdatum: date | None = element("Ontstaansdatum", DATE, default=None)
    preferent: bool | None = element("Preferent", TRUTH, default=None)
    actueel_bedrag: Decimal = element("ActueelBedrag", AMOUNT)


@group
class KlantGemeldVoorSHV(Message):
    """Melding aan een schuldeiser dat deze klant zich voor schuldhulpverlening heeft gemeld."""

    ELEMENT: ClassVar[str] = "KlantGemeldVoorSHV"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    klantnummer_se_volgens_shv: str | None = element("KlantnummerSEVolgensSHV", TEXT, default=None)
    klant: Persoon = element("Klant", Persoon)
    partner: Persoon | None = element("Partner", Persoon, default=None)
    adres: Adres = element("Adres", Adres)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)


@group
class KlantBSNGemeldVoorSHV(Message):
    """Dezelfde melding voor schuldeisers die het burgerservicenummer gebruiken."""

    ELEMENT: ClassVar[str] = "KlantBSNGemeldVoorSHV"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    klantnummer_se_volgens_shv: str | None = element("KlantnummerSEVolgensSHV", TEXT, default=None)
    klant: Persoon = element("Klant", Persoon)
    bsn: str = element("BSN", TEXT)
    partner: Persoon | None = element("Partner", Persoon, default=None)
    adres: Adres = element("Adres", Adres)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)


@group
class KlantGemeldVoorSHVAntwoord(Message):
    """Antwoord van een schuldeiser op de melding; niet verplicht."""

    ELEMENT: ClassVar[str] = "KlantGemeldVoorSHVAntwoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    klantnummer_se: str | None = element("KlantnummerSE", TEXT, default=None)
    factuurnummers: tuple[str, ...] = elements("Factuurnummers/FactuurnummerSE", TEXT, default=())


@group
class KlantOnbekend(Message):
    """Antwoord van een schuldeiser die de klant niet kent."""

    ELEMENT: ClassVar[str] = "KlantOnbekend"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    klantnummer_shv: str | None = element("KlantnummerSHV", TEXT, default=None)


@group
class Saldoverzoek(Message):
    """Vraag van een schuldhulpverlener aan een schuldeiser: welke vorderingen staan open voor deze klant?"""

    ELEMENT: ClassVar[str] = "Saldoverzoek"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
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
    """Antwoord van een schuldeiser op een saldoverzoek, met een bedrag voor elke gevraagde vordering."""

    ELEMENT: ClassVar[str] = "SaldoverzoekAntwoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    contactpersoon_se: Contactpersoon = element("ContactpersoonSE", Contactpersoon)
    peildatum: date = element("Peildatum", DATE)
    vorderingen: tuple[BeantwoordeVordering, ...] = elements("Vorderingen/Vordering", BeantwoordeVordering)
    extra_vorderingen: tuple[ExtraVordering, ...] = elements("ExtraVorderingen/Vordering", ExtraVordering, default=())
    betaalgegevens: Betaalgegevens | None = element("Betaalgegevens", Betaalgegevens, default=None)


@group
class SaldoverzoekAntwoordVoorafAkkoord(Message):
    """Antwoord op een saldoverzoek waarmee de schuldeiser vooraf akkoord gaat met het latere betaalvoorstel."""

    ELEMENT: ClassVar[str] = "SaldoverzoekAntwoordVoorafAkkoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    contactpersoon_se: Contactpersoon = element("ContactpersoonSE", Contactpersoon)
    peildatum: date = element("Peildatum", DATE)
    vorderingen: tuple[BeantwoordeVordering, ...] = elements("Vorderingen/Vordering", BeantwoordeVordering)
    extra_vorderingen: tuple[ExtraVordering, ...] = elements("ExtraVorderingen/Vordering", ExtraVordering, default=())
    betaalgegevens: Betaalgegevens | None = element("Betaalgegevens", Betaalgegevens, default=None)
    datum_akkoord: date = element("DatumAkkoord", DATE)


@group
class Betaalvoorstel(Message):
    """Voorstel aan een schuldeiser voor schuldbemiddeling of een saneringskrediet."""

    ELEMENT: ClassVar[str] = "Betaalvoorstel"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    type_schuldregeling: TypeSchuldregeling = element("TypeSchuldregeling", TypeSchuldregeling)
    voorstel: Voorstel = element("Voorstel", Voorstel)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)


@group
class Heroverweging(Message):
    """Vraag aan een schuldeiser om een afgewezen voorstel opnieuw te bezien."""

    ELEMENT: ClassVar[str] = "Heroverweging"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    afgewezen_voorstel: str = element("AfgewezenVoorstel", TEXT)
    motivering: str = element("Motivering", TEXT)
    aangepast_voorstel: Voorstel | None = element("AangepastVoorstel", Voorstel, default=None)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)


@group
class BetaalvoorstelAntwoord(Message):
    """Antwoord van een schuldeiser op een betaalvoorstel: akkoord of niet."""

    ELEMENT: ClassVar[str] = "BetaalvoorstelAntwoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    contactpersoon_se: Contactpersoon = element("ContactpersoonSE", Contactpersoon)
    akkoord: bool = element("Akkoord", TRUTH)
    reden_afwijzing: RedenAfwijzing | None = element("RedenAfwijzing", RedenAfwijzing, default=None)
    toelichting: str | None = element("Toelichting", TEXT, default=None)
    betaalgegevens: Betaalgegevens | None = element("Betaalgegevens", Betaalgegevens, default=None)


@group
class SchuldregelingAkkoord(Message):
    """Melding aan een schuldeiser dat de schuldregeling tot stand is gekomen."""

    ELEMENT: ClassVar[str] = "SchuldregelingAkkoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    datum_akkoord: date = element("DatumAkkoord", DATE)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    type_schuldregeling: TypeSchuldregeling = element("TypeSchuldregeling", TypeSchuldregeling)
    uitbetaalmomenten: Uitbetaalmomenten | None = element("Uitbetaalmomenten", Uitbetaalmomenten, default=None)
    vorderingen: tuple[GeregeldeVordering, ...] = elements("Vorderingen/Vordering", GeregeldeVordering)


@group
class SchuldregelingBeeindigd(Message):
    """Melding aan een schuldeiser dat de schuldregeling is geëindigd."""

    ELEMENT: ClassVar[str] = "SchuldregelingBeeindigd"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:1.1"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    klantnummer_se: str = element("KlantnummerSE", TEXT)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    einddatum: date = element("Einddatum", DATE)
    reden: RedenEinde = element("Reden", RedenEinde)
    toelichting: str | None = element("Toelichting", TEXT, default=None)
