"""The cookies of the portal: each under `__Host-`, so that no other name of the domain can set it, and out of reach of
scripts.

The cookies of a session and of a login that was begun are random and drawn by the store, which keeps their digests
alone. Before a login begins there is a cookie of ours in the second's place; the token that the form on the start page
shows is made of it: whoever cannot read the cookie cannot make the token, and nothing is kept of either.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

SESSION: Final = "__Host-knooppunt"
LOGIN: Final = "__Host-login"
LANGUAGE: Final = "__Host-taal"
OWN_MACHINE: Final = "__Host-eigen-computer"
JOINING: Final = "__Host-aansluiten"
LETTER: Final = "__Host-brief"
LOGIN_SECONDS: Final = 600
JOINING_SECONDS: Final = 14_400  # whoever fills in the form has to look things up
LETTER_SECONDS: Final = 86_400  # a page that a letter led to is left open over a working day, and its link is secret

_FLAGS: Final = "Path=/; Secure; HttpOnly; SameSite=Lax"
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{32,128}")
_YEAR_SECONDS: Final = 31_536_000


def read_secret(value: str | None) -> str | None:
    """The value, if it has the form of one that the portal made."""
    return value if value is not None and _SECRET.fullmatch(value) else None


def token_of(secret: str) -> str:
    """What the form on the start page shows besides the cookie."""
    return hashlib.sha256(b"knooppunt form 1\0" + secret.encode("ascii")).hexdigest()


def session_cookie(secret: str) -> str:
    """Set the session; it ends with the browser, and in the store before that."""
    return f"{SESSION}={secret}; {_FLAGS}"


def login_cookie(secret: str) -> str:
    """Set what binds a login to the browser in which it began."""
    return f"{LOGIN}={secret}; {_FLAGS}; Max-Age={LOGIN_SECONDS}"


def joining_cookie(secret: str) -> str:
    """Set what binds a form of somebody who does not log in to the browser that it was shown in."""
    return f"{JOINING}={secret}; {_FLAGS}; Max-Age={JOINING_SECONDS}"


def letter_cookie(secret: str) -> str:
    """Set what binds the page that a letter led to, to the browser that it was shown in."""
    return f"{LETTER}={secret}; {_FLAGS}; Max-Age={LETTER_SECONDS}"


def own_machine_cookie(value: str) -> str:
    """Remember where a login that was begun goes back to."""
    return f"{OWN_MACHINE}={value}; {_FLAGS}; Max-Age={LOGIN_SECONDS}"


def language_cookie(language: str) -> str:
    """Remember the language that was chosen."""
    return f"{LANGUAGE}={language}; {_FLAGS}; Max-Age={_YEAR_SECONDS}"


def gone(name: str) -> str:
    """Take a cookie away."""
    return f"{name}=; {_FLAGS}; Max-Age=0"
