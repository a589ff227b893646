"""The folder of P-Modes: which of its files are configuration, and their octets, each read once.

`hub.yaml` and every other file that ends in `.yaml` is read; files whose names begin with a dot and what editors and
packages leave behind are not. Whatever else looks as if it was meant to be read is complained of: a file that somebody
believes in and the hub does not know is worse than a refusal. Certificates lie in the folder or below it.

What was read before is read again only where a file changed, as `pmodes.folder_look` tells it.

SECURITY: an organisation's file comes from outside. What it names is a plain file of bounded size below this folder, or
refused (`gateway.named_file`). A key beside a certificate is no secret any more where an operator keeps it, whoever
wrote the file there, so its certificate counts for nobody.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Final

from crypto.certificates import Certificate, load_certificates
from crypto.suites import SUITES, Suite
from gateway.digest import digest
from gateway.named_file import KEY_OCTETS, TEXT_OCTETS, FileRefused, FilesBelow
from gateway.written.complaints import Complaint, ConfigurationFault
from gateway.written.utf8 import NotUtf8, text_of
from pmodes.configuration import Configuration
from pmodes.files import FilesRead, read_files
from pmodes.folder_look import FOLDER, Mark, left_behind, marks_below, unsettled
from pmodes.shapes import HUB_FILE
from xsd.catalogue import BASE, Catalogue

SUFFIX: Final = ".yaml"
_LEAKED: Final = "it holds a private key; its owner makes a new one, and only a certificate of that goes here"
_MEANT: Final = re.compile(r"\s*\.\s*ya?ml", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRead:
    """A folder as it was read, how its files lay before, and which of them may have changed since all the same. Files
    that are `unwatched` name a certificate by a path at which no look saw anything.
    """

    files: FilesRead
    marks: Mapping[str, Mark]
    unsettled: frozenset[str]
    unwatched: frozenset[str]
    octets_sha256: Mapping[str, bytes]  # of each file that says something, by its name
    digest: bytes  # over these: the same wherever the same files say the same, in whatever order they were read

    def touched(self, marks: Mapping[str, Mark]) -> frozenset[str]:
        """What came, went or may have changed where files lie like that now."""
        known = self.marks
        of_name = known.get  # most are the very marks of before, which is told without comparing them
        differs = [name for name, mark in marks.items() if (of_name(name) is not mark) and of_name(name) != mark]
        gone = () if known.keys() <= marks.keys() else known.keys() - marks.keys()
        return self.unsettled.union(differs, gone)

    def changed(self, touched: frozenset[str]) -> frozenset[str] | None:
        """The files that may say something else, or name a certificate that may; None: everything may, for what the
        hub's file says holds for all.
        """
        of_hub = {HUB_FILE, *self.files.of_hub}
        if not (touched.isdisjoint(of_hub) and self.marks.keys() >= of_hub):
            return None
        apart = touched.isdisjoint  # there are thousands
        naming = [name for name, read in self.files.organisations.items() if not apart(read.certificates)]
        return touched.union(self.unwatched, naming)


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
    found = read_folder_again(folder, None, 0, catalogue=catalogue, base=base, suites=suites, instead=instead)
    return found.files.configuration


def read_folder_again(
    folder: Path,
    before: FolderRead | None,
    at_nanoseconds: int,
    *,
    catalogue: Catalogue,
    base: str = BASE,
    suites: Mapping[str, Suite] = SUITES,
    instead: Mapping[str, bytes] = MappingProxyType({}),
    marks: Mapping[str, Mark] | None = None,
) -> FolderRead:
    """The same, of which files that did not change since they were read `before`, with the same catalogue, base and
    suites, are not read again. `marks` are how its files lay when somebody looked already; the moment is that just
    before the look, or now, by the clock that dates files.
    """
    if not folder.is_dir():
        what = "is no folder" if os.path.lexists(folder) else "is not there"
        sentence = f"pmodes.folder in the settings names {folder}, which {what}; name the folder that hub.yaml lies in"
        raise ConfigurationFault([_about(HUB_FILE, sentence)])
    if not os.access(folder, os.R_OK | os.X_OK):
        sentence = f"pmodes.folder in the settings names {folder}, which cannot be read: Permission denied"
        raise ConfigurationFault([_about(HUB_FILE, f"{sentence}; have it given to you")])
    if marks is None:
        marks = marks_below(folder) if before is None else marks_below(folder, before.marks)
    touched = frozenset(marks) if before is None else before.touched(marks)
    changed = None if before is None else before.changed(touched)
    if changed is None:
        before = None
    fresh = {name: marks[name] for name in touched & marks.keys()}  # of all others it was asked before
    complaints = [_about(name, sentence) for name, sentence in _misplaced(fresh)]
    texts: dict[str, str] = {}
    sha256 = {} if before is None else dict(before.octets_sha256)
    with FilesBelow(folder) as below:
        there = marks if changed is None else changed & marks.keys()
        for name in sorted({*_to_be_read(there), *_to_be_read(instead)}):
            try:
                octets = instead.get(name)
                octets = below.read(name, most_octets=TEXT_OCTETS) if octets is None else octets
                sha256[name] = hashlib.sha256(octets).digest()
                texts[name] = text_of(octets)
            except FileRefused as fault:
                complaints.append(_about(name, f"the file cannot be used: {fault.told}"))
            except NotUtf8 as fault:
                complaints.append(_about(name, str(fault)))

        @cache  # two files may name one certificate: both get the same octets
        def load(path: str) -> tuple[Certificate, ...]:
            octets = instead.get(path)
            if octets is None:
                octets = below.read(path, most_octets=KEY_OCTETS)
            sha256[path] = hashlib.sha256(octets).digest()
            if b"PRIVATE KEY-----" in octets:
                raise FileRefused(_LEAKED)
            return load_certificates(octets)

        files = read_files(
            texts,
            catalogue=catalogue,
            load=load,
            base=base,
            suites=suites,
            complaints=complaints,
            before=None if before is None else before.files,
            changed=changed or (),
        )
    unwatched = {
        name
        for name in (texts if before is None else texts.keys() | before.unwatched)
        if (read := files.organisations.get(name)) is not None and not marks.keys() >= set(read.certificates)
    }
    saying = {HUB_FILE, *files.of_hub, *files.organisations}
    saying.update(chain.from_iterable(each.certificates for each in files.organisations.values()))
    of_octets = {name: found for name, found in sha256.items() if name in saying}
    return FolderRead(
        files=files,
        marks=marks,
        unsettled=unsettled(fresh, at_nanoseconds),
        unwatched=frozenset(unwatched),
        octets_sha256=of_octets,
        digest=digest(*(digest(name, found) for name, found in sorted(of_octets.items()))),
    )


def _to_be_read(names: Iterable[str]) -> Iterator[str]:
    """Those that are configuration."""
    return (each for each in names if each.endswith(SUFFIX) and "/" not in each and not left_behind(each))


def _misplaced(marks: Mapping[str, Mark]) -> Iterator[tuple[str, str]]:
    """What is not read though its name says that it is configuration."""
    for path, mark in marks.items():
        below = "/" in path
        if (not below and path.endswith(SUFFIX)) or "y" not in path.lower() or mark == FOLDER:
            continue
        name = path.rpartition("/")[2]
        if not _MEANT.search(name):
            continue
        if below:
            yield path, "is not read here; put it into the folder itself, or take it out"
        else:
            right = f"{_MEANT.split(name)[0]}{SUFFIX}"
            yield path, f"is not read under this name; call it {right}, or take it out of the folder"


def _about(name: str, sentence: str) -> Complaint:
    return Complaint(file=name, line=1, path="", sentence=sentence)
