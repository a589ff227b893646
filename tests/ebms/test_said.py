"""What a message says: every value in it counts, a closed list does not, and no two messages have one encoding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.messages.units import PART, USER_MESSAGE, envelope

from crypto.elements import Element
from crypto.names import SHA256, SHA512, WSU_ID
from crypto.signed_info import VerifiedReference
from gateway.ebms.envelope import locate
from gateway.ebms.model import AgreementRef, Messaging, Property, UserMessage
from gateway.ebms.names import CHARACTER_SET, DEFAULT_MPC, EB, MIME_TYPE, XML
from gateway.ebms.said import (
    FORM_OF_PARAMETERS,
    FORM_OF_REFERENCES,
    FORM_OF_SPELLINGS,
    FORM_OF_VALUES,
    Said,
    content_digest,
    said,
)

PART = replace(PART, properties=(*PART.properties, Property(name=CHARACTER_SET, value="utf-8")))
FULL = replace(
    USER_MESSAGE,
    mpc="urn:knooppunt:mpc:1",
    ref_to_message_id="zero@sender.example",
    agreement_ref=AgreementRef(value="urn:agreement", type="urn:type", pmode="p"),
    parts=(PART, replace(PART, href="cid:second@sender.example")),
)
UNIT, TIMESTAMP = f"{{{EB}}}UserMessage", f"{{{EB}}}Timestamp"
Change = Callable[[Element], object]  # of the whole envelope


def reference(uri: str, value: bytes, method: str = SHA256) -> VerifiedReference:
    return VerifiedReference(uri=uri, transforms=(), prefix_lists=(), digest_method=method, digest_value=value)


def digests_of(message: UserMessage, *, method: str = SHA256) -> dict[str, VerifiedReference]:
    uris = [each.href or "" for each in message.parts]
    return {uri[4:]: reference(uri, bytes([number]) * 32, method) for number, uri in enumerate(uris)}


def what_says(
    message: UserMessage = FULL,
    *,
    change: Change = lambda _root: None,
    digests: Mapping[str, VerifiedReference] | None = None,
    references: Sequence[VerifiedReference] = (),
) -> Said:
    root = etree.fromstring(envelope(Messaging(user_message=message)))
    change(root)
    positions = locate(root)
    return said(
        message,
        messaging=positions.messaging,
        body=positions.body,
        digests=digests_of(message) if digests is None else digests,
        references=references,
    )


def unit(root: Element) -> Element:
    return next(root.iter(UNIT))


def places() -> list[str]:
    """The path of every element that counts below eb:UserMessage, and its own."""
    found = unit(etree.fromstring(envelope(Messaging(user_message=FULL))))
    tree = etree.ElementTree(found)
    return [tree.getelementpath(each) for each in found.iter() if each.tag != TIMESTAMP]


def at(root: Element, place: str) -> Element:
    found = unit(root).find(place)
    assert found is not None
    return found


def reversed_children(element: Element) -> None:
    element[:] = list(reversed(element))


def gone(element: Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


ANYWHERE: dict[str, Callable[[Element], object]] = {
    "text": lambda each: setattr(each, "text", (each.text or "") + "x"),
    "attribute": lambda each: each.set("more", ""),
    "foreign-attribute": lambda each: each.set("{urn:more}id", "1"),
    "name": lambda each: setattr(each, "tag", each.tag + "x"),
    "namespace": lambda each: setattr(each, "tag", etree.QName("urn:more", etree.QName(each).localname)),
    "element": lambda each: etree.SubElement(each, "{urn:more}more"),
    "own-element": lambda each: etree.SubElement(each, f"{{{EB}}}More").set("name", ""),
    "text-after-an-element": lambda each: setattr(etree.SubElement(each, TIMESTAMP), "tail", "x"),
}


@pytest.mark.parametrize("change", ANYWHERE)
def test_what_is_changed_or_added_at_any_place_makes_it_another(change: str) -> None:
    """Also what no reader knows."""
    same = what_says()
    for place in places():
        if place == "." and change in ("name", "namespace"):
            continue  # it would be no user message
        other = what_says(change=lambda root, place=place: ANYWHERE[change](at(root, place)))  # type: ignore[misc]
        assert other.whole != same.whole, place
        assert other.apart != same.apart, place


def test_what_is_left_out_at_any_place_makes_it_another() -> None:
    same = what_says()
    for place in places():
        if place != ".":
            other = what_says(change=lambda root, place=place: gone(at(root, place)))  # type: ignore[misc]
            assert other.whole != same.whole, place


def test_each_attribute_and_the_order_of_elements_count() -> None:
    same = what_says()
    looked_at = 0
    for place in places():
        element = at(etree.fromstring(envelope(Messaging(user_message=FULL))), place)
        for name in element.attrib:
            if name != "href":
                looked_at += 1
                for change in (
                    lambda root, place=place, name=name: at(root, place).set(name, at(root, place).get(name) + "x"),
                    lambda root, place=place, name=name: at(root, place).attrib.pop(name),
                ):
                    assert what_says(change=change).whole != same.whole, (place, name)
        if len({etree.tostring(each) for each in element}) > 1:
            other = what_says(change=lambda root, place=place: reversed_children(at(root, place)))  # type: ignore[misc]
            of_no_order = ("PayloadInfo", "MessageProperties", "PartProperties")  # or of one in `digests`
            assert (other.whole != same.whole) or place.endswith(of_no_order), place
    assert looked_at > 8


def named(root: Element, property_name: str) -> Element:
    return next(each for each in root.iter(f"{{{EB}}}Property") if each.get("name") == property_name)


def every_element(change: Callable[[Element], object]) -> Change:
    return lambda root: [change(each) for each in unit(root).iter(etree.Element)]


def split_by_a_comment(element: Element) -> None:
    text = element.text or ""
    element.text = text[:3]
    comment = etree.Comment("said by nobody")
    comment.tail = text[3:]
    element.append(comment)


CLOSED_LIST: dict[str, Change] = {
    "timestamp": lambda root: setattr(next(root.iter(TIMESTAMP)), "text", "2031-01-01T00:00:00Z"),
    "timestamp-and-its-attributes": lambda root: next(root.iter(TIMESTAMP)).set("more", "1"),
    "no-timestamp": lambda root: gone(next(root.iter(TIMESTAMP))),
    **{
        f"id-{name.rpartition('}')[2]}-{number}": every_element(lambda each, name=name: each.set(name, "new"))  # type: ignore[misc]
        for number, name in enumerate((WSU_ID, f"{{{XML}}}id", "id", "Id", "ID"))
    },
    "content-ids": lambda root: [
        each.set("href", f"cid:new-{number}@sender.example")
        for number, each in enumerate(root.iter(f"{{{EB}}}PartInfo"))
    ],
    "blanks-between-elements": lambda root: etree.indent(unit(root)),
    "comments": every_element(lambda each: each.append(etree.Comment("said by nobody"))),
    "comment-in-a-value": lambda root: split_by_a_comment(next(root.iter(f"{{{EB}}}Service"))),
    "blanks-around-tokens": lambda root: [
        setattr(each, "text", f"\n {each.text}\t")
        for local in ("Action", "ConversationId")
        for each in root.iter(f"{{{EB}}}{local}")
    ],
    "blanks-around-mpc": lambda root: unit(root).set("mpc", f" {unit(root).get('mpc')} "),
    "blanks-around-href": lambda root: [
        each.set("href", f"\t {each.get('href')}\n") for each in root.iter(f"{{{EB}}}PartInfo")
    ],
    "case-of-the-scheme": lambda root: next(root.iter(f"{{{EB}}}PartInfo")).set("href", "CID:saldo@sender.example"),
    "case-of-the-charset": lambda root: setattr(named(root, CHARACTER_SET), "text", "UTF-8"),
    "case-of-the-media-type": lambda root: setattr(named(root, MIME_TYPE), "text", "Application/XML"),
    "order-of-properties": lambda root: [
        reversed_children(each) for kind in ("Message", "Part") for each in root.iter(f"{{{EB}}}{kind}Properties")
    ],
    "id-of-the-body": lambda root: locate(root).body.set(WSU_ID, "new"),
    "attributes-of-messaging": lambda root: locate(root).messaging.set(WSU_ID, "new"),
}


@pytest.mark.parametrize("name", CLOSED_LIST)
def test_what_a_retry_makes_anew_does_not_count(name: str) -> None:
    assert what_says(change=CLOSED_LIST[name]) == what_says()


def test_the_default_mpc_is_one_value_whether_it_is_written_or_not() -> None:
    absent = what_says(replace(FULL, mpc=None))
    assert what_says(replace(FULL, mpc=DEFAULT_MPC)) == absent
    assert what_says(replace(FULL, mpc=f" {DEFAULT_MPC}\n")) == absent
    assert what_says(replace(FULL, mpc=DEFAULT_MPC.upper())).whole != absent.whole


ONE_MEDIA_TYPE = (
    "application/xml; charset=utf-8; a=B",
    "application/xml;charset=utf-8;a=B",
    "application/xml; charset=UTF-8; a=B",
    'application/xml; Charset="utf-8"; a=B',
    'application/xml ; a="B" ; CHARSET = Utf-8;',
    'Application/XML; a="\\B"; charset=utf-8',
)
OTHER_MEDIA_TYPES = (
    "application/xml; charset=utf-8",
    "application/xml; charset=utf-8; a=b",
    "application/xml; charset=utf-8; b=B",
    'application/xml; charset="utf-8; a=B"',
    "application/xml; charset=utf-8; a=B; c=D",
    'application/xml; charset=utf-8; a="B',
    "application/xml; charset=utf-8; a=B; a=B",
    "text/xml; charset=utf-8; a=B",
)


def with_media_type(text: str) -> Said:
    return what_says(change=lambda root: setattr(named(root, MIME_TYPE), "text", text))


def test_a_media_type_is_one_value_however_its_parameters_are_spelt() -> None:
    assert len({with_media_type(each).whole for each in ONE_MEDIA_TYPE}) == 1
    others = {with_media_type(each).whole for each in OTHER_MEDIA_TYPES}
    assert len({*others, with_media_type(ONE_MEDIA_TYPE[0]).whole}) == len(OTHER_MEDIA_TYPES) + 1


OTHER_VALUES: dict[str, Change] = {
    "parameter-of-the-media-type": lambda root: setattr(named(root, MIME_TYPE), "text", "application/xml; a=B"),
    "another-charset": lambda root: setattr(named(root, CHARACTER_SET), "text", "utf-16"),
    "no-ascii": lambda root: setattr(named(root, CHARACTER_SET), "text", "utf-\u212a"),
    "case-of-another-property": lambda root: setattr(named(root, "trackingIdentifier"), "text", "REF-1"),
    "charset-of-the-message": lambda root: setattr(
        etree.SubElement(next(root.iter(f"{{{EB}}}MessageProperties")), f"{{{EB}}}Property", name=CHARACTER_SET),
        "text",
        "UTF-8",
    ),
}


def test_what_is_no_spelling_of_the_same_value_counts() -> None:
    found = [what_says().whole, *(what_says(change=each).whole for each in OTHER_VALUES.values())]
    found.append(
        what_says(
            change=lambda root: [
                OTHER_VALUES["charset-of-the-message"](root),
                setattr(next(root.iter(f"{{{EB}}}Property")), "text", "utf-8"),
            ]
        ).whole
    )
    small = what_says(change=lambda root: setattr(named(root, MIME_TYPE), "text", "application/xml; a=b")).whole
    assert len({*found, small}) == len(found) + 1


@pytest.mark.parametrize("name", ["{urn:more}Id", "iD", "identifier", f"{{{EB}}}id"])
def test_the_list_is_closed(name: str) -> None:
    """What only looks like an id counts."""
    assert what_says(change=lambda root: unit(root).set(name, "1")).whole != what_says().whole


def test_whether_an_href_names_a_part_the_body_or_something_else_counts() -> None:
    hrefs = ("cid:a", "#a", "http://a", None)

    def naming(href: str | None) -> Change:
        def change(root: Element) -> None:
            info = next(root.iter(f"{{{EB}}}PartInfo"))
            info.attrib.pop("href")
            if href is not None:
                info.set("href", href)

        return change

    assert len({what_says(change=naming(each)).whole for each in hrefs}) == len(hrefs)


def test_the_content_of_the_body_counts_to_the_blank_and_its_shell_does_not() -> None:
    def holding(content: str, **attributes: str) -> Change:
        def change(root: Element) -> None:
            body = locate(root).body
            body.attrib.update(attributes)
            held = etree.fromstring(f"<body>{content}</body>")
            body.text = held.text
            body.extend(held)

        return change

    contents = ("", "<a/>", "<a/><a/>", "<a> </a>", "<a/> ", " <a/>", "<a b=''/>", "<a><b/></a>", "<a>\n<b/></a>")
    assert len({what_says(change=holding(each)).whole for each in contents}) == len(contents)
    with_id = what_says(change=holding("<a/>", **{WSU_ID: "new"}))
    assert with_id.whole == what_says(change=holding("<a/>")).whole


def test_digest_method_value_and_order_of_the_parts_count_and_only_the_whole_has_them() -> None:
    own = digests_of(FULL)
    first, second = own
    others = [
        digests_of(FULL, method=SHA512),
        own | {second: reference("cid:x", b"\x01" * 31 + b"\x02")},
        {first: own[second], second: own[first]},
    ]
    found = [what_says(digests=each) for each in (own, *others)]
    assert len({each.whole for each in found}) == len(found)
    assert len({each.apart for each in found}) == 1


def test_each_value_tells_its_form_and_an_older_form_stays_comparable() -> None:
    pairs = [reference("#messaging", bytes(32)), reference("cid:a", b"\x01" * 32)]
    found = what_says(references=pairs)
    assert found.whole[:1] == found.apart[:1] == FORM_OF_PARAMETERS
    assert found.by_references[:1] == FORM_OF_REFERENCES
    assert found == what_says(references=list(reversed(pairs))), "the order of SignedInfo was none of it"
    assert found.equals(found.whole)
    assert found.equals_apart(found.apart)
    assert found.equals(found.by_references)
    assert not found.equals(found.apart)
    assert not found.equals(FORM_OF_PARAMETERS + found.by_references[1:])
    assert found.repeats_references(found.by_references)
    assert not found.repeats_references(found.whole)


# What the program before the present form kept of `FULL` with one property a part less.
KEPT_WHOLE = bytes.fromhex("011f0e9b23e7d8fe3f6796b2f24ef48a9c4a0163e09b33c778a4e4601316b2b220")
KEPT_APART = bytes.fromhex("0199845840bceb6e9badb5b4f690c75680b59201b566799d3d3feabc819deb42c4")


def test_what_inboxes_keep_of_a_signature_is_the_same_in_every_order_of_its_references_and_in_every_version() -> None:
    references = [
        VerifiedReference(uri=uri, transforms=(), prefix_lists=(), digest_method=SHA256, digest_value=bytes(octets))
        for uri, octets in (("#messaging", b"one"), ("cid:part@sender.example", b"two"))
    ]
    kept = sha256(b"#messaging\x006f6e65\ncid:part@sender.example\x0074776f").digest()
    assert content_digest(references) == content_digest(references[::-1]) == kept
    assert content_digest(references[:1]) != kept


def test_what_was_kept_in_the_form_before_is_compared_in_that_form() -> None:
    parts = tuple(replace(each, properties=each.properties[:2]) for each in FULL.parts)
    found = what_says(replace(FULL, parts=parts))
    assert KEPT_WHOLE[:1] == KEPT_APART[:1] == FORM_OF_SPELLINGS
    assert found.equals(KEPT_WHOLE)
    assert found.equals_apart(KEPT_APART)
    assert not found.equals(KEPT_APART)
    assert not found.equals_apart(KEPT_WHOLE)
    other = what_says(replace(FULL, parts=parts), change=CLOSED_LIST["blanks-around-href"])
    assert other == found
    assert not other.equals(KEPT_WHOLE), "that form told them apart"
    digests = {uri: replace(each, digest_value=bytes(32)) for uri, each in digests_of(FULL).items()}
    other = what_says(replace(FULL, parts=parts), digests=digests)
    assert not other.equals(KEPT_WHOLE)
    assert other.equals_apart(KEPT_APART)
    assert not found.equals_apart(b"")


# What the program before the present form kept of `FULL` with the first of `ONE_MEDIA_TYPE`.
KEPT_VALUES_WHOLE = bytes.fromhex("0266db47d0bb7bc667523e16b80b0c258e2f04ab208643724779188342481f604c")
KEPT_VALUES_APART = bytes.fromhex("02c6e98aff49f730e0afc548a2234a4773c0ff0da4deffdd66b41536e300e2b7ef")


def test_what_was_kept_before_parameters_were_read_is_compared_as_they_were_spelt() -> None:
    one, other = (with_media_type(each) for each in ONE_MEDIA_TYPE[:2])
    kept, kept_apart = one.in_form(FORM_OF_VALUES)
    assert (kept, kept_apart) == (KEPT_VALUES_WHOLE, KEPT_VALUES_APART)
    assert one.equals(kept)
    assert one.equals_apart(kept_apart)
    assert not other.equals(kept), "that form told them apart"
    assert not other.equals_apart(kept_apart)


# Values made of what an encoding might put between them, so that a careless join confuses them soon.
CONFUSING = st.text(alphabet="=<>@:\"' \t\n\u2028\x7fab0\u00e9", max_size=4)
PROPERTIES = st.lists(
    st.builds(Property, name=CONFUSING, value=CONFUSING, type=st.none() | CONFUSING), min_size=1, max_size=3
).map(tuple)


@settings(max_examples=300)
@given(PROPERTIES, PROPERTIES)
def test_two_lists_of_properties_say_the_same_only_where_they_are_the_same(
    one: tuple[Property, ...], other: tuple[Property, ...]
) -> None:
    found = [what_says(replace(FULL, properties=each)).whole for each in (one, other)]
    listed = [sorted(map(repr, each)) for each in (one, other)]
    assert (found[0] == found[1]) == (listed[0] == listed[1]), "in any order"


def joined(each: Property) -> str:
    """What an encoding without lengths would make of a property: its marks alone between the values."""
    kind = "" if each.type is None else f"@type{each.type}"
    return f"@name{each.name}{kind}" + (f"={each.value}" if each.value else "")


def ways_to_read(text: str) -> list[Property]:
    """Every property of which a join without lengths would make this text."""
    text = text.removeprefix("@name")
    heads = [(text, "")] + [(text[:n], text[n + 1 :]) for n, octet in enumerate(text) if octet == "=" and text[n + 1 :]]
    found = []
    for head, value in heads:
        found.append(Property(name=head, value=value))
        found += [
            Property(name=head[:n], type=head[n + 5 :], value=value)
            for n in range(len(head))
            if head.startswith("@type", n)
        ]
    return found


@settings(max_examples=200)
@given(st.lists(st.sampled_from(["=", "@type", "a", ">", "@name", "<"]), min_size=1, max_size=7).map("".join))
def test_marks_of_the_encoding_in_a_value_are_octets_of_that_value(text: str) -> None:
    """Whatever a join without lengths would confuse says something else each time."""
    ways = ways_to_read(f"@name{text}")
    assert {joined(each) for each in ways} == {f"@name{text}"}
    assert len({what_says(replace(FULL, properties=(each,))).whole for each in ways}) == len(ways)


def test_where_one_field_ends_and_the_next_begins_counts() -> None:
    """Between two properties, and between the method and the value of a digest."""
    swallowed = f"b><{{{EB}}}Property@namec=d"
    lists = [
        (Property(name="a", value="b"), Property(name="c", value="d")),
        (Property(name="a", value=swallowed),),
        (Property(name="a", value="b" + "c"), Property(name="", value="d")),
    ]
    assert len({what_says(replace(FULL, properties=each)).whole for each in lists}) == len(lists)
    own = digests_of(FULL)
    first = next(iter(own))
    digests = [own | {first: reference("cid:x", value, method)} for method, value in (("ab", b"c"), ("a", b"bc"))]
    assert len({what_says(digests=each).whole for each in digests}) == len(digests)
