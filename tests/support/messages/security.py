"""Security headers bent in ways that no writer offers, and what a row says of them.

    forged(put(names.DIGEST_METHOD, "Algorithm", names.SHA1))      # somebody changed it on the way
    signed_so(put(names.DIGEST_METHOD, "Algorithm", names.SHA1))   # its sender signed it that way

A change takes the envelope. `signed_so` makes digests of elements and the signature value anew for what stands there,
so that what is judged is the form and not a broken signature.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace

from lxml import etree
from support.client.client_rows import office
from support.hubs.contract import Before, Refused, assert_next_is_taken, assert_refused
from support.hubs.hub import TestedHub, catalogue, configuration_texts, load_test_certificates, running_hub
from support.hubs.rows import Act, Extra, Judged, Sent, Stimulus, refuse_one, send, sent_of
from support.keys.pki import identity
from support.messages.wire import Draft, Part, Wire, saldoverzoek

from crypto import names
from crypto.canonical import canonical_octets, prefix_list_of
from crypto.certificates import Certificate, der, subject_key_identifier, thumbprint_sha1
from crypto.elements import Element
from crypto.faults import SecurityFault
from crypto.key_references import KeyReference
from crypto.key_transports import CONTENTS, KEY_TRANSPORTS, WrappedOctets
from crypto.keys import DecryptionKey, SigningKey, Unwrapper
from crypto.signature_algorithms import SIGNATURES
from crypto.suites import AS4_1_15_RSA, SUITES, Suite
from gateway.client.taking import Outcome
from gateway.ebms.receipts import NON_REPUDIATION
from pmodes.configuration import Configuration
from pmodes.files import read_configuration
from xsd.samples import sample_attachment

Change = Callable[[Element], object]
Make = Callable[[], Draft]

PDF = "application/pdf"
UNENCRYPTED = "PMode[1].Security.X509.Encryption.Encrypt"
CLEAR: Extra = {"counsellor": {"overrides": {UNENCRYPTED: False}}}

# What partners wrote before the profile of today; a P-Mode has to name such a suite.
OLDER: Suite = replace(
    AS4_1_15_RSA,
    name="older",
    key_transport=KEY_TRANSPORTS["rsa-oaep-mgf1p-sha1"],
    accepted_signatures=tuple(SIGNATURES.values()),
    accepted_key_transports=tuple(KEY_TRANSPORTS.values()),
    accepted_contents=tuple(CONTENTS.values()),
)


@dataclass
class CountedKey:
    """The hub's decryption key, which counts how often it is used."""

    key: DecryptionKey
    used: int = 0

    @property
    def certificate(self) -> Certificate:
        return self.key.certificate

    def unwrap(self, wrapped: WrappedOctets) -> bytes:
        self.used += 1
        return self.key.unwrap(wrapped)


# ---- drafts


def clear() -> Draft:
    """A question that is signed and not encrypted."""
    return replace(saldoverzoek(), encrypted=False)


def attachment(octets: bytes | None = None, *, mime_type: str = PDF, compressed: bool = True) -> Part:
    """A part beside the document."""
    content = sample_attachment() if octets is None else octets
    return Part(octets=content, mime_type=mime_type, compressed=compressed)


def with_attachments(*attachments: Part, draft: Make = saldoverzoek) -> Draft:
    """A question with these parts beside its document; one PDF unless any is given."""
    made = draft()
    return made.with_parts(*made.parts, *(attachments or (attachment(),)))


# ---- changes


def nth(root: Element, tag: str, index: int = 0) -> Element:
    """The element of that name, counted in document order."""
    return list(root.iter(tag))[index]


def parent_of(element: Element) -> Element:
    """The element around another."""
    parent = element.getparent()
    assert parent is not None
    return parent


def drop(tag: str, index: int = 0) -> Change:
    """Take that element away."""

    def change(root: Element) -> None:
        element = nth(root, tag, index)
        parent_of(element).remove(element)

    return change


def put(tag: str, attribute: str, value: str | None, index: int = 0) -> Change:
    """Give that element an attribute, or take it away."""

    def change(root: Element) -> None:
        element = nth(root, tag, index)
        if value is None:
            del element.attrib[attribute]
        else:
            element.set(attribute, value)

    return change


def add(tag: str, child: str, index: int = 0, *, first: bool = False, **attributes: str) -> Change:
    """Put a new empty element into that one."""

    def change(root: Element) -> None:
        parent = nth(root, tag, index)
        parent.insert(0 if first else len(parent), etree.Element(child, attributes))

    return change


