"""What changes with each key of hub.yaml, as sentences of which the hub is the subject.

A default changes nothing for an organisation that says something itself; for whom it does change something is told
with these organisations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from gateway.written.complaints import shown
from pmodes import changed_rules as rules
from pmodes.changed_rules import Listing, ToldOfCertificates, instead, listed, party_of
from pmodes.model import HubParty

Telling: TypeAlias = Callable[[HubParty, HubParty], Iterator[str]]

_DEFAULT: Final = "by default"
_ENVIRONMENTS: Final = {
    "production": "is for production: test parties are refused, and its clock has to be synchronised",
    "test": "is for tests: it takes test parties, and its clock need not be synchronised",
}


def _name(old: HubParty, new: HubParty) -> Iterator[str]:
    if old.name != new.name:
        yield f"is called so instead of {listed([old.name])}"


def _party(old: HubParty, new: HubParty) -> Iterator[str]:
    if old.party_ids != new.party_ids:
        was, now = (listed([party_of(each) for each in hub.party_ids]) for hub in (old, new))
        yield f"has the party id {now} instead of {was}: every participant has to address it by that"


def _certificates(old: HubParty, new: HubParty) -> Iterator[str]:
    yield from rules.certificates(
        Listing(certificates=old.signing_certificates, terms=old.signing_terms),
        Listing(certificates=new.signing_certificates, terms=new.signing_terms),
        ToldOfCertificates(
            comes="may sign with a further certificate, which participants have to know:", goes="signs no more with"
        ),
    )
    yield from rules.certificates(
        Listing(certificates=old.encryption_certificates, terms=old.encryption_terms),
        Listing(certificates=new.encryption_certificates, terms=new.encryption_terms),
        ToldOfCertificates(
            comes="takes what is encrypted to a further certificate:", goes="takes nothing that is encrypted to"
        ),
    )


def _trust(old: HubParty, new: HubParty) -> Iterator[str]:
    was, now = ({each.certificate: each for each in hub.trust.roots} for hub in (old, new))
    for root in now.values():
        if was.pop(root.certificate, None) != root:
            asked = [f"of the policies {listed(root.policies)}"] if root.policies else []
            asked += [f"for the usages {listed(root.purposes)}"] if root.purposes is not None else []
            told = f"trusts the root {rules.thumbprint(root.certificate)} to vouch for signing certificates"
            yield " ".join((told, *asked))
    for certificate in was:
        yield f"trusts the root {rules.thumbprint(certificate)} no more: what it vouches for is refused"
    for each in new.trust.intermediates:
        if each not in old.trust.intermediates:
            yield f"knows a further authority between a root and a certificate: {rules.thumbprint(each)}"
    for each in old.trust.intermediates:
        if each not in new.trust.intermediates:
            yield f"knows an authority between a root and a certificate no more: {rules.thumbprint(each)}"


def _revocation(old: HubParty, new: HubParty) -> Iterator[str]:
    was, now = ({each.issuer: (each.crl, each.ocsp) for each in hub.revocation} for hub in (old, new))
    for issuer, (crl, ocsp) in now.items():
        if was.pop(issuer, None) != (crl, ocsp):
            places = ((name, url) for name, url in (("CRL", crl), ("OCSP responder", ocsp)) if url is not None)
            told = " and ".join(f"the {name} at {shown(url)}" for name, url in places)
            yield f"learns what the authority {rules.thumbprint(issuer)} revoked from {told}"
    for issuer in was:
        yield f"asks no more what the authority {rules.thumbprint(issuer)} revoked"


def _environment(old: HubParty, new: HubParty) -> Iterator[str]:
    if old.environment != new.environment:
        yield _ENVIRONMENTS[new.environment]


def _language(old: HubParty, new: HubParty) -> Iterator[str]:
    if old.language != new.language:
        now, was = rules.LANGUAGES[new.language], rules.LANGUAGES[old.language]
        yield f"tells errors to strangers, and {_DEFAULT} to participants, in {now} instead of {was}"


def _suite(old: HubParty, new: HubParty) -> Iterator[str]:
    if old.suite.name != new.suite.name:
        yield f"answers strangers, and {_DEFAULT} participants, in the suite {instead(new.suite.name, old.suite.name)}"


def _key_reference(old: HubParty, new: HubParty) -> Iterator[str]:
    if old.key_reference != new.key_reference:
        told = instead(new.key_reference.value, old.key_reference.value)
        yield f"names certificates in its signatures, {_DEFAULT}, by {told}"


def _mailbox(old: HubParty, new: HubParty) -> Iterator[str]:
    for sentence in rules.mailbox(old.mailbox, new.mailbox, "a mailbox"):
        yield f"{_DEFAULT}, {sentence}"


def _attachments(old: HubParty, new: HubParty) -> Iterator[str]:
    for sentence in rules.attachments(old.attachments, new.attachments, "messages"):
        yield f"{_DEFAULT}, {sentence}"


def _compromised(old: HubParty, new: HubParty) -> Iterator[str]:
    yield from rules.withdrawn(old.compromised, new.compromised)


def _closing_days(old: HubParty, new: HubParty) -> Iterator[str]:
    for day in sorted(new.closing_days - old.closing_days):
        yield f"does not count {day.isoformat()} as a working day in terms that begin now; {rules.KEEPS}"
    for day in sorted(old.closing_days - new.closing_days):
        yield f"counts {day.isoformat()} like any day in terms that begin now; {rules.KEEPS}"


def _overrides(old: HubParty, new: HubParty) -> Iterator[str]:
    for sentence in rules.overrides(old.overrides, new.overrides):
        yield f"{_DEFAULT}, {sentence}"


HUB: Final[Mapping[str, Telling]] = {
    "name": _name,
    "party": _party,
    "certificates": _certificates,
    "trust": _trust,
    "revocation": _revocation,
    "environment": _environment,
    "language": _language,
    "suite": _suite,
    "key_reference": _key_reference,
    "mailbox": _mailbox,
    "attachments": _attachments,
    "compromised": _compromised,
    "closing_days": _closing_days,
    "overrides": _overrides,
}
