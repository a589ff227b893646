"""Rows of the test plan that this version leaves out, each with its reason; all others are tests in this folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LEFT_OUT: Final[Mapping[str, str]] = {
    "H32": "Two-Way: the hub's exchanges are One-Way; an answer is a message of its own with the ConversationId of its"
    " question, which is a rule of the payload header.",
    "S05": "PKIPath: certificates are pinned one by one, so a path would prove nothing; a token that is one is EBMS:0103.",
    "S31": "revocation: a pinned certificate is withdrawn by taking it out of the organisation's file.",
    "S32": "revocation: no service is asked, so none can be down.",
}
