"""Every judge behind one question: is this message valid, and which payloads does it hold?"""

from __future__ import annotations

import itertools
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from interop.foreign import Jdk
from interop.oracles import Opinion, WireMessage


class JdkJudge:
    """Puts what the JDK is to judge into files and reads its verdict."""

    def __init__(self, jdk: Jdk, folder: Path) -> None:
        self._jdk = jdk
        self._folder = folder
        self._numbers = itertools.count()

    def answer(self, message: WireMessage, **more: str) -> list[tuple[str, str]]:
        """Everything the JDK says about the message."""
        place = self._folder / str(next(self._numbers))
        place.mkdir()
        (place / "body").write_bytes(message.body)
        (place / "certificate").write_bytes(message.certificate.public_bytes(Encoding.PEM))
        request = {
            "content-type": message.content_type,
            "body": str(place / "body"),
            "certificate": str(place / "certificate"),
        }
        if message.key is not None:
            encoded = message.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            (place / "key").write_bytes(encoded)
            request["key"] = str(place / "key")
        return self._jdk.ask("verify", {**request, **more})

    def make(self, **request: str) -> None:
        """Lets the JDK sign and encrypt what lies in files."""
        answer = self._jdk.ask("make", request)
        assert answer == [("outcome", "made")], answer

    def __call__(self, message: WireMessage) -> Opinion:
        answer = self.answer(message)
        reasons = [value for name, value in answer if name == "reason"]
        payloads = dict(value.rsplit(" ", 1) for name, value in answer if name == "payload")
        return Opinion(valid=("verdict", "valid") in answer, reason="JDK: " + "; ".join(reasons), payloads=payloads)
