"""The verbs of administration: each a function whose name, arguments, answer and sentence are its whole declaration.

Nothing here reaches a payload: what is stored is ciphertext, and no verb returns it. A verb may raise `Refused`; what
the store raises is told by `gateway.administration.asking`. Use cases of a hub are imported where they are used:
whoever asks for help about a command reads these declarations and needs no hub.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from gateway.administration.administered import Administered, Desks, NowInForce, Running, Vitals
from gateway.administration.asked import AskedRequest, Notice, OverdueRequest, Petition
from gateway.administration.asking import in_doubt
from gateway.administration.telling import said_of_approval, said_of_asked, said_of_refusal, said_of_reload
from gateway.administration.verb import Verb, Work, verb
from gateway.identity.login import OrganisationNumber
from gateway.metrics import EventCount
from gateway.refused import Refused
from gateway.store.engine import ObjectsStanding
from gateway.store.model import (
    Contact,
    Counts,
    KeyLost,
    Kind,
    MailboxRecord,
    MessageFilter,
    MessageRecord,
    Rechecked,
    SealedTo,
    TimeSeen,
)
from gateway.store.nodes import SeenNode
from gateway.store.portal.mail import MailStanding
from gateway.store.portal.model import RequestState
from pmodes.change import Change
from pmodes.counting import counted


async def messages(of: Administered, which: MessageFilter) -> tuple[MessageRecord, ...]:
    """List the message log, newest first."""
    return await of.store.messages(which)


async def message(of: Administered, message_id: str) -> MessageRecord:
    """Show the one message of this id, of either leg; a leg 1 id that two senders used names none."""
    found = await of.store.messages(MessageFilter(message_id=message_id))
    exact = [record for record in found if record.metadata.message_id == message_id]
    named = exact or [record for record in found if record.metadata.kind is Kind.MESSAGE]
    if not named and (why := of.store.doubt) is not None:
        said, step = in_doubt(why)
        raise Refused(f"no message here has this id, and {said}", step)
    if not named:
        raise Refused("no message has this id", "look for it in the list of messages")
    if len(named) > 1:
        raise Refused("several senders used this id", "name the message by the id that the hub gave it")
    return named[0]


async def evidence(of: Administered, message_id: str) -> tuple[tuple[str, datetime, bytes], ...]:
    """Show the receipts given and taken for the one message of this id."""
    record = await message(of, message_id)
    return await of.store.evidence(record.metadata.message_id)


async def mailboxes(of: Administered) -> tuple[MailboxRecord, ...]:
    """List every mailbox that holds or held a message."""
    return await of.store.mailboxes()


async def sealed_to(of: Administered) -> tuple[SealedTo, ...]:
    """Tell under which certificates messages wait, how many, and until when the last of them may."""
    return await of.store.sealed_to()


async def contacts(of: Administered) -> tuple[Contact, ...]:
    """Tell when each party was last in touch: its last test message, and the last signal that it signed."""
    return await of.store.contacts()


async def counts(of: Administered) -> Counts:
    """Count the store as a whole."""
    return await of.store.counts()


async def prolong_term(of: Administered, message_id: str, party: str, expires_at: datetime) -> bool:
    """Give one message a later deadline at its owner's request."""
    if expires_at.tzinfo is None:
        raise Refused("the deadline has no time zone", "write it with an offset, such as +01:00")
    record = await message(of, message_id)
    return await of.store.prolong_term(record.metadata.message_id, party=party, expires_at=expires_at)


async def expire_sealed_to(of: Administered, sealed_to: str) -> KeyLost:
    """End at once what waits under a lost key (SHA-256 thumbprint of its certificate)."""
    from gateway.msh import expire

    return await expire.expire_sealed_to(sealed_to, _running(of, expire_sealed_to).hub)