def say(tag: str, text: str | bytes, index: int = 0) -> Change:
    """Give that element another text; octets are written in base64."""

    def change(root: Element) -> None:
        value = base64.b64encode(text).decode() if isinstance(text, bytes) else text
        nth(root, tag, index).text = value

    return change


def again(tag: str, index: int = 0, **attributes: str) -> Change:
    """Put a copy of that element after it, with these attributes changed."""

    def change(root: Element) -> None:
        element = nth(root, tag, index)
        copy = deepcopy(element)
        for name, value in attributes.items():
            copy.set(name, value)
        element.addnext(copy)

    return change


def in_signature(change: Change) -> Change:
    """The change made to ds:Signature alone; elements of the same names stand before it, in what says encryption."""
    return lambda root: change(nth(root, names.SIGNATURE))


def all_of(*changes: Change) -> Change:
    """One after the other."""

    def change(root: Element) -> None:
        for each in changes:
            each(root)

    return change


def token(certificate: Certificate, token_id: str) -> Element:
    """A wsse:BinarySecurityToken."""
    found = etree.Element(
        names.BINARY_SECURITY_TOKEN,
        {"EncodingType": names.BASE64_BINARY, "ValueType": names.X509_V3, names.WSU_ID: token_id},
    )
    found.text = base64.b64encode(der(certificate)).decode()
    return found


def reference_to(certificate: Certificate, form: KeyReference, token_id: str = "") -> Element:
    """A wsse:SecurityTokenReference that names a certificate in that form."""
    reference = etree.Element(names.SECURITY_TOKEN_REFERENCE)
    match form:
        case KeyReference.TOKEN:
            etree.SubElement(reference, names.TOKEN_REFERENCE, URI=f"#{token_id}", ValueType=names.X509_V3)
        case KeyReference.ISSUER_SERIAL:
            data = etree.SubElement(reference, names.X509_DATA)
            issuer_serial = etree.SubElement(data, names.X509_ISSUER_SERIAL)
            etree.SubElement(issuer_serial, names.X509_ISSUER_NAME).text = certificate.issuer.rfc4514_string()
            etree.SubElement(issuer_serial, names.X509_SERIAL_NUMBER).text = str(certificate.serial_number)
        case KeyReference.SKI | KeyReference.THUMBPRINT:
            ski = form is KeyReference.SKI
            identifier = etree.SubElement(
                reference, names.KEY_IDENTIFIER, ValueType=names.X509_SKI if ski else names.THUMBPRINT_SHA1
            )
            octets = subject_key_identifier(certificate) if ski else thumbprint_sha1(certificate)
            identifier.text = base64.b64encode(octets).decode()
    return reference


# ---- stimuli


def forged(change: Change, draft: Make = saldoverzoek) -> Stimulus:
    """A good message that was changed on its way."""

    def make() -> Sent:
        made = draft()
        return Sent(wire=made.wire(alter=change), draft=made)

    return make


def signed_so(change: Change, draft: Make = saldoverzoek, *, signer: SigningKey | None = None) -> Stimulus:
    """A message whose sender changed it and then signed it."""

    def make() -> Sent:
        made = draft()
        wire = made.wire()
        root = etree.fromstring(wire.envelope)
        change(root)
        sign_anew(root, signer or made.signer)
        return Sent(wire=enveloped(wire, etree.tostring(root, encoding="UTF-8")), draft=made)

    return make


def enveloped(wire: Wire, envelope: bytes) -> Wire:
    """The message with another envelope, its parts as they were."""
    assert wire.body.count(wire.envelope) == 1
    return replace(wire, body=wire.body.replace(wire.envelope, envelope), envelope=envelope, references=())


def sign_anew(root: Element, signer: SigningKey, suite: Suite = AS4_1_15_RSA) -> None:
    """Digests of elements and the signature value for what stands there, as far as it has any; what a receipt repeats
    stays as it is.
    """
    for reference in root.iter(names.REFERENCE):
        if next(reference.iterancestors(NON_REPUDIATION), None) is not None:
            continue
        element = _named(root, reference.get("URI", ""))
        value = reference.find(names.DIGEST_VALUE)
        if element is not None and value is not None:
            octets = canonical_octets(element, _prefixes(reference.find(f".//{names.TRANSFORM}")))
            value.text = base64.b64encode(suite.digest.digest(octets)).decode()
    signed_info = nth(root, names.SIGNED_INFO)
    octets = canonical_octets(signed_info, _prefixes(signed_info.find(names.CANONICALIZATION_METHOD)))
    value = nth(root, names.SIGNATURE_VALUE)
    value.text = base64.b64encode(signer.sign(suite.signature, octets)).decode()


