"""What verification refuses, by clause: each row alters a good message in one way and says which fault it ends in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import deepcopy

import pytest
from lxml import etree
from support.keys.pki import identity
from support.messages.signed_messages import (
    EB,
    MESSAGING,
    Wire,
    check,
    first,
    make,
    policy_for,
    positions,
    references,
    sign_anew,
)

from crypto import names
from crypto.canonical import canonical_octets
from crypto.elements import Element, ids_of, local_name
from crypto.faults import FailedAuthentication, PolicyNoncompliance, SecurityFault
from crypto.verify import verify

PARTS = {"one@knooppunt.example": b"octets of one", "two@knooppunt.example": b"octets of two"}
DS = f"{{{names.DS}}}"

Change = Callable[[Element], object]


@pytest.fixture(scope="module")
def wire() -> Wire:
    return make(parts=PARTS)


def remove(tag: str) -> Change:
    def change(document: Element) -> None:
        element = first(document, tag)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return change


def drop_reference(index: int) -> Change:
    def change(document: Element) -> None:
        reference = references(document)[index]
        reference.getparent().remove(reference)

    return change


def set_algorithm(tag: str, algorithm: str, index: int = 0) -> Change:
    return lambda document: list(document.iter(tag))[index].set("Algorithm", algorithm)


def set_uri(index: int, uri: str | None) -> Change:
    def change(document: Element) -> None:
        reference = references(document)[index]
        if uri is None:
            del reference.attrib["URI"]
        else:
            reference.set("URI", uri)

    return change


def add_copy_of_reference(index: int, uri: str | None = None) -> Change:
    def change(document: Element) -> None:
        reference = references(document)[index]
        copy = deepcopy(reference)
        copy.set("URI", uri or copy.get("URI"))
        reference.getparent().append(copy)

    return change


def add_child(tag: str, child: str, **attributes: str) -> Change:
    return lambda document: etree.SubElement(first(document, tag), child, **attributes)


def set_text(tag: str, text: str) -> Change:
    def change(document: Element) -> None:
        first(document, tag).text = text

    return change


def add_transform(algorithm: str, position: int) -> Change:
    def change(document: Element) -> None:
        transforms = first(document, names.TRANSFORMS)
        transforms.insert(position, etree.Element(names.TRANSFORM, Algorithm=algorithm))

    return change


def add_prefixes(count: int, *, characters: int = 0) -> Change:
    prefixes = " ".join(f"p{number}" for number in range(count)).ljust(characters)
    return add_child(names.TRANSFORM, names.INCLUSIVE_NAMESPACES, PrefixList=prefixes)


def duplicate_id(document: Element) -> None:
    where = positions(document)
    etree.SubElement(where.body, "{urn:x}y").set("Id", str(where.messaging.get(names.WSU_ID)))


def alter_message_id(document: Element) -> None:
    first(document, f"{{{EB}}}MessageId").text = "other@knooppunt.example"


def alter_body(document: Element) -> None:
    etree.SubElement(positions(document).body, "{urn:x}y")


def pretty_print(document: Element) -> None:
    etree.indent(positions(document).messaging)


def flip_signature_value(document: Element) -> None:
    value = first(document, names.SIGNATURE_VALUE)
    text = str(value.text)
    value.text = ("B" if text[0] == "A" else "A") + text[1:]


def comment_inside(tag: str) -> Change:
    def change(document: Element) -> None:
        element = first(document, tag)
        text = str(element.text)
        element.text = text[:10]
        comment = etree.Comment("a reader may stop here")
        comment.tail = text[10:]
        element.append(comment)

    return change


def relative_namespace(document: Element) -> None:
    where = positions(document)
    where.body.append(etree.fromstring('<a xmlns="relative/name"/>'))


REFUSED: list[tuple[str, Change, type[SecurityFault]]] = [
    ("S08 no signature", remove(names.SIGNATURE), PolicyNoncompliance),
    ("DS-01-empty", lambda document: first(document, names.SIGNATURE).clear(), PolicyNoncompliance),
    ("DS-01-no-value", remove(names.SIGNATURE_VALUE), PolicyNoncompliance),
    ("DS-01-no-key-info", remove(names.KEY_INFO), PolicyNoncompliance),
    ("DS-01-no-signed-info", remove(names.SIGNED_INFO), PolicyNoncompliance),
    ("DS-01-empty-signed-info", lambda document: first(document, names.SIGNED_INFO).clear(), PolicyNoncompliance),
    ("DS-01-object", add_child(names.SIGNATURE, f"{DS}Object"), PolicyNoncompliance),
    ("S09 a character of the signature value", flip_signature_value, FailedAuthentication),
    ("S09-not-base64", set_text(names.SIGNATURE_VALUE, "!!!!"), FailedAuthentication),
    ("S09-short", set_text(names.SIGNATURE_VALUE, "AAAA"), FailedAuthentication),
    ("S09-empty", set_text(names.SIGNATURE_VALUE, ""), FailedAuthentication),
    ("S10 the MessageId", alter_message_id, FailedAuthentication),
    ("S12 the Body", alter_body, FailedAuthentication),
    ("S43 laid out anew", pretty_print, FailedAuthentication),
    ("S13 Messaging is not signed", drop_reference(0), PolicyNoncompliance),
    ("S14 the Body is not signed", drop_reference(1), PolicyNoncompliance),
    ("S15 a part is not signed", drop_reference(2), PolicyNoncompliance),
    (
        "S16 a signed part that is not there",
        add_copy_of_reference(2, "cid:three@knooppunt.example"),
        FailedAuthentication,
    ),
    ("S17 a signed element that is not there", add_copy_of_reference(0, "#nowhere"), FailedAuthentication),
    ("S17-replaced", set_uri(0, "#nowhere"), FailedAuthentication),
    ("S17-other-element", add_copy_of_reference(0, "#X509-1"), FailedAuthentication),
    ("twice-element", add_copy_of_reference(0), PolicyNoncompliance),
    ("twice-part", add_copy_of_reference(2), PolicyNoncompliance),
    ("twice-part-encoded", add_copy_of_reference(2, "cid:one%40knooppunt.example"), PolicyNoncompliance),
    ("S18 two elements with one id", duplicate_id, FailedAuthentication),
    ("DS-06-empty", set_uri(0, ""), PolicyNoncompliance),
    ("DS-06-missing", set_uri(0, None), PolicyNoncompliance),
    ("DS-06-root", set_uri(0, "#xpointer(/)"), PolicyNoncompliance),
    ("DS-06-xpointer", set_uri(0, "#xpointer(id('id-3'))"), PolicyNoncompliance),
    ("DS-06-http", set_uri(0, "http://127.0.0.1:9/x"), PolicyNoncompliance),
    ("DS-06-file", set_uri(0, "file:///etc/hostname"), PolicyNoncompliance),
    ("DS-06-encoded", set_uri(0, "#id%2D3"), PolicyNoncompliance),
    ("DS-06-blank", set_uri(0, "#id-3 "), PolicyNoncompliance),
    ("DS-06-cid-not-utf-8", set_uri(2, "cid:%ff@knooppunt.example"), PolicyNoncompliance),
    ("S21-xslt", set_algorithm(names.TRANSFORM, "http://www.w3.org/TR/1999/REC-xslt-19991116"), PolicyNoncompliance),
    ("S21-xpath", set_algorithm(names.TRANSFORM, "http://www.w3.org/TR/1999/REC-xpath-19991116"), PolicyNoncompliance),
    ("S21-xpath-2", set_algorithm(names.TRANSFORM, "http://www.w3.org/2002/06/xmldsig-filter2"), PolicyNoncompliance),
    ("S21-enveloped", set_algorithm(names.TRANSFORM, f"{names.DS}enveloped-signature"), PolicyNoncompliance),
    ("S21-base64", set_algorithm(names.TRANSFORM, f"{names.DS}base64"), PolicyNoncompliance),
    ("S21-none", remove(names.TRANSFORMS), PolicyNoncompliance),
    ("DS-07-second", add_transform(names.EXC_C14N, 1), PolicyNoncompliance),
    ("DS-07-xslt-first", add_transform("http://www.w3.org/TR/1999/REC-xslt-19991116", 0), PolicyNoncompliance),
    ("DS-07-parameter", add_child(names.TRANSFORM, f"{DS}XPath"), PolicyNoncompliance),
    (
        "S22 a part signed with its headers",
        set_algorithm(
            names.TRANSFORM,
            names.ATTACHMENT_CONTENT_TRANSFORM.replace("Content", "Complete"),
            index=2,
        ),
        PolicyNoncompliance,
    ),
    ("S22-element", set_algorithm(names.TRANSFORM, names.ATTACHMENT_CONTENT_TRANSFORM), PolicyNoncompliance),
    ("S22-part-by-c14n", set_algorithm(names.TRANSFORM, names.EXC_C14N, index=2), PolicyNoncompliance),
    ("S23-rsa-sha1", set_algorithm(names.SIGNATURE_METHOD, f"{names.DS}rsa-sha1"), PolicyNoncompliance),
    ("S23-hmac", set_algorithm(names.SIGNATURE_METHOD, f"{names.DS}hmac-sha1"), PolicyNoncompliance),
    ("S23-rsa-sha512", set_algorithm(names.SIGNATURE_METHOD, names.RSA_SHA512), PolicyNoncompliance),
    ("S23-none", lambda document: first(document, names.SIGNATURE_METHOD).attrib.clear(), PolicyNoncompliance),
    ("DS-attribute", lambda document: first(document, names.DIGEST_METHOD).set("other", "x"), PolicyNoncompliance),
    (
        "DS-attribute-foreign",
        lambda document: first(document, names.TRANSFORM).set("{urn:x}URI", "x"),
        PolicyNoncompliance,
    ),
    (
        "DS-attribute-on-top",
        lambda document: first(document, names.SIGNED_INFO).set(names.WSU_ID, "x"),
        PolicyNoncompliance,
    ),
    ("DS-14 a length for an HMAC", add_child(names.SIGNATURE_METHOD, f"{DS}HMACOutputLength"), PolicyNoncompliance),
    ("S24-sha1", set_algorithm(names.DIGEST_METHOD, names.SHA1), PolicyNoncompliance),
    ("S24-sha512", set_algorithm(names.DIGEST_METHOD, names.SHA512, index=2), PolicyNoncompliance),
    (
        "S25-inclusive",
        set_algorithm(names.CANONICALIZATION_METHOD, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
        PolicyNoncompliance,
    ),
    (
        "DS-10-1.1",
        set_algorithm(names.CANONICALIZATION_METHOD, "http://www.w3.org/2006/12/xml-c14n11"),
        PolicyNoncompliance,
    ),
    (
        "DS-10-comments",
        set_algorithm(names.CANONICALIZATION_METHOD, f"{names.EXC_C14N}WithComments"),
        PolicyNoncompliance,
    ),
    ("DS-10-transform", set_algorithm(names.TRANSFORM, f"{names.EXC_C14N}WithComments"), PolicyNoncompliance),
    ("S26-16-prefixes", add_prefixes(16), FailedAuthentication),  # a form that is read, and not what was signed
    ("S26-17-prefixes", add_prefixes(17), PolicyNoncompliance),
    ("S26-1024-characters", add_prefixes(1, characters=1024), FailedAuthentication),
    ("S26-1025-characters", add_prefixes(1, characters=1025), PolicyNoncompliance),
    ("S26-altered", add_prefixes(1), FailedAuthentication),
    ("digest-not-base64", set_text(names.DIGEST_VALUE, "=A"), FailedAuthentication),
    ("digest-cut", set_text(names.DIGEST_VALUE, "AAAA"), FailedAuthentication),
    ("digest-long", set_text(names.DIGEST_VALUE, "A" * 300), PolicyNoncompliance),
    ("digest-comment", comment_inside(names.DIGEST_VALUE), PolicyNoncompliance),
    ("token-comment", comment_inside(names.BINARY_SECURITY_TOKEN), PolicyNoncompliance),
    ("value-comment", comment_inside(names.SIGNATURE_VALUE), PolicyNoncompliance),
    ("no-canonical-form", relative_namespace, FailedAuthentication),
]


@pytest.mark.parametrize(("change", "fault"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_an_altered_message_is_refused_with_the_fault_of_its_clause(
    wire: Wire, change: Change, fault: type[SecurityFault]
) -> None:
    check(wire)
    with pytest.raises(fault):
        check(wire.altered(change))


SIGNED_THAT_WAY: list[tuple[str, Change, type[SecurityFault]]] = [
    *(
        row
        for row in REFUSED
        if re.match(r"S1[3-7]|twice|DS-06|S21-|S22|DS-07|DS-10|DS-14|DS-attribute|S24|S25|S26-17", row[0])
    ),
    ("S24-parameter", add_child(names.DIGEST_METHOD, f"{DS}X"), PolicyNoncompliance),
    (
        "S22-parameter",
        lambda document: etree.SubElement(list(document.iter(names.TRANSFORM))[2], f"{DS}X"),
        PolicyNoncompliance,
    ),
    ("S21-type", add_child(names.CANONICALIZATION_METHOD, f"{DS}X"), PolicyNoncompliance),
]


@pytest.mark.parametrize(
    ("change", "fault"), [row[1:] for row in SIGNED_THAT_WAY], ids=[row[0] for row in SIGNED_THAT_WAY]
)
def test_a_form_that_is_not_accepted_is_refused_although_its_sender_signed_it_so(
    wire: Wire, change: Change, fault: type[SecurityFault]
) -> None:
    check(wire.altered(sign_anew))
    with pytest.raises(fault):
        check(wire.altered(lambda document: (change(document), sign_anew(document))))


@pytest.mark.parametrize("tag", [names.TRANSFORM, names.CANONICALIZATION_METHOD])
def test_a_bomb_of_inclusive_canonicalization_is_refused_before_it_runs(
    wire: Wire, tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_to_run(*_: object) -> bytes:
        raise AssertionError("nothing may be canonicalized")

    monkeypatch.setattr("crypto.verify.canonical_octets", refuse_to_run)
    with pytest.raises(PolicyNoncompliance):
        check(wire.altered(set_algorithm(tag, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")))


@pytest.mark.parametrize(
    ("change", "digested"),
    [
        pytest.param(flip_signature_value, ["SignedInfo"], id="a-forged-value"),
        pytest.param(
            lambda document: (alter_message_id(document), flip_signature_value(document)),
            ["SignedInfo"],
            id="a-forged-value-over-another-header",
        ),
        pytest.param(alter_message_id, ["SignedInfo", "Messaging"], id="a-replayed-value-over-another-header"),
        pytest.param(add_copy_of_reference(0, "#nowhere"), [], id="a-form-that-is-refused"),
        pytest.param(duplicate_id, [], id="an-id-twice"),
    ],
)
def test_the_signature_value_is_judged_before_any_digest_and_the_form_before_both(
    wire: Wire, change: Change, digested: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def noting(element: Element, prefixes: Sequence[str] = ()) -> bytes:
        seen.append(local_name(element))
        return canonical_octets(element, prefixes)

    monkeypatch.setattr("crypto.verify.canonical_octets", noting)
    with pytest.raises(SecurityFault):
        check(wire.altered(change))
    assert seen == digested


def outside(document: Element) -> None:
    """Blanks and comments in wsse:Security, but not inside what is canonicalized."""
    security = positions(document).security
    security.text = "\n  "
    security.insert(0, etree.Comment("written by hand"))
    key_info = first(document, names.KEY_INFO)
    key_info.text = "\n"
    first(document, names.BINARY_SECURITY_TOKEN).text = "\n".join(
        str(first(document, names.BINARY_SECURITY_TOKEN).text)[at : at + 64] for at in range(0, 4000, 64)
    )


ACCEPTED: list[tuple[str, Change]] = [
    ("S42 blanks and comments outside what is signed", outside),
    ("S45-absent", lambda document: positions(document).security.attrib.clear()),
    ("comment-in-messaging", lambda document: positions(document).messaging.insert(0, etree.Comment("seen by nobody"))),
]


@pytest.mark.parametrize("change", [row[1] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_what_the_signature_does_not_cover_may_differ(wire: Wire, change: Change) -> None:
    altered = wire.altered(change)
    assert altered.envelope != wire.envelope
    check(altered)


def test_S02_verification_hands_out_the_elements_it_was_asked_about(wire: Wire) -> None:
    verified = check(wire)
    assert verified.messaging.tag == MESSAGING
    assert [each.uri for each in verified.references] == [
        f"#{verified.messaging.get(names.WSU_ID)}",
        f"#{verified.body.get(names.WSU_ID)}",
        "cid:one@knooppunt.example",
        "cid:two@knooppunt.example",
    ]


def test_S16_a_declared_part_is_compared_percent_decoded() -> None:
    wire = make(parts={"aéb%c@knooppunt.example": b"x"})
    assert b"cid:a%C3%A9b%25c@knooppunt.example" in wire.envelope
    assert check(wire).part_digests.keys() == {"aéb%c@knooppunt.example"}


@pytest.mark.parametrize(("count", "accepted"), [(40, True), (64, True), (65, False)])
def test_S38_sixty_four_parts_are_accepted_and_no_more(count: int, accepted: bool) -> None:
    wire = make(parts={f"part-{number}@knooppunt.example": b"" for number in range(count)})
    if accepted:
        assert len(check(wire).references) == count + 2
    else:
        with pytest.raises(PolicyNoncompliance):
            check(wire)


def second_signature(*, good: bool) -> Change:
    def change(document: Element) -> None:
        signature = first(document, names.SIGNATURE)
        copy = deepcopy(signature)
        copy.set("Id", "SIG-other")
        signature.getparent().append(copy)
        if not good:
            value = copy.find(names.SIGNATURE_VALUE)
            assert value is not None
            value.text = "AAAA"

    return change


@pytest.mark.parametrize("good", [True, False])
def test_S37_two_signatures_are_one_too_many_and_neither_is_computed(wire: Wire, good: bool) -> None:
    with pytest.raises(PolicyNoncompliance):
        check(wire.altered(second_signature(good=good)))


def test_S37_three_signatures_are_refused_without_looking_at_them(wire: Wire) -> None:
    three = wire.altered(second_signature(good=False))
    with pytest.raises(PolicyNoncompliance):
        check(three.altered(lambda document: positions(document).security.append(etree.Element(names.SIGNATURE))))


def test_S28_another_party_that_is_known_may_not_sign_for_this_one(wire: Wire) -> None:
    with pytest.raises(FailedAuthentication):
        check(wire, policy_for(identity("counsellor")))


@pytest.mark.parametrize("text", ["", "x" * 500, "naam\n\x85"])
def test_details_show_values_of_the_message_cut_and_printable(wire: Wire, text: str) -> None:
    with pytest.raises(SecurityFault) as refused:
        check(wire.altered(set_algorithm(names.SIGNATURE_METHOD, f"urn:{text}")))
    assert len(refused.value.detail) < 250
    assert refused.value.detail.isprintable()


@pytest.mark.parametrize(
    ("change", "computed"),
    [
        pytest.param(flip_signature_value, 1, id="nobody-is-named"),
        pytest.param(set_uri(2, "cid:other@knooppunt.example"), 0, id="a-form-that-is-refused-for-everybody"),
    ],
)
def test_a_signature_is_read_once_however_many_it_may_be_of(
    wire: Wire, change: Change, computed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def reading(document: Element) -> object:
        read.append("ids")
        return ids_of(document)

    def noting(element: Element, prefixes: Sequence[str] = ()) -> bytes:
        read.append(local_name(element))
        return canonical_octets(element, prefixes)

    monkeypatch.setattr("crypto.verify.ids_of", reading)
    monkeypatch.setattr("crypto.verify.canonical_octets", noting)
    where = positions(wire.altered(change).document())
    nobody = policy_for(identity("counsellor"))
    with pytest.raises(FailedAuthentication):
        verify(
            where.security,
            messaging=where.messaging,
            body=where.body,
            content_ids=frozenset(PARTS),
            policy=nobody,
            others=[nobody] * 5,
        )
    assert read == ["ids", *["SignedInfo"] * computed]
