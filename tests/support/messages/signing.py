"""Messages whose signature is bent: who signs, what is covered, how it is written, and what is digested of a part.

Every function of the first section makes a stimulus of `support.hubs.rows`, every one of the second a change of an
envelope.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from lxml import etree
from support.hubs.contract import Refused
from support.hubs.hub import catalogue, configuration_texts, load_test_certificates
from support.hubs.rows import Act, Sent, Stimulus, sent_of
from support.keys.pki import NOW, PARTIES, Identity, Variant, authority, identity
from support.messages.security import (
    CLEAR,
    PDF,
    Change,
    add,
    again,
    all_of,
    attachment,
    because,
    clear,
    digest_of,
    drop,
    enveloped,
    in_signature,
    nth,
    parent_of,
    put,
    say,
    signed_so,
    token,
    with_attachments,
)
from support.messages.wire import Draft, Part, Wire, new_id, pull_request, saldoverzoek

from crypto import names
from crypto.canonical import canonical_octets
from crypto.certificates import Certificate
from crypto.content_ids import content_id_uri
from crypto.digest import DIGESTS
from crypto.elements import Element
from crypto.key_references import KeyReference
from crypto.keys import SigningKey
from crypto.pki import issue, new_authority
from gateway.ebms import names as ebms
from pmodes.configuration import Configuration, configure
from pmodes.files import read_configuration

NOT_AGREED = Refused("EBMS:0103")
DOES_NOT_HOLD = Refused("EBMS:0101")
EB = f"{{{ebms.EB}}}"
HEADER, BODY = f"{{{names.S12}}}Header", f"{{{names.S12}}}Body"
MESSAGING, MESSAGE_ID = f"{EB}Messaging", f"{EB}MessageId"
ANY_PART = {"mime_types": ["text/xml", "text/plain", PDF]}
MANY_TYPES = {"counsellor": {**CLEAR["counsellor"], "attachments": ANY_PART}, "creditor": {"attachments": ANY_PART}}
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
ENVELOPED, BASE64 = f"{names.DS}enveloped-signature", f"{names.DS}base64"
TRANSFORMS = (XSLT, XPATH, ENVELOPED, BASE64)
INCLUSIVE = ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2006/12/xml-c14n11")
PRETTY = b"<?xml version='1.0'?>\r\n<b:x  xmlns:b='urn:b'\n xmlns:unused='urn:c'><!-- c --><b:y z = \"1\"/>\r\n</b:x>"


# ---- what is sent


def two_parts() -> Draft:
    return with_attachments()


def naming(form: KeyReference) -> Stimulus:
    """A message whose signature names its certificate in that form."""
    return lambda: replace(saldoverzoek(), key_reference=form)


def signed_by(signer: Callable[[], SigningKey], form: KeyReference = KeyReference.TOKEN) -> Stimulus:
    """A correct signature, by another key than the counsellor's."""
    return lambda: replace(saldoverzoek(), signer=signer(), key_reference=form)


def key_of(name: str) -> Callable[[], SigningKey]:
    """Another party's key."""
    return lambda: identity(name).signing_key


def own(variant: Variant) -> Callable[[], SigningKey]:
    """A key of the counsellor itself."""
    return lambda: _own_identity(variant).signing_key


def _own_identity(variant: Variant) -> Identity:
    return identity("counsellor") if variant == "ordinary" else identity("counsellor", variant)


def pinned(*variants: Variant) -> dict[str, dict[str, object]]:
    """The counsellor's file with these signing certificates."""
    signing = [f"counsellor-{each}-signing".replace("-ordinary", "") for each in variants]
    return {"counsellor": {"certificates": {"signing": signing, "encryption": ["counsellor-encryption"]}}}


def also_pinned(certificate: Certificate, name: str = "counsellor") -> Configuration:
    """The test organisations; one of them has this signing certificate too, which no file would be allowed."""
    read = read_configuration(configuration_texts(), catalogue=catalogue(), load=load_test_certificates)
    organisations = (
        replace(each, signing_certificates=(*each.signing_certificates, certificate))
        if each.party_id == PARTIES[name][0]
        else each
        for each in read.organisations
    )
    return configure(read.hub, organisations, catalogue=catalogue())


def of_the_same_name() -> SigningKey:
    """A certificate that says all that the counsellor's says, by an authority of the same name."""
    ours = identity("counsellor").signing.certificate
    authority = new_authority("Knooppunt test authority", at=NOW - timedelta(days=10), days=20)
    issued = issue(
        authority,
        common_name=PARTIES["counsellor"][1],
        party_id=PARTIES["counsellor"][0],
        at=NOW - timedelta(days=1),
        days=10,
        usage="signing",
    )
    assert (issued.certificate.subject, issued.certificate.issuer) == (ours.subject, ours.issuer)
    return SigningKey(private_key=issued.private_key, certificate=issued.certificate)


