"""The table of events: everything that a hub says happened, with its fields and its level. The log writes it, the
reference page is made from it, and `gateway.metrics` counts them.

No event holds anything of a payload, a key, or a header value beyond names, references and sizes.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, Protocol


def place_of(defect: BaseException) -> str:
    """File and line of the innermost frame of an exception that nobody expected, which is all that is told of it: its
    text may quote what it failed on.
    """
    trace = defect.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""


def class_of(defect: BaseException) -> str:
    """The class of such an exception, and of what the system said its name (`OSError ENOSPC`), which quotes nothing."""
    name = type(defect).__name__
    number = defect.errno if isinstance(defect, OSError) else None
    return name if number is None else f"{name} {errno.errorcode.get(number, number)}"


class EventLog(Protocol):
    """Where one line of metadata per event is written; values are cut and escaped there."""

    def __call__(self, event: str, /, **fields: object) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the table; a field whose value is not known is left out of a line."""

    tells: str
    fields: tuple[str, ...] = ()
    warning: bool = False  # an operator should look at it; every other event is information


EVENTS: Final[Mapping[str, Event]] = {
    "hub_started": Event(tells="The hub listens, with so many organisations.", fields=("port", "organisations")),
    "hub_stopping": Event(tells="The hub was told to stop: no new connections, what runs is finished."),
    "hub_stopped": Event(tells="Everything is finished and the store is closed."),
    "log_lines_lost": Event(
        tells="So many lines before this one are not in the log: whoever reads it took none for so long, or the disk "
        "of its file took none. The hub went on; look at what reads its standard error, or at that disk.",
        fields=("count",),
        warning=True,
    ),
    "reloaded": Event(tells="Keys, certificates and P-Mode files were read again and are in force."),
    "reload_refused": Event(
        tells="A key, a certificate, the settings or a P-Mode file has a fault; all that was in force stays so. One "
        "event a complaint, a hundred at most, and one that says how many more.",
        fields=("detail", "kind", "where"),
        warning=True,
    ),
    "configuration_warning": Event(
        tells="A certificate has ended, has not begun, or ends within the longest term of a message; or a section of "
        "the settings waits for a start. Told at each start and reload, one event a certificate or section, a hundred "
        "at most, and one that says how many more.",
        fields=("detail",),
        warning=True,
    ),
    "certificate_ends": Event(
        tells="A certificate ends within 30 days, or has ended and nothing took its place. Once a day; one that the "
        "hub signs with from 30 days before it no longer does for the longest term.",
        fields=("place", "party", "use", "ends_at", "days_left"),
        warning=True,
    ),
    "certificate_revoked": Event(
        tells="A certificate in force was revoked by its authority: what it signs is refused, and nothing is sealed to"
        " it. Once a start.",
        fields=("place", "party", "use", "detail"),
        warning=True,
    ),
    "revocation_not_had": Event(
        tells="A CRL or an OCSP response could not be fetched, or may not be used; it is tried again. `place` is the"
        " line of hub.yaml that names the address.",
        fields=("place", "url", "detail", "retry_seconds"),
        warning=True,
    ),
    "revocation_stale": Event(
        tells="Nobody can say now of so many certificates of an authority whether they were revoked, and why not of the"
        " first. Once a day.",
        fields=("place", "count", "detail"),
        warning=True,
    ),
    "revocation_unknown": Event(
        tells="A certificate was used of which nobody could say of late whether it was revoked, as its P-Mode allows"
        " (Knooppunt.Revocation: soft). Once an hour for each certificate.",
        fields=("party", "certificate", "detail"),
        warning=True,
    ),
    "address_book_issued": Event(
        tells="A new issue of the address book was signed, and lies in the data directory.",
        fields=("serial", "valid_until", "parties"),
    ),
    "address_book_given": Event(
        tells="A participant asked for the address book, and it lies in its mailbox.",
        fields=("message_id", "out_message_id", "party", "serial"),
    ),
    "address_book_unreadable": Event(
        tells="The address book in the data directory is not what was written there; it begins anew, with a serial of"
        " today. A participant that has an issue of today takes the new one with `knooppunt directory fetch --anew`.",
        fields=("detail",),
        warning=True,
    ),
    "address_book_not_made": Event(
        tells="An issue of the address book is due and could not be made or kept; the one before it is handed out, and"
        " it is tried again within the hour. While the time is suspect none is made, and the next at once after that.",
        fields=("detail",),
        warning=True,
    ),
    "message_accepted": Event(
        tells="A message is durable and its receipt leaves. Both MessageIds, parties, type, size, deadline.",
        fields=(
            "message_id",
            "out_message_id",
            "service",
            "action",
            "sender",
            "receiver",
            "size_octets",
            "dropped_parts",
            "expires_at",
        ),
    ),
    "message_repeated": Event(
        tells="A message that was accepted before came again and got its receipt; `signed_anew` says whether that "
        "one was made for it.",
        fields=("message_id", "sender", "signed_anew"),
    ),
    "ping": Event(
        tells="A message to the test service was acknowledged and thrown away; its document was not judged.",
        fields=("message_id", "sender"),
    ),
    "test_submitted": Event(tells="An operator laid a test message in a mailbox.", fields=("message_id", "receiver")),
    "refused": Event(
        tells="A request was refused: the code, the private detail, the party it named; `compared` lists what did "
        "not hold: which parameter of which P-Mode, element of the header, reference, part, certificate or time, "
        "what it had to be, and how it differs without its value. The peer got a sentence, or a 204 where that would "
        "have answered an ebMS Error. Lines about what was no readable envelope of AS4 are limited, and `unsaid` tells "
        "how many were not written.",
        fields=("message_id", "code", "detail", "compared", "party_named", "address", "unsaid"),
    ),
    "postponed": Event(
        tells="A request got 503, or 429 where its sender does too much, because what is wrong will pass or may be "
        "the hub's own fault: the cause, the private detail, `compared` as in `refused` where it is a verdict on a "
        "time or a certificate, what Retry-After said.",
        fields=("message_id", "cause", "detail", "compared", "retry_after_seconds", "party_named", "address"),
        warning=True,
    ),
    "request_refused": Event(
        tells="A request was refused with a bare HTTP status: before it was read as AS4, or because its body did not"
        " come as it has to; then the message and the party are told that its envelope named, where that was read. All"
        " but a hundred at once and `limits.refusals_logged_per_second` are counted in `unsaid`.",
        fields=("status", "detail", "message_id", "party_named", "address", "unsaid"),
    ),
    "connection_refused": Event(
        tells="A connection was broken off when it was accepted, or when a PROXY header told whose it is: no share, or"
        " no budget, was left for its address; or PROXY headers are asked for and it came from no trusted proxy.",
        fields=("address", "unsaid"),
    ),
    "proxy_header_refused": Event(
        tells="A connection of a trusted proxy was closed because it did not begin with a PROXY header of version 2"
        " that can be read: `detail` says what was wrong, `address` is the proxy's.",
        fields=("detail", "address", "unsaid"),
        warning=True,
    ),
    "client_certificate_refused": Event(
        tells="A TLS handshake ended because of the client's certificate, or for want of one: `detail` says why, in"
        " OpenSSL's words. The peer got a TLS alert. One that ends later, on a connection or session that is kept, is"
        " `request_refused` 403.",
        fields=("detail", "address", "unsaid"),
    ),
    "proxy_silent": Event(
        tells="A trusted proxy did not say for whom it speaks, or wrote something else than an address: all its "
        "clients count as one.",
        fields=("address", "unsaid"),
        warning=True,
    ),
    "peer_gone": Event(
        tells="The peer left, or was too slow, before its request was whole.",
        fields=("address", "unsaid"),
    ),
    "message_offered": Event(
        tells="A message is leased to the owner of its mailbox, was found to be what was accepted, and is on its way;"
        " `attempt` counts the leases from 1, those included under which it could not be read.",
        fields=("message_id", "mpc", "attempt"),
    ),
    "mailbox_empty": Event(tells="A pull found nothing that can be offered now.", fields=("party",)),
    "message_opened": Event(
        tells="A person opened a message at the desk of its unit, or took it over from a colleague.",
        fields=("message_id", "party", "person", "taken_from"),
    ),
    "list_opened": Event(
        tells="A person opened messages at the desk of their unit together, to download a list or answer one.",
        fields=("party", "person", "messages"),
    ),
    "list_let_go": Event(
        tells="A person gave back the messages of a list that were still open with it.",
        fields=("party", "person", "messages"),
    ),
    "message_prolonged": Event(
        tells="A message waits so many days longer, at the request of its owner.",
        fields=("message_id", "party", "days", "expires_at"),
    ),
    "message_let_go": Event(
        tells="A person gave a message back that was open at a desk.", fields=("message_id", "party")
    ),
    "offer_broken": Event(
        tells="The connection broke while a message was on its way; its lease was cut short.",
        fields=("message_id",),
    ),
    "receipt_taken": Event(
        tells="The owner's receipt closed a message, or came again for one that it had closed.",
        fields=("message_id", "party", "outcome"),
    ),
    "receipt_late": Event(
        tells="The owner's receipt came after the term was over. It is kept as evidence; `notice` says whether "
        "the sender is told.",
        fields=("message_id", "party", "notice"),
        warning=True,
    ),
    "signal_ignored": Event(
        tells="A signal that no feature of the hub knows came beside a known unit, and had no effect.",
        fields=("address", "signals"),
    ),
    "error_taken": Event(
        tells="The owner of a mailbox answered a message with an ebMS Error; it is offered again after a pause.",
        fields=("message_id", "party", "code"),
        warning=True,
    ),
    "error_repeated": Event(
        tells="An ebMS Error came that had counted before; nothing changed. This and the next two are one line for all"
        " `errors` of an envelope that changed nothing, under the last of the three that fits, with their reasons.",
        fields=("errors", "message_id", "detail", "address"),
    ),
    "error_unmatched": Event(
        tells="An ebMS Error was about no message that was offered and still waits, or said no MessageId or no time"
        " that can be read, without which it cannot count once; nothing changed.",
        fields=("errors", "message_id", "detail", "address"),
    ),
    "error_distrusted": Event(
        tells="An ebMS Error was not signed by the receiver of the message that it is about, or is not fresh; nothing"
        " changed.",
        fields=("errors", "message_id", "detail", "address"),
    ),
    "message_expired": Event(
        tells="The term of a message ran out; `notice` says whether its sender gets one.",
        fields=("message_id", "receiver", "notice"),
    ),
    "expiry_postponed": Event(
        tells="A term is over and the message cannot be ended now; tried again in a minute. Where its record is damaged"
        " it stays, until message expire ends what waits under its certificate.",
        fields=("message_id", "detail"),
        warning=True,
    ),
    "messages_removed": Event(tells="So many closed messages were removed.", fields=("count",)),
    "blobs_not_removed": Event(
        tells="So many files of closed messages cannot be unlinked, of which one is named; they keep their rows "
        "and are tried again with each purge.",
        fields=("count", "blob", "detail"),
        warning=True,
    ),
    "message_damaged": Event(
        tells="The stored octets of a message are proven not to be what was accepted; it is not offered until "
        "store recheck finds it whole.",
        fields=("message_id", "mpc", "detail"),
        warning=True,
    ),
    "message_unreadable": Event(
        tells="A message could not be read, which proves nothing against it; the next one was offered, this one waits.",
        fields=("message_id", "mpc", "detail"),
        warning=True,
    ),
    "counters_mended": Event(
        tells="So many counters of messages in mailboxes were not what the rows of the messages say, and were counted"
        " anew; nothing else was lost by it. A disk or a hand changed them: look for what else it changed.",
        fields=("count",),
        warning=True,
    ),
    "record_damaged": Event(
        tells="What is recorded of a message, or its evidence, is not what was written; nothing was decided by it "
        "and the peer got 503.",
        fields=("message_id", "detail"),
        warning=True,
    ),
    "notice_unsealable": Event(
        tells="A message ended without a notice: it can not be sealed to its sender or signed.",
        fields=("message_id", "detail"),
        warning=True,
    ),
    "time_suspect": Event(
        tells="The time may be wrong, and why; nothing expires or is forgotten and nobody is refused for good for "
        "his time, until store confirm-time.",
        fields=("why",),
        warning=True,
    ),
    "time_confirmed": Event(tells="An operator said that the time is right."),
    "job_failed": Event(
        tells="A round of a job ended in an exception; the next round comes.",
        fields=("job", "kind", "where"),
        warning=True,
    ),
    "storage_failed": Event(
        tells="The disk did not confirm a write, or gave back what was never written, or a file of the store does not"
        " lie in its place any more; the hub stops with exit code 74.",
        fields=("kind", "detail"),
        warning=True,
    ),
    "portal_address_added": Event(
        tells="An administrator of an organisation gave a mail address for notifications, of a unit or, without"
        " `party`, of the organisation. It counts once somebody opened the link that is sent to it.",
        fields=("party", "by"),
    ),
    "portal_address_confirmed": Event(
        tells="Somebody confirmed a mail address for notifications by the link of a letter.", fields=("address",)
    ),
    "portal_address_kinds": Event(
        tells="An administrator of an organisation changed of which messages a mail address is told.",
        fields=("party", "by"),
    ),
    "portal_address_removed": Event(
        tells="An administrator of an organisation removed a mail address for notifications.", fields=("party", "by")
    ),
    "portal_address_unsubscribed": Event(
        tells="Somebody had a mail address do without one kind of notification, or by one click in a mail program"
        " without all that are about messages, by the link of a letter.",
        fields=("address",),
    ),
    "portal_address_begun_again": Event(
        tells="Somebody had a mail address get again one kind of notification that such a link had ended.",
        fields=("address",),
    ),
    "mail_sent": Event(
        tells="The mail server took a letter, with so many lines, to an address of an organisation at the portal.",
        fields=("sort", "count"),
    ),
    "mail_not_taken": Event(
        tells="The mail server did not take a letter, which is tried again; why, unless that may name the address.",
        fields=("sort", "attempts", "detail"),
        warning=True,
    ),
    "mail_given_up": Event(
        tells="The mail server refused a letter for good, or for days. Where it refused the address, the administrator"
        " of the organisation sees there what it said.",
        fields=("sort", "attempts"),
        warning=True,
    ),
    "mail_unwritable": Event(
        tells="No letter could be made of what was to be told to an address, and none will be; what kept it, and"
        " where.",
        fields=("sort", "kind", "where"),
        warning=True,
    ),
    "broker_metadata_refused": Event(
        tells="The metadata of the broker of logins was read again and is not relied on; what was read before stays.",
        fields=("detail",),
        warning=True,
    ),
    "broker_metadata_ends": Event(
        tells="The metadata of the broker of logins end within five days, or have ended: from then on nobody logs in"
        " at the portal, and a start refuses them. Once a day, and at each start.",
        fields=("place", "ends_at", "days_left"),
        warning=True,
    ),
    "portal_logged_in": Event(
        tells="Somebody logged in at the portal: the id that the portal drew for that person, and for which service.",
        fields=("person", "login", "address"),
    ),
    "portal_logged_out": Event(tells="Somebody logged out of the portal.", fields=("person", "address")),
    "portal_login_cancelled": Event(tells="Somebody broke a login off at the broker.", fields=("address",)),
    "portal_organisation_unknown": Event(
        tells="Somebody logged in for an organisation that has no desk here, and was told what to do.",
        fields=("detail", "address"),
    ),
    "portal_refused": Event(
        tells="The portal refused a request; the visitor read a sentence and the number.",
        fields=("number", "status", "detail", "address", "unsaid"),
    ),
    "portal_defect": Event(
        tells="A mistake in the program, where it is, without any value; the visitor of the portal read the number.",
        fields=("number", "kind", "where", "address"),
        warning=True,
    ),
    "portal_linked": Event(
        tells="An administrator of an organisation linked a person to a business unit.",
        fields=("person", "party", "by"),
    ),
    "portal_unlinked": Event(
        tells="An administrator of an organisation ended the link of a person to a business unit.",
        fields=("person", "party", "by"),
    ),
    "portal_requested": Event(
        tells="An administrator of an organisation asked something of the operator.",
        fields=("request", "asks", "party", "by"),
    ),
    "portal_joining": Event(
        tells="Somebody without a login asked that an organisation takes part.", fields=("request", "address")
    ),
    "portal_leaving_due": Event(
        tells="An organisation at a desk asked to take part no more, its last day is over, and the request waits:"
        " approve it. Told once a day until it is decided.",
        fields=("request", "party", "last_day"),
        warning=True,
    ),
    "portal_pairing_refused": Event(
        tells="A pairing code was wrong, or too many of the organisation's were.", fields=("party", "by", "detail")
    ),
    "portal_keys_lost": Event(
        tells="The operator put new keys of a desk in force whose unit lost all its locks: what waits under the former "
        "ones expires. Why that did not wait for a day, where it did not.",
        fields=("party", "detail"),
    ),
    "portal_keys_ended": Event(
        tells="Nothing waits under a set of keys of a desk that was renewed: what was wrapped of it is gone, and its "
        "certificates may leave the file of their owner.",
        fields=("party", "certificate"),
    ),
    "defect": Event(
        tells="A mistake in the program, where it is, without any value; the peer got 503.",
        fields=("kind", "where", "address"),
        warning=True,
    ),
}

