"""What to do about an answer that is not one of AS4: who gave it, as far as its form tells, and what its status says.

A hub refuses in AS4 whatever it can read. What it cannot read, or has no time for, it answers with a bare status and
not an octet of body, and what SOAP itself refuses with a SOAP fault; so a page or a text is of somebody in its place or
before it. A bare status may be of either. Clauses: RFC 9110 15; SOAP 1.2 5.4.6; ebMS3 Core Appendix E.

SECURITY: nothing that comes so is signed, and none of it is an outcome; the advice changes nothing at the hub.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from gateway.client.answers import BARE, AnswerKind
from gateway.client.participant import Participant

_SHOW: Final = "show this to the hub's operator, with the time"
_BY_STATUS: Final[Mapping[int, str]] = {
    HTTPStatus.BAD_REQUEST: (
        "it could not read the request as HTTP: does something on the way rewrite what passes? If not, " + _SHOW
    ),
    HTTPStatus.UNAUTHORIZED: (
        "it wants a login, and a hub knows none: `hub.url` leads to something else, or through it; ask the hub's"
        " operator how this machine is let through"
    ),
    HTTPStatus.FORBIDDEN: (
        "it does not let this machine through. A hub says so itself where the certificate of `tls` in participant.yaml"
        " is out of its time: look at that; else ask whoever runs what stands before the hub whether this address may"
        " pass"
    ),
    HTTPStatus.REQUEST_TIMEOUT: (
        "the request did not arrive whole in the time that it gives: is the connection slow, or the message large? Try"
        " again over a better one, or ask the hub's operator for more time"
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "the request is larger than it takes, and a hub would say so signed: ask the hub's operator which limit what"
        " stands before it has"
    ),
    HTTPStatus.EXPECTATION_FAILED: "it takes no header that something on the way put in; find that and take it out",
    HTTPStatus.INTERNAL_SERVER_ERROR: f"it has a fault of its own, which no setting here mends: {_SHOW}",
    HTTPStatus.BAD_GATEWAY: (
        "a gateway answers there, and did not reach the hub behind it: try again later; if it goes on, tell the hub's"
        " operator that the gateway runs and the hub does not"
    ),
    HTTPStatus.GATEWAY_TIMEOUT: (
        "a gateway answers there, and the hub behind it was too slow for it: try again later; if it goes on, tell the"
        " hub's operator, who can give the gateway more time"
    ),
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED: (
        "it takes no HTTP/1.1, or got another version from something on the way that rewrites requests; find that, and"
        " have it pass HTTP/1.1"
    ),
}
_OF_A_GATEWAY: Final = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
_ANOTHER_ENVELOPE: Final = ("VersionMismatch", "MustUnderstand", "DataEncodingUnknown")


def about_http(kind: AnswerKind, status: int | None, note: str, participant: Participant) -> str:
    """One or two sentences about an answer of that kind, or empty where it is of another."""
    place = f"`hub.url` in participant.yaml ({participant.url})"
    match kind:
        case AnswerKind.SOAP_FAULT:
            return _about_fault(note, place)
        case AnswerKind.IMPOSSIBLE:
            return (
                f"what answers at {place} speaks SOAP, and what it said is no answer of AS4: is that the hub's AS4"
                f" endpoint? If it is, no setting is wrong: {_SHOW}"
            )
        case AnswerKind.NOTHING:
            return (
                f"what answers at {place} took the request and said nothing, which the hub's AS4 endpoint never does:"
                " is the path right? If it is, show this to the hub's operator"
            )
        case AnswerKind.FOREIGN:
            return _about_status(status, note, place)
    return ""


def _about_status(status: int | None, note: str, place: str) -> str:
    if status is None:
        return f"{place}: something answers there, but not as the hub's AS4 endpoint does; is the address right?"
    if status in _OF_A_GATEWAY:
        return f"{place}: {_BY_STATUS[status]}"
    if note.endswith(BARE):
        who = f"{place}: what answers there, the hub itself or something before it, gave a bare HTTP {status}"
    else:
        who = (
            f"{place}: what answers there is not the hub, which never sends such a body, but something in its place or"
            f" before it (HTTP {status})"
        )
    if status in _BY_STATUS:
        return f"{who}: {_BY_STATUS[status]}"
    if not 200 <= status < 600:
        return (
            f"{who}: no request is answered with that, so it is no AS4 endpoint, or something on the way changes what"
            f" it says; is the address right? If it is, {_SHOW}"
        )
    if 300 <= status < 400:
        return (
            f"{who}: it names another address, and nothing is sent to one that nobody here wrote down; ask the hub's"
            " operator for its address of today, and put that there"
        )
    if status >= 500:
        return f"{who}: {_BY_STATUS[HTTPStatus.INTERNAL_SERVER_ERROR]}"
    return f"{who}: it knows no AS4 endpoint there; is the path right?"


def _about_fault(note: str, place: str) -> str:
    """What a SOAP fault says by its code; it is unsigned, and so no outcome."""
    who = f"what answers at {place} speaks SOAP, and refused with a fault"
    if any(f" {each}:" in note for each in _ANOTHER_ENVELOPE):
        return (
            f"{who}: it takes another envelope than AS4 has. Is that the hub's AS4 endpoint, and not another service"
            f" of it? If it is, sending the same again changes nothing: {_SHOW}"
        )
    if " Receiver:" in note:
        return f"{who} of its own, which no setting here mends: try again later; if it goes on, {_SHOW}"
    return f"{who} that blames the request, unsigned, so that it counts for nothing: {_SHOW}"
