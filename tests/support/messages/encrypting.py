"""Messages whose encryption is bent: to whom, with what, what is left out, and what the octets of a part became.

Every function of the first section makes a stimulus of `support.hubs.rows`, every one of the second a change of an
envelope, every one of the third a change of the octets of a part.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from support.hubs.rows import Sent, Stimulus
from support.keys.pki import identity
from support.messages.security import (
    Change,
    Make,
    add,
    all_of,
    digest_of,
    drop,
    enveloped,
    nth,
    parent_of,
    put,
    reference_to,
    say,
    sign_anew,
    token,
    with_attachments,
)
from support.messages.wire import Draft, Part, saldoverzoek, split

from crypto import names
from crypto.certificates import Certificate
from crypto.content_ids import content_id_uri
from crypto.digest import DIGESTS
from crypto.elements import Element
from crypto.encrypt import new_content_key, wrap
from crypto.key_references import KeyReference
from crypto.key_transports import KEY_TRANSPORTS
from crypto.suites import AS4_1_15_RSA
from gateway.ebms import names as ebms

Cut = Callable[[bytes], bytes]

MESSAGING = f"{{{ebms.EB}}}Messaging"
HEADER, BODY = f"{{{names.S12}}}Header", f"{{{names.S12}}}Body"
AES_CBC = f"{names.XENC}aes128-cbc"
TRIPLE_DES = f"{names.XENC}tripledes-cbc"
RSA_1_5 = f"{names.XENC}rsa-1_5"
OAEP_PARAMS = f"{{{names.XENC}}}OAEPparams"


# ---- stimuli


def enciphered(
    cut: Cut = bytes, change: Change | None = None, *, draft: Make = saldoverzoek, index: int | None = None
) -> Stimulus:
    """A message whose encrypted octets are cut, of every part or of that one, and whose header is changed."""

    def make() -> Sent:
        made = draft()
        chosen = made.parts if index is None else (made.parts[index],)
        ids = {each.content_id for each in chosen}
        wire = made.wire(alter=change, part_alter=lambda name, octets: cut(octets) if name in ids else octets)
        return Sent(wire=wire, draft=made)

    return make


def left_clear(index: int) -> Stimulus:
    """Two parts, of which one is not encrypted, and says so."""

    def make() -> Sent:
        made = with_attachments()
        part = made.parts[index]
        wire = made.wire(
            alter=all_of(drop(names.DATA_REFERENCE, index), drop(names.ENCRYPTED_DATA, index)),
            part_alter=lambda name, octets: part.signed_octets if name == part.content_id else octets,
        )
        return Sent(wire=wire, draft=made)

    return make


def encrypted_before_signing() -> Sent:
    """The digest is one of the encrypted octets."""
    made = saldoverzoek()
    wire = made.wire()
    root = etree.fromstring(wire.envelope)
    for content_id, octets in split(wire.content_type, wire.body)[1].items():
        digest_of(content_id_uri(content_id), DIGESTS[names.SHA256].digest(octets))(root)
    sign_anew(root, made.signer)
    return Sent(wire=enveloped(wire, etree.tostring(root, encoding="UTF-8")), draft=made)


def with_own_cipher(encrypt: Callable[[bytes, bytes], bytes], draft: Make = saldoverzoek) -> Stimulus:
    """Parts encrypted by `encrypt(key, octets)`, under a key wrapped as it should be."""

    def make() -> Sent:
        made = draft()
        key = new_content_key(AS4_1_15_RSA.content)
        plain = {each.content_id: each.signed_octets for each in made.parts}
        wrapped = wrap(key, identity("hub").encryption.certificate, AS4_1_15_RSA)
        wire = made.wire(
            alter=say(names.CIPHER_VALUE, wrapped.sealed.octets),
            part_alter=lambda name, _octets: encrypt(key.octets, plain[name]),
        )
        return Sent(wire=wire, draft=made)

    return make


def gcm(iv: bytes | None = None) -> Callable[[bytes, bytes], bytes]:
    """AES-GCM as agreed; with that IV, or a fresh one."""

    def encrypt(key: bytes, octets: bytes) -> bytes:
        used = os.urandom(12) if iv is None else iv
        return used + AESGCM(key).encrypt(used, octets, None)

    return encrypt


def typed(mime_type: str, digest: Callable[[bytes], bytes]) -> Stimulus:
    """An uncompressed XML document, encrypted as `mime_type`, its digest over what `digest` makes of its octets."""

    def make() -> Sent:
        made = saldoverzoek()
        octets = b"<!-- printed -->" + etree.tostring(etree.fromstring(made.parts[0].octets))
        made = made.with_parts(Part(octets=octets, mime_type="text/xml", compressed=False))
        wire = made.wire(alter=put(names.ENCRYPTED_DATA, "MimeType", mime_type))
        root = etree.fromstring(wire.envelope)
        digest_of(content_id_uri(made.parts[0].content_id), DIGESTS[names.SHA256].digest(digest(octets)))(root)
        sign_anew(root, made.signer)
        return Sent(wire=enveloped(wire, etree.tostring(root, encoding="UTF-8")), draft=made)

    return make


def for_recipient(name: str) -> Stimulus:
    """A message that is encrypted, and says so, to somebody else than the hub."""
    return lambda: replace(saldoverzoek(), recipient=identity(name))


def in_suite(key_transport: str, draft: Make = saldoverzoek) -> Make:
    """A draft that wraps its key in another way of the table."""

    def make() -> Draft:
        suite = replace(AS4_1_15_RSA, key_transport=KEY_TRANSPORTS[key_transport])
        return replace(draft(), suite=suite)

    return make


# ---- changes of the header


def method(algorithm: str, index: int) -> Change:
    """Another algorithm: of the wrapped key (0) or of the first part (1)."""
    return put(names.ENCRYPTION_METHOD, "Algorithm", algorithm, index)


def wrapped_for(name: str) -> Change:
    """The key is wrapped for somebody else, and the header says it is for the hub."""

    def change(root: Element) -> None:
        sealed = wrap(new_content_key(AS4_1_15_RSA.content), identity(name).encryption.certificate, AS4_1_15_RSA)
        say(names.CIPHER_VALUE, sealed.sealed.octets)(root)

    return change


def wrapped_as(octets: Callable[[], bytes]) -> Change:
    """Other octets where the wrapped key stands."""
    return lambda root: say(names.CIPHER_VALUE, octets())(root)


def wrapped_key_of(size: int) -> Callable[[], bytes]:
    """A key of so many octets, wrapped for the hub."""

    def octets() -> bytes:
        public_key = identity("hub").encryption.certificate.public_key()
        return AS4_1_15_RSA.key_transport.wrap(os.urandom(size), public_key).octets

    return octets


def padded_in_the_old_way() -> bytes:
    """A key wrapped with PKCS #1 v1.5 padding."""
    return identity("hub").encryption.private_key.public_key().encrypt(os.urandom(16), padding.PKCS1v15())


