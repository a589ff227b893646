"""What an organisation keeps at its desk for itself, no verb of the operator shows or sets."""

from __future__ import annotations

import ast
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from support.clocks import StandingClock
from support.portal.desks import nothing_asked
from support.portal.engines import PORTAL_ENGINES
from support.portal.portal_samples import ORGANISATION, counting, document, handling, key_set, paired

import gateway.administration
import gateway.cli
from gateway.administration.administered import Administered, Desks, FileChange
from gateway.administration.verbs import VERBS
from gateway.refused import Refused
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import RequestKind
from gateway.store.portal.wishes import ExtensionWish, write_wish

IBAN = "NL91ABNA0417164300"
ROOMS = [Path(str(room.__file__)).parent for room in (gateway.administration, gateway.cli)]
# Of the portal's store: what holds accounts and contacts, sets them, or tells who had messages in hand.
NOT_ASKED = {"document", "documents", "keep_document", "handlings", "note_handlings", "journal"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[PortalStore]:
    opened = await PORTAL_ENGINES["sqlite"](tmp_path, StandingClock())
    yield opened
    await opened.aclose()


def test_no_verb_or_command_asks_the_store_for_them_PO_66() -> None:
    asked = {
        node.func.attr
        for room in ROOMS
        for path in room.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "store"
    }
    assert "find_request" in asked, "calls are found"
    assert asked & NOT_ASKED == set()


def test_no_verb_takes_or_gives_an_account_PO_66() -> None:
    for verb in VERBS.values():
        declared = [verb.answer.json_schema(), *(each.json_schema() for each in verb.arguments.values())]
        assert not any("iban" in json.dumps(each).lower() for each in declared), verb.name


async def test_what_is_kept_stands_in_no_answer_about_the_organisation_PO_66(store: PortalStore) -> None:
    person = await paired(store)
    settings = document(1, json.dumps({"accounts": [{"iban": IBAN}]}).encode(), kept_by=person.id)
    assert await store.keep_document(settings)
    await store.note_handlings([handling(person=person.id)])
    keys = key_set(person)
    await counting(store, person)
    await store.propose_key_set(keys, [])
    wish = write_wish(ExtensionWish(days=7))
    await store.submit_request(RequestKind.EXTENSION, wish, organisation=ORGANISATION, unit=keys.unit, by=person.id)

    async def put(_change: FileChange) -> None:
        raise AssertionError("nothing is written")

    desks = Desks(store=store, put_certificates=put, foretold=nothing_asked, grant=nothing_asked)
    running = cast(Any, type("Running", (), {"desks": desks})())
    of = Administered(store=cast(Any, None), clock=StandingClock(), running=running)
    answers = [VERBS["requests"].answer.dump_json(await VERBS["requests"].work(of))]
    for each in await store.requests():
        try:
            found = await VERBS["request"].work(of, each.id)
        except (AssertionError, Refused):  # what it would change is asked of files, which are not here
            continue
        answers.append(VERBS["request"].answer.dump_json(found))
    assert b"extension" in answers[0]
    assert all(IBAN.encode() not in each and b"Saldoverzoek" not in each for each in answers)
