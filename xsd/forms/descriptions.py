"""The descriptions of all message types as octets, and the schemas they belong to, each made when it is first asked for
and kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from lxml import etree

from xsd.catalogue import Catalogue, Module
from xsd.forms.description import form_description
from xsd.forms.list_files import ListFault
from xsd.forms.lists import list_faults, list_tables
from xsd.forms.values import Json
from xsd.forms.words import FormFault
from xsd.schema_files import XS


class Descriptions:
    """The forms of one catalogue. A description names nothing but the catalogue's, so it may be cached by anybody."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._made: dict[tuple[str, str, str], bytes] = {}
        self._schemas: dict[tuple[str, str], bytes] = {}
        self._lists: dict[tuple[str, str], Mapping[str, Json]] = {}

    def octets(self, module: str, version: str, name: str) -> bytes | None:
        """One description as JSON in UTF-8, or None where there is no such message."""
        key = (module, version, name)
        if key not in self._made:
            message_type = self._catalogue.message(*key)
            if message_type is None:
                return None
            text = json.dumps(form_description(message_type), ensure_ascii=False, separators=(",", ":"))
            self._made[key] = text.encode()
        return self._made[key]

    def lists(self, module: str, version: str) -> Mapping[str, Json]:
        """The tables of columns of a module version by message type; none where there is no such version, or its file
        cannot be used.
        """
        key = (module, version)
        if key not in self._lists:
            found = self._catalogue.module(*key)
            try:
                self._lists[key] = {} if found is None else list_tables(found)
            except (ListFault, FormFault):
                self._lists[key] = {}
        return self._lists[key]

    def schema(self, module: str, version: str) -> bytes | None:
        """The schema of a module version as JSON: `schema`, and `included` by the place that it includes it from; None
        where there is no such version.
        """
        key = (module, version)
        if key not in self._schemas:
            found = self._catalogue.module(*key)
            if found is None:
                return None
            root, *others = (each for each in found.messages[0].schema.documents)
            places = [each.get("schemaLocation", "") for each in root.iterchildren(f"{XS}include")]
            texts = [etree.tostring(each, encoding="unicode") for each in (root, *others)]
            written = {"schema": texts[0], "included": dict(zip(places, texts[1:], strict=True))}
            self._schemas[key] = json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode()
        return self._schemas[key]


def form_faults(module: Module) -> Iterator[str]:
    """What keeps a module version from having its forms and lists, found by nothing else before one is asked for."""
    told: set[str] = set()
    for message_type in module.messages:
        try:
            form_description(message_type)
        except FormFault as fault:
            told.update(fault.complaints)
    yield from sorted(told)
    yield from list_faults(module)
