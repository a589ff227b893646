"""A whole site for tests, demonstration and first steps: an authority, a hub's folder, and a folder per participant.

    FOLDER/ca.pem ca.key                     the test authority
    FOLDER/hub/hub.toml                      settings of the hub, with its keys beside it
    FOLDER/hub/data/                         its store, empty
    FOLDER/hub/pmodes/hub.yaml, NAME.yaml    one P-Mode file per organisation, certificates beside them
    FOLDER/participants/NAME/                what that participant runs on, as `knooppunt push --as` wants it
    KIND.schema.json beside each file        for editors

SECURITY: keys made here lie unencrypted beside their certificates and are for test parties; a real participant makes
its own keys and hands over certificates only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import yaml

from crypto.pki import Authority, Issued, Usage, certificates_pem, issue, new_authority, private_key_pem
from gateway.addresses import bracketed, read_host
from gateway.client.participant_file import write_participant
from gateway.clock import SystemClock
from gateway.site.organisations import HUB_SLUG, Planned, refuse_same_names
from gateway.whole_file import write_key_file, write_whole
from gateway.wiring.engines import engine_called
from gateway.written.editor_schema import EditorSchema

HUB_NAME = "Knooppunt"
VALID_DAYS = 730
BACKDATED = timedelta(days=1)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = "0.0.0.0"  # noqa: S104 - a hub that others are to reach listens on every address of its machine
EVERYWHERE_IPV6 = "::"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One organisation that was made."""

    name: str
    slug: str
    party: str
    roles: tuple[str, ...]
    folder: Path  # the participant's; one at a desk has none
    at_desk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where everything lies."""

    folder: Path
    url: str
    hub_party: str
    settings: Path
    organisations: tuple[Made, ...]

    @property
    def with_systems(self) -> tuple[Made, ...]:
        """Those that have a system of their own, and so a folder here."""
        return tuple(each for each in self.organisations if not each.at_desk)

    def organisation(self, slug: str) -> Made:
        """The organisation of that short name."""
        return next(each for each in self.organisations if each.slug == slug)


def party_for(number: int) -> str:
    """A test OIN: the prefix that no real organisation has, nine digits, three zeros."""
    return f"00000099{number:09d}000"


def make_site(
    folder: Path,
    organisations: Sequence[Planned],
    *,
    at: datetime,
    host: str = "127.0.0.1",
    port: int = 8443,
    key_bits: int = 2048,
    hub_keys: Mapping[str, object] = MappingProxyType({}),
    settings_text: str = "",
) -> Site:
    """Write a site for these organisations; refuses a folder that has one already (FileExistsError), and before
    anything is made names that come to one (`SameName`).

    `host` is a host name or an address (ValueError if neither), `hub_keys` are further keys of hub.yaml,
    `settings_text` is appended to the settings.
    """
    refuse_same_names(organisations)
    settings = folder / "hub" / "hub.toml"
    if settings.exists():
        raise FileExistsError(f"{settings} exists already")
    start = at - BACKDATED
    authority = new_authority("Knooppunt test authority", at=start, days=VALID_DAYS, key_bits=key_bits)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "ca.pem", certificates_pem(authority.certificate))
    write(folder / "ca.key", private_key_pem(authority.private_key))
    hub_party = party_for(1)
    maker = _Maker(authority=authority, at=start, key_bits=key_bits)
    host = read_host(host)
    url = f"https://{bracketed(host)}:{port}/as4"
    usages: tuple[Usage, ...] = ("signing", "encryption", "tls-server")
    hub = {usage: maker.issue(HUB_NAME, hub_party, usage, host) for usage in usages}
    keys, pmodes = folder / "hub" / "keys", folder / "hub" / "pmodes"
    for usage, issued in hub.items():
        place = keys / f"{usage}.pem" if usage == "tls-server" else pmodes / "certificates" / f"{HUB_SLUG}-{usage}.pem"
        write(place, certificates_pem(issued.certificate))
        write(keys / f"{usage}.key", private_key_pem(issued.private_key))
    directory = maker.issue(f"{HUB_NAME} directory", hub_party, "signing")
    write(keys / "directory.pem", certificates_pem(directory.certificate))
    write(keys / "directory.key", private_key_pem(directory.private_key))
    write_yaml(
        pmodes / f"{HUB_SLUG}.yaml",
        {
            "name": HUB_NAME,
            "party": hub_party,
            "environment": "test",
            "certificates": {
                "signing": [f"certificates/{HUB_SLUG}-signing.pem"],
                "encryption": [f"certificates/{HUB_SLUG}-encryption.pem"],
            },
            **hub_keys,
        },
        EditorSchema.HUB,
    )
    write_settings(settings, _settings(host, port, url) + settings_text)
    made = tuple(
        _organisation(folder, planned, party_for(number), hub_party, hub, directory, url, maker)
        for number, planned in enumerate(organisations, start=1001)
    )
    site = Site(folder=folder, url=url, hub_party=hub_party, settings=settings, organisations=made)
    _introduce(site)
    make_store(settings.parent / "data")
    return site


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    authority: Authority
    at: datetime
    key_bits: int

    def issue(self, name: str, party: str, usage: Usage, host: str = "") -> Issued:
        names = (host, "localhost", "127.0.0.1", "::1") if usage == "tls-server" else ()
        return issue(
            self.authority,
            common_name=f"{name} {usage}"[:64],
            party_id=party,
            at=self.at,
            days=VALID_DAYS - 1,
            usage=usage,
            key_bits=self.key_bits,
            san=tuple(dict.fromkeys(each for each in names if each)),
        )


def _organisation(
    folder: Path,
    planned: Planned,
    party: str,
    hub_party: str,
    hub: dict[Usage, Issued],
    directory: Issued,
    url: str,
    maker: _Maker,
) -> Made:
    signing = maker.issue(planned.name, party, "signing")
    encryption = maker.issue(planned.name, party, "encryption")
    pmodes = folder / "hub" / "pmodes"
    certificates: dict[str, list[str]] = {"signing": [], "encryption": []}
    for usage, issued in (("signing", signing), ("encryption", encryption)) if planned.has_keys else ():
        write(pmodes / "certificates" / f"{planned.slug}-{usage}.pem", certificates_pem(issued.certificate))
        certificates[usage].append(f"certificates/{planned.slug}-{usage}.pem")
    write_yaml(
        pmodes / f"{planned.slug}.yaml",
        {
            "name": planned.name,
            "party": party,
            "roles": list(planned.roles),
            "modules": {module: list(versions) for module, versions in planned.modules.items()},
            "certificates": certificates,
            **({"access": "desk", "kvk": planned.desk_kvk} if planned.desk_kvk else {}),
        },
        EditorSchema.ORGANISATION,
    )
    participant = folder / "participants" / planned.slug
    made = Made(
        name=planned.name,
        slug=planned.slug,
        party=party,
        roles=planned.roles,
        folder=participant,
        at_desk=planned.desk_kvk is not None,
    )
    if made.at_desk:
        return made
    write_participant(
        participant,
        party=party,
        hub_party=hub_party,
        url=url,
        files={
            "signing.key": private_key_pem(signing.private_key),
            "signing.pem": certificates_pem(signing.certificate),
            "encryption.key": private_key_pem(encryption.private_key),
            "encryption.pem": certificates_pem(encryption.certificate),
            "hub-signing.pem": certificates_pem(hub["signing"].certificate),
            "hub-encryption.pem": certificates_pem(hub["encryption"].certificate),
            "hub-directory.pem": certificates_pem(directory.certificate),
            "ca.pem": certificates_pem(maker.authority.certificate),
        },
        ca=True,
        directory=True,
        roles=planned.roles,
    )
    return made


def make_store(directory: Path) -> None:
    """The store of a hub that begins now; in a thread, for whoever makes a site may have an event loop running."""

    async def make() -> None:
        store = await engine_called().open(directory, clock=SystemClock())
        await store.aclose()

    with ThreadPoolExecutor(max_workers=1) as apart:
        apart.submit(asyncio.run, make()).result()


def _introduce(site: Site) -> None:
    """Give every participant the signing certificates of the others, as the address book of a hub does."""
    certificates = site.settings.parent / "pmodes" / "certificates"
    for one in site.with_systems:
        path = one.folder / "participant.yaml"
        content = yaml.safe_load(path.read_text("utf-8"))
        content["senders"] = {}
        for other in site.organisations:
            if other is not one and (certificates / f"{other.slug}-signing.pem").exists():
                name = f"sender-{other.slug}.pem"
                write(one.folder / name, (certificates / f"{other.slug}-signing.pem").read_bytes())
                content["senders"][other.party] = [name]
        write_yaml(path, content, EditorSchema.PARTICIPANT)


def _settings(host: str, port: int, url: str) -> str:
    return f'''# Settings of this hub. Every key with its meaning and default: `knooppunt serve --reference`.
[hub]
public_url = "{url}"

[listen]
host = "{_listening(host)}"
port = {port}
tls_certificate = "keys/tls-server.pem"
tls_key = "keys/tls-server.key"

[[keys.signing]]
key = "keys/signing.key"
certificate = "pmodes/certificates/hub-signing.pem"

[[keys.decryption]]
key = "keys/encryption.key"
certificate = "pmodes/certificates/hub-encryption.pem"

[directory]
key = "keys/directory.key"
certificate = "keys/directory.pem"

[pmodes]
folder = "pmodes"

[data]
directory = "data"
ballast_bytes = 0
alarm_free_fraction = 0.01
large_message_free_fraction = 0.01
any_message_free_fraction = 0.01
'''


def _listening(host: str) -> str:
    """A host on this machine alone, or every address of the family that others come by."""
    if host in LOOPBACK:
        return host
    return EVERYWHERE_IPV6 if ":" in host else EVERYWHERE


def write(path: Path, octets: bytes) -> None:
    """A file of a site; a key is its owner's alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_key_file(path, octets)


def write_yaml(path: Path, content: dict[str, object], schema: EditorSchema) -> None:
    """A YAML file of a site, with the schema for editors beside it."""
    write(path, (schema.first_line + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)).encode("utf-8"))
    write_schema(path.parent, schema)


def write_settings(path: Path, text: str) -> None:
    """The settings of a hub, with the schema for editors beside them."""
    write(path, (EditorSchema.SETTINGS.first_line + text).encode("utf-8"))
    write_schema(path.parent, EditorSchema.SETTINGS)


def write_schema(folder: Path, schema: EditorSchema) -> None:
    """The schema that files of this folder name, where it is not there yet; an editor's loss is nobody's message."""
    path = folder / schema.file_name
    if not path.exists():
        write_whole(path, schema.octets, durable=False)
