"""Every kind of message that the product sends, taken from its sockets, before judges who know nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from interop.alterations import ALTERATIONS, NotApplicable, written_anew
from interop.judges import JdkJudge
from interop.oracles import Opinion, WireMessage, bergshamra_verdict, signxml_verdict
from interop.product import product_verdict

KINDS = (
    "pushed user message",
    "pulled user message",
    "receipt of the hub",
    "receipt of the client",
    "error of the hub",
    "error of the client",
    "warning of the hub",
    "pull request",
    "receipt with a pull request",
)
WITH_PARTS = ("pushed user message", "pulled user message")
each_kind = pytest.mark.parametrize("kind", KINDS)

Judge = Callable[[WireMessage], Opinion]


@pytest.fixture
def judges(jdk: JdkJudge) -> Mapping[str, Judge]:
    return {"JDK": jdk, "signxml": signxml_verdict, "pybergshamra": bergshamra_verdict, "ourselves": product_verdict}


@each_kind
def test_every_judge_accepts_the_message(
    judges: Mapping[str, Judge], every_kind: Mapping[str, WireMessage], kind: str
) -> None:
    opinions = {name: judge(every_kind[kind]) for name, judge in judges.items()}
    assert {name: opinion.reason for name, opinion in opinions.items() if not opinion.valid} == {}


@pytest.mark.parametrize("kind", WITH_PARTS)
def test_every_judge_decrypts_and_inflates_the_same_payloads(
    judges: Mapping[str, Judge], every_kind: Mapping[str, WireMessage], kind: str
) -> None:
    digests = [judge(every_kind[kind]).payloads for judge in judges.values()]
    assert digests[0]
    assert all(each == digests[0] for each in digests)


@each_kind
def test_writing_the_envelope_anew_changes_no_opinion(
    judges: Mapping[str, Judge], every_kind: Mapping[str, WireMessage], kind: str
) -> None:
    anew = written_anew(every_kind[kind])
    assert [name for name, judge in judges.items() if not judge(anew).valid] == []


@each_kind
@pytest.mark.parametrize("alteration", ALTERATIONS.values(), ids=ALTERATIONS)
def test_every_judge_refuses_the_altered_message(
    judges: Mapping[str, Judge],
    every_kind: Mapping[str, WireMessage],
    kind: str,
    alteration: Callable[[WireMessage], WireMessage],
) -> None:
    try:
        altered = alteration(every_kind[kind])
    except NotApplicable:
        assert kind not in WITH_PARTS
        return
    assert altered.body != every_kind[kind].body
    assert [name for name, judge in judges.items() if judge(altered).valid] == []


def test_the_pulled_message_proves_its_origin_to_the_jdk(
    jdk: JdkJudge, every_kind: Mapping[str, WireMessage], tmp_path_factory: pytest.TempPathFactory
) -> None:
    sender = tmp_path_factory.mktemp("sender") / "certificate"
    sender.write_bytes(every_kind["pushed user message"].certificate.public_bytes(Encoding.PEM))
    pushed = jdk.answer(every_kind["pushed user message"])
    pulled = jdk.answer(every_kind["pulled user message"], **{"origin-certificate": str(sender)})
    assert ("verdict", "valid") in pulled
    assert [value for name, value in pulled if name == "origin-reference"] == [
        value for name, value in pushed if name == "reference"
    ]


def test_the_receipts_repeat_to_the_jdk_what_was_signed(jdk: JdkJudge, every_kind: Mapping[str, WireMessage]) -> None:
    for message, receipt in (
        ("pushed user message", "receipt of the hub"),
        ("pulled user message", "receipt of the client"),
    ):
        signed = [value for name, value in jdk.answer(every_kind[message]) if name == "reference"]
        repeated = [value for name, value in jdk.answer(every_kind[receipt]) if name == "acknowledges"]
        assert repeated == signed