def digest_of(href: str, digest: bytes) -> Change:
    """Say another digest of that part."""

    def change(root: Element) -> None:
        for reference in root.iter(names.REFERENCE):
            if reference.get("URI") == href:
                value = reference.find(names.DIGEST_VALUE)
                assert value is not None
                value.text = base64.b64encode(digest).decode()

    return change


def _named(root: Element, uri: str) -> Element | None:
    found = [each for each in root.iter("*") if uri == f"#{each.get(names.WSU_ID)}"]
    return found[0] if found else None


def _prefixes(method: Element | None) -> tuple[str, ...]:
    try:
        return () if method is None else prefix_list_of(method)
    except SecurityFault:
        return ()


# ---- hubs and outcomes


def hub_with(
    act: Act,
    *,
    extra: Extra | None = None,
    configuration: Callable[[], Configuration] | None = None,
    decryption_keys: tuple[Unwrapper, ...] | None = None,
) -> Act:
    """Act on a second hub beside the row's own, for what its table cannot say."""

    async def on_another(hub: TestedHub) -> None:
        number = len(list(hub.folder.iterdir()))
        async with running_hub(
            hub.folder / f"hub-{number}",
            extra=extra,
            configuration=None if configuration is None else configuration(),
            decryption_keys=decryption_keys,
        ) as another:
            await act(another)

    return on_another


def older_partner(extra: Extra | None = None) -> Configuration:
    """The test organisations; the counsellor signs and encrypts as partners did years ago."""
    counsellor = {"suite": OLDER.name, **((extra or {}).get("counsellor", {}))}
    return read_configuration(
        configuration_texts({**(extra or {}), "counsellor": counsellor}),
        catalogue=catalogue(),
        load=load_test_certificates,
        suites={**SUITES, OLDER.name: OLDER},
    )


def refused_as(codes: set[str], *stimuli: Stimulus) -> Act:
    """Each is refused with one of these codes, by the whole contract; which one may depend on what is judged first."""

    async def act(hub: TestedHub) -> None:
        for each in stimuli:
            sent = sent_of(each())
            before = Before.of(hub)
            reply = await send(hub, sent)
            assert len(set(reply.codes)) == 1, (reply.status, reply.codes)
            assert set(reply.codes) <= codes, (reply.codes, hub.log.lines[-1])
            assert_refused(hub, sent.wire, reply, Refused(reply.codes[0], about=None), before)
        await assert_next_is_taken(hub)

    return Judged.all_of(act, stimuli, taken=False)


def because(reason: str, expected: Refused, *stimuli: Stimulus) -> Act:
    """Each is refused so, and for that reason: words of the private detail."""

    async def act(hub: TestedHub) -> None:
        for each in stimuli:
            await refuse_one(hub, sent_of(each()), expected)
            detail = str(hub.log.lines[-1][1]["detail"])
            assert reason in detail, detail
        await assert_next_is_taken(hub)

    return Judged.all_of(act, stimuli, taken=False)


def key_unused(
    reason: str,
    expected: Refused,
    *stimuli: Stimulus,
    configuration: Callable[[], Configuration] | None = None,
) -> Act:
    """Each is refused so, for that reason, and no private key was used to find out."""

    async def act(hub: TestedHub) -> None:
        key = CountedKey(identity("hub").decryption_key)
        judge = because(reason, expected, *stimuli)
        await hub_with(judge, configuration=configuration, decryption_keys=(key,))(hub)
        assert key.used == 1, "the good message at the end, and that alone, is decrypted"

    return Judged.all_of(act, stimuli, taken=False)


def collected(*outcomes: Outcome) -> Act:
    """The creditor's own client pulls until its mailbox is empty, and each message comes to that."""

    async def act(hub: TestedHub) -> None:
        async with office(hub.url, hub.folder, "creditor") as creditor:
            found = [each.outcome for each in await creditor.pull()]
        assert found == [*outcomes, Outcome.EMPTY], (found, hub.log.lines[-3:])

    return act
