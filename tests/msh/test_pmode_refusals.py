"""Every sentence about processing modes is one that a peer can be told: no rule of theirs stands behind another that
says the same first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest
from support.hubs.contract import Before, assert_nothing_kept, assert_one_reason
from support.hubs.hub import TestedHub, running_hub
from support.keys.pki import PARTIES
from support.messages.header_rows import COUNSELLOR, OIN, from_ids, saying
from support.messages.wire import Draft, Part, party, post, saldoverzoek

from gateway.ebms import names
from gateway.ebms.model import Property
from gateway.ebms.text import Phrase, Text
from pmodes import texts

MODULES = {"Schuldregeling": ["1.1", "2.0"], "Schuldinventarisatie": ["2.0"]}
VOLGNUMMER = {"name": "volgnummer", "data_type": "int"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A message that is told a sentence with these words, by a hub whose file of the counsellor says more."""

    draft: Callable[[], Draft]
    words: Mapping[str, object] = field(default_factory=dict)
    code: str = "EBMS:0010"
    counsellor: Mapping[str, object] = field(default_factory=dict)
    first: Callable[[], Draft] | None = None  # is taken before


def with_value(name: str, value: str | None) -> Callable[[], Draft]:
    return lambda: saldoverzoek().with_property(name, value)


def with_attachments(*attachments: Part) -> Callable[[], Draft]:
    def make() -> Draft:
        draft = saldoverzoek()
        return draft.with_parts(*draft.parts, *attachments)

    return make


def pdf(octets: bytes = b"%PDF-1.7") -> Part:
    return Part(octets=octets, mime_type="application/pdf", compressed=False)


def described(*more: Property, mime_type: str = "application/pdf") -> Part:
    """An attachment that says more of itself."""
    return replace(pdf(), properties=(Property(name=names.MIME_TYPE, value=mime_type), *more))


@cache
def question() -> Draft:
    return saldoverzoek()


def answer_in_another_version() -> Draft:
    asked = question().user_message
    about = {"conversation": asked.conversation_id, "reference": asked.property(names.TRACKING_IDENTIFIER) or ""}
    return saldoverzoek("creditor", "counsellor", action="SaldoverzoekAntwoord", version="1.1", answering=about)


