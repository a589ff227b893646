"""The positive controls of the canary search: finding nothing proves something only if what was planted is found.

One control a form, each in a file of its own, among octets of chance; one more in a deleted file that is still open.
A run of the search that misses a control is no proof, and `search_with_controls` says so instead of reporting success.
"""

from __future__ import annotations

import base64
import gzip
import secrets
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.search import Findings
from gateway.demo.search_forms import FORM_NAME, FORM_RAW, FORM_WINDOW, WINDOW_OCTETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One planted token: the form it has and the file it is in."""

    form: str
    file: str


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
