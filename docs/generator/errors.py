"""docs/reference/errors.md, from the table of ebMS errors and the closed list of sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pmodes.texts
from gateway.ebms import texts
from gateway.ebms.errors import ERRORS, MOST_ENTRIES
from gateway.ebms.gzip import FREE_OCTETS
from gateway.ebms.text import Phrase, Text
from generator.markdown import code, document, table

INTRODUCTION = f"""\
An error is a signed Error signal. `Description` is one sentence from a closed list, in the language of the
organisation's P-Mode; it never repeats a value of the message. Whoever needs more reads the private detail in the
[log](events.md) of the hub. A message against its schema gets one `eb:Error` for each violation, {MOST_ENTRIES} at
most, with `code=… line=… path=…` in `ErrorDetail`; [the pages of the messages](messages/index.md) name the codes.

A receiver of ours weighs an error by its code, because products disagree about the severity of known ones."""

# When an error is sent, or why it never is.
WHEN = {
    "EBMS:0001": "Service, Action or AgreementRef is not known here",
    "EBMS:0002": "the only signal is of an unknown kind; beside a known unit it is ignored",
    "EBMS:0003": "values contradict each other, the payload's header, the P-Mode, or the time; a MessageId was used"
    " before for other content; a PullRequest is old or was answered before",
    "EBMS:0004": "the document breaks its schema, or a rule of its module where the P-Mode asks for that",
    "EBMS:0005": "never sent: a participant notes that it found no connection",
    "EBMS:0006": "nothing can be offered in this mailbox now",
    "EBMS:0007": "the MIME packaging breaks its rules, or a part beside a user message is in no PartInfo; beside"
    " signals alone parts play no role",
    "EBMS:0008": "several user messages, selective pull, Split/Join, a payload in the Body, or a bundle that is not"
    " supported",
    "EBMS:0009": "the envelope cannot be read, or the header breaks its schema",
    "EBMS:0010": "no P-Mode fits what a participant signed; a mailbox that is not the signer's; an answer to no"
    " question; a property or a part that the P-Mode does not allow",
    "EBMS:0011": "a part that PartInfo names is absent or lies elsewhere; nothing is ever fetched",
    "EBMS:0020": "never sent: the hub is an endpoint and routes nothing",
    "EBMS:0021": "the mailbox of the receiver holds as many messages as its quota allows; it passes: send the same"
    " message again",
    "EBMS:0022": "never sent: the sender finds a Statusmelding in its mailbox",
    "EBMS:0023": "never sent: the sender finds a Statusmelding in its mailbox",
    "EBMS:0060": "never sent: every exchange is One-Way",
    "EBMS:0101": "no signature that the agreed sender made over this very header and these very parts; so is all"
    " that names a sender whom nobody knows",
    "EBMS:0102": "a part cannot be decrypted; one sentence, whatever the cause",
    "EBMS:0103": "not signed, not encrypted, or with algorithms that were not agreed",
    "EBMS:0201": "never sent: no reliability module is used",
    "EBMS:0202": "never sent: 503 while the receiver has no valid certificate; a participant notes it of the hub's",
    "EBMS:0301": "never sent: a participant notes that its tries are over without a receipt",
    "EBMS:0302": "a receipt is not accepted; one sentence, whatever the cause",
    "EBMS:0303": "a part is no gzip of the announced kind, or grows beyond the limits",
}
HTTP = (
    (200, "anything with a readable envelope: a receipt, a message, or a signed Error"),
    (204, "a receipt on its own was taken, or an ebMS Error was noted"),
    ("400, 413", "an AS4 request that could not be read, or is too large; a signed Error without RefToMessageId"),
    (400, "not HTTP, or framed in two ways; no body, and the connection is closed"),
    (
        403,
        "the TLS client certificate has ended, or has not begun, on a connection or a TLS 1.2 session that was kept; no"
        " body. On a new connection the handshake ends with a TLS alert instead, as for an authority that is not known",
    ),
    (
        "404, 405, 415",
        "not the endpoint's path, not a POST, not AS4; no body. 415 too where the body as a whole has a"
        " Content-Encoding other than identity",
    ),
    (408, "the body came too slowly, or stopped; no body"),
    (417, "an expectation other than 100-continue; no body"),
    (
        429,
        "too many requests, or too many unreadable ones, of one address; or a message signed anew more often than eight"
        " times: send the octets of an earlier try, for another one signed anew is answered so each time. With"
        " Retry-After",
    ),
    (500, "a SOAP fault: VersionMismatch or MustUnderstand"),
    (
        503,
        "what will pass, or may be the hub's own fault: overload, disk, clock, certificates; with Retry-After. Send the"
        " same message again",
    ),
    (505, "neither HTTP/1.1 nor HTTP/1.0; no body"),
)


def page() -> str:
    """The whole page."""
    if WHEN.keys() != ERRORS.keys():
        raise LookupError(f"explain when these are sent: {', '.join(WHEN.keys() ^ ERRORS.keys())}")
    return document(
        "Errors",
        INTRODUCTION,
        "## Codes\n\n"
        + table(
            ("code", "ShortDescription", "severity", "Category", "sent when"),
            (
                (code(name), each.short_description, each.severity, each.category, WHEN[name])
                for name, each in ERRORS.items()
            ),
        ),
        "## HTTP\n\n" + table(("status", "when"), HTTP),
        "## Sentences\n\nA code's own sentence, where no other is more exact:\n\n"
        + table(("code", "English", "Nederlands"), ((code(n), e.text.en, e.text.nl) for n, e in ERRORS.items())),
        "The more exact ones:\n\n" + table(("English", "Nederlands"), _sentences()),
        "And about processing modes, with numbers and words of the catalogue or configuration in the places:\n\n"
        + table(("English", "Nederlands"), _about_pmodes()),
    )


def _about_pmodes() -> Iterator[tuple[str, str]]:
    for each in vars(pmodes.texts).values():
        if isinstance(each, Text | Phrase):
            yield _marked(each.en), _marked(each.nl)


def _marked(sentence: str) -> str:
    return re.sub(r"\{(\w+)\}", r"*\1*", sentence)


def _sentences() -> Iterator[tuple[str, str]]:
    own = {each.text for each in ERRORS.values()}
    yield from ((each.en, each.nl) for each in vars(texts).values() if isinstance(each, Text) and each not in own)
    fields = texts.disagreement("Service")
    yield fields.en.replace("Service", "*field*"), fields.nl.replace("Service", "*veld*")
    for sentence in (texts.inflates_beyond(7, FREE_OCTETS), texts.inflates_over(7)):
        yield sentence.en.replace("7", "*n*"), sentence.nl.replace("7", "*n*")
    for more in (texts.more_violations(7), texts.more_units(7)):
        yield more.en.replace("7", "*n*"), more.nl.replace("7", "*n*")
