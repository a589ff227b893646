"""Each unit of an envelope that is refused as a whole is told so, by an eb:Error of its own (ebMS3 Core 6.2).

What makes a header unreadable, or a bundle one that nobody may send, refuses every unit in it before anything of them
is judged. Errors are left out, for no error answers an error (X05), and so are signals of kinds that are unknown here.

SECURITY: of octets that nobody vouches for. The answer names at most 50 units and says how many more there are; an id
is repeated only where that is safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crypto.elements import Element
from gateway.ebms import names, texts
from gateway.ebms.consistency import is_readable_id
from gateway.ebms.errors import MOST_ENTRIES, EbmsError, InvalidHeader, InvalidReceipt

_USER_MESSAGE: Final = f"{{{names.EB}}}UserMessage"
_SIGNAL_MESSAGE: Final = f"{{{names.EB}}}SignalMessage"
_ANSWERABLE: Final = frozenset({_USER_MESSAGE, f"{{{names.EB}}}PullRequest", f"{{{names.EB}}}Receipt"})
_ERROR: Final = f"{{{names.EB}}}Error"
_MESSAGE_ID: Final = f"{{{names.EB}}}MessageInfo/{{{names.EB}}}MessageId"


def refuse_each(messaging: Element, fault: EbmsError) -> EbmsError:
    """`fault`, which relates to one unit of `messaging`, and beside it what refuses every other unit for it."""
    others = [each for each in dict(_units(messaging)).items() if each[0] != fault.ref_to_message_id]
    fits = len(others) < MOST_ENTRIES
    beside: EbmsError | None = None
    if not fits:
        left_out = len(others) - (MOST_ENTRIES - 2)
        others = others[: MOST_ENTRIES - 2]
        beside = type(fault)(texts.more_units(left_out), f"{left_out} units more")
    for message_id, kind in reversed(others):
        beside = _for_another(fault, kind).about(message_id).with_beside(beside)
    return fault.with_beside(beside)


def count_errors(messaging: Element) -> int:
    """How many signals of a header carry an error."""
    return sum(1 for each in messaging.iterchildren(_SIGNAL_MESSAGE) if each.find(_ERROR) is not None)


def _for_another(fault: EbmsError, kind: str) -> EbmsError:
    if isinstance(fault, InvalidReceipt) and kind != f"{{{names.EB}}}Receipt":
        return InvalidHeader(detail="with a receipt that cannot be read")
    return type(fault)(fault.public, "with what was refused")


def _units(messaging: Element) -> Iterator[tuple[str, str]]:
    """The id and the kind of each unit that an error may answer; two of one id are told as one."""
    for unit in messaging.iterchildren(_USER_MESSAGE, _SIGNAL_MESSAGE):
        kinds = {_USER_MESSAGE} if unit.tag == _USER_MESSAGE else {str(each.tag) for each in unit.iterchildren("*")}
        found = unit.findall(_MESSAGE_ID)
        if _ERROR in kinds or not kinds & _ANSWERABLE or len(found) != 1 or len(found[0]):
            continue
        if is_readable_id(found[0].text or ""):
            yield found[0].text or "", min(kinds & _ANSWERABLE)
