"""One refusal of every kind, each message with a canary wherever a sender can put text.

    for each in REFUSALS: ...
        wire = each.make(); reply = await post(hub, wire)

What is refused where is the business of the rows; here they stand together for what holds of every refusal: nothing of
a message, of this machine or of another party is in the answer, and nothing of the message is in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree
from support.hubs.contract import Refused, bare, fault, unreadable
from support.keys.pki import NOW, identity
from support.messages.bending import (
    MimePart,
    added,
    attribute,
    body_content,
    lines_of,
    packed,
    related,
    resigned,
    soap,
    text,
    unpacked,
    with_root,
)
from support.messages.wire import Draft, Wire, mpc_of, new_id, pull_request, saldoverzoek, signal_wire

from crypto.names import DS
from gateway.ebms import names
from gateway.ebms.model import Messaging, PartReference, Receipt, Service

CANARY = "CN-5f1d0c9e8b7a69584736251403f2e1d0"
HEADERS = {"X-Canary": CANARY, "User-Agent": CANARY, "Cookie": f"a={CANARY}", "Authorization": f"Basic {CANARY}"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is sent, over which path, and what it gets."""

    expected: Refused
    make: Callable[[], Wire]
    headers: Mapping[str, str] = field(default_factory=dict)


def marked() -> Draft:
    """A good message with the canary in its document, its Content-ID and the name of its file."""
    draft = saldoverzoek()
    (part,) = draft.parts
    octets = part.octets.replace(b"Testenburg", CANARY.encode()).replace(b"Verzonnen levering", CANARY.encode())
    return draft.with_parts(replace(part, octets=octets, content_id=f"{CANARY}@tests.example"))


def sent(draft: Draft | None = None) -> Wire:
    """On the wire, with the canary in a header line of the part."""
    wire = (draft or marked()).wire()
    root, *parts = unpacked(wire)
    named = [replace(each, lines=(*each.lines, f'Content-Description: "{CANARY}"')) for each in parts]
    return packed(wire, (root, *named))


def bent(alter: Callable[[etree._Element], object]) -> Callable[[], Wire]:
    """Signed by its sender the way it then stands."""
    return lambda: resigned(marked(), alter)


def document(old: bytes, new: str) -> Callable[[], Wire]:
    """With another document."""

    def make() -> Wire:
        draft = marked()
        (part,) = draft.parts
        assert old in part.octets
        return sent(draft.with_parts(replace(part, octets=part.octets.replace(old, new.encode()))))

    return make


def ciphertext(change: Callable[[bytes], bytes]) -> Callable[[], Wire]:
    """With other octets than the sender encrypted."""
    return lambda: marked().wire(part_alter=lambda _part, octets: change(octets))


def replaced(old: bytes, new: bytes) -> Callable[[], Wire]:
    """Changed on the way."""

    def make() -> Wire:
        wire = sent()
        return with_root(wire, wire.envelope.replace(old, new, 1))

    return make


def unsigned() -> Wire:
    """Without its signature."""
    wire = sent()
    root = etree.fromstring(wire.envelope)
    removed_element(root, f"{{{DS}}}Signature")
    return with_root(wire, etree.tostring(root))


def removed_element(root: etree._Element, tag: str) -> None:
    """Take every element of that name away."""
    for element in list(root.iter(tag)):
        element.getparent().remove(element)  # type: ignore[union-attr]


def undeclared() -> Wire:
    """With a part that the header does not name."""
    wire = sent()
    more = MimePart(lines=lines_of(f"more-{CANARY}@tests.example", "text/plain"), octets=CANARY.encode())
    return packed(wire, (*unpacked(wire), more))


def absent() -> Wire:
    """Without the part that the header names."""
    wire = sent()
    return packed(wire, unpacked(wire)[:1])


def not_gzip() -> Wire:
    """With a part that says it is compressed."""
    draft = marked()
    return sent(draft.with_parts(replace(draft.parts[0], plain=CANARY.encode())))


def no_xml() -> Wire:
    """With a document that is none."""
    draft = marked()
    return sent(draft.with_parts(replace(draft.parts[0], octets=f"<{CANARY}>".encode())))


