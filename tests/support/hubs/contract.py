"""What the hub owes to whoever sends it something that it does not take.

    before = Before.of(hub)
    reply = await post(hub, wire)
    assert_refused(hub, wire, reply, Refused("EBMS:0009"), before)
    await assert_next_is_taken(hub)

Nothing is stored, the spool is gone, exactly one line of the log has the private reason, the answer is signed, its
sentences come from the closed list and repeat no value of the message, and the next good message is taken.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self, get_args

from lxml import etree
from support.hubs.hub import TestedHub, catalogue
from support.messages.wire import Draft, Reply, Wire, post, saldoverzoek
from support.store.inside import count_of

import pmodes.texts
from crypto.published import PUBLISHED_NAMES
from gateway.ebms import names, texts
from gateway.ebms.errors import ERRORS
from gateway.ebms.faults import read_fault
from gateway.ebms.text import Text
from gateway.ebms.texts import HeaderField
from xsd.checking.violations import UNREADABLE, sentences

# Sentences with places for words: a property of the profile, a part by its place, a word of the catalogue, a limit.
PHRASES = tuple(
    re.compile(each)
    for each in (
        r"(From|To) has more PartyIds than the processing mode allows\.",
        r"The value of (Service|Action|AgreementRef) is not known here\.",
        r"\w+ \d+\.\d+ is not active for this sender\.",
        r"A sender in this role does not send \w+ of \w+ \d+\.\d+\.",
        r"A part grows to more than \d+ times its size, which counts above 32 MiB: send it less compressed or .+\.",
        r"The parts are larger than \d+ bytes once decompressed, which is the limit here\.",
        r"The question was asked in \w+ \d+\.\d+; its answer uses the same version\.",
        r"The final recipient does not receive \w+ of \w+ \d+\.\d+\.",
        r"The message property (?P<profile>\w+) is missing\.",
        r"The message property (?P<profile>\w+) is longer than the processing mode allows\.",
        r"The message property (?P<profile>\w+) is not of its data type\.",
        r"Part \d{1,2} has a property that the processing mode does not list\.",
        r"A property of part \d{1,2} is longer than the processing mode allows, or not of its data type\.",
        r"The MimeType of part \d{1,2} has another parameter than charset with the name of an encoding\.",
        r"Part \d{1,2} is not of a MIME type that the processing mode allows\.",
        r"Part \d{1,2} is compressed, which the processing mode does not allow\.",
        r"Part \d{1,2} is larger than the processing mode allows\.",
    )
)
REFUSALS = frozenset({"refused", "request_refused", "postponed"})
TABLES = ("message", "envelope", "parts", "evidence", "acceptance", "signer", "certificate")


@dataclass(frozen=True, slots=True)
class Refused:
    """How something is refused.

    `code` is an ebMS code, the name of a SOAP fault, or empty for a bare HTTP status; `about` tells whether the error
    relates to the message, None that both will do. `beside` is the code for the other units of the same envelope.
    """

    code: str
    status: int = 200
    about: bool | None = True
    beside: str = ""


def unreadable(code: str = "EBMS:0007", status: int = 400) -> Refused:
    """An AS4 request without a readable envelope: a signed error that relates to nothing."""
    return Refused(code, status, about=False)


def fault(code: str) -> Refused:
    """A SOAP fault."""
    return Refused(code, 500, about=False)


def bare(status: int) -> Refused:
    """Not AS4 at all: a status and no body."""
    return Refused("", status, about=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What a hub held before it was sent something."""

    rows: Mapping[str, int]
    blobs: frozenset[str]
    lines: int

    @classmethod
    def of(cls, hub: TestedHub) -> Self:
        """Look now."""
        return cls(rows=kept(hub), blobs=frozenset(blobs(hub)), lines=len(hub.log.lines))


def assert_refused(hub: TestedHub, wire: Wire, reply: Reply, expected: Refused, before: Before) -> None:
    """Hold one refusal against the contract; whether the hub goes on is `assert_next_is_taken`."""
    assert_answer(wire, reply, expected, listed=_listed_properties(hub))
    assert_nothing_kept(hub, before)
    assert_one_reason(hub, wire, before)


def assert_answer(wire: Wire, reply: Reply, expected: Refused, *, listed: frozenset[str] = frozenset()) -> None:
    """The code and status, the signature (checked where the answer was read), the sentences."""
    assert reply.status == expected.status, (reply.status, reply.codes, reply.body[:300])
    if not expected.code:
        assert reply.body == b"", reply.body[:300]
        return
    if not expected.code.startswith("EBMS:"):
        found = read_fault(etree.fromstring(reply.body))
        assert found is not None
        assert found.code == expected.code
        assert_no_value(wire, found.reason)
        return
    assert reply.verified is not None, "an ebMS error is signed"
    assert reply.error is not None, reply.body[:300]
    codes = {expected.code, expected.beside} - {""}
    assert set(reply.codes) == codes, (reply.codes, [each.description for each in reply.error.errors])
    related = {reply.error.ref_to_message_id, *(each.ref_to_message_in_error for each in reply.error.errors)}
    if expected.beside:
        assert wire.message_id in related
        units = re.findall(rb"MessageId>([^<]*)</", wire.envelope or wire.body)
        assert {(each or "").encode() for each in related} <= set(units), related
    elif expected.about is not None:
        assert related == ({wire.message_id} if expected.about else {None}), related
    for entry in reply.error.errors:
        assert entry.severity == ERRORS[entry.code].severity
        assert entry.short_description == ERRORS[entry.code].short_description
        assert is_of_the_list(entry.description or ""), entry.description
        assert_no_value(wire, entry.description or "", allowed=listed)
        assert_no_value(wire, entry.detail or "")


