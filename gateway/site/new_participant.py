"""The folder of one participant more, beside a hub that is there: its own keys, what it knows of the hub and of whoever
may send to it, and either certificates for a test or the requests that an authority signs.

    FOLDER/participant.yaml            as `knooppunt push --as` and `pull --as` want it
    FOLDER/signing.key, .pem           and encryption.key, .pem; or own.key, .pem, where one pair does for all
    FOLDER/signing.csr                 in place of the .pem, where an authority is to sign
    FOLDER/hub-signing.pem, …          the hub's certificates, and ca.pem where its TLS certificate is of no public root
    FOLDER/hub-directory.pem           that of its address book, where it has one
    FOLDER/sender-PARTY.pem            of each who may send to it, for the proof of origin

Nothing is written among the hub's own files: what of this the hub is to know, it gets with `knooppunt org add` or
`cert add`.

SECURITY: keys made here are those of a participant. Each is its owner's alone from its first octet (0600), none is
shown, and none belongs on the machine of a hub for longer than it takes to hand the folder over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

from crypto.certificates import Certificate, load_certificates
from crypto.pki import Usage, certificates_pem, private_key_pem, request_pem, self_issued
from gateway.client.participant_file import FILE_NAME, load_participant, write_participant
from gateway.ebms.party_ids import unit_parts
from gateway.named_file import KEY_OCTETS, TEXT_OCTETS, FileRefused, read_named, real_path
from gateway.site.making import BACKDATED
from pmodes.configuration import Configuration
from pmodes.counterparts import senders_to
from pmodes.model import newest_active

ONE: Final = "own"
DAYS: Final = 730
_TWO: Final[Mapping[str, Usage]] = {"signing": "signing", "encryption": "encryption"}
# The shape of a PKIoverheid private server certificate, which does for signing, encryption and TLS.
_SERVER: Final[Usage] = "tls-server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The participant that is to be; `requests` for whoever has an authority sign its certificates, `one_key` for one
    pair that signs, opens and may serve for TLS besides.
    """

    name: str
    party: str
    roles: Sequence[str]
    modules: Mapping[str, Sequence[str]]
    requests: bool = False
    one_key: bool = False
    key_bits: int = 2048
    ca: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtHub:
    """What settings say of the hub: how it is reached, its TLS certificate, that of its address book, and where its
    P-Modes lie.
    """

    url: str
    tls_certificate: Path | None
    directory: Path | None
    pmodes: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Participating:
    """What was made: the pair that signs and the one that opens, by name, and whose certificates it has as senders."""

    folder: Path
    signing: Path
    encryption: Path
    requests: tuple[Path, ...]
    senders: tuple[str, ...]


def make_participant(
    folder: Path, wanted: Wanted, at_hub: AtHub, configuration: Configuration, *, at: datetime
) -> Participating:
    """Write the folder; FileExistsError where a file has one of its names already, and nothing is written then: a key
    that lies there is perhaps the only one of its kind. `FileRefused` or `ValueError` for a file
    of authorities, or of the address book, that cannot be used.
    """
    if (folder / FILE_NAME).exists():
        raise FileExistsError(f"{folder / FILE_NAME} exists already")
    hub = configuration.hub
    sealed_to = newest_active(hub.encryption_certificates, at, hub.encryption_terms)
    if sealed_to is None:
        raise ValueError("the hub has no encryption certificate that is valid now")
    ca, directory = _authorities(wanted, at_hub), _directory(at_hub)
    pairs = (ONE, ONE) if wanted.one_key else ("signing", "encryption")
    own = dict(_own(wanted, dict.fromkeys(pairs), at))
    others = senders_to(configuration, wanted.roles, wanted.modules)
    senders = {
        each.party_id: certificates_pem(*each.signing_certificates) for each in others if each.party_id != wanted.party
    }
    write_participant(
        folder,
        party=wanted.party,
        hub_party=hub.party_id,
        url=at_hub.url,
        files={
            **own,
            "hub-signing.pem": certificates_pem(*(c for c in hub.signing_certificates if c.not_valid_after_utc > at)),
            "hub-encryption.pem": certificates_pem(sealed_to),
            **({} if directory is None else {"hub-directory.pem": directory}),
            **({} if ca is None else {"ca.pem": ca}),
        },
        ca=ca is not None,
        directory=directory is not None,
        pairs=pairs,
        suite=hub.suite.name,
        base=hub.base,
        senders=senders,
        roles=wanted.roles,
        only_new=True,
    )
    requests = [name for name in own if name.endswith(".csr")]
    if not requests:
        load_participant(folder)  # what was written is what a participant can use
    return Participating(
        folder=folder,
        signing=folder / f"{pairs[0]}.pem",
        encryption=folder / f"{pairs[1]}.pem",
        requests=tuple(folder / name for name in requests),
        senders=tuple(senders),
    )


def _own(wanted: Wanted, pairs: Mapping[str, object], at: datetime) -> Iterator[tuple[str, bytes]]:
    """The files of its own keys, by name."""
    unit = unit_parts(wanted.party)
    oin = wanted.party if unit is None else unit[0]
    for name in pairs:
        if wanted.requests:
            private_key = rsa.generate_private_key(public_exponent=65537, key_size=wanted.key_bits)
            yield f"{name}.key", private_key_pem(private_key)
            yield f"{name}.csr", request_pem(private_key, _SERVER, name=wanted.name, party=oin, called=wanted.name)
            continue
        usage = _SERVER if wanted.one_key else _TWO[name]
        called = f"{wanted.name} {name}"[:64]
        issued = self_issued(
            common_name=called, party_id=oin, at=at - BACKDATED, days=DAYS, usage=usage, key_bits=wanted.key_bits
        )
        yield f"{name}.key", private_key_pem(issued.private_key)
        yield f"{name}.pem", certificates_pem(issued.certificate)


def _authorities(wanted: Wanted, at_hub: AtHub) -> bytes | None:
    """Who vouches for the hub's TLS certificate, as PEM: as named, else the authority of a test site, or the
    certificate itself where nobody does; None where the system's list is to do.
    """
    if wanted.ca is not None:
        return certificates_pem(*load_certificates(read_named(wanted.ca, most_octets=TEXT_OCTETS)))
    if at_hub.tls_certificate is None:
        return None
    first, *_ = load_certificates(read_named(at_hub.tls_certificate, most_octets=TEXT_OCTETS))
    if first.issuer == first.subject:
        return certificates_pem(first)
    beside = _authority_beside(at_hub)
    return None if beside is None or beside.subject != first.issuer else certificates_pem(beside)


def _directory(at_hub: AtHub) -> bytes | None:
    """The certificate of the key that signs the address book, as PEM; None where the hub has none."""
    if at_hub.directory is None:
        return None
    try:
        return certificates_pem(load_certificates(read_named(at_hub.directory, most_octets=TEXT_OCTETS))[0])
    except (FileRefused, ValueError) as fault:
        raise ValueError(f"directory.certificate in the settings: {at_hub.directory}: {fault}") from None


def _authority_beside(at_hub: AtHub) -> Certificate | None:
    """That of `knooppunt pki new`, whose folder the hub's folder lies in."""
    try:
        place = real_path(at_hub.pmodes).parent.parent / "ca.pem"
        return load_certificates(read_named(place, most_octets=KEY_OCTETS))[0]
    except (FileRefused, ValueError):
        return None
