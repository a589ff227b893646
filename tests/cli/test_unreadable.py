"""What is advised about a document that cannot be read, by what is wrong with it, where it is pushed and where it is
answered.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.main import main
from gateway.cli.unreadable import mend_unreadable
from gateway.limits import PAYLOAD_LIMITS
from gateway.site.making import make_site
from gateway.site.organisations import planned
from xsd.checking.violations import UNREADABLE
from xsd.document import DocumentFault

DEEP = PAYLOAD_LIMITS.depth + 1
DOCUMENTS: dict[str, tuple[bytes, str]] = {
    "deep": (b"<a>" * DEEP + b"</a>" * DEEP, f"elements may be nested {PAYLOAD_LIMITS.depth} deep"),
    "large": (b"<a>" + b" " * PAYLOAD_LIMITS.octets + b"</a>", "large documents"),
    "empty": (b"", "give a file with a document in it"),
    "DOCTYPE": (b"<!DOCTYPE a><a/>", "take that out"),
    "zip": (b"PK\x03\x04", "unpack it"),
    "US-ASCII": (b'<?xml version="1.0" encoding="US-ASCII"?><a/>', "names another encoding than UTF-8 or UTF-16"),
    "UTF-16 without a mark": ("<a/>".encode("utf-16-be"), "a document in UTF-16 begins with one"),
    "Latin-1": (b"<a>\xe9</a>", "in the encoding that it declares"),
    "torn": (b"<a>", "`knooppunt schema sample` makes one"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    return make_site(site, [planned("Bank", "shv-fase-2")], at=datetime.now(UTC), port=9).organisations[0].folder


Command = Callable[[Path, Path], list[str]]


@pytest.mark.parametrize(
    "command",
    [
        lambda folder, file: ["push", "--as", str(folder), str(file)],
        lambda _, file: ["schema", "sample", "Schuldregeling", "2.0", "SaldoverzoekAntwoord", "--answering", str(file)],
    ],
    ids=["push", "answering"],
)
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_advice_is_about_what_is_wrong_with_the_document(
    folder: Path, tmp_path: Path, kind: str, command: Command
) -> None:
    octets, step = DOCUMENTS[kind]
    file = tmp_path / "document.xml"
    file.write_bytes(octets)
    participant = shutil.copytree(folder, tmp_path / "participant")
    ended = CliRunner().invoke(main, command(participant, file))
    assert ended.exit_code in (1, 2)
    assert step in ended.stderr, ended.stderr
    assert ("DOCTYPE" in ended.stderr) == (kind in ("DOCTYPE", "torn"))


def test_no_kind_of_unreadable_document_but_broken_xml_has_the_general_advice() -> None:
    general = mend_unreadable(DocumentFault("not-well-formed", ""))
    assert {code for code in UNREADABLE if mend_unreadable(DocumentFault(code, "")) == general} == {
        "not-well-formed", "declaration",
    }  # fmt: skip
