"""Who takes part in a login by OpenID Connect, and what is known before it: the portal, its clients, the provider.

Built once, from settings; nothing here comes with a login. Each service is a client of its own, with an address of its
own to return to, so that a code or a token of the one is of no use to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from crypto.keys import Signer
from gateway.identity import etoegang
from gateway.identity.login import Level, LoginKind

ClaimPath: TypeAlias = tuple[str, ...]
"""The names that lead to a claim, from the outermost object inwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPaths:
    """Where a provider's tokens say what; no standard says it. The defaults are in use for eHerkenning."""

    organisation: ClaimPath = (etoegang.LEGAL_SUBJECT,)
    organisation_kind: ClaimPath = ("namequalifier",)
    pseudonym: ClaimPath = (etoegang.ACTING_SUBJECT,)
    branch: ClaimPath = (etoegang.BRANCH,)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginClient:
    """One service as the provider registered it; it decides the kind of a login."""

    kind: LoginKind
    client_id: str
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Ourselves as a provider sees us; ValueError where two clients cannot be told apart.

    `key_id` is what the provider calls the key that signs for us.
    """

    clients: Mapping[LoginKind, LoginClient]
    signer: Signer = field(repr=False)
    key_id: str
    required: Level = Level.LOA3
    claims: ClaimPaths = ClaimPaths()
    acr_values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        clients = self.clients.values()
        for each in ({client.client_id for client in clients}, {client.redirect_uri for client in clients}):
            if len(each) < len(clients):
                raise ValueError("each client has an id and a redirect URI of its own")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The one that vouches, and what it may vouch for: these services, and the levels that its `acr` values stand for.

    `audience` is who a client assertion is for, which is the issuer unless the provider wants its address there.
    """

    issuer: str
    authorization_url: str
    token_url: str
    keys_url: str
    services: frozenset[LoginKind]
    levels: Mapping[str, Level]
    audience: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunLogin:
    """A login that this very browser began and has not come back yet. Nonce and verifier are new."""

    kind: LoginKind
    nonce: str
    verifier: str = field(repr=False)
    begun_at: datetime