async def test_mailbox(of: Administered, party: str) -> str:
    """Lay a test message in the mailbox of a party, to see that it is collected; answers its MessageId."""
    from gateway.msh import later, submit

    try:
        return await submit.submit_test(party, _running(of, test_mailbox).hub)
    except submit.NotSubmitted as reason:
        raise Refused(
            str(reason), "`knooppunt org list` shows the organisations, and `knooppunt mailbox list` the mailboxes"
        ) from None
    except later.Postponed as reason:
        raise Refused(reason.detail, "renew that certificate, then try again") from None


async def purge(of: Administered) -> int:
    """Remove what is final now, and say how many messages that were.

    A hub that runs does this by itself every minute. Nothing goes while the time is suspect, for what is forgotten is
    decided by it.
    """
    if of.time_suspect():
        raise Refused(
            "the time is suspect", "look at the machine's clock, then say that it is right: store confirm-time"
        )
    return await of.store.purge()


async def confirm_time(of: Administered) -> None:
    """Say that the time of the machine is right, after the hub found it suspect."""
    await _running(of, confirm_time).confirm_time()


async def time_is_suspect(of: Administered) -> bool:
    """Tell whether the time of the machine is in doubt, so that nothing ends its term."""
    return of.time_suspect()


async def time_seen(of: Administered) -> TimeSeen:
    """Tell what the hub's clock shows now, and what speaks against it."""
    running = _running(of, time_seen)
    return TimeSeen(at=of.clock.now(), grounds=running.time_grounds())


async def recheck(of: Administered) -> Rechecked:
    """Read damaged and unreadable messages again; what is whole is offered again."""
    return await of.store.recheck()


async def doubt(of: Administered) -> str | None:
    """Tell why the store is not served: what shows that it went back."""
    return of.store.doubt


async def confirm_restored(of: Administered) -> None:
    """Let what is here count from now on, after the store was found to have gone back."""
    await of.store.confirm_restored()


async def reload(of: Administered) -> NowInForce:
    """Have the running hub read its keys, certificates and P-Modes again, and say what is in force then.

    What has a fault leaves everything in force that was; the settings file is read again for its keys alone.
    """
    running = _running(of, reload)
    if complaints := await running.reload():
        said = "\n  ".join(("nothing was taken over, and all that was in force still is:", *complaints))
        raise Refused(said, "mend the files, then reload again")
    return running.in_force()


async def changes(of: Administered) -> tuple[Change, ...]:
    """Tell what the P-Mode files would change for whom if the running hub read them now; nothing is taken over."""
    return await _running(of, changes).changes()


async def reload_refused(of: Administered) -> tuple[str, ...]:
    """Tell what kept the last reload from being taken over; nothing where it was."""
    return _running(of, reload_refused).reload_refused()


async def events(of: Administered) -> tuple[EventCount, ...]:
    """Count the events of the running hub since it started.

    What the log leaves out when there is too much of it is not counted here either.
    """
    return _running(of, events).events()


async def vitals(of: Administered) -> Vitals | None:
    """Tell since when the running hub runs, how busy it is, and how long its exchanges wait for the disk."""
    asked = _running(of, vitals).vitals
    return None if asked is None else asked()


async def objects_standing(of: Administered) -> ObjectsStanding | None:
    """Tell how the object storage of the running hub stands; nothing where large parts lie in none."""
    return await of.store.objects_standing()


async def nodes(of: Administered) -> tuple[SeenNode, ...]:
    """List the hubs that serve the store of the running hub, itself among them."""
    return await of.store.nodes.seen()


async def requests(of: Administered) -> tuple[Petition, ...]:
    """List what organisations at a desk ask for, newest first."""
    from gateway.administration import requests as work

    return await work.all_requests(_desks(of, requests))


async def request(of: Administered, request_id: str) -> AskedRequest:
    """Show one request: who asks what, what its approval would change, and what keeps it from being approved.

    For keys, call whoever made them, under the number in the contract, and have the seven words read out to you: what
    you hear is an argument of the approval.
    """
    from gateway.administration import requests as work

    return await work.asked(_desks(of, request), request_id, at=of.clock.now())


