"""What is said of a file that is no XML document, and what to do about it: the sentence of a check, and not the words
of a library.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gateway.limits import PAYLOAD_LIMITS
from xsd.checking.violations import unreadable
from xsd.document import DocumentFault

_LESS: Final = "no message of a module needs so much: look at what made the document, and whether it is the right file"
_ENCODING: Final = "save it in the encoding that it declares; UTF-8 is best"
_UTF_8: Final = "save it in UTF-8, and declare that or no encoding at all"
_TAKE_OUT: Final = "take that out, and give plain XML of elements, attributes and text"
_STEPS: Final[Mapping[str, str]] = {
    "empty": "give a file with a document in it",
    "too-large": (
        f"give one of {PAYLOAD_LIMITS.octets} octets at most ({PAYLOAD_LIMITS.octets >> 20} MiB); large documents go"
        " along with a message, by `--attach` of `knooppunt push`"
    ),
    "compressed": "unpack it, and give the document itself",
    "depth": f"elements may be nested {PAYLOAD_LIMITS.depth} deep; {_LESS}",
    "elements": f"{PAYLOAD_LIMITS.elements} are allowed; {_LESS}",
    "attributes": (
        f"{PAYLOAD_LIMITS.attributes} are allowed on an element, and {PAYLOAD_LIMITS.attributes_in_all} in all; {_LESS}"
    ),
    "namespaces": f"{PAYLOAD_LIMITS.namespaces} declarations are allowed; {_LESS}",
    "text": (
        f"a text may have {PAYLOAD_LIMITS.text_octets} octets, and a name 50000; large documents go along with a"
        " message, by `--attach` of `knooppunt push`"
    ),
    **dict.fromkeys(("encoding", "charset", "nul"), _ENCODING),
    **dict.fromkeys(("byte-order-mark", "other-encoding"), _UTF_8),
    **dict.fromkeys(("doctype", "processing-instruction", "entity", "xinclude"), _TAKE_OUT),
}
_OTHERWISE: Final = (
    "give an XML document, in the encoding that it declares (UTF-8 is best) and without DOCTYPE; `knooppunt schema"
    " sample` makes one"
)


def unreadable_said(file: Path, fault: DocumentFault) -> str:
    """One sentence, with the line where reading stopped if one can be named."""
    said = unreadable(fault.code, fault.line)
    where = f"line {said.line}, " if said.line else ""
    return f"{file}: {where}{said.code}: {said.en}"


def mend_unreadable(fault: DocumentFault) -> str:
    """What to do about it, by what it is."""
    return _STEPS.get(fault.code, _OTHERWISE)
