"""What `knooppunt cert` does: lists the certificates of a hub, and puts the next ones in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final, cast

import click

from crypto.certificates import CertificateUsage, thumbprint_sha256
from gateway.administration import verbs
from gateway.cli.administration import ask_seen, refusals_told, refuse_doubtful, settings_of
from gateway.cli.output import Failure, command_line, print_json, print_table
from gateway.clock import SystemClock
from gateway.settings import Settings
from gateway.store.model import SealedTo
from gateway.wiring.certificates import all_certificates
from gateway.wiring.from_settings import read_configuration
from gateway.wiring.new_certificate import add_certificate
from gateway.wiring.own_keys import own_certificates
from gateway.wiring.owners import owner_named
from pmodes.model import HubParty
from pmodes.validity import Listed

_KEYS: Final[Mapping[CertificateUsage, str]] = {"signing": "[[keys.signing]]", "encryption": "[[keys.decryption]]"}


def list_all(settings: Path, party: str | None, as_json: bool) -> None:
    """Print every certificate, with what waits under it; a Failure at the end where that could not be learned."""
    read, at = settings_of(settings), SystemClock().now()
    certificates = _certificates(read, party)
    sealed: tuple[SealedTo, ...] | None = None
    doubt, unknown = None, None
    try:
        sealed, doubt = ask_seen(settings, verbs.sealed_to)
    except Failure as fault:
        unknown = fault
    facts = _facts(certificates, sealed, at, whole=party is None)
    if not as_json:
        _print(certificates, sealed, at, whole=party is None)
    if unknown is not None:
        raise Failure(
            f"what waits under them cannot be told: {unknown.sentence}",
            next_step=unknown.next_step, code=unknown.code, facts=facts,
        )  # fmt: skip
    refuse_doubtful(doubt, facts)
    if as_json:
        print_json(facts)


def add_one(
    settings: Path, party: str, file: Path, since: date | datetime | None, uses: Sequence[str], as_json: bool
) -> None:
    """Put one certificate in its place, and say what to do next."""
    read = settings_of(settings)
    with refusals_told():
        found = add_certificate(
            read, party, file, at=SystemClock().now(), uses=cast(Sequence[CertificateUsage], uses), since=since
        )
    steps = [
        command_line("knooppunt", "pmode", "check", "--hub", settings),
        command_line("knooppunt", "reload", "--hub", settings),
    ]
    if as_json:
        print_json({
            "owner": found.owner.name,
            "party": found.owner.party_id,
            "file": found.owner.file,
            "uses": list(found.uses),
            "place": str(found.place),
            "thumbprint": thumbprint_sha256(found.certificate).hex(),
            "begins_at": found.begins_at,
            "ends_at": found.ends_at,
            "warnings": list(found.warnings),
            "next": steps,
        })  # fmt: skip
        return
    counts = f"{_moment(found.begins_at)} until {_moment(found.ends_at)}"
    click.echo(f"{found.owner.file} names {found.place} for {' and '.join(found.uses)}, which counts from {counts}")
    click.echo(f"thumbprint sha256:{thumbprint_sha256(found.certificate).hex()}; hold it against what its owner says")
    if isinstance(found.owner, HubParty):
        sections = " and ".join(_KEYS[each] for each in found.uses)
        click.echo(
            f"its key stands in the settings, {settings}, under {sections}"
            if found.has_key
            else f"its key is not in use before the settings, {settings}, name it under {sections}"
        )
    for each in found.warnings:
        click.echo(f"warning: {each}", err=True)
    click.echo("in force with: " + "; ".join(steps))


def _certificates(settings: Settings, party: str | None) -> tuple[Listed, ...]:
    own, unread = own_certificates(settings)
    configuration, complaints = read_configuration(settings)
    if configuration is None or unread:
        raise Failure("\n  ".join(("the files have faults:", *unread, *complaints)), next_step="mend them first")
    everything = all_certificates(own, configuration)
    if party is None:
        return everything
    with refusals_told():
        owner = owner_named(configuration, party)
    return tuple(each for each in everything if each.party == owner.party_id)


def _waiting(sealed: tuple[SealedTo, ...]) -> Mapping[str, tuple[int, datetime]]:
    """How many messages wait under each certificate, and until when the last may."""
    found: dict[str, tuple[int, datetime]] = {}
    for each in sealed:
        number, until = found.get(each.thumbprint, (0, each.last_expires_at))
        found[each.thumbprint] = (number + each.waiting, max(until, each.last_expires_at))
    return found


def _facts(
    certificates: Sequence[Listed], sealed: tuple[SealedTo, ...] | None, at: datetime, *, whole: bool
) -> dict[str, object]:
    waiting = _waiting(sealed or ())
    return {
        "certificates": [
            {
                "use": each.use,
                "owner": each.owner,
                "party": each.party,
                "place": each.place,
                "begins_at": each.begins_at,
                "ends_at": each.ends_at,
                "days_left": each.days_left(at),
                "counts": each.valid(at),
                "thumbprint": _thumbprint(each),
                "waiting": None
                if sealed is None or each.use != "encryption"
                else waiting.get(_thumbprint(each), (0,))[0],
                "waiting_until": waiting[_thumbprint(each)][1] if _of_waiting(each, waiting) else None,
            }
            for each in certificates
        ],
        "no_longer_listed": [
            {
                "thumbprint": each.thumbprint,
                "party": each.receiver,
                "waiting": each.waiting,
                "waiting_until": each.last_expires_at,
            }
            for each in _left(certificates, sealed or (), whole=whole)
        ],
    }


def _print(certificates: Sequence[Listed], sealed: tuple[SealedTo, ...] | None, at: datetime, *, whole: bool) -> None:
    waiting = _waiting(sealed or ())
    print_table(
        "",
        ("of", "party", "use", "from", "until", "days left", "waiting", "fingerprint", "place"),
        [
            (
                each.owner,
                each.party,
                each.use,
                f"{each.begins_at:%Y-%m-%d}",
                f"{each.ends_at:%Y-%m-%d}",
                each.days_left(at),
                _told(each, waiting, known=sealed is not None),
                _as_read_out(_thumbprint(each)),
                each.place,
            )
            for each in certificates
        ],
        empty="no certificate is listed",
    )
    for left in _left(certificates, sealed or (), whole=whole):
        click.echo(
            f"{left.waiting} wait for {left.receiver} under {left.thumbprint}, which no file lists any more, until"
            f" {_moment(left.last_expires_at)} at the latest"
        )


def _told(each: Listed, waiting: Mapping[str, tuple[int, datetime]], *, known: bool) -> str:
    if each.use != "encryption":
        return ""
    if not known:
        return "unknown"
    number, until = waiting.get(_thumbprint(each), (0, None))
    return f"{number}, until {until:%Y-%m-%d}" if until is not None else str(number)


def _of_waiting(each: Listed, waiting: Mapping[str, tuple[int, datetime]]) -> bool:
    return each.use == "encryption" and _thumbprint(each) in waiting


def _left(certificates: Sequence[Listed], sealed: Sequence[SealedTo], *, whole: bool) -> list[SealedTo]:
    """What waits under certificates that no file lists any more: of the parties whose certificates are shown."""
    known = {_thumbprint(each) for each in certificates}
    parties = {each.party for each in certificates}
    return [each for each in sealed if each.thumbprint not in known and (whole or each.receiver in parties)]


def _as_read_out(thumbprint: str) -> str:
    """In groups of four, as the portal shows it to whoever compares the two."""
    return " ".join(thumbprint[at : at + 4] for at in range(0, len(thumbprint), 4))


def _thumbprint(each: Listed) -> str:
    return thumbprint_sha256(each.certificate).hex()


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"
