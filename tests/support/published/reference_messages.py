"""Published messages of other products, as they were on the wire.

The files lie beside the checkout. They are dumps: some with HTTP headers, some from the first boundary on, some saved
by an editor; `http_message` makes of each what was sent, `split` takes that apart.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from cryptography import x509
from lxml import etree
from support.published.reference import reference

from crypto import names
from crypto.certificates import Certificate
from gateway.ebms.mime import MultipartReader, PartBegin, PartData, parse_content_type

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpMessage:
    """One message as it was on the wire."""

    content_type: str
    body: bytes


def message_files() -> Iterator[str]:
    """Every message file, as its folder and name."""
    messages = reference("as4", "messages")
    for path in sorted(messages.rglob("*")):
        if path.is_file():
            yield path.relative_to(messages).as_posix()


@cache
def access_points() -> tuple[Certificate, ...]:
    """The certificates that samples refer to without carrying them."""
    return tuple(
        x509.load_der_x509_certificate(reference("as4", "certs", f"{name}.cer").read_bytes())
        for name in ("AccessPointA", "AccessPointB")
    )


def http_message(name: str) -> HttpMessage:
    """The message in a file; line ends of MIME that an editor had changed are CRLF again, indentation stays."""
    octets = reference("as4", "messages", name).read_bytes()
    text = octets.removeprefix(_BOM).lstrip()
    if text.startswith(b"<"):
        return HttpMessage(content_type="application/soap+xml; charset=UTF-8", body=octets)
    if b"\r\n" not in text[:200]:
        text = text.replace(b"\n", b"\r\n")
    if text.startswith(b"--"):
        boundary = text[2 : text.index(b"\r\n")].decode("ascii")
        content_type = f'multipart/related; type="application/soap+xml"; boundary="{boundary}"'
        return HttpMessage(content_type=content_type, body=text)
    head, _, body = text.partition(b"\r\n\r\n")
    found = re.search(rb"^Content-Type:((?:[^\r]|\r\n[ \t])*)", head, re.IGNORECASE | re.MULTILINE)
    assert found is not None, name
    return HttpMessage(content_type=found[1].decode("ascii").strip(), body=body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The SOAP part and the others, with the types they came under."""

    root: bytes
    others: Mapping[str, bytes]
    types: Mapping[str, str]


def split(message: HttpMessage) -> Parts:
    """Takes a message apart with the product's reader; raises MimeFault."""
    media_type = parse_content_type(message.content_type)
    if media_type.type != "multipart/related":
        return Parts(root=message.body, others={}, types={})
    reader = MultipartReader(media_type)
    root, others, types = bytearray(), dict[str, bytearray](), dict[str, str]()
    into = root
    for event in reader.feed(message.body):
        if isinstance(event, PartBegin):
            into = root if event.root else others.setdefault(event.content_id or "", bytearray())
            types[event.content_id or ""] = event.media_type.type if event.media_type else ""
        elif isinstance(event, PartData):
            into += event.octets
    reader.close()
    return Parts(root=bytes(root), others={name: bytes(octets) for name, octets in others.items()}, types=types)


def certificates_in(root: etree._Element) -> tuple[Certificate, ...]:
    """The certificates that stand in the message as tokens; samples with shortened ones have none."""
    found = []
    for token in root.iter(names.BINARY_SECURITY_TOKEN):
        try:
            found.append(x509.load_der_x509_certificate(base64.b64decode(token.text or "")))
        except ValueError:
            continue
    return tuple(found)
