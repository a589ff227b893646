"""Pages made of views: jinja2 over the templates of `gateway/desk`, which escape whatever they show.

A template is given the view as plain values, the same that its twin sends as JSON, so whoever has twin and templates
has the page. What is undefined is a defect, and never an empty place.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gateway.desk_files import FOLDER
from gateway.pages.served import Served
from gateway.pages.texts import Texts


class Renderer:
    """The templates of one folder, compiled once."""

    def __init__(self, served: Served, folder: Path = FOLDER / "templates") -> None:
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals["files"] = served
        self._environment.globals["import_map"] = Markup(served.import_map.text)  # noqa: S704 - JSON that is ours
        self._environment.filters["segment"] = segment

    def page(self, template: str, texts: Texts, **values: object) -> bytes:
        """A page in that language."""
        found = self._environment.get_template(template)
        return found.render(t=texts, **{name: plain(value) for name, value in values.items()}).encode("utf-8")


def plain(value: Any) -> Any:
    """A view as values that JSON has: dataclasses as objects, moments as texts."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list, frozenset, set)):
        return [plain(each) for each in (sorted(value) if isinstance(value, (frozenset, set)) else value)]
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def as_json(view: object) -> bytes:
    """A view as its twin sends it."""
    return json.dumps(plain(view), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def segment(value: str) -> str:
    """A value as one piece of a path."""
    return quote(value, safe="")
