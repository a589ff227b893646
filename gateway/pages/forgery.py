"""Whether a request that changes something was made by a page of this portal.

SECURITY: the browser says where a request comes from in Sec-Fetch-Site, or, where it does not know that header, in
Origin; one of them has to be there and right, and the other may not speak against it. (Under our Referrer-Policy a
browser writes `Origin: null` for a form of our own, which says nothing.) A form shows the token of the session, or of
the login begun, in a field, a call in a header, which no other site can set without asking; its type is none that a
form can send.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

TOKEN_FIELD: Final = "token"  # noqa: S105 - the name of a field
TOKEN_HEADER: Final = "Knooppunt-Token"  # noqa: S105 - the name of a header
FRAME_HEADER: Final = "Knooppunt-Frame"  # asks a twin for what stands around its page, too


def from_here(headers: Mapping[str, str], origin: str) -> str | None:
    """Why a request does not count as made by a page of that origin; None where it was."""
    site = headers.get("Sec-Fetch-Site")
    said = headers.get("Origin")
    if site is not None and site != "same-origin":
        return f"Sec-Fetch-Site is {site[:20]}"
    if said not in (None, "null", origin):
        return "Origin is another"
    if site is None and said != origin:
        return "neither Sec-Fetch-Site nor Origin"
    return None


def shows(expected: str | None, shown: str | None) -> bool:
    """Whether the token is the expected one; compared in constant time."""
    if expected is None or shown is None:
        return False
    return hmac.compare_digest(
        expected.encode(), shown.encode("utf-8", "surrogatepass")
    )  # a header's octets as they are
