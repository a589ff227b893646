"""Module Meldingen bewindvoering, versie 1.0: begin, wijziging en einde van bewind, curatele of Wsnp.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from xsd.generated.common_2_0 import (
    AanduidingBijHuisnummer,
    Adres,
    Bijlage,
    Bijlagesoort,
    Contactpersoon,
    Geslacht,
    Kantoor,
    Mediatype,
    Persoon,
    Stuurgegevens,
    StuurgegevensAntwoord,
    StuurgegevensMetBijlagen,
)
from xsd.generated.meldingen_bewindvoering_1_0 import (
    Maatregel,
    MeldingAntwoord,
    MeldingBewindEinde,
    MeldingBewindStart,
    MeldingBewindWijziging,
    RedenEindeBewind,
)

__all__ = [
    "AanduidingBijHuisnummer",
    "Adres",
    "Bijlage",
    "Bijlagesoort",
    "Contactpersoon",
    "Geslacht",
    "Kantoor",
    "Maatregel",
    "Mediatype",
    "MeldingAntwoord",
    "MeldingBewindEinde",
    "MeldingBewindStart",
    "MeldingBewindWijziging",
    "Persoon",
    "RedenEindeBewind",
    "Stuurgegevens",
    "StuurgegevensAntwoord",
    "StuurgegevensMetBijlagen",
]
