"""Who takes part in a login, and what is known of them before it: the portal, its services, the broker.

Built once, from settings and from the broker's metadata (`broker_metadata.py`); nothing here comes with a login.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from crypto.certificates import Certificate
from crypto.keys import Signer, Unwrapper
from crypto.login_decryption import key_name_of
from gateway.identity.login import Level, LoginKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginService:
    """A service that organisations give mandates for, as it stands in the catalogue; it decides the kind of a login.

    `index` is its AttributeConsumingServiceIndex, `service_id` `urn:etoegang:DV:OIN:services:index`.
    """

    kind: LoginKind
    index: int
    service_id: str
    service_uuid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """Ourselves as a broker sees us. `unwrappers` are all keys that a broker may still encrypt for, the newest first.

    `consumer_index` is given where a broker wants our address by its index and not as a URL.
    """

    entity_id: str
    consumer_url: str
    services: Mapping[LoginKind, LoginService]
    signer: Signer
    unwrappers: Sequence[Unwrapper] = field(repr=False)
    required: Level = Level.LOA3
    consumer_index: int | None = None

    @property
    def key_name(self) -> str:
        """What our signatures call the key that made them."""
        return key_name_of(self.signer.certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """The broker, by its metadata: where a browser is sent, where an artifact is resolved (by its index), and whose
    signature counts, by ds:KeyName.
    """

    entity_id: str
    login_url: str
    resolution_urls: Mapping[int, str]
    certificates: Mapping[str, Sequence[Certificate]]
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLogin:
    """A login that this very browser began and that has not come back yet."""

    request_id: str
    kind: LoginKind
    begun_at: datetime
