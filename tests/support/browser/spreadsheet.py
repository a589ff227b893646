"""LibreOffice without a window: opens a file as a person's spreadsheet does and saves it, values and all."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

# Semicolons, quotes, UTF-8, in Dutch; formulas are computed. As text: the way that the portal advises. Otherwise every
# language's numbers and dates are recognised, which does most to a file.
AS_TEXT = "CSV:59,34,76,1,,1043,true,false,false,false,false,0,true"
AS_IT_LIKES = "CSV:59,34,76,1,,1043,false,true,false,false,false,0,true"
SAVED = "csv:Text - txt - csv (StarCalc):59,34,76,1,,1043,true,true,true,false"
_SECONDS_AT_MOST = 180


def through(octets: bytes, folder: Path, kind: str = SAVED, *, opened: str = AS_TEXT) -> bytes:
    """The file as LibreOffice saves what it made of it."""
    if shutil.which("soffice") is None:
        pytest.skip("there is no LibreOffice: run tests/interop_full/prepare.sh")
    before, after = folder / "opened.csv", folder / "saved"
    before.write_bytes(octets)
    after.mkdir(exist_ok=True)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/office", "--headless", f"--infilter={opened}"]
    command += ["--convert-to", kind, "--outdir", str(after), str(before)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS_AT_MOST, check=False)
    (made,) = after.glob(f"opened.{kind.partition(':')[0]}") if done.returncode == 0 else ()
    return made.read_bytes()
