"""The file of an organisation that asked to take part, as `knooppunt org add` would write it.

At a desk it has no certificates before its first keys are approved; each establishment that it names is a business unit
there, and it acts by these alone. With a system it brings its certificates, and has at most one establishment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from crypto.certificates import Certificate, load_der
from crypto.faults import UnusableCredential
from gateway.administration.administered import REFUSE_IT
from gateway.named_file import KEY_OCTETS, FileRefused, read_named
from gateway.refused import Refused
from gateway.settings import Settings
from gateway.store.portal.wishes import Environment, JoiningWish
from gateway.wiring.handed_over import refuse_ended
from gateway.wiring.new_organisation import AddedVersion, Described, files_of
from gateway.written.slug import slug_of
from gateway.written.yaml_list import Flow

_PREFIXES: Final[Mapping[Environment, str]] = {"production": "00000003", "test": "00000099"}  # of OINs


def joining_files(
    settings: Settings, wish: JoiningWish, party: str | None, environment: Environment, *, at: datetime
) -> tuple[str, Mapping[str, bytes]]:
    """The name of the file, and the files to write, that one last; none where they stand there already. Raises
    `Refused`.
    """
    oin = party or f"{_PREFIXES[environment]}{wish.kvk}0000"
    stem = slug_of(wish.name)
    for each in (stem, f"{stem}-{wish.kvk}"):  # the second where another organisation is called so, too
        name, files = files_of(settings, _described(wish, oin, each, at), at=at)
        there = [_octets(settings, one) for one in files]
        if there == list(files.values()):
            return name, {}
        if not any(os.path.lexists(settings.pmodes.folder / one) for one in files):
            return name, files
    raise Refused(f"{stem}.yaml is there already, and says something else", "add it by `knooppunt org add`")


def _octets(settings: Settings, name: str) -> bytes | None:
    folder = settings.pmodes.folder
    try:
        return read_named(folder / name, most_octets=KEY_OCTETS, beneath=folder)
    except FileRefused:
        return None


def _described(wish: JoiningWish, oin: str, stem: str, at: datetime) -> Described:
    is_desk = wish.access == "desk"
    units: list[Flow] = [
        {
            "name": f"{wish.name}, vestiging {each}",
            "party": f"{oin}:{each}",
            "certificates": {"signing": (), "encryption": ()},
        }
        for each in wish.establishments
        if is_desk
    ]
    agreed = {"connection": wish.connection_agreed, "processing": wish.processing_agreed}
    more: dict[str, Flow] = {
        "kvk": wish.kvk,
        "establishment": "" if is_desk else "".join(wish.establishments[:1]),
        "access": wish.access,
        "agreements": {name: day.isoformat() for name, day in agreed.items() if day is not None},
        "units": units,
    }
    return Described(
        name=wish.name,
        party=oin,
        roles=(wish.role,),
        modules=[AddedVersion(module=name, version=version) for name, version in map(_parted, wish.modules)],
        signing=_certificates(wish.signing, at),
        encryption=_certificates(wish.encryption, at),
        file=stem,
        more=more,
        is_party=not units,
    )


def _parted(module: str) -> tuple[str, str]:
    name, _, version = module.rpartition(" ")
    return name, version


def _certificates(octets: bytes | None, at: datetime) -> tuple[Certificate, ...]:
    if octets is None:
        return ()
    try:
        found = load_der(octets)
    except UnusableCredential as fault:
        raise Refused(f"a certificate cannot be used: {fault}", REFUSE_IT) from None
    refuse_ended("what it brings", found, at)
    return (found,)