async def approve_request(
    of: Administered,
    request_id: str,
    words: str | None = None,
    sooner: str | None = None,
    party: str | None = None,
    begins: date | None = None,
) -> AskedRequest:
    """Approve a request, and put in force what it asks for; for keys of a unit with the seven words that were read out
    by telephone.

    It is written into the organisation's file, and the hub reloads; what the files would have a fault with is refused,
    and nothing is written. Where the words differ nothing is written either. Where all locks were lost, what waits
    under the former keys expires, with notice to its senders.
    """
    from gateway.administration import requests as work
    from gateway.msh import expire

    running = _running(of, approve_request)

    async def ended(sealed_to: str) -> KeyLost:
        return await expire.expire_sealed_to(sealed_to, running.hub)

    hub = work.ApprovingHub(at=of.clock.now(), reload=running.reload, expire=ended, log=running.hub.log)
    return await work.approve(_desks(of, approve_request), request_id, words, sooner, hub, party, begins)


async def overdue_requests(of: Administered) -> tuple[OverdueRequest, ...]:
    """Tell which requests wait too long for a yes or no, such as to leave after a day that is over."""
    from gateway.administration.overdue import overdue

    desks = _running(of, overdue_requests).desks
    if desks is None:
        return ()
    waiting = await desks.store.requests(states=(RequestState.SUBMITTED,))
    return overdue(waiting, await desks.store.approving(), of.clock.now())


async def administrators(of: Administered, numbers: tuple[OrganisationNumber, ...]) -> int | None:
    """Count who ever logged in for administration of the organisation with these numbers; null without a portal."""
    desks = _running(of, administrators).desks
    if desks is None:
        return None
    return len({person for each in numbers for person in await desks.store.administrators(each)})


async def refuse_request(of: Administered, request_id: str, reason: str) -> Petition:
    """Refuse a request, with a reason that an organisation reads on its page.

    Who asked to take part has no page: say the reason by telephone.
    """
    from gateway.administration import requests as work

    return await work.refuse(_desks(of, refuse_request), request_id, reason, _running(of, refuse_request).reload)


async def mail_standing(of: Administered) -> MailStanding | None:
    """Tell how much waits to be mailed to organisations at desks, and why the last that failed did."""
    from gateway.administration import mailing

    return await mailing.standing(_running(of, mail_standing).desks)


async def test_mail(of: Administered, address: str) -> None:
    """Send a letter to that address at once, to see that the mail server of the settings takes it."""
    from gateway.administration import mailing

    await mailing.test(_desks(of, test_mail), address)


async def notice(of: Administered) -> Notice | None:
    """Show the operator's notice above all pages of the portal."""
    from gateway.administration import notices

    return await notices.shown(_desks(of, notice))


async def set_notice(of: Administered, text: str, until: datetime) -> Notice:
    """Put a notice above all pages of the portal, until that moment."""
    from gateway.administration import notices

    return await notices.put_up(_desks(of, set_notice), text, until, now=of.clock.now())


async def clear_notice(of: Administered) -> None:
    """Take the operator's notice away."""
    await _desks(of, clear_notice).store.set_notice(None)


