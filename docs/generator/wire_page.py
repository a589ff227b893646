"""The page that shows the recorded exchanges: heads as they are, SOAP parts indented, ciphertext by its length."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from lxml import etree

from gateway.ebms.mime import parse_content_type

FOLDER: Final = Path(__file__).parent.parent / "reference" / "wire"
SHOWN: Final = (
    ("push-request", "A push", "The counsellor sends a Saldoverzoek to the hub. One part, compressed and encrypted."),
    (
        "push-answer",
        "Its receipt",
        "The hub's answer in the same HTTP response: the promise, with a digest of all that was signed.",
    ),
    ("pull-request", "A PullRequest", "The creditor asks for what waits in its mailbox."),
    ("pull-answer", "The message that was pulled", "The document and the proof of origin, encrypted to the creditor."),
    ("receipt-request", "The receipt for it", "Once the message is stored. It removes the message from the hub."),
    ("receipt-answer", "The answer to that", "Nothing to say: the receipt was taken."),
)
LONG: Final = re.compile(r">([A-Za-z0-9+/=\s]{90,})<")


def page() -> str:
    """Markdown."""
    lines = [
        "# One push, one pull and one receipt on the wire",
        "",
        "Recorded between the reference client and a hub, without TLS. Here the SOAP parts are indented, which would",
        "break their signatures, and long base64 is cut; [the files](wire) have every octet and the certificates that",
        "verify them. What each value means: [connect your own system](../how-to/connect-your-own-system.md).",
    ]
    for name, title, sentence in SHOWN:
        octets = (FOLDER / f"{name}.http").read_bytes()
        lines += ["", f"## {title}", "", f"{sentence} [`{name}.http`](wire/{name}.http)", "", "```text"]
        lines += [*_shown(octets), "```"]
    return "\n".join(lines) + "\n"


def _shown(octets: bytes) -> list[str]:
    head, _, body = octets.partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    if not body:
        return lines
    content_type = next(each.partition(": ")[2] for each in lines if each.lower().startswith("content-type:"))
    if not content_type.startswith("multipart/"):
        return [*lines, "", *_indented(body)]
    return [*lines, *_parts(content_type, body)]


def _parts(content_type: str, body: bytes) -> list[str]:
    boundary = parse_content_type(content_type).parameters["boundary"]
    lines: list[str] = []
    for piece in body.split(f"--{boundary}".encode())[1:-1]:
        lines += ["", f"--{boundary}", *piece.partition(b"\r\n\r\n")[0].decode("ascii").strip().split("\r\n"), ""]
        content = piece.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
        is_root = content.startswith(b"<")
        lines += _indented(content) if is_root else [f"({len(content)} octets of ciphertext)"]
    return [*lines, "", f"--{boundary}--"]


def _indented(envelope: bytes) -> list[str]:
    root = etree.fromstring(envelope)
    etree.indent(root)
    text = LONG.sub(lambda found: f">{found.group(1)[:60].strip()}…<", etree.tostring(root, encoding="unicode"))
    return text.split("\n")
