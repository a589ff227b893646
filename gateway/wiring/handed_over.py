"""What an administrator hands over to be written among the P-Mode files: judged before anything is written.

SECURITY: a certificate comes from outside. Its file is read once, with bounds; what holds a private key is refused
whatever else it holds, and whoever writes it writes the certificate that was understood, not the octets that came.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from crypto.certificates import Certificate, load_certificates
from crypto.faults import UnusableCredential
from crypto.keys import holds_private_key, is_pkcs12, pkcs12_holds_key
from gateway.named_file import KEY_OCTETS, FileRefused, read_named
from gateway.refused import Refused
from gateway.settings import Settings
from gateway.wiring.certificates import not_together
from gateway.wiring.own_keys import own_certificates
from gateway.written.complaints import ConfigurationFault
from pmodes.configuration import Configuration
from pmodes.folder import read_folder
from xsd.catalogue import load_catalogue

_LEAKED: Final = (
    "tell its owner to make a new key and to hand over its certificate alone; the key in this file is no secret any"
    " more, so no certificate of it is to be used"
)


def certificate_in(file: Path, at: datetime) -> Certificate:
    """The one certificate in that file, which has not ended at that moment; raises `Refused`."""
    try:
        octets = read_named(file, most_octets=KEY_OCTETS)
    except FileRefused as fault:
        raise Refused(f"{file}: {fault}", fault.remedy or "name the file with the certificate") from None
    if is_pkcs12(octets):
        _refuse_pkcs12(file, octets)
    if holds_private_key(octets):
        raise Refused(f"{file}: it holds a private key", _LEAKED)
    try:
        found, *others = load_certificates(octets)
    except UnusableCredential as fault:
        raise Refused(f"{file}: {fault}", "name a certificate in PEM or DER form") from None
    if others:
        raise Refused(f"{file}: it holds {1 + len(others)} certificates", "name a file with the one that is meant")
    refuse_ended(str(file), found, at)
    return found


def refuse_ended(what: str, certificate: Certificate, at: datetime) -> None:
    """Raise `Refused` for a certificate that has ended at that moment."""
    if certificate.not_valid_after_utc < at:
        said = f"{what}: the certificate has ended, on {certificate.not_valid_after_utc:%Y-%m-%d}"
        raise Refused(said, "name a newer one")


def _refuse_pkcs12(file: Path, octets: bytes) -> None:
    """Such a file is refused whatever lies in it; that a key is lost is said where one does."""
    holds_key = pkcs12_holds_key(octets)
    if holds_key:
        return
    said = "it is a PKCS #12 file" if holds_key is False else "it is a PKCS #12 file, which only its password opens"
    step = "hand over the certificate alone: openssl pkcs12 -in FILE -clcerts -nokeys -out CERTIFICATE"
    if_one = "" if holds_key is False else "; if its owner put a private key into it, a new one has to be made"
    raise Refused(f"{file}: {said}", f"{step}{if_one}")


def folder_with(settings: Settings, instead: Mapping[str, bytes], said: str) -> Configuration:
    """What the P-Mode files would come to with these octets in their places, or without any what they come to; raises
    `Refused`, which begins with what is `said`.
    """
    base = settings.hub.base_urn
    catalogue = load_catalogue(settings.modules.folders, base=base)
    try:
        return read_folder(settings.pmodes.folder, catalogue=catalogue, base=base, instead=instead)
    except ConfigurationFault as fault:
        raise Refused("\n  ".join((f"{said}:", *map(str, fault.complaints))), "mend that first") from None


def refuse_apart(settings: Settings, after: Configuration, said: str, *, at: datetime) -> None:
    """Raise `Refused`, which begins with what is `said`, where a hub with these settings would complain of the P-Modes
    as they come to be, and does not of those that are there: what stands in its way already may be half of a change,
    of which this is the next step.
    """
    own, _ = own_certificates(settings)
    found = not_together(settings, own, after, at)
    if not found:
        return
    known = not_together(settings, own, folder_with(settings, {}, said), at)
    if complaints := [each for each in found if each not in known]:
        raise Refused("\n  ".join((f"{said}:", *complaints)), "mend that first")
