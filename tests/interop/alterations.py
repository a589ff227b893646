"""What an attacker without a key could do to a message: one change each, everything else as it was."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Mapping
from typing import TypeAlias

from interop.as4_peer.multipart import split
from interop.oracles import DS, EB, S12, WSSE, WSU, WireMessage
from lxml import etree

Alteration: TypeAlias = Callable[[WireMessage], WireMessage]


class NotApplicable(Exception):
    """The message has nothing that this alteration could change."""


def _with_envelope(message: WireMessage, change: Callable[[etree._Element], object]) -> WireMessage:
    """The same HTTP message around an envelope that was changed and written anew."""
    envelope, _ = split(message.content_type, message.body)
    root = etree.fromstring(envelope)
    change(root)
    return dataclasses.replace(message, body=message.body.replace(envelope, etree.tostring(root), 1))


def _one(root: etree._Element, path: str) -> etree._Element:
    found = root.find(path)
    if found is None:
        raise NotApplicable(path)
    return found


def _flip_base64(element: etree._Element, position: int) -> None:
    octets = bytearray(base64.b64decode(element.text or ""))
    octets[position] ^= 1
    element.text = base64.b64encode(octets).decode("ascii")


def _parts(message: WireMessage) -> Mapping[str, bytes]:
    _, parts = split(message.content_type, message.body)
    if not parts:
        raise NotApplicable("no parts")
    return parts


def written_anew(message: WireMessage) -> WireMessage:
    """No change at all: shows that the judges refuse the others for their change and not for the writing."""
    return _with_envelope(message, lambda root: None)


def bit_in_messaging(message: WireMessage) -> WireMessage:
    """One bit of the MessageId."""

    def change(root: etree._Element) -> None:
        element = _one(root, f"{S12}Header/{EB}Messaging//{EB}MessageId")
        text = element.text or ""
        element.text = chr(ord(text[0]) ^ 1) + text[1:]

    return _with_envelope(message, change)


def body_content_added(message: WireMessage) -> WireMessage:
    """An element in the empty Body."""
    return _with_envelope(message, lambda root: etree.SubElement(_one(root, f"{S12}Body"), "added"))


def digest_value(message: WireMessage) -> WireMessage:
    """One bit of the first digest."""
    return _with_envelope(message, lambda root: _flip_base64(_one(root, f".//{DS}SignedInfo//{DS}DigestValue"), 0))


def signature_value(message: WireMessage) -> WireMessage:
    """One bit of the signature."""
    return _with_envelope(message, lambda root: _flip_base64(_one(root, f".//{DS}SignatureValue"), 20))


def dropped_reference(message: WireMessage) -> WireMessage:
    """The last reference taken out of the signature."""

    def change(root: etree._Element) -> None:
        signed_info = _one(root, f".//{DS}SignedInfo")
        signed_info.remove(signed_info.findall(f"{DS}Reference")[-1])

    return _with_envelope(message, change)


def swapped_part(message: WireMessage) -> WireMessage:
    """Two parts in each other's place; a lone part in reverse."""
    parts = list(_parts(message).values())
    if len(parts) == 1:
        return dataclasses.replace(message, body=message.body.replace(parts[0], parts[0][::-1], 1))
    first, second = parts[:2]
    before, between = message.body.split(first, 1)
    between, after = between.split(second, 1)
    return dataclasses.replace(message, body=before + second + between + first + after)


def altered_part(message: WireMessage) -> WireMessage:
    """One bit in the middle of a part."""
    part = next(iter(_parts(message).values()))
    changed = bytearray(part)
    changed[len(part) // 2] ^= 1
    return dataclasses.replace(message, body=message.body.replace(part, bytes(changed), 1))


def altered_token(message: WireMessage) -> WireMessage:
    """One bit of the certificate that stands in the message."""

    def change(root: etree._Element) -> None:
        pointer = _one(root, f".//{DS}Signature/{DS}KeyInfo//{WSSE}Reference").get("URI", "")
        token = _one(root, f".//{WSSE}BinarySecurityToken[@{WSU}Id='{pointer[1:]}']")
        _flip_base64(token, -1)

    return _with_envelope(message, change)


def renamed_id(message: WireMessage) -> WireMessage:
    """Another id on the Messaging, so that its reference points at nothing."""
    return _with_envelope(message, lambda root: _one(root, f"{S12}Header/{EB}Messaging").set(f"{WSU}Id", "renamed"))


def changed_algorithm(message: WireMessage) -> WireMessage:
    """Another name of a signature algorithm."""
    name = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
    return _with_envelope(message, lambda root: _one(root, f".//{DS}SignatureMethod").set("Algorithm", name))


def wrapped(message: WireMessage) -> WireMessage:
    """The signed Messaging moved aside, an unsigned one in its place: every digest still matches."""

    def change(root: etree._Element) -> None:
        header = _one(root, f"{S12}Header")
        messaging = _one(header, f"{EB}Messaging")
        forged = etree.fromstring(etree.tostring(messaging, with_tail=False))
        forged.set(f"{WSU}Id", "forged")
        header.replace(messaging, forged)
        etree.SubElement(header, "aside").append(messaging)

    return _with_envelope(message, change)


ALTERATIONS: Mapping[str, Alteration] = {
    each.__name__.replace("_", "-"): each
    for each in (
        bit_in_messaging,
        body_content_added,
        digest_value,
        signature_value,
        dropped_reference,
        swapped_part,
        altered_part,
        altered_token,
        renamed_id,
        changed_algorithm,
        wrapped,
    )
}
