"""Names of algorithms that specifications publish, accepted here or not: what a refusal may repeat of a message.

A detail for the log says which algorithm a partner used only when the name is one of these; anything else could be a
value that somebody wrote into a message. Sources: XML Signature 1.1, RFC 4051, 6931 and 9231, XML Encryption 1.1,
Canonical XML 1.0 and 1.1, XPath Filter 2.0, XSLT 1.0, WSS SOAP Message Security, WSS SwA Profile 1.1.1.
"""

from __future__ import annotations

from typing import Final

_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "ripemd160", "whirlpool")
_LOCAL: dict[str, tuple[str, ...]] = {
    "http://www.w3.org/2000/09/xmldsig#": (
        "", "sha1", "dsa-sha1", "rsa-sha1", "hmac-sha1", "base64", "enveloped-signature",
    ),
    "http://www.w3.org/2009/xmldsig11#": ("dsa-sha256",),
    "http://www.w3.org/2001/04/xmldsig-more#": (
        *("md5", "sha224", "sha384"), *(f"{kind}-{each}" for kind in ("rsa", "ecdsa", "hmac") for each in _HASHES),
    ),
    "http://www.w3.org/2007/05/xmldsig-more#": (
        "rsa-pss", *(f"{each}-rsa-MGF1" for each in _HASHES), *(f"sha3-{bits}" for bits in (224, 256, 384, 512)),
    ),
    "http://www.w3.org/2021/04/xmldsig-more#": (
        *(f"eddsa-{each}" for each in ("ed25519", "ed25519ph", "ed25519ctx", "ed448", "ed448ph")),
        "x25519", "x448", "hkdf",
    ),
    "http://www.w3.org/2001/04/xmlenc#": (
        "sha256", "sha512", "ripemd160", "rsa-1_5", "rsa-oaep-mgf1p", "dh", "tripledes-cbc", "kw-tripledes",
        *(f"{kind}{bits}{mode}" for kind, mode in (("aes", "-cbc"), ("kw-aes", "")) for bits in (128, 192, 256)),
        "Element", "Content", "EncryptedKey",
    ),
    "http://www.w3.org/2009/xmlenc11#": (
        "rsa-oaep", "ECDH-ES", "dh-es", "ConcatKDF", "pbkdf2", *(f"mgf1{each}" for each in _HASHES),
        *(f"aes{bits}-gcm" for bits in (128, 192, 256)), *(f"kw-aes-{bits}-pad" for bits in (128, 192, 256)),
    ),
    "http://www.w3.org/2001/10/xml-exc-c14n#": ("", "WithComments"),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": ("", "#WithComments"),
    "http://www.w3.org/2006/12/xml-c14n11": ("", "#WithComments"),
    "http://www.w3.org/2002/06/xmldsig-filter2": ("",),
    "http://www.w3.org/TR/1999/REC-xpath-19991116": ("",),
    "http://www.w3.org/TR/1999/REC-xslt-19991116": ("",),
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#": ("STR-Transform",),
    "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#": tuple(
        f"Attachment-{each}"
        for each in (
            "Content-Signature-Transform", "Complete-Signature-Transform", "Ciphertext-Transform", "Content-Only",
            "Complete",
        )
    ),
}  # fmt: skip

PUBLISHED_NAMES: Final = frozenset(namespace + local for namespace, names in _LOCAL.items() for local in names)


def shown(name: str | None) -> str:
    """The name of an algorithm as a detail may carry it: quoted when it is published, else told by its length; or that
    there is none."""
    if not name:
        return "(none is named)"
    return f'"{name}"' if name in PUBLISHED_NAMES else f"({len(name)} characters that no specification names)"
