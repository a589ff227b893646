"""One letter to a mail server over TLS, and what became of it (PO-67)."""

from __future__ import annotations

import asyncio
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from support.net.mail_taker import PASSWORD, USER, taking_mail

from gateway.net import mail_server
from gateway.net.mail_server import MailServer, NotDelivered


def letter(to: str = "post@organisatie.example") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(addr_spec="hub@hub.example")
    message["To"] = Address(addr_spec=to)
    message["Subject"] = "Berichten"
    message.set_content("één\n.\ntwee\n", cte="quoted-printable")
    return message


@pytest.mark.parametrize("begins", ["implicit", "starttls"])
async def test_a_letter_is_taken_over_tls(begins: str) -> None:
    async with taking_mail(begins=begins) as taker:  # type: ignore[arg-type]
        await taker.server().send(letter())
    (taken,) = taker.taken
    assert (taken["To"], taker.recipients) == ("post@organisatie.example", ["post@organisatie.example"])
    assert taken.get_content().splitlines() == ["één", ".", "twee"]


@pytest.mark.parametrize("begins", ["implicit", "starttls"])
async def test_a_name_and_password_are_shown_under_tls_alone(begins: str) -> None:
    async with taking_mail(begins=begins, logs_in=True) as taker:  # type: ignore[arg-type]
        await taker.server(user=USER, password=PASSWORD.encode).send(letter())
        assert taker.logins == [(USER.encode(), PASSWORD.encode())]
        with pytest.raises(NotDelivered, match=r"^535 ") as refused:
            await taker.server(user=USER, password=b"wrong".__bytes__).send(letter())
    assert (refused.value.of_server, refused.value.at_address, len(taker.taken)) == (True, False, 1)


async def test_a_server_that_offers_no_tls_gets_nothing_PO_67() -> None:
    async with taking_mail(begins="plain", logs_in=True) as taker:
        with pytest.raises(NotDelivered, match="STARTTLS") as refused:
            await taker.server(user=USER, password=PASSWORD.encode).send(letter())
    assert (refused.value.of_server, taker.taken, taker.logins, taker.recipients) == (True, [], [], [])


@pytest.mark.parametrize("begins", ["implicit", "starttls"])
async def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing_PO_67(begins: str) -> None:
    async with taking_mail(begins=begins) as taker:  # type: ignore[arg-type]
        with pytest.raises(NotDelivered, match="certificate of the server is not trusted") as refused:
            await taker.server(trusted=ssl.create_default_context()).send(letter())
    assert (refused.value.of_server, refused.value.at_address, taker.octets) == (True, False, [])


async def test_a_server_of_another_name_gets_nothing() -> None:
    async with taking_mail(host="127.0.0.2") as taker:
        with pytest.raises(NotDelivered, match=r"not trusted: .*127\.0\.0\.2"):
            await taker.server(host="127.0.0.2").send(letter())
    assert taker.octets == []


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        pytest.param("550 5.1.1 no such user", 1, id="nobody there"),
        pytest.param("552 5.2.2 mailbox full", 2, id="refused"),
        pytest.param("554 5.7.1 relay access denied", 7, id="it is about us"),
        pytest.param("450 4.2.1 try again", 2, id="greylisted"),
        pytest.param("550 relay not permitted", None, id="nobody says what it is about"),
    ],
)
async def test_a_refusal_is_told_with_its_code_and_with_what_it_answered(said: str, subject: int | None) -> None:
    async with taking_mail() as taker:
        taker.says_of = lambda _address: said
        with pytest.raises(NotDelivered) as refused:
            await taker.server().send(letter())
        assert (str(refused.value), refused.value.at_address, refused.value.of_server) == (said, True, False)
        assert (refused.value.code, refused.value.subject) == (int(said[:3]), subject)
        taker.says_of = lambda _address: "250 OK"
        taker.says_at_end = lambda: said
        with pytest.raises(NotDelivered) as refused:
            await taker.server().send(letter())
        assert (str(refused.value), refused.value.at_address, taker.octets) == (said, False, [])
        assert (refused.value.code, refused.value.subject) == (int(said[:3]), subject)


async def test_a_server_that_closes_is_not_about_the_address_that_it_answers() -> None:
    async with taking_mail() as taker:
        taker.says_of = lambda _address: "421 4.3.2 going down"
        with pytest.raises(NotDelivered) as refused:
            await taker.server().send(letter())
    assert refused.value.of_server


async def test_what_a_server_says_moves_no_terminal() -> None:
    async with taking_mail() as taker:
        taker.says_of = lambda _address: "550 no\x1b[2Juser\x07"
        with pytest.raises(NotDelivered) as refused:
            await taker.server().send(letter())
    assert str(refused.value).isprintable()
    assert str(refused.value).startswith("550 no")


async def test_nobody_there_and_a_server_that_says_nothing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with taking_mail() as taker:
        gone = taker.server()
    with pytest.raises(NotDelivered) as refused:
        await gone.send(letter())
    assert refused.value.of_server
    monkeypatch.setattr(mail_server, "LETTER_SECONDS", 0.2)

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting.set_result(writer)

    waiting: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    with pytest.raises(NotDelivered) as refused:
        await MailServer(host="localhost", port=port, begins="starttls", tls=ssl.create_default_context()).send(
            letter()
        )
    assert refused.value.of_server
    (await waiting).close()
    listening.close()
    await listening.wait_closed()
