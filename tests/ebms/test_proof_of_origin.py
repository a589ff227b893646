"""origin.xml: the sender's own signature reaches the receiver, and nothing else passes for it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from lxml import etree
from support.keys.pki import NOW, identity
from support.messages.units import CONTENT_ID, RECEIPT, USER_MESSAGE

from crypto import names as security_names
from crypto.canonical import canonical_octets
from crypto.certificates import der
from crypto.elements import base64_text
from crypto.key_references import KeyReference
from crypto.suites import AS4_1_15_RSA as SUITE
from crypto.verify import VerificationPolicy, Verified, verify
from gateway.ebms import names
from gateway.ebms.envelope import locate
from gateway.ebms.errors import EbmsError, FailedAuthentication
from gateway.ebms.model import Messaging
from gateway.ebms.origin import NAMESPACE, build_origin, may_be_shown, read_origin, verify_origin
from gateway.ebms.pack import PackedPart, signed_envelope

SENDER = identity("counsellor")
DIGEST = SUITE.digest.digest(b"gzip octets")
CAME = {CONTENT_ID: (SUITE.digest.uri, DIGEST)}


def first_leg(key_reference: KeyReference = KeyReference.TOKEN) -> bytes:
    """The sender's signed message as the hub receives it."""
    return signed_envelope(
        Messaging(user_message=USER_MESSAGE),
        key=SENDER.signing_key,
        suite=SUITE,
        key_reference=key_reference,
        parts=[PackedPart(content_id=CONTENT_ID, mime_type=names.GZIP, digest=DIGEST)],
    ).envelope


def verified_by_the_hub(octets: bytes) -> Verified:
    positions = locate(etree.fromstring(octets))
    assert positions.security is not None
    return verify(
        positions.security,
        messaging=positions.messaging,
        body=positions.body,
        content_ids=frozenset({CONTENT_ID}),
        policy=VerificationPolicy(suite=SUITE, certificates=(SENDER.signing.certificate,), at=NOW),
    )


@pytest.fixture(scope="module")
def origin_octets() -> bytes:
    return build_origin(verified_by_the_hub(first_leg()))


@pytest.mark.parametrize("key_reference", list(KeyReference))
def test_the_receiver_verifies_the_sender_s_signature_in_every_form_of_key_reference(
    key_reference: KeyReference,
) -> None:
    origin = read_origin(build_origin(verified_by_the_hub(first_leg(key_reference))))

    for certificates in ((SENDER.signing.certificate,), None):
        assert verify_origin(origin, certificates=certificates, at=NOW, part_digests=CAME) == USER_MESSAGE


def test_an_origin_tells_what_to_digest_and_with_what(origin_octets: bytes) -> None:
    origin = read_origin(origin_octets)

    assert origin.digest_methods == {CONTENT_ID: SUITE.digest.uri}
    assert origin.content_ids == {CONTENT_ID}
    assert origin.certificate == SENDER.signing.certificate


@pytest.mark.parametrize(
    "came",
    [
        pytest.param({CONTENT_ID: (SUITE.digest.uri, bytes(32))}, id="another content"),
        pytest.param({CONTENT_ID: (security_names.SHA512, DIGEST)}, id="another digest"),
        pytest.param({}, id="a part is missing"),
        pytest.param({**CAME, "extra@hub": (SUITE.digest.uri, DIGEST)}, id="a part was added"),
        pytest.param({"renamed@hub": CAME[CONTENT_ID]}, id="a part was renamed"),
    ],
)
def test_other_parts_than_the_sender_s_are_refused(origin_octets: bytes, came: dict[str, tuple[str, bytes]]) -> None:
    with pytest.raises(FailedAuthentication):
        verify_origin(read_origin(origin_octets), certificates=None, at=NOW, part_digests=came)


