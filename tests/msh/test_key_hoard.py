"""All keys of the hub against all that it stores: nothing opens, until one receiver's key is added (grade B1)."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from support.hubs.hub import running_hub
from support.keys.pki import identity
from support.messages.wire import Reply, post, pull_request, saldoverzoek

from crypto.names import CIPHER_DATA, CIPHER_VALUE, ENCRYPTED_KEY
from gateway.ebms.gzip import Inflater

OAEP = padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=None)
NONCE_OCTETS = 12


def opened(stored: Reply, keys: list[PrivateKeyTypes], secrets: list[bytes]) -> list[bytes]:
    """Every part that any of these keys opens, as an unwrapping key or as a content key, in any order of trying."""
    assert stored.positions is not None
    (wrapped,) = stored.positions.security.iterfind(f"{ENCRYPTED_KEY}/{CIPHER_DATA}/{CIPHER_VALUE}")
    content_keys = list(secrets)
    for key in keys:
        try:
            content_keys.append(key.decrypt(b64decode(wrapped.text or ""), OAEP))  # type: ignore[union-attr]
        except ValueError:
            continue
    found = []
    for content_key in content_keys:
        for octets in stored.parts.values():
            try:
                found.append(AESGCM(content_key).decrypt(octets[:NONCE_OCTETS], octets[NONCE_OCTETS:], None))
            except (InvalidTag, ValueError):  # another key, or octets that are none
                continue
    return found


def inflated(octets: bytes) -> bytes:
    inflater = Inflater(1 << 20)
    plain = b"".join(inflater.feed(octets))
    inflater.finish()
    return plain


async def test_no_key_of_the_hub_opens_what_it_stores_and_one_of_the_receiver_does(tmp_path: Path) -> None:
    hub_keys = [identity("hub").signing.private_key, identity("hub").encryption.private_key]
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek()
        assert (await post(hub, draft.wire())).receipt is not None
        stored = await post(hub, pull_request())  # a pull is a copy of what is stored
        secret = hub.running.hub.duplicate_secret.ljust(32, b"\0")
    assert opened(stored, hub_keys, [secret[:32], secret[:16]]) == []
    plain = [inflated(each) for each in opened(stored, [*hub_keys, identity("creditor").encryption.private_key], [])]
    assert draft.parts[0].octets in plain
