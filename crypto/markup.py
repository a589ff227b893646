"""XML that we write ourselves, as text in exclusive canonical form: what is digested is what is sent.

Nothing has to be canonicalized to be signed, and a receiver that canonicalizes gets the same octets again. A writer
keeps to the form itself: a start and an end tag for an empty element, attributes in double quotes, declarations in the
order of their prefixes and before the attributes, attributes in the order of namespace and name, a prefix declared by
the outermost element that uses it. Values go through the two functions here. Clauses: Canonical XML 1.0 2.3, Exclusive
XML Canonicalization 1.0 3.

SECURITY: no value gets into a document but through these functions; what XML cannot hold is a ValueError.
"""

from __future__ import annotations

import re
from typing import Final

# What stands for itself in text and in attributes.
_PLAIN: Final = re.compile(r"[ !#-%'-;=?-~]*")
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(value: str) -> str:
    """A value as the text of an element."""
    if _PLAIN.fullmatch(value):
        return value
    _refuse_other_than_xml(value)
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def attribute(value: str) -> str:
    """A value as it stands between the quotes of an attribute."""
    if _PLAIN.fullmatch(value):
        return value
    _refuse_other_than_xml(value)
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return value.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")


def _refuse_other_than_xml(value: str) -> None:
    if _NOT_XML.search(value):
        raise ValueError("a value holds characters that XML does not allow")
