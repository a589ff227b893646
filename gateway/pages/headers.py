"""The headers of every answer to a request, errors too: what a browser may load, run and tell. What is
no HTTP, or comes while the hub stops, gets a bare status from the listener, and none of these.

SECURITY: nothing runs but files of this origin whose hash the page names (Integrity-Policy), no text becomes markup or
script (Trusted Types), no other site frames, opens or reads a page, and no page is kept (briefly said: no-store on all
but files whose address holds their digest). The one Trusted Types policy is the key Worker's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_DIRECTIVES: Final = (
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'{import_map}",
    "style-src 'self'",
    "img-src 'self' blob:",
    "connect-src 'self'",
    "worker-src blob:",
    "form-action 'self'{form_target}",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types knooppunt-worker",
)
_FEATURES: Final = (
    "accelerometer=()",
    "camera=()",
    "display-capture=()",
    "geolocation=()",
    "gyroscope=()",
    "magnetometer=()",
    "microphone=()",
    "midi=()",
    "payment=()",
    "usb=()",
    "publickey-credentials-create=(self)",
    "publickey-credentials-get=(self)",
)
FOREVER: Final = "public, max-age=31536000, immutable"
_ALWAYS: Final[Mapping[str, str]] = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Integrity-Policy": "blocked-destinations=(script)",
    "Permissions-Policy": ", ".join(_FEATURES),
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}
_NOT_KEPT: Final[Mapping[str, str]] = {"Cache-Control": "no-cache, no-store", "Pragma": "no-cache"}


def safe_headers(
    *, import_map: str | None = None, form_target: str | None = None, kept: bool = False
) -> dict[str, str]:
    """The headers for one response; `import_map` is the source that lets one stand in the page,
    `form_target` the origin of a broker that a form of this page goes to, `kept`
    says that the address of what is sent holds its digest.
    """
    policy = "; ".join(_DIRECTIVES).format(
        import_map="" if import_map is None else f" {import_map}",
        form_target="" if form_target is None else f" {form_target}",
    )
    caching = {"Cache-Control": FOREVER} if kept else _NOT_KEPT
    return {**_ALWAYS, **caching, "Content-Security-Policy": policy}