def test_another_sender_than_expected_is_refused(origin_octets: bytes) -> None:
    others = (identity("stranger").signing.certificate, identity("hub").signing.certificate)

    with pytest.raises(FailedAuthentication):
        verify_origin(read_origin(origin_octets), certificates=others, at=NOW, part_digests=CAME)


@pytest.mark.parametrize("away", [timedelta(days=-4000), timedelta(days=4000)])
def test_what_the_sender_signed_is_so_at_every_time(origin_octets: bytes, away: timedelta) -> None:
    """Whether its certificate was good when the hub accepted the message is for the receiver to ask, and no fault."""
    proven = verify_origin(read_origin(origin_octets), certificates=None, at=NOW + away, part_digests=CAME)
    assert proven == USER_MESSAGE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"Saldoverzoek", b"Saldoopgave_", id="the header"),
        pytest.param(b"></S12:Body>", b">x</S12:Body>", id="the body"),
        pytest.param(b"<ds:DigestValue>", b"<ds:DigestValue>AAAA", id="a digest"),
        pytest.param(b"<ds:SignatureValue>", b"<ds:SignatureValue>AAAA", id="the signature"),
        pytest.param(b"SIG-", b"sig-", id="nothing that counts, as a control"),
    ],
)
def test_an_origin_with_one_thing_changed_is_refused(origin_octets: bytes, old: bytes, new: bytes) -> None:
    assert old in origin_octets
    altered = read_origin(origin_octets.replace(old, new, 1))

    if old == b"SIG-":
        assert verify_origin(altered, certificates=None, at=NOW, part_digests=CAME) == USER_MESSAGE
        return
    with pytest.raises(EbmsError):
        verify_origin(altered, certificates=None, at=NOW, part_digests=CAME)


def test_a_certificate_put_in_the_sender_s_place_proves_nothing(origin_octets: bytes) -> None:
    stranger = base64_text(der(identity("stranger").signing.certificate))
    start = origin_octets.index(b":Certificate>") + len(b":Certificate>")
    end = origin_octets.index(b"</", start)
    forged = origin_octets[:start] + stranger.encode() + origin_octets[end:]

    assert read_origin(forged).certificate == identity("stranger").signing.certificate
    with pytest.raises(FailedAuthentication):
        verify_origin(read_origin(forged), certificates=None, at=NOW, part_digests=CAME)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<a/>", id="another document"),
        pytest.param(f'<o:Origin xmlns:o="{NAMESPACE}"/>'.encode(), id="an empty one"),
        pytest.param(f'<o:Origin xmlns:o="{NAMESPACE}"><a/><b/><c/><d/></o:Origin>'.encode(), id="other elements"),
        pytest.param(b"<!DOCTYPE a><a/>", id="a document type"),
        pytest.param(b"x" * 2 * 1024 * 1024, id="too large"),
    ],
)
def test_what_is_no_origin_is_refused(octets: bytes) -> None:
    with pytest.raises(FailedAuthentication):
        read_origin(octets)


@pytest.mark.parametrize("tag", ["Messaging", "Body", "Signature", "Certificate"])
def test_an_origin_that_lacks_something_is_refused(origin_octets: bytes, tag: str) -> None:
    root = etree.fromstring(origin_octets)
    root.remove(next(each for each in root if etree.QName(each).localname == tag))

    with pytest.raises(FailedAuthentication):
        read_origin(etree.tostring(root))


def test_an_origin_without_its_token_is_refused(origin_octets: bytes) -> None:
    root = etree.fromstring(origin_octets)
    token = root.find(security_names.BINARY_SECURITY_TOKEN)
    assert token is not None
    root.remove(token)

    with pytest.raises(EbmsError):
        verify_origin(read_origin(etree.tostring(root)), certificates=None, at=NOW, part_digests=CAME)


