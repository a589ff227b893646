"""Certificate binding where TLS ends at a proxy: a header is believed from trusted proxies, and from nobody else."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.hubs.hub import TestedHub, patient, running_hub
from support.hubs.raw import connected, whole
from support.keys.tls import tls_folder
from support.messages.wire import Reply, saldoverzoek

from crypto.certificates import der
from crypto.pki import certificates_pem
from gateway.edge.tls import tls_context
from gateway.limits import EdgeLimits

PROXY, STRANGER = "127.0.0.1", "127.0.0.2"
SAID = replace(EdgeLimits(), trusted_proxies=(ip_network(PROXY),), client_certificate_header="Client-Cert")
ESCAPED = replace(SAID, client_certificate_header="X-Shown", client_certificate_form="escaped-pem")
UNSAID = replace(SAID, client_certificate_header=None)
FORWARDED = "X-Forwarded-For: 192.0.2.7"
ENDED = timedelta(days=20_000)  # more than any certificate here lasts


def octets(client: str) -> bytes:
    """The certificate of a client."""
    return der(tls_folder().issued[client].certificate)


def sequence(content: bytes) -> str:
    """A byte sequence of structured fields."""
    return f":{base64.b64encode(content).decode()}:"


def header(client: str) -> str:
    return f"Client-Cert: {sequence(octets(client))}"


def escaped(*clients: str) -> str:
    """As nginx writes it."""
    text = certificates_pem(*(tls_folder().issued[each].certificate for each in clients)).decode()
    return f"X-Shown: {quote(text, safe='')}"


@asynccontextmanager
async def bound_hub(folder: Path, limits: EdgeLimits = SAID, **given: Any) -> AsyncIterator[TestedHub]:
    """A hub whose counsellor is bound to the certificate of "valid"."""
    extra: Mapping[str, Mapping[str, object]] = {"counsellor": {"tls_thumbprints": [tls_folder().thumbprint("valid")]}}
    async with running_hub(folder, extra=extra, edge_limits=patient(limits), **given) as hub:
        yield hub


async def sent(hub: TestedHub, *lines: str, source: str = PROXY, **given: Any) -> Reply:
    """The answer to a message of the counsellor's with these headers."""
    async with connected(hub, source=source, **given) as peer:
        await peer.send(whole(saldoverzoek().wire(), FORWARDED, *lines))
        return await peer.answer()


def verdict(reply: Reply) -> int | str:
    """Taken, refused by AS4 with a code, or a bare status."""
    return "taken" if reply.receipt is not None else reply.codes[0] if reply.codes else reply.status


@pytest.mark.parametrize(
    ("limits", "lines", "found"),
    [
        (SAID, [header("valid")], "taken"),
        (SAID, [header("other")], "EBMS:0101"),
        (SAID, [], "EBMS:0101"),
        (SAID, ["client-cert: " + sequence(octets("valid"))], "taken"),
        (ESCAPED, [escaped("valid")], "taken"),
        (ESCAPED, [escaped("other")], "EBMS:0101"),
        (ESCAPED, [header("valid")], "EBMS:0101"),
        (UNSAID, [header("valid")], "EBMS:0101"),
    ],
    ids=[
        "the one of the file", "another", "none", "in small letters", "as nginx writes it", "another, so",
        "another name", "without the setting",
    ],
)  # fmt: skip
async def test_the_certificate_that_a_proxy_was_shown_is_held_against_the_file_SR_14(
    limits: EdgeLimits, lines: list[str], found: str, tmp_path: Path
) -> None:
    async with bound_hub(tmp_path, limits) as hub:
        assert verdict(await sent(hub, *lines)) == found


