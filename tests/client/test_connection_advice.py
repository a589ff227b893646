"""What a connection that came to no answer is put down to: which setting or side, and whether it was open at all."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from socket import create_server, socket
from threading import Thread

import pytest
from support.client.participants import participant
from support.keys.pki import NOW

from crypto.pki import certificates_pem, issue, new_authority, private_key_pem
from gateway.client.advice import advise
from gateway.client.answers import AnswerKind, HubAnswer, no_answer
from gateway.client.connection_advice import about_connection
from gateway.client.transport import BrokenOff, Unreachable, open_session, post, retry_after_seconds

NOTES = {
    # what the library says -> what is advised
    "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version (_ssl.c:1006)": "takes no version of TLS",
    "[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol (_ssl.c:1006)": "takes no version of TLS",
    "[SSL: TLSV1_ALERT_INSUFFICIENT_SECURITY] tlsv1 alert insufficient security": "takes no version of TLS",
    "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)": "what answers there speaks no TLS",
    "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required": "`tls` in participant.yaml",
    "[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:2580)": "`tls` in participant.yaml",
    "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure": "`tls` in participant.yaml",
    "[SSL: TLSV1_ALERT_INTERNAL_ERROR] tlsv1 alert internal error": "ended the TLS handshake",
    "[SSL: TLSV1_UNRECOGNIZED_NAME] tlsv1 unrecognized name": "does the hub run",
    "Cannot connect to host hub:443 ssl:default [Too many open files]": "ulimit -n",
    "Cannot connect to host hub:443 ssl:default [Name or service not known]": "no machine is known by that name",
    "Cannot connect to host hub:443 ssl:default [Connect call failed ('127.0.0.1', 9)]": "does the hub run",
    "certificate verify failed: Hostname mismatch, certificate is not valid for 'hub'": "is not for the name",
    "certificate verify failed: self-signed certificate (_ssl.c:1006)": "`hub.ca` in participant.yaml",
}


@pytest.mark.parametrize("note", NOTES)
def test_what_the_library_says_leads_to_the_setting_or_the_side_that_it_is_about(note: str) -> None:
    assert NOTES[note] in about_connection(note, participant("https://hub.example/as4"), was_open=False)


def serve(answer: Callable[[socket], object]) -> int:
    """A port of this machine whose every connection is answered so, until it is left alone."""
    server = create_server(("127.0.0.1", 0))

    def run() -> None:
        with server:
            for _ in range(2):
                connection, _ = server.accept()
                with connection, contextlib.suppress(OSError):
                    answer(connection)

    Thread(target=run, daemon=True).start()
    return int(server.getsockname()[1])


async def asked(url: str) -> tuple[HubAnswer, str]:
    """What a request came to, and what is advised about it."""
    who = participant(url)
    async with open_session(who) as session:
        with pytest.raises(Unreachable) as fault:
            await post(session, url, content_type="text/plain", body=b"x", limit_octets=1000, now=NOW)
    answer = no_answer(fault.value)
    advice = advise(answer.kind, answer.errors, answer.note, who, at=datetime.now(UTC), pulling=False)
    return answer, advice


async def test_a_connection_that_ends_before_an_answer_was_open_and_is_not_called_otherwise() -> None:
    answer, advice = await asked(f"http://127.0.0.1:{serve(lambda connection: connection.recv(99))}/as4")
    assert (answer.kind, answer.errors) == (AnswerKind.BROKEN_OFF, ())
    assert "should it begin with https?" in advice
    assert "was open, and ended before" in about_connection(answer.note, participant("https://hub/"), was_open=True)


async def test_half_an_answer_is_none_and_the_connection_was_open() -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
    answer, advice = await asked(
        f"http://127.0.0.1:{serve(lambda connection: (connection.recv(9999), connection.sendall(half)))}/as4"
    )
    assert (answer.kind, answer.errors) == (AnswerKind.BROKEN_OFF, ())
    assert "was open, and ended before a whole answer came" in advice


async def test_what_is_no_http_is_something_else_that_answers() -> None:
    answer, advice = await asked(
        f"http://127.0.0.1:{serve(lambda connection: (connection.recv(9999), connection.sendall(b'<html>hi')))}/as4"
    )
    assert (answer.kind, answer.errors) == (AnswerKind.FOREIGN, ())
    assert "something answers there, but not as the hub's AS4 endpoint does" in advice


async def test_plain_http_behind_https_is_told_as_that() -> None:
    plain = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    _, advice = await asked(
        f"https://127.0.0.1:{serve(lambda connection: (connection.recv(999), connection.sendall(plain)))}/as4"
    )
    assert "what answers there speaks no TLS" in advice


async def test_a_server_of_an_old_tls_is_not_put_down_to_the_client_certificate(tmp_path: Path) -> None:
    authority = new_authority("a", at=datetime.now(UTC), days=1)
    issued = issue(authority, common_name="hub", party_id="", at=datetime.now(UTC), days=1, usage="tls-server")
    (tmp_path / "pem").write_bytes(certificates_pem(issued.certificate) + private_key_pem(issued.private_key))
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.load_cert_chain(tmp_path / "pem")
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1
    answer, advice = await asked(
        f"https://127.0.0.1:{serve(lambda connection: old.wrap_socket(connection, server_side=True))}/as4"
    )
    assert "takes no version of TLS" in advice, answer.note
    assert "`tls`" not in advice


async def test_no_connection_at_all_is_ebms_0005_and_a_broken_one_is_not() -> None:
    answer, advice = await asked("http://127.0.0.1:9/as4")
    assert (answer.kind, [each.code for each in answer.errors]) == (AnswerKind.UNREACHABLE, ["EBMS:0005"])
    assert advice.startswith("does the hub run")
    assert no_answer(BrokenOff("x")).errors == ()


def test_an_answer_that_was_changed_on_the_way_blames_no_certificate() -> None:
    who = participant("https://hub/")
    note = "the digest of Messaging does not match"
    said = advise(AnswerKind.UNTRUSTED, (), note, who, at=datetime.now(UTC), pulling=False)
    assert ("changed on the way" in said, "`hub.signing`" in said) == (True, False)


@pytest.mark.parametrize("value", ["99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wish_that_nobody_can_grant_is_told_without_a_number_that_was_never_sent(value: str) -> None:
    who, at = participant("https://hub/"), datetime(2026, 3, 4, tzinfo=UTC)
    wish = retry_after_seconds(value, at)
    said = advise(AnswerKind.OVERLOAD, (), "", who, at=at, pulling=True, retry_after_seconds=wish)
    assert "come back later after longer than any wait (Retry-After)" in said


@pytest.mark.parametrize(("wish", "told"), [(1.0, " in 1 second ("), (1.4, " in 1 second ("), (2.0, " in 2 seconds (")])
def test_one_second_is_not_told_as_many(wish: float, told: str) -> None:
    who = participant("https://hub/")
    said = advise(AnswerKind.OVERLOAD, (), "", who, at=datetime.now(UTC), pulling=True, retry_after_seconds=wish)
    assert told in said


UNREADABLE = {
    # what comes -> what is said of it
    "octets behind its end": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + b"x" * 120_000,
        "octets behind its end",
    ),
    "no HTTP": (b"x" * 120_000 + b"\r\n\r\n", "no answer of HTTP"),
    "a long header": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 120_000 + b"\r\n\r\n", "larger head than is taken"),
    "a header that is none": (b"HTTP/1.1 200 OK\r\n" + b"x" * 9000 + b"\r\n\r\n", ""),
    "chunks that are none": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"x" * 9000, ""),
    "half a head": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 4000, ""),
    "half a body": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 4000 + b"\r\nContent-Length: 100\r\n\r\nhalf", ""),
}


@pytest.mark.parametrize("case", UNREADABLE)
async def test_of_an_answer_that_cannot_be_read_no_octet_is_repeated(case: str) -> None:
    octets, told = UNREADABLE[case]
    answer, advice = await asked(
        f"http://127.0.0.1:{serve(lambda connection: (connection.recv(9999), connection.sendall(octets)))}/as4"
    )
    assert told in answer.note
    assert "xxx" not in answer.note
    assert "Expected HTTP" not in answer.note
    assert len(answer.note) < 200
    assert advice


def test_a_moment_that_is_over_is_not_told_as_a_wait() -> None:
    who = participant("https://hub/")
    said = [
        advise(AnswerKind.OVERLOAD, (), "", who, at=datetime.now(UTC), pulling=True, retry_after_seconds=wish)
        for wish in (0.0, 7.0)
    ]
    assert ["seconds" in each for each in said] == [False, True]
