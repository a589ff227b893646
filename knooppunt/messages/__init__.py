"""Messages as frozen objects: from octets, to octets, and what an answer says; a module beside this one for each module
version has the classes.
"""

from __future__ import annotations

from xsd.binding import BindingFault, Message, from_element, to_element
from xsd.matching import ClaimLine, claim_lines
from xsd.messages import message_class, read_message
from xsd.samples import sample, sample_attachment

__all__ = [
    "BindingFault",
    "ClaimLine",
    "Message",
    "claim_lines",
    "from_element",
    "message_class",
    "read_message",
    "sample",
    "sample_attachment",
    "to_element",
]
