"""Everything the hub knows of its participants, indexed for looking up.

Nothing here grows with the number of pairs: P-Modes are derived when a message asks for one and kept as long as there
is room. Indexes are dictionaries on whole values, so no comparison by prefix or without regard to case can slip in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from crypto.key_references import KeyIdentification, LookupKey, lookup_keys
from crypto.suites import SUITES, Suite
from gateway.ebms.consistency import mpc_of
from gateway.ebms.model import AgreementRef, PartyId, PartyKey
from gateway.ebms.names import TEST_ACTION, TEST_SERVICE
from pmodes.derive import Template, derive, template
from pmodes.model import HubParty, Leg, Organisation, PMode
from pmodes.trust import Vouched, own_oins
from xsd.catalogue import Catalogue
from xsd.message_type import MessageType

_K = TypeVar("_K")
_V = TypeVar("_V")

_ROOM: Final = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """An organisation in its own name, or in that of a party for which it acts."""

    organisation: Organisation
    acting_for: PartyId | None = None

    @property
    def party_ids(self) -> tuple[PartyId, ...]:
        """What eb:From carries."""
        return self.organisation.party_ids if self.acting_for is None else (self.acting_for,)

    @property
    def key(self) -> PartyKey:
        """What eb:From carries, without its order."""
        return frozenset(self.party_ids)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Configuration:
    """The hub, its organisations, and where to find them.

    `by_party` finds who *is* a party, `mailboxes` whose mailbox takes what is sent to a party. Only those with a system
    that calls the hub are found besides: `by_mpc` finds whose mailbox a pull is from, `senders` who may send under a
    set of party ids, `signers` whose a certificate is, by each form in which a message may name it.
    `compromised` are the SHA-256 thumbprints, in hexadecimal, of certificates whose key may be in other hands.
    `desk` is the unit at whose desk this is looked at (`pmodes.door`), and then it alone is found so; None: the
    endpoint, where no unit of a desk is.
    """

    hub: HubParty
    organisations: tuple[Organisation, ...]
    catalogue: Catalogue
    suites: Mapping[str, Suite]
    by_party: Mapping[str, Organisation]
    by_mpc: Mapping[str, Organisation]
    mailboxes: Mapping[str, Organisation]
    senders: Mapping[PartyKey, tuple[Sender, ...]]
    signers: Mapping[LookupKey, tuple[Organisation, ...]]
    most_party_ids: int  # that any of them sends under at once
    hub_key: PartyKey
    services: frozenset[str]
    actions: frozenset[str]
    agreements: frozenset[AgreementRef]
    push_mpcs: frozenset[str]
    compromised: frozenset[str]
    by_own_oin: Mapping[str, Organisation]  # those for whose signing certificates a root may vouch
    desk: str | None = None
    vouched: dict[bytes, Vouched] = field(default_factory=dict, repr=False)
    templates: dict[tuple[str, Leg], Template] = field(default_factory=dict, repr=False)
    derived: dict[tuple[str, str | None, str, str, Leg], PMode] = field(default_factory=dict, repr=False)

    def system_of(self, party: str) -> Organisation | None:
        """Who is that party, if it calls the hub with a system of its own; at a desk, if it is the unit of that."""
        found = self.by_party.get(party)
        if found is None:
            return None
        calls_here = found.access == "system" if self.desk is None else found.party_id == self.desk
        return found if calls_here else None

    def may_repeat(self, party: str) -> bool:
        """Whether what was accepted of this party may come again at this door: at the endpoint of anybody, and so also
        of one that left or works at a desk by now; at a desk of its unit alone.
        """
        return self.desk is None or party == self.desk

    def signers_named(self, named: KeyIdentification) -> Iterator[Organisation]:
        """The organisations that sign with the certificate named."""
        for organisation in self.signers.get(named.lookup_key, ()):
            if named.named_among(organisation.signing_certificates) is not None:
                yield organisation

    def template(self, organisation: Organisation, leg: Leg) -> Template:
        """What the P-Modes of an organisation on a leg share."""
        key = (organisation.party_id, leg)
        found = self.templates.get(key)
        if found is None:
            found = template(self.hub, organisation, leg, self.suites)
            _keep(self.templates, key, found)
        return found

    def pmode(
        self,
        organisation: Organisation,
        message_type: MessageType | None,
        leg: Leg,
        *,
        acting_for: PartyId | None = None,
    ) -> PMode:
        """The effective P-Mode of a message type; whether the organisation takes part in it is not asked here."""
        service, action = (
            (TEST_SERVICE, TEST_ACTION) if message_type is None else (message_type.service, message_type.name)
        )
        key = (organisation.party_id, None if acting_for is None else acting_for.value, service, action, leg)
        found = self.derived.get(key)
        if found is None:
            found = derive(self.hub, self.template(organisation, leg), message_type, acting_for=acting_for)
            _keep(self.derived, key, found)
        return found


def configure(
    hub: HubParty,
    organisations: Iterable[Organisation],
    *,
    catalogue: Catalogue,
    suites: Mapping[str, Suite] = SUITES,
) -> Configuration:
    """Index a hub and its organisations; that they do not contradict each other is `pmodes.consistency`'s to say."""
    all_of_them = tuple(organisations)
    systems = tuple(each for each in all_of_them if each.access == "system")
    by_party: dict[str, Organisation] = {}
    acted_for: dict[str, Organisation] = {}
    senders: dict[PartyKey, tuple[Sender, ...]] = {}
    for organisation in all_of_them:
        by_party.update((each.value, organisation) for each in organisation.party_ids)
        acted_for.update((each.value, organisation) for each in organisation.acts_for)
    for organisation in systems:
        for sender in senders_of(organisation):
            senders[sender.key] = (*senders.get(sender.key, ()), sender)
    return Configuration(
        hub=hub,
        organisations=all_of_them,
        catalogue=catalogue,
        suites=suites,
        by_party=by_party,
        by_mpc={each.mpc: each for each in systems},
        mailboxes={**acted_for, **by_party},
        senders=senders,
        signers=signers_of(systems),
        most_party_ids=max(map(len, senders), default=1),
        hub_key=frozenset(hub.party_ids),
        services=frozenset(each.service for each in catalogue) | {TEST_SERVICE},
        actions=frozenset(each.name for each in catalogue) | {TEST_ACTION},
        agreements=frozenset(each.agreement for each in all_of_them if each.agreement is not None),
        push_mpcs=frozenset(mpc_of(push_mpc(hub, each)) for each in all_of_them),
        compromised=hub.compromised.union(*(each.compromised for each in all_of_them)),
        by_own_oin={oin: each for each in systems if each.trust == "roots" for oin in own_oins(each)},
    )


