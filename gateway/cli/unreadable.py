"""What is said of a file that is no XML document: the sentence of a check, and not the words of a library."""

from __future__ import annotations

from pathlib import Path

from xsd.checking.violations import unreadable
from xsd.document import DocumentFault


def unreadable_said(file: Path, fault: DocumentFault) -> str:
    """One sentence, with the line where reading stopped if one can be named."""
    said = unreadable(fault.code, fault.line)
    where = f"line {said.line}, " if said.line else ""
    return f"{file}: {where}{said.code}: {said.en}"