def receipt_for_nothing() -> Wire:
    """A receipt for a message that nobody knows."""
    reference = PartReference(
        uri=f"cid:{CANARY}",
        transforms=(),
        digest_method="http://www.w3.org/2001/04/xmlenc#sha256",
        digest_value=bytes(32),
    )
    receipt = Receipt(
        message_id=new_id(), timestamp=NOW, ref_to_message_id=f"{CANARY}@tests.example", references=(reference,)
    )
    return signal_wire(Messaging(receipt=receipt), identity("creditor").signing_key)


def selecting() -> Wire:
    """A PullRequest that selects."""
    wire = pull_request()
    root = etree.fromstring(wire.body)
    added("PullRequest", f"<eb:RefToMessageId>{CANARY}@tests.example</eb:RefToMessageId>")(root)
    return soap(etree.tostring(root))


def large() -> Wire:
    """An envelope over the limit."""
    return soap(b"<a>" + CANARY.encode() * 10_000 + b"</a>")


def marked_with(name: str, value: str) -> Wire:
    """With another value of a property of the part."""
    draft = marked()
    info = draft.user_message.parts[0]
    properties = tuple(replace(each, value=value) if each.name == name else each for each in info.properties)
    return sent(replace(draft, user_message=replace(draft.user_message, parts=(replace(info, properties=properties),))))


def no(code: str, make: Callable[[], Wire], *, about: bool | None = True) -> Refusal:
    """A readable envelope that is refused."""
    return Refusal(Refused(code, about=about), make)


def torn(octets: str) -> Refusal:
    """An envelope that cannot be read."""
    return Refusal(unreadable("EBMS:0009"), lambda: soap(octets.encode()))


def typed(content_type: str, expected: Refused) -> Refusal:
    """A good message under another Content-Type."""
    return Refusal(expected, lambda: replace(sent(), content_type=content_type))


def saying(**changes: object) -> Callable[[], Wire]:
    """A good message with other values in its header."""
    return lambda: sent(marked().saying(**changes))


def claiming(name: str, value: str) -> Callable[[], Wire]:
    """A good message with another message property."""
    return lambda: sent(marked().with_property(name, value))


def no_uri(root: etree._Element) -> None:
    """A PartyId that has no type and is none."""
    attribute("From/PartyId", "type", None)(root)
    text("From/PartyId", CANARY)(root)


def root_of_another_type() -> Wire:
    """A multipart message whose root is no envelope."""
    return packed(sent(), (MimePart(lines=lines_of("a@b", f"text/{CANARY}"), octets=b"<a/>"),))


TWICE = f'<eb:Property name="{CANARY}">{CANARY}</eb:Property>' * 2
AGREEMENT = f"<eb:AgreementRef>urn:{CANARY}</eb:AgreementRef>"
NO_HEADER = f'<S:Envelope xmlns:S="{names.SOAP12}"><S:Header/><S:Body><a>{CANARY}</a></S:Body></S:Envelope>'
UNKNOWN_BLOCK = f'<c:a xmlns:c="urn:{CANARY}" S12:mustUnderstand="true">{CANARY}</c:a>'
ALGORITHM = b"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

