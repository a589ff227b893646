"""Who a participant is and what it knows of its hub: one frozen value, handed to every exchange.

The file and folder that it is read from are `gateway.client.participant_file`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.x509 import Certificate

from crypto.key_references import KeyReference
from crypto.keys import Signer, Unwrapper
from crypto.paths import TrustedRoot
from crypto.suites import Suite
from gateway.ebms.model import AgreementRef, PartyId
from gateway.limits import ClientLimits
from xsd.catalogue import BASE


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsIdentity:
    """The client certificate of TLS, where the hub asks for one; the files are read when a session is opened."""

    certificate_file: Path
    key_file: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One participant of one hub.

    `hub_signing` holds the hub's certificate of today and, around a rollover, that of tomorrow. `senders` are the
    signing certificates of other participants by party id, against which proof of origin is verified; those of the
    hub's address book come to them (`gateway.client.address_book`).
    """

    party_ids: tuple[PartyId, ...]  # one identity: the first names the participant, a message carries all
    signing_key: Signer
    decryption_keys: tuple[Unwrapper, ...]
    suite: Suite
    key_reference: KeyReference
    hub_party: PartyId
    url: str
    hub_signing: tuple[Certificate, ...]
    hub_encryption: Certificate
    mpc: str
    base: str = BASE
    agreement_ref: AgreementRef | None = None
    roles: tuple[str, ...] = ()  # in the words of the catalogue; they decide which documents a message has to bring
    ca: tuple[Certificate, ...] = ()  # who vouches for the hub's TLS certificate; empty: those that the machine trusts
    tls: TlsIdentity | None = None
    senders: Mapping[str, tuple[Certificate, ...]] = field(default_factory=dict)
    hub_directory: tuple[Certificate, ...] = ()  # what the hub signs its address book with, and nothing else
    roots: tuple[TrustedRoot, ...] = ()  # who may vouch for a changed certificate in the address book
    intermediates: tuple[Certificate, ...] = ()  # candidates for the way to them
    origin_required: bool = False  # refuse what another participant sent without a proof of origin that verifies
    awareness_receipts: bool = False  # take signed receipts that repeat no digests (AS4 5.1.8 a), as others send them
    limits: ClientLimits = ClientLimits()  # noqa: RUF009 - frozen
    concerns: tuple[str, ...] = ()  # what a person has to know of the folder, which can be used all the same

    @property
    def party(self) -> str:
        """The party id that names the participant and its mailbox."""
        return self.party_ids[0].value
