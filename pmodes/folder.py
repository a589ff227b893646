"""The folder of P-Modes: which of its files are configuration, and their octets, each read once.

`hub.yaml` and every other file that ends in `.yaml` is read; files whose names begin with a dot and what editors and
packages leave behind are not. Whatever else looks as if it was meant to be read is complained of: a file that somebody
believes in and the hub does not know is worse than a refusal. Certificates lie in the folder or below it.

SECURITY: an organisation's file comes from outside. What it names is a plain file of bounded size below this folder, or
refused (`gateway.named_file`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final

from crypto.certificates import Certificate, load_certificates
from crypto.suites import SUITES, Suite
from gateway.named_file import KEY_OCTETS, TEXT_OCTETS, FileRefused, read_named
from gateway.written.complaints import Complaint, ConfigurationFault
from gateway.written.utf8 import NotUtf8, text_of
from pmodes.configuration import Configuration
from pmodes.files import read_configuration
from pmodes.shapes import HUB_FILE
from xsd.catalogue import BASE, Catalogue

SUFFIX: Final = ".yaml"
LEFTOVERS: Final = ("~", ".swp", ".swo", ".bak", ".old", ".orig", ".rej", ".tmp", ".save", ".rpmnew", ".rpmsave")
_MEANT: Final = re.compile(r"\s*\.\s*ya?ml", re.IGNORECASE)
LOOKED_AT: Final = 100_000  # entries below the folder; more is somebody's whole disk


def read_folder(
    folder: Path,
    *,
    catalogue: Catalogue,
    base: str = BASE,
    suites: Mapping[str, Suite] = SUITES,
    instead: Mapping[str, bytes] = MappingProxyType({}),
) -> Configuration:
    """The configuration in a folder, with the certificates that its files name; ConfigurationFault with everything
    that is wrong. `instead` are octets to be read in place of files there, or beside them, by their names in the
    folder: for whoever asks what it would be with them.
    """
    if not folder.is_dir():
        what = "is no folder" if os.path.lexists(folder) else "is not there"
        sentence = f"pmodes.folder in the settings names {folder}, which {what}; name the folder that hub.yaml lies in"
        raise ConfigurationFault([_about(HUB_FILE, sentence)])
    if not os.access(folder, os.R_OK | os.X_OK):
        sentence = f"pmodes.folder in the settings names {folder}, which cannot be read: Permission denied"
        raise ConfigurationFault([_about(HUB_FILE, f"{sentence}; have it given to you")])
    complaints = [_about(name, sentence) for name, sentence in _misplaced(folder)]
    texts: dict[str, str] = {}
    added = (folder / name for name in instead if name.endswith(SUFFIX))
    for path in sorted({*folder.glob(f"*{SUFFIX}"), *added}):
        if left_behind(path.name):
            continue
        try:
            octets = instead.get(path.name)
            if octets is None:
                octets = read_named(path, most_octets=TEXT_OCTETS, beneath=folder)
            texts[path.name] = text_of(octets)
        except FileRefused as fault:
            complaints.append(_about(path.name, f"the file cannot be used: {fault.told}"))
        except NotUtf8 as fault:
            complaints.append(_about(path.name, str(fault)))

    @cache  # two files may name one certificate: both get the same octets
    def load(path: str) -> tuple[Certificate, ...]:
        octets = instead.get(path)
        if octets is None:
            octets = read_named(folder / path, most_octets=KEY_OCTETS, beneath=folder)
        return load_certificates(octets)

    return read_configuration(texts, catalogue=catalogue, load=load, base=base, suites=suites, complaints=complaints)


def _misplaced(folder: Path) -> Iterator[tuple[str, str]]:
    """What is not read though its name says that it is configuration."""
    for path in islice(_below(folder), LOOKED_AT):
        name = str(path.relative_to(folder))
        if not _MEANT.search(path.name):
            continue
        if path.parent != folder:
            yield name, "is not read here; put it into the folder itself, or take it out"
        elif path.suffix != SUFFIX:
            right = f"{_MEANT.split(path.name)[0]}{SUFFIX}"
            yield name, f"is not read under this name; call it {right}, or take it out of the folder"


def _below(folder: Path) -> Iterator[Path]:
    """Everything but leftovers, and what lies below them; links to folders are not gone into."""
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not left_behind(each))
        yield from (Path(at, each) for each in sorted(names) if not left_behind(each))


def left_behind(name: str) -> bool:
    """Whether a file or folder of that name is what editors and packages leave, or kept aside, and is passed over."""
    return name.startswith((".", "#")) or name.endswith(LEFTOVERS)


def _about(name: str, sentence: str) -> Complaint:
    return Complaint(file=name, line=1, path="", sentence=sentence)
