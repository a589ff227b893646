"""What we offer through the scheme, in words: what metadata and catalogue tell beside the parties of a login."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.keys import Unwrapper
from crypto.login_decryption import key_name_of
from gateway.identity.saml.parties import LoginService, RelyingParty

MOST_NAME: Final = 64
MOST_DESCRIPTION: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedLogin:
    """A service in words, by language (`nl`, `en`), and the id of the instance that the catalogue gives it."""

    service: LoginService
    definition_uuid: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str]
    url: str
    privacy_url: str

    def __post_init__(self) -> None:
        for values, most in ((self.names, MOST_NAME), (self.descriptions, MOST_DESCRIPTION)):
            if "nl" not in values or any(not 0 < len(each) <= most for each in values.values()):
                raise ValueError(f"a service is told in Dutch at least, in {most} characters at most")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOffer:
    """All that the broker is told of us. `broker_oin` is the broker's own number, `oin` ours."""

    us: RelyingParty
    oin: str
    name: str
    broker_oin: str
    services: Sequence[OfferedLogin]

    @property
    def encryption(self) -> Unwrapper:
        """The key that brokers are to encrypt for; others open what came before or comes later."""
        return self.us.unwrappers[0]

    @property
    def encryption_name(self) -> str:
        """What that key is called."""
        return key_name_of(self.encryption.certificate)
