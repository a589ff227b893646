"""Splits a multipart/related body into its SOAP part and the others; the package itself reads one payload only."""

from __future__ import annotations

from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP


class Unreadable(Exception):
    """The body is not what its Content-Type says."""


def _content_id(part: Message) -> str:
    return str(part.get("Content-ID", "")).strip().removeprefix("<").removesuffix(">")


def split(content_type: str, body: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The octets of the root part, and those of the other parts by Content-ID; a plain SOAP body has no other parts."""
    header = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode("ascii")
    message = BytesParser(policy=HTTP).parsebytes(header + body)
    if message.get_content_type() == "application/soap+xml":
        return body, {}
    if not message.is_multipart():
        raise Unreadable(f"neither SOAP nor multipart: {message.get_content_type()}")
    # The library's own reading of binary parts would change line ends, so the octets are cut at the boundary.
    boundary = message.get_boundary()
    if boundary is None:
        raise Unreadable("no boundary")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("ascii"))
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise Unreadable("the last boundary is missing")
    start = str(message.get_param("start") or "").strip("<>")
    root: bytes | None = None
    others: dict[str, bytes] = {}
    for piece in pieces[1:-1]:
        head, separator, octets = piece.partition(b"\r\n\r\n")
        if not separator:
            raise Unreadable("a part without an end of its header")
        part = BytesParser(policy=HTTP).parsebytes(head.removeprefix(b"\r\n") + b"\r\n\r\n", headersonly=True)
        name = _content_id(part)
        if root is None and (not start or name == start):
            root = octets
        elif name in others:
            raise Unreadable("two parts of one Content-ID")
        else:
            others[name] = octets
    if root is None:
        raise Unreadable("no root part")
    return root, others
