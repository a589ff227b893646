"""What changes with each key of an organisation's file, as sentences of which the organisation is the subject.

What follows from hub.yaml for whoever says nothing is told as well: what counts is what holds for the organisation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from gateway.ebms.model import AgreementRef
from gateway.written.complaints import shown
from pmodes import changed_rules as rules
from pmodes.changed_participation import Participation, abilities, standings
from pmodes.changed_rules import Listing, ToldOfCertificates, instead, listed, party_of
from pmodes.configuration import Configuration
from pmodes.derive import overrides_of
from pmodes.legal_basis import BASES
from pmodes.model import Leg, Organisation, PropertyProfile

Telling: TypeAlias = Callable[[Organisation, Organisation, Configuration, Configuration], Iterator[str]]


def joining(new: Organisation, configuration: Configuration) -> Iterator[str]:
    """What is told of somebody who was not there."""
    unit = "" if new.unit_of is None else f", a unit of {shown(new.unit_of.name)}"
    how = "at a desk in the portal" if new.access == "desk" else f"with the mailbox {shown(new.mpc)}"
    yield f"joins as {listed(new.roles)}{unit}, {how}"
    if new.suspended:
        yield _SUSPENDED[True]
    for standing in standings(new, configuration.catalogue).values():
        yield standing.may


def _name(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    if old.name != new.name:
        yield f"is called so instead of {shown(old.name)}"


def _party(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    if old.party_ids != new.party_ids:
        was, now = (", ".join(shown(party_of(each)) for each in one.party_ids) for one in (old, new))
        yield f"has to carry the party ids {now} in its messages instead of {was}"


def _roles(old: Organisation, new: Organisation, before: Configuration, after: Configuration) -> Iterator[str]:
    if old.roles == new.roles:
        return
    yield f"has the roles {instead(listed(new.roles), listed(old.roles))}"
    was, now = abilities(old, before.catalogue), abilities(new, after.catalogue)
    for version in (each for each in was if each in now):
        for does, had, has in (
            ("send", was[version].sends, now[version].sends),
            ("receive", was[version].receives, now[version].receives),
        ):
            if more := [each for each in has if each not in had]:
                yield f"of {version} it may now {does} {', '.join(more)}"
            if fewer := [each for each in had if each not in has]:
                yield f"of {version} it may no longer {does} {', '.join(fewer)}"


def _modules(old: Organisation, new: Organisation, before: Configuration, after: Configuration) -> Iterator[str]:
    was, now = standings(old, before.catalogue), standings(new, after.catalogue)
    for version, standing in now.items():
        earlier = was.get(version)
        if earlier is None:
            yield standing.may
            continue
        if earlier.days != standing.days:
            yield f"{standing.may}, instead of {earlier.days or 'on all days'}"
        if earlier.answer_working_days != standing.answer_working_days:
            told = instead(_answering(standing), _answering(earlier))
            yield f"has for its answers to questions of {version} {told}; what was asked keeps its term"
    for version in (each for each in was if each not in now):
        yield f"may no longer send or receive {version}; what waits for it ends with its term"


def _answering(standing: Participation) -> str:
    days = standing.answer_working_days
    return "the module's own term" if days is None else f"{days} working days"


def _certificates(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    yield from rules.certificates(
        Listing(certificates=old.signing_certificates, terms=old.signing_terms),
        Listing(certificates=new.signing_certificates, terms=new.signing_terms),
        ToldOfCertificates(
            comes="new signing certificate", goes="what it signs from now on is refused under the certificate"
        ),
    )
    yield from rules.certificates(
        Listing(certificates=old.encryption_certificates, terms=old.encryption_terms),
        Listing(certificates=new.encryption_certificates, terms=new.encryption_terms),
        ToldOfCertificates(
            comes="new encryption certificate, to be sealed to while it is the newest valid one:",
            goes="what waits stays sealed to it, and nothing more is sealed to the certificate",
        ),
    )
    for each in (*new.signing_certificates, *new.encryption_certificates):
        if new.endorsements.get(each) == old.endorsements.get(each):
            continue
        if each in new.endorsements:
            yield f"the address book shows that the key before vouches for the certificate {rules.thumbprint(each)}"
        elif each in (*old.signing_certificates, *old.encryption_certificates):
            yield f"in the address book no key vouches for the certificate {rules.thumbprint(each)} any more"
    if old.trust != new.trust:
        yield _TRUST[new.trust]


_TRUST: Final = {
    "roots": "may also sign with a certificate that a root of hub.yaml vouches for",
    "pinned": "may sign with the certificates of its file alone: what a root vouches for is refused",
}


def _plain(words: str, value: Callable[[Organisation], object]) -> Telling:
    """The sentence of a key whose value alone says everything."""

    def told(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
        if value(old) != value(new):
            yield f"{words} {instead(value(new), value(old))}"

    return told


def _either(words: Mapping[bool, str], value: Callable[[Organisation], bool]) -> Telling:
    """The sentence of a key that is true or false."""

    def told(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
        if value(old) != value(new):
            yield words[value(new)]

    return told


_SUSPENDED: Final = {
    True: "is suspended: it may neither push nor pull; what waits for it runs to its term",
    False: "is no longer suspended: it may push and pull again",
}
_ACCESS: Final = {
    True: "works at a desk in the portal: at the AS4 endpoint it is a stranger",
    False: "works with a system of its own, which pushes and pulls over AS4",
}
_DESK_LISTS: Final = {
    True: "answers questions by lists at its desk in the portal",
    False: "answers no questions by lists any more",
}
_COLLECTIEF: Final = {
    True: "takes part in Collectief Schuldregelen",
    False: "takes no part in Collectief Schuldregelen any more",
}
_LISTED: Final = {
    True: "is named on the public page of participants",
    False: "is not named on the public page of participants",
}


def _legal_basis(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    if old.legal_basis == new.legal_basis:
        return
    document = None if new.legal_basis is None else BASES[new.legal_basis].document
    comes = (
        "its roles decide which document comes with its messages"
        if new.legal_basis is None
        else "no document of it comes with its messages"
        if document is None
        else f"a {document} comes with its messages that know one"
    )
    yield f"handles debts on the ground {instead(new.legal_basis, old.legal_basis)}: {comes}"


def _agreements(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    for name, was, now in (
        ("aansluitovereenkomst", old.agreements.connection, new.agreements.connection),
        ("verwerkersovereenkomst", old.agreements.processing, new.agreements.processing),
    ):
        if was != now:
            yield f"signed the {name} on {now.isoformat()}" if now is not None else f"has not signed the {name}"


def _addresses(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    if set(old.addresses) != set(new.addresses):
        was, now = (listed(list(map(str, one.addresses))) if one.addresses else "everywhere" for one in (old, new))
        yield f"may call from {now} instead of {was}"


def _language(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    if old.language != new.language:
        yield f"reads errors in {rules.LANGUAGES[new.language]} instead of {rules.LANGUAGES[old.language]}"


def _mailbox(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    yield from rules.mailbox(old.mailbox, new.mailbox, "its mailbox")


def _acts_for(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    was, now = ({party_of(each) for each in one.acts_for} for one in (old, new))
    for party in sorted(now - was):
        yield f"sends in the name of {shown(party)}, too, and gets its messages"
    for party in sorted(was - now):
        yield f"no longer sends in the name of {shown(party)}, nor gets its messages"


def _agreement(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    if old.agreement != new.agreement:
        yield f"has to name the agreement {instead(_ref(new.agreement), _ref(old.agreement))} in its messages"


def _ref(agreement: AgreementRef | None) -> str | None:
    if agreement is None:
        return None
    return agreement.value if agreement.type is None else f"{agreement.value} ({agreement.type})"


def _attachments(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    yield from rules.attachments(old.attachments, new.attachments, "its messages")


def _properties(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    yield from _of_profiles(old.properties, new.properties, "its messages", "property")


def _part_properties(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    yield from _of_profiles(old.part_properties, new.part_properties, "parts of its messages", "property")


def _of_profiles(
    old: Sequence[PropertyProfile], new: Sequence[PropertyProfile], whose: str, what: str
) -> Iterator[str]:
    was = {each.name: each for each in old}
    for each in new:
        if was.pop(each.name, None) != each:
            must = "have to" if each.required else "may"
            form = f"{each.data_type}, {each.max_length} characters at most"
            yield f"{whose} {must} carry the {what} {shown(each.name)} ({form})"
    for name in was:
        yield f"{whose} may no longer carry the {what} {shown(name)}"


def _property_types(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    was, now = set(old.property_types), set(new.property_types)
    for each in sorted(now - was):
        yield f"the properties in its messages may say the type {shown(each)}"
    for each in sorted(was - now):
        yield f"the properties in its messages may no longer say the type {shown(each)}"


def _tls_thumbprints(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    if old.tls_thumbprints != new.tls_thumbprints:
        was, now = (
            f"one of the TLS client certificates {', '.join(f'sha256:{each}' for each in sorted(one.tls_thumbprints))}"
            if one.tls_thumbprints
            else "any TLS client certificate or none"
            for one in (old, new)
        )
        yield f"connects with {now}, instead of {was}"


def _compromised(old: Organisation, new: Organisation, *_: Configuration) -> Iterator[str]:
    yield from rules.withdrawn(old.compromised, new.compromised)


def _overrides(old: Organisation, new: Organisation, before: Configuration, after: Configuration) -> Iterator[str]:
    if old.mpc != new.mpc:
        yield f"has to pull from the MPC {instead(new.mpc, old.mpc)}"
    yield from rules.overrides(
        {leg: overrides_of(before.hub, old, leg) for leg in Leg},
        {leg: overrides_of(after.hub, new, leg) for leg in Leg},
    )


ORGANISATION: Final[Mapping[str, Telling]] = {
    "name": _name,
    "units": _plain("is a unit of", lambda each: None if each.unit_of is None else each.unit_of.name),
    "party": _party,
    "kvk": _plain("has the KvK number", lambda each: each.kvk),
    "establishment": _plain("has the establishment number", lambda each: each.establishment),
    "access": _either(_ACCESS, lambda each: each.access == "desk"),
    "desk": _either(_DESK_LISTS, lambda each: each.desk_lists),
    "suspended": _either(_SUSPENDED, lambda each: each.suspended),
    "roles": _roles,
    "modules": _modules,
    "legal_basis": _legal_basis,
    "collectief": _either(_COLLECTIEF, lambda each: each.collectief),
    "agreements": _agreements,
    "listed": _either(_LISTED, lambda each: each.is_listed),
    "certificates": _certificates,
    "compromised": _compromised,
    "suite": _plain("uses, for what comes and goes from now on, the suite", lambda each: each.suite.name),
    "key_reference": _plain("is sent signatures that name certificates by", lambda each: each.key_reference.value),
    "addresses": _addresses,
    "tls_thumbprints": _tls_thumbprints,
    "language": _language,
    "mailbox": _mailbox,
    "acts_for": _acts_for,
    "agreement": _agreement,
    "attachments": _attachments,
    "properties": _properties,
    "part_properties": _part_properties,
    "property_types": _property_types,
    "overrides": _overrides,
}
