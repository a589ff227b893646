"""The folder of a hub for production: keys, requests for certificates, and settings with nothing of a test in them.

    FOLDER/hub/hub.toml                  settings; what is not in it has the default of the reference page
    FOLDER/hub/keys/USE.key, USE.csr     a key for each use, and the request that a recognised authority signs
    FOLDER/hub/keys/directory.key, .pem  the key of the address book, with a certificate that it signed itself
    FOLDER/hub/pmodes/hub.yaml           the hub as a party, environment production; no organisation

No authority is made, and no certificate but that of the address book, which nobody has to recognise, for participants
list it: the hub starts once the three others lie where the settings name them.
Neither is a store, which `knooppunt store new` makes when its place is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

from crypto.pki import Usage, certificates_pem, private_key_pem, request_pem, self_issued
from gateway.addresses import bracketed, read_id_host
from gateway.site.making import BACKDATED, EVERYWHERE, EVERYWHERE_IPV6, write, write_schema, write_settings, write_yaml
from gateway.written.editor_schema import EditorSchema

USES: Final[Mapping[Usage, str]] = {
    "signing": "pmodes/certificates/hub-signing.pem",
    "encryption": "pmodes/certificates/hub-encryption.pem",
    "tls-server": "keys/tls-server.pem",
}


DIRECTORY_DAYS: Final = 1095
DIRECTORY_PLACE: Final = "keys/directory.pem"
LEAST_PRODUCTION_BITS: Final = 3072
MOST_NAME_CHARACTERS: Final = 64  # of a name in a certificate (X.520, ub-organization-name and ub-common-name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionHub:
    """What was made."""

    folder: Path
    settings: Path
    url: str
    requests: tuple[Path, ...]
    certificates: tuple[Path, ...]  # where the answers to the requests are to lie
    directory: Path  # the certificate of the address book


def make_production(
    folder: Path, *, party: str, name: str, host: str, port: int, key_bits: int, at: datetime
) -> ProductionHub:
    """Write the folder; FileExistsError where there is a hub already."""
    hub = folder / "hub"
    settings = hub / "hub.toml"
    if settings.exists():
        raise FileExistsError(f"{settings} exists already")
    hub.mkdir(parents=True, exist_ok=True)
    (hub / "keys").mkdir(mode=0o700, exist_ok=True)
    (hub / "pmodes" / "certificates").mkdir(parents=True, exist_ok=True)
    requests = []
    for use in USES:
        private_key = rsa.generate_private_key(public_exponent=65537, key_size=key_bits)
        write(hub / "keys" / f"{use}.key", private_key_pem(private_key))
        requests.append(hub / "keys" / f"{use}.csr")
        for_tls = use == "tls-server"
        called = host if for_tls and len(host) <= MOST_NAME_CHARACTERS else name  # whoever connects reads other names
        names = (host,) if for_tls else ()
        write(requests[-1], request_pem(private_key, use, name=name, party=party, called=called, names=names))
    directory = self_issued(
        common_name=f"Address book of {name}"[:MOST_NAME_CHARACTERS],
        party_id=party,
        at=at - BACKDATED,
        days=DIRECTORY_DAYS,
        usage="signing",
        key_bits=key_bits,
    )
    write(hub / "keys" / "directory.key", private_key_pem(directory.private_key))
    write(hub / DIRECTORY_PLACE, certificates_pem(directory.certificate))
    content: dict[str, object] = {
        "name": name,
        "party": party,
        "environment": "production",
        "certificates": {
            "signing": ["certificates/hub-signing.pem"],
            "encryption": ["certificates/hub-encryption.pem"],
        },
    }
    write_yaml(hub / "pmodes" / "hub.yaml", content, EditorSchema.HUB)
    write_schema(hub / "pmodes", EditorSchema.ORGANISATION)  # whose files come later, and find it there
    url = f"https://{bracketed(host)}{'' if port == 443 else f':{port}'}/as4"
    write_settings(settings, _settings(host, port, url))
    return ProductionHub(
        folder=folder,
        settings=settings,
        url=url,
        requests=tuple(requests),
        certificates=tuple(hub / place for place in USES.values()),
        directory=hub / DIRECTORY_PLACE,
    )


def _settings(host: str, port: int, url: str) -> str:
    everywhere = EVERYWHERE_IPV6 if ":" in host else EVERYWHERE
    message_id_host = f'message_id_host = "{host}"\n' if _goes_into_ids(host) else ""
    return f'''# Settings of this hub. Every key with its meaning and default: `knooppunt serve --reference`.
[hub]
public_url = "{url}"
{message_id_host}
[listen]
host = "{everywhere}"  # both families: ["0.0.0.0", "::"]
port = {port}
tls_certificate = "{USES["tls-server"]}"
tls_key = "keys/tls-server.key"

[[keys.signing]]
key = "keys/signing.key"
certificate = "{USES["signing"]}"

[[keys.decryption]]
key = "keys/encryption.key"
certificate = "{USES["encryption"]}"

[directory]  # the address book of participants
key = "keys/directory.key"
certificate = "{DIRECTORY_PLACE}"

[pmodes]
folder = "pmodes"

[data]
directory = "data"  # made by: knooppunt store new
'''


def _goes_into_ids(host: str) -> bool:
    try:
        read_id_host(host)
    except ValueError:
        return False
    return True
