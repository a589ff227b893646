"""Every key of an organisation's file, and the test in which the same message ends differently with and without it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel
from support.hubs.hub import running_hub
from support.hubs.pulling import EMPTY, pull, push, records
from support.keys.pki import PARTIES, identity
from support.messages.wire import Draft, Part, post, saldoverzoek

from crypto.faults import SecurityFault
from gateway.ebms import names
from gateway.ebms.model import AgreementRef, Property
from pmodes.shapes import (
    AttachmentsShape,
    DeskShape,
    MailboxShape,
    OrganisationCertificatesShape,
    OrganisationShape,
    UnitShape,
    VersionShape,
)

TESTS = Path(__file__).parents[1]
HERE = "msh/test_every_organisation_option.py"
PUSHED = f"{HERE}::test_a_push_is_taken_with_the_line_or_without_it_and_never_both"
OPTIONS = "msh/test_organisation_options.py"
UNITS = f"{OPTIONS}::test_a_unit_sends_and_pulls_for_itself_under_the_rules_of_its_organisation"
PROXY = "web/test_certificate_header.py"
ROOTS = "msh/test_trust_by_roots.py"

# Where the test is, by key; what has none decides nothing of a message.
TESTED: Mapping[str, str | None] = {
    "name": None,
    "party": UNITS,
    "roles": PUSHED,
    "modules": PUSHED,
    "modules.version": PUSHED,
    "modules.begins": f"{OPTIONS}::test_a_push_ends_differently_with_and_without_the_line",
    "modules.ends": f"{OPTIONS}::test_a_push_ends_differently_with_and_without_the_line",
    "modules.answer_working_days": f"{OPTIONS}::test_the_answer_is_due_by_the_term_that_the_receiver_agreed_on",
    "certificates": PUSHED,
    "certificates.signing": PUSHED,
    "certificates.encryption": f"{HERE}::test_what_is_pulled_is_sealed_to_the_certificate_that_the_file_lists",
    "certificates.trust": f"{ROOTS}::test_an_unlisted_certificate_below_a_root_is_taken_where_the_file_says_so",
    "kvk": None,
    "establishment": None,
    "legal_basis": f"{OPTIONS}::test_the_legal_basis_decides_whether_a_document_comes_along",
    "access": f"{OPTIONS}::test_a_push_ends_differently_with_and_without_the_line",
    "desk": None,  # what it has in the portal: portal/test_lists.py
    "desk.lists": None,
    "collectief": None,  # told in the address book, and warned of by whoever reads it: tests/desk, tests/browser
    "agreements": None,
    "suspended": f"{OPTIONS}::test_a_push_ends_differently_with_and_without_the_line",
    "listed": None,
    "addresses": f"{OPTIONS}::test_a_push_ends_differently_with_and_without_the_line",
    "language": f"{HERE}::test_an_error_is_in_the_language_of_its_reader",
    "suite": "msh/test_signers_by_suite.py::test_each_participant_gets_receipts_messages_and_errors_in_its_own_suite",
    "key_reference": f"{HERE}::test_the_hub_names_its_certificate_as_the_file_wants_it",
    "mailbox": f"{HERE}::test_the_rules_of_a_mailbox_decide",
    "mailbox.lease_seconds": f"{HERE}::test_the_rules_of_a_mailbox_decide",
    "mailbox.open_leases": f"{HERE}::test_the_rules_of_a_mailbox_decide",
    "mailbox.quota_messages": f"{HERE}::test_a_full_mailbox_takes_no_more",
    "mailbox.term_working_days": f"{HERE}::test_how_long_a_message_waits_is_its_receivers_word",
    "mailbox.extension_days": f"{HERE}::test_how_long_a_message_waits_is_its_receivers_word",
    "mailbox.extension": f"{HERE}::test_how_long_a_message_waits_is_its_receivers_word",
    "acts_for": PUSHED,
    "agreement": PUSHED,
    "attachments": PUSHED,
    "attachments.mime_types": PUSHED,
    "attachments.max_count": PUSHED,
    "attachments.max_octets": PUSHED,
    "properties": PUSHED,
    "part_properties": PUSHED,
    "property_types": PUSHED,
    "tls_thumbprints": f"{PROXY}::test_the_certificate_that_a_proxy_was_shown_is_held_against_the_file_SR_14",
    "compromised": f"{ROOTS}::test_what_is_listed_as_compromised_is_not_taken_below_a_root_either",
    "overrides": PUSHED,
    "units": UNITS,
}
GROUPS: Mapping[str, type[BaseModel]] = {
    "modules": VersionShape,
    "certificates": OrganisationCertificatesShape,
    "mailbox": MailboxShape,
    "attachments": AttachmentsShape,
    "desk": DeskShape,
}


def test_no_key_of_a_file_is_without_its_test() -> None:
    keys = {*UnitShape.model_fields, *OrganisationShape.model_fields}
    keys |= {f"{group}.{name}" for group, shape in GROUPS.items() for name in shape.model_fields}
    assert keys == TESTED.keys()


@pytest.mark.parametrize("place", sorted({each for each in TESTED.values() if each is not None}))
def test_each_of_these_tests_is_there(place: str) -> None:
    file, _, test = place.partition("::")
    assert re.search(rf"^async def {test}\(", (TESTS / file).read_text("utf-8"), re.MULTILINE)


def test_each_key_that_a_push_shows_has_its_line() -> None:
    shown = {each.partition(" ")[0] for each in EITHER}
    shown |= {each.partition(".")[0] for each in shown}
    assert shown == {key for key, place in TESTED.items() if place == PUSHED}


@dataclass(frozen=True, kw_only=True)
class Either:
    """A message that is taken where a file has the one line and refused where it has the other."""

    taken: Mapping[str, object] = field(default_factory=dict)
    refused: Mapping[str, object] = field(default_factory=dict)
    draft: Callable[[], Draft] = saldoverzoek
    whose: str = "counsellor"


def with_pdf(mime_type: str = "application/pdf", **property_: str) -> Callable[[], Draft]:
    def make() -> Draft:
        more = (Property(**property_),) if property_ else ()
        properties = (Property(name=names.MIME_TYPE, value=mime_type), *more)
        paper = Part(octets=b"%PDF-1.7", mime_type=mime_type, compressed=False)
        draft = saldoverzoek()
        return draft.with_parts(*draft.parts, replace(paper, properties=properties))

    return make


EITHER = {
    "roles": Either(refused={"roles": ["schuldeiser"], "modules": {"Schuldregeling": ["2.0"]}}),
    "modules": Either(refused={"modules": {"Schuldinventarisatie": ["2.0"]}}),
    "modules.version": Either(refused={"modules": {"Schuldregeling": ["1.1"]}}),
    "certificates.signing": Either(
        refused={"certificates": {"signing": ["counsellor-next-signing"], "encryption": ["counsellor-encryption"]}}
    ),
    "agreement": Either(
        taken={"agreement": {"value": "urn:agreement:1"}},
        draft=lambda: saldoverzoek().saying(agreement_ref=AgreementRef(value="urn:agreement:1")),
    ),
    "acts_for": Either(
        whose="creditor",
        taken={"acts_for": [PARTIES["stranger"][0]]},
        draft=lambda: saldoverzoek(receiver="stranger"),
    ),
    "attachments.mime_types": Either(refused={"attachments": {"mime_types": ["image/png"]}}, draft=with_pdf()),
    "attachments.max_count": Either(refused={"attachments": {"max_count": 0}}, draft=with_pdf()),
    "attachments.max_octets": Either(refused={"attachments": {"max_octets": 7}}, draft=with_pdf()),
    "properties": Either(refused={"properties": [{"name": "volgnummer", "required": True}]}),
    "properties that may be there": Either(
        taken={"properties": [{"name": "volgnummer"}]}, draft=lambda: saldoverzoek().with_property("volgnummer", "1")
    ),
    "part_properties": Either(
        taken={"part_properties": [{"name": "volgnummer"}]}, draft=with_pdf(name="volgnummer", value="1")
    ),
    "property_types": Either(
        taken={"property_types": ["persons"]},
        draft=with_pdf(name=names.CHARACTER_SET, value="utf-8", type="persons"),
    ),
    "overrides": Either(refused={"overrides": {"sending": {"PMode[1].PayloadService.CompressionType": ""}}}),
}


@pytest.mark.parametrize("case", EITHER.values(), ids=EITHER)
async def test_a_push_is_taken_with_the_line_or_without_it_and_never_both(tmp_path: Path, case: Either) -> None:
    for said, is_taken in ((case.taken, True), (case.refused, False)):
        async with running_hub(tmp_path / str(is_taken), extra={case.whose: said}) as hub:
            reply = await post(hub, case.draft().wire())
            assert (reply.receipt is not None) is is_taken, reply.codes
            assert len(await records(hub)) == is_taken


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_an_error_is_in_the_language_of_its_reader(tmp_path: Path, language: str) -> None:
    async with running_hub(tmp_path, extra={"counsellor": {"language": language, "suspended": True}}) as hub:
        reply = await post(hub, saldoverzoek().wire())
        assert reply.error is not None
        assert f'xml:lang="{language}"'.encode() in reply.body


async def test_a_full_mailbox_takes_no_more(tmp_path: Path) -> None:
    for most, taken in ((None, 2), (1, 1)):
        mailbox = {} if most is None else {"mailbox": {"quota_messages": most}}
        async with running_hub(tmp_path / str(most), extra={"creditor": mailbox}) as hub:
            await push(hub)
            await post(hub, saldoverzoek(at=hub.clock.now()).wire())
            assert len(await records(hub)) == taken


RULES = {
    "open_leases": ({"open_leases": 1}, timedelta(0), False),
    "open_leases, without": ({}, timedelta(0), True),
    "lease_seconds": ({"open_leases": 1, "lease_seconds": 60}, timedelta(seconds=61), True),
    "lease_seconds, without": ({"open_leases": 1}, timedelta(seconds=61), False),
}


@pytest.mark.parametrize("case", RULES)
async def test_the_rules_of_a_mailbox_decide(tmp_path: Path, case: str) -> None:
    """Whether a second pull brings something, when that time has passed since the first."""
    mailbox, after, is_more = RULES[case]
    async with running_hub(tmp_path, extra={"creditor": {"mailbox": mailbox}}) as hub:
        await push(hub)
        await push(hub)
        assert (await pull(hub)).user_message is not None
        hub.clock.move(after)
        reply = await pull(hub)
        assert (reply.user_message is not None) is is_more
        assert is_more or reply.codes == EMPTY


async def test_how_long_a_message_waits_is_its_receivers_word(tmp_path: Path) -> None:
    ends = {}
    for name, mailbox in {
        "nothing": {},
        "term_working_days": {"term_working_days": 1},
        "extension_days": {"extension_days": 7},
        "extension": {"extension_days": 7, "extension": "request"},
    }.items():
        async with running_hub(tmp_path / name, extra={"creditor": {"mailbox": mailbox}}) as hub:
            await push(hub)
            (message,) = await records(hub)
            ends[name] = message.metadata.expires_at
    assert ends["nothing"] == ends["extension"]
    assert ends["term_working_days"] < ends["nothing"]
    assert ends["extension_days"] - ends["nothing"] == timedelta(days=7)
    assert all(each > datetime(2026, 3, 4, tzinfo=UTC) for each in ends.values())


@pytest.mark.parametrize(("form", "is_there"), [(None, True), ("thumbprint", False)])
async def test_the_hub_names_its_certificate_as_the_file_wants_it(
    tmp_path: Path, form: str | None, *, is_there: bool
) -> None:
    said = {} if form is None else {"key_reference": form}
    async with running_hub(tmp_path, extra={"counsellor": said}) as hub:
        reply = await post(hub, saldoverzoek().wire())
        assert reply.receipt is not None
        assert (b"BinarySecurityToken" in reply.body) is is_there


@pytest.mark.parametrize("listed", ["creditor-encryption", "creditor-next-encryption"])
async def test_what_is_pulled_is_sealed_to_the_certificate_that_the_file_lists(tmp_path: Path, listed: str) -> None:
    said = {"certificates": {"signing": ["creditor-signing"], "encryption": [listed]}}
    keys = [identity("creditor").decryption_key, identity("creditor", "next").decryption_key]
    async with running_hub(tmp_path, extra={"creditor": said}) as hub:
        await push(hub)
        pulled = await pull(hub)
    opens, other = reversed(keys) if "next" in listed else keys
    assert pulled.plain("creditor", opens)
    with pytest.raises(SecurityFault):
        pulled.plain("creditor", other)
