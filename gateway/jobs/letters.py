"""A letter as it is sent: headers and plain text, in the language of the organisation that it goes to.

SECURITY: it tells how many, of which unit of the reader's own, and when, and nothing that a message says or is about:
no sender, type, reference or name of a person. Mail goes through hands that are not ours. What stands in headers is
checked by the library that writes them, which refuses a line break.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from gateway.addresses import read_mail_address
from gateway.identity.login import OrganisationNumber
from gateway.pages.texts import DUTCH, Texts
from gateway.store.portal.mail import TO_STRANGERS, Letter, LetterSort, MailEvent, MailLine
from pmodes.term import local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """What a unit or organisation is called, and the language that it reads."""

    name: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What every letter of a portal has in common."""

    sender: str  # an address
    origin: str  # of the portal, as browsers say it
    helpdesk: str
    texts: Mapping[str, Texts]
    named: Callable[[OrganisationNumber, str], Addressee]  # a unit, or the organisation where that is empty


def written(letter: Letter, head: Letterhead, at: datetime) -> EmailMessage:
    """The letter as a mail server gets it; the same words each time that it is tried, but for its link and date.
    Raises ValueError for an address that is none.
    """
    texts = _texts(head, head.named(letter.organisation, "").language)
    message = _begun(head, letter.address, texts(f"mail.subject.{letter.sort}"), at, texts)
    message["Message-ID"] = f"<{letter.id}@{head.sender.rpartition('@')[2]}>"
    if letter.sort is LetterSort.MESSAGES:
        message["List-Unsubscribe"] = f"<{one_click_link(head.origin, letter.token)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058 3.1
    return _with_text(message, _body(letter, head, texts), texts)


def test_letter(address: str, head: Letterhead, at: datetime) -> EmailMessage:
    """What an operator sends himself to see that mail works."""
    texts = _texts(head, DUTCH)
    message = _begun(head, address, texts("mail.subject.test"), at, texts)
    return _with_text(message, texts("mail.test") + f"\n{head.origin}/\n", texts)


def confirm_link(origin: str, token: str) -> str:
    """The page where an address is confirmed."""
    return f"{origin}/meldingen/bevestigen/{token}"


def unsubscribe_link(origin: str, token: str) -> str:
    """The page where an address is unsubscribed."""
    return f"{origin}/meldingen/afmelden/{token}"


def one_click_link(origin: str, token: str) -> str:
    """Where a mail program asks for its reader that an address be unsubscribed; opened, it is the page that asks."""
    return f"{unsubscribe_link(origin, token)}/in-een-keer"


def _begun(head: Letterhead, address: str, subject: str, at: datetime, texts: Texts) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=texts("mail.from"), addr_spec=head.sender)
    message["To"] = Address(addr_spec=read_mail_address(address))
    message["Subject"] = subject
    message["Date"] = format_datetime(at)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    return message


def _with_text(message: EmailMessage, text: str, texts: Texts) -> EmailMessage:
    message.set_content(text, cte="quoted-printable")
    message["Content-Language"] = texts.language
    return message


def _body(letter: Letter, head: Letterhead, texts: Texts) -> str:
    start = f"{head.origin}/"
    if letter.sort is LetterSort.CONFIRMATION:
        unit = head.named(letter.organisation, letter.lines[0].unit).name
        link = confirm_link(head.origin, letter.token)
        return _paragraphs(texts("mail.confirm", unit=unit), link, texts("mail.confirm.otherwise"))
    lines = "\n".join(f"- {_line(each, head, texts)}" for each in letter.lines)
    if letter.sort is LetterSort.MESSAGES:
        link = unsubscribe_link(head.origin, letter.token)
        is_all_gone = all(each.event is MailEvent.EXPIRED for each in letter.lines)  # there is nothing of it to read
        return _paragraphs(
            lines,
            texts("mail.start.expired" if is_all_gone else "mail.start.messages") + f"\n{start}",
            texts("mail.says_nothing"),
            texts("mail.unsubscribe") + f"\n{link}",
        )
    begins = _begins(letter)
    return _paragraphs(
        lines,
        *([] if begins is None else [texts(begins) + f"\n{start}"]),
        texts("mail.security", helpdesk=head.helpdesk),
    )


def _begins(letter: Letter) -> str | None:
    """What the link is for; None where whoever reads it cannot log in."""
    events = {each.event for each in letter.lines}
    if events - TO_STRANGERS:
        return "mail.start.changes"
    return "mail.start.welcome" if MailEvent.WELCOME in events else None


def _paragraphs(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs) + "\n"


def _line(line: MailLine, head: Letterhead, texts: Texts) -> str:
    is_known = line.event not in TO_STRANGERS
    unit = head.named(line.organisation, line.unit).name if is_known else texts("mail.joining")
    if line.sort is LetterSort.MESSAGES:
        said = texts.counted(f"mail.line.{line.event}", line.times)
        return f"{unit}: {said}{_until(line, texts)}"
    often = texts("mail.times", count=line.times) if line.times > 1 else ""
    return f"{unit}, {texts.day(local_day(line.made_at))}: {texts(f'mail.line.{line.event}')}{often}"


def _until(line: MailLine, texts: Texts) -> str:
    """The last day of the first term, which ends at 24:00; of what expired, the day is over."""
    if line.until is None or line.event is MailEvent.EXPIRED:
        return ""
    day = local_day(line.until - timedelta(microseconds=1))
    return texts("mail.until.one" if line.times == 1 else "mail.until.many", day=texts.day(day))


def _texts(head: Letterhead, language: str) -> Texts:
    return head.texts.get(language) or head.texts[DUTCH]
