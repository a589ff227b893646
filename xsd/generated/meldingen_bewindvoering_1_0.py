"""Module Meldingen bewindvoering, versie 1.0: begin, wijziging en einde van bewind, curatele of Wsnp.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar

from xsd.binding import DATE, TEXT, TRUTH, Message, element, elements, group
from xsd.generated.common_2_0 import (
    Adres,
    Contactpersoon,
    Kantoor,
    Persoon,
    StuurgegevensAntwoord,
    StuurgegevensMetBijlagen,
)


class Maatregel(StrEnum):
    """Maatregel van de rechter."""

    # beschermingsbewind
    BESCHERMINGSBEWIND = "BESCHERMINGSBEWIND"
    # bewind wegens problematische schulden
    SCHULDENBEWIND = "SCHULDENBEWIND"
    # curatele
    CURATELE = "CURATELE"
    # wettelijke schuldsanering natuurlijke personen
    WSNP = "WSNP"


class RedenEindeBewind(StrEnum):
    """Waarom een maatregel eindigt."""

    # de rechter hief de maatregel op
    OPGEHEVEN = "OPGEHEVEN"
    # de termijn is verstreken
    TERMIJN_VERSTREKEN = "TERMIJN_VERSTREKEN"
    # de klant is overleden
    OVERLEDEN = "OVERLEDEN"
    # een andere bewindvoerder neemt over
    OVERDRACHT = "OVERDRACHT"


@group
class MeldingBewindStart(Message):
    """Melding aan een schuldeiser dat voor deze klant bewind, curatele of Wsnp is begonnen."""

    ELEMENT: ClassVar[str] = "MeldingBewindStart"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:MeldingenBewindvoering:1.0"
    MODULE: ClassVar[str] = "MeldingenBewindvoering"
    VERSION: ClassVar[str] = "1.0"

    stuurgegevens: StuurgegevensMetBijlagen = element("Stuurgegevens", StuurgegevensMetBijlagen)
    maatregel: Maatregel = element("Maatregel", Maatregel)
    datum_beschikking: date = element("DatumBeschikking", DATE)
    ingangsdatum: date = element("Ingangsdatum", DATE)
    rechtbank: str = element("Rechtbank", TEXT)
    zaaknummer: str = element("Zaaknummer", TEXT)
    klantnummer_se: str | None = element("KlantnummerSE", TEXT, default=None)
    klant: Persoon = element("Klant", Persoon)
    adres: Adres | None = element("Adres", Adres, default=None)
    bewindvoerder: Kantoor = element("Bewindvoerder", Kantoor)
    correspondentieadres: Adres = element("Correspondentieadres", Adres)
    beheerrekening: str = element("Beheerrekening", TEXT)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)


@group
class MeldingBewindWijziging(Message):
    """Melding dat gegevens van een bewind, curatele of Wsnp veranderen."""

    ELEMENT: ClassVar[str] = "MeldingBewindWijziging"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:MeldingenBewindvoering:1.0"
    MODULE: ClassVar[str] = "MeldingenBewindvoering"
    VERSION: ClassVar[str] = "1.0"

    stuurgegevens: StuurgegevensMetBijlagen = element("Stuurgegevens", StuurgegevensMetBijlagen)
    ingangsdatum: date = element("Ingangsdatum", DATE)
    klantnummer_se: str | None = element("KlantnummerSE", TEXT, default=None)
    klant: Persoon = element("Klant", Persoon)
    maatregel: Maatregel | None = element("Maatregel", Maatregel, default=None)
    adres: Adres | None = element("Adres", Adres, default=None)
    bewindvoerder: Kantoor | None = element("Bewindvoerder", Kantoor, default=None)
    correspondentieadres: Adres | None = element("Correspondentieadres", Adres, default=None)
    beheerrekening: str | None = element("Beheerrekening", TEXT, default=None)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)


@group
class MeldingBewindEinde(Message):
    """Melding dat een bewind, curatele of Wsnp eindigt."""

    ELEMENT: ClassVar[str] = "MeldingBewindEinde"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:MeldingenBewindvoering:1.0"
    MODULE: ClassVar[str] = "MeldingenBewindvoering"
    VERSION: ClassVar[str] = "1.0"

    stuurgegevens: StuurgegevensMetBijlagen = element("Stuurgegevens", StuurgegevensMetBijlagen)
    einddatum: date = element("Einddatum", DATE)
    reden: RedenEindeBewind = element("Reden", RedenEindeBewind)
    klantnummer_se: str | None = element("KlantnummerSE", TEXT, default=None)
    klant: Persoon = element("Klant", Persoon)
    nieuwe_bewindvoerder: Kantoor | None = element("NieuweBewindvoerder", Kantoor, default=None)
    contactpersoon: Contactpersoon = element("Contactpersoon", Contactpersoon)


@group
class MeldingAntwoord(Message):
    """Antwoord van een schuldeiser op een melding; niet verplicht."""

    ELEMENT: ClassVar[str] = "MeldingAntwoord"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:MeldingenBewindvoering:1.0"
    MODULE: ClassVar[str] = "MeldingenBewindvoering"
    VERSION: ClassVar[str] = "1.0"

    stuurgegevens: StuurgegevensAntwoord = element("Stuurgegevens", StuurgegevensAntwoord)
    klant_bekend: bool = element("KlantBekend", TRUTH)
    klantnummer_se: str | None = element("KlantnummerSE", TEXT, default=None)
    factuurnummers: tuple[str, ...] = elements("Factuurnummers/FactuurnummerSE", TEXT, default=())
    contactpersoon_se: Contactpersoon | None = element("ContactpersoonSE", Contactpersoon, default=None)
