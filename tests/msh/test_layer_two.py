"""Where a P-Mode says so, the hub judges a document by the rules that a schema cannot say (decision 0012)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.hubs.hub import running_hub
from support.messages.wire import Draft, Part, Reply, post, saldoverzoek

from gateway.ebms import names
from gateway.store.model import MessageFilter

ON = {"Knooppunt.LayerTwo": True}
WRONG_BSN = "123456789"


def bent(draft: Draft, old: str, new: str) -> Draft:
    """The same with other words in its document."""
    octets = draft.parts[0].octets
    assert old.encode() in octets
    return draft.with_parts(replace(draft.parts[0], octets=octets.replace(old.encode(), new.encode())))


def breaking_two_rules() -> Draft:
    """A Saldoverzoek that keeps to its schema, with a wrong citizen service number and a birth to come."""
    draft = bent(saldoverzoek(), "<BSN>999990019</BSN>", f"<BSN>{WRONG_BSN}</BSN>")
    return bent(draft, "<Geboortedatum>1980", "<Geboortedatum>2080")


async def answered(folder: Path, draft: Draft, **extra: dict[str, object]) -> tuple[Reply, int]:
    """What the hub says, and how many messages it holds then."""
    async with running_hub(folder, extra=extra) as hub:
        answer = await post(hub, draft.wire())
        return answer, len(await hub.store.messages(MessageFilter()))


LEGS = {
    "the sender's file, both legs": {"counsellor": {"overrides": ON}},
    "the sender's file, leg 1": {"counsellor": {"overrides": {"sending": ON}}},
    "the receiver's file, leg 2": {"creditor": {"overrides": {"receiving": ON}}},
    "hub.yaml": {"hub": {"overrides": ON}},
}


@pytest.mark.parametrize("extra", LEGS.values(), ids=LEGS)
async def test_where_a_leg_asks_for_it_every_broken_rule_is_refused(
    tmp_path: Path, extra: dict[str, dict[str, object]]
) -> None:
    answer, kept = await answered(tmp_path, breaking_two_rules(), **extra)
    assert answer.error is not None
    assert set(answer.codes) == {"EBMS:0004"}
    found = [(each.detail or "").split() for each in answer.error.errors]
    assert [(code, path) for code, _, path in found] == [
        ("code=BSN-ELFPROEF", "path=/Saldoverzoek/BSN"),
        ("code=GEBOORTEDATUM-VERLEDEN", "path=/Saldoverzoek/Klant/Geboortedatum"),
    ]
    assert all(int(line.removeprefix("line=")) > 1 for _, line, _ in found)
    assert WRONG_BSN.encode() not in answer.body
    assert b"2080" not in answer.body
    assert kept == 0


OTHERS = {
    "nowhere": {},
    "only for what the sender gets": {"counsellor": {"overrides": {"receiving": ON}}},
    "only for what the receiver sends": {"creditor": {"overrides": {"sending": ON}}},
    "off again in the sender's file": {
        "hub": {"overrides": {"sending": ON}}, "counsellor": {"overrides": {"Knooppunt.LayerTwo": False}},
    },
}  # fmt: skip


@pytest.mark.parametrize("extra", OTHERS.values(), ids=OTHERS)
async def test_where_no_leg_asks_for_it_the_rules_are_the_participants_business(
    tmp_path: Path, extra: dict[str, dict[str, object]]
) -> None:
    answer, kept = await answered(tmp_path, breaking_two_rules(), **extra)
    assert (answer.codes, kept) == ((), 1)


async def test_sentences_are_in_the_language_of_the_organisation(tmp_path: Path) -> None:
    answer, _ = await answered(tmp_path, breaking_two_rules(), counsellor={"overrides": ON, "language": "nl"})
    assert answer.error is not None
    assert answer.error.errors[0].description == "Het burgerservicenummer voldoet niet aan de elfproef."


async def test_what_breaks_its_schema_is_judged_by_its_schema_alone(tmp_path: Path) -> None:
    draft = bent(breaking_two_rules(), "<Klant>", "<Klant><Vreemd/>")
    answer, _ = await answered(tmp_path, draft, counsellor={"overrides": ON})
    assert answer.error is not None
    assert all("code=XSD-" in (each.detail or "") for each in answer.error.errors)


async def test_a_document_that_the_senders_role_must_bring_is_missed(tmp_path: Path) -> None:
    draft = saldoverzoek(module="Schuldinventarisatie", variant="zonder-bijlage")
    draft = draft.with_parts(*draft.parts, Part(octets=b"%PDF", mime_type="application/pdf"))
    extra = {"roles": ["shv-overig"], "modules": {"Schuldinventarisatie": ["2.0"]}}
    answer, _ = await answered(tmp_path / "on", draft, counsellor={**extra, "overrides": ON})
    assert answer.error is not None
    (missed,) = answer.error.errors
    assert missed.detail == "code=BIJLAGE-VERPLICHT line=3 path=/Saldoverzoek/Stuurgegevens"
    answer, kept = await answered(tmp_path / "off", draft, counsellor=extra)
    assert (answer.codes, kept) == ((), 1)


async def test_an_answer_is_judged_without_its_question(tmp_path: Path) -> None:
    async with running_hub(tmp_path, extra={"hub": {"overrides": ON}}) as hub:
        asked = saldoverzoek()
        claim = asked.parts[0].octets.split(b"<Vordering>", 2)[1].split(b"</Vordering>")[0]
        more = b"<Vordering>" + claim.replace(b"VolgensSHV>", b"VolgensSHV>N-", 1) + b"</Vordering></Vorderingen>"
        octets = asked.parts[0].octets.replace(b"</Vorderingen>", more)
        asked = asked.with_parts(replace(asked.parts[0], octets=octets))
        assert (await post(hub, asked.wire())).codes == ()
        answering = {
            "conversation": asked.user_message.conversation_id,
            "reference": asked.user_message.property(names.TRACKING_IDENTIFIER) or "",
        }
        answer = saldoverzoek("creditor", "counsellor", action="SaldoverzoekAntwoord", answering=answering)
        assert (await post(hub, answer.wire())).codes == ()
