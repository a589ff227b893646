"""How long the certificates of a configuration last, held against the longest term of a message.

Whoever may be sealed to, or sign, has to be able to until a message accepted now has run out its term. A rollover is
prepared by listing the next certificate beside the current one, so what counts is how far the certificates of one owner
and one use reach together. Nothing here refuses: what is to be done about a certificate that ends is its owner's to do,
and nobody else's messages wait for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from crypto.certificates import WHOLE_VALIDITY, Certificate, Terms, term_of
from pmodes.configuration import Configuration
from pmodes.counting import counted
from pmodes.model import HubParty, Organisation
from pmodes.places import place_of
from pmodes.term import expires_at

NOTICE: Final = timedelta(days=30)  # how long before its end a certificate is told of every day
Use: TypeAlias = Literal[
    "signing",
    "encryption",
    "tls",
    "tls-chain",
    "client",
    "server",
    "directory",
    "login",
    "login-tls",
    "broker",
    "root",
    "issuer",
]
_CANNOT: Final = {
    "signing": "nothing that it signs is taken",
    "encryption": "nothing can be encrypted to it",
    "tls": "nobody connects",
    "tls-chain": "nobody connects who needs it to get from the hub's to an authority",
    "login": "nobody logs in at the portal",
    "login-tls": "the broker resolves no login of the portal",
    "broker": "the broker's metadata is not taken when it is read again",
    "directory": "no address book that it signs is taken",
    "client": "no client whose certificate it issued connects",
    "server": "nothing connects to a server whose certificate it issued",
    "root": "it vouches for no certificate",
    "issuer": "no path to a root goes through it",
}
# No other certificate does in their place; that of one listener not in that of another.
_ALONE: Final = frozenset({"tls", "directory", "client", "server", "tls-chain", "root", "issuer"})
# No message waits for these, and no P-Mode lists them.
_REPLACED: Final = {
    "tls": "put the next one in its place and reload",
    "tls-chain": "put the next one in its place in that file and reload",
    "login": "give the broker the next one's metadata, and put it in its place when the broker says so",
    "login-tls": "give the broker the next one, put it in its place when the broker says so, and reload",
    "broker": "list the next one that the broker signs its metadata with",
    "directory": "have participants list the next one in hub.directory too, then put it in its place and reload",
    "client": "put the next one beside it in that file and reload",
    "server": "put the next one beside it in that file and restart",
    "root": "name the next one beside it in trust.roots and reload",
    "issuer": "put the next one beside it in trust.intermediates and reload",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A certificate, whose it is, and where it is named: a file and key of the P-Modes, or a key of the settings."""

    owner: str
    party: str
    place: str
    use: Use
    certificate: Certificate
    terms: Terms = field(default_factory=lambda: WHOLE_VALIDITY, repr=False)

    @property
    def ends_at(self) -> datetime:
        """The last moment at which it counts."""
        return term_of(self.certificate, self.terms).ends_at

    @property
    def begins_at(self) -> datetime:
        """The first moment at which it counts."""
        return term_of(self.certificate, self.terms).begins_at

    def valid(self, at: datetime) -> bool:
        """Whether it counts at that moment; both ends are inclusive."""
        return self.begins_at <= at <= self.ends_at

    def days_left(self, at: datetime) -> int:
        """Whole days until it ends; negative once it has."""
        return (self.ends_at - at) // timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Concern:
    """Something that works now and will not for long, or that works for one owner no more."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


def listed(configuration: Configuration) -> tuple[Listed, ...]:
    """Every certificate of the P-Mode files, in their order."""
    return listed_of((configuration.hub, *configuration.organisations))


def listed_of(owners: Iterable[HubParty | Organisation]) -> tuple[Listed, ...]:
    """The same of these owners alone."""
    return tuple(each for owner in owners for each in _of(owner))


def in_question(configuration: Configuration, at: datetime, until: datetime) -> Iterator[Organisation]:
    """The organisations of whose certificates there may be something to say: all others' count at that moment, and
    longer than until then. With thousands of them this is what looking at all of them takes.
    """
    for each in configuration.organisations:
        if each.valid_until <= until or each.valid_since > at or each.signing_terms or each.encryption_terms:
            yield each


def authorities(hub: HubParty) -> tuple[Listed, ...]:
    """The roots that vouch for certificates that are not listed, and the authorities between."""
    uses: tuple[tuple[Use, str, Iterable[Certificate]], ...] = (
        ("root", "roots", (each.certificate for each in hub.trust.roots)),
        ("issuer", "intermediates", hub.trust.intermediates),
    )
    return tuple(
        Listed(
            owner=hub.name,
            party=hub.party_id,
            place=place_of(hub, f"trust.{key}[{index}]"),
            use=use,
            certificate=certificate,
        )
        for use, key, certificates in uses
        for index, certificate in enumerate(certificates)
    )


def longest_term(configuration: Configuration, at: datetime) -> datetime:
    """Until when a message accepted at that moment may wait, in the mailbox that keeps it longest."""
    hub = configuration.hub
    terms = {(each.mailbox.term_working_days, each.mailbox.extension_days) for each in configuration.organisations}
    return max(
        expires_at(at, working_days=days, extension_days=more, closing_days=hub.closing_days)
        for days, more in terms or {(hub.mailbox.term_working_days, hub.mailbox.extension_days)}
    )


def reach(certificates: Sequence[Listed], at: datetime) -> datetime | None:
    """Until when one after the other is valid without a gap; None if none is valid at that moment."""
    until: datetime | None = None
    for each in sorted(certificates, key=lambda one: one.begins_at):
        if each.valid(at) or (until is not None and each.begins_at <= until + timedelta(seconds=1)):
            until = each.ends_at if until is None else max(until, each.ends_at)
    return until


def concerns(certificates: Iterable[Listed], at: datetime, *, needed_until: datetime) -> tuple[Concern, ...]:
    """What there is to say about these certificates at that moment: of those that end before they are not needed any
    more, and, as every day, of those that end within a month.
    """
    found = [each for group in _groups(certificates) for each in _of_group(group, at, needed_until)]
    return tuple(sorted(found))


def ending(certificates: Iterable[Listed], at: datetime) -> tuple[Listed, ...]:
    """What is to be told every day: what ends within a month, and what has ended and left nothing valid behind."""
    found: list[Listed] = []
    for group in _groups(certificates):
        nothing_left = reach(group, at) is None
        found += (each for each in group if each.valid(at) and each.ends_at - at <= NOTICE)
        found += (each for each in group if each.ends_at < at and nothing_left)
    return tuple(found)


def _groups(certificates: Iterable[Listed]) -> Iterator[list[Listed]]:
    """Those of one owner and one use together, for they follow each other; an authority stands for what it issued."""
    groups: dict[tuple[str, Use, str], list[Listed]] = {}
    for each in certificates:
        groups.setdefault((each.party, each.use, each.place if each.use in _ALONE else ""), []).append(each)
    yield from groups.values()


def _of_group(group: Sequence[Listed], at: datetime, needed_until: datetime) -> Iterator[Concern]:
    until = reach(group, at)
    for each in group:
        sentence = _sentence(each, until, at, needed_until) or _outlasted(each, group, at, needed_until)
        if sentence is not None:
            yield Concern(place=each.place, sentence=f"the certificate {sentence}")


def _sentence(each: Listed, until: datetime | None, at: datetime, needed_until: datetime) -> str | None:
    if each.ends_at < at:
        ended = f"has ended, on {_day(each.ends_at)}"
        return (
            f"{ended}; take it out" if until is not None else f"{ended}; {_CANNOT[each.use]} until a new one is there"
        )
    if each.begins_at > at:
        if until is None:
            return f"is not valid before {_moment(each.begins_at)}; {_CANNOT[each.use]} until then"
        if each.begins_at > until + timedelta(seconds=1):
            return f"begins on {_day(each.begins_at)}, when the one before it has ended on {_day(until)}"
    if each.ends_at == until and until < max(needed_until, at + NOTICE):
        ends = f"ends on {_day(until)}, {_in_days(each.days_left(at))}"
        if each.use in _REPLACED:
            return f"{ends}; {_REPLACED[each.use]} in time"
        waits = f", and a message may wait until {_day(needed_until)}" if until < needed_until else ""
        return f"{ends}{waits}; list its successor beside it in time"
    return None


def _outlasted(each: Listed, group: Sequence[Listed], at: datetime, needed_until: datetime) -> str | None:
    """Of one that is encrypted to because it began last, and that ends before a message would and before one that began
    earlier: that one is gone back to then, whose key its owner may have thrown away once nothing waited under it.
    """
    begins = max(at, each.begins_at)
    if each.use != "encryption" or each.ends_at - begins >= needed_until - at or _newest(group, begins) is not each:
        return None
    following = _newest(group, each.ends_at + timedelta(seconds=1))
    if following is None or following.begins_at > each.begins_at:
        return None
    return (
        f"ends on {_day(each.ends_at)}, {_in_days(each.days_left(at))}, within the longest term of a message, and until"
        f" then everything is encrypted to it, for it began last; afterwards to {following.place} again, which lasts"
        " longer: take it out, or list one that lasts; else its owner needs both keys"
    )


def _newest(group: Sequence[Listed], at: datetime) -> Listed | None:
    """The one that is encrypted to at that moment."""
    return max((each for each in group if each.valid(at)), key=lambda one: one.begins_at, default=None)


def _of(owner: HubParty | Organisation) -> Iterator[Listed]:
    uses: tuple[tuple[Use, tuple[Certificate, ...], Terms], ...] = (
        ("signing", owner.signing_certificates, owner.signing_terms),
        ("encryption", owner.encryption_certificates, owner.encryption_terms),
    )
    for use, certificates, terms in uses:
        for index, certificate in enumerate(certificates):
            yield Listed(
                owner=owner.name,
                party=owner.party_id,
                place=place_of(owner, f"certificates.{use}[{index}]"),
                use=use,
                certificate=certificate,
                terms=terms,
            )


def _in_days(days: int) -> str:
    return f"in {counted(days, 'day')}" if days else "in less than a day"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%SZ")
