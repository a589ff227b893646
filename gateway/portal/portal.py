"""What the handlers of the portal work with: made once by the wiring, and never changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.events import EventLog
from gateway.msh.hub import Hub
from gateway.pages.rendering import Renderer
from gateway.pages.served import Served
from gateway.pages.texts import Texts
from gateway.portal.road import LoginRoad
from gateway.portal.type_words import TypeWords
from gateway.store.portal.interface import PortalStore
from xsd.forms.descriptions import Descriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalFacts:
    """What the settings say of the portal."""

    origin: str  # scheme, host and port, as browsers say it
    languages: tuple[str, ...]  # the first is that of who chose none
    helpdesk: str  # how to reach it, in words
    notice: str | None = None  # above all pages
    sends_mail: bool = False
    joining: bool = False  # whether a page takes requests to take part, from anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """One portal, beside one hub."""

    facts: PortalFacts
    hub: Hub
    store: PortalStore
    road: LoginRoad
    served: Served
    renderer: Renderer
    texts: Mapping[str, Texts]
    type_words: TypeWords
    forms: Descriptions
    random: Callable[[int], bytes]
    log: EventLog
