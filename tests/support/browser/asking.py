"""Questions to the AS4 modules of the desk, which answer in one Node for all tests of a process.

    desk = asked()
    desk.ask("inflate", octets=b"...", mostOctets=100)      # the answer; Refused where they refuse

The program that answers is `tests/desk/js/as4/asked.js`.
"""

from __future__ import annotations

import atexit
import base64
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import IO, Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from crypto.certificates import Certificate, der

PROGRAM = Path(__file__).parents[2] / "desk" / "js" / "as4" / "asked.js"


class Refused(Exception):
    """The modules refused what was asked, by the name of a check."""

    def __init__(self, check: str, reason: str) -> None:
        super().__init__(f"{check}: {reason}")
        self.check = check
        self.reason = reason


class Unwritable(Exception):
    """A writer was given a value that it does not write."""


class Asked:
    """The program while it runs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(["node", str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, question: str, /, **arguments: object) -> Any:
        """The answer to one question; raises `Refused` or `Unwritable`."""
        line = json.dumps({"question": question, **arguments}, default=_plain)
        requests, answers = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        requests.write(line.encode("utf-8") + b"\n")
        requests.flush()
        said = json.loads(answers.readline(), object_hook=_revived)
        if "refused" in said:
            raise Refused(said["refused"], said["reason"])
        if "unwritable" in said:
            raise Unwritable(said["unwritable"])
        assert "fault" not in said, said["fault"]
        return said["answer"]

    def close(self) -> None:
        """End it."""
        for pipe in (self._process.stdin, self._process.stdout):
            cast("IO[bytes]", pipe).close()
        self._process.wait(timeout=60)


@cache
def _started() -> Asked:
    found = Asked()
    atexit.register(found.close)
    return found


def asked() -> Asked:
    """The program, started once a process; a test is skipped where there is no Node."""
    if shutil.which("node") is None:
        pytest.skip("there is no Node: run tests/interop/prepare.sh")
    return _started()


def key_pair(certificate: Certificate, private_key: RSAPrivateKey) -> Mapping[str, bytes]:
    """A certificate and its key as the program takes them."""
    pkcs8 = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return {"certificate": der(certificate), "privateKey": pkcs8}


def certificates(found: Sequence[Certificate]) -> list[bytes]:
    """Certificates as the program takes them."""
    return [der(each) for each in found]


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return {"octets": base64.b64encode(value).decode("ascii")}
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _revived(value: dict[str, Any]) -> Any:
    return (
        base64.b64decode(value["octets"]) if value.keys() == {"octets"} and isinstance(value["octets"], str) else value
    )