# A message with everything that makes copying hard: a default namespace, a prefix bound again inside, an inherited
# xml:lang, comments, a signed wsu:Timestamp, and PrefixLists that name prefixes in use, out of use, unbound, and the
# wrapper's own.
PREFIXES = ("S12", "eb", "unused", "origin", "origin1", "#default", "wsse")
INCLUSIVE = f'<InclusiveNamespaces xmlns="{security_names.EC}" PrefixList="{" ".join(PREFIXES)}"/>'
METHOD = f'Algorithm="{security_names.EXC_C14N}">{INCLUSIVE}'


def _reference(uri: str, number: int) -> str:
    return (
        f'<Reference URI="{uri}"><Transforms><Transform {METHOD}</Transform></Transforms>'
        f'<DigestMethod Algorithm="{SUITE.digest.uri}"/><DigestValue>DIGEST-{number}</DigestValue></Reference>'
    )


def awkward_first_leg() -> bytes:
    """Written with marks for its digests and its signature, which are then replaced one after another."""
    text = first_leg(KeyReference.SKI).decode("utf-8")
    part_reference = text[text.index('<ds:Reference URI="cid:') : text.index("</ds:SignedInfo>")].replace("ds:", "")
    key_info = text[text.index("<ds:KeyInfo>") : text.index("</ds:Signature>")].replace("ds:", "")
    created = f"<wsu:Created>{NOW:%Y-%m-%dT%H:%M:%SZ}</wsu:Created>"
    prefixes = f'xmlns:wsse="{security_names.WSSE}" xmlns:wsu="{security_names.WSU}"'
    security = f"""<wsse:Security {prefixes} S12:mustUnderstand="true">
      <wsu:Timestamp wsu:Id="ts">{created}</wsu:Timestamp>
      <Signature xmlns="{security_names.DS}"><SignedInfo><CanonicalizationMethod {METHOD}</CanonicalizationMethod>
      <SignatureMethod Algorithm="{SUITE.signature.uri}"/>{_reference("#messaging-1", 0)}
      <!-- a comment -->{_reference("#body-2", 1)}{_reference("#ts", 2)}{part_reference}</SignedInfo>
      <SignatureValue>VALUE</SignatureValue>{key_info}</Signature></wsse:Security>"""
    extra = '<Extra xmlns="urn:default"><eb:in xmlns:eb="urn:rebound" a="1"/><b xmlns=""/><!-- another --></Extra>'
    text = re.sub("<wsse:Security.*</wsse:Security>", lambda _: security, text, flags=re.DOTALL)
    text = text.replace("</eb:UserMessage>", f"</eb:UserMessage>{extra}")
    text = text.replace("<S12:Envelope ", '<S12:Envelope xml:lang="nl" xmlns="urn:outer" xmlns:unused="urn:u" ')
    root = etree.fromstring(text)
    for number, tag in enumerate((f"{{{names.EB}}}Messaging", f"{{{names.SOAP12}}}Body", security_names.TIMESTAMP)):
        digest = SUITE.digest.digest(canonical_octets(next(root.iter(tag)), PREFIXES))
        text = text.replace(f"DIGEST-{number}", base64_text(digest))
    signed_info = canonical_octets(next(etree.fromstring(text).iter(security_names.SIGNED_INFO)), PREFIXES)
    return text.replace("VALUE", base64_text(SENDER.signing_key.sign(SUITE.signature, signed_info))).encode("utf-8")


def test_a_signature_with_awkward_namespaces_survives_the_copy() -> None:
    octets = awkward_first_leg()
    built = build_origin(verified_by_the_hub(octets))

    assert built.startswith(b"<origin2:Origin ")
    assert verify_origin(read_origin(built), certificates=None, at=NOW, part_digests=CAME) == USER_MESSAGE


def test_only_a_message_that_travels_alone_may_be_shown() -> None:
    assert may_be_shown(Messaging(user_message=USER_MESSAGE))
    assert not may_be_shown(Messaging(user_message=USER_MESSAGE, receipt=RECEIPT))
    assert not may_be_shown(Messaging(receipt=RECEIPT))