FIELDS: Final[Mapping[str, str]] = {
    "action": "Type of the message.",
    "address": "Address that the request came from, behind trusted proxies that of their client.",
    "asks": "What is asked of the operator, in the word that `knooppunt request list` has for it.",
    "attempt": "How often the message was offered, this time counted.",
    "attempts": "How often it was tried to send the letter.",
    "blob": "Name of the file.",
    "by": "Who did it at the portal: the id of a person there.",
    "cause": "Why it was postponed, in a word of the table below.",
    "certificate": "SHA-256 of the certificate.",
    "code": "Code of the ebMS error, `other` for one that ebMS does not have, or HTTP status.",
    "compared": "What did not hold: parameter, element, reference, part, certificate or time, what it had to be, how "
    "it differs; no value of the message.",
    "count": "How many.",
    "days": "How many calendar days longer.",
    "days_left": "Whole days until it ends; below zero when it has ended.",
    "detail": "The private half of a refusal or fault, for the operator alone.",
    "dropped_parts": "How many parts of the message were left out on the way, if any.",
    "ends_at": "When the certificate ends, or the metadata do.",
    "errors": "How many ebMS Errors it stands for.",
    "expires_at": "When the term of the message ends.",
    "job": "Name of the job.",
    "kind": "Class of the exception.",
    "last_day": "Last day on which the party wants to take part, as `2027-03-31`.",
    "login": "What somebody logged in for at the portal: user or administrator.",
    "message_id": "MessageId: of the sender for what he sends, of the hub for what it offers.",
    "messages": "How many messages were opened together.",
    "mpc": "The mailbox.",
    "notice": "Whether the sender is told by a message.",
    "number": "What a visitor of the portal was shown, to be told to the helpdesk.",
    "organisations": "How many organisations are configured.",
    "out_message_id": "MessageId under which the hub offers it.",
    "outcome": "What the receipt did.",
    "party": "Party id of whose it is or who did it, proven by the signature.",
    "party_named": "Party id that the request named; nothing is proven by that.",
    "parties": "How many parties stand in the address book.",
    "person": "Who did it, or with whom it was done: the id of a person in the portal.",
    "place": "File of the certificate or metadata, or line of a file.",
    "port": "Where the hub listens.",
    "receiver": "Party id of the receiver.",
    "request": "The id of what an organisation at a desk asks of the operator.",
    "retry_after_seconds": "What Retry-After said.",
    "retry_seconds": "When it is tried again.",
    "sender": "Party id of the sender.",
    "serial": "Serial of the address book.",
    "service": "Service: module and version.",
    "sort": "What the letter is about: messages, changes, or the confirmation of an address.",
    "signals": "How many signals.",
    "signed_anew": "Whether the receipt was made for this repetition.",
    "size_octets": "What the sealed message takes.",
    "status": "HTTP status.",
    "taken_from": "The person who had it open before, where it was taken over.",
    "url": "The address, as hub.yaml names it.",
    "unsaid": "How many events of this kind were not written before this one, because strangers caused too many.",
    "use": "What the certificate is used for.",
    "valid_until": "Until when the address book may be relied on.",
    "where": "Module and line of the program.",
    "why": "The grounds, as sentences of the table below.",
}
