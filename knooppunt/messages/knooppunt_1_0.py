"""Berichten van het knooppunt zelf, versie 1.0. Zij gaan over de bezorging en bevatten geen gegevens over een klant.

Generated from the schemas by xsd.generating.classes; change those instead.
"""

from __future__ import annotations

from xsd.generated.common_2_0 import Stuurgegevens
from xsd.generated.knooppunt_1_0 import BezorgdBericht, Statusmelding, Toestand

__all__ = [
    "BezorgdBericht",
    "Statusmelding",
    "Stuurgegevens",
    "Toestand",
]