_TIME_STEP = "start the hub, which starts with a suspect time too and then ends nothing, and give this command again"
_ASK_AGAIN = "start the hub and ask again"
_OF_A_HUB: Mapping[Work, tuple[str, str]] = {
    expire_sealed_to: ("that could sign the notices to the senders", _ASK_AGAIN),
    test_mailbox: ("that could sign a message", _ASK_AGAIN),
    confirm_time: ("whose clock could be confirmed", _TIME_STEP),
    time_seen: ("whose clock could be confirmed", _TIME_STEP),
    reload: ("that could read them", _ASK_AGAIN),
    changes: (
        "whose P-Modes are in force",
        "start the hub and ask again, or name a folder with the files as they were",
    ),
    reload_refused: ("that could be told", _ASK_AGAIN),
    events: ("that could have counted them", _ASK_AGAIN),
    vitals: ("that could be told", _ASK_AGAIN),
    nodes: ("that could tell of itself", _ASK_AGAIN),
    objects_standing: ("that could be told", _ASK_AGAIN),
    requests: ("whose desks could ask for something", _ASK_AGAIN),
    request: ("whose desks could ask for something", _ASK_AGAIN),
    approve_request: ("that could put certificates in force", _ASK_AGAIN),
    refuse_request: ("whose desks could ask for something", _ASK_AGAIN),
    overdue_requests: ("whose desks could ask for something", _ASK_AGAIN),
    administrators: ("that could tell who logged in", _ASK_AGAIN),
    mail_standing: ("whose mail could wait", _ASK_AGAIN),
    test_mail: ("that could send a letter", _ASK_AGAIN),
    notice: ("whose portal could show one", _ASK_AGAIN),
    set_notice: ("whose portal could show one", _ASK_AGAIN),
    clear_notice: ("whose portal could show one", _ASK_AGAIN),
}


def needs_hub(work: Work) -> bool:
    """Whether this verb is one of a hub that runs, and asks nothing of a store that lies there."""
    return work in _OF_A_HUB


def no_hub(work: Work, doubt: str | None) -> Refused:
    """What such a verb answers where no hub runs; with a `doubt` none starts there either."""
    what_for, next_step = _OF_A_HUB[work]
    if doubt is None:
        return Refused(f"no hub runs {what_for}", next_step)
    said, step = in_doubt(doubt)
    return Refused(f"no hub runs {what_for}, and none starts here: {said}", step)


def _running(of: Administered, work: Work) -> Running:
    if of.running is None:
        raise no_hub(work, of.store.doubt)
    return of.running


def _desks(of: Administered, work: Work) -> Desks:
    desks = _running(of, work).desks
    if desks is None:
        raise Refused("the hub has no portal", "give its settings a section [portal], then start it again")
    return desks


VERBS: Mapping[str, Verb] = {
    each.name: each
    for each in (
        verb(messages),
        verb(message),
        verb(evidence),
        verb(mailboxes),
        verb(sealed_to),
        verb(contacts),
        verb(counts),
        verb(prolong_term),
        verb(expire_sealed_to),
        verb(test_mailbox),
        verb(
            purge, command="store purge", fact="removed", told=lambda removed: f"{counted(removed, 'message')} removed"
        ),
        verb(confirm_time),
        verb(time_is_suspect),
        verb(time_seen),
        verb(recheck),
        verb(doubt),
        verb(confirm_restored),
        verb(reload, command="reload", fact="in_force", told=said_of_reload),
        verb(changes),
        verb(reload_refused),
        verb(events, command="event count"),
        verb(vitals),
        verb(objects_standing),
        verb(nodes),
        verb(mail_standing),
        verb(test_mail, command="mail test", fact="sent", told=lambda _none: "the mail server took the letter"),
        verb(notice),
        verb(set_notice),
        verb(clear_notice),
        verb(
            requests,
            command="request list",
            fact="requests",
            empty="nobody asks for anything: new keys of a unit, and what is asked on its pages, come here",
        ),
        verb(request, command="request show", fact="request", told=said_of_asked),
        verb(
            approve_request,
            command="request approve",
            fact="request",
            told=said_of_approval,
            options={
                "sooner": "Why keys of a unit that lost all its locks do not wait for a day; a sentence that is kept.",
                "party": "The OIN of who asks to take part, where it is another than that of its KvK number.",
                "begins": "The first day of a module or certificate, such as 2027-01-01, where it is another than the"
                " one asked; the organisation then reads this one.",
            },
        ),
        verb(overdue_requests),
        verb(administrators),
        verb(refuse_request, command="request refuse", fact="request", told=said_of_refusal),
    )
}
