"""Berichten van het knooppunt zelf, versie 1.0. Zij gaan over de bezorging en bevatten geen gegevens over een klant.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from xsd.binding import MOMENT, TEXT, Message, element, group
from xsd.generated.common_2_0 import Stuurgegevens


class Toestand(StrEnum):
    """Wat er met een bericht is gebeurd."""

    # de termijn is voorbij; het bericht is verwijderd
    VERLOPEN = "Verlopen"
    # de ontvanger kan het bericht niet meer openen en liet het verwijderen
    VERLOPENOPVERZOEK = "VerlopenOpVerzoek"
    # de ontvanger heeft na afloop alsnog bevestigd dat hij het bericht heeft
    ALSNOGBEVESTIGD = "AlsnogBevestigd"


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
    NAMESPACE: ClassVar[str] = "urn:knooppunt:Knooppunt:1.0"
    MODULE: ClassVar[str] = "Knooppunt"
    VERSION: ClassVar[str] = "1.0"

    stuurgegevens: Stuurgegevens = element("Stuurgegevens", Stuurgegevens)
    bericht: BezorgdBericht = element("Bericht", BezorgdBericht)
    toestand: Toestand = element("Toestand", Toestand)
    aangenomen_op: datetime = element("AangenomenOp", MOMENT)
    aangeboden_op: datetime | None = element("AangebodenOp", MOMENT, default=None)
    verlopen_op: datetime = element("VerlopenOp", MOMENT)
    bevestigd_op: datetime | None = element("BevestigdOp", MOMENT, default=None)
