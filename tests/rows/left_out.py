"""Rows of the test plan that this version leaves out, each with its reason; all others are tests in this folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LEFT_OUT: Final[Mapping[str, str]] = {
    "H32": "Two-Way: the hub's exchanges are One-Way; an answer is a message of its own with the ConversationId of its"
    " question, which is a rule of the payload header.",
    "S05": "PKIPath: certificates are pinned one by one, so a path proves nothing; a token that is one is EBMS:0103.",
    "S31": "revocation: a pinned certificate is withdrawn by taking it out of the organisation's file.",
    "S32": "revocation: no service is asked, so none can be down.",
    "R06": "callback: the hub gives its receipts in the response (PMode[1].Security.SendReceipt.ReplyPattern).",
    "R19": "Two-Way: a response holds no user message beside its receipt.",
    "X04": "callback: the hub reports errors in the response (PMode[1].ErrorHandling.Report.AsResponse).",
    "P21": "sub-channels: every mailbox is a channel of its own, found by its whole name.",
    "P25": "UsernameToken: a pull is authorised by its signature alone; a token instead of one is EBMS:0103 (PL-05).",
    "L08": "Two-Way: no reply is awaited in a response, so none moves to another channel.",
}
