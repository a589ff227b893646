"""What keeps the portal from doing what was asked: a status, a sentence for the visitor, a detail for the log alone.

SECURITY: what a visitor reads is a text of the catalogue under `text`, and a number under which the log has the detail.
A unit, message or person that is not there and one that is another's are the same `Missing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus


class PortalFault(Exception):
    """A request that is answered with an error page, or its JSON twin; `text` is a key of the catalogue."""

    def __init__(
        self, status: HTTPStatus, text: str, *, detail: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail or text)
        self.status = status
        self.text = text
        self.detail = detail
        self.headers = dict(headers or {})


class Missing(PortalFault):
    """There is no such thing for whoever asks, whether it exists or not."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(HTTPStatus.NOT_FOUND, "error.missing", detail=detail)


class NotAllowed(PortalFault):
    """Known who asks, and it is not theirs to do."""

    def __init__(self, text: str = "error.not_allowed", detail: str = "") -> None:
        super().__init__(HTTPStatus.FORBIDDEN, text, detail=detail)


class Unusable(PortalFault):
    """What was sent cannot be read or does not fit."""

    def __init__(self, detail: str, text: str = "error.unusable") -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, text, detail=detail)


class LoggedOut(Exception):
    """There is no session that holds: a page goes to the start page, a call gets 401."""
