"""Whose fault it is that a letter was not taken (PO-67; RFC 5321 4.2, RFC 3463)."""

from __future__ import annotations

import pytest

from gateway.jobs.mail_round import fault_of
from gateway.net.mail_server import NotDelivered
from gateway.store.portal.mail import MailFault


@pytest.mark.parametrize(
    ("refused", "fault"),
    [
        pytest.param(NotDelivered("x", of_server=True), MailFault.SERVER, id="no connection"),
        pytest.param(NotDelivered("x", of_server=True, at_address=True, code=421), MailFault.SERVER, id="it closes"),
        pytest.param(NotDelivered("x", at_address=True, code=550, subject=1), MailFault.GONE, id="nobody there"),
        pytest.param(NotDelivered("x", at_address=True, code=552, subject=2), MailFault.GONE, id="mailbox full"),
        pytest.param(NotDelivered("x", at_address=True, code=550), MailFault.REFUSED, id="no word why"),
        pytest.param(NotDelivered("x", at_address=True, code=554, subject=7), MailFault.LETTER, id="no relay"),
        pytest.param(NotDelivered("x", at_address=True, code=451, subject=3), MailFault.LETTER, id="disk full"),
        pytest.param(NotDelivered("x", at_address=True, code=450), MailFault.PASSING, id="greylisted"),
        pytest.param(NotDelivered("x", at_address=True, code=450, subject=2), MailFault.PASSING, id="mailbox busy"),
        pytest.param(NotDelivered("x", code=554), MailFault.LETTER, id="the letter was refused"),
        pytest.param(NotDelivered("x", code=552, subject=2), MailFault.LETTER, id="the letter was, of a full mailbox"),
    ],
)
def test_an_address_is_blamed_for_what_was_answered_to_it_alone_PO_67(refused: NotDelivered, fault: MailFault) -> None:
    assert fault_of(refused) is fault