SPOILT = {
    "twice": [header("valid"), header("valid")],
    "two": [header("valid"), header("other")],
    "two in a line": [f"{header('valid')}, {sequence(octets('valid'))}"],
    "nothing": ["Client-Cert:"],
    "no octets": ["Client-Cert: ::"],
    "no colons": [f"Client-Cert: {base64.b64encode(octets('valid')).decode()}"],
    "no base64": [f"Client-Cert: :{octets('valid').hex()}!:"],
    "a parameter": [f"{header('valid')};a=1"],
    "no certificate": [f"Client-Cert: {sequence(b'certificate')}"],
    "cut": [f"Client-Cert: {sequence(octets('valid')[:-1])}"],
    "longer": [f"Client-Cert: {sequence(octets('valid') + b'0')}"],
    "PEM in it": [f"Client-Cert: {sequence(certificates_pem(tls_folder().issued['valid'].certificate))}"],
    "as nginx writes it": [escaped("valid").replace("X-Shown", "Client-Cert")],
}


@pytest.mark.parametrize("name", SPOILT)
async def test_what_a_proxy_writes_twice_or_nobody_can_read_is_400_SR_14(name: str, tmp_path: Path) -> None:
    async with bound_hub(tmp_path) as hub:
        assert verdict(await sent(hub, *SPOILT[name])) == 400
        assert verdict(await sent(hub, header("valid"))) == "taken"


@pytest.mark.parametrize(
    "line",
    [escaped("valid", "other"), escaped("valid")[:-40], f"X-Shown: {sequence(octets('valid'))}", "X-Shown: \xff%ff"],
    ids=["two", "cut", "a byte sequence", "no text"],
)
async def test_so_is_escaped_text_that_is_not_one_certificate_SR_14(line: str, tmp_path: Path) -> None:
    async with bound_hub(tmp_path, ESCAPED) as hub:
        assert verdict(await sent(hub, line)) == 400


async def test_from_anybody_else_a_request_with_that_header_is_400_SR_14(tmp_path: Path) -> None:
    async with bound_hub(tmp_path) as hub:
        assert verdict(await sent(hub, header("valid"), source=STRANGER)) == 400
        assert verdict(await sent(hub, "Client-Cert:", source=STRANGER)) == 400
        assert verdict(await sent(hub, source=STRANGER)) == "EBMS:0101"
        refused = hub.log.of("request_refused")
        assert {(each["status"], each["address"]) for each in refused} == {(400, STRANGER)}


async def test_without_the_setting_it_means_nothing_to_anybody_SR_14(tmp_path: Path) -> None:
    async with bound_hub(tmp_path, UNSAID) as hub:
        assert verdict(await sent(hub, header("valid"), header("other"), source=STRANGER)) == "EBMS:0101"


async def test_it_is_judged_for_every_request_as_one_of_our_own_connections_is_SR_14(tmp_path: Path) -> None:
    async with bound_hub(tmp_path) as hub:
        assert verdict(await sent(hub, header("expired"))) == 403
        hub.clock.move(ENDED)
        hub.hub.time.confirm()
        assert verdict(await sent(hub, header("valid"))) == 403


async def test_over_tls_it_counts_in_place_of_the_certificate_that_the_proxy_itself_showed_SR_14(
    tmp_path: Path,
) -> None:
    files = tls_folder()
    async with bound_hub(tmp_path) as hub:
        tls = tls_context(files.server(client_authority=files.client_authority))
        port = await hub.running.listen(PROXY, 0, tls)
        proxy = {"port": port, "tls": files.client("valid")}
        assert verdict(await sent(hub, **proxy)) == "EBMS:0101", "the proxy's own is not that of its clients"
        assert verdict(await sent(hub, header("valid"), **proxy)) == "taken"
        assert verdict(await sent(hub, header("valid"), **(proxy | {"tls": files.client("absent")}))) == "taken"
        assert verdict(await sent(hub, **proxy, source=STRANGER)) == "taken", "who comes without a proxy shows his own"
        hub.clock.move(ENDED)
        hub.hub.time.confirm()
        assert verdict(await sent(hub, **proxy)) == 403
