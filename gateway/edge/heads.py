"""What a request head says before its body is read: target, codings, expectation. Judged by RFC 9110 and 9112.

SECURITY: a target or a length that two programs read in two ways is refused here, whatever stands before the hub.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import HttpVersion11, web

from gateway.edge.bare_status import BareStatus
from gateway.edge.connection import SPOKEN, VERSIONS

DEFAULT_PORTS = {"http": 80, "https": 443}
# A name, an address, or nothing, and a port (RFC 3986 3.2.2, 3.2.3): nobody's user information.
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~%!$&'()*+,;=]*)(?::[0-9]*)?", re.ASCII)
CLOSE = {"Connection": "close"}


def judge_form(request: web.BaseRequest) -> None:
    """Raise `BareStatus` for a request that is none, whatever it is for."""
    if request.get(SPOKEN, request.version) not in VERSIONS:
        raise BareStatus(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, CLOSE, detail="neither HTTP/1.1 nor HTTP/1.0")
    if request.method == "CONNECT":  # what follows is no HTTP any more, so nothing more is read
        raise BareStatus(HTTPStatus.NOT_FOUND, CLOSE, detail="CONNECT")
    _judge_target(request)


def judge_reading(request: web.BaseRequest) -> None:
    """Raise `BareStatus` for a request, its form judged, to a page that can be read and nothing else."""
    if request.method not in ("GET", "HEAD"):
        raise BareStatus(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"}, detail="not a GET")


def judge_head(request: web.BaseRequest, path: str) -> None:
    """Raise `BareStatus` for a request, its form judged, that the endpoint at `path` does not take; expectations are
    for `expects_continue`.
    """
    if request.path != path:
        raise BareStatus(HTTPStatus.NOT_FOUND, detail="no such path")
    if request.method != "POST":
        raise BareStatus(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "POST"}, detail="not a POST")
    if elements(request, "Content-Encoding") - {"identity"}:
        raise BareStatus(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail="content coding")
    if request.version < HttpVersion11 and "Transfer-Encoding" in request.headers:  # faulty framing (RFC 9112 6.1)
        raise BareStatus(HTTPStatus.BAD_REQUEST, CLOSE, detail="Transfer-Encoding in HTTP/1.0")
    if elements(request, "Transfer-Encoding") - {"chunked"}:
        raise BareStatus(HTTPStatus.BAD_REQUEST, CLOSE, detail="transfer coding")


def expects_continue(request: web.BaseRequest) -> bool:
    """Whether the peer waits for a 100; raises `BareStatus` 417 for any other expectation.

    HTTP/1.0 knows no expectations and no interim answers: there the header means nothing (RFC 9110 10.1.1).
    """
    if request.version < HttpVersion11:
        return False
    expected = elements(request, "Expect")
    if expected - {"100-continue"}:
        raise BareStatus(HTTPStatus.EXPECTATION_FAILED, detail="Expect")
    return bool(expected)


def elements(request: web.BaseRequest, name: str) -> set[str]:
    """The elements of a list header in lower case; an empty one is nothing (RFC 9110 5.6.1)."""
    found = (each.strip().lower() for value in request.headers.getall(name, ()) for each in value.split(","))
    return {each for each in found if each}


def _judge_target(request: web.BaseRequest) -> None:
    """Host is needed from HTTP/1.1 on, and says the same as a target in absolute form (RFC 9112 3.2)."""
    host = request.headers.get("Host")
    if host is None and request.version >= HttpVersion11:
        raise BareStatus(HTTPStatus.BAD_REQUEST, CLOSE, detail="no Host")
    if host is not None and _HOST.fullmatch(host) is None:
        raise BareStatus(HTTPStatus.BAD_REQUEST, CLOSE, detail="Host is none")
    target = request.raw_path
    if "#" in target:  # a fragment is the client's own (RFC 9110 7.1)
        raise BareStatus(HTTPStatus.BAD_REQUEST, CLOSE, detail="a fragment in the target")
    if target.startswith(("/", "*")):
        return
    try:
        said = urlsplit(target)
        port = said.port
    except ValueError:
        raise BareStatus(HTTPStatus.BAD_REQUEST, CLOSE, detail="the target cannot be read") from None
    if said.scheme not in DEFAULT_PORTS or not said.hostname or said.username is not None:
        raise BareStatus(HTTPStatus.BAD_REQUEST, CLOSE, detail="the target is no http or https URL")
    if host is not None and _authority(host, said.scheme) != (said.hostname, port or DEFAULT_PORTS[said.scheme]):
        raise BareStatus(HTTPStatus.BAD_REQUEST, CLOSE, detail="the target names another host")


def _authority(host: str, scheme: str) -> tuple[str | None, int | None]:
    try:
        said = urlsplit(f"{scheme}://{host}")
        return said.hostname, said.port or DEFAULT_PORTS[scheme]
    except ValueError:
        return None, None
