"""Takes certificates out of the file of their owner: the entries that name them, and nothing else of it.

As with new ones, what it would come to is judged before anything is written. The files of the certificates stay where
they are, and nothing names them any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from crypto.certificates import Certificate, load_certificates
from crypto.faults import UnusableCredential
from gateway.named_file import KEY_OCTETS, TEXT_OCTETS, FileRefused, read_named
from gateway.refused import Refused
from gateway.settings import Settings
from gateway.wiring.handed_over import folder_with, refuse_apart
from gateway.wiring.owners import octets_of, owner_named, place_in_file
from gateway.wiring.pmode_changes import put_files
from gateway.written.complaints import KeyPath, dotted
from gateway.written.utf8 import text_of
from gateway.written.yaml_list import without_item
from gateway.written.yaml_text import read_yaml

_USES: Final = ("signing", "encryption")
_APART: Final = "without it the hub would complain of its settings"


def take_out(settings: Settings, party: str, gone: Collection[Certificate], at: datetime) -> None:
    """Take these certificates out of the file of a party, for whatever use it names them; who calls is alone in the
    folder. Raises `Refused`.
    """
    folder = settings.pmodes.folder
    owner = owner_named(folder_with(settings, {}, "the P-Mode files have faults already"), party)
    octets = read_named(folder / owner.file, most_octets=TEXT_OCTETS, beneath=folder)
    before = text = text_of(octets)
    for use in _USES:
        path: KeyPath = (*place_in_file(owner), "certificates", use)
        for index in reversed(list(_entries(folder, text, path, gone))):
            changed = without_item(text, path, index)
            if changed is None:
                said = f"{owner.file} is written in a way that this command does not change"
                raise Refused(said, f"take {dotted((*path, index))} out, then give the command again")
            text = changed
    if text == before:
        return
    new = {owner.file: octets_of(text, octets)}
    refuse_apart(settings, folder_with(settings, new, "without it the P-Mode files would have faults"), _APART, at=at)
    put_files(folder, new, read={owner.file: octets}, if_taken="give the command again")


def _entries(folder: Path, text: str, path: KeyPath, gone: Collection[Certificate]) -> Iterator[int]:
    """The places in the list at that path of what names one of these certificates."""
    found: object = read_yaml(text).value
    for key in path:
        found = _below(found, key)
    for index, item in enumerate(found if isinstance(found, list) else ()):
        name = item.get("file") if isinstance(item, dict) else item
        if isinstance(name, str) and (named := set(_certificates(folder, name))) and named <= set(gone):
            yield index


def _below(value: object, key: str | int) -> object:
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None


def _certificates(folder: Path, name: str) -> tuple[Certificate, ...]:
    try:
        return load_certificates(read_named(folder / name, most_octets=KEY_OCTETS, beneath=folder))
    except (FileRefused, UnusableCredential):
        return ()
