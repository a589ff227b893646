"""What `knooppunt pmode` does: reads the P-Mode files as the hub would, and says what follows from them."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.administration import settings_of
from gateway.cli.org_named import organisation_named
from gateway.cli.output import USAGE, Failure, print_json, print_table
from gateway.clock import SystemClock
from gateway.logs import refuse_log_file
from gateway.settings import Settings
from gateway.wiring import NotStartable
from gateway.wiring.certificates import check_own
from gateway.wiring.opening import asks_kernel
from gateway.wiring.stores import ballast_lacks, check_store, refuse_no_start, whole_complaint_of
from gateway.wiring.time_doubts import against_time, said_of_time
from gateway.written.complaints import ConfigurationFault
from pmodes.configuration import Configuration
from pmodes.counting import counted
from pmodes.effective import effective
from pmodes.folder import read_folder
from pmodes.model import Leg
from pmodes.term import NoTimeZoneData
from xsd.catalogue import Catalogue, CatalogueFault, load_catalogue
from xsd.schema_files import SchemaFault

MEND = "mend the files; a running hub keeps to the old ones until `knooppunt reload`"


def check_files(settings: Path, as_json: bool) -> None:
    """Read the files, and say everything that is wrong with them and with what a start needs besides."""
    read = settings_of(settings)
    found: Configuration | None = None
    faults: tuple[str, ...] = ()
    try:
        found = read_folder(read.pmodes.folder, catalogue=_catalogue(read), base=read.hub.base_urn)
    except ConfigurationFault as fault:
        faults = tuple(map(str, fault.complaints))
    try:
        complaints, warnings = check_own(read, found, at=SystemClock().now())
    except NoTimeZoneData as fault:
        raise Failure(str(fault)) from None
    try:
        if read.log.file is not None:
            refuse_log_file(read.log.file)
    except OSError as fault:
        complaints = (*complaints, f"log.file: {whole_complaint_of(fault)}")
    used = False
    try:
        refuse_no_start(read)
        refusals, used = check_store(read, SystemClock().now())
        complaints = (*complaints, *refusals)
    except NotStartable as fault:
        complaints = (*complaints, *fault.complaints)
    except OSError as fault:
        complaints = (*complaints, whole_complaint_of(fault))
    reasons = against_time(read, asks_kernel=found is not None and asks_kernel(found), used=used)
    warnings = (*warnings, *filter(None, (ballast_lacks(read), said_of_time(reasons))))
    for each in () if as_json else warnings:
        click.echo(f"warning: {each}", err=True)
    if found is None or complaints:
        everything = (*complaints, *faults)
        said = "the hub could not start:" if complaints else "the P-Modes cannot be used:"
        raise Failure(
            "\n  ".join((said, *everything)),
            next_step=MEND if faults else "",
            facts={"organisations": [], "complaints": list(everything), "warnings": list(warnings)},
        )
    if as_json:
        organisations = [{"name": o.name, "party": o.party_id, "file": o.file} for o in found.organisations]
        print_json({"organisations": organisations, "complaints": [], "warnings": list(warnings)})
    else:
        click.echo(f"{counted(len(found.organisations), 'organisation')}, no complaints")


def show_effective(
    settings: Path, party: str, module: str, version: str, type_name: str, leg: str | None, as_json: bool
) -> None:
    """Print the parameters of one P-Mode, each with where its value comes from."""
    found = configuration_of(settings_of(settings))
    organisation = organisation_named(found, party)
    kind = found.catalogue.message(module, version, type_name)
    if kind is None:
        step = "See the names with: knooppunt schema list"
        raise Failure(f"there is no message {type_name} in module {module} {version}", next_step=step)
    sends, receives = organisation.sends(kind, None), organisation.receives(kind, None)
    if not (sends or receives):
        raise Failure(
            f"{organisation.name} neither sends nor receives {type_name} of {module} {version}",
            next_step=f"its roles and modules stand in {organisation.file}",
        )
    chosen = Leg(int(leg)) if leg else Leg.SENDING if sends else Leg.RECEIVING
    derived = found.pmode(organisation, kind, chosen)
    rows = effective(found, derived)
    if as_json:
        parameters = [{"name": r.name, "value": r.value, "origin": r.origin, "meaning": r.description} for r in rows]
        print_json({"id": derived.id, "leg": chosen.value, "parameters": parameters})
        return
    print_table(
        derived.id,
        ("parameter", "value", "from"),
        [(row.name, row.value, row.origin) for row in rows],
        empty="",
    )


def configuration_of(settings: Settings, folder: Path | None = None) -> Configuration:
    """What the P-Mode files of a hub say, or those of another folder; a Failure with everything that is wrong."""
    try:
        place = settings.pmodes.folder if folder is None else folder
        return read_folder(place, catalogue=_catalogue(settings), base=settings.hub.base_urn)
    except ConfigurationFault as fault:
        said = "\n  ".join(("the P-Modes cannot be used:", *map(str, fault.complaints)))
        raise Failure(said, next_step=MEND) from None


def _catalogue(settings: Settings) -> Catalogue:
    try:
        return load_catalogue(settings.modules.folders, base=settings.hub.base_urn)
    except (CatalogueFault, SchemaFault) as fault:
        raise Failure(str(fault), code=USAGE) from None
