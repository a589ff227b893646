"""Several Errors in one envelope: each is judged for itself, and what changes nothing is one line of the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.hubs.hub import running_hub
from support.keys.pki import NOW, identity
from support.messages.bundles import (
    error_about,
    pulled_by_creditor,
    signed_anew,
    with_errors,
)
from support.messages.operations import counted_operations
from support.messages.wire import (
    new_id,
    post,
    pull_request,
    signal_wire,
)

from gateway.ebms.model import Messaging

BESIDE_AN_ERROR = ["good", "about-nothing", "stale", "ahead"]


@pytest.mark.parametrize(
    ("beside", "other"),
    [("nothing", "bent"), *((beside, other) for beside in ("nothing", "pull") for other in BESIDE_AN_ERROR)],
)
@pytest.mark.parametrize("order", ["before", "behind"])
async def test_each_error_of_an_envelope_is_judged_for_itself_and_logged(
    tmp_path: Path, beside: str, other: str, order: str
) -> None:
    async with running_hub(tmp_path, time_confirmed=other != "ahead") as hub:
        one, two = await pulled_by_creditor(hub), await pulled_by_creditor(hub)
        good, second = error_about(one), error_about(two)
        match other:
            case "about-nothing":
                second = replace(
                    second,
                    ref_to_message_id=None,
                    errors=(replace(second.errors[0], ref_to_message_in_error=new_id()),),
                )
            case "stale":
                second = replace(second, timestamp=NOW - timedelta(minutes=20))
            case "ahead":
                second = replace(second, timestamp=NOW + timedelta(minutes=6))
            case "bent":
                second = replace(second, message_id=" ")
            case _:
                pass
        errors = (second, good) if order == "before" else (good, second)
        reply = await post(hub, with_errors(*errors, beside=pull_request() if beside == "pull" else None))
        assert len(hub.log.of("error_taken")) == (2 if other == "good" else 1), hub.log.lines
        logged = [event for event in ("error_distrusted", "error_unmatched", "postponed") if hub.log.of(event)]
        bent_or_unknown = {"about-nothing": "error_unmatched", "stale": "error_distrusted", "bent": "error_unmatched"}
        ahead = "postponed" if beside == "nothing" else "error_distrusted"
        assert logged == ([] if other == "good" else [bent_or_unknown.get(other, ahead)])
        expected = 200 if beside == "pull" else 503 if other == "ahead" else 204
        assert (reply.status, reply.codes) == (expected, ("EBMS:0006",) if beside == "pull" else ())


LINES = ("error_distrusted", "error_unmatched", "error_repeated")


@pytest.mark.parametrize("beside", ["nothing", "pull"])
@pytest.mark.parametrize("name", ["about-nothing", "stale", "repeated", "by-a-stranger", "of-every-kind"])
async def test_the_errors_of_one_envelope_that_change_nothing_are_one_line_in_the_log(
    tmp_path: Path, beside: str, name: str
) -> None:
    async with running_hub(tmp_path) as hub:
        good = error_about(await pulled_by_creditor(hub))
        other = [replace(error_about(await pulled_by_creditor(hub)), message_id=new_id()) for _ in range(2)]
        stale = [replace(each, timestamp=NOW - timedelta(minutes=20)) for each in other]
        nothing = [replace(good, message_id=new_id(), ref_to_message_id=new_id()) for _ in range(9)]
        if name in ("repeated", "of-every-kind"):
            assert (await post(hub, with_errors(good))).status == 204
        errors = {
            "about-nothing": nothing,
            "stale": stale,
            "repeated": [good, good],
            "by-a-stranger": other,
            "of-every-kind": [good, *stale, *nothing],
        }[name]
        taken = len(hub.log.of("error_taken"))
        wire = with_errors(*errors, beside=pull_request() if beside == "pull" else None)
        if name == "by-a-stranger":
            wire = signed_anew(wire, signer=identity("stranger").signing_key)
        reply = await post(hub, wire)
        assert reply.error is None or beside == "pull"
        (line,) = [each for event in LINES for each in hub.log.of(event)]
        assert line["errors"] == len(errors)
        assert len(hub.log.of("error_taken")) == taken


@pytest.mark.parametrize("about", ["a-message", "nothing"])
async def test_an_error_about_nothing_costs_what_one_about_a_message_costs(
    tmp_path: Path, about: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both by a stranger: one public-key operation, and no answer (X05)."""
    async with running_hub(tmp_path) as hub:
        error = error_about(await pulled_by_creditor(hub))
        if about == "nothing":
            error = replace(error, ref_to_message_id=new_id())
        wire = signal_wire(Messaging(error=error), identity("stranger").signing_key)
        operations = counted_operations(monkeypatch)
        reply = await post(hub, wire)
        assert (reply.status, reply.body, len(operations)) == (204, b"", 1)
        assert not hub.log.of("error_taken")
