"""Foreign judges of certificates and paths: `openssl verify`, and the Java platform's PKIX (tests/interop/jdk_paths).

The table of paths is written out as files once; each judge answers for every row with an empty text, or with why it
refuses.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path as Folder

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_crl
from interop.foreign import HERE, PREPARE, PrerequisiteMissing
from support.keys.path_makers import Path

from crypto.pki import certificates_pem

# For openssl a purpose is a name that stands for key usage and extended key usage together.
_PURPOSES = {"signing": ("sslclient", "smimesign"), "encryption": ("smimeencrypt",), "tls": ("sslclient",)}
_MOST_BETWEEN = 3  # five certificates in all


def write_out(paths: Mapping[str, Path], folder: Folder) -> None:
    """One folder a path, and a file `cases` with what is asked of each."""
    lines = []
    for number, path in enumerate(paths.values()):
        case = folder / str(number)
        case.mkdir()
        (case / "end.pem").write_bytes(certificates_pem(path.end))
        (case / "roots.pem").write_bytes(certificates_pem(*path.roots))
        (case / "intermediates.pem").write_bytes(certificates_pem(*path.intermediates))
        if path.crls:
            crls = (load_der_x509_crl(octets).public_bytes(Encoding.PEM) for _, octets in path.crls)
            (case / "crls.pem").write_bytes(b"".join(crls))
        lines.append("\t".join([str(number), str(int(path.at.timestamp())), path.use, ",".join(path.policies)]))
    (folder / "cases").write_text("\n".join(lines) + "\n")


def java(paths: Mapping[str, Path], folder: Folder) -> dict[str, str]:
    """What the Java platform says of each."""
    if shutil.which("java") is None:
        raise PrerequisiteMissing(f"a JDK of release 17 or later is missing: {PREPARE}")
    source = HERE / "jdk_paths" / "JudgePaths.java"
    ran = subprocess.run(
        ["java", "-XX:+UseSerialGC", str(source), str(folder)], check=True, capture_output=True, text=True, timeout=120
    )
    said = dict(line.split("\t", 1) for line in ran.stdout.splitlines())
    return {name: said[str(number)].removeprefix("ok") for number, name in enumerate(paths)}


def openssl(paths: Mapping[str, Path], folder: Folder) -> dict[str, str]:
    """What openssl says of each."""
    if shutil.which("openssl") is None:
        raise PrerequisiteMissing("openssl is missing")
    return {name: _openssl(path, folder / str(number)) for number, (name, path) in enumerate(paths.items())}


def _openssl(path: Path, case: Folder) -> str:
    refused = ""
    for purpose in _PURPOSES[path.use]:
        asked = [
            "openssl", "verify", "-CAfile", "roots.pem", "-untrusted", "intermediates.pem", "-purpose", purpose,
            "-no-CAfile" if not path.roots else "-no-CApath", "-no-CAstore", "-auth_level", "2",
            "-attime", str(int(path.at.timestamp())), "-verify_depth", str(_MOST_BETWEEN),
        ]  # fmt: skip
        if not path.intermediates:
            asked[4:6] = []
        if path.crls:
            asked += ["-crl_check_all", "-CRLfile", "crls.pem"]
        if path.policies:
            asked += [
                "-explicit_policy",
                "-policy_check",
                *(each for one in path.policies for each in ("-policy", one)),
            ]
        ran = subprocess.run([*asked, "end.pem"], cwd=case, capture_output=True, text=True, timeout=60, check=False)
        if ran.returncode == 0:
            return ""
        refused = " ".join((ran.stdout + ran.stderr).split())
    return f"refused: {refused}"
