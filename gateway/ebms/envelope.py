"""Where everything stands in a SOAP 1.2 envelope with an ebMS header.

The envelope has one shape: a Header, after it a Body; in the Header exactly one eb:Messaging, at most one wsse:Security
for us, and a second one with the role "ebms" that may carry a token for authorization (ebMS3 Core 5.2, 7.10). Elements
are taken from these positions and from nowhere else. What stands inside eb:Messaging is left to `gateway.ebms.read`,
what stands inside wsse:Security to `crypto`.

SECURITY: everything later (header values, signature, body) is handed the elements found here, so that a copy elsewhere
in the document can never be what is read while another is what is verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crypto.blanks import collapsed, trimmed
from crypto.elements import Element, child_elements
from crypto.names import ENCRYPTED_DATA, MUST_UNDERSTAND, SECURITY
from gateway.ebms import names, texts
from gateway.ebms.errors import FeatureNotSupported, InvalidHeader, PolicyNoncompliance
from gateway.ebms.faults import MustUnderstand, VersionMismatch

_ENVELOPE: Final = f"{{{names.SOAP12}}}Envelope"
_HEADER: Final = f"{{{names.SOAP12}}}Header"
_BODY: Final = f"{{{names.SOAP12}}}Body"
_ROLE: Final = f"{{{names.SOAP12}}}role"
_MESSAGING: Final = f"{{{names.EB}}}Messaging"
_FRAGMENT: Final = f"{{{names.MESSAGE_FRAGMENT}}}MessageFragment"

# The roles of a block that is for us; an absent role is that of the ultimate receiver (SOAP 1.2 2.2).
OUR_ROLES: Final = frozenset({None, names.ROLE_NEXT, names.ROLE_ULTIMATE_RECEIVER})
# Comments count as well. Messages in use have two to five blocks.
MOST_HEADER_BLOCKS: Final = 64
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """The elements of one envelope; `security` is the wsse:Security that is for us."""

    messaging: Element
    body: Element
    security: Element | None

    @property
    def body_has_content(self) -> bool:
        """Whether the Body holds anything besides blanks and comments."""
        return has_content(self.body)


def locate(root: Element) -> Positions:
    """Find the fixed positions of an envelope.

    Raises VersionMismatch or MustUnderstand (SOAP faults), InvalidHeader for a wrong structure, PolicyNoncompliance for
    a second security header of one role and for an encrypted eb:Messaging, FeatureNotSupported for a fragment of a
    split message. An eb:Messaging without mustUnderstand is found all the same (ebMS3 Core 5.2.1; several products
    leave it out).
    """
    if root.tag != _ENVELOPE:
        raise VersionMismatch("the document element is not a SOAP 1.2 Envelope")
    if len(root) > MOST_HEADER_BLOCKS:
        raise InvalidHeader(texts.ENVELOPE_STRUCTURE, f"the Envelope holds {len(root)} elements and comments")
    children = child_elements(root)
    if [each.tag for each in children] != [_HEADER, _BODY] or _has_text(root):
        raise InvalidHeader(texts.ENVELOPE_STRUCTURE, "the Envelope does not hold exactly Header and Body")
    header, body = children
    if len(header) > MOST_HEADER_BLOCKS:
        raise InvalidHeader(texts.TOO_MANY_BLOCKS, f"the Header holds more than {MOST_HEADER_BLOCKS} blocks")
    blocks = child_elements(header)
    for block in blocks:
        _refuse_unknown(block)
    if any(block.tag == _FRAGMENT for block in blocks):
        raise FeatureNotSupported(texts.FRAGMENT, "the Header holds a MessageFragment")
    _refuse_encrypted(blocks)
    messaging = _only_messaging(blocks)
    security = _only_security(blocks, OUR_ROLES)
    _only_security(blocks, frozenset({names.ROLE_EBMS}))
    return Positions(messaging=messaging, body=body, security=security)


def glimpsed_messaging(root: Element) -> Element | None:
    """The one eb:Messaging of an envelope whose shape may be wrong, for what an error may say that it is about; None
    where there is another, wherever it stands, because two readers could mean two messages.
    """
    if root.tag != _ENVELOPE:
        return None
    found = list(root.iter(_MESSAGING))
    headers = list(root.iterchildren(_HEADER))
    return found[0] if len(found) == 1 and found[0].getparent() in headers else None


def must_understand(block: Element) -> bool:
    """The mustUnderstand attribute of a header block."""
    written = block.get(MUST_UNDERSTAND, "false")
    value = _BOOLEANS.get(collapsed(written))
    if value is None:
        raise InvalidHeader(detail="mustUnderstand is not a boolean")
    return value


def has_content(body: Element) -> bool:
    """Whether a SOAP Body holds elements or text."""
    return next(body.iterchildren("*"), None) is not None or _has_text(body)


def _refuse_unknown(block: Element) -> None:
    known = block.tag in (_MESSAGING, _FRAGMENT, SECURITY)
    if must_understand(block) and not known and block.get(_ROLE) in OUR_ROLES:
        raise MustUnderstand("a header block that must be understood is not known")


def _refuse_encrypted(blocks: list[Element]) -> None:
    """eb:Messaging and what stands in it may not be encrypted (AS4 5.1.6), and no key is used to find out."""
    for block in blocks:
        if block.tag in (_MESSAGING, ENCRYPTED_DATA) and next(block.iter(ENCRYPTED_DATA), None) is not None:
            raise PolicyNoncompliance(detail="eb:Messaging is encrypted")


def _only_messaging(blocks: list[Element]) -> Element:
    found = [block for block in blocks if block.tag == _MESSAGING]
    if len(found) != 1:
        raise InvalidHeader(texts.NO_MESSAGING, f"the Header holds {len(found)} eb:Messaging")
    if found[0].get(_ROLE) not in OUR_ROLES | {names.ROLE_NEXT_MSH}:
        raise InvalidHeader(texts.NO_MESSAGING, "eb:Messaging is addressed to another node")
    return found[0]


def _only_security(blocks: list[Element], roles: frozenset[str | None] | frozenset[str]) -> Element | None:
    found = [block for block in blocks if block.tag == SECURITY and block.get(_ROLE) in roles]
    if len(found) > 1:
        raise PolicyNoncompliance(detail="two wsse:Security headers have the same role")
    return found[0] if found else None


def _has_text(parent: Element) -> bool:
    texts_between = [parent.text, *(child.tail for child in parent)]
    return any(each and trimmed(each) for each in texts_between)
