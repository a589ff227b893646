"""The descriptions of all message types as octets, each made when it is first asked for and kept."""

from __future__ import annotations

import json
from collections.abc import Iterator

from xsd.catalogue import Catalogue, Module
from xsd.forms.description import form_description
from xsd.forms.words import FormFault, words_of


class Descriptions:
    """The forms of one catalogue. A description names nothing but the catalogue's, so it may be cached by anybody."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._made: dict[tuple[str, str, str], bytes] = {}

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


def form_faults(module: Module) -> Iterator[str]:
    """What is wrong with the words of a module version, which nothing else reads before somebody asks for a form."""
    try:
        words_of(module.folder)
    except FormFault as fault:
        yield from fault.complaints
