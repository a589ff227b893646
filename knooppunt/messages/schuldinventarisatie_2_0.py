"""Module Schuldinventarisatie, versie 2.0: vragen naar openstaande vorderingen, los van een regeling.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from xsd.generated.common_2_0 import (
    AanduidingBijHuisnummer,
    Adres,
    Betaalgegevens,
    Bijlage,
    Bijlagesoort,
    Contactpersoon,
    GematchteVordering,
    Geslacht,
    GevraagdeVordering,
    Mediatype,
    OngematchteSchulden,
    OpenstaandeSchuld,
    OpenstaandeVordering,
    OvergedragenVordering,
    Persoon,
    RedenGeenMedewerking,
    Schuldtype,
    SoortSchuld,
    Stuurgegevens,
    StuurgegevensAntwoord,
    StuurgegevensMetBijlagen,
    Totaalvordering,
)
from xsd.generated.schuldinventarisatie_2_0 import GeenMedewerking, Saldoverzoek, SaldoverzoekAntwoord

__all__ = [
    "AanduidingBijHuisnummer",
    "Adres",
    "Betaalgegevens",
    "Bijlage",
    "Bijlagesoort",
    "Contactpersoon",
    "GeenMedewerking",
    "GematchteVordering",
    "Geslacht",
    "GevraagdeVordering",
    "Mediatype",
    "OngematchteSchulden",
    "OpenstaandeSchuld",
    "OpenstaandeVordering",
    "OvergedragenVordering",
    "Persoon",
    "RedenGeenMedewerking",
    "Saldoverzoek",
    "SaldoverzoekAntwoord",
    "Schuldtype",
    "SoortSchuld",
    "Stuurgegevens",
    "StuurgegevensAntwoord",
    "StuurgegevensMetBijlagen",
    "Totaalvordering",
]
