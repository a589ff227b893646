"""Starts the foreign programs and speaks with them: a line out, a line back, as long as a test session lasts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl, urlencode

import pytest
from support.absent import NOT_SERVED
from support.messages.wire import Draft

Started = TypeVar("Started")

HERE = Path(__file__).parent
PEER_ENVIRONMENT = Path(os.environ.get("KNOOPPUNT_AS4_PEER", HERE.parent.parent / ".tox" / "as4-peer"))
PHASE4 = Path(os.environ.get("KNOOPPUNT_PHASE4_PEER", HERE.parent.parent / ".tox" / "phase4-peer"))
PREPARE = "run tests/interop/prepare.sh (or: make interop)"


class PrerequisiteMissing(Exception):
    """What to install before this can be asked."""


class NotServed(Exception):
    """A foreign product that the registry did not have on the day of the preparation, and what it said."""


def start_or_tell(start: Callable[[], Started]) -> Started:
    """What that starts; a test that asks for it is skipped where it cannot, and in CI fails where that could be had."""
    try:
        return start()
    except PrerequisiteMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    except NotServed as absent:
        pytest.skip(f"{NOT_SERVED}: {absent}")


class _Conversation:
    """A child process that answers every line of its standard input with one line."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", bufsize=1
        )

    def ask_line(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the foreign program ended with code {self._process.wait()}")
        return answer.rstrip("\n")

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class As4Peer(_Conversation):
    """The partner on the `as4` package (tests/interop/as4_peer/peer.py)."""

    def __init__(self) -> None:
        python = PEER_ENVIRONMENT / "bin" / "python"
        if not python.exists():
            raise PrerequisiteMissing(f"the environment of the as4 package is missing: {PREPARE}")
        super().__init__([str(python), "-P", "-c", _RUN_PEER, str(HERE / "as4_peer")])

    def ask(self, command: str, **request: Any) -> dict[str, Any]:
        """One command; octets go and come as base64 (`octets`, `text` below)."""
        answer: dict[str, Any] = json.loads(self.ask_line(json.dumps({"command": command, **request})))
        return answer


# The folder of peer.py goes onto the path and nothing else of the checkout does: the partner imports nothing of ours.
_RUN_PEER = "import sys; sys.path.append(sys.argv[1]); import peer; peer.main()"


class Jdk(_Conversation):
    """The judge on the Java platform's own XML signatures and ciphers (tests/interop/jdk/Judge.java)."""

    def __init__(self, classes: Path) -> None:
        """Compiles into `classes`, once per session."""
        if shutil.which("javac") is None or shutil.which("java") is None:
            raise PrerequisiteMissing(f"a JDK of release 17 or later is missing: {PREPARE}")
        sources = sorted(map(str, (HERE / "jdk").glob("*.java")))
        subprocess.run(
            ["javac", "-Xlint:all,-serial", "-Werror", "-d", str(classes), *sources], check=True, timeout=120
        )
        super().__init__(["java", "-XX:+UseSerialGC", "-Xshare:auto", "-cp", str(classes), "Judge"])

    def ask(self, operation: str, request: Mapping[str, str]) -> list[tuple[str, str]]:
        """One request; the answer is a list, because a name may stand in it more than once."""
        return parse_qsl(self.ask_line(urlencode({"operation": operation, **request})), keep_blank_values=True)


class Phase4Peer(_Conversation):
    """The partner on phase4 (tests/interop/phase4), as tests/interop/prepare.sh compiled it."""

    def __init__(self) -> None:
        reason = PHASE4 / "not-served"
        if reason.exists():
            raise NotServed(f"phase4: {reason.read_text().strip()}")
        path = PHASE4 / "class-path"
        if shutil.which("java") is None or not path.exists():
            raise PrerequisiteMissing(f"a JDK of release 17 or later or the partner on phase4 is missing: {PREPARE}")
        classes = f"{PHASE4 / 'classes'}{os.pathsep}{path.read_text().strip()}"
        super().__init__(["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classes, "Peer"])

    def ask(self, operation: str, request: Mapping[str, str]) -> dict[str, str]:
        """One request, one answer; `fault` in it is an exception of the Java program."""
        answer = dict(parse_qsl(self.ask_line(urlencode({"operation": operation, **request})), keep_blank_values=True))
        assert "fault" not in answer, answer
        return answer


def pushing(draft: Draft, folder: Path) -> dict[str, str]:
    """What the partner on phase4 is told to send: header values, and parts as files in the folder."""
    header = draft.user_message
    parts: dict[str, str] = {}
    for number, part in enumerate(draft.parts, 1):
        file = folder / f"{header.message_id}-{number}"
        file.write_bytes(part.octets)
        parts |= {f"part{number}": str(file), f"media_type{number}": part.mime_type}
    return {
        "message_id": header.message_id,
        "timestamp": header.timestamp.isoformat(),
        "conversation_id": header.conversation_id,
        "from": header.from_party.party_ids[0].value,
        "from_type": header.from_party.party_ids[0].type or "",
        "from_role": header.from_party.role,
        "to": header.to_party.party_ids[0].value,
        "to_type": header.to_party.party_ids[0].type or "",
        "to_role": header.to_party.role,
        "service": header.service.value,
        "action": header.action,
        **{f"property.{each.name}": each.value for each in header.properties},
        **parts,
    }


def text(octets: bytes) -> str:
    """Octets as the partner takes them."""
    return b64encode(octets).decode("ascii")


def octets(value: str) -> bytes:
    """Octets as the partner gives them."""
    return b64decode(value)
