"""Keycloak as a product of others runs it: a process of its own with one realm, asked over HTTP alone."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import socket
import subprocess
import threading
import urllib.request
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from interop.foreign import NotServed, PrerequisiteMissing
from interop_full.realm import REALM, realm
from lxml import etree
from support.identity.tokens import provider

from crypto.certificates import load_der
from gateway.identity.oidc import Provider
from gateway.identity.saml import Broker
from gateway.site.broker.values import MD

HERE: Final = Path(__file__).parent
KEYCLOAK: Final = Path(os.environ.get("KNOOPPUNT_KEYCLOAK", HERE.parent.parent / ".tox" / "keycloak"))
PREPARE: Final = "run make interop-full"
START_SECONDS: Final = 600  # a minute and a half on two idle cores
_DS: Final = "http://www.w3.org/2000/09/xmldsig#"


class Keycloak:
    """The server, as long as a test session lasts; its database is in memory."""

    def __init__(self) -> None:
        reason = KEYCLOAK / "not-served"
        if reason.exists():
            raise NotServed(f"keycloak: {reason.read_text().strip()}")
        if shutil.which("java") is None or not (KEYCLOAK / "version").exists():
            raise PrerequisiteMissing(f"a JDK of release 17 or later or Keycloak is missing: {PREPARE}")
        port, self._password = _free_port(), secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{port}"
        self._said: deque[str] = deque(maxlen=40)
        self._process = subprocess.Popen(
            [
                *("bash", str(KEYCLOAK / "home" / "bin" / "kc.sh"), "start-dev", "--db=dev-mem", "--cache=local"),
                *("--http-host=127.0.0.1", f"--http-port={port}"),
            ],
            env={
                **os.environ,
                "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
                "KC_BOOTSTRAP_ADMIN_PASSWORD": self._password,
                "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx768m",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        self._drained = threading.Thread(target=self._said.extend, args=(self._process.stdout,), daemon=True)
        try:
            self._wait_until_it_listens()
            self.administer("POST", "", realm())
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)
        if self._drained.is_alive():
            self._drained.join(timeout=60)
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def issuer(self) -> str:
        """Of the realm, by both protocols."""
        return f"{self.url}/realms/{REALM}"

    @property
    def provider(self) -> Provider:
        """The realm as the portal knows an OpenID provider."""
        at = f"{self.issuer}/protocol/openid-connect"
        return replace(
            provider(),
            issuer=self.issuer,
            audience=self.issuer,
            authorization_url=f"{at}/auth",
            token_url=f"{at}/token",
            keys_url=f"{at}/certs",
        )

    def broker(self) -> Broker:
        """The realm as the portal knows a broker, by the metadata that it publishes, unsigned as it does."""
        with urllib.request.urlopen(f"{self.issuer}/protocol/saml/descriptor", timeout=60) as answer:
            root = etree.fromstring(answer.read())
        certificates = {
            key.findtext(f".//{{{_DS}}}KeyName") or "": [
                load_der(base64.b64decode(key.findtext(f".//{{{_DS}}}X509Certificate") or ""))
            ]
            for key in root.iter(f"{{{MD}}}KeyDescriptor")
        }
        resolution = root.find(f".//{{{MD}}}ArtifactResolutionService")
        assert resolution is not None
        return Broker(
            entity_id=root.attrib["entityID"],
            login_url=root.findall(f".//{{{MD}}}SingleSignOnService")[0].attrib["Location"],
            resolution_urls={int(resolution.attrib["index"]): resolution.attrib["Location"]},
            certificates=certificates,
            valid_until=datetime.now(UTC) + timedelta(days=1),
        )

    def renew_signing_key(self) -> None:
        """The realm signs by RS256 with a new key from now on; the one before goes on counting."""
        self.administer(
            "POST",
            f"/{REALM}/components",
            {
                "name": f"signing {secrets.token_hex(4)}",
                "providerId": "rsa-generated",
                "providerType": "org.keycloak.keys.KeyProvider",
                "config": {"priority": ["1000"], "algorithm": ["RS256"], "keySize": ["2048"]},
            },
        )

    def administer(self, method: str, path: str, document: dict[str, Any]) -> None:
        """One request to its administration."""
        form = f"grant_type=password&client_id=admin-cli&username=admin&password={self._password}".encode("ascii")
        with urllib.request.urlopen(
            f"{self.url}/realms/master/protocol/openid-connect/token", form, timeout=60
        ) as answer:
            token = json.load(answer)["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        asked = urllib.request.Request(
            f"{self.url}/admin/realms{path}", json.dumps(document).encode("utf-8"), headers, method=method
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:
            assert answer.status in (201, 204)

    def _wait_until_it_listens(self) -> None:
        """And have somebody read on what it says, or it would stand still when the pipe is full."""
        assert self._process.stdout is not None
        too_late = threading.Timer(START_SECONDS, self._process.kill)
        too_late.start()
        try:
            for line in self._process.stdout:
                self._said.append(line)
                if "Listening on:" in line:
                    break
            else:
                raise AssertionError(f"Keycloak did not start:\n{''.join(self._said)}")
        finally:
            too_late.cancel()
        self._drained.start()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
