"""knooppunt pmode: what an administrator sees before and after a change of the files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.hubs.hub import LogLines
from support.longer import longer
from support.store.engines import open_sqlite

from gateway.cli.main import main
from gateway.settings import read_settings
from gateway.site.making import Site, make_site
from gateway.site.organisations import planned
from gateway.wiring import NotStartable, open_hub
from gateway.wiring.from_settings import ConfiguredSite
from gateway.written.editor_schema import EditorSchema
from pmodes.model import Leg
from pmodes.parameters import PARAMETERS
from xsd.catalogue import load_catalogue

MESSAGE = ("Schuldregeling", "2.0", "Saldoverzoek")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A hub with a bank that asks and a creditor that answers."""
    wanted = [planned(name, *roles) for name, roles in (("Bank", ("shv-fase-2",)), ("Energie", ("schuldeiser",)))]
    return make_site(tmp_path_factory.mktemp("site"), wanted, at=datetime.now(UTC))


def knooppunt(site: Site, *arguments: str) -> Result:
    first, *rest = arguments
    return CliRunner().invoke(main, ["pmode", first, "--hub", str(site.settings), *rest], catch_exceptions=False)


def test_files_without_a_fault_are_counted(site: Site) -> None:
    assert knooppunt(site, "check").stdout == "2 organisations, no complaints\n"
    listed = json.loads(knooppunt(site, "check", "--json").stdout)["facts"]["organisations"]
    assert [each["name"] for each in listed] == ["Bank", "Energie"]


def test_every_fault_is_told_with_file_and_line(site: Site) -> None:
    wrong = site.settings.parent / "pmodes" / "wrong.yaml"
    wrong.write_text("name: Wrong\nroles: []\nrolls: [schuldeiser]\n")
    try:
        ended = knooppunt(site, "check")
        facts = json.loads(knooppunt(site, "check", "--json").stdout)["facts"]["complaints"]
    finally:
        wrong.unlink()
    assert ended.exit_code == 1
    assert "wrong.yaml:3: rolls: there is no such key; did you mean roles?" in ended.stderr
    assert all(each in ended.stderr for each in facts)
    assert len(facts) > 1


