"""Abuse of signatures over sockets: wrapping, forms of references and of keys, flipped bits (DS-03 to DS-20).

What a case may be refused with depends on what is judged first; that nothing of it is stored, that nothing is fetched
and that the hub goes on does not. A reference to a part that nobody declares is EBMS:0101 (S16); a declared and signed
part that did not come is EBMS:0011 (DS-06).
"""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree
from support.hubs.contract import Refused
from support.hubs.hub import TestedHub
from support.hubs.raw import listener
from support.hubs.rows import Act, Judged, Row, Sent, Stimulus, refused
from support.keys.pki import identity
from support.messages.bending import MimePart, packed, unpacked
from support.messages.security import (
    CLEAR,
    Change,
    all_of,
    because,
    clear,
    forged,
    in_signature,
    nth,
    parent_of,
    put,
    reference_to,
    refused_as,
    signed_so,
    with_attachments,
)
from support.messages.signing import (
    BODY,
    DOES_NOT_HOLD,
    EB,
    HEADER,
    MESSAGE_ID,
    MESSAGING,
    NOT_AGREED,
    XPATH,
    XSLT,
    key_of,
    put_uri,
    self_signed,
    signed_by,
)

from crypto import names
from crypto.certificates import der
from crypto.elements import Element
from crypto.key_references import KeyReference
from gateway.store.model import MessageFilter

DS = f"{{{names.DS}}}"
WRAPPING = {"EBMS:0009", "EBMS:0101", "EBMS:0103"}
TRIES = 20


# ---- DS-03: the signed eb:Messaging stands elsewhere, and an evil one in its place


def before(root: Element, signed: Element, evil: Element) -> None:
    signed.addprevious(evil)


def after(root: Element, signed: Element, evil: Element) -> None:
    signed.addnext(evil)


def around(root: Element, signed: Element, evil: Element) -> None:
    parent_of(signed).replace(signed, evil)
    evil.append(signed)


def into(tag: str, wrapper: str | None = None) -> Callable[[Element, Element, Element], None]:
    def place(root: Element, signed: Element, evil: Element) -> None:
        parent_of(signed).replace(signed, evil)
        parent = nth(root, tag)
        (parent if wrapper is None else etree.SubElement(parent, wrapper)).append(signed)

    return place


PLACES: dict[str, Callable[[Element, Element, Element], None]] = {
    "evil before": before,
    "evil after": after,
    "evil around": around,
    "signed in a block": into(HEADER, "{urn:x}Block"),
    "signed in the Body": into(BODY),
    "signed in an Object": into(names.SIGNATURE, f"{DS}Object"),
    "signed in an attachment": into(f"{{{names.S12}}}Envelope", "{urn:x}Attachment"),
    "signed in the security header": into(names.SECURITY),
}
LABELS: dict[str, Callable[[Element, str], None]] = {
    "no id": lambda _evil, _id: None,
    "other id": lambda evil, _id: evil.set(names.WSU_ID, "other"),
    "same id": lambda evil, value: evil.set(names.WSU_ID, value),
    "same plain id": lambda evil, value: evil.set("id", value),
}


def wrapped(place: str, label: str) -> Stimulus:
    def change(root: Element) -> None:
        signed = nth(root, MESSAGING)
        evil = deepcopy(signed)
        value = str(evil.attrib.pop(names.WSU_ID))
        LABELS[label](evil, value)
        nth(evil, MESSAGE_ID).text = "evil@tests.example"
        PLACES[place](root, signed, evil)

    return forged(change)


def never_evil(stimulus: Stimulus) -> Act:
    async def act(hub: TestedHub) -> None:
        await refused_as(WRAPPING, stimulus)(hub)
        kept = await hub.store.messages(MessageFilter())
        assert "evil@tests.example" not in {each.metadata.received_message_id for each in kept}

    return Judged.all_of(act, [stimulus], taken=False)


