"""Module Waarborgfonds saneringskredieten, versie 1.0: borgstelling voor saneringskredieten. Geen bericht bevat
gegevens over een klant.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from xsd.generated.common_1_0 import Stuurgegevens, StuurgegevensAntwoord, StuurgegevensMelding
from xsd.generated.waarborgfonds_1_0 import (
    AanvraagBorgstelling,
    AanvraagOvername,
    BeeindigingBorgstelling,
    Foutbericht,
    Gebeurtenis,
    Krediet,
    Kredietbedragen,
    RegistreerVoorbeoordeling,
    SoortGebeurtenis,
    SoortLening,
    UitbetalingBorgstelling,
    VerwerkSaneringskredietenInformatie,
    VerzoekSaneringskredietenInformatie,
)

__all__ = [
    "AanvraagBorgstelling",
    "AanvraagOvername",
    "BeeindigingBorgstelling",
    "Foutbericht",
    "Gebeurtenis",
    "Krediet",
    "Kredietbedragen",
    "RegistreerVoorbeoordeling",
    "SoortGebeurtenis",
    "SoortLening",
    "Stuurgegevens",
    "StuurgegevensAntwoord",
    "StuurgegevensMelding",
    "UitbetalingBorgstelling",
    "VerwerkSaneringskredietenInformatie",
    "VerzoekSaneringskredietenInformatie",
]
