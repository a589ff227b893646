"""Whether the hub and its organisations contradict each other: what no single file can show.

Everything that would make matching a matter of luck is refused when files are read: two owners of one party id, mailbox
or certificate, and two P-Modes that one message could be under. eDelivery AS4 1.5.5 (one receiver for an MPC); ebMS3
Core 4.1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Final, TypeAlias

from crypto.certificates import Certificate, CertificateUsage, readable_key, rsa_bits, thumbprint_sha256
from crypto.faults import UnusableCredential
from crypto.suites import Suite
from gateway.ebms import names
from gateway.ebms.consistency import mpc_of
from gateway.ebms.model import PartyKey
from gateway.ebms.party_ids import is_test_party
from gateway.written.close import did_you_mean
from gateway.written.complaints import Complaint, line_of, shown
from pmodes.configuration import Configuration, Sender, push_mpc, senders_of
from pmodes.derive import overrides_of, pmode_id
from pmodes.model import HubParty, Leg, Organisation, Override, Place
from pmodes.parameter import Ground
from pmodes.parameters import BY_NAME
from pmodes.places import place_in
from pmodes.production import unencrypted
from pmodes.revocation import nobody_to_ask
from pmodes.trust import trust_contradictions
from xsd.catalogue import ROLES, Catalogue, Module

Owner: TypeAlias = HubParty | Organisation

ORGANISATION_ROLES: Final = tuple(each for each in ROLES if each != "knooppunt")  # that one is the hub's own
_COMPROMISED: Final = "a certificate listed as compromised is still in use; list its successor in its place"
_SUITE: Final = "Knooppunt.Suite"
_MPC: Final = "PMode[1].BusinessInfo.MPC"
_SAME_TYPE: Final = (
    "two party ids of one identity have the same type (ebMS3 Core 5.2.2.4); leave one out, or give it a type of its own"
)
_IN_ONE_PLACE: Final[Mapping[str, str]] = {
    "party id": "a party is in one place: take it out of the other",
    "certificate": "each party has certificates of its own: have one of them make others",
}
_ONE_OF_TWO: Final = "name the party in one of the files alone, or give each an agreement of its own"
_OTHER_KEY: Final = "list a certificate that does, or name another suite"
_MINIMUM_RSA_BITS: Final = "Knooppunt.MinimumRsaBits"
_MINIMUM_STRENGTH: Final = "PMode[1].Security.X509.Encryption.MinimumStrength"


def contradictions(
    hub: HubParty | None, organisations: Sequence[Organisation], catalogue: Catalogue, suites: Mapping[str, Suite]
) -> Iterator[Complaint]:
    """Every contradiction; without a readable hub, those among the organisations."""
    owners: list[Owner] = [*organisations] if hub is None else [hub, *organisations]
    yield from _same_party(owners)
    yield from _same_certificate(owners)
    yield from _compromised(owners)
    yield from _mailboxes(organisations)
    yield from _acting(hub, organisations)
    yield from _idle_modules(organisations, catalogue)
    for organisation in organisations:
        yield from _own_properties(organisation)
    if hub is not None:
        yield from _environment(hub, organisations)
        yield from unencrypted(hub, organisations)
        yield from _ambiguous(hub, organisations, catalogue)
        yield from _short_keys(hub, organisations)
        yield from _weak_suites(hub, organisations, suites)
        yield from _suites(hub, organisations, suites)
        yield from nobody_to_ask(hub, organisations)
    yield from trust_contradictions(hub, organisations)


def _same_party(owners: Sequence[Owner]) -> Iterator[Complaint]:
    owned = [(party.value, owner, "party") for owner in owners for party in owner.party_ids]
    yield from _twice(owned, "party id")
    for owner in owners:
        types = [each.type for each in owner.party_ids]
        if len(types) != len(set(types)):
            yield _about(owner, "party", _SAME_TYPE)


def _same_certificate(owners: Sequence[Owner]) -> Iterator[Complaint]:
    owned = [
        (certificate, owner, key)
        for owner in owners
        for key, certificates in (
            ("certificates.signing", owner.signing_certificates),
            ("certificates.encryption", owner.encryption_certificates),
        )
        for certificate in dict.fromkeys(certificates)
    ]
    # One certificate may serve an organisation for both uses; it may not serve two organisations.
    yield from _twice(owned, "certificate", show=False, within_one_owner=False)


def _compromised(owners: Sequence[Owner]) -> Iterator[Complaint]:
    withdrawn = frozenset[str]().union(*(each.compromised for each in owners))
    for owner in owners if withdrawn else ():
        for usage, certificates in (
            ("signing", owner.signing_certificates),
            ("encryption", owner.encryption_certificates),
        ):
            if any(thumbprint_sha256(each).hex() in withdrawn for each in certificates):
                yield _about(owner, f"certificates.{usage}", _COMPROMISED)


def _mailboxes(organisations: Sequence[Organisation]) -> Iterator[Complaint]:
    first: dict[str, Organisation] = {}
    for organisation in organisations:
        earlier = first.setdefault(organisation.mpc, organisation)
        if earlier.party_id != organisation.party_id:  # equal party ids are complained of as such
            where = _mpc_at(earlier)
            sentence = f"the MPC {shown(organisation.mpc)} is also that of {where} (eDelivery AS4 1.5.5)"
            yield _about_mpc(organisation, f"{sentence}; give it one of its own")
        if organisation.mpc == names.DEFAULT_MPC:
            yield _about_mpc(organisation, "the default MPC cannot be a mailbox (ebMS3 Core 3.4.3); name another")


def _acting(hub: HubParty | None, organisations: Sequence[Organisation]) -> Iterator[Complaint]:
    yield from _twice([(p.value, each, "acts_for") for each in organisations for p in each.acts_for], "party id")
    hubs = set() if hub is None else {each.value for each in hub.party_ids}
    for organisation in organisations:
        own = {each.value for each in organisation.party_ids}
        for party in organisation.acts_for:
            if party.value in own | hubs:
                whose = "itself" if party.value in own else "the hub"
                yield _about(organisation, "acts_for", f"{shown(party.value)} is {whose}; leave it out")


def _idle_modules(organisations: Sequence[Organisation], catalogue: Catalogue) -> Iterator[Complaint]:
    taking_part = {(each.name, each.version): _roles_in(each) for each in catalogue.modules}
    for organisation in organisations:
        if not organisation.roles.issubset(ORGANISATION_ROLES):
            continue  # complained of already
        for name, versions in organisation.modules.items():
            for version in (each.version for each in versions):
                roles = taking_part.get((name, version))
                if roles is not None and organisation.roles.isdisjoint(roles):
                    sentence = f"none of its roles sends or receives anything in {name} {version}"
                    possible = ", ".join(role for role in ORGANISATION_ROLES if role in roles)
                    instead = f"leave it out, or give it a role that does: {possible}"
                    yield _about(organisation, f"modules.{name}", f"{sentence}; {instead}")


def _roles_in(module: Module) -> frozenset[str]:
    return frozenset(role for each in module.messages for role in (*each.senders, *each.receivers))


def _own_properties(organisation: Organisation) -> Iterator[Complaint]:
    of_messages = {names.TRACKING_IDENTIFIER, names.CROSS_REFERENCE, names.ORIGINAL_SENDER, names.FINAL_RECIPIENT}
    for key, profiles, taken in (
        ("properties", organisation.properties, of_messages),
        ("part_properties", organisation.part_properties, names.PART_PROPERTIES | {names.PURPOSE}),
    ):
        listed = [each.name for each in profiles]
        for name in sorted({each for each in listed if listed.count(each) > 1 or each in taken}):
            yield _about(
                organisation, key, f"the property {shown(name)} is listed twice or belongs to the profile; leave it out"
            )


def _environment(hub: HubParty, organisations: Sequence[Organisation]) -> Iterator[Complaint]:
    if hub.environment == "test":
        return
    owners: list[Owner] = [hub, *organisations]
    for owner in owners:
        for party in owner.party_ids:
            if is_test_party(party.value):
                sentence = (
                    f"{shown(party.value)} is a test party; name the real one, or write environment: test in {hub.file}"
                )
                yield _about(owner, "party", sentence)


def _ambiguous(hub: HubParty, organisations: Sequence[Organisation], catalogue: Catalogue) -> Iterator[Complaint]:
    by_key: dict[PartyKey, list[Sender]] = defaultdict(list)
    for organisation in organisations:
        for sender in senders_of(organisation):
            by_key[sender.key].append(sender)
    for senders in by_key.values():
        for one, other in combinations(senders, 2):
            if one.organisation is other.organisation or _distinct(hub, one.organisation, other.organisation):
                continue
            if one.acting_for is None and other.acting_for is None:
                continue  # two files with one party id, which is complained of as such
            message_type = next(
                (t for t in catalogue if one.organisation.sends(t, None) and other.organisation.sends(t, None)), None
            )
            ids = [
                pmode_id(hub, each.organisation, message_type, Leg.SENDING, each.acting_for) for each in (one, other)
            ]
            late = max(one.organisation, other.organisation, key=lambda each: each.file)
            key = "party" if (one if late is one.organisation else other).acting_for is None else "acts_for"
            yield _about(
                late,
                key,
                f"a message could be under two P-Modes (ebMS3 Core 4.1): {ids[0]} and {ids[1]}; {_ONE_OF_TWO}",
            )


def _distinct(hub: HubParty, one: Organisation, other: Organisation) -> bool:
    """Whether something in the header tells two organisations apart that send under the same party id."""
    return _marks(hub, one) != _marks(hub, other)


def _marks(hub: HubParty, organisation: Organisation) -> tuple[object, ...]:
    overrides = overrides_of(hub, organisation, Leg.SENDING)
    ground = Ground(hub=hub, organisation=organisation, leg=Leg.SENDING, suites={})
    roles = [BY_NAME[name].value(ground, overrides) for name in ("PMode.Initiator.Role", "PMode.Responder.Role")]
    return (organisation.agreement, mpc_of(push_mpc(hub, organisation)), *roles)


def signs_for(certificate: Certificate, suite: Suite | None) -> bool:
    """Whether the key of a certificate is of the kind that a suite signs with."""
    key = readable_key(certificate)
    return key is not None and suite is not None and suite.signature.fits(key)


def suites_in_use(configuration: Configuration) -> Iterator[tuple[Suite, Place]]:
    """The suites that the hub signs in, each with a place that has it: strangers are answered in that of hub.yaml."""
    hub, suites = configuration.hub, configuration.suites
    found = {hub.suite.name: (hub.suite, place_in(hub, "suite"))}
    named_for_all = any(_SUITE in of_leg for of_leg in hub.overrides.values())
    for organisation in configuration.organisations:
        if organisation.suite.name in found and not (named_for_all or any(organisation.overrides.values())):
            continue
        for leg in Leg:
            suite = suite_of(hub, organisation, leg, suites)
            if suite is not None and suite.name not in found:
                named = overrides_of(hub, organisation, leg).get(_SUITE)
                found[suite.name] = suite, place_in(organisation, "suite") if named is None else named.place
    yield from found.values()


def suites_of(
    configuration: Configuration, owner: HubParty | Organisation, usage: CertificateUsage
) -> tuple[Suite, ...]:
    """The suites of which a certificate of that owner has to fit one: an organisation signs on both legs, and is
    encrypted to on the second; the hub has those of everybody.
    """
    hub, suites = configuration.hub, configuration.suites
    if not isinstance(owner, Organisation):
        return tuple(suite for suite, _ in suites_in_use(configuration))
    legs = tuple(Leg) if usage == "signing" else (Leg.RECEIVING,)
    return tuple(suite for leg in legs if (suite := suite_of(hub, owner, leg, suites)) is not None)


def works_with(suite: Suite, certificate: Certificate, usage: CertificateUsage) -> bool:
    """Whether the suite takes what that key signs, or encrypts to it."""
    return _can_sign(suite, certificate) if usage == "signing" else _can_seal(suite, certificate)


def suite_of(hub: HubParty, organisation: Organisation, leg: Leg, suites: Mapping[str, Suite]) -> Suite | None:
    """The suite of that organisation on that leg; None where it is named and there is none."""
    named = overrides_of(hub, organisation, leg).get(_SUITE)
    return organisation.suite if named is None else suites.get(str(named.value))


def _suites(hub: HubParty, organisations: Sequence[Organisation], suites: Mapping[str, Suite]) -> Iterator[Complaint]:
    used: dict[str, Suite] = {}
    for organisation in organisations:
        of_leg: dict[Leg, Suite] = {}
        for leg in Leg:
            override = overrides_of(hub, organisation, leg).get(_SUITE)
            found = suite_of(hub, organisation, leg, suites)
            if found is not None:
                of_leg[leg] = used[found.name] = found
            elif override is not None:
                known = did_you_mean(str(override.value), suites) or f"; there are {', '.join(sorted(suites))}"
                sentence = f"there is no suite {shown(override.value)}{known}"
                yield _about_override(override, sentence)
        yield from _unfit_to_sign(organisation, of_leg)
        yield from _unfit_to_seal(organisation, of_leg)
    for suite in used.values():
        for usage, fits, certificates in (
            ("signing", _can_sign, hub.signing_certificates),
            ("encryption", _can_seal, hub.encryption_certificates),
        ):
            if certificates and not any(fits(suite, each) for each in certificates):
                sentence = f"none fits the suite {suite.name}, which an organisation uses; list one that does"
                yield _about(hub, f"certificates.{usage}", sentence)
    own = hub.signing_certificates
    if own and hub.suite.name not in used and not any(_can_sign(hub.suite, each) for each in own):
        sentence = f"none fits the suite {hub.suite.name}, in which strangers are answered; list one that does"
        yield _about(hub, "certificates.signing", sentence)


def _weak_suites(
    hub: HubParty, organisations: Sequence[Organisation], suites: Mapping[str, Suite]
) -> Iterator[Complaint]:
    """Told once for each line that asks too much of a suite, however many organisations it is for."""
    told: set[tuple[Place, str]] = set()
    for organisation, leg in product(organisations, Leg):
        overrides = overrides_of(hub, organisation, leg)
        asked = overrides.get(_MINIMUM_STRENGTH)
        suite = suite_of(hub, organisation, leg, suites)
        if asked is None or suite is None or suite.content.key_bits >= int(asked.value):
            continue
        if (asked.place, suite.name) not in told:
            told.add((asked.place, suite.name))
            sentence = (
                f"asks for {asked.value} bits, and the suite {suite.name} encrypts with"
                f" {suite.content.key_bits}; lower that number, or name a stronger suite"
            )
            yield _about_override(asked, sentence)


def _short_keys(hub: HubParty, organisations: Sequence[Organisation]) -> Iterator[Complaint]:
    """An organisation signs with one key on both legs: what it pushes, and what it pulls and acknowledges with. What
    is encrypted to it goes over the second leg alone."""
    for organisation in organisations:
        asked = {
            leg: override
            for leg in Leg
            if (override := overrides_of(hub, organisation, leg).get(_MINIMUM_RSA_BITS)) is not None
        }
        both = max(asked.values(), key=lambda each: int(each.value), default=None)
        for usage, certificates, most, so in (
            ("signing", organisation.signing_certificates, both, "nothing that it signs would be taken"),
            (
                "encryption", organisation.encryption_certificates, asked.get(Leg.RECEIVING),
                "nothing may be encrypted to it",
            ),
        ):  # fmt: skip
            for index, certificate in enumerate(certificates if most is not None else ()):
                bits = rsa_bits(certificate)
                if most is not None and bits is not None and bits < int(most.value):
                    yield _about(
                        organisation,
                        f"certificates.{usage}[{index}]",
                        f"its RSA key has {bits} bits, and {_MINIMUM_RSA_BITS} ({most.place}) asks for"
                        f" {most.value}: {so}; lower that number, or list a longer key",
                    )


def _unfit_to_sign(organisation: Organisation, of_leg: Mapping[Leg, Suite]) -> Iterator[Complaint]:
    """Where the legs have different suites, each needs a certificate, and each certificate a leg."""
    suites = {each.name: each for each in of_leg.values()}
    fits = [
        {name for name, suite in suites.items() if _can_sign(suite, each)} for each in organisation.signing_certificates
    ]
    for index, those in enumerate(fits):
        if suites and not those:
            wanted = " or ".join(sorted(suites))
            yield _about(
                organisation, f"certificates.signing[{index}]", f"its key does not fit the suite {wanted}; {_OTHER_KEY}"
            )
    for suite in suites.values():
        if fits and not any(suite.name in those for those in fits):
            yield _about(organisation, "certificates.signing", f"none fits the suite {suite.name}; {_OTHER_KEY}")


def _unfit_to_seal(organisation: Organisation, of_leg: Mapping[Leg, Suite]) -> Iterator[Complaint]:
    suite = of_leg.get(Leg.RECEIVING)
    for index, certificate in enumerate(organisation.encryption_certificates):
        if suite is not None and not _can_seal(suite, certificate):
            sentence = f"its key does not fit the suite {suite.name}; {_OTHER_KEY}"
            yield _about(organisation, f"certificates.encryption[{index}]", sentence)


def _can_sign(suite: Suite, certificate: Certificate) -> bool:
    key = readable_key(certificate)
    return key is not None and any(each.fits(key) for each in suite.accepted_signatures)


def _can_seal(suite: Suite, certificate: Certificate) -> bool:
    key = readable_key(certificate)
    if key is None:
        return False
    try:
        suite.key_transport.wrap(bytes(suite.content.key_octets), key)
    except UnusableCredential:
        return False
    return True


def _twice(
    owned: Iterable[tuple[Hashable, Owner, str]], what: str, *, show: bool = True, within_one_owner: bool = True
) -> Iterator[Complaint]:
    first: dict[Hashable, tuple[Owner, str]] = {}
    for value, owner, key in owned:
        if value not in first:
            first[value] = owner, key
        elif first[value][0] is not owner or within_one_owner:
            told = f"{what} {shown(value)}" if show else what
            yield _about(owner, key, f"this {told} also stands in {place_in(*first[value])}; {_IN_ONE_PLACE[what]}")


def _about_mpc(organisation: Organisation, sentence: str) -> Complaint:
    """About the name of a mailbox, where it is set or where it follows from."""
    override = _mpc_override(organisation)
    return _about(organisation, "party", sentence) if override is None else _about_override(override, sentence)


def _mpc_at(organisation: Organisation) -> Place:
    override = _mpc_override(organisation)
    return place_in(organisation, "party") if override is None else override.place


def _mpc_override(organisation: Organisation) -> Override | None:
    return organisation.overrides.get(Leg.RECEIVING, {}).get(_MPC)


def _about_override(override: Override, sentence: str) -> Complaint:
    place = override.place
    return Complaint(file=place.file, line=place.line, path=override.path, sentence=sentence)


def _about(owner: Owner, key: str, sentence: str) -> Complaint:
    at = owner.at if isinstance(owner, Organisation) else ""
    path = f"{at}.{key}" if at else key
    return Complaint(file=owner.file, line=line_of(owner.lines, key), path=path, sentence=sentence)