DS_03 = tuple(
    Row(f"DS-03 {place}, {label}", "what is verified is what is read", never_evil(wrapped(place, label)))
    for place in PLACES
    for label in LABELS
)


# ---- DS-06, DS-07, DS-10: forms of references, transforms, canonicalization


def part_left_out() -> Sent:
    """A part that is declared and signed, and not sent."""
    draft = with_attachments()
    wire = draft.wire()
    kept: tuple[MimePart, ...] = unpacked(wire)[:-1]
    return Sent(wire=packed(wire, kept), draft=draft)


def transforms(*algorithms: str) -> Change:
    """The Transforms of the first reference."""

    def change(root: Element) -> None:
        parent = nth(nth(root, names.SIGNATURE), names.TRANSFORMS)
        for child in list(parent):
            parent.remove(child)
        for each in algorithms:
            etree.SubElement(parent, names.TRANSFORM, Algorithm=each)

    return change


def with_stylesheet(url: str) -> Change:
    """An XSLT transform that would fetch something."""

    def change(root: Element) -> None:
        transforms(XSLT)(root)
        sheet = (
            '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
            f'<xsl:include href="{url}"/><xsl:template match="/"><xsl:copy-of select="document(\'{url}\')"/>'
            "</xsl:template></xsl:stylesheet>"
        )
        nth(nth(root, names.SIGNATURE), names.TRANSFORM).append(etree.fromstring(sheet))

    return change


def with_xpath(root: Element) -> None:
    transforms(XPATH)(root)
    etree.SubElement(nth(nth(root, names.SIGNATURE), names.TRANSFORM), f"{DS}XPath").text = "count(//. | //@*) = 1"


def namespace_bomb(root: Element) -> None:
    """As many nested declarations as an envelope may have, under inclusive canonicalization."""
    parent = etree.SubElement(nth(root, HEADER), "{urn:x}Block")
    for level in range(40):
        parent = etree.SubElement(parent, "{urn:x}y", nsmap={f"p{level}n{each}": f"urn:{each}" for each in range(6)})


def canonicalized(algorithm: str) -> Change:
    return in_signature(put(names.CANONICALIZATION_METHOD, "Algorithm", algorithm))


def unfetched(reason: str, change: Callable[[str], Change]) -> Act:
    """Refused without a look at the address in it."""

    async def act(hub: TestedHub) -> None:
        async with listener() as nobody:
            await because(reason, NOT_AGREED, signed_so(change(nobody.url)))(hub)

    return Judged.all_of(act, [signed_so(change("http://127.0.0.1:9/"))], taken=False)


async def bomb(hub: TestedHub) -> None:
    begun = time.process_time()
    await refused(NOT_AGREED, *(signed_so(all_of(canonicalized(each), namespace_bomb)) for each in C14N))(hub)
    assert time.process_time() - begun < 2


C14N = (
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    f"{names.EXC_C14N}WithComments",
    "urn:nothing",
    XSLT,
)
URIS = {
    "empty": "",
    "absent": None,
    "root": "#xpointer(/)",
    "xpointer": "#xpointer(id('id-1'))",
    "file": "file:///etc/hostname",
    "encoded": "#Messaging%2D1",
    "blank": "#Messaging-1 ",
    "cid that is not UTF-8": "cid:%ff@tests.example",
}
CHAINS: dict[str, Change] = {
    "XPath filter": transforms("http://www.w3.org/2002/06/xmldsig-filter2"),
    "enveloped": transforms(f"{names.DS}enveloped-signature"),
    "base64": transforms(f"{names.DS}base64"),
    "decrypt": transforms("http://www.w3.org/2002/07/decrypt#XML"),
    "two": transforms(names.EXC_C14N, names.EXC_C14N),
    "six": transforms(*[names.EXC_C14N] * 6),
    "other order": transforms(f"{names.DS}enveloped-signature", names.EXC_C14N),
    "none": transforms(),
    "XPath": with_xpath,
}
FORMS = (
    *(
        Row(f"DS-06 {name}", "a reference in another form is refused", refused(NOT_AGREED, signed_so(put_uri(0, uri))))
        for name, uri in URIS.items()
    ),
    Row("DS-06 http", "nothing is fetched", unfetched("neither an id nor a part", lambda url: put_uri(0, url))),
    Row(
        "DS-06 cid without part",
        "a signed part that did not come is told as such",
        refused(Refused("EBMS:0011"), part_left_out),
    ),
    *(
        Row(f"DS-07 {name}", "no transform but the agreed one runs", refused(NOT_AGREED, signed_so(change)))
        for name, change in CHAINS.items()
    ),
    Row("DS-07 XSLT", "no stylesheet runs", unfetched("an attribute that no signature has", with_stylesheet)),
    *(
        Row(
            f"DS-10 {each.rpartition('/')[2]}",
            "no other canonicalization runs",
            because("the canonicalization", NOT_AGREED, signed_so(canonicalized(each))),
        )
        for each in C14N
    ),
    Row("DS-10 bomb", "a bomb of namespaces costs nothing", bomb),
)


