"""Exclusive XML Canonicalization without comments, the only canonicalization that Knooppunt signs or verifies.

SECURITY: inclusive canonicalization takes quadratic time on namespace declarations and is refused before it is run;
the prefix list is bounded for the same reason. Nodes are canonicalized where they stand, because moving one between
trees can change its namespace declarations.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from crypto import names
from crypto.blanks import words
from crypto.elements import Element, child_elements
from crypto.faults import FailedAuthentication
from crypto.forms import form_fault

MAX_PREFIXES = 16
_MAX_PREFIX_LIST_CHARACTERS = 1024
_DEFAULT = "#default"


def _make_default_known() -> None:
    """Puts `#default` into lxml's dictionary of names: lxml drops every prefix of a list that is not there.

    Names that XML does not allow can only be brought in as names of HTML. Each thread has a dictionary of its own over
    that of the main thread.
    """
    etree.HTMLParser().makeelement(_DEFAULT)


_make_default_known()


def canonical_octets(element: Element, prefixes: Sequence[str] = ()) -> bytes:
    """The element in exclusive canonical form; `prefixes` is the PrefixList, in which `#default` may stand."""
    if _DEFAULT in prefixes:
        _make_default_known()
    try:
        return etree.tostring(
            element,
            method="c14n",
            exclusive=True,
            with_comments=False,
            inclusive_ns_prefixes=list(prefixes) or None,
        )
    except (etree.LxmlError, ValueError):
        raise FailedAuthentication("an element has no canonical form") from None


def prefix_list_of(method: Element) -> tuple[str, ...]:
    """The PrefixList inside a CanonicalizationMethod or Transform; empty when there is none."""
    children = child_elements(method)
    if not children:
        return ()
    if len(children) > 1 or children[0].tag != names.INCLUSIVE_NAMESPACES or len(children[0]):
        raise form_fault("exclusive canonicalization has an unknown parameter")
    return read_prefix_list(children[0])


def read_prefix_list(inclusive_namespaces: Element) -> tuple[str, ...]:
    """The prefixes of an InclusiveNamespaces element (Exclusive XML Canonicalization 1.0 3, xs:NMTOKENS)."""
    written = inclusive_namespaces.get("PrefixList") or ""
    if len(written) > _MAX_PREFIX_LIST_CHARACTERS:
        raise form_fault("a PrefixList has more than {} characters", _MAX_PREFIX_LIST_CHARACTERS)
    prefixes = words(written)
    if len(prefixes) > MAX_PREFIXES:
        raise form_fault("a PrefixList has more than {} prefixes", MAX_PREFIXES)
    return prefixes
