"""The commands of a participant as a person types them, and a folder of his to type them about."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner, Result

from gateway.cli.main import main
from gateway.site.making import Made
from xsd.samples import sample


def without_state(participant: Made, folder: Path) -> Path:
    """The participant in a folder of its own, with nothing sent and nothing pulled."""
    copy = folder / "participant"
    shutil.copytree(participant.folder, copy, ignore=shutil.ignore_patterns("state"))
    return copy


def knooppunt(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], catch_exceptions=False)


def push(participant: Made, folder: Path, *options: str, bend: tuple[tuple[bytes, bytes], ...] = ()) -> Result:
    file = folder / "saldoverzoek.xml"
    party, other = participant.party, "00000099000001002000"
    octets = sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=party, ontvanger=other)
    for old, new in bend:
        octets = octets.replace(old, new)
    file.write_bytes(octets)
    return knooppunt("push", "--as", participant.folder, file, "--retries", "0", *options)
