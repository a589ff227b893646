"""The positive controls of the canary search: finding nothing proves something only if what was planted is found.

One control a form, each in a file of its own, among octets of chance; one more in a deleted file that is still open.
A run of the search that misses a control is no proof, and `search_with_controls` says so instead of reporting success.
"""

from __future__ import annotations

import base64
import gzip
import os
import secrets
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.search import Findings, search
from gateway.demo.search_forms import FORM_NAME, FORM_RAW, FORM_WINDOW, WINDOW_OCTETS

FORM_OPEN_DELETED = "open but deleted"


class ControlMissed(Exception):
    """The search did not find what was planted for it: nothing may be concluded from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One planted token: the form it has and the file it is in."""

    form: str
    file: str


def new_token() -> str:
    """A token that nothing else on the machine holds."""
    return f"CN-{secrets.token_hex(16)}"


def plant_controls(folder: Path, token: str) -> tuple[Control, ...]:
    """Write one file a form; the folder must exist, the files are the caller's to remove."""
    controls: list[Control] = []
    for form, octets in _controls(token).items():
        path = folder / f"control-{len(controls):02d}.bin"
        path.write_bytes(secrets.token_bytes(1000) + octets + secrets.token_bytes(1000))
        controls.append(Control(form=form, file=str(path)))
    named = folder / f"control-{token}.bin"
    named.write_bytes(b"")
    controls.append(Control(form=FORM_NAME, file=str(named)))
    return tuple(controls)


def _controls(token: str) -> Mapping[str, bytes]:
    """What is planted, by the form that must be found; made without the code that the search uses to know its forms."""
    raw = token.encode()
    code_points = "".join(f"\\u{ord(character):04x}" for character in token)
    compressed = b"before " + raw + b" after"
    return {
        FORM_RAW: raw,
        FORM_WINDOW: raw[3 : 3 + WINDOW_OCTETS],
        "utf-16le": token.encode("utf-16-le"),
        "utf-16be": token.encode("utf-16-be"),
        "base64+0": base64.b64encode(raw + b"tail"),
        "base64+1": base64.b64encode(b"1" + raw + b"tail"),
        "base64+2": base64.b64encode(b"12" + raw + b"tail"),
        "hex-lower": raw.hex().encode(),
        "hex-upper": raw.hex().upper().encode(),
        "url-encoded": b"".join(b"%%%02X" % octet for octet in raw),
        "json-escaped": code_points.encode(),
        f"gzip:{FORM_RAW}": gzip.compress(compressed),
        f"zlib:{FORM_RAW}": zlib.compress(compressed),
        f"gzip:gzip:{FORM_RAW}": gzip.compress(b"before " + gzip.compress(compressed) + b" after"),
    }


@contextmanager
def open_deleted_control(folder: Path, token: str) -> Iterator[None]:
    """Hold a file with the token open that has no name any more, in this process."""
    with tempfile.TemporaryFile(dir=folder) as unnamed:
        unnamed.write(token.encode())
        unnamed.flush()
        yield


def missed(controls: Iterable[Control], findings: Findings, token: str) -> tuple[Control, ...]:
    """The controls that the findings do not show."""
    found = {(hit.file, hit.form) for hit in findings.hits if hit.token == token}
    return tuple(control for control in controls if (control.file, control.form) not in found)


def search_with_controls(
    tokens: Sequence[str], roots: Sequence[Path], *, pids: Iterable[int] = (), folder: Path
) -> Findings:
    """Search the roots for the tokens, and in the same pass for controls planted in a new folder under `folder`.

    Only what concerns the tokens is returned. Raises `ControlMissed` with the forms that the search is blind to.
    """
    control_token = new_token()
    planted = Path(tempfile.mkdtemp(prefix="controls-", dir=folder))
    try:
        controls = plant_controls(planted, control_token)
        with open_deleted_control(planted, control_token):
            findings = search([*tokens, control_token], [*roots, planted], pids={*pids, os.getpid()})
    finally:
        shutil.rmtree(planted)
    blind = [control.form for control in missed(controls, findings, control_token)]
    if not any(hit.token == control_token and hit.file.startswith("/proc/") for hit in findings.hits):
        blind.append(FORM_OPEN_DELETED)
    if blind:
        raise ControlMissed(f"the search did not find what was planted for it: {', '.join(blind)}")
    hits = tuple(hit for hit in findings.hits if hit.token != control_token)
    return Findings(hits=hits, unread=findings.unread, files=findings.files, octets=findings.octets)