def self_signed() -> SigningKey:
    """A certificate that says the counsellor's name and vouches for itself."""
    ours = identity("counsellor").signing.certificate
    private_key = identity("stranger").signing.private_key
    certificate = (
        x509.CertificateBuilder()
        .subject_name(ours.subject)
        .issuer_name(ours.subject)
        .public_key(private_key.public_key())
        .serial_number(ours.serial_number)
        .not_valid_before(ours.not_valid_before_utc)
        .not_valid_after(ours.not_valid_after_utc)
        .sign(private_key, hashes.SHA256())
    )
    return SigningKey(private_key=private_key, certificate=certificate)


def the_authority_itself() -> SigningKey:
    """The root that issued every certificate signs a message."""
    return SigningKey(private_key=authority().private_key, certificate=authority().certificate)


def broken_pull() -> Wire:
    """A PullRequest whose signature value is not right."""
    made = new_id()
    return replace(pull_request(message_id=made, alter=flipped(names.SIGNATURE_VALUE)), message_id=made)


def renamed() -> Wire:
    """A message under another MessageId than the one that was signed."""
    made = new_id()
    return replace(saldoverzoek().wire(alter=say(MESSAGE_ID, made)), message_id=made)


def bit_flipped(at: int) -> Stimulus:
    """A clear part with one bit changed on its way; `at` counts octets, from the end where it is negative."""

    def change(_content_id: str, octets: bytes) -> bytes:
        place = at % len(octets)
        return octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]

    def make() -> Sent:
        draft = clear()
        return Sent(wire=draft.wire(part_alter=change), draft=draft)

    return make


def rewritten(change: Callable[[bytes], bytes]) -> Stimulus:
    """A message whose envelope was written differently, octet by octet."""

    def make() -> Sent:
        draft = saldoverzoek()
        wire = draft.wire()
        return Sent(wire=enveloped(wire, change(wire.envelope)), draft=draft)

    return make


def part_signed_over(part: Callable[[], Part], signed: Callable[[bytes], bytes]) -> Stimulus:
    """A clear message with one more part, whose digest is over what `signed` makes of its octets."""

    def draft() -> Draft:
        return with_attachments(part(), draft=clear)

    def make() -> Sent:
        made = draft()
        last = made.parts[-1]
        change = digest_of(content_id_uri(last.content_id), DIGESTS[names.SHA256].digest(signed(last.octets)))
        return sent_of(signed_so(change, lambda: made)())

    return make


def document_signed_over(signed: Callable[[bytes], bytes]) -> Stimulus:
    """A clear, uncompressed, pretty-printed document, whose digest is over what `signed` makes of its octets."""

    def make() -> Sent:
        made = clear()
        root = etree.fromstring(made.parts[0].octets)
        etree.indent(root, "\t")
        octets = b"<?xml version='1.0'?>\r\n<!-- printed -->" + etree.tostring(root).replace(b"\n", b"\r\n")
        made = made.with_parts(Part(octets=octets, mime_type="text/xml", compressed=False))
        change = digest_of(content_id_uri(made.parts[0].content_id), DIGESTS[names.SHA256].digest(signed(octets)))
        return sent_of(signed_so(change, lambda: made)())

    return make


def canonical(octets: bytes) -> bytes:
    return canonical_octets(etree.fromstring(octets))


def as_it_is(octets: bytes) -> bytes:
    return octets


def with_crlf(octets: bytes) -> bytes:
    return octets.replace(b"\n", b"\r\n")


def many_parts(count: int) -> Stimulus:
    return lambda: with_attachments(*(attachment(b"%PDF-1.7") for _ in range(count)))


def with_binary_part(draft: Callable[[], Draft]) -> Stimulus:
    return lambda: with_attachments(binary_part(), draft=draft)


def xml_part() -> Part:
    return Part(octets=PRETTY, mime_type="text/xml", compressed=False)


def text_part() -> Part:
    return Part(octets=b"one\ntwo\n\nthree", mime_type="text/plain", compressed=False)


def binary_part() -> Part:
    return Part(octets=b"\r\n%PDF-1.7\n\r\0" + os.urandom(5_000), mime_type=PDF, compressed=False)


# ---- how a header is bent


def flipped(tag: str, index: int = 0) -> Change:
    """One character of base64 text is another one."""

    def change(root: Element) -> None:
        element = nth(root, tag, index)
        text = str(element.text)
        element.text = text[:20] + ("B" if text[20] != "B" else "C") + text[21:]

    return change


def put_uri(index: int, uri: str | None) -> Change:
    return put(names.REFERENCE, "URI", uri, index)


def unsigned(index: int) -> Change:
    """A signature without that reference."""
    return drop(names.REFERENCE, index)


