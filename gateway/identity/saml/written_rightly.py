"""Holding what we write for the broker against its schema before it leaves: an operator types names and addresses.

The schemas beside this module describe what we write and no more, so whatever the scheme forbids us is not in them.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import as_file, files
from typing import Final, Literal

from lxml import etree

from gateway.identity.saml.walking import parsed

Written = Literal["metadata", "catalogue"]
_FOLDER: Final = files("gateway.identity.saml").joinpath("schemas")
_ELEMENT: Final = re.compile(r"Element '(?:\{[^}]*\})?([^']+)'")


class NotAsWritten(ValueError):
    """What was made is not what its schema wants; the text names the element, for the operator."""


def held(octets: bytes, kind: Written) -> bytes:
    """The same octets, when they are valid; `NotAsWritten`."""
    schema = _schema(kind)
    if not schema.validate(parsed(octets)):
        named = _ELEMENT.search(str(schema.error_log))
        raise NotAsWritten(f"{named[1] if named else kind} in the {kind} would not be of its form")
    return octets


@cache
def _schema(kind: Written) -> etree.XMLSchema:
    with as_file(_FOLDER) as folder:
        return etree.XMLSchema(etree.parse(folder / f"{kind}.xsd"))
