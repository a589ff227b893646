"""Module Waarborgfonds saneringskredieten, versie 2.0: borgstelling voor saneringskredieten. Geen bericht bevat
gegevens over een klant.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from xsd.binding import AMOUNT, DATE, INTEGER, TEXT, TRUTH, Message, element, elements, group
from xsd.generated.common_2_0 import Stuurgegevens, StuurgegevensAntwoord, StuurgegevensMelding


class BorgstellingCategorie(StrEnum):
    """Categorie van de borgstelling."""

    # regulier saneringskrediet
    N100 = "100"
    # herfinanciering
    N200 = "200"
    # jongeren
    N300 = "300"
    # ondernemers
    N400 = "400"
    # leeg
    N500 = "500"


class SoortGebeurtenis(StrEnum):
    """Wat er met een aanvraag of borgstelling is gebeurd."""

    # de voorbeoordeling is gunstig
    PRO_FORMA_AFGEGEVEN = "PRO_FORMA_AFGEGEVEN"
    # de voorbeoordeling is ongunstig
    PRO_FORMA_AFGEWEZEN = "PRO_FORMA_AFGEWEZEN"
    # de borgstelling is afgegeven
    BORGSTELLING_AFGEGEVEN = "BORGSTELLING_AFGEGEVEN"
    # de aanvraag is afgewezen
    AANVRAAG_AFGEWEZEN = "AANVRAAG_AFGEWEZEN"
    # de aanvraag is beëindigd
    AANVRAAG_BEEINDIGD = "AANVRAAG_BEEINDIGD"
    # de borgstelling is beëindigd
    BORGSTELLING_BEEINDIGD = "BORGSTELLING_BEEINDIGD"
    # de borgstelling is ingetrokken
    INGETROKKEN = "INGETROKKEN"
    # de borgstelling is uitbetaald
    UITBETAALD = "UITBETAALD"
    # het verzoek om uitbetaling is afgewezen
    UITBETAALVERZOEK_AFGEWEZEN = "UITBETAALVERZOEK_AFGEWEZEN"


class SoortLening(StrEnum):
    """Soort lening."""

    # persoonlijke lening
    PL = "PL"
    # saneringskrediet
    SK = "SK"
    # sociale lening
    SL = "SL"


class Statistiekcode(StrEnum):
    """Waarover een gegeven gaat."""

    # bevolkingsgroep
    BEVOLKINGSGROEP = "BEVOLKINGSGROEP"
    # betalende instantie
    BETALENDE_INSTANTIE = "BETALENDE_INSTANTIE"
    # kredietdoel
    KREDIETDOEL = "KREDIETDOEL"
    # leeftijdsgroep
    LEEFTIJDSGROEP = "LEEFTIJDSGROEP"
    # soort borgstelling
    SOORT_BORGSTELLING = "SOORT_BORGSTELLING"


@group
class Statistiek:
    """Eén gegeven voor de statistiek."""

    code: Statistiekcode = element("Code", Statistiekcode)
    waarde: str = element("Waarde", TEXT)


@group
class Kredietbedragen:
    """Een bedrag per soort."""

    aflossing: Decimal = element("Aflossing", AMOUNT)
    kredietvergoeding: Decimal = element("Kredietvergoeding", AMOUNT)
    vertragingsrente: Decimal = element("Vertragingsrente", AMOUNT)
    boeterente: Decimal = element("Boeterente", AMOUNT)


@group
class Krediet:
    """De stand van één krediet."""

    kenmerk: str = element("Kenmerk", TEXT)
    uitbetaaldatum: date = element("Uitbetaaldatum", DATE)
    bruto_kredietsom: Decimal = element("BrutoKredietsom", AMOUNT)
    netto_kredietsom: Decimal = element("NettoKredietsom", AMOUNT)
    laatste_aflosdatum: date | None = element("LaatsteAflosdatum", DATE, default=None)
    betaald: Kredietbedragen = element("Betaald", Kredietbedragen)
    achterstand: Kredietbedragen = element("Achterstand", Kredietbedragen)
    voorstand: Decimal = element("Voorstand", AMOUNT)
    betalingsregeling: bool = element("Betalingsregeling", TRUTH)
    dubieus: bool = element("Dubieus", TRUTH)


@group
class RegistreerVoorbeoordeling(Message):
    """Vraag van een kredietbank om een aanvraag vooraf te beoordelen."""

    ELEMENT: ClassVar[str] = "RegistreerVoorbeoordeling"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Waarborgfonds:2.0"
    MODULE: ClassVar[str] = "Waarborgfonds"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    kenmerk: str = element("Kenmerk", TEXT)
    soort_lening: SoortLening = element("SoortLening", SoortLening)
    contact_email: str | None = element("ContactEmail", TEXT, default=None)
    postcode_gebied: str = element("PostcodeGebied", TEXT)
    bruto_kredietsom: Decimal = element("BrutoKredietsom", AMOUNT)
    looptijd: int = element("Looptijd", INTEGER)
    borgstelling_categorie: BorgstellingCategorie = element("BorgstellingCategorie", BorgstellingCategorie)


@group
class AanvraagBorgstelling(Message):
    """Aanvraag van een kredietbank om borg te staan voor een saneringskrediet."""

    ELEMENT: ClassVar[str] = "AanvraagBorgstelling"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Waarborgfonds:2.0"
    MODULE: ClassVar[str] = "Waarborgfonds"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    kenmerk: str = element("Kenmerk", TEXT)
    soort_lening: SoortLening = element("SoortLening", SoortLening)
    contact_email: str | None = element("ContactEmail", TEXT, default=None)
    postcode_gebied: str = element("PostcodeGebied", TEXT)
    bruto_kredietsom: Decimal = element("BrutoKredietsom", AMOUNT)
    looptijd: int = element("Looptijd", INTEGER)
    borgstelling_categorie: BorgstellingCategorie = element("BorgstellingCategorie", BorgstellingCategorie)
    statistieken: tuple[Statistiek, ...] = elements("Statistieken/Statistiek", Statistiek)
    pro_forma_borgstelling: str | None = element("ProFormaBorgstelling", TEXT, default=None)


@group
class AanvraagOvername(Message):
    """Aanvraag van een kredietbank om een lopend krediet over te nemen in het fonds."""

    ELEMENT: ClassVar[str] = "AanvraagOvername"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Waarborgfonds:2.0"
    MODULE: ClassVar[str] = "Waarborgfonds"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    kenmerk: str = element("Kenmerk", TEXT)
    soort_lening: SoortLening = element("SoortLening", SoortLening)
    contact_email: str | None = element("ContactEmail", TEXT, default=None)
    postcode_gebied: str = element("PostcodeGebied", TEXT)
    bruto_kredietsom: Decimal = element("BrutoKredietsom", AMOUNT)
    looptijd: int = element("Looptijd", INTEGER)
    borgstelling_categorie: BorgstellingCategorie = element("BorgstellingCategorie", BorgstellingCategorie)
    statistieken: tuple[Statistiek, ...] = elements("Statistieken/Statistiek", Statistiek)
    uitbetaaldatum: date = element("Uitbetaaldatum", DATE)
    uitstaand_saldo: Decimal = element("UitstaandSaldo", AMOUNT)


@group
class BeeindigingBorgstelling(Message):
    """Melding van een kredietbank dat een borgstelling kan eindigen."""

    ELEMENT: ClassVar[str] = "BeeindigingBorgstelling"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Waarborgfonds:2.0"
    MODULE: ClassVar[str] = "Waarborgfonds"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    kenmerk: str = element("Kenmerk", TEXT)
    datum: date = element("Datum", DATE)


@group
class UitbetalingBorgstelling(Message):
    """Verzoek van een kredietbank om een borgstelling uit te betalen."""

    ELEMENT: ClassVar[str] = "UitbetalingBorgstelling"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Waarborgfonds:2.0"
    MODULE: ClassVar[str] = "Waarborgfonds"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    kenmerk: str = element("Kenmerk", TEXT)


@group
class VerzoekSaneringskredietenInformatie(Message):
    """Vraag van het fonds aan een kredietbank om gegevens over alle lopende kredieten."""

    ELEMENT: ClassVar[str] = "VerzoekSaneringskredietenInformatie"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Waarborgfonds:2.0"
    MODULE: ClassVar[str] = "Waarborgfonds"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    periode_van: date = element("PeriodeVan", DATE)
    periode_tot: date = element("PeriodeTot", DATE)


@group
class VerwerkSaneringskredietenInformatie(Message):
    """De gegevens van een kredietbank over haar lopende kredieten."""

    ELEMENT: ClassVar[str] = "VerwerkSaneringskredietenInformatie"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Waarborgfonds:2.0"
    MODULE: ClassVar[str] = "Waarborgfonds"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensMelding = element("Stuurgegevens", StuurgegevensMelding)
    periode_van: date = element("PeriodeVan", DATE)
    periode_tot: date = element("PeriodeTot", DATE)
    kredieten: tuple[Krediet, ...] = elements("Kredieten/Krediet", Krediet)


@group
class Gebeurtenis(Message):
    """Bericht van het fonds over een aanvraag of borgstelling."""

    ELEMENT: ClassVar[str] = "Gebeurtenis"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Waarborgfonds:2.0"
    MODULE: ClassVar[str] = "Waarborgfonds"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensMelding = element("Stuurgegevens", StuurgegevensMelding)
    soort: SoortGebeurtenis = element("Soort", SoortGebeurtenis)
    kenmerk: str = element("Kenmerk", TEXT)
    datum: date = element("Datum", DATE)
    reden: str | None = element("Reden", TEXT, default=None)


@group
class Foutbericht(Message):
    """Bericht van het fonds dat het een bericht niet kon verwerken."""

    ELEMENT: ClassVar[str] = "Foutbericht"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Waarborgfonds:2.0"
    MODULE: ClassVar[str] = "Waarborgfonds"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    kenmerk: str | None = element("Kenmerk", TEXT, default=None)
    foutcode: str = element("Foutcode", TEXT)
    melding: str = element("Melding", TEXT)