REFUSALS: Mapping[str, Refusal] = {
    # before AS4
    "another path": Refusal(bare(404), sent, {":path": f"/{CANARY}"}),
    "another method": Refusal(bare(405), sent, {":method": "PUT"}),
    "another type": typed(f"text/plain; a={CANARY}", bare(415)),
    "no type": typed(CANARY, bare(415)),
    "a content coding": Refusal(bare(415), sent, {"Content-Encoding": CANARY}),
    "another expectation": Refusal(bare(417), sent, {"Expect": CANARY}),
    # framing
    "no boundary": typed(related(boundary=None) + f'; a="{CANARY}"', unreadable()),
    "a boundary that does not come": typed(related(boundary=CANARY), unreadable()),
    "a start that names nothing": typed(related(start=f"<{CANARY}@x>"), unreadable()),
    "a root part of another type": Refusal(unreadable(), root_of_another_type),
    "too large an envelope": Refusal(unreadable("EBMS:0009", 413), large),
    # the envelope
    "torn XML": torn(f"<{CANARY}>"),
    "a document type": torn(f'<!DOCTYPE a SYSTEM "file:///{CANARY}"><a>&b;</a>'),
    "another encoding": torn(f'<?xml version="1.0" encoding="{CANARY}"?><a/>'),
    "another envelope": Refusal(fault("VersionMismatch"), lambda: soap(f'<E xmlns="urn:{CANARY}"/>'.encode())),
    "an unknown block": Refusal(fault("MustUnderstand"), bent(added("", UNKNOWN_BLOCK))),
    "no eb:Messaging": no("EBMS:0009", lambda: soap(NO_HEADER.encode()), about=False),
    # the header
    "an unknown element": no("EBMS:0009", bent(added("MessageInfo", f"<eb:{CANARY}>{CANARY}</eb:{CANARY}>"))),
    "an unknown attribute": no("EBMS:0009", bent(attribute("Service", CANARY, CANARY))),
    "no time": no("EBMS:0009", bent(text("MessageInfo/Timestamp", CANARY))),
    "a MessageId that is none": no("EBMS:0009", bent(text("MessageInfo/MessageId", f"<{CANARY}>")), about=None),
    "a Body": no("EBMS:0003", bent(body_content(f"<{CANARY}>{CANARY}</{CANARY}>"))),
    "a PartyId that is no URI": no("EBMS:0003", bent(no_uri)),
    "a property twice": no("EBMS:0010", bent(added("MessageProperties", TWICE))),
    "an external part": no("EBMS:0011", bent(attribute("PartInfo", "href", f"http://127.0.0.1:9/{CANARY}"))),
    "another compression": no("EBMS:0003", lambda: marked_with(names.COMPRESSION_TYPE, CANARY)),
    # the processing mode
    "an unknown service": no("EBMS:0001", saying(service=Service(value=f"urn:{CANARY}"))),
    "an unknown action": no("EBMS:0001", saying(action=CANARY)),
    "an unknown agreement": no("EBMS:0001", bent(added("CollaborationInfo", AGREEMENT, first=True))),
    "an unknown sender": no("EBMS:0101", bent(text("From/PartyId", CANARY))),
    "an unlisted property": no("EBMS:0010", claiming(CANARY, CANARY)),
    "an unknown receiver": no("EBMS:0010", claiming(names.FINAL_RECIPIENT, CANARY)),
    # the signature
    "unsigned": no("EBMS:0103", unsigned),
    "signed by another": no("EBMS:0101", lambda: sent(replace(marked(), signer=identity("creditor").signing_key))),
    "changed on the way": no("EBMS:0101", replaced(b"trackingIdentifier", CANARY.encode())),
    "another algorithm": no("EBMS:0103", replaced(ALGORITHM, f"urn:{CANARY}".encode())),
    "a message of last year": no("EBMS:0003", saying(timestamp=NOW.replace(year=2025))),
    # the parts
    "a part that nobody declared": no("EBMS:0007", undeclared),
    "a part that did not come": no("EBMS:0011", absent),
    "a part that does not decrypt": no("EBMS:0102", ciphertext(lambda octets: octets[:-1] + bytes([octets[-1] ^ 1]))),
    "a part in the clear": no("EBMS:0103", lambda: sent(replace(marked(), encrypted=False))),
    "a part that is not gzip": no("EBMS:0303", not_gzip),
    # the document
    "no document": no("EBMS:0004", no_xml),
    "an element too many": no("EBMS:0004", document(b"<Klant>", f"<Klant><{CANARY}/>")),
    "an attribute too many": no("EBMS:0004", document(b"<Klant>", f'<Klant a="{CANARY}">')),
    "a value that is none": no("EBMS:0004", document(b"1980-02-29", CANARY)),
    "another reference than the header's": no("EBMS:0003", claiming(names.TRACKING_IDENTIFIER, CANARY)),
    "another conversation than the header's": no("EBMS:0003", saying(conversation_id=CANARY)),
    # signals
    "an unknown mailbox": no("EBMS:0010", lambda: pull_request(mpc=f"urn:{CANARY}"), about=None),
    "another party's mailbox": no("EBMS:0010", lambda: pull_request("counsellor", mpc=mpc_of("creditor")), about=None),
    "a selective pull": no("EBMS:0008", selecting, about=None),
    "a receipt for nothing": no("EBMS:0302", receipt_for_nothing, about=None),
}