def is_of_the_list(sentence: str) -> bool:
    """Whether a sentence is one of those that an error may say."""
    return sentence in _closed_list() or any(each.fullmatch(sentence) for each in PHRASES)


def assert_no_value(wire: Wire, sentence: str, *, allowed: frozenset[str] = frozenset()) -> None:
    """No value of the message stands in a sentence, but for words that the specification or the catalogue gave it."""
    repeated = [each for each in _values(wire) - allowed if each in sentence]
    assert not repeated, f"{sentence!r} repeats {repeated}"


def assert_nothing_kept(hub: TestedHub, before: Before) -> None:
    """No row of any kind, no file of parts, no room held for a message that is still arriving."""
    assert kept(hub) == before.rows
    assert blobs(hub) == before.blobs
    assert spooled(hub) == []


def assert_one_reason(hub: TestedHub, wire: Wire, before: Before) -> None:
    """One line, one reason, and no value of the message in it but what the configuration itself says.

    In quotes the security layer shows algorithms and identifiers of elements, cut short and printable.
    """
    lines = hub.log.lines[before.lines :]
    assert len(lines) == 1, lines
    ((event, fields),) = lines
    assert event in REFUSALS, lines
    assert fields["detail"], lines
    assert_no_value(wire, re.sub(r'"[^"]{0,121}"', "", str(fields["detail"])), allowed=_configured(hub))
    assert_no_value(wire, _unpublished(str(fields.get("compared"))), allowed=_configured(hub))


def _unpublished(sentence: str) -> str:
    """A sentence without the names that specifications publish: nobody's value, whoever wrote them."""
    for name in sorted(PUBLISHED_NAMES, key=len, reverse=True):
        sentence = sentence.replace(name, "")
    return sentence


async def assert_next_is_taken(hub: TestedHub, good: Callable[[], Draft] = saldoverzoek) -> None:
    """The hub goes on."""
    answer = await post(hub, good().wire())
    assert answer.receipt is not None, (answer.status, answer.codes, hub.log.lines[-1])


def kept(hub: TestedHub) -> dict[str, int]:
    """How many rows each table has."""
    return {table: count_of(hub.store, table) for table in TABLES}


def blobs(hub: TestedHub) -> set[str]:
    """The names of the files of parts."""
    return {each.name for each in (hub.folder / "data" / "blobs").iterdir()}


def spooled(hub: TestedHub) -> list[str]:
    """Files without a name that this process holds open in the hub's folder."""
    return [each for each in _open_files() if each.startswith(str(hub.folder)) and each.endswith("(deleted)")]


def _open_files() -> Iterator[str]:
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            yield os.readlink(f"/proc/self/fd/{descriptor}")
        except FileNotFoundError:
            continue


def _closed_list() -> frozenset[str]:
    found = [each for room in (texts, pmodes.texts) for each in vars(room).values() if isinstance(each, Text)]
    found += [each.text for each in ERRORS.values()]
    found += [texts.disagreement(each) for each in get_args(HeaderField)]
    unreadable_documents = (sentence for code in UNREADABLE for sentence in sentences(code))
    return frozenset((*unreadable_documents, *(text for each in found for text in (each.en, each.nl) if text)))


def _values(wire: Wire) -> frozenset[str]:
    """Texts and attributes of the envelope, as far as it looks like one, and every run of digits of eight or more."""
    octets = wire.envelope or wire.body
    found = re.findall(rb">([^<>]{6,})<|=[\"']([^<>\"']{6,})[\"']|(\d{8,})", octets)
    values = (one.decode("utf-8", "replace").strip() for each in found for one in each)
    return frozenset(each for each in values if len(each) >= 6) - _public_words()


def _listed_properties(hub: TestedHub) -> frozenset[str]:
    """The names of the properties, of messages and of parts, that organisations list in their files."""
    listed = (each for one in hub.configuration.organisations for each in (*one.properties, *one.part_properties))
    return frozenset(each.name for each in listed)


def _configured(hub: TestedHub) -> frozenset[str]:
    """What a reason may name because the administrator wrote it: parties, agreements, services, properties."""
    found = {each.value for each in hub.configuration.agreements} | hub.configuration.services
    found |= {part for each in hub.configuration.by_party for part in (each, *each.split(":"))}
    found |= {each.value for each in hub.configuration.hub.party_ids}
    found |= {f"{each.type}" for one in hub.configuration.organisations for each in one.party_ids}
    return frozenset(found) | _listed_properties(hub)


def _public_words() -> frozenset[str]:
    words = {each for each in vars(names).values() if isinstance(each, str)}
    for each in catalogue():
        words |= {each.name, each.module, each.version}
    return frozenset(words)
