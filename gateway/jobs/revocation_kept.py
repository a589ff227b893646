"""What is remembered of revocation over a stop: the last CRL and OCSP response of each, the number of an authority's
last CRL with when the next was due, and who was revoked.

A folder in the data directory. A CRL and a response are a file each, as they came: they carry the signature of who said
it, so one that is lost or changed is fetched anew and nothing more. What no fetching brings back, numbers and revoked
certificates, stands in one file with a digest of itself: a hub that cannot read that does not start, for it would take
what it has refused.

SECURITY: every file is written whole and flushed before anything rests on it, and is its owner's alone.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from gateway.limits import MIB, OutboundLimits
from gateway.named_file import FileRefused, read_named
from gateway.storage import flush_folder
from gateway.whole_file import write_whole

FOLDER: Final = "revocation"  # in the data directory
LEDGER: Final = "ledger.json"
KEPT_AFTER_END: Final = timedelta(days=90)  # as long as a message is known that the certificate signed
_MOST_LEDGER_OCTETS: Final = 64 * MIB
_CRL, _OCSP = "crl", "ocsp"
_FORM: Final = 2
_FORMS: Final = (1, _FORM)  # the first did not say when a next CRL was due


class LedgerUnreadable(Exception):
    """The file of numbers and revoked certificates is there and cannot be read; the text says which, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """A certificate that its authority revoked, by what was said of it then."""

    said: str  # a sentence
    ends_at: str  # when the certificate ends

    @property
    def forget_at(self) -> datetime:
        """When nothing that it signed can count any more."""
        return datetime.fromisoformat(self.ends_at) + KEPT_AFTER_END


@dataclass(slots=True)
class Ledger:
    """Of the CRL that was taken last, by the key of its authority: its number in `numbers`, and in `until` when the
    next one was due. `revoked` by the SHA-256 of a certificate. Both keys are in hexadecimal.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)
    revoked: dict[str, Revoked] = field(default_factory=dict)


class KeptAnswers:
    """The folder; nothing is written where it is None. Methods wait for the disk, and belong into a thread."""

    def __init__(self, directory: Path | None) -> None:
        self._folder = None if directory is None else directory / FOLDER

    def ledger(self) -> Ledger:
        """As it was written last; empty where nothing was. Raises `LedgerUnreadable`, or `OSError` where the disk or
        the rights on it are what is wrong.
        """
        if self._folder is None:
            return Ledger()
        path = self._folder / LEDGER
        try:
            return parsed(read_named(path, most_octets=_MOST_LEDGER_OCTETS))
        except FileRefused as refused:
            if refused.errno == errno.ENOENT:
                return Ledger()
            if refused.errno not in (errno.EINVAL, errno.EFBIG):  # of what it is, and not of the disk
                raise OSError(refused.errno, os.strerror(refused.errno), str(path)) from None
            why = str(refused)
        except (ValueError, TypeError, KeyError, RecursionError):
            why = "it does not hold what a hub wrote"
        step = (
            "put it back from a backup; or move it away, and what was revoked is known again when its authority has"
            " said so"
        )
        raise LedgerUnreadable(f"{path}: {why}; {step}")

    def write_ledger(self, ledger: Ledger) -> None:
        """Put this in the place of the one before. Raises `OSError`."""
        self._write(LEDGER, text(ledger))

    def crl(self, authority: str) -> bytes | None:
        """The last CRL of an authority that was taken."""
        return self._read(f"{authority}.{_CRL}", OutboundLimits().crl_octets)

    def write_crl(self, authority: str, octets: bytes) -> None:
        """Raises `OSError`."""
        self._write(f"{authority}.{_CRL}", octets)

    def response(self, certificate: str) -> bytes | None:
        """The last OCSP response about a certificate that was taken."""
        return self._read(f"{certificate}.{_OCSP}", OutboundLimits().ocsp_octets)

    def write_response(self, certificate: str, octets: bytes) -> None:
        """Raises `OSError`."""
        self._write(f"{certificate}.{_OCSP}", octets)

    def keep_only(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Remove what was kept of any but these, by kind and authority or certificate: nobody asks for those."""
        names = {f"{about}.{kind}" for kind, about in wanted}
        if self._folder is None or not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if path.suffix in (f".{_CRL}", f".{_OCSP}") and path.name not in names:
                with suppress(OSError):
                    path.unlink()

    def _read(self, name: str, most_octets: int) -> bytes | None:
        if self._folder is None:
            return None
        try:
            return read_named(self._folder / name, most_octets=most_octets)
        except FileRefused:
            return None  # it is fetched again

    def _write(self, name: str, octets: bytes) -> None:
        if self._folder is None:
            return
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700, exist_ok=True)
            flush_folder(self._folder.parent)
        write_whole(self._folder / name, octets, is_secret=True)


def text(ledger: Ledger, form: int = _FORM) -> bytes:
    """The octets of the file."""
    until = {"until": {name: each.isoformat() for name, each in ledger.until.items()}}
    fields: dict[str, Any] = {
        "form": form,
        "numbers": ledger.numbers,
        **(until if form > 1 else {}),
        "revoked": {name: asdict(each) for name, each in sorted(ledger.revoked.items())},
    }
    digest = hashlib.sha256(json.dumps(fields).encode("ascii")).hexdigest()
    return json.dumps({**fields, "digest": digest}, indent=0).encode("ascii") + b"\n"


def parsed(octets: bytes) -> Ledger:
    """The ledger that was written as exactly these octets; raises ValueError, TypeError, KeyError or RecursionError."""
    fields = json.loads(octets.decode("ascii"))
    if not isinstance(fields, dict) or not all(isinstance(fields[each], dict) for each in ("numbers", "revoked")):
        raise ValueError("no ledger")
    form = fields["form"]
    if form not in _FORMS:
        raise ValueError("another form")
    ledger = Ledger(
        numbers={str(name): _number(each) for name, each in fields["numbers"].items()},
        until={str(name): _moment(each) for name, each in fields.get("until", {}).items()},
        revoked={str(name): _revoked(each) for name, each in fields["revoked"].items()},
    )
    if text(ledger, form) != octets:
        raise ValueError("another text than that of this ledger")
    return ledger


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("no number of a CRL")
    return value


def _moment(value: str) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo != UTC:
        raise ValueError("no moment")
    return found


def _revoked(fields: Mapping[str, Any]) -> Revoked:
    found = Revoked(**fields)
    if datetime.fromisoformat(found.ends_at).tzinfo != UTC or not isinstance(found.said, str):
        raise ValueError("no revoked certificate")
    return found
