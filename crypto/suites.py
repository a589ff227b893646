"""Suites: what a partner's messages are signed and encrypted with, and what is accepted from it.

A suite writes one algorithm of each kind and accepts a set. The shipped ones are the profiles' own; a test P-Mode may
make another `Suite` from the same tables to read older messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from crypto import names
from crypto.digest import DIGESTS, DigestAlgorithm
from crypto.key_transports import CONTENTS, KEY_TRANSPORTS, ContentAlgorithm, KeyTransport
from crypto.signature_algorithms import SIGNATURES, SignatureAlgorithm


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The algorithms of one partner: the four it writes, and the sets it accepts (which must contain them)."""

    name: str
    signature: SignatureAlgorithm
    digest: DigestAlgorithm
    key_transport: KeyTransport
    content: ContentAlgorithm
    accepted_signatures: tuple[SignatureAlgorithm, ...]
    accepted_digests: tuple[DigestAlgorithm, ...]
    accepted_key_transports: tuple[KeyTransport, ...]
    accepted_contents: tuple[ContentAlgorithm, ...]

    def accepted_signature(self, uri: str) -> SignatureAlgorithm | None:
        """The accepted signature algorithm of that identifier."""
        return next((each for each in self.accepted_signatures if each.uri == uri), None)

    def accepted_digest(self, uri: str) -> DigestAlgorithm | None:
        """The accepted digest algorithm of that identifier."""
        return next((each for each in self.accepted_digests if each.uri == uri), None)

    def accepted_content(self, uri: str) -> ContentAlgorithm | None:
        """The accepted content cipher of that identifier."""
        return next((each for each in self.accepted_contents if each.uri == uri), None)

    def at_least(self, bits: int) -> Suite:
        """The same suite, which accepts no content cipher with a key of fewer bits."""
        strong = tuple(each for each in self.accepted_contents if each.key_bits >= bits)
        return self if strong == self.accepted_contents else replace(self, accepted_contents=strong)


def narrow_suite(name: str, *, signature: str, digest: str, key_transport: str, content: str) -> Suite:
    """A suite that accepts exactly what it writes, by the names of the tables."""
    return Suite(
        name=name,
        signature=SIGNATURES[signature],
        digest=DIGESTS[digest],
        key_transport=KEY_TRANSPORTS[key_transport],
        content=CONTENTS[content],
        accepted_signatures=(SIGNATURES[signature],),
        accepted_digests=(DIGESTS[digest],),
        accepted_key_transports=(KEY_TRANSPORTS[key_transport],),
        accepted_contents=(CONTENTS[content],),
    )


AS4_1_15_RSA = narrow_suite(
    "as4-1.15-rsa",
    signature=names.RSA_SHA256,
    digest=names.SHA256,
    key_transport="rsa-oaep-sha256-mgf1sha256",
    content=names.AES128_GCM,
)

SUITES: Mapping[str, Suite] = MappingProxyType({suite.name: suite for suite in (AS4_1_15_RSA,)})
