"""A portal for a test site, and the mock broker that its users log in with.

    FOLDER/hub/keys/login.pem login.key     the key of logins, which serves nothing else
    FOLDER/broker/                          the broker's key and metadata, see `gateway.site.broker.making`

Both are on this machine alone: browsers give back cookies of `localhost` without TLS, so nobody has to trust a
certificate first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256

from crypto.certificates import Certificate, load_certificates
from crypto.pki import certificates_pem, private_key_pem, self_issued
from gateway.site.broker.app import application, served
from gateway.site.broker.making import ENTITY_ID as BROKER_ID
from gateway.site.broker.making import MadeBroker, make_broker
from gateway.site.broker.values import Customer, OfferedService
from gateway.site.making import Site, make_site
from gateway.site.organisations import Planned
from gateway.whole_file import write_key_file

ENTITY_ID: Final = "urn:etoegang:DV:00000099000000001000:entities:0001"
CONSUMER_PATH: Final = "/eherkenning/1.13/acs"
SERVICES: Final[Mapping[str, tuple[int, OfferedService]]] = MappingProxyType(
    {
        key: (
            index,
            OfferedService(
                service_id=f"urn:etoegang:DV:00000099000000001000:services:{index}",
                service_uuid=f"6f4b0e0a-0000-4000-8000-{index:012}",
                name=name,
            ),
        )
        for index, (key, name) in enumerate((("user", "Knooppunt"), ("administrator", "Knooppunt Beheer")), start=1)
    }
)
_DAYS: Final = 729
_BACKDATED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePortal:
    """Where the portal will be, the broker of its users, and what the settings of the hub say of both."""

    url: str
    broker: MadeBroker
    broker_port: int
    settings_text: str


def make_site_with_portal(
    folder: Path, organisations: Sequence[Planned], *, at: datetime, port: int, portal_port: int, broker_port: int
) -> tuple[Site, MadePortal]:
    """A site as `make_site` makes it, whose hub has a portal; the broker's page offers who works at a desk."""
    portal = make_portal(folder, port=portal_port, broker_port=broker_port, organisations=offered(organisations), at=at)
    return make_site(folder, organisations, at=at, port=port, settings_text=portal.settings_text), portal


def offered(organisations: Sequence[Planned]) -> tuple[tuple[str, str], ...]:
    """Numbers and names of those whose people log in."""
    return tuple((each.desk_kvk, each.name) for each in organisations if each.desk_kvk)


@asynccontextmanager
async def open_broker(portal: MadePortal) -> AsyncIterator[None]:
    """The broker at work, in this process, until the block ends."""
    async with served(lambda _url: application(portal.broker.broker), port=portal.broker_port):
        yield


def make_portal(
    folder: Path,
    *,
    port: int,
    broker_port: int,
    organisations: Sequence[tuple[str, str]],
    at: datetime,
    helpdesk: str = "Dit is een proef: er is geen helpdesk.",
) -> MadePortal:
    """Write the keys of a portal and of its broker below a site's folder, where there are none yet.

    `organisations` are KvK numbers and names that the broker's page offers. The settings text goes to `make_site`.
    """
    url = f"http://localhost:{port}"
    certificate = _login_certificate(folder / "hub" / "keys", at)
    customer = Customer(
        entity_id=ENTITY_ID,
        consumer_url=f"{url}{CONSUMER_PATH}",
        certificate=certificate,
        encryption=certificate,
        encryption_name=certificate.fingerprint(SHA256()).hex(),
        services=dict(SERVICES.values()),
    )
    broker_url = f"http://127.0.0.1:{broker_port}"
    broker = make_broker(folder / "broker", url=broker_url, customer=customer, organisations=organisations, at=at)
    return MadePortal(
        url=url, broker=broker, broker_port=broker_port, settings_text=_settings(url, port, broker, helpdesk)
    )


def _login_certificate(keys: Path, at: datetime) -> Certificate:
    certificate, key = keys / "login.pem", keys / "login.key"
    if not key.exists():
        made = self_issued(
            common_name="Proefportaal login", party_id="00000099000000001000", at=at - _BACKDATED, days=_DAYS,
            usage="signing",
        )  # fmt: skip
        keys.mkdir(parents=True, exist_ok=True)
        write_key_file(certificate, certificates_pem(made.certificate))
        write_key_file(key, private_key_pem(made.private_key))
    return load_certificates(certificate.read_bytes())[0]


def _settings(url: str, port: int, broker: MadeBroker, helpdesk: str) -> str:
    services = "".join(
        f'\n[portal.eherkenning.{key}]\nindex = {index}\nid = "{service.service_id}"\nuuid = "{service.service_uuid}"\n'
        for key, (index, service) in SERVICES.items()
    )
    return f'''
[outbound]
hosts = ["127.0.0.1"]
networks = ["127.0.0.0/8"]

[portal]
url = "{url}"
host = ["127.0.0.1", "::1"]
port = {port}
helpdesk = "{helpdesk}"

[portal.eherkenning]
key = "keys/login.key"
certificate = "keys/login.pem"
entity_id = "{ENTITY_ID}"
broker = "{BROKER_ID}"
broker_metadata = "../broker/{broker.metadata.name}"
broker_signers = ["../broker/{broker.signer.name}"]
{services}'''
