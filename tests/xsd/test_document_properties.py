"""The one XML parser under arbitrary, altered and foreign documents."""

from __future__ import annotations

import random
import threading
from codecs import BOM_UTF8
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.published.reference import envelope_octets, envelopes, reference

from gateway.limits import ENVELOPE_LIMITS, PAYLOAD_LIMITS
from xsd.document import DocumentFault, parse_document, text_of

CODES = {
    "empty", "too-large", "compressed", "encoding", "charset", "declaration", "nul", "doctype",
    "processing-instruction", "entity", "xinclude", "depth", "elements", "attributes", "namespaces", "text",
    "not-well-formed", "byte-order-mark", "other-encoding",
}  # fmt: skip


def parse(octets: bytes, charset: str | None = None) -> etree._Element:
    return parse_document(octets, limits=ENVELOPE_LIMITS, charset=charset)


def outcome(octets: bytes) -> str:
    """`read`, or the code of the fault; anything else that is raised fails the test."""
    try:
        parse(octets)
    except DocumentFault as fault:
        return fault.code
    return "read"


def test_a_comment_inside_a_value_does_not_cut_it_short() -> None:
    root = parse(b"<a><b>NL91<!-- x -->ABNA<!----><![CDATA[0417]]></b><b/><b><!-- y --></b></a>")
    assert [text_of(each) for each in root] == ["NL91ABNA0417", "", ""]
    assert root[0].text == "NL91"


@given(
    pieces=st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))
    )
)
def test_what_readers_read_is_what_a_signature_covers(pieces: list[str]) -> None:
    escaped = [each.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for each in pieces]
    octets = ("<a>" + "<!-- weg -->".join(escaped) + "</a>").encode()
    root = parse_document(octets, limits=PAYLOAD_LIMITS)
    signed = etree.fromstring(etree.tostring(root, method="c14n", exclusive=True, with_comments=False))
    assert text_of(root) == "".join(pieces) == (signed.text or "")


@given(
    text=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="<>&\ufffe\uffff")),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    declaration=st.booleans(),
)
def test_the_encoding_makes_no_difference(text: str, codec: str, declaration: bool) -> None:
    name = "utf-16" if codec == "utf-16" else "utf-8"
    prolog = f'<?xml version="1.0" encoding="{name}"?>' if declaration else ""
    octets = f"{prolog}<a>{text}</a>".encode(codec)
    assert text_of(parse_document(octets, limits=PAYLOAD_LIMITS, charset=name)) == text


@given(octets=st.binary(max_size=200))
def test_any_octets_give_a_tree_or_a_fault(octets: bytes) -> None:
    for document in (octets, b"<a>" + octets, b"<a>" + octets + b"</a>"):
        assert outcome(document) in {"read", *CODES}


OWN = b"""<?xml version="1.0" encoding="UTF-8"?>
<S12:Envelope xmlns:S12="http://www.w3.org/2003/05/soap-envelope"><S12:Header><!-- a -->
<eb:Messaging xmlns:eb="http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/" S12:mustUnderstand="true"
 xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" wsu:Id="m1">
<eb:UserMessage mpc="urn:knooppunt:mpc:1"><eb:MessageInfo><eb:Timestamp>2026-03-24T10:00:00Z</eb:Timestamp>
<eb:MessageId>a@b</eb:MessageId></eb:MessageInfo></eb:UserMessage></eb:Messaging></S12:Header><S12:Body/></S12:Envelope>"""


def test_no_mutant_of_a_message_gets_out_of_the_parser_as_anything_but_a_fault() -> None:
    """XP-20, the parser's part: flips, cuts, insertions and swaps, from a fixed seed."""
    source = random.Random(20)
    outcomes: list[str] = []
    for _ in range(4_000):
        mutant = bytearray(OWN)
        for _ in range(source.randint(1, 3)):
            at = source.randrange(len(mutant))
            kind = source.randrange(4)
            if kind == 0:
                mutant[at] ^= 1 << source.randrange(8)
            elif kind == 1:
                del mutant[at : at + source.randint(1, 40)]
            elif kind == 2:
                mutant[at:at] = source.choice(
                    [b"<", b">", b"&", b"<!--", b"<?x?>", b"]]>", b"\0", b"\xff", b"<b>", b"'"]
                )
            else:
                mutant[at : at + 8] = mutant[at : at + 8][::-1]
        outcomes.append(outcome(bytes(mutant)))
    assert set(outcomes) <= {"read", *CODES}
    assert 200 < outcomes.count("read") < 2_000


def test_threads_parse_side_by_side() -> None:
    read: list[str] = []

    def work(name: str) -> None:
        for _ in range(200):
            read.append(text_of(parse(f"<a>{name}</a>".encode())))
            with pytest.raises(DocumentFault):
                parse(b"<a><b></a>")

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read) == sorted(str(n) for n in range(4) for _ in range(200))


# What other products wrote and cannot be read, with the code of the fault.
UNREADABLE = {
    "phase4-UserMessageWithCompressedPayload12-not-wellformed.xml": "not-well-formed",
    "phase4-PullRequest12-bad-namespace-uri.xml": "not-well-formed",
    "phase4-soap11-NoMessaging.xml": "empty",  # the file holds no envelope
}


@pytest.mark.parametrize("path", envelopes() or [None], ids=lambda path: path.name if path else "absent")
def test_what_other_products_write_is_read(path: Path | None) -> None:
    reference("as4", "messages")
    assert path is not None
    octets = envelope_octets(path)
    if path.name in UNREADABLE:
        with pytest.raises(DocumentFault) as caught:
            parse(octets)
        assert caught.value.code == UNREADABLE[path.name]
    else:
        assert parse(octets).tag.endswith("}Envelope")


def test_a_mark_and_a_blank_before_the_declaration_are_read_as_a_real_sender_wrote_them() -> None:
    octets = reference("as4", "messages", "structure", "pullrequest-usernametoken-role-ebms.txt").read_bytes()
    assert octets.startswith(BOM_UTF8)
    assert parse(octets, "utf-8").tag.endswith("}Envelope")
