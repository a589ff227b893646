"""What a message breaks: a stable code, a line, a path and a sentence in Dutch and in English.

SECURITY: a violation never holds a value of the message. Paths use names that the schema declares and positions; an
element the schema does not know is given by its position, so that a sender cannot make us repeat a name.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from lxml import etree

from xsd.checking.forms import FORMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken demand of a message. `line` counts from 1 and is 0 where the document gives none."""

    code: str
    line: int
    path: str
    nl: str
    en: str


# Codes of layer one: the part after XSD- is libxml2's own word, split where one word covers several faults.
SENTENCES: dict[str, tuple[str, str]] = {
    "XSD-ROOT": ("Het document is geen bericht van dit type.", "The document is not a message of this type."),
    "XSD-ELEMENT-MISSING": (
        "In dit element ontbreekt aan het eind een verplicht element.",
        "This element ends without a mandatory element.",
    ),
    "XSD-ELEMENT-UNEXPECTED": (
        "Dit element staat hier niet op zijn plaats: een verplicht element ervoor ontbreekt, de volgorde klopt niet,"
        " of het komt te vaak voor.",
        "This element is out of place: a mandatory element before it is missing, the order is wrong, or it occurs"
        " too often.",
    ),
    "XSD-ELEMENT-UNKNOWN": (
        "Op deze plaats staat een element dat het schema niet kent.",
        "The schema knows no element with the name of the one in this position.",
    ),
    "XSD-CVC-PATTERN-VALID": (
        "De waarde heeft niet de voorgeschreven vorm.",
        "The value does not have the prescribed form.",
    ),
    "XSD-CVC-ENUMERATION-VALID": (
        "De waarde is geen van de toegestane waarden.",
        "The value is none of the allowed values.",
    ),
    "XSD-CVC-MAXLENGTH-VALID": ("De waarde is te lang.", "The value is too long."),
    "XSD-CVC-MINLENGTH-VALID": ("De waarde is te kort.", "The value is too short."),
    "XSD-CVC-LENGTH-VALID": ("De waarde heeft niet de juiste lengte.", "The value does not have the right length."),
    "XSD-CVC-MININCLUSIVE-VALID": ("De waarde is te klein of te vroeg.", "The value is too small or too early."),
    "XSD-CVC-MINEXCLUSIVE-VALID": ("De waarde is te klein of te vroeg.", "The value is too small or too early."),
    "XSD-CVC-MAXINCLUSIVE-VALID": ("De waarde is te groot of te laat.", "The value is too large or too late."),
    "XSD-CVC-MAXEXCLUSIVE-VALID": ("De waarde is te groot of te laat.", "The value is too large or too late."),
    "XSD-CVC-TOTALDIGITS-VALID": ("Het getal heeft te veel cijfers.", "The number has too many digits."),
    "XSD-CVC-FRACTIONDIGITS-VALID": ("Het getal heeft te veel decimalen.", "The number has too many decimals."),
    "XSD-CVC-DATATYPE-VALID-1-2-1": (
        "De waarde is niet van de voorgeschreven soort.",
        "The value is not of the prescribed kind.",
    ),
    "XSD-CVC-TYPE-3-1-1": ("Dit element mag geen attributen hebben.", "This element may have no attributes."),
    "XSD-CVC-TYPE-3-1-2": ("Dit element mag geen elementen bevatten.", "This element may contain no elements."),
    "XSD-CVC-COMPLEX-TYPE-2-1": ("Dit element moet leeg zijn.", "This element must be empty."),
    "XSD-CVC-COMPLEX-TYPE-2-3": (
        "Tussen de elementen van dit element mag geen tekst staan.",
        "There may be no text between the elements of this element.",
    ),
    "XSD-CVC-COMPLEX-TYPE-3-2-1": ("Dit element mag dit attribuut niet hebben.", "This attribute is not allowed here."),
    "XSD-CVC-COMPLEX-TYPE-4": ("Een verplicht attribuut ontbreekt.", "A mandatory attribute is missing."),
    "XSD-CVC-ELT-3-1": ("Dit element mag niet nil zijn.", "This element may not be nil."),
    "XSD-CVC-ELT-4-3": ("Dit element mag geen ander type krijgen.", "This element may not be given another type."),
    "XSD-CVC-IDC": ("Deze waarde komt al eerder voor en moet uniek zijn.", "This value must be unique and is not."),
    "DOC-UNKNOWN-MESSAGE": (
        "Het hoofdelement is geen bericht van een module die hier bekend is.",
        "The root element is no message of a module that is known here.",
    ),
    "XSD-MORE": (
        "Er zijn meer fouten dan hier worden genoemd.",
        "There are more faults than are listed here.",
    ),
}
# Codes of xsd/document.py: a document that is not read at all.
UNREADABLE: dict[str, tuple[str, str]] = {
    "empty": ("Er is geen document.", "There is no document."),
    "too-large": ("Het document is te groot.", "The document is too large."),
    "compressed": ("Dit is een ingepakt bestand en geen XML.", "This is a compressed file and not XML."),
    "encoding": ("Het document is niet in UTF-8 of UTF-16.", "The document is not in UTF-8 or UTF-16."),
    "byte-order-mark": (
        "Het teken voor de bytevolgorde (BOM) klopt niet: een document in UTF-16 begint ermee, en verderop staat het"
        " nergens.",
        "The byte order mark (BOM) is wrong: a document in UTF-16 begins with one, and none stands further on.",
    ),
    "other-encoding": (
        "Het document, of wat erbij kwam, noemt een andere tekenset dan UTF-8 of UTF-16: sla het op in UTF-8, en zet"
        " dat in de XML-declaratie.",
        "The document, or what came with it, names another encoding than UTF-8 or UTF-16: save it in UTF-8, and say"
        " that in the XML declaration.",
    ),
    "charset": ("De opgaven van de tekenset spreken elkaar tegen.", "The statements of the character set disagree."),
    "declaration": (
        "De XML-declaratie klopt niet: zij staat helemaal vooraan, zonder spatie of regel ervoor, en noemt versie 1.0.",
        "The XML declaration is wrong: it is the very first thing, without a blank or line before it, and says 1.0.",
    ),
    "nul": ("Het document bevat een NUL-teken.", "The document holds a NUL character."),
    "doctype": ("Een documenttype (DOCTYPE) is niet toegestaan.", "A document type (DOCTYPE) is not allowed."),
    "processing-instruction": (
        "Een verwerkingsinstructie is niet toegestaan.",
        "A processing instruction is not allowed.",
    ),
    "entity": ("Een entiteit is niet toegestaan.", "An entity is not allowed."),
    "xinclude": ("XInclude is niet toegestaan.", "XInclude is not allowed."),
    "depth": ("De elementen zijn te diep genest.", "The elements are nested too deep."),
    "elements": ("Er zijn te veel elementen.", "There are too many elements."),
    "attributes": ("Er zijn te veel attributen.", "There are too many attributes."),
    "namespaces": ("Er zijn te veel namespaces.", "There are too many namespaces."),
    "text": (
        "Een tekst, waarde, naam of commentaar is te lang: neem dat uit het document, en stuur het als bijlage mee.",
        "A text, value, name or comment is too long: take it out of the document, and send it along as an attachment.",
    ),
    "not-well-formed": ("Dit is geen welgevormde XML.", "This is not well-formed XML."),
}
IMPOSSIBLE: dict[str, tuple[str, str]] = {
    "year": ("Het jaar 0000 bestaat niet.", "There is no year 0000."),
    "month": ("Deze maand bestaat niet: maanden gaan van 01 tot en met 12.", "No such month: months are 01 to 12."),
    "day": (
        "Deze dag komt in de kalender niet voor: 29 februari is er alleen in een schrikkeljaar, en niet elke maand"
        " heeft 31 dagen.",
        "The calendar does not have this day: 29 February is there in a leap year only, and not every month has 31"
        " days.",
    ),
    "time": (
        "Deze tijd bestaat niet: uren gaan van 00 tot en met 23, minuten en seconden van 00 tot en met 59.",
        "There is no such time: hours are 00 to 23, minutes and seconds 00 to 59.",
    ),
    "offset": (
        "Dit tijdverschil met UTC bestaat niet: het is ten hoogste 14:00. Schrijf het tijdstip in UTC, met Z.",
        "There is no such offset from UTC: 14:00 is the most. Write the moment in UTC, with Z.",
    ),
}
"""What is said of a date or moment that is written well and does not exist; in words that fit any, as no value is
repeated."""
_OTHER = ("Dit onderdeel voldoet niet aan het schema.", "This part does not conform to the schema.")