CASES = {
    "NO_PROCESSING_MODE": Case(draft=saying(from_party=replace(party("counsellor"), role="urn:role:other"))),
    "REFERENCE_REFUSED": Case(
        draft=saying(ref_to_message_id="a@b.example"),
        code="EBMS:0003",
        counsellor={"overrides": {"Knooppunt.RefToMessageIdRefused": True}},
    ),
    "TOO_MANY_PARTY_IDS": Case(
        draft=saying(from_party=from_ids((COUNSELLOR, OIN), ("other", "urn:other"))),
        code="EBMS:0003",
        words={"party": "From"},
    ),
    "NOT_KNOWN": Case(draft=saying(action="Onbekend"), code="EBMS:0001", words={"element": "Action"}),
    "NOT_PUSHED_ON": Case(draft=saying(mpc="urn:mpc:other"), code="EBMS:0003"),
    "PROPERTY_NOT_LISTED": Case(draft=with_value("volgnummer", "1")),
    "PROPERTY_MISSING": Case(
        draft=with_value(names.TRACKING_IDENTIFIER, None), words={"name": names.TRACKING_IDENTIFIER}
    ),
    "PROPERTY_TOO_LONG": Case(
        draft=with_value(names.TRACKING_IDENTIFIER, "x" * 256),
        code="EBMS:0003",
        words={"name": names.TRACKING_IDENTIFIER},
    ),
    "PROPERTY_OF_OTHER_TYPE": Case(
        draft=with_value("volgnummer", "one"), words={"name": "volgnummer"}, counsellor={"properties": [VOLGNUMMER]}
    ),
    "NOT_SPOKEN_FOR": Case(draft=with_value(names.ORIGINAL_SENDER, PARTIES["creditor"][0]), code="EBMS:0003"),
    "VERSION_NOT_ACTIVE": Case(
        draft=lambda: saldoverzoek(version="1.0"),
        words={"version": "Schuldregeling 1.0"},
        counsellor={"modules": MODULES},
    ),
    "TYPE_NOT_SENT": Case(
        draft=lambda: saldoverzoek("creditor", "counsellor"),
        words={"type": "Saldoverzoek", "version": "Schuldregeling 2.0"},
    ),
    "TYPE_NOT_RECEIVED": Case(
        draft=with_value(names.FINAL_RECIPIENT, "00000099000000009876"),
        words={"type": "Saldoverzoek", "version": "Schuldregeling 2.0"},
    ),
    "OTHER_VERSION": Case(
        first=question,
        draft=answer_in_another_version,
        words={"version": "Schuldregeling 2.0"},
    ),
    "VERSION_NOT_YET": Case(
        draft=saldoverzoek,
        words={"version": "Schuldregeling 2.0", "day": "2026-03-05"},
        counsellor={"modules": {"Schuldregeling": [{"version": "2.0", "from": "2026-03-05"}]}},
    ),
    "VERSION_ENDED": Case(
        draft=saldoverzoek,
        words={"version": "Schuldregeling 2.0", "day": "2026-03-03"},
        counsellor={"modules": {"Schuldregeling": [{"version": "2.0", "until": "2026-03-03"}]}},
    ),
    "CALLED_FROM_ELSEWHERE": Case(draft=saldoverzoek, counsellor={"addresses": ["192.0.2.0/24"]}),
    "SUSPENDED": Case(draft=saldoverzoek, counsellor={"suspended": True}),
    "PARTS_TOO_MANY": Case(draft=with_attachments(pdf(), pdf()), counsellor={"attachments": {"max_count": 1}}),
    "PART_MISSING": Case(draft=lambda: saldoverzoek().with_parts()),
    "PART_OF_OTHER_TYPE": Case(draft=with_attachments(replace(pdf(), mime_type="text/html")), words={"number": 2}),
    "PART_PROPERTY_NOT_LISTED": Case(
        draft=with_attachments(described(Property(name="OriginalFileName", value="a.pdf"))), words={"number": 2}
    ),
    "PART_PROPERTY_VALUE": Case(
        draft=with_attachments(described(Property(name="volgnummer", value="one"))),
        words={"number": 2},
        counsellor={"part_properties": [VOLGNUMMER]},
    ),
    "PART_TYPE_PARAMETER": Case(
        draft=with_attachments(described(mime_type="application/pdf; name=a.pdf")), words={"number": 2}
    ),
    "PROPERTY_TYPE_NOT_LISTED": Case(
        draft=with_attachments(described(Property(name=names.CHARACTER_SET, value="utf-8", type="persons")))
    ),
    "PART_COMPRESSED": Case(
        draft=saldoverzoek,
        words={"number": 1},
        counsellor={"overrides": {"sending": {"PMode[1].PayloadService.CompressionType": ""}}},
    ),
    "PART_TOO_LARGE": Case(
        draft=with_attachments(pdf(bytes(1001))), words={"number": 2}, counsellor={"attachments": {"max_octets": 1000}}
    ),
}


def test_every_sentence_has_its_message() -> None:
    assert CASES.keys() == {name for name, each in vars(texts).items() if isinstance(each, Text | Phrase)}


@pytest.mark.parametrize("name", CASES)
async def test_a_peer_is_told_it_in_dutch_where_that_is_its_language(tmp_path: Path, name: str) -> None:
    """In English it is what the rows read; that each sentence has both is said by the tests of the list itself."""
    case, text = CASES[name], getattr(texts, name)
    expected = text if isinstance(text, Text) else text(**case.words)
    extra = {"hub": {"language": "nl"}, "counsellor": case.counsellor}
    async with running_hub(tmp_path, extra=extra) as hub:
        if case.first is not None:
            assert (await post(hub, case.first().wire())).receipt is not None
        await told(hub, case, expected.in_language("nl"))


async def told(hub: TestedHub, case: Case, said: tuple[str, str]) -> None:
    """The sentence leaves in a signed error, and the log says what was compared."""
    before, wire = Before.of(hub), case.draft().wire()
    reply = await post(hub, wire)
    assert reply.error is not None
    assert [(each.code, each.description, each.language) for each in reply.error.errors] == [(case.code, *said)]
    assert_nothing_kept(hub, before)
    assert_one_reason(hub, wire, before)
    (refused,) = hub.log.of("refused")
    assert refused["compared"], refused
