"""What changes where hub.yaml and the file of an organisation have the same keys: certificates, rules of mailboxes and
attachments, overrides. Each sentence has an organisation or the hub as its subject.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from crypto.certificates import Certificate, Terms, term_of, thumbprint_sha256
from crypto.findings import Term
from gateway.ebms.model import PartyId
from gateway.ebms.party_ids import default_type
from gateway.written.complaints import shown
from pmodes.counting import counted
from pmodes.model import Attachments, Leg, Mailbox, Overrides

LANGUAGES: Final = {"nl": "Dutch", "en": "English"}
KEEPS: Final = "what waits keeps its term"
_MAILBOX_MPC: Final = "PMode[1].BusinessInfo.MPC"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOfCertificates:
    """What is told of a certificate that comes, and of one that goes."""

    comes: str
    goes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Certificates of one use, with the terms of those that count for less than their validity."""

    certificates: tuple[Certificate, ...]
    terms: Terms


def certificates(old: Listing, new: Listing, words: ToldOfCertificates) -> Iterator[str]:
    """Which come, with how long they last, which count for another time, and which go."""
    for each in new.certificates:
        now = term_of(each, new.terms)
        if each not in old.certificates:
            yield f"{words.comes} {thumbprint(each)}, valid {_days(now)}"
        elif (was := term_of(each, old.terms)) != now:
            yield f"the certificate {thumbprint(each)} counts {_moments(now)} instead of {_moments(was)}"
    for each in old.certificates:
        if each not in new.certificates:
            yield f"{words.goes} {thumbprint(each)}"


def mailbox(old: Mailbox, new: Mailbox, its: str) -> Iterator[str]:
    """The rules of a mailbox; `its` is whose."""
    for name, told in MAILBOX.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield told(its, after, before)


_WHEN: Final = {
    "acceptance": "from its acceptance, unasked",
    "request": "only as long as its owner asks",
    None: "as its owner's access has it",
}
MAILBOX: Final[Mapping[str, Callable[[str, Any, Any], str]]] = {
    "lease_seconds": lambda its, new, old: (
        f"a message from {its} stays leased {new} seconds once it was pulled, instead of {old}"
    ),
    "open_leases": lambda its, new, old: f"{counted(new, 'message')} of {its} may be leased at once instead of {old}",
    "quota_messages": lambda its, new, old: (
        f"{its} takes {counted(new, 'message')} instead of {old}; what is over that is refused until there is room"
    ),
    "term_working_days": lambda its, new, old: (
        f"{its} keeps messages {counted(new, 'working day')} instead of {old}; {KEEPS}"
    ),
    "extension_days": lambda its, new, old: (
        f"{its} keeps messages {counted(new, 'day')} beyond the working days, instead of {old}; {KEEPS}"
    ),
    "extension": lambda its, new, _old: f"{its} keeps a message beyond the working days {_WHEN[new]}; {KEEPS}",
}


def attachments(old: Attachments, new: Attachments, its: str) -> Iterator[str]:
    """What may come with a document; `its` is with whose."""
    if old.mime_types != new.mime_types:
        yield f"attachments of {its} may be {listed(new.mime_types)} instead of {listed(old.mime_types)}"
    if old.max_count != new.max_count:
        yield f"{its} have {counted(new.max_count, 'attachment')} at most instead of {old.max_count}"
    if old.max_octets != new.max_octets:
        yield f"an attachment of {its} has {_octets(new.max_octets)} instead of {_octets(old.max_octets)}"


def overrides(old: Overrides, new: Overrides) -> Iterator[str]:
    """What is set by its ebMS name, or no longer; the MPC of a mailbox is told with the mailbox."""
    for leg in Leg:
        before, after = old.get(leg, {}), new.get(leg, {})
        for name in sorted(before.keys() | after.keys()):
            was, now = (found[name].value if name in found else None for found in (before, after))
            if was == now or (name == _MAILBOX_MPC and leg is Leg.RECEIVING):
                continue
            where = f"{name} on leg {leg.value}"
            if now is None:
                yield f"{where} is no longer set, and was {_value(was)}: it is what follows from the rest"
            else:
                yield f"{where} is set to {_value(now)}" + ("" if was is None else f" instead of {_value(was)}")


def withdrawn(old: Collection[str], new: Collection[str]) -> Iterator[str]:
    """Certificates, by their thumbprints, that are listed as compromised, or no longer."""
    for each in sorted(set(new) - set(old)):
        yield f"the certificate sha256:{each} is withdrawn as compromised: nothing that it signed counts any more"
    for each in sorted(set(old) - set(new)):
        yield f"the certificate sha256:{each} is no longer listed as compromised"


def thumbprint(certificate: Certificate) -> str:
    """A certificate, as people tell it from others."""
    return f"sha256:{thumbprint_sha256(certificate).hex()}"


def instead(now: object, was: object) -> str:
    """`X instead of Y`, where None is none."""
    return f"{_said(now)} instead of {_said(was)}"


def listed(values: Collection[str]) -> str:
    """Several, in an order of their own."""
    return ", ".join(map(shown, sorted(values))) or "none"


def party_of(party: PartyId) -> str:
    """A party id; with its type where that does not follow from it."""
    return party.value if party.type == default_type(party.value) else f"{party.value} ({party.type})"


def _said(value: object) -> str:
    return "none" if value is None else shown(value)


def _octets(most: int | None) -> str:
    return "any number of octets" if most is None else f"{counted(most, 'octet')} at most"


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else shown(value) or "nothing"


def _days(term: Term) -> str:
    return f"from {term.begins_at.date().isoformat()} until {term.ends_at.date().isoformat()}"


def _moments(term: Term) -> str:
    return f"from {term.begins_at:%Y-%m-%d %H:%M:%SZ} until {term.ends_at:%Y-%m-%d %H:%M:%SZ}"
