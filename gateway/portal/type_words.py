"""What a message type is called, in words of the module version it belongs to; its name where nobody wrote any.

The words are read when a type is first shown, and kept: they are a few small files a module version, and change with a
start.
"""

from __future__ import annotations

from xsd.catalogue import Catalogue
from xsd.forms.words import FormFault, words_of
from xsd.message_type import MessageType


class TypeWords:
    """The words of one catalogue's message types."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._said: dict[tuple[str, str], tuple[str, str]] = {}

    def label(self, service: str, action: str, language: str) -> str:
        """The words for a type, as its messages name it."""
        found = self._catalogue.find(service, action)
        if found is None:
            return action
        dutch, english = self._of(found)
        return english if language == "en" else dutch

    def _of(self, message_type: MessageType) -> tuple[str, str]:
        key = (message_type.service, message_type.name)
        if key not in self._said:
            try:
                label = words_of(message_type.folder).message(message_type.name)
                self._said[key] = (label.nl, label.en)
            except FormFault:
                self._said[key] = (message_type.name, message_type.name)
        return self._said[key]