def named(certificate: Callable[[], Certificate], form: KeyReference) -> Change:
    """EncryptedKey names that certificate in that form."""

    def change(root: Element) -> None:
        key_info = nth(root, names.ENCRYPTED_KEY).find(names.KEY_INFO)
        assert key_info is not None
        for child in list(key_info):
            key_info.remove(child)
        if form is KeyReference.TOKEN:
            nth(root, names.SECURITY).insert(0, token(certificate(), "X509-recipient"))
        key_info.append(reference_to(certificate(), form, "X509-recipient"))

    return change


def of_party(name: str) -> Callable[[], Certificate]:
    """Somebody's encryption certificate."""
    return lambda: identity(name).encryption.certificate


def more_keys(count: int) -> Change:
    """So many EncryptedKey more, each with an id of its own."""

    def change(root: Element) -> None:
        key = nth(root, names.ENCRYPTED_KEY)
        parent = parent_of(key)
        for number in range(count):
            etree.SubElement(parent, names.ENCRYPTED_KEY, Id=f"EK-more-{number}")

    return change


def refer_to(uri: str, index: int = 0) -> Change:
    """That EncryptedData is of another part."""
    return put(names.CIPHER_REFERENCE, "URI", uri, index)


def second_for_one_part(root: Element) -> None:
    """Two EncryptedData, both listed, for the one part."""
    data = nth(root, names.ENCRYPTED_DATA)
    copy = etree.fromstring(etree.tostring(data))
    copy.set("Id", "ED-second")
    data.addnext(copy)
    etree.SubElement(nth(root, names.REFERENCE_LIST), names.DATA_REFERENCE, URI="#ED-second")


def copied_into(tag: str, what: str = names.ENCRYPTED_DATA) -> Change:
    """A copy of the encryption stands elsewhere."""

    def change(root: Element) -> None:
        copy = etree.fromstring(etree.tostring(nth(root, what)))
        copy.set("Id", "copied")
        nth(root, tag).append(copy)

    return change


def moved_into(tag: str) -> Change:
    """EncryptedData stands elsewhere than in wsse:Security."""

    def change(root: Element) -> None:
        nth(root, tag).append(nth(root, names.ENCRYPTED_DATA))

    return change


def messaging_encrypted(*, whole: bool) -> Change:
    """EncryptedData stands in eb:Messaging instead of what was there, or stands instead of eb:Messaging."""

    def change(root: Element) -> None:
        messaging = nth(root, MESSAGING)
        data = etree.Element(
            names.ENCRYPTED_DATA, Id="ED-header", Type=f"{names.XENC}{'Element' if whole else 'Content'}"
        )
        cipher = etree.SubElement(etree.SubElement(data, names.CIPHER_DATA), names.CIPHER_VALUE)
        cipher.text = "AAAA"
        if whole:
            parent_of(messaging).replace(messaging, data)
        else:
            for child in list(messaging):
                messaging.remove(child)
            messaging.append(data)

    return change


OAEP_CHANGES: dict[str, Change] = {
    "no digest": drop(names.DIGEST_METHOD),
    "digest SHA-1": put(names.DIGEST_METHOD, "Algorithm", names.SHA1),
    "digest MD5": put(names.DIGEST_METHOD, "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#md5"),
    "digest unknown": put(names.DIGEST_METHOD, "Algorithm", "urn:nothing"),
    "no MGF": drop(names.MGF),
    "MGF1 with SHA-1": put(names.MGF, "Algorithm", names.MGF1_SHA1),
    "MGF unknown": put(names.MGF, "Algorithm", "urn:nothing"),
    "OAEPparams": add(names.ENCRYPTION_METHOD, OAEP_PARAMS),
}


# ---- changes of the octets


def last_flipped(octets: bytes) -> bytes:
    """One bit of the tag."""
    return octets[:-1] + bytes([octets[-1] ^ 1])


def first_flipped(octets: bytes) -> bytes:
    """One bit of the IV."""
    return bytes([octets[0] ^ 1]) + octets[1:]


def cut_to(count: int) -> Cut:
    """The first octets alone."""
    return lambda octets: octets[:count]


def without_last(count: int) -> Cut:
    """The last octets are gone: so much of the tag."""
    return lambda octets: octets[:-count]
