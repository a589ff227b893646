"""Berichten van het knooppunt zelf, versie 1.1. Zij gaan over de bezorging en over de deelnemers, en bevatten geen
gegevens over een klant.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from xsd.binding import INTEGER, MOMENT, TEXT, Message, element, group
from xsd.generated.common_2_0 import Stuurgegevens


class AdresboekMediatype(StrEnum):
    """Soort bestand."""

    # XML
    APPLICATION_XML = "application/xml"


class AdresboekSoort(StrEnum):
    """Soort bestand."""

    # het adresboek van het knooppunt
    ADRESBOEK = "Adresboek"


class Toestand(StrEnum):
    """Wat er met een bericht is gebeurd."""

    # de termijn is voorbij; het bericht is verwijderd
    VERLOPEN = "Verlopen"
    # de ontvanger kan het bericht niet meer openen en liet het verwijderen
    VERLOPENOPVERZOEK = "VerlopenOpVerzoek"
    # de ontvanger heeft na afloop alsnog bevestigd dat hij het bericht heeft
    ALSNOGBEVESTIGD = "AlsnogBevestigd"


@group
class AdresboekBijlage:
    """Het bestand met het adresboek."""

    soort: AdresboekSoort = element("Soort", AdresboekSoort)
    bestandsnaam: str = element("Bestandsnaam", TEXT)
    mediatype: AdresboekMediatype = element("Mediatype", AdresboekMediatype)
    sha256: str = element("Sha256", TEXT)


@group
class AdresboekBijlagen:
    """Het bestand met het adresboek."""

    bijlage: AdresboekBijlage = element("Bijlage", AdresboekBijlage)


@group
class StuurgegevensAdresboek:
    """Stuurgegevens van een antwoord waarmee het adresboek meereist."""

    referentienummer: str = element("Referentienummer", TEXT)
    conversatie_referentienummer: str = element("ConversatieReferentienummer", TEXT)
    cross_referentienummer: str = element("CrossReferentienummer", TEXT)
    versie: str = element("Versie", TEXT)
    afzender: str = element("Afzender", TEXT)
    ontvanger: str = element("Ontvanger", TEXT)
    berichttype: str = element("Berichttype", TEXT)
    aanmaakmoment: datetime = element("Aanmaakmoment", MOMENT)
    bijlagen: AdresboekBijlagen = element("Bijlagen", AdresboekBijlagen)


@group
class BezorgdBericht:
    """De gegevens waaraan de afzender zijn bericht herkent."""

    referentienummer: str = element("Referentienummer", TEXT)
    conversatie_referentienummer: str = element("ConversatieReferentienummer", TEXT)
    module: str = element("Module", TEXT)
    versie: str = element("Versie", TEXT)
    berichttype: str = element("Berichttype", TEXT)
    ontvanger: str = element("Ontvanger", TEXT)


@group
class Statusmelding(Message):
    """Melding van het knooppunt aan de afzender van een bericht dat niet is opgehaald of niet is bevestigd: het is
    verwijderd. Bevestigt de ontvanger daarna alsnog, dan volgt een tweede melding die de eerste verbetert."""

    ELEMENT: ClassVar[str] = "Statusmelding"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Knooppunt:1.1"
    MODULE: ClassVar[str] = "Knooppunt"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    bericht: BezorgdBericht = element("Bericht", BezorgdBericht)
    toestand: Toestand = element("Toestand", Toestand)
    aangenomen_op: datetime = element("AangenomenOp", MOMENT)
    aangeboden_op: datetime | None = element("AangebodenOp", MOMENT, default=None)
    verlopen_op: datetime = element("VerlopenOp", MOMENT)
    bevestigd_op: datetime | None = element("BevestigdOp", MOMENT, default=None)


@group
class AdresboekVerzoek(Message):
    """Vraag van een deelnemer aan het knooppunt om het adresboek van nu."""

    ELEMENT: ClassVar[str] = "AdresboekVerzoek"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Knooppunt:1.1"
    MODULE: ClassVar[str] = "Knooppunt"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)


@group
class Adresboek(Message):
    """Antwoord van het knooppunt: het adresboek reist als eigen deel mee, ondertekend met een sleutel die nergens
    anders voor dient. Wat hier staat, staat ook in dat bestand; alleen het bestand telt."""

    ELEMENT: ClassVar[str] = "Adresboek"
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Knooppunt:1.1"
    MODULE: ClassVar[str] = "Knooppunt"
    VERSION: ClassVar[str] = "1.1"

    stuurgegevens: StuurgegevensAdresboek = element("Stuurgegevens", StuurgegevensAdresboek)
    volgnummer: int = element("Volgnummer", INTEGER)
    uitgegeven: datetime = element("Uitgegeven", MOMENT)
    geldig_tot: datetime = element("GeldigTot", MOMENT)
