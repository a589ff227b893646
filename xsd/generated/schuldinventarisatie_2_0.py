"""Module Schuldinventarisatie, versie 2.0: vragen naar openstaande vorderingen, los van een regeling.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from xsd.binding import DATE, TEXT, TRUTH, Message, element, elements, group
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
    SoortSchuld,
    StuurgegevensAntwoord,
    StuurgegevensMetBijlagen,
)


@group
class Saldoverzoek(Message):
    """Vraag van een schuldhulpverlener aan een schuldeiser: welke vorderingen staan open voor deze klant?"""

    ELEMENT: ClassVar[str] = "Saldoverzoek"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldinventarisatie:2.0"
    MODULE: ClassVar[str] = "Schuldinventarisatie"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensMetBijlagen = element("Stuurgegevens", StuurgegevensMetBijlagen)
    klantnummer_shv: str = element("KlantnummerSHV", TEXT)
    klantnummer_se_volgens_shv: str | None = element("KlantnummerSEVolgensSHV", TEXT, default=None)
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
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldinventarisatie:2.0"
    MODULE: ClassVar[str] = "Schuldinventarisatie"
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
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Schuldinventarisatie:2.0"
    MODULE: ClassVar[str] = "Schuldinventarisatie"
    VERSION: ClassVar[str] = "2.0"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    klantnummer_shv: str | None = element("KlantnummerSHV", TEXT, default=None)
    reden: RedenGeenMedewerking = element("Reden", RedenGeenMedewerking)
    toelichting: str | None = element("Toelichting", TEXT, default=None)
    contactpersoon_se: Contactpersoon | None = element("ContactpersoonSE", Contactpersoon, default=None)
