"""What to do where no whole answer came: what the TLS library and the system say of a connection, and which setting or
which side that points at.

The words are those of OpenSSL and of the operating system, as `transport` hands them on; they are held against a table,
the first row that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from gateway.client.participant import Participant


def about_connection(note: str, participant: Participant, *, was_open: bool) -> str:
    """One sentence about a connection that could not be opened, or that `was_open` and ended before a whole answer."""
    said = note.lower().replace("_", " ")
    found = next((advice for words, advice in _SIGNS if any(each in said for each in words)), None)
    if found is not None:
        return found(participant)
    # A hub that expects TLS ends what begins otherwise; which of the two shows is a matter of who is faster.
    cut_off = "disconnected" in said or "reset by peer" in said
    if cut_off and participant.url.lower().startswith("http://"):
        return (
            f"`hub.url` in participant.yaml ({participant.url}): should it begin with https? If it is right, what"
            " answers there ends connections before a whole answer came: try again, and if it goes on, tell the hub's"
            " operator"
        )
    if was_open:
        return (
            f"a connection to `hub.url` in participant.yaml ({participant.url}) was open, and ended before a whole"
            " answer came: does the hub still run? If it does, something between it and you may end connections:"
            " try again, and if it goes on, tell the hub's operator"
        )
    return f"does the hub run, and is `hub.url` in participant.yaml ({participant.url}) its address?"


def _about_the_name(participant: Participant) -> str:
    return f"`hub.url` in participant.yaml: the certificate that the hub shows is not for the name in {participant.url}"


def _about_the_authority(participant: Participant) -> str:
    if participant.ca:
        return "`hub.ca` in participant.yaml: it does not vouch for the TLS certificate that the hub shows"
    return (
        "`hub.ca` in participant.yaml is not there, and the certificates of this machine do not vouch for the TLS"
        " certificate that the hub shows"
    )


def _about_the_version(participant: Participant) -> str:
    return (
        f"what answers at `hub.url` in participant.yaml ({participant.url}) takes no version of TLS, or no algorithm of"
        " it, that this program speaks (TLS 1.2 and 1.3): is that the hub, and no old server or proxy in its place? If"
        " it is, show this to the hub's operator"
    )


def _about_plain_http(participant: Participant) -> str:
    return (
        f"`hub.url` in participant.yaml ({participant.url}): what answers there speaks no TLS; is the port right, or"
        " should it begin with http?"
    )


def _about_own_certificate(participant: Participant) -> str:
    without = "this one" if participant.tls is not None else "a connection without one"
    return f"`tls` in participant.yaml: the hub asks for a client certificate and did not take {without}"


def _about_the_host(participant: Participant) -> str:
    return (
        f"`hub.url` in participant.yaml ({participant.url}): no machine is known by that name; is it written right, and"
        " does this machine resolve names?"
    )


def _about_a_handshake(participant: Participant) -> str:
    return (
        f"what answers at `hub.url` in participant.yaml ({participant.url}) ended the TLS handshake: is that the hub?"
        " If it is, show this to the hub's operator"
    )


def _about_descriptors(_participant: Participant) -> str:
    return "this process may open no more files and connections: let it have more of them (ulimit -n)"


# A server of TLS 1.2 that wants a client certificate and gets none says "handshake failure".
_SIGNS: Final[Sequence[tuple[Sequence[str], Callable[[Participant], str]]]] = (
    (("hostname mismatch", "ip address mismatch", "doesn't match"), _about_the_name),
    (("certificate verify failed",), _about_the_authority),
    (
        ("protocol version", "unsupported protocol", "no protocols available", "insufficient security",
         "no shared cipher", "inappropriate fallback"),
        _about_the_version,
    ),
    (("wrong version number", "packet length too long", "record layer failure"), _about_plain_http),
    (
        ("certificate required", "bad certificate", "certificate unknown", "unknown ca", "certificate expired",
         "certificate revoked", "unsupported certificate", "access denied", "handshake failure"),
        _about_own_certificate,
    ),
    ((" alert ",), _about_a_handshake),
    (("too many open files",), _about_descriptors),
    (("name or service not known", "name resolution", "no address associated", "nodename nor servname"),
     _about_the_host),
)  # fmt: skip