def test_faults_of_keys_pmodes_and_store_are_told_together_and_a_start_says_the_same(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", [planned("Energie", "schuldeiser")], at=datetime.now(UTC))
    text = site.settings.read_text()
    site.settings.write_text(text.replace("keys/signing.key", "keys/sign1ng.key"))
    (site.settings.parent / "pmodes" / "wrong.yaml").write_text("name: Wrong\nroles: []\n")
    read = read_settings(site.settings)
    with pytest.raises(NotStartable) as refused:
        ConfiguredSite(read, load_catalogue((), base=read.hub.base_urn))
    checked = json.loads(knooppunt(site, "check", "--json").stdout)["facts"]["complaints"]
    folder = f"{read.pmodes.folder}/"
    assert sorted(checked) == sorted(each.removeprefix(folder) for each in refused.value.complaints)
    assert {each.partition(":")[0] for each in checked} == {"keys.signing[0].key", "wrong.yaml"}
    site.settings.write_text(site.settings.read_text().replace('directory = "data"', 'directory = "dat"'))
    store = [each for each in knooppunt(site, "check").stderr.splitlines() if "data.directory: " in each]
    assert ["dat is not there; correct the name or mount the disk" in each for each in store] == [True]


def outside(settings: Path) -> None:
    settings.write_text(settings.read_text().replace("[data]\n", '[data]\nmark = "elsewhere"\n'))


def copied(settings: Path) -> None:
    data = settings.parent / "data"
    data.rename(data.with_name("before"))
    shutil.copytree(data.with_name("before"), data)


def wrecked(settings: Path) -> None:
    (settings.parent / "data" / "store.db").write_bytes(b"no database at all" * 500)


def linked(settings: Path) -> None:
    log = settings.parent / "data" / "store.db-wal"
    log.unlink(missing_ok=True)
    log.symlink_to(settings.parent / "nothing")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (copied, "the directory is a copy of the one that the hub used"),
        (linked, "store.db-wal cannot be opened: it is a link, which SQLite does not follow; put the file itself"),
        *longer((outside, "elsewhere is not there; mount its disk"), (wrecked, "store.db cannot be opened: ")),
    ],
)
async def test_a_check_says_of_the_store_what_the_start_says_and_changes_nothing(
    tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    site = make_site(tmp_path / "site", [planned("Energie", "schuldeiser")], at=datetime.now(UTC))
    await (await open_sqlite(site.settings.parent / "data", at=datetime.now(UTC))).aclose()
    assert knooppunt(site, "check").exit_code == 0
    spoil(site.settings)
    ended = knooppunt(site, "check")
    assert (ended.exit_code, said in ended.stderr) == (1, True), ended.stderr
    assert knooppunt(site, "check").stderr == ended.stderr
    with pytest.raises(NotStartable) as refused:
        await open_hub(read_settings(site.settings), log=LogLines(), on_failure=lambda _error: None)
    assert said in str(refused.value)


@pytest.mark.parametrize(("number", "leg"), [(0, Leg.SENDING), (1, Leg.RECEIVING)])
def test_the_effective_pmode_is_that_of_the_leg_the_role_plays(site: Site, number: int, leg: Leg) -> None:
    party = site.organisations[number].party
    shown = json.loads(knooppunt(site, "show", party, *MESSAGE, "--json").stdout)["facts"]
    assert shown["leg"] == leg
    assert shown["id"].endswith(f"Schuldregeling:2.0:Saldoverzoek:leg{leg}")
    assert [each["name"] for each in shown["parameters"]] == [each.name for each in PARAMETERS if leg in each.legs]
    assert "PMode[1].Security.X509.Encryption.Encrypt" in knooppunt(site, "show", party, *MESSAGE).stdout
    by_file = json.loads(knooppunt(site, "show", site.organisations[number].slug, *MESSAGE, "--json").stdout)["facts"]
    assert by_file == shown, "the name of its file does as well"


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("00000099000009999000", *MESSAGE), "no organisation has the party id", 1),
        (("00000099000001001000", "Schuldregeling", "2.0", "Niets"), "there is no message Niets", 1),
        (("00000099000001001000", "MeldingenBewindvoering", "1.0", "MeldingAntwoord"), "neither sends nor receives", 1),
    ],
    ids=["party", "message", "role"],
)
def test_what_there_is_not_is_named(site: Site, arguments: tuple[str, ...], said: str, code: int) -> None:
    ended = knooppunt(site, "show", *arguments)
    assert (ended.exit_code, said in ended.stderr) == (code, True)


def test_the_messages_under_a_certificate_need_a_thumbprint(site: Site) -> None:
    arguments = ["message", "list", "--hub", str(site.settings), "--sealed-to"]
    assert CliRunner().invoke(main, [*arguments, "abc"]).exit_code == 2
    assert CliRunner().invoke(main, [*arguments, ""]).exit_code == 2


@pytest.mark.parametrize("written", ["sha256 Fingerprint=" + ":".join(["AB"] * 32), "ab" * 32])
def test_a_thumbprint_is_taken_as_openssl_prints_it(site: Site, written: str) -> None:
    arguments = ["message", "list", "--hub", str(site.settings), "--sealed-to", written]
    assert "64 hexadecimal digits" not in CliRunner().invoke(main, arguments).stderr


@pytest.mark.parametrize("kind", EditorSchema)
def test_the_schema_for_editors_is_printed_as_it_lies_beside_the_files(kind: EditorSchema) -> None:
    printed = CliRunner().invoke(main, ["pmode", "schema", kind.value]).stdout
    assert printed.encode() == kind.octets
    facts = json.loads(CliRunner().invoke(main, ["pmode", "schema", kind.value, "--json"]).stdout)["facts"]
    assert facts["schema"] == json.loads(printed)
    assert kind.file_name in facts["first_line"]
    assert facts["file"] == kind.file_name


def test_without_a_word_the_schema_is_that_of_organisations() -> None:
    assert CliRunner().invoke(main, ["pmode", "schema"]).stdout.encode() == EditorSchema.ORGANISATION.octets
