"""What people call an organisation, as names of files and commands have it."""

from __future__ import annotations

import re
import unicodedata


def slug_of(name: str) -> str:
    """The name in small letters a to z, digits and single dashes; never empty."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "organisation"
