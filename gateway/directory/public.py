"""The public list of participants: two pages and a JSON document of the same, as octets that are made once and kept.

It tells name, units, kind and modules, and neither party ids nor certificates: who takes part may ask for those. The
pages are plain: one stylesheet, no script, nothing from elsewhere.

SECURITY: names come from organisations' files; each goes through `html.escape`. A header forbids a browser to load or
run anything for these pages but that stylesheet.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from gateway.directory.model import Entry, ListedVersion

DUTCH_PATH: Final = "/deelnemers"
ENGLISH_PATH: Final = "/participants"
JSON_PATH: Final = "/deelnemers.json"
STYLE_PATH: Final = "/deelnemers.css"
_HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """The octets of one page, their type, and what tells them from others (an entity tag, RFC 9110 8.8.3)."""

    octets: bytes
    content_type: str
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What a page says in one language."""

    language: str
    other: str  # the page in the other language, by its path and its name
    other_name: str
    title: str
    lead: str
    columns: tuple[str, str, str]
    kinds: Mapping[str, str]
    begins: str
    ends: str
    unit: str
    nobody: str


_DUTCH: Final = _Words(
    language="nl",
    other=ENGLISH_PATH,
    other_name="English",
    title="Deelnemers",
    lead="Wie via dit knooppunt berichten uitwisselt, en in welke modules.",
    columns=("Naam", "Soort", "Modules"),
    kinds=MappingProxyType(
        {
            "schuldeiser": "schuldeiser",
            "shv-fase-1": "schuldhulpverlening: intake en stabilisatie",
            "shv-fase-2": "schuldhulpverlening: schuldregeling",
            "shv-overig": "andere schuldhulpverlening",
            "bewindvoerder": "bewindvoerder",
            "kredietbank": "kredietbank",
            "waarborgfonds": "waarborgfonds",
        }
    ),
    begins="vanaf",
    ends="tot en met",
    unit="eenheid van",
    nobody="Er staat niemand in de lijst.",
)
_ENGLISH: Final = _Words(
    language="en",
    other=DUTCH_PATH,
    other_name="Nederlands",
    title="Participants",
    lead="Who exchanges messages through this hub, and in which modules.",
    columns=("Name", "Kind", "Modules"),
    kinds=MappingProxyType(
        {
            "schuldeiser": "creditor",
            "shv-fase-1": "debt assistance: intake and stabilisation",
            "shv-fase-2": "debt assistance: debt arrangement",
            "shv-overig": "other debt assistance",
            "bewindvoerder": "administrator",
            "kredietbank": "credit bank",
            "waarborgfonds": "guarantee fund",
        }
    ),
    begins="from",
    ends="until",
    unit="unit of",
    nobody="Nobody is in the list.",
)


def public_pages(hub: str, entries: Sequence[Entry]) -> Mapping[str, PublicPage]:
    """The pages and their stylesheet by their paths; `hub` is what people call it."""
    ordered = sorted(entries, key=_place)
    return MappingProxyType(
        {
            DUTCH_PATH: _page(_html(_DUTCH, hub, ordered), _HTML),
            ENGLISH_PATH: _page(_html(_ENGLISH, hub, ordered), _HTML),
            JSON_PATH: _page(_json(hub, ordered), "application/json"),
            STYLE_PATH: _page(_style(), "text/css; charset=utf-8"),
        }
    )


def _place(entry: Entry) -> tuple[str, bool, str]:
    """By name, units after their organisation."""
    group = entry.name if entry.unit_of is None else entry.unit_of[0]
    return group.casefold(), entry.unit_of is not None, entry.name.casefold()


@cache
def _style() -> str:
    return files("gateway.directory").joinpath("public.css").read_text("utf-8")


def _page(text: str, content_type: str) -> PublicPage:
    octets = text.encode("utf-8")
    return PublicPage(octets=octets, content_type=content_type, tag=f'"{hashlib.sha256(octets).hexdigest()[:32]}"')


def _html(words: _Words, hub: str, entries: Sequence[Entry]) -> str:
    title = f"{words.title}: {escape(hub)}"
    other = f'<a href="{words.other}" hreflang="{_OTHERS[words.language]}" lang="{_OTHERS[words.language]}">'
    heads = "".join(f'<th scope="col">{each}</th>' for each in words.columns)
    rows = "\n".join(_row(words, each) for each in entries)
    table = f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    return (
        f'<!DOCTYPE html>\n<html lang="{words.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="stylesheet" href="{STYLE_PATH}">\n<title>{title}</title>\n</head>\n<body>\n'
        f"<header>\n<h1>{title}</h1>\n<p>{words.lead}</p>\n"
        f'<p>{other}{words.other_name}</a> · <a href="{JSON_PATH}">JSON</a></p>\n</header>\n<main>\n'
        f"{table if entries else f'<p>{words.nobody}</p>'}\n</main>\n</body>\n</html>\n"
    )


_OTHERS: Final = {"nl": "en", "en": "nl"}
_BY_LANGUAGE: Final = {each.language: each for each in (_DUTCH, _ENGLISH)}


def _row(words: _Words, entry: Entry) -> str:
    name = escape(entry.name)
    if entry.unit_of is not None:
        name += f" ({words.unit} {escape(entry.unit_of[0])})"
    kinds, modules = _kinds(words.language, entry.roles), _modules(words.language, entry.versions)
    return f'<tr><th scope="row">{name}</th><td>{kinds}</td><td>{modules}</td></tr>'


@lru_cache(maxsize=1024)  # thousands of entries have the same
def _kinds(language: str, roles: tuple[str, ...]) -> str:
    return _listed(_BY_LANGUAGE[language].kinds.get(each, each) for each in roles)


@lru_cache(maxsize=1024)
def _modules(language: str, versions: tuple[ListedVersion, ...]) -> str:
    return _listed(_told(_BY_LANGUAGE[language], versions))


def _listed(sentences: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in sentences)}</ul>"


def _told(words: _Words, versions: Iterable[ListedVersion]) -> Iterator[str]:
    for each in versions:
        begins = "" if each.begins is None else f" {words.begins} {each.begins.isoformat()}"
        ends = "" if each.ends is None else f" {words.ends} {each.ends.isoformat()}"
        yield f"{each.module} {each.version}{begins}{ends}"


def _json(hub: str, entries: Sequence[Entry]) -> str:
    """One participant a line; not indented, for that is what takes long of thousands."""
    told = ",\n".join(map(_participant, entries))
    return f'{{"hub": {_written(hub)},\n"participants": [\n{told}\n]}}\n'


def _participant(entry: Entry) -> str:
    unit_of = None if entry.unit_of is None else entry.unit_of[0]
    modules = _modules_for_programs(entry.versions)
    head = f'{{"name": {_written(entry.name)}, "unit_of": {_written(unit_of)}'
    return f'{head}, "kinds": {_written(entry.roles)}, "modules": {modules}}}'


@lru_cache(maxsize=1024)
def _modules_for_programs(versions: tuple[ListedVersion, ...]) -> str:
    return _written(
        [
            {
                "name": one.module,
                "version": one.version,
                "from": None if one.begins is None else one.begins.isoformat(),
                "until": None if one.ends is None else one.ends.isoformat(),
            }
            for one in versions
        ]
    )


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
