"""Messages bent in ways that their writers do not offer: other MIME, other elements under a signature that holds.

`unpacked` takes a message apart and `Packaging` puts it together again, one choice of MIME at a time. `resigned` signs
an altered envelope anew, so that what is judged is the alteration and not a broken signature.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from lxml import etree
from support.messages.wire import BOUNDARY, ROOT_ID, Draft, Wire, split

from crypto import names as security
from crypto.canonical import canonical_octets, prefix_list_of
from crypto.elements import Element, ids_of
from crypto.keys import SigningKey
from crypto.suites import AS4_1_15_RSA
from gateway.ebms import names

Alter = Callable[[Element], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class MimePart:
    """One part as it stands in MIME: header lines and octets."""

    lines: tuple[str, ...]
    octets: bytes

    def written(self) -> bytes:
        """Header, empty line, octets."""
        return "".join(f"{each}\r\n" for each in self.lines).encode("utf-8") + b"\r\n" + self.octets


def unpacked(wire: Wire) -> tuple[MimePart, ...]:
    """The parts of a message of ours, the root first."""
    root, parts = split(wire.content_type, wire.body)
    return (
        MimePart(lines=lines_of(ROOT_ID, names.SOAP_XML_UTF8), octets=root),
        *(MimePart(lines=lines_of(name, names.OCTET_STREAM), octets=octets) for name, octets in parts.items()),
    )


def lines_of(content_id: str, media_type: str, encoding: str = "binary") -> tuple[str, ...]:
    """The usual header of a part."""
    return (f"Content-Type: {media_type}", f"Content-Transfer-Encoding: {encoding}", f"Content-ID: <{content_id}>")


def packed(
    wire: Wire,
    parts: tuple[MimePart, ...],
    *,
    content_type: str | None = None,
    boundary: str = BOUNDARY,
    preamble: bytes = b"",
    epilogue: bytes = b"",
) -> Wire:
    """The message with these parts; `content_type` None is the usual header."""
    body = preamble
    for each in parts:
        body += f"\r\n--{boundary}\r\n".encode() + each.written()
    body += f"\r\n--{boundary}--\r\n".encode() + epilogue
    return replace(wire, body=body if preamble else body[2:], content_type=content_type or related(boundary=boundary))


def related(
    *, boundary: str | None = BOUNDARY, start: str | None = f"<{ROOT_ID}>", kind: str | None = names.SOAP_XML
) -> str:
    """A Content-Type of multipart/related; None leaves a parameter out."""
    found = names.MULTIPART_RELATED
    for name, value in (("type", kind), ("boundary", boundary), ("start", start)):
        found += "" if value is None else f'; {name}="{value}"'
    return found


def rearranged(draft: Draft, arrange: Callable[[tuple[MimePart, ...]], tuple[MimePart, ...]]) -> Wire:
    """The draft on the wire with its MIME parts arranged anew."""
    wire = draft.wire()
    return packed(wire, arrange(unpacked(wire)))


def resigned(draft: Draft, alter: Alter, *, signer: SigningKey | None = None) -> Wire:
    """The draft on the wire with its envelope altered before it was signed."""
    wire = draft.wire()
    return replace(with_root(wire, resign(wire.envelope, alter, signer or draft.signer)), references=())


def with_root(wire: Wire, envelope: bytes) -> Wire:
    """The message with another envelope."""
    if not wire.content_type.startswith(names.MULTIPART_RELATED):
        return replace(wire, body=envelope, envelope=envelope)
    root, *parts = unpacked(wire)
    return replace(packed(wire, (replace(root, octets=envelope), *parts)), envelope=envelope)


def plain(wire: Wire, envelope: bytes | None = None, content_type: str = names.SOAP_XML_UTF8) -> Wire:
    """The envelope of a message on its own, without MIME."""
    octets = wire.envelope if envelope is None else envelope
    return replace(wire, content_type=content_type, body=octets, envelope=octets)


def soap(octets: bytes, content_type: str = names.SOAP_XML_UTF8, message_id: str = "") -> Wire:
    """An envelope that is no draft of ours."""
    return Wire(content_type=content_type, body=octets, envelope=octets, message_id=message_id)


def resign(envelope: bytes, alter: Alter, signer: SigningKey) -> bytes:
    """The envelope after a change, with digests and signature made anew."""
    root = etree.fromstring(envelope)
    alter(root)
    signed_info = root.find(f".//{{{security.DS}}}SignedInfo")
    assert signed_info is not None
    for reference in signed_info.iterfind(f"{{{security.DS}}}Reference"):
        uri = reference.get("URI") or ""
        transform = reference.find(f".//{{{security.DS}}}Transform")
        if uri.startswith("#") and transform is not None:
            octets = canonical_octets(ids_of(root)[uri[1:]], prefix_list_of(transform))
            value = reference.find(f"{{{security.DS}}}DigestValue")
            assert value is not None
            value.text = base64.b64encode(hashlib.sha256(octets).digest()).decode()
    method = signed_info.find(f"{{{security.DS}}}CanonicalizationMethod")
    signature_value = root.find(f".//{{{security.DS}}}SignatureValue")
    assert method is not None
    assert signature_value is not None
    octets = canonical_octets(signed_info, prefix_list_of(method))
    signature_value.text = base64.b64encode(signer.sign(AS4_1_15_RSA.signature, octets)).decode()
    return etree.tostring(root, encoding="UTF-8")


def eb(root: Element, path: str) -> Element:
    """The element of the ebMS namespace at that path below the envelope: `MessageInfo/MessageId`."""
    steps = "/".join(f"{{{names.EB}}}{each}" for each in path.split("/"))
    found = root.find(f".//{steps}")
    assert found is not None, path
    return found


def text(path: str, value: str) -> Alter:
    """Give an element that text."""

    def alter(root: Element) -> None:
        eb(root, path).text = value

    return alter


def attribute(path: str, name: str, value: str | None) -> Alter:
    """Give an element that attribute, or take it away."""

    def alter(root: Element) -> None:
        element = eb(root, path)
        if value is None:
            element.attrib.pop(name, None)
        else:
            element.set(name, value)

    return alter


def removed(path: str) -> Alter:
    """Take an element away."""

    def alter(root: Element) -> None:
        element = eb(root, path)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return alter


def added(path: str, fragment: str, *, first: bool = False) -> Alter:
    """Put an element into another; `eb:` and `S12:` are known prefixes."""

    def alter(root: Element) -> None:
        wrapped = f'<w xmlns:eb="{names.EB}" xmlns:S12="{names.SOAP12}">{fragment}</w>'
        parent = eb(root, path) if path else header_of(root)
        for child in reversed(list(etree.fromstring(wrapped))) if first else list(etree.fromstring(wrapped)):
            if first:
                parent.insert(0, child)
            else:
                parent.append(child)

    return alter


def body_content(fragment: str) -> Alter:
    """Put something into the SOAP Body."""

    def alter(root: Element) -> None:
        body = root.find(f"{{{names.SOAP12}}}Body")
        assert body is not None
        body.append(etree.fromstring(fragment))

    return alter


def header_of(root: Element) -> Element:
    """The SOAP Header."""
    found = root.find(f"{{{names.SOAP12}}}Header")
    assert found is not None
    return found
