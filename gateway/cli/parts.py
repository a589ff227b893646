"""What `knooppunt version` does: names the release and its parts, as a list or as a document of CycloneDX 1.6.

The parts are the distributions of the lock (`parts.json`, which `docs/generate.py` writes), the scripts of others that
browsers are served (`gateway/desk/vendor/parts.json`) and, in the image of `deploy/Containerfile`, the packages of
Debian that its root was made of (`status.d`). Nothing is fetched.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click

from gateway.cli.output import print_json, print_table
from gateway.desk_files import FOLDER

LOCKED: Final = Path(__file__).parent / "parts.json"
VENDORED: Final = FOLDER / "vendor" / "parts.json"
PACKAGES: Final = Path("/var/lib/dpkg/status.d")  # of an image without a package manager
UNRELEASED: Final = "0+unreleased"  # a checkout that is not installed
_OURS: Final = "knooppunt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: `kind` is `python`, `script` or `package`; `installed` is another version in its place, or None."""

    kind: str
    name: str
    version: str
    purl: str
    installed: str | None = None
    is_there: bool = True
    licence: str | None = None  # by SPDX, where it is known
    wanted_by: tuple[str, ...] = ()  # names of parts of its kind; empty for the program itself
    files: Mapping[str, str] | None = None  # SHA-384 in hexadecimal
    holds: tuple[tuple[str, str], ...] = ()  # what it was made of: names and versions


def release() -> str:
    """The version of the program, as it is installed."""
    return _installed(_OURS) or UNRELEASED


def tell_version(*, parts: bool, cyclonedx: bool, as_json: bool) -> None:
    """Print what was asked for."""
    found = tuple(all_parts()) if parts or cyclonedx else ()
    document = bill(release(), found) if cyclonedx else None
    if as_json:
        listed = [_facts(each) for each in found]
        print_json({"version": release(), "parts": listed if parts else None, "cyclonedx": document})
    elif document is not None:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        click.echo(f"{_OURS} {release()}")
        if parts:
            print_table(
                "",
                ("part", "version", "kind", "installed"),
                [(each.name, each.version, each.kind, _said_of(each)) for each in found],
                empty="",
            )


def all_parts() -> Iterator[Part]:
    """Of the lock, of the desk, and of the image where this runs in one, each by their names."""
    for each in json.loads(LOCKED.read_text("utf-8")):
        there = _installed(each["name"])
        yield Part(
            kind="python",
            name=each["name"],
            version=each["version"],
            purl=f"pkg:pypi/{each['name'].lower().replace('_', '-')}@{quote(each['version'])}",
            installed=None if there == each["version"] else there,
            is_there=there is not None,
            wanted_by=tuple(each["wanted_by"]),
        )
    for each in json.loads(VENDORED.read_text("utf-8")):
        yield Part(
            kind="script",
            name=each["name"],
            version=each["version"],
            purl=f"pkg:npm/{each['name']}@{each['version']}",
            licence=each["licence"],
            wanted_by=("",),
            files={name: _hexadecimal(digest) for name, digest in each["files"].items()},
            holds=tuple(each["holds"].items()),
        )
    for file in sorted(PACKAGES.iterdir()) if PACKAGES.is_dir() else ():
        fields = HeaderParser().parsestr(file.read_text("utf-8"))
        name, version, machine = fields["Package"], fields["Version"], fields["Architecture"]
        purl = f"pkg:deb/debian/{name}@{quote(version, safe='')}?arch={machine}"
        yield Part(kind="package", name=name, version=version, purl=purl, wanted_by=("",))


def bill(version: str, parts: Sequence[Part]) -> dict[str, Any]:
    """The document (CycloneDX 1.6). It holds no time and no chance: its serial number follows from the rest."""
    ours = f"pkg:pypi/{_OURS}@{quote(version)}"
    whole: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": _OURS,
                "version": version,
                "purl": ours,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": [_component(each) for each in parts],
        "dependencies": list(_dependencies(ours, parts)),
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(whole, sort_keys=True))
    return {"bomFormat": whole["bomFormat"], "specVersion": whole["specVersion"], "serialNumber": serial.urn, **whole}


def _component(part: Part) -> dict[str, Any]:
    inner: list[dict[str, Any]] = [
        {"type": "library", "name": name, "version": version} for name, version in part.holds
    ]
    for name, digest in (part.files or {}).items():
        inner.append({"type": "file", "name": name, "hashes": [{"alg": "SHA-384", "content": digest}]})
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "scope": "required" if part.is_there else "optional",
        "purl": part.purl,
    }
    if part.licence is not None:
        found["licenses"] = [{"license": {"id": part.licence}}]
    if inner:
        found["components"] = inner
    return found


def _dependencies(ours: str, parts: Iterable[Part]) -> Iterator[dict[str, Any]]:
    """What each needs: of a part the lock says who wants it."""
    needed: dict[str, list[str]] = {"": []}
    by_name = {each.name: each.purl for each in parts if each.kind == "python"}
    for each in parts:
        for name in each.wanted_by:
            needed.setdefault(name, []).append(each.purl)
    for name, purls in sorted(needed.items()):
        yield {"ref": by_name[name] if name else ours, "dependsOn": sorted(purls)}


def _facts(part: Part) -> dict[str, object]:
    return {
        "kind": part.kind,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "licence": part.licence,
        "is_installed": part.is_there,
        "installed_instead": part.installed,
    }


def _said_of(part: Part) -> str:
    if not part.is_there:
        return "no"
    return "yes" if part.installed is None else f"{part.installed} instead"


def _installed(name: str) -> str | None:
    try:
        return installed_version(name)
    except PackageNotFoundError:
        return None


def _hexadecimal(digest: str) -> str:
    """Of `sha384-` and base64, as browsers write it."""
    return base64.b64decode(digest.partition("-")[2]).hex()
