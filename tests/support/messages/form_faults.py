"""Form faults of wsse:Security, one change for each row of the table of faults: for every reader that refuses them.

A change is made to the envelope of a message with two encrypted parts, whose signature has the id that ours have.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from lxml import etree
from support.messages.signed_messages import positions

from crypto import names
from crypto.elements import Element

Change = Callable[[Element], object]


def found(document: Element, tag: str, index: int = 0, *, within: str = names.SECURITY) -> Element:
    return list(next(document.iter(within)).iter(tag))[index]


def put(tag: str, attribute: str, value: str, index: int = 0, within: str = names.SECURITY) -> Change:
    return lambda document: found(document, tag, index, within=within).set(attribute, value)


def unset(tag: str, attribute: str, index: int = 0, within: str = names.SECURITY) -> Change:
    return lambda document: found(document, tag, index, within=within).attrib.pop(attribute)


def write(tag: str, text: str) -> Change:
    return lambda document: setattr(found(document, tag), "text", text)


def add(tag: str, child: str, index: int = 0, within: str = names.SECURITY, **attributes: str) -> Change:
    return lambda document: etree.SubElement(found(document, tag, index, within=within), child, attributes)


def many(tag: str, child: str, count: int) -> Change:
    return lambda document: [etree.SubElement(found(document, tag), child) for _ in range(count)]


def remove(tag: str, index: int = 0, within: str = names.SECURITY) -> Change:
    def change(document: Element) -> None:
        element = found(document, tag, index, within=within)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return change


def repeat(tag: str, index: int = 0, **attributes: str) -> Change:
    def change(document: Element) -> None:
        element = found(document, tag, index)
        copy, parent = deepcopy(element), element.getparent()
        assert parent is not None
        for name, value in attributes.items():
            copy.set(name, value)
        parent.append(copy)

    return change


def timestamps(*times: str) -> Change:
    def change(document: Element) -> None:
        for text in times:
            timestamp = etree.SubElement(positions(document).security, names.TIMESTAMP)
            etree.SubElement(timestamp, names.CREATED if text else f"{{{names.WSU}}}Other").text = text

    return change


def named_by(tag: str, **attributes: str) -> Change:
    """The signature names its certificate in another form."""

    def change(document: Element) -> None:
        reference = found(document, names.SECURITY_TOKEN_REFERENCE, within=names.SIGNATURE)
        reference[:] = [etree.Element(tag, attributes)]

    return change


def issued_by(issuer: str, serial_number: str = "1") -> Change:
    def change(document: Element) -> None:
        named_by(names.X509_DATA)(document)
        data = found(document, names.X509_DATA)
        both = etree.SubElement(data, names.X509_ISSUER_SERIAL)
        etree.SubElement(both, names.X509_ISSUER_NAME).text = issuer
        etree.SubElement(both, names.X509_SERIAL_NUMBER).text = serial_number

    return change


def prefixes(written: str) -> Change:
    return add(names.TRANSFORM, names.INCLUSIVE_NAMESPACES, within=names.SIGNATURE, PrefixList=written)


def encrypted_elsewhere(document: Element) -> None:
    positions(document).body.append(deepcopy(found(document, names.ENCRYPTED_DATA)))


def a_second_key(document: Element) -> None:
    repeat(names.ENCRYPTED_KEY, Id="EK-other")(document)
    found(document, names.REFERENCE_LIST, 1)[:] = []


def a_part_again(document: Element) -> None:
    repeat(names.ENCRYPTED_DATA, Id="ED-other")(document)
    etree.SubElement(found(document, names.REFERENCE_LIST), names.DATA_REFERENCE, URI="#ED-other")


SIGNATURE: dict[str, Change] = {
    "{} does not hold exactly {}": remove(names.SIGNATURE_VALUE),
    "{} holds {} {}": repeat(names.SIGNATURE),
    "{} holds more than text": add(names.SIGNATURE_VALUE, "x"),
    "{} is longer than {} characters": write(names.SIGNATURE_VALUE, "A" * 5_000),
    "{} names no algorithm": unset(names.SIGNATURE_METHOD, "Algorithm"),
    "an id occurs more than once": lambda document: positions(document).body.set("Id", "SIG-4"),
    "exclusive canonicalization has an unknown parameter": add(names.CANONICALIZATION_METHOD, "x"),
    "a PrefixList has more than {} characters": prefixes(" " * 1_025),
    "a PrefixList has more than {} prefixes": prefixes("a " * 17),
    "the signature has more references and comments than a message can have": many(names.SIGNED_INFO, "x", 200),
    "SignedInfo has an attribute that no signature has": put(names.DIGEST_METHOD, "x", "y", 0, names.SIGNATURE),
    "SignedInfo does not begin with its two methods": remove(names.SIGNATURE_METHOD),
    "the signature has {} references": many(names.SIGNED_INFO, names.REFERENCE, 80),
    "the canonicalization {} is not accepted": put(names.CANONICALIZATION_METHOD, "Algorithm", "urn:x"),
    "the signature algorithm {} is not accepted": put(names.SIGNATURE_METHOD, "Algorithm", "urn:x"),
    "something else stands where a Reference should": add(names.SIGNED_INFO, "x"),
    "a reference names neither an id nor a part": put(names.REFERENCE, "URI", "http://127.0.0.1:9/"),
    "the transform {} is not accepted there": put(names.TRANSFORM, "Algorithm", "urn:x", 0, names.SIGNATURE),
    "the attachment transform has a parameter": add(names.TRANSFORM, "x", 2, names.SIGNATURE),
    "the digest {} is not accepted": put(names.DIGEST_METHOD, "Algorithm", names.SHA1, 0, names.SIGNATURE),
    "the key is to be fetched from elsewhere": add(names.KEY_INFO, names.RETRIEVAL_METHOD, 0, names.SIGNATURE),
    "the KeyInfo does not name one certificate by a SecurityTokenReference": add(
        names.KEY_INFO, f"{{{names.DS}}}KeyValue", 0, names.SIGNATURE
    ),
    "a SecurityTokenReference does not hold exactly one reference": add(
        names.SECURITY_TOKEN_REFERENCE, "x", 0, names.SIGNATURE
    ),
    "a SecurityTokenReference of that kind is not supported": named_by("x"),
    "the referenced token is not an X.509 certificate": named_by(names.TOKEN_REFERENCE, ValueType="urn:x"),
    "the token is not referenced by an id in the message": named_by(names.TOKEN_REFERENCE, URI="urn:x"),
    "the referenced token is not in the security header": named_by(names.TOKEN_REFERENCE, URI="#nowhere"),
    "the token is not a single X.509 certificate": lambda document: [
        each.set("ValueType", "urn:x") for each in document.iter(names.BINARY_SECURITY_TOKEN)
    ],
    "the token is not base64": lambda document: [
        each.set("EncodingType", "urn:x") for each in document.iter(names.BINARY_SECURITY_TOKEN)
    ],
    "a KeyIdentifier of this type is not supported": named_by(names.KEY_IDENTIFIER, ValueType="urn:x"),
    "the X509Data does not name one certificate by issuer and serial number": named_by(names.X509_DATA),
    "the issuer and serial number cannot be read": issued_by("CN=x", "one"),
    "the issuer is not a distinguished name": issued_by("x"),
    "the issuer has an attribute of unknown type": issued_by("unknown=x"),
    "the issuer has a value that is no string": issued_by("CN=#0201"),
    "the issuer has a value that is no text": issued_by("CN=\\ff"),
    "the Timestamp has an unknown part": timestamps(""),
    "the Timestamp holds no time with a zone": timestamps("2026-03-04T10:00:00"),
    "there is more than one Timestamp": timestamps("2026-03-04T10:00:00Z", "2026-03-04T10:00:00Z"),
    "eb:Messaging is not signed": remove(names.REFERENCE),
    "the SOAP Body is not signed": remove(names.REFERENCE, 1),
    "{} declared parts are not signed": remove(names.REFERENCE, 2),
    "the security header holds more than {} elements and comments": many(names.SECURITY, "x", 200),
    "a reference is to no element that may be signed": put(names.REFERENCE, "URI", "#SIG-4"),
    "an element is signed twice": repeat(names.REFERENCE),
    "a reference is to a part that is not declared": put(names.REFERENCE, "URI", "cid:x@y", 2),
    "a part is signed twice": repeat(names.REFERENCE, 2),
}
ENCRYPTION: dict[str, Change] = {
    "the message has {} wrapped keys and {} encrypted parts": many(names.SECURITY, names.ENCRYPTED_KEY, 2),
    "something else than the parts is encrypted": encrypted_elsewhere,
    "two wrapped keys or encrypted parts have one id": put(names.ENCRYPTED_DATA, "Id", "EK-5"),
    "a part is encrypted twice": a_part_again,
    "a ReferenceList names data that are not there": add(names.REFERENCE_LIST, names.DATA_REFERENCE, URI="#nowhere"),
    "a ReferenceList does not name each encrypted part once by its id": repeat(names.DATA_REFERENCE),
    "a wrapped key is for nothing": a_second_key,
    "{} declared parts are not encrypted": lambda document: (
        remove(names.ENCRYPTED_DATA)(document),
        remove(names.DATA_REFERENCE)(document),
    ),
    "encryption of the type {} is not accepted": put(names.ENCRYPTED_DATA, "Type", "urn:x"),
    "the cipher {} is not accepted": put(names.ENCRYPTION_METHOD, "Algorithm", "urn:x", 1),
    "an encrypted part is in no ReferenceList": remove(names.DATA_REFERENCE),
    "an encrypted part names another key than the one that lists it": put(
        names.TOKEN_REFERENCE, "URI", "#other", 0, names.ENCRYPTED_DATA
    ),
    "encrypted data are not a MIME part": put(names.CIPHER_REFERENCE, "URI", "#x"),
    "encrypted data are read through an unknown transform": put(
        names.TRANSFORM, "Algorithm", "urn:x", 0, names.ENCRYPTED_DATA
    ),
    "an encrypted part is not declared": put(names.CIPHER_REFERENCE, "URI", "cid:x@y"),
    "the key transport {} or a parameter of it is not accepted": put(names.ENCRYPTION_METHOD, "Algorithm", "urn:x"),
    "the key transport has an unknown parameter": add(names.ENCRYPTION_METHOD, "x"),
}
