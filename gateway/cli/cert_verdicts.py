"""What `knooppunt cert explain` and `cert check` do: verdicts on certificates, step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import click

from crypto.certificates import Certificate, load_certificates, thumbprint_sha256
from crypto.faults import UnusableCredential
from crypto.keys import is_pkcs12
from crypto.paths import CertificateUse, PathVerdict
from gateway.cli.administration import refusals_told, settings_of
from gateway.cli.output import USAGE, Failure, print_json, print_table
from gateway.clock import SystemClock
from gateway.named_file import KEY_OCTETS, FileRefused, read_named
from gateway.settings import Settings
from gateway.wiring import NotStartable
from gateway.wiring.from_settings import read_configuration
from gateway.wiring.owners import owner_named
from gateway.wiring.verdicts import Judged, judge_all, judge_for, listed_for, owner_of
from gateway.written.complaints import printable
from pmodes.configuration import Configuration
from pmodes.counting import counted
from pmodes.model import HubParty, Organisation

_MEND = "mend the files; `knooppunt pmode check` says what is wrong with them"
_NOBODY = "give --org PARTY for the certificate of an organisation"


def explain_one(settings: Path, file: Path, party: str | None, wanted: str, at: datetime | None, as_json: bool) -> None:
    """Print every step of the verdict on the certificate in a file; a Failure where one does not hold."""
    read, use = settings_of(settings), cast(CertificateUse, wanted)
    configuration = _configuration(read)
    certificate, *beside = _certificates(file)
    with refusals_told():
        owner = owner_of(configuration, certificate, use) if party is None else owner_named(configuration, party)
    moment = at or SystemClock().now()
    try:
        verdict = judge_for(read, configuration, owner, certificate, use=use, at=moment, beside=beside)
    except NotStartable as fault:
        raise Failure("\n  ".join(fault.complaints)) from None
    except (FileRefused, OSError, ValueError) as fault:
        raise Failure(f"listen.client_ca: {fault}", next_step="name a file with the authorities of clients") from None
    facts = {
        "owner": None if owner is None else {"name": owner.name, "party": owner.party_id, "file": owner.file},
        "use": use,
        "at": moment,
        **_facts(verdict, certificate),
    }
    if not as_json:
        _print(verdict, certificate, owner, use, moment)
    if not verdict.holds:
        raise Failure(_sentence(verdict), next_step=_next_step(verdict, owner, certificate, use), facts=facts)
    if as_json:
        print_json(facts)


def check_all(settings: Path, as_json: bool) -> None:
    """Judge every certificate of the P-Modes now; a Failure that names each that may not be used."""
    read = settings_of(settings)
    configuration = _configuration(read)
    try:
        judged = tuple(judge_all(read, configuration, SystemClock().now()))
    except NotStartable as fault:
        raise Failure("\n  ".join(fault.complaints)) from None
    facts = {"certificates": [_fact(each) for each in judged]}
    refused = [each for each in judged if not each.verdict.holds]
    if refused:
        said = "\n  ".join(f"{each.place}: {_sentence(each.verdict)}" for each in refused)
        step = "put the next one in its place, or take it out; `knooppunt cert explain FILE` tells every step"
        raise Failure(f"{counted(len(refused), 'certificate')} may not be used:\n  {said}", next_step=step, facts=facts)
    if as_json:
        print_json(facts)
        return
    uses = Counter(each.use for each in judged)
    told = ", ".join(f"{number} as {use}" for use, number in uses.items())
    click.echo(f"{counted(len(judged), 'certificate')} may be used: {told}")


def _configuration(settings: Settings) -> Configuration:
    configuration, complaints = read_configuration(settings)
    if configuration is None:
        raise Failure("\n  ".join(("the P-Modes cannot be used:", *complaints)), next_step=_MEND)
    return configuration


def _certificates(file: Path) -> Sequence[Certificate]:
    try:
        octets = read_named(file, most_octets=KEY_OCTETS)
    except FileRefused as fault:
        raise Failure(f"{file}: {fault.told}", code=USAGE) from None
    try:
        found = load_certificates(octets)
    except UnusableCredential as fault:
        step = "name a certificate in PEM or DER form"
        if is_pkcs12(octets):
            step = "write its certificate out with: openssl pkcs12 -in FILE -clcerts -nokeys -out CERTIFICATE"
        raise Failure(f"{file}: {fault}", next_step=step, code=USAGE) from None
    if not found:
        raise Failure(f"{file}: it holds no certificate", next_step="name one in PEM or DER form", code=USAGE)
    return found


def _sentence(verdict: PathVerdict) -> str:
    return printable(verdict.sentence)


def _next_step(
    verdict: PathVerdict, owner: Organisation | HubParty | None, certificate: Certificate, use: CertificateUse
) -> str:
    failed = verdict.failed
    others = () if owner is None else tuple(each for each in listed_for(owner, certificate) if each != use)
    if owner is not None and others and use not in listed_for(owner, certificate):
        return f"{owner.file} lists it for {others[0]}; judge it with --use {others[0]}"
    if failed is not None and failed.what == "suite":
        return "have its owner get one for a key of that suite, or name another suite in its file"
    if failed is not None and failed.what == "path":
        if owner is None:
            return f"{_NOBODY}; or name the root that it is under in hub.yaml (trust.roots)"
        return (
            f"list it in {owner.file}, or let that organisation rely on a root of hub.yaml (certificates.trust: roots)"
        )
    return "have its owner get another one that is right in this, or judge it at another moment or for another use"


def _print(
    verdict: PathVerdict,
    certificate: Certificate,
    owner: Organisation | HubParty | None,
    use: CertificateUse,
    at: datetime,
) -> None:
    whose = "nobody that the P-Modes know" if owner is None else f"{owner.name} ({owner.party_id})"
    click.echo(f"for {use} by {whose}, at {at:%Y-%m-%dT%H:%M:%SZ}")
    for number, each in enumerate(verdict.path):
        name = "certificate" if number == 0 else "issued by  "
        click.echo(f"{name}  {_subject(each)}  sha256:{thumbprint_sha256(each).hex()}")
    print_table(
        "steps",
        ("holds", "what", "of", "expected", "found"),
        [
            ("yes" if each.holds else "NO", each.what, each.about, printable(each.expected), printable(each.found))
            for each in verdict.steps
        ],
        empty="",
    )
    if verdict.holds:
        click.echo("it may be used")


def _facts(verdict: PathVerdict, certificate: Certificate) -> dict[str, Any]:
    failed = verdict.failed
    return {
        "thumbprint": thumbprint_sha256(certificate).hex(),
        "holds": verdict.holds,
        "decides": None if failed is None else {"what": failed.what, "of": failed.about},
        "path": [{"subject": _subject(each), "thumbprint": thumbprint_sha256(each).hex()} for each in verdict.path],
        "steps": [
            {
                "what": each.what,
                "of": each.about,
                "expected": printable(each.expected),
                "found": printable(each.found),
                "holds": each.holds,
            }
            for each in verdict.steps
        ],
    }


def _fact(judged: Judged) -> dict[str, Any]:
    return {
        "place": judged.place,
        "owner": judged.owner,
        "party": judged.party,
        "use": judged.use,
        "thumbprint": thumbprint_sha256(judged.certificate).hex(),
        "holds": judged.verdict.holds,
        "sentence": _sentence(judged.verdict),
    }


def _subject(certificate: Certificate) -> str:
    return printable(certificate.subject.rfc4514_string()) or "(without a subject)"