# What the schema wanted, in words, by the beginning of the code.
_HINTS: dict[str, tuple[str, str]] = {
    "XSD-ELEMENT-": ("Hier past: {}.", "Fitting here: {}."),
    "XSD-CVC-ENUMERATION-": ("Toegestaan: {}.", "Allowed: {}."),
    "XSD-CVC-DATATYPE-": ("Schrijf het als: {}.", "Write it as: {}."),
    "XSD-CVC-M": ("Grens: {}.", "Bound: {}."),
}


def sentences(code: str, wanted: Sequence[str] = ()) -> tuple[str, str]:
    """The Dutch and the English sentence of a code of layer one, or of a document that is not read; `wanted` is what
    the schema has in this place."""
    nl, en = SENTENCES.get(code) or UNREADABLE.get(code, _OTHER)
    if wanted and code == "XSD-CVC-PATTERN-VALID":
        form_nl, form_en = FORMS[wanted[0]]
        return f"{nl} Voorgeschreven: {form_nl}.", f"{en} Prescribed: {form_en}."
    for beginning, (hint_nl, hint_en) in _HINTS.items():
        if wanted and code.startswith(beginning):
            words = ", ".join(wanted)
            return f"{nl} {hint_nl.format(words)}", f"{en} {hint_en.format(words)}"
    return nl, en


def unreadable(code: str, line: int = 0) -> Violation:
    """What is said of a document that xsd/document.py refuses with this code, at this line."""
    nl, en = sentences(code)
    return Violation(code=f"DOC-{code.upper()}", line=line, path="/", nl=nl, en=en)


def line_of(element: etree._Element) -> int:
    """The line an element begins in, 0 when it was not read from text."""
    line = element.sourceline
    return line if isinstance(line, int) else 0


def readable_path(element: etree._Element, names: Container[str]) -> str:
    """`/Saldoverzoek/Vorderingen/Vordering[2]`: names of `names` (Clark notation) with a position where siblings share
    the name, and `*[position among all children]` for anything else."""
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        steps.append(_step(node, names))
        node = node.getparent()
    return "/" + "/".join(reversed(steps))


def _step(node: etree._Element, names: Container[str]) -> str:
    parent = node.getparent()
    if not isinstance(node.tag, str) or node.tag not in names:
        return "*" if parent is None else f"*[{1 + sum(1 for _ in node.itersiblings('*', preceding=True))}]"
    name = etree.QName(node).localname
    if parent is None:
        return name
    before = sum(1 for _ in node.itersiblings(node.tag, preceding=True))
    alone = before == 0 and next(node.itersiblings(node.tag), None) is None
    return name if alone else f"{name}[{before + 1}]"
