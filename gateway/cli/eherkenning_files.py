"""What `knooppunt eherkenning` does: makes what the broker is given out of the settings, signs it, and writes it."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

import click

from gateway.cli.administration import settings_of
from gateway.cli.output import REFUSED, USAGE, Failure, print_fields, print_json
from gateway.clock import SystemClock
from gateway.identity.login import LoginKind
from gateway.identity.saml import (
    LoginService,
    NotAsWritten,
    OfferedLogin,
    RelyingParty,
    ServiceOffer,
    write_catalogue,
    write_metadata,
)
from gateway.passwords import Passwords
from gateway.settings import Settings
from gateway.whole_file import write_whole
from gateway.wiring.not_startable import NotStartable
from gateway.wiring.own_keys import read_own_keys
from gateway.wiring.portal import relying_party

_OIN: Final = re.compile(r"urn:etoegang:[A-Z]+:([0-9]{20}):entities:[0-9]+")
_NAMES: Final[Mapping[LoginKind, str]] = {LoginKind.USER: "{}", LoginKind.ADMINISTRATOR: "{} Beheer"}
_DESCRIPTIONS: Final[Mapping[LoginKind, Mapping[str, str]]] = {
    LoginKind.USER: {
        "nl": "Berichten over schuldhulp lezen en beantwoorden namens uw organisatie.",
        "en": "Read and answer messages about debt assistance on behalf of your organisation.",
    },
    LoginKind.ADMINISTRATOR: {
        "nl": "Medewerkers koppelen en de gegevens van uw organisatie beheren.",
        "en": "Link employees and look after the data of your organisation.",
    },
}


def make_metadata(settings_file: Path, out: Path, as_json: bool) -> None:
    """Write the portal's metadata."""
    url, broker, us = _portal(settings_of(settings_file))
    offer = _offer(url, broker, us, organisation="Knooppunt", service="Knooppunt", privacy_url=None)
    _write(out, write_metadata(offer, metadata_id=_new_id()), us, as_json)


def make_catalogue(
    settings_file: Path, out: Path, organisation: str, service: str, privacy_url: str | None, as_json: bool
) -> None:
    """Write the portal's part of the service catalogue."""
    url, broker, us = _portal(settings_of(settings_file))
    offer = _offer(url, broker, us, organisation=organisation, service=service, privacy_url=privacy_url)
    try:
        octets = write_catalogue(offer, catalogue_id=_new_id(), at=SystemClock().now())
    except NotAsWritten as fault:
        raise Failure(str(fault), next_step="shorten or correct what you gave for it", code=USAGE) from None
    _write(out, octets, us, as_json)


def _portal(settings: Settings) -> tuple[str, str, RelyingParty]:
    """Where the portal is, who its broker is, and the portal as that one sees it."""
    if settings.portal is None or settings.portal.eherkenning is None:
        raise Failure("the settings have no section [portal.eherkenning]", next_step="add it, with [portal]")
    try:
        keys = read_own_keys(settings, Passwords()).portal
    except NotStartable as fault:
        raise Failure("\n  ".join(("the keys cannot be used:", *fault.complaints)), code=REFUSED) from None
    if keys is None:
        raise Failure("the portal has no keys", next_step="name them in [portal.eherkenning]")
    url, login = settings.portal.url, settings.portal.eherkenning
    return url, login.broker, relying_party(url, login, keys)


def _offer(
    url: str, broker: str, us: RelyingParty, *, organisation: str, service: str, privacy_url: str | None
) -> ServiceOffer:
    try:
        services = [_offered(url, us.services[kind], service, privacy_url or f"{url}/uitleg") for kind in LoginKind]
    except ValueError as fault:
        raise Failure(str(fault), next_step="shorten the name of the service", code=USAGE) from None
    return ServiceOffer(
        us=us,
        oin=_oin_of(us.entity_id, "entity_id"),
        name=organisation,
        broker_oin=_oin_of(broker, "broker"),
        services=services,
    )


def _offered(url: str, service: LoginService, name: str, privacy_url: str) -> OfferedLogin:
    called = _NAMES[service.kind].format(name)
    return OfferedLogin(
        service=service,
        definition_uuid=str(uuid5(UUID(service.service_uuid), "ServiceDefinition")),  # the same each time
        names={"nl": called, "en": called},
        descriptions=_DESCRIPTIONS[service.kind],
        url=f"{url}/",
        privacy_url=privacy_url,
    )


def _oin_of(entity_id: str, key: str) -> str:
    found = _OIN.fullmatch(entity_id)
    if found is None:
        raise Failure(
            f"portal.eherkenning.{key} is no entity id of the scheme: {entity_id}",
            next_step="it is written as urn:etoegang:DV:00000003123456780000:entities:0001",
        )
    return found[1]


def _write(out: Path, octets: bytes, us: RelyingParty, as_json: bool) -> None:
    write_whole(out, octets)
    facts = {
        "file": str(out),
        "entity_id": us.entity_id,
        "key_name": us.key_name,
        "sha256": hashlib.sha256(octets).hexdigest(),
    }
    if as_json:
        print_json(facts)
        return
    print_fields({"entity id": facts["entity_id"], "key name": facts["key_name"], "sha256": facts["sha256"]})
    click.echo(f"\nthe signed file is {out}; give it to the broker")


def _new_id() -> str:
    return f"_{secrets.token_hex(20)}"
