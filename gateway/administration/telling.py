"""What verbs answer, as sentences for whoever gave the command."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.administration.administered import NowInForce
from gateway.administration.asked import AskedKeys, AskedRequest, Petition
from gateway.store.model import KeyLost
from gateway.store.portal.model import RequestKind
from pmodes.counting import counted

_WIDTH = 24


def said_of_reload(now: NowInForce) -> str:
    """What is in force after a reload."""
    keys = f"{counted(now.signing_keys, 'signing key')}, {counted(now.decryption_keys, 'decryption key')}"
    tls = ", and for connections that begin now the TLS certificate" if now.tls else ""
    return f"read again and in force: {counted(now.organisations, 'organisation')}, {keys}{tls}"


def said_of_asked(found: AskedRequest) -> str:
    """One request, a line for each thing to know of it."""
    about = found.asked
    lines = [
        _line("request", about.request),
        _line("of", f"{about.organisation}, {about.unit}" if about.unit else about.organisation),
        _line("asks for", found.wants),
        _line("asked by", found.asked_by),
        _line("asked at", about.asked_at.isoformat()),
        _line("state", about.state.value if about.reason is None else f"{about.state.value}: {about.reason}"),
        _line("administrators", said_of_administrators(found.administrators)),
        *(_line("decided at", at.isoformat()) for at in (about.decided_at,) if at is not None),
        *(_line("begun", each) for each in (about.begun,) if each is not None),
        *([] if found.keys is None else _lines_of_keys(found.keys)),
    ]
    if found.changes:
        lines.append("an approval changes:")
        lines += (f"  {each}" for each in found.changes)
    if found.objection is not None:
        lines.append(_line("objection", found.objection))
    return "\n".join(lines)


def said_of_approval(found: AskedRequest) -> str:
    """What was approved, and what became of it."""
    if found.keys is None:
        joins = () if found.next_step is None else (found.next_step,)
        return "\n  ".join((f"approved: {found.wants}", *found.changes, *joins))
    said = f"approved: the certificates of {found.asked.unit} are in force"
    return said if found.keys.expired is None else _with_expired(said, found.keys.expired)


def said_of_refusal(found: Petition) -> str:
    """What was refused, and what is left to do."""
    said = f"refused: {found.request}"
    if found.kind is not RequestKind.JOINING:
        return said
    return f"{said}\n  the contact reads the reason nowhere: call, and say it"


def _with_expired(said: str, became: KeyLost) -> str:
    ended = f"{counted(became.notified, 'message')} expired with notice to the sender, {became.unnotified} without"
    otherwise = (
        f"; {became.overtaken} ended meanwhile otherwise, by a receipt or their term" if became.overtaken else ""
    )
    later = f"; {became.postponed} could not end now, and will within minutes" if became.postponed else ""
    return f"{said}, and those of the lost keys are gone\n{ended}{otherwise}{later}"


def _lines_of_keys(keys: AskedKeys) -> Iterator[str]:
    yield _line("words", " ".join(keys.words))
    yield _line("signing thumbprint", keys.signing_thumbprint)
    yield _line("encryption thumbprint", keys.encryption_thumbprint)
    yield _line("valid until", keys.valid_until.isoformat())
    yield _line("replaces", _yes(keys.replaces))
    yield _line("same organisation key", _yes(keys.same_organisation_key))
    yield _line("lost", _yes(keys.lost))
    if keys.not_before is not None:
        yield _line("not before", keys.not_before.isoformat())
    for each in keys.locks:
        yield _line("lock", f"{each.kind} of {each.person}{'' if each.counts else ', never opened'}")


def said_of_administrators(count: int) -> str:
    """How many people logged in for administration, and what to see to before an organisation goes live."""
    return str(count) if count > 1 else f"{count}: ask for a second one to log in before it goes live"


def _line(name: str, value: str) -> str:
    return f"{name:<{_WIDTH}}{value}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
