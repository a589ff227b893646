"""Organisations that are bound to TLS client certificates, at a hub that never sees one.

Such a binding would let nothing in, and whoever wrote it believes that it is held to: it is refused before it is in
force, at the start, at a reload and by `pmode check`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.settings import Settings
from gateway.written.complaints import Complaint, line_of
from pmodes.configuration import Configuration

_KEY = "tls_thumbprints"
_SENTENCE = (
    "the hub never sees a TLS client certificate, so nothing that comes from here would be taken; in the settings, have"
    " it ask for them (listen.client_certificate and listen.client_ca), or behind a proxy that ends TLS name the header"
    " that hands them on (listen.client_certificate_header); or take this key out"
)


def bound_unseen(settings: Settings, configuration: Configuration) -> Iterator[Complaint]:
    """One complaint for each of them, with the line in its file."""
    listen = settings.listen
    if listen.client_certificate != "none" or listen.client_certificate_header is not None:
        return
    for each in configuration.organisations:
        if each.tls_thumbprints:
            path = f"{each.at}.{_KEY}" if each.at else _KEY
            yield Complaint(file=each.file, line=line_of(each.lines, _KEY), path=path, sentence=_SENTENCE)
