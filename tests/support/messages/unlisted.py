"""Messages by certificates that no file lists, and P-Modes that rely on roots for the counsellor's.

question(unlisted())                      taken under by_roots(), refused by any other hub
below(root, between)                      P-Modes with another root, and authorities between
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from cryptography import x509
from support.hubs.hub import catalogue, configuration_texts, load_test_certificates
from support.hubs.rows import Extra
from support.keys.issuing import SIGNER, Extensions, Holder, holder, named, rsa_key
from support.keys.pki import NOW, PARTIES, authority
from support.messages.wire import Draft, saldoverzoek

from crypto.key_references import KeyReference
from crypto.keys import SigningKey
from pmodes.configuration import Configuration
from pmodes.files import read_configuration

DAY = timedelta(days=1)
COUNSELLOR, CREDITOR = PARTIES["counsellor"][0], PARTIES["creditor"][0]
ROOT: Mapping[str, object] = {"roots": ["authority"]}


def trusting(name: str, trust: str = "roots") -> dict[str, object]:
    own: dict[str, object] = {"signing": [f"{name}-signing"], "encryption": [f"{name}-encryption"], "trust": trust}
    return {"certificates": own}


def by_roots(root: Mapping[str, object] = ROOT, *names: str) -> Extra:
    """The counsellor, and others, may sign with what the authority of the tests issued."""
    return {"hub": {"trust": root}, **{each: trusting(each) for each in ("counsellor", *names)}}


def below(root: Holder, *between: Holder) -> Callable[[], Configuration]:
    """The counsellor may sign with what is below that root."""
    found = {"root": root, **{f"between-{number}": each for number, each in enumerate(between)}}
    trust = {"roots": ["root"], "intermediates": [each for each in found if each != "root"]}

    def load(path: str) -> tuple[x509.Certificate, ...]:
        return (found[path].certificate,) if path in found else load_test_certificates(path)

    return lambda: read_configuration(configuration_texts(by_roots(trust)), catalogue=catalogue(), load=load)


def the_root() -> Holder:
    """The authority of the tests."""
    return Holder(certificate=authority().certificate, private_key=authority().private_key)


def unlisted(*numbers: str, issuer: Holder | None = None, **other: Any) -> SigningKey:
    """A certificate of which no file knows, with so many serialNumbers; the counsellor's unless any are given."""
    return key_for(named("Somebody", *(numbers or (COUNSELLOR,))), issuer or the_root(), **other)


def key_for(subject: x509.Name, issuer: Holder | None, **other: Any) -> SigningKey:
    """A key with a certificate of these days; by itself where there is no issuer."""
    usual: dict[str, Any] = {"extensions": SIGNER, "key": rsa_key(number=9), "begins": NOW - DAY, "ends": NOW + DAY}
    made = holder(subject, issuer, **{**usual, **other})
    return SigningKey(certificate=made.certificate, private_key=made.private_key)


def question(signer: SigningKey, form: KeyReference = KeyReference.TOKEN) -> Draft:
    """A question that is signed so."""
    return replace(saldoverzoek(), signer=signer, key_reference=form)


def purposes(*wanted: x509.ObjectIdentifier) -> Extensions:
    """What signs, for these purposes."""
    return (*SIGNER, (x509.ExtendedKeyUsage(wanted), False))