# ---- DS-16, DS-20: keys that come with the message


def key_info(fill: Callable[[Element], object]) -> Change:
    """Another KeyInfo in the signature."""

    def change(root: Element) -> None:
        found = nth(root, names.SIGNATURE).find(names.KEY_INFO)
        assert found is not None
        for child in list(found):
            found.remove(child)
        fill(found)

    return change


def key_value(info: Element) -> None:
    numbers = identity("stranger").signing.private_key.public_key().public_numbers()
    value = etree.SubElement(etree.SubElement(info, f"{DS}KeyValue"), f"{DS}RSAKeyValue")
    for name, number in (("Modulus", numbers.n), ("Exponent", numbers.e)):
        octets = number.to_bytes((number.bit_length() + 7) // 8, "big")
        etree.SubElement(value, f"{DS}{name}").text = base64.b64encode(octets).decode()


def x509_data(*parties: str) -> Callable[[Element], None]:
    def fill(info: Element) -> None:
        data = etree.SubElement(info, names.X509_DATA)
        for each in parties:
            found = etree.SubElement(data, f"{DS}X509Certificate")
            found.text = base64.b64encode(der(identity(each).signing.certificate)).decode()

    return fill


def in_reference(fill: Callable[[Element], None]) -> Callable[[Element], None]:
    return lambda info: fill(etree.SubElement(info, names.SECURITY_TOKEN_REFERENCE))


def token_and_reference_differ(root: Element) -> None:
    """The token is the counsellor's, the signature names the stranger's besides."""
    info = nth(root, names.SIGNATURE).find(names.KEY_INFO)
    assert info is not None
    info.append(reference_to(identity("stranger").signing.certificate, KeyReference.SKI))


def token_is_another(root: Element) -> None:
    """KeyInfo refers to the token; the token is the stranger's, who signed."""
    nth(root, names.BINARY_SECURITY_TOKEN).text = base64.b64encode(
        der(identity("stranger").signing.certificate)
    ).decode()


def by_stranger(change: Change) -> Stimulus:
    return signed_so(change, signer=identity("stranger").signing_key)


def retrieval(uri: str, *chain: str) -> Callable[[Element], None]:
    """RetrievalMethod to that address, with transforms."""

    def fill(info: Element) -> None:
        found = etree.SubElement(info, names.RETRIEVAL_METHOD, URI=uri)
        for each in chain:
            etree.SubElement(etree.SubElement(found, names.TRANSFORMS), names.TRANSFORM, Algorithm=each)

    return fill


def in_a_loop(info: Element) -> None:
    info.set("Id", "loop")
    etree.SubElement(info, names.KEY_INFO_REFERENCE, URI="#loop")


def in_a_chain(info: Element) -> None:
    for number in range(3):
        found = etree.SubElement(info, names.RETRIEVAL_METHOD, URI=f"#chain-{number + 1}")
        found.set("Id", f"chain-{number}")


KEYS: dict[str, Stimulus] = {
    "KeyValue": by_stranger(key_info(key_value)),
    "self-signed": signed_by(self_signed),
    "another known party": signed_by(key_of("creditor")),
    "chain with another leaf": by_stranger(key_info(in_reference(x509_data("stranger", "counsellor")))),
    "two certificates": by_stranger(key_info(x509_data("counsellor", "stranger"))),
    "one certificate": by_stranger(key_info(x509_data("counsellor"))),
    "token and reference differ": by_stranger(token_and_reference_differ),
    "token of another": by_stranger(token_is_another),
    "the pinned one named, another's signature": by_stranger(lambda _root: None),
}
FETCHED: dict[str, Change] = {
    "file": key_info(retrieval("file:///etc/hostname")),
    "chain": key_info(in_a_chain),
    "loop": key_info(in_a_loop),
    "XPath": key_info(retrieval("#X509-1", XPATH)),
    "KeyInfoReference to a file": key_info(
        lambda info: etree.SubElement(info, names.KEY_INFO_REFERENCE, URI="file:///etc/hostname")
    ),
}
KEYS_ROWS = (
    *(
        Row(f"DS-16 {name}", "a key that comes along proves nothing", refused(DOES_NOT_HOLD, each))
        for name, each in KEYS.items()
    ),
    *(
        Row(f"DS-20 {name}", "no key is fetched", because("fetched", NOT_AGREED, signed_so(each)))
        for name, each in FETCHED.items()
    ),
    Row("DS-20 http", "no key is fetched over the network", unfetched("fetched", lambda url: key_info(retrieval(url)))),
)


# ---- DS-19: flipped bits


def flipped_text(find: Callable[[Element], Element]) -> Callable[[random.Random], Stimulus]:
    """A character of an element's text has its lowest bit flipped."""

    def at_random(chance: random.Random) -> Stimulus:
        def change(root: Element) -> None:
            element = find(root)
            text = str(element.text)
            place = chance.randrange(len(text))
            element.text = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]

        return forged(change, clear)

    return at_random


