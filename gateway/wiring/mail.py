"""The mail of a portal, as the settings say: its server, its letterhead and its round."""

from __future__ import annotations

from typing import Final

from gateway.desk_files import FOLDER
from gateway.identity.login import OrganisationNumber
from gateway.jobs.letters import Addressee, Letterhead
from gateway.jobs.mail_round import MailRound
from gateway.jobs.message_news import MessageNews
from gateway.msh.hub import Hub
from gateway.net.mail_server import MailServer, NotDelivered
from gateway.pages.texts import read_texts
from gateway.passwords import NoPassword, Passwords
from gateway.portal.organisations import desk_units, name_of, numbers_of
from gateway.portal.portal import Portal
from gateway.settings import MailSection
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.outbound import trusting

_LANGUAGES: Final = FOLDER / "texts"


def mail_round(section: MailSection, portal: Portal, passwords: Passwords) -> MailRound:
    """The round that tells organisations of a portal by that server; NotStartable with what keeps it from that."""
    return assemble_mail(portal, server_of(section, passwords), section.sender)


def assemble_mail(portal: Portal, server: MailServer, sender: str) -> MailRound:
    """A round of these parts."""
    hub = portal.hub
    head = Letterhead(
        sender=sender,
        origin=portal.facts.origin,
        helpdesk=portal.facts.helpdesk,
        texts=read_texts(_LANGUAGES),
        named=lambda number, unit: _named(hub, number, unit),
    )
    news = MessageNews(portal.store, hub, lambda unit: numbers_of(hub.configuration(), unit))
    return MailRound(portal.store, news, head, server.send, hub.time, portal.log)


def server_of(section: MailSection, passwords: Passwords) -> MailServer:
    """The server; NotStartable where its authorities or the password cannot be read."""

    def password() -> bytes | None:
        try:
            return passwords.password(section.password)
        except NoPassword as fault:
            raise NotDelivered(f"the password: {fault}", of_server=True) from None

    try:
        passwords.password(section.password)
    except NoPassword as fault:
        raise NotStartable((f"mail.{section.password.said_as}: {fault}",)) from None
    return MailServer(
        host=section.server,
        port=section.port_used,
        begins=section.tls,
        tls=trusting(section.ca, "mail.ca"),
        user=section.user,
        password=password,
    )


def _named(hub: Hub, number: OrganisationNumber, unit: str) -> Addressee:
    """What a unit of that organisation is called; the organisation where it is none of its any more."""
    configuration = hub.configuration()
    units = desk_units(configuration, number)
    language = units[0].language if units else configuration.hub.language
    name = next((each.name for each in units if each.party_id == unit), None)
    return Addressee(name=name or name_of(configuration, number), language=language)
