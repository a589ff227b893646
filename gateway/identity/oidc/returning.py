"""What a browser brings back from the provider: a code, or that there is none.

Clauses: OpenID Connect Core 3.1.2.5 and 3.1.2.6, RFC 9207.

SECURITY: the state is the caller's to check first: without the open login of this browser nothing is read. Whoever
answers says who he is, in `iss`, before anything else counts; a code of one provider never goes to another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gateway.identity.login import LoginRefused
from gateway.identity.oidc.errors import ENDED_BY_THE_PERSON, why_no_code
from gateway.identity.oidc.parties import Provider

_CODE: Final = re.compile(r"[ -~]{1,2048}")  # RFC 6749 A.11


def code_of(query: Mapping[str, str], provider: Provider) -> str:
    """The code of a return; LoginRefused, `is_cancelled` where the person ended the login at the provider."""
    if query.get("iss") != provider.issuer:
        raise LoginRefused("source", "the answer does not say that it is the provider's")
    if "error" in query:
        cancelled = query["error"] == ENDED_BY_THE_PERSON
        why = why_no_code(query["error"])
        raise LoginRefused("status", f"the provider did not log anybody in: {why}", is_cancelled=cancelled)
    code = query.get("code", "")
    if not _CODE.fullmatch(code):
        raise LoginRefused("response", "the answer has no code")
    return code
