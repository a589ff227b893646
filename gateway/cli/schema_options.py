"""What the commands of `knooppunt schema` share: their options, and the catalogue they speak of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from conformance.gather import MOST_OCTETS
from gateway.cli.named_path import NamedPath
from gateway.cli.output import USAGE, Failure
from gateway.limits import PAYLOAD_LIMITS
from xsd.catalogue import Catalogue, CatalogueFault, Module, load_catalogue
from xsd.generating.differences import read_notes
from xsd.module_files import packaged_modules
from xsd.schema_files import SchemaFault

modules_option = click.option(
    "--modules", "folders", multiple=True, type=click.Path(path_type=NamedPath, file_okay=False, exists=True),
    help="A folder of Module/version/ beside the shipped ones; may be given more than once.",
)  # fmt: skip
octets_option = click.option(
    "--max-octets", type=click.IntRange(min=1, max=MOST_OCTETS), default=PAYLOAD_LIMITS.octets, show_default=True,
    help="The largest document that is read; no text in it may be longer than 10,000,000 octets.",
)  # fmt: skip


def catalogue_of(folders: Sequence[Path]) -> Catalogue:
    """The shipped modules and those in the folders; what is wrong with a folder is wrong usage."""
    try:
        catalogue = load_catalogue(folders)
        for module in own_modules(catalogue):
            read_notes(module)
        return catalogue
    except (CatalogueFault, SchemaFault) as fault:
        raise Failure(str(fault), next_step="Mend it, or leave its folder out of --modules.", code=USAGE) from None


def own_modules(catalogue: Catalogue) -> Iterator[Module]:
    """Those that are not shipped."""
    return (each for each in catalogue.modules if not each.folder.is_relative_to(packaged_modules()))
