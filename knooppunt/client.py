"""What sends and collects: a participant's folder, its durable outbox and inbox, push and pull."""

from __future__ import annotations

from gateway.client.address_book import KeptBook, KeptBookFault, load_kept, with_address_book
from gateway.client.advice import WrongSetting, advise
from gateway.client.checking import Checks, attachment_faults
from gateway.client.damage import DamagedPart
from gateway.client.documents import Delivered, OutFolder, deliver
from gateway.client.fetching_book import BookNotFetched, BookNotTaken, FetchedBook, fetch_address_book
from gateway.client.inbox import Inbox, InboxMessage, InboxPart, InboxState
from gateway.client.means import Means
from gateway.client.outbox import Outbox, OutboxMessage, OutboxState
from gateway.client.outgoing import Attachment, References, Unsendable
from gateway.client.participant import Participant, TlsIdentity
from gateway.client.participant_file import ParticipantFault, load_participant, write_participant
from gateway.client.pull import keep_pulling, pull, pull_until_empty, send_receipts
from gateway.client.push import PushResult, push, send_waiting
from gateway.client.retry import PollPolicy, RetryPolicy
from gateway.client.taking import Outcome, PullResult
from gateway.client.transport import Unreachable, open_session
from gateway.limits import ClientLimits

__all__ = [
    "Attachment",
    "BookNotFetched",
    "BookNotTaken",
    "Checks",
    "ClientLimits",
    "DamagedPart",
    "Delivered",
    "FetchedBook",
    "Inbox",
    "InboxMessage",
    "InboxPart",
    "InboxState",
    "KeptBook",
    "KeptBookFault",
    "Means",
    "OutFolder",
    "Outbox",
    "OutboxMessage",
    "OutboxState",
    "Outcome",
    "Participant",
    "ParticipantFault",
    "PollPolicy",
    "PullResult",
    "PushResult",
    "References",
    "RetryPolicy",
    "TlsIdentity",
    "Unreachable",
    "Unsendable",
    "WrongSetting",
    "advise",
    "attachment_faults",
    "deliver",
    "fetch_address_book",
    "keep_pulling",
    "load_kept",
    "load_participant",
    "open_session",
    "pull",
    "pull_until_empty",
    "push",
    "send_receipts",
    "send_waiting",
    "with_address_book",
    "write_participant",
]
