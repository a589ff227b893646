"""What is drawn at random, what is kept of it, and what follows from it.

A token is a key of 256 bits that only the browser has. The store keeps its digest, and derives from the token itself
what belongs to it (the token of forms, the pairing code), so that neither lies on the disk. Each use has a label of its
own; from one derived value neither the token nor another value can be told.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import Final

_TOKEN_OCTETS: Final = 32
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_CODE_CHARACTERS: Final = 8
_AS_HEARD: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})
_BETWEEN: Final = re.compile(r"[\s.\u2010-\u2015-]")  # blanks, dots, hyphens and dashes of any kind


def new_token() -> str:
    """256 random bits as 43 characters that fit a cookie and a URL."""
    return secrets.token_urlsafe(_TOKEN_OCTETS)


def kept_of(token: str) -> bytes:
    """What a token is found by again."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def derived(token: str, label: str) -> str:
    """Another secret of 256 bits for one use, as 43 characters: what fits a PKCE verifier or a nonce, too."""
    octets = hmac.digest(token.encode("utf-8", "surrogatepass"), f"knooppunt portal 1 {label}".encode(), "sha256")
    return base64.urlsafe_b64encode(octets).decode("ascii").rstrip("=")


def csrf_token_of(token: str) -> str:
    """What forms and calls of a session carry."""
    return derived(token, "form")


def pairing_code_of(token: str) -> str:
    """Eight characters that are read out by telephone."""
    octets = kept_of(derived(token, "pairing"))
    return "".join(_ALPHABET[each % len(_ALPHABET)] for each in octets[:_CODE_CHARACTERS])


def kept_of_code(organisation: str, code: str) -> bytes:
    """What a pairing code is found by again, however it was heard and typed, in its organisation only."""
    return kept_of(f"{organisation} {_BETWEEN.sub('', code.upper()).translate(_AS_HEARD)}")
