"""What `knooppunt participant new` does: makes the folder of one participant more, and says what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from crypto.faults import UnusableCredential
from gateway.cli.administration import settings_of
from gateway.cli.making import unfit_name
from gateway.cli.output import USAGE, Failure, command_line, print_json
from gateway.cli.pmode_files import configuration_of
from gateway.clock import SystemClock
from gateway.ebms.party_ids import default_type, fault_of
from gateway.named_file import FileRefused
from gateway.site.new_participant import AtHub, Participating, Wanted, make_participant
from gateway.site.organisations import modules_for
from gateway.written.slug import slug_of
from pmodes.configuration import Configuration
from pmodes.consistency import ORGANISATION_ROLES
from pmodes.folder import SUFFIX
from pmodes.model import Organisation

_NOTHING: Final = "nothing was made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was typed."""

    name: str
    folder: Path | None
    party: str | None
    roles: Sequence[str]
    modules: Sequence[str]
    requests: bool
    one_key: bool
    ca: Path | None
    bits: int


def make_new(settings: Path, given: Given, as_json: bool) -> None:
    """Make the folder, and say what the hub is to be told."""
    read, at = settings_of(settings), SystemClock().now()
    configuration = configuration_of(read)
    known = _known(configuration, given.name)
    if configuration.hub.environment == "production" and not given.requests:
        raise Failure(
            "certificates that are made here are for tests, and the hub is one for production",
            next_step="give --request, and have an authority sign; or run this where the organisation keeps its keys",
            code=USAGE,
        )
    wanted = _of_nobody_yet(given, configuration) if known is None else _as_known(given, known)
    folder = given.folder or Path(slug_of(wanted.name))
    at_hub = AtHub(
        url=read.hub.public_url,
        tls_certificate=read.listen.tls_certificate,
        directory=None if read.directory is None else read.directory.certificate,
        pmodes=read.pmodes.folder,
    )
    try:
        made = make_participant(folder, wanted, at_hub, configuration, at=at)
    except FileExistsError as fault:
        raise Failure(str(fault), next_step="choose another with --folder; nothing was changed", code=USAGE) from None
    except FileRefused as fault:
        raise Failure(f"the authorities of the hub's TLS certificate: {fault}", next_step=fault.remedy or "give --ca",
                      code=USAGE) from None  # fmt: skip
    except (UnusableCredential, ValueError) as fault:
        raise Failure(str(fault), next_step=f"mend that first; {_NOTHING}") from None
    steps = tuple(_steps(settings, wanted, made, known))
    if as_json:
        facts = {
            "name": wanted.name,
            "party": wanted.party,
            "folder": str(made.folder),
            "signing": str(made.signing),
            "encryption": str(made.encryption),
            "requests": [str(each) for each in made.requests],
            "senders": list(made.senders),
        }
        print_json(facts, next_step="; ".join(steps))
        return
    kind = "requests for its certificates" if made.requests else "certificates that are for tests only"
    click.echo(f"made {made.folder} for {wanted.name} ({wanted.party}), with its keys and {kind}")
    click.echo(f"it knows the hub, and the certificates of {len(made.senders)} who may send to it")
    click.echo("\nnext:")
    for step in steps:
        click.echo(f"  {step}")


def _steps(settings: Path, wanted: Wanted, made: Participating, known: Organisation | None) -> Iterator[str]:
    for request in made.requests:
        yield f"have {request} signed, and put the certificate at {request.with_suffix('.pem')}"
    one = made.signing == made.encryption
    hub = ("--hub", settings)
    if known is None:
        roles = [word for each in wanted.roles for word in ("--role", each)]
        modules = [f"{name}:{version}" for name, versions in wanted.modules.items() for version in versions]
        files: list[str | Path] = ["--certificate", made.signing] if one else [
            "--signing", made.signing, "--encryption", made.encryption
        ]  # fmt: skip
        yield command_line(
            "knooppunt", "org", "add", "--name", wanted.name, "--party", wanted.party, *roles,
            *(word for each in modules for word in ("--module", each)), *files, *hub,
        )  # fmt: skip
    else:
        for place, use in ((made.signing, "signing"), (made.encryption, "encryption")):
            yield command_line("knooppunt", "cert", "add", wanted.party, place, "--use", use, *hub)
    yield command_line("knooppunt", "reload", *hub)
    yield command_line("knooppunt", "pull", "--as", made.folder)


def _known(configuration: Configuration, name: str) -> Organisation | None:
    """The organisation that the hub has under that party id or file."""
    in_file = [each for each in configuration.organisations if each.file == f"{name.removesuffix(SUFFIX)}{SUFFIX}"]
    return configuration.by_party.get(name) or next((each for each in in_file if each.unit_of is None), None)


def _as_known(given: Given, known: Organisation) -> Wanted:
    if given.party or given.roles or given.modules:
        step = "leave --party, --role and --module out, or give a name that no file has"
        raise Failure(f"{known.file} says already who {known.name} is", next_step=step, code=USAGE)
    modules = {name: tuple(each.version for each in versions) for name, versions in known.modules.items()}
    return _wanted(given, known.name, known.party_id, sorted(known.roles), modules)


def _of_nobody_yet(given: Given, configuration: Configuration) -> Wanted:
    if (wrong := unfit_name(given.name)) is not None:
        raise Failure(f"the name {wrong}", next_step=f"shorten it, or write it anew; {_NOTHING}", code=USAGE)
    if given.party is None or not given.roles:
        step = "give --party and --role; or name an organisation as `knooppunt org list` shows it, by party id or file"
        raise Failure(f"the hub has no organisation {given.name}, so who it is has to be said", next_step=step,
                      code=USAGE)  # fmt: skip
    fault = fault_of(given.party, default_type(given.party))
    if fault is not None:
        raise Failure(f"--party {given.party} {fault}", next_step=f"write it anew; {_NOTHING}", code=USAGE)
    if (taken := configuration.by_party.get(given.party)) is not None:
        step = f"`knooppunt participant new {given.party}` makes the folder of that one; or give another party id"
        raise Failure(f"--party {given.party} is that of {taken.name}", next_step=step, code=USAGE)
    if unknown := [each for each in given.roles if each not in ORGANISATION_ROLES]:
        step = f"roles are {', '.join(ORGANISATION_ROLES)}"
        raise Failure(f"--role {unknown[0]} is no role of an organisation", next_step=step, code=USAGE)
    modules = _modules(given.modules, configuration) if given.modules else modules_for(given.roles)
    return _wanted(given, given.name, given.party, given.roles, modules)


def _wanted(given: Given, name: str, party: str, roles: Sequence[str], modules: Mapping[str, Sequence[str]]) -> Wanted:
    return Wanted(
        name=name, party=party, roles=tuple(roles), modules=modules, requests=given.requests, one_key=given.one_key,
        key_bits=given.bits, ca=given.ca,
    )  # fmt: skip


def _modules(given: Sequence[str], configuration: Configuration) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for each in given:
        name, _, version = each.partition(":")
        if configuration.catalogue.module(name, version) is None:
            step = "`knooppunt schema list` shows them; write NAME:VERSION, such as Schuldregeling:2.0"
            raise Failure(f"there is no module {each}", next_step=step, code=USAGE)
        found.setdefault(name, []).append(version)
    return found
