"""The TLS client certificate that a proxy of ours was shown, where TLS ends there: a header of each request.

It is a byte sequence of structured fields (RFC 9440 2.2, RFC 8941 3.3.5) or, for proxies that do not write that,
percent-encoded PEM; the settings say which.

SECURITY: whoever writes this header is whomever he likes, so it is believed from proxies of ours alone. From anybody
else the request is refused and not taken without it: a proxy that is missing in the settings is noticed, and so is
whoever tries. Nothing is chosen among two certificates, and one that cannot be read is not as if none had been shown.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote_to_bytes

from crypto.faults import UnusableCredential
from gateway.edge.bare_status import BareStatus
from gateway.edge.heads import CLOSE
from gateway.edge.tls import ClientCertificate
from gateway.limits import CertificateForm

# Padded, as RFC 8941 4.1.8 has it written.
_BYTE_SEQUENCE: Final = re.compile(r":((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?):", re.ASCII)
_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*")


def told_by_proxy(values: Sequence[str], *, trusted: bool, form: CertificateForm) -> ClientCertificate | None:
    """What these values of the header say that the client showed, None where there is none; `BareStatus` 400 where it
    is not to be believed. `trusted` is whether a proxy of ours sent them.
    """
    if not values:
        return None
    if not trusted:
        raise _refused("a client certificate in a header, from no proxy of ours")
    if len(values) > 1:
        raise _refused("the header of the client certificate stands there twice")
    try:
        return ClientCertificate.read(byte_sequence(values[0]) if form == "rfc9440" else _escaped_pem(values[0]))
    except (UnusableCredential, ValueError):
        raise _refused("the header of the client certificate cannot be read") from None


def byte_sequence(value: str) -> bytes:
    """The octets of a structured field that is a byte sequence and nothing beside it; ValueError for others."""
    found = _BYTE_SEQUENCE.fullmatch(value)
    if found is None:
        raise ValueError("no byte sequence")
    return base64.b64decode(found[1])


def _escaped_pem(value: str) -> bytes:
    """The octets in the one PEM block of a percent-encoded text; ValueError for others."""
    found = _PEM.fullmatch(unquote_to_bytes(value))
    if found is None:
        raise ValueError("not one PEM certificate")
    return base64.b64decode(b"".join(found[1].split()), validate=True)


def _refused(detail: str) -> BareStatus:
    return BareStatus(HTTPStatus.BAD_REQUEST, CLOSE, detail=detail)
