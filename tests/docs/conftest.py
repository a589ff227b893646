"""Where the documents are, and the generator that stands among them."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

sys.path.append(str(ROOT / "docs"))
