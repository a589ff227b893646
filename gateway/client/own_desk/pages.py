"""Pages of the installed package, made of what the portal says in JSON: the frame's words, the view's values.

SECURITY: templates escape whatever they show, and what does not fit them is `Strange`: half a page is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from jinja2 import TemplateError

from gateway.client.own_desk.upstream import SaidByPortal, Strange
from gateway.desk_files import FOLDER, DeskFiles
from gateway.pages.rendering import Renderer
from gateway.pages.served import Served
from gateway.pages.texts import LANGUAGES, Texts, read_texts

_NUMBER: Final = re.compile(r"[A-Z2-7]{8}")
_UNKNOWN: Final = "error.portal_strange"


class Pages:
    """The pages of one edition of the desk's files."""

    def __init__(self, files: DeskFiles) -> None:
        self.served = Served.of(files)
        self._renderer = Renderer(self.served)
        self._texts = read_texts(FOLDER / "texts")

    def texts(self, language: str) -> Texts:
        """The texts of a language."""
        return self._texts[language]

    def page(self, template: str, here: str, said: SaidByPortal, language: str) -> bytes:
        """The page of a view with its frame."""
        document = said.document
        if not isinstance(document, dict) or not isinstance(document.get("frame"), dict) or "view" not in document:
            raise Strange("no view in its frame")
        frame, texts = document["frame"], self.texts(language)
        offered = frame.get("languages")
        known = [each for each in LANGUAGES if isinstance(offered, list) and each in offered]
        shown = {**frame, "here": here, "languages": known}
        try:
            return self._renderer.page(template, texts, frame=shown, view=document["view"])
        except (TemplateError, LookupError, TypeError, ValueError, AttributeError) as fault:
            raise Strange(f"a view that its page cannot show: {type(fault).__name__}") from None

    def error(self, status: int, text: str, language: str, *, number: str = "") -> bytes:
        """The page that says what went wrong, which needs nothing of the portal."""
        texts = self.texts(language)
        frame = {"languages": (), "here": "", "helpdesk": "", "notice": None, "visitor": None}
        view = {"status": status, "error": text, "text": texts(text), "number": number}
        return self._renderer.page("error.html.j2", texts, frame=frame, view=view)

    def refusal(self, said: SaidByPortal, language: str) -> bytes:
        """The portal's no, in our words where it is one that we know."""
        document: Mapping[str, Any] = said.document if isinstance(said.document, dict) else {}
        key, number = str(document.get("error", "")), str(document.get("number", ""))
        is_known = key.partition(".")[0] == "error" and key in self.texts(language).by_key
        shown = number if _NUMBER.fullmatch(number) else ""
        return self.error(said.status, key if is_known else _UNKNOWN, language, number=shown)
