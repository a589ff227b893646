"""Module Schuldregeling, versie 2.0: schuldbemiddeling en saneringskrediet, van kennisgeving tot einde van de regeling.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from xsd.binding import AMOUNT, DATE, DECIMAL, INTEGER, TEXT, TRUTH, Message, element, elements, group
from xsd.generated.common_2_0 import (
    Adres,
    Adreskeuze,
    Betaalgegevens,
    Contactpersoon,
    GematchteVordering,
    GevraagdeVordering,
    OngematchteSchulden,
    OpenstaandeVordering,
    Persoon,
    RedenGeenMedewerking,
    SoortSchuld,
    Stuurgegevens,
    StuurgegevensAntwoord,
    StuurgegevensMelding,
)


class AntwoordKennisgeving(StrEnum):
    """Antwoord op een kennisgeving."""

    # de klant is bekend en de kennisgeving is verwerkt
    KLANT_BEKEND = "KLANT_BEKEND"
    # de klant is bekend en heeft geen schuld
    KLANT_BEKEND_GEEN_SCHULD = "KLANT_BEKEND_GEEN_SCHULD"


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
class VoorafAkkoord:
    """Het akkoord vooraf met het latere voorstel."""

    datum_akkoord: date = element("DatumAkkoord", DATE)
    convenant: str | None = element("Convenant", TEXT, default=None)
    minimumpercentage: Decimal | None = element("Minimumpercentage", DECIMAL, default=None)


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
class Kennisgeving(Message):
    """Melding aan een schuldeiser dat voor deze klant schuldhulpverlening is begonnen."""

    ELEMENT: ClassVar[str] = "Kennisgeving"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    klantnummer_se_volgens_shv: str | None = element("KlantnummerSEVolgensSHV", TEXT, default=None)
    klant: Persoon = element("Klant", Persoon)
    partner: Persoon | None = element("Partner", Persoon, default=None)
    adreskeuze: Adreskeuze = element("Adreskeuze", Adreskeuze)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)


@group
class KennisgevingPubliek(Message):
    """De kennisgeving voor schuldeisers die het burgerservicenummer gebruiken."""

    ELEMENT: ClassVar[str] = "KennisgevingPubliek"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    klantnummer_se_volgens_shv: str | None = element("KlantnummerSEVolgensSHV", TEXT, default=None)
    klant: Persoon = element("Klant", Persoon)
    bsn: str = element("BSN", TEXT)
    partner: Persoon | None = element("Partner", Persoon, default=None)
    adreskeuze: Adreskeuze = element("Adreskeuze", Adreskeuze)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)


@group
class KennisgevingAntwoord(Message):
    """Antwoord van een schuldeiser op een kennisgeving; niet verplicht."""

    ELEMENT: ClassVar[str] = "KennisgevingAntwoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    antwoord: AntwoordKennisgeving = element("Antwoord", AntwoordKennisgeving)
    klantnummer_se: str | None = element("KlantnummerSE", TEXT, default=None)
    factuurnummers: tuple[str, ...] = elements("Factuurnummers/FactuurnummerSE", TEXT, default=())
    contactpersoon_se: Contactpersoon = element("ContactpersoonSE", Contactpersoon)


@group
class GeenMedewerking(Message):
    """Antwoord van een schuldeiser die niet meewerkt, met de reden."""

    ELEMENT: ClassVar[str] = "GeenMedewerking"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    klantnummer_shv: str | None = element("KlantnummerSHV", TEXT, default=None)
    reden: RedenGeenMedewerking = element("Reden", RedenGeenMedewerking)
    toelichting: str | None = element("Toelichting", TEXT, default=None)
    contactpersoon_se: Contactpersoon | None = element("ContactpersoonSE", Contactpersoon, default=None)


@group
class Saldoverzoek(Message):
    """Vraag van een schuldhulpverlener aan een schuldeiser: welke vorderingen staan open voor deze klant?"""

    ELEMENT: ClassVar[str] = "Saldoverzoek"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    klantnummer_se_volgens_shv: str | None = element("KlantnummerSEVolgensSHV", TEXT, default=None)
    type_schuldregeling: TypeSchuldregeling | None = element("TypeSchuldregeling", TypeSchuldregeling, default=None)
    soort_schuld: SoortSchuld | None = element("SoortSchuld", SoortSchuld, default=None)
    klant: Persoon = element("Klant", Persoon)
    bsn: str | None = element("BSN", TEXT, default=None)
    partner: Persoon | None = element("Partner", Persoon, default=None)
    adres: Adres = element("Adres", Adres)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)
    vorderingen: tuple[GevraagdeVordering, ...] = elements("Vorderingen/Vordering", GevraagdeVordering)


@group
class SaldoverzoekAntwoord(Message):
    """Antwoord van een schuldeiser op een saldoverzoek, met matchen of niet-matchen."""

    ELEMENT: ClassVar[str] = "SaldoverzoekAntwoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
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
class SaldoverzoekAntwoordVoorafAkkoord(Message):
    """Antwoord op een saldoverzoek waarmee de schuldeiser vooraf akkoord gaat met het latere betaalvoorstel."""

    ELEMENT: ClassVar[str] = "SaldoverzoekAntwoordVoorafAkkoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
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
    vooraf_akkoord: VoorafAkkoord = element("VoorafAkkoord", VoorafAkkoord)


@group
class Betaalvoorstel(Message):
    """Voorstel aan een schuldeiser voor schuldbemiddeling of een saneringskrediet."""

    ELEMENT: ClassVar[str] = "Betaalvoorstel"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "2.0"

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
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "2.0"

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
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "2.0"

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
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "2.0"

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
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
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
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
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
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
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
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldregeling:2.0"
    MODULE: ClassVar[str] = "Schuldregeling"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    klantnummer_se: str | None = element("KlantnummerSE", TEXT, default=None)
    klantnummer_shv: str | None = element("KlantnummerSHV", TEXT, default=None)
    toelichting: str | None = element("Toelichting", TEXT, default=None)