def flipped_part(index: int) -> Callable[[random.Random], Stimulus]:
    """One bit of a clear part."""

    def at_random(chance: random.Random) -> Stimulus:
        def make() -> Sent:
            draft = with_attachments(draft=clear)
            target = draft.parts[index].content_id

            def change(name: str, octets: bytes) -> bytes:
                place = chance.randrange(len(octets))
                flipped = octets[:place] + bytes([octets[place] ^ (1 << chance.randrange(8))]) + octets[place + 1 :]
                return flipped if name == target else octets

            return Sent(wire=draft.wire(part_alter=change), draft=draft)

        return make

    return at_random


def within(tag: str) -> Callable[[Element], Element]:
    return lambda root: nth(nth(root, names.SIGNATURE), tag)


FLIPS: dict[str, Callable[[random.Random], Stimulus]] = {
    "Messaging": flipped_text(lambda root: nth(root, f"{EB}ConversationId")),
    "document": flipped_part(0),
    "attachment": flipped_part(1),
    "SignedInfo": flipped_text(within(names.DIGEST_VALUE)),
    "SignatureValue": flipped_text(within(names.SIGNATURE_VALUE)),
    "certificate": flipped_text(lambda root: nth(root, names.BINARY_SECURITY_TOKEN)),
}
DS_19 = tuple(
    Row(
        f"DS-19 {name}",
        "one bit is enough",
        refused(DOES_NOT_HOLD, *(each(random.Random(f"{name} {number}")) for number in range(TRIES))),
        extra=CLEAR,
    )
    for name, each in FLIPS.items()
)


@pytest.mark.parametrize("row", [pytest.param(each, id=each.id) for each in (*DS_03, *FORMS, *KEYS_ROWS, *DS_19)])
async def test_signature_abuse(row: Row, tmp_path: Path) -> None:
    await row.run(tmp_path)