def not_agreed(what: str, tag: str, *algorithms: str, at: tuple[int, ...] = (0,)) -> Act:
    """Each of these algorithms in that element of the signature is refused, although the sender signed it so."""
    changes = (in_signature(put(tag, "Algorithm", each, index)) for each in algorithms for index in at)
    return because(f"the {what}", NOT_AGREED, *map(signed_so, changes))


def more_references(count: int) -> Change:
    """So many references more, each to a part of its own."""

    def change(root: Element) -> None:
        for number in range(count):
            again(names.REFERENCE, 2, URI=f"cid:more-{number}@tests.example")(root)

    return change


def block(tag: str = "{urn:x}Block", **attributes: str) -> Change:
    return add(HEADER, tag, **attributes)


def same_id(root: Element) -> None:
    """A block of nobody's has the id of the Body."""
    block()(root)
    nth(root, "{urn:x}Block").set(names.WSU_ID, str(nth(root, BODY).get(names.WSU_ID)))


def moved(tag: str) -> Change:
    """The signed element stands in a block of its own, and an empty or evil one in its place."""

    def change(root: Element) -> None:
        signed = nth(root, tag)
        evil = etree.fromstring(etree.tostring(signed))
        evil.set(names.WSU_ID, "another")
        for each in evil.iter(MESSAGE_ID):
            each.text = "evil@tests.example"
        parent_of(signed).replace(signed, evil)
        block()(root)
        nth(root, "{urn:x}Block").append(signed)

    return change


def moved_messaging() -> Wire:
    return replace(saldoverzoek().wire(alter=moved(MESSAGING)), message_id="evil@tests.example")


def prefix_lists(listed: str | None) -> Change:
    """InclusiveNamespaces in the three places where it may stand; None leaves its PrefixList out."""
    attributes = {} if listed is None else {"PrefixList": listed}
    return all_of(
        *(
            in_signature(add(tag, names.INCLUSIVE_NAMESPACES, index, **attributes))
            for tag, index in ((names.CANONICALIZATION_METHOD, 0), (names.TRANSFORM, 0), (names.TRANSFORM, 1))
        )
    )


def two_signatures(*, second_holds: bool) -> Change:
    def change(root: Element) -> None:
        again(names.SIGNATURE, Id="SIG-second")(root)
        if not second_holds:
            flipped(names.SIGNATURE_VALUE, 1)(root)

    return change


def other_token(root: Element) -> None:
    """A token before the one that signs: that of whom it is encrypted to."""
    nth(root, names.SECURITY).insert(0, token(identity("hub").encryption.certificate, "X509-other"))


def timestamped(created_seconds: int, expires_seconds: int, *, signed: bool) -> Change:
    """A Timestamp, by seconds from now."""

    def change(root: Element) -> None:
        timestamp = etree.SubElement(nth(root, names.SECURITY), names.TIMESTAMP)
        timestamp.set(names.WSU_ID, "TS-1")
        for tag, seconds in ((names.CREATED, created_seconds), (names.EXPIRES, expires_seconds)):
            etree.SubElement(timestamp, tag).text = (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        if signed:
            again(names.REFERENCE, URI="#TS-1")(root)

    return change


def indented(tag: str) -> Change:
    return lambda root: etree.indent(nth(root, tag))


def outside(root: Element) -> None:
    """Blanks, line ends and comments everywhere in wsse:Security but in what is signed."""
    security = nth(root, names.SECURITY)
    security.text = "\r\n\t"
    for child in security:
        child.tail = "\n  "
    security.insert(0, etree.Comment(" written by hand "))
    key_info = nth(security, names.SIGNATURE).find(names.KEY_INFO)
    assert key_info is not None
    key_info.text = "\n    "
    for tag in (names.BINARY_SECURITY_TOKEN, names.SIGNATURE_VALUE, names.CIPHER_VALUE):
        element = nth(security, tag)
        text = str(element.text)
        element.text = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))


def with_other_prefix(envelope: bytes) -> bytes:
    """The prefix of what nobody signs: wsse."""
    return envelope.replace(b"wsse:", b"sec:").replace(b"xmlns:wsse=", b"xmlns:sec=")


def for_authorization(root: Element) -> None:
    """A second security header, with a name and a password for the role "ebms"."""
    second = etree.SubElement(nth(root, HEADER), names.SECURITY)
    second.set(f"{{{names.S12}}}role", ebms.ROLE_EBMS)
    second.set(names.MUST_UNDERSTAND, "true")
    token = etree.SubElement(second, f"{{{names.WSSE}}}UsernameToken")
    etree.SubElement(token, f"{{{names.WSSE}}}Username").text = "creditor"
    etree.SubElement(token, f"{{{names.WSSE}}}Password").text = "secret of the tests"
