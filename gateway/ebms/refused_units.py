"""Each unit of an envelope that is refused as a whole is told so, by an eb:Error of its own (ebMS3 Core 6.2).

What makes a header unreadable, or a bundle one that nobody may send, refuses every unit in it before anything of them
is judged. A signal that is an error and nothing else is left out, for no error answers an error (X05), and so are
signals of kinds that are unknown here.

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
from gateway.ebms.read import read_message_id

_USER_MESSAGE: Final = f"{{{names.EB}}}UserMessage"
_SIGNAL_MESSAGE: Final = f"{{{names.EB}}}SignalMessage"
_RECEIPT: Final = f"{{{names.EB}}}Receipt"
_EACH_RECEIPT: Final = f"{_SIGNAL_MESSAGE}/{_RECEIPT}"
_ANSWERABLE: Final = frozenset({_USER_MESSAGE, f"{{{names.EB}}}PullRequest", _RECEIPT})
_ERROR: Final = f"{{{names.EB}}}Error"
_MESSAGE_ID: Final = f"{{{names.EB}}}MessageInfo/{{{names.EB}}}MessageId"


def refuse_each(messaging: Element, fault: EbmsError) -> EbmsError:
    """`fault`, about the unit of `messaging` that it relates to, and beside it what refuses every other unit for it.

    One about a receipt relates to that receipt or to nothing; any other that relates to nothing yet, to the first unit.
    """
    units = dict(_units(messaging))
    if not isinstance(fault, InvalidReceipt):
        fault = _told_to(read_message_id(messaging), fault)
        if _refuses_as_receipt(fault, units.get(fault.ref_to_message_id or ""), messaging):
            fault = InvalidReceipt(detail=str(fault), compared=fault.compared).about(fault.ref_to_message_id)
    others = [each for each in units.items() if each[0] != fault.ref_to_message_id]
    fits = len(others) < MOST_ENTRIES
    beside: EbmsError | None = None
    if not fits:
        left_out = len(others) - (MOST_ENTRIES - 2)
        others = others[: MOST_ENTRIES - 2]
        beside = type(fault)(texts.more_units(left_out), f"{left_out} units more")
    for message_id, kind in reversed(others):
        beside = _for_another(fault, kind, messaging).about(message_id).with_beside(beside)
    return fault.with_beside(beside)


def count_errors(messaging: Element) -> int:
    """How many signals of a header carry an error."""
    return sum(1 for each in messaging.iterchildren(_SIGNAL_MESSAGE) if each.find(_ERROR) is not None)


def _told_to(message_id: str | None, fault: EbmsError) -> EbmsError:
    """`fault`, about that unit where it relates to nothing yet.

    Ids of another form that relate to nothing are those of a signal that nobody answers: a unit whose own id can be
    repeated is told of them by the code's own sentence, for the other one would be about ids that it does not have.
    """
    if fault.ref_to_message_id is None and message_id is not None and fault.public is texts.MESSAGE_ID_FORM:
        fault = InvalidHeader(detail=fault.detail, compared=fault.compared)
    return fault.about(message_id)


def _for_another(fault: EbmsError, kind: str, messaging: Element) -> EbmsError:
    if _refuses_as_receipt(fault, kind, messaging):
        return InvalidReceipt(detail="with what was refused")
    if isinstance(fault, InvalidReceipt):
        return InvalidHeader(detail="with a receipt that cannot be read")
    return type(fault)(fault.public, "with what was refused")


def _refuses_as_receipt(fault: EbmsError, kind: str | None, messaging: Element) -> bool:
    """A receipt is refused by one code, whatever for (decision 0010), but where there are several: nobody looked."""
    if kind != _RECEIPT:
        return False
    return fault.public is not texts.SIGNAL_TWICE or sum(1 for _ in messaging.iterfind(_EACH_RECEIPT)) == 1


def _units(messaging: Element) -> Iterator[tuple[str, str]]:
    """The id and the kind of each unit that an error may answer; two of one id are told as one."""
    for unit in messaging.iterchildren(_USER_MESSAGE, _SIGNAL_MESSAGE):
        kinds = {_USER_MESSAGE} if unit.tag == _USER_MESSAGE else {str(each.tag) for each in unit.iterchildren("*")}
        found = unit.findall(_MESSAGE_ID)
        if not kinds & _ANSWERABLE or len(found) != 1 or len(found[0]):
            continue
        if is_readable_id(found[0].text or ""):
            yield found[0].text or "", _RECEIPT if _RECEIPT in kinds else min(kinds & _ANSWERABLE)
