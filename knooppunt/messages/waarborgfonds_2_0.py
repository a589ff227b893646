"""Module Waarborgfonds saneringskredieten, versie 2.0: borgstelling voor saneringskredieten. Geen bericht bevat
gegevens over een klant.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from xsd.generated.common_2_0 import Stuurgegevens, StuurgegevensAntwoord, StuurgegevensMelding
from xsd.generated.waarborgfonds_2_0 import (
    AanvraagBorgstelling,
    AanvraagOvername,
    BeeindigingBorgstelling,
    BorgstellingCategorie,
    Foutbericht,
    Gebeurtenis,
    Krediet,
    Kredietbedragen,
    RegistreerVoorbeoordeling,
    SoortGebeurtenis,
    SoortLening,
    Statistiek,
    Statistiekcode,
    UitbetalingBorgstelling,
    VerwerkSaneringskredietenInformatie,
    VerzoekSaneringskredietenInformatie,
)

__all__ = [
    "AanvraagBorgstelling",
    "AanvraagOvername",
    "BeeindigingBorgstelling",
    "BorgstellingCategorie",
    "Foutbericht",
    "Gebeurtenis",
    "Krediet",
    "Kredietbedragen",
    "RegistreerVoorbeoordeling",
    "SoortGebeurtenis",
    "SoortLening",
    "Statistiek",
    "Statistiekcode",
    "Stuurgegevens",
    "StuurgegevensAntwoord",
    "StuurgegevensMelding",
    "UitbetalingBorgstelling",
    "VerwerkSaneringskredietenInformatie",
    "VerzoekSaneringskredietenInformatie",
]
