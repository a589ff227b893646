"""Berichten van het knooppunt zelf, versie 1.1. Zij gaan over de bezorging en over de deelnemers, en bevatten geen
gegevens over een klant.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from xsd.generated.common_2_0 import Bijlage, Bijlagesoort, Mediatype, Stuurgegevens
from xsd.generated.knooppunt_1_1 import (
    Adresboek,
    AdresboekBijlage,
    AdresboekBijlagen,
    AdresboekMediatype,
    AdresboekSoort,
    AdresboekVerzoek,
    BezorgdBericht,
    Statusmelding,
    StuurgegevensAdresboek,
    Toestand,
)

__all__ = [
    "Adresboek",
    "AdresboekBijlage",
    "AdresboekBijlagen",
    "AdresboekMediatype",
    "AdresboekSoort",
    "AdresboekVerzoek",
    "BezorgdBericht",
    "Bijlage",
    "Bijlagesoort",
    "Mediatype",
    "Statusmelding",
    "Stuurgegevens",
    "StuurgegevensAdresboek",
    "Toestand",
]
