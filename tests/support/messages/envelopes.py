"""Random envelopes for properties: nested elements with prefixes, default namespaces, attributes and awkward text."""

from __future__ import annotations

from hypothesis import strategies as st
from support.messages.signed_messages import EB

from crypto import names

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=8)
_NAMESPACES = ("", "urn:a", "urn:b", EB, names.WSU)
_PREFIXES = ("", "a", "b", "eb")


def _escaped(text: str) -> str:
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&#34;"), ("'", "&apos;")):
        text = text.replace(character, entity)
    return text


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    """One element that declares what it uses, and sometimes more than it uses."""
    prefix = draw(st.sampled_from(_PREFIXES))
    namespace = draw(st.sampled_from(_NAMESPACES if not prefix else _NAMESPACES[1:]))
    declaration = f' xmlns:{prefix}="{namespace}"' if prefix else f' xmlns="{namespace}"'
    unused = draw(st.sampled_from(["", ' xmlns:unused="urn:u"', ' xmlns:z="urn:a"']))
    attribute = draw(st.sampled_from(["", " b='{}'", ' z:c="{}" xmlns:z="urn:z"', '\n xml:lang="{}"']))
    if "xmlns:z" in unused and "xmlns:z" in attribute:
        unused = ""
    inside = draw(st.lists(elements(depth - 1) if depth else _TEXT.map(_escaped), max_size=2))
    text = _escaped(draw(_TEXT))
    comment = draw(st.sampled_from(["", "<!-- seen by nobody -->"]))
    name = f"{prefix}:x" if prefix else "x"
    written = attribute.format(_escaped(draw(_TEXT)))
    return f"<{name}{declaration}{unused}{written}>{text}{comment}{''.join(inside)}</{name}>"


@st.composite
def envelopes(draw: st.DrawFn) -> str:
    """A SOAP envelope with any content in eb:Messaging and sometimes in the Body."""
    s12 = draw(st.sampled_from(["S12", "soap", "env"]))
    extra = draw(st.sampled_from(["", ' xmlns:xsi="urn:xsi"', ' xmlns="urn:default"', ' xmlns:eb3="urn:other"']))
    messaging = "".join(draw(st.lists(elements(), max_size=3)))
    body = draw(st.one_of(st.just(""), elements()))
    return (
        f'<{s12}:Envelope xmlns:{s12}="{names.S12}" xmlns:wsu="{names.WSU}"{extra}><{s12}:Header>'
        f'<eb:Messaging xmlns:eb="{EB}" {s12}:mustUnderstand="true">{messaging}</eb:Messaging></{s12}:Header>\n'
        f"<{s12}:Body>{body}</{s12}:Body></{s12}:Envelope>"
    )


PREFIX_LISTS = st.lists(
    st.sampled_from(["#default", "eb", "xsi", "a", "S12", "wsu", "absent"]), max_size=4, unique=True
)