def signers_of(organisations: Iterable[Organisation]) -> Mapping[LookupKey, tuple[Organisation, ...]]:
    """The organisations by each form in which a message may name one of their signing certificates."""
    found: dict[LookupKey, list[Organisation]] = {}
    for organisation in organisations:
        for key in dict.fromkeys(key for each in organisation.signing_certificates for key in lookup_keys(each)):
            found.setdefault(key, []).append(organisation)
    return {key: tuple(each) for key, each in found.items()}


def senders_of(organisation: Organisation) -> tuple[Sender, ...]:
    """The identities under which an organisation may send."""
    own = Sender(organisation=organisation)
    return (own, *(Sender(organisation=organisation, acting_for=each) for each in organisation.acts_for))


def push_mpc(hub: HubParty, organisation: Organisation) -> str | None:
    """The MPC on which an organisation sends to the hub; None is the default MPC."""
    for overrides in (organisation.overrides, hub.overrides):
        found = overrides.get(Leg.SENDING, {}).get("PMode[1].BusinessInfo.MPC")
        if found is not None:
            return str(found.value)
    return None


def _keep(room: dict[_K, _V], key: _K, value: _V) -> None:
    """Put it there; what has been there longest goes where the room is full, and everything else stays."""
    if len(room) >= _ROOM:
        del room[next(iter(room))]
    room[key] = value
