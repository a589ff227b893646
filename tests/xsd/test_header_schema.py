"""The header schema tells what a header breaks in sentences that hold nothing of the message."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.messages.headers import CANARY, CASES, EB, ERROR, MESSAGE_INFO, messaging, user

from xsd.checking.header_schema import header_too_large, header_violations

S12 = "http://www.w3.org/2003/05/soap-envelope"


@pytest.mark.parametrize(("header", "broken"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_a_header_is_told_what_it_breaks(header: etree._Element, broken: tuple[str, ...]) -> None:
    assert header_violations(header) == broken
    assert CANARY not in "".join(header_violations(header))


def test_a_header_is_judged_where_it_stands_in_its_envelope() -> None:
    envelope = etree.fromstring(
        f'<S:Envelope xmlns:S="{S12}" xmlns="{EB}"><S:Header><x/><Messaging><UserMessage><MessageInfo/></UserMessage>'
        "</Messaging></S:Header><S:Body/></S:Envelope>"
    )
    before = etree.tostring(envelope)
    assert header_violations(envelope[0][1]) == (
        "Messaging/UserMessage/MessageInfo lacks Timestamp",
        "Messaging/UserMessage lacks PartyInfo",
    )
    assert etree.tostring(envelope) == before


def test_another_element_is_no_header() -> None:
    assert header_violations(etree.fromstring(f"<{CANARY}/>")) == ("* is not an element of the schema",)
    assert header_violations(etree.fromstring(f"<UserMessage xmlns='{EB}'/>")) == (
        "UserMessage is not an element of the schema",
    )


def test_a_message_cannot_choose_its_own_types_or_leave_values_out() -> None:
    nil = "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='true'"
    assert header_violations(user(f"<eb:MessageInfo {nil}/>")) != ()
    other = "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='geheim-4711'"
    assert header_violations(user(f"<eb:MessageInfo {other}/>")) != ()


@pytest.mark.parametrize("blanks", [" ", "\n\t ", "\r\n"])
def test_blanks_around_a_moment_collapse(blanks: str) -> None:
    spaced = MESSAGE_INFO.format("").replace("</eb:Timestamp>", blanks + "</eb:Timestamp>")
    spaced = spaced.replace("<eb:Timestamp>", f"<eb:Timestamp>{blanks}")
    assert header_violations(user(spaced)) == header_violations(user(MESSAGE_INFO.format("")))
    assert header_violations(user(spaced.replace("-", "\xa0", 1))) != header_violations(user(spaced))


PROPERTY = "<eb:Property name='a'>b</eb:Property>"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("<a><b><c/></b></a>" * 70 + "<a>" + "<b/>" * 79 + "</a>", None),
        ("<a/>" * 81, "80 elements in one element"),
        ("<a>" + "<b/>" * 81 + "</a>", "80 elements in one element"),
        ("<a>" + "<b><c/><c/></b>" * 79 + "</a>" + "<a><b/></a>" * 78 + "<a>" + "<b/>" * 79 + "</a>", None),
        ("<eb:A>" + PROPERTY * 80 + "</eb:A>", None),
        ("<eb:A>" + PROPERTY * 81 + "</eb:A>", "80 elements in one element"),
        (("<a>" + "<b/>" * 79 + "</a>") * 13, "1000 elements"),
        ("<a>" + "<b c='' d='' e='' f='' g='' h='' i='' j='' k='' l=''/>" * 71 + "</a>", "700 attributes"),
        (("<eb:A>" + PROPERTY * 77 + "</eb:A>") * 5, "384 properties"),
        (("<eb:A>" + PROPERTY * 64 + "</eb:A>") * 6, None),
        ("<eb:A>" + PROPERTY * 70 + "<eb:Property name='a'/></eb:A>", "without name or value"),
        ("<eb:A>" + PROPERTY * 60 + "<eb:Property name='a'/></eb:A>", None),
    ],
)
def test_a_header_of_unusual_size_is_told_before_its_faults_are(content: str, says: str | None) -> None:
    told = header_too_large(messaging(content))
    assert told is None if says is None else told is not None and says in told


def test_no_more_than_fifty_violations_are_told_and_soon() -> None:
    before = time.thread_time()
    for content in ("<eb:Error a='1'/>" * 2_400, ERROR * 700 + "<eb:Error a='1'/>" * 300):
        header = messaging(f"<eb:SignalMessage>{MESSAGE_INFO.format('')}{content}</eb:SignalMessage>")
        assert 30 < len(header_violations(header)) <= 50
    long = "attribute '{" * 5_000
    assert header_violations(user(MESSAGE_INFO.format("").replace("2026", long))) != ()
    header = messaging("<eb:SignalMessage/>" * 9_999)
    assert header_violations(header) == ("Messaging has more than 2500 elements",)
    assert time.thread_time() - before < 1


@given(
    name=st.from_regex(r"[a-z]{8}", fullmatch=True).map(lambda name: f"zz{name}"),
    value=st.sampled_from(
        ["'{urn:x}Service'", "attribute 'mpc'", "Expected is ( {u}Action )", "a b", "Missing child element(s)."]
    ),
    place=st.sampled_from(
        ["<eb:MessageId>", "<eb:Action>", "<eb:Role>", "<eb:PartInfo href='", "<eb:Timestamp>", "<eb:From>"]
    ),
)
def test_what_a_message_says_never_shows(name: str, value: str, place: str) -> None:
    inserted = f"{place}{value.replace(chr(39), '&apos;')} {name}"
    if place.endswith(">"):
        inserted += f"<eb:{name}/><{name} xmlns='urn:{name}'/>"
    whole = etree.tostring(user(), encoding="unicode")
    header = etree.fromstring(whole.replace(place, inserted, 1))
    told = header_violations(header)
    assert name not in "".join(told)


def test_threads_judge_side_by_side() -> None:
    wrong: list[tuple[str, ...]] = []

    def work(row: int) -> None:
        _, header, broken = CASES[row]
        mine = etree.fromstring(etree.tostring(header))
        for _ in range(100):
            told = header_violations(mine)
            if told != broken:
                wrong.append(told)

    threads = [threading.Thread(target=work, args=(row,)) for row in (0, 20, 25, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
