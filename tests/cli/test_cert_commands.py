"""An administrator puts the next certificate in its place, and sees what waits under the one before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from support.documents.json_contract import facts_of, validator
from support.hubs.processes import new_site, running_site
from support.keys.site_keys import copy_of, curve, made

from crypto.certificates import thumbprint_sha256
from crypto.pki import Issued, Usage, certificates_pem, private_key_pem
from gateway.cli.main import main
from gateway.site.making import Site
from pmodes.validity import Use

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return new_site(tmp_path_factory.mktemp("certificates") / "site")


@pytest.fixture
def site(pristine: Site, tmp_path: Path) -> Site:
    return copy_of(pristine, tmp_path / "site")


def knooppunt(*words: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in words])


def issued(usage: Usage, *, begins: int = -1, ends: int = 700) -> Issued:
    return made(usage, begins_at=NOW + begins * DAY, ends_at=NOW + ends * DAY)


def handed(site: Site, octets: bytes) -> Path:
    """A file as an organisation hands it over."""
    place = site.folder / "handed.pem"
    place.write_bytes(octets)
    return place


def add(site: Site, party: str, file: Path, *options: object) -> Result:
    return knooppunt("cert", "add", party, file, "--hub", site.settings, *options)


def pmodes(site: Site) -> Path:
    return site.settings.parent / "pmodes"


def everything(site: Site) -> dict[str, bytes]:
    return {str(each.relative_to(site.folder)): each.read_bytes() for each in pmodes(site).rglob("*") if each.is_file()}


def listed(site: Site, *words: str) -> list[dict[str, Any]]:
    shown = knooppunt("cert", "list", *words, "--hub", site.settings, "--json")
    assert shown.exit_code == 0, shown.output
    found: list[dict[str, Any]] = facts_of(shown.output)["certificates"]
    return found


@pytest.mark.parametrize("usage", ["signing", "encryption"])
@pytest.mark.parametrize("by", ["creditor", "creditor.yaml", "party"])
def test_it_lies_beneath_the_folder_and_its_owners_file_names_it_with_its_comments(
    site: Site, usage: Usage, by: str
) -> None:
    file = pmodes(site) / "creditor.yaml"
    file.write_text("# ours, since 2019\n" + file.read_text().replace("roles:", "roles: # as agreed"))
    before, others = file.read_text(), everything(site)
    found = issued(usage)
    party = site.organisation("creditor").party if by == "party" else by
    done = add(site, party, handed(site, certificates_pem(found.certificate)), "--json")
    assert done.exit_code == 0, done.output
    facts = facts_of(done.output)
    assert (facts["uses"], facts["file"]) == ([usage], "creditor.yaml")
    assert facts["thumbprint"] == thumbprint_sha256(found.certificate).hex()
    name = f"certificates/creditor-{usage}-2.pem"
    assert Path(facts["place"]) == pmodes(site) / name
    assert Path(facts["place"]).read_bytes() == certificates_pem(found.certificate)
    first = f"  - certificates/creditor-{usage}.pem\n"
    assert file.read_text() == before.replace(first, f"{first}  - {name}\n")
    changed = {each for each, octets in everything(site).items() if others.get(each) != octets}
    assert changed == {f"hub/pmodes/{name}", "hub/pmodes/creditor.yaml"}
    checked = knooppunt("pmode", "check", "--hub", site.settings)
    assert checked.exit_code == 0, checked.output
    told = knooppunt("cert", "list", "creditor", "--hub", site.settings)
    groups = [facts["thumbprint"][at : at + 4] for at in range(0, 64, 4)]  # as the portal shows it to who compares
    assert " ".join(groups) in told.output
    assert facts["party"] in told.output


def test_one_from_a_day_on_is_told_with_its_day_and_says_what_puts_it_in_force(site: Site) -> None:
    day = NOW + 9 * DAY
    file = handed(site, certificates_pem(issued("encryption").certificate))
    done = add(site, "creditor", file, "--from", f"{day:%Y-%m-%d}")
    assert done.exit_code == 0, done.output
    assert f"knooppunt reload --hub {site.settings}" in done.output
    assert f"from: {day:%Y-%m-%d}}}" in (pmodes(site) / "creditor.yaml").read_text()
    (current, following) = (each for each in listed(site, "creditor") if each["use"] == "encryption")
    assert (current["counts"], following["counts"]) == (True, False)
    assert following["begins_at"] > current["begins_at"]


def test_one_for_both_uses_says_which_and_is_named_in_both(site: Site) -> None:
    key, pem = curve()
    assert key
    file = handed(site, pem)
    asked = add(site, "creditor", file)
    assert (asked.exit_code, "say --use signing, --use encryption or both" in asked.stderr) == (1, True)


def of_another(site: Site) -> bytes:
    return (pmodes(site) / "certificates" / "counsellor-signing.pem").read_bytes()


def of_its_own(site: Site) -> bytes:
    return (pmodes(site) / "certificates" / "creditor-signing.pem").read_bytes()


def pkcs12(found: Issued, password: bytes | None) -> bytes:
    key: Any = found.private_key
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    return serialize_key_and_certificates(b"x", key, found.certificate, None, encryption)


def without_key(found: Issued, password: bytes | None) -> bytes:
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    return serialize_key_and_certificates(None, None, found.certificate, None, encryption)


def der(found: Issued, password: bytes | None) -> bytes:
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    return found.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, encryption)


SIGNING = issued("signing")
ALONE = ("it is a PKCS #12 file", "-nokeys")
LEAKED = ("it holds a private key", "make a new key")


@pytest.mark.parametrize(
    ("octets", "options", "said"),
    [
        (private_key_pem(SIGNING.private_key), (), LEAKED),
        (certificates_pem(SIGNING.certificate) + private_key_pem(SIGNING.private_key), (), LEAKED),
        (pkcs12(SIGNING, None), (), LEAKED),
        (pkcs12(SIGNING, b"secret"), (), LEAKED),
        (without_key(SIGNING, None), (), ALONE),
        (without_key(SIGNING, b"secret"), (), (*ALONE, "which only its password opens")),
        (der(SIGNING, None), (), LEAKED),
        (der(SIGNING, b"x"), (), LEAKED),
        (of_another, (), ("the certificate is that of Counsellor, at counsellor.yaml",)),
        (of_its_own, (), ("stands there already, at creditor.yaml:19: certificates.signing[0]",)),
        (certificates_pem(SIGNING.certificate), ("--use", "encryption"), ("key usage does not allow encryption",)),
        (certificates_pem(issued("signing", begins=-20, ends=-1).certificate), (), ("has ended, on", "a newer one")),
        (certificates_pem(SIGNING.certificate) * 2, (), ("it holds 2 certificates", "the one that is meant")),
        (curve()[1], ("--use", "signing"), ("its key does not fit the suite",)),
        (b"nothing of the kind", (), ("no certificate can be read", "PEM or DER")),
        (certificates_pem(SIGNING.certificate), ("--from", "2100-01-01"), ("no moment at which it counts",)),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_reason_and_nothing_is_written(
    site: Site, octets: bytes | Callable[[Site], bytes], options: tuple[str, ...], said: tuple[str, ...]
) -> None:
    before = everything(site)
    refused = add(site, "creditor", handed(site, octets if isinstance(octets, bytes) else octets(site)), *options)
    assert refused.exit_code == 1, refused.output
    assert [each for each in said if each not in refused.stderr] == [], refused.stderr
    assert ("no secret any more" in refused.stderr) == (said is LEAKED)
    assert everything(site) == before


def test_a_party_that_nobody_is_and_a_day_that_is_none_are_told(site: Site) -> None:
    file = handed(site, certificates_pem(SIGNING.certificate))
    nobody = add(site, "nobody", file)
    assert (nobody.exit_code, "no organisation has the party id or file nobody" in nobody.stderr) == (1, True)
    odd = add(site, "creditor", file, "--from", "soon")
    assert (odd.exit_code, "must be a day such as" in odd.stderr) == (2, True)
    missing = add(site, "creditor", site.folder / "missing.pem")
    assert (missing.exit_code, "there is no such file" in missing.stderr) == (1, True)


def test_a_file_that_is_written_in_another_way_is_left_and_what_to_write_is_told(site: Site) -> None:
    file = pmodes(site) / "creditor.yaml"
    entry = "certificates/creditor-signing.pem"
    file.write_text(file.read_text().replace(f"- {entry}\n", f"- |-\n    {entry}\n"))
    assert knooppunt("pmode", "check", "--hub", site.settings).exit_code == 0
    before = everything(site)
    refused = add(site, "creditor", handed(site, certificates_pem(SIGNING.certificate)))
    assert refused.exit_code == 1
    assert "add under certificates.signing: certificates/creditor-signing-" in refused.stderr
    assert everything(site) == before


def test_one_of_a_unit_stands_at_the_unit_which_is_named_by_its_party_id(site: Site) -> None:
    file, unit = pmodes(site) / "creditor.yaml", f"{site.organisation('creditor').party}:000000000012"
    for usage in ("signing", "encryption"):
        place = pmodes(site) / "certificates" / f"unit-{usage}.pem"
        place.write_bytes(certificates_pem(issued(usage).certificate))
    units = f"""\
units:
- name: Zuid # since May
  party: "{unit}"
  certificates:
    signing: [certificates/unit-signing.pem]
    encryption: [certificates/unit-encryption.pem]
"""
    file.write_text(file.read_text() + units)
    handed_over = handed(site, certificates_pem(issued("encryption", begins=0).certificate))
    done = add(site, unit, handed_over)
    assert done.exit_code == 0, done.output
    name = "certificates/creditor-zuid-encryption.pem"
    assert f"    encryption: [certificates/unit-encryption.pem, {name}]\n" in file.read_text()
    assert [each["use"] for each in listed(site, unit)] == ["signing", "encryption", "encryption"]


def test_no_more_than_a_file_may_list_are_added(site: Site) -> None:
    outcomes = [
        add(site, "hub", handed(site, certificates_pem(issued("signing", ends=600 + number).certificate)))
        for number in range(4)
    ]
    assert [each.exit_code for each in outcomes] == [0, 0, 0, 1]
    assert "take out the oldest of them" in outcomes[-1].stderr


async def test_the_list_shows_what_waits_under_each_also_where_no_file_lists_it_any_more(tmp_path: Path) -> None:
    async with running_site(new_site(tmp_path / "site")) as running, running.desk("counsellor", tmp_path) as sender:
        site = running.site
        await running.start()
        await sender.push(running.party("creditor"))
        found = certificates_pem(issued("encryption", begins=0).certificate)
        assert (await asyncio.to_thread(add, site, "creditor", handed(site, found))).exit_code == 0
        assert (await asyncio.to_thread(knooppunt, "reload", "--hub", site.settings)).exit_code == 0
        await sender.push(running.party("creditor"))
        await sender.push(running.party("creditor"))
        told = [each for each in await asyncio.to_thread(listed, site, "creditor") if each["use"] == "encryption"]
        assert [each["waiting"] for each in told] == [1, 2]
        assert all(each["waiting_until"] for each in told)
        file = pmodes(site) / "creditor.yaml"
        file.write_text(file.read_text().replace("  - certificates/creditor-encryption.pem\n", ""))
        assert (await asyncio.to_thread(knooppunt, "reload", "--hub", site.settings)).exit_code == 0
        shown = await asyncio.to_thread(knooppunt, "cert", "list", "--hub", site.settings, "--json")
        (left,) = facts_of(shown.output)["no_longer_listed"]
        assert (left["thumbprint"], left["waiting"]) == (told[0]["thumbprint"], 1)
        await running.process.stop()
        at_rest = await asyncio.to_thread(knooppunt, "cert", "list", "creditor", "--hub", site.settings)
        assert "1 wait for" in at_rest.output


def own_key(site: Site, found: Issued, section: str, name: str = "next") -> str:
    """What the settings say of the hub's next key, once it is named there."""
    keys = site.settings.parent / "keys"
    (keys / f"{name}.key").touch(mode=0o600)
    (keys / f"{name}.key").write_bytes(private_key_pem(found.private_key))
    (keys / f"{name}.pem").write_bytes(certificates_pem(found.certificate))
    return f'\n[[{section}]]\nkey = "keys/{name}.key"\ncertificate = "keys/{name}.pem"\n'


def test_the_hubs_next_encryption_certificate_is_added_once_the_settings_name_its_key(site: Site) -> None:
    found = issued("encryption", begins=0)
    file, before = handed(site, certificates_pem(found.certificate)), everything(site)
    refused = add(site, "hub", file)
    assert refused.exit_code == 1
    assert "[[keys.decryption]] first" in refused.stderr
    assert everything(site) == before
    with site.settings.open("a") as settings:
        settings.write(own_key(site, found, "keys.decryption"))
    done = add(site, "hub", file)
    assert done.exit_code == 0, done.output
    assert "its key stands in the settings" in done.stdout
    checked = knooppunt("pmode", "check", "--hub", site.settings)
    assert checked.exit_code == 0, checked.output


def test_of_a_signing_certificate_whose_key_the_settings_do_not_name_that_is_said(site: Site) -> None:
    done = add(site, "hub", handed(site, certificates_pem(issued("signing").certificate)))
    assert done.exit_code == 0, done.output
    assert "its key is not in use before the settings" in done.stdout
    assert knooppunt("pmode", "check", "--hub", site.settings).exit_code == 0


def sign_with(site: Site, found: Issued) -> None:
    """Let the settings name that key in the place of the one that signs."""
    text, heading = site.settings.read_text(), "[[keys.signing]]"
    before, _, behind = text.partition(heading)
    site.settings.write_text(before + own_key(site, found, "keys.signing") + "\n" + behind[behind.index("[") :])


def test_what_keeps_the_hub_from_starting_already_does_not_keep_away_the_step_that_mends_it(site: Site) -> None:
    found = issued("signing")
    sign_with(site, found)
    checked = knooppunt("pmode", "check", "--hub", site.settings)
    assert "hub.yaml:6 does not list it under certificates.signing" in checked.stderr
    other = add(site, "creditor", handed(site, certificates_pem(issued("signing").certificate)))
    assert other.exit_code == 0, other.output
    done = add(site, "hub", handed(site, certificates_pem(found.certificate)))
    assert done.exit_code == 0, done.output
    assert knooppunt("pmode", "check", "--hub", site.settings).exit_code == 0


def test_a_moment_that_keeps_the_hub_from_signing_now_is_refused_as_the_start_would(site: Site) -> None:
    found = issued("signing")
    sign_with(site, found)
    file, before = handed(site, certificates_pem(found.certificate)), everything(site)
    refused = add(site, "hub", file, "--from", f"{NOW + 9 * DAY:%Y-%m-%d}")
    assert refused.exit_code == 1, refused.output
    assert "with it the hub would complain of its settings" in refused.stderr
    assert "hub.yaml lets the certificate count from" in refused.stderr
    assert everything(site) == before


def test_one_that_ends_before_a_message_beside_a_longer_one_is_warned_of_wherever_one_looks(site: Site) -> None:
    short = handed(site, certificates_pem(issued("encryption", begins=0, ends=2).certificate))
    done = add(site, "creditor", short, "--json")
    assert done.exit_code == 0, done.output
    (warning,) = facts_of(done.stdout)["warnings"]
    assert "creditor.yaml:22: certificates.encryption[1]: the certificate ends on" in warning
    assert f"warning: {warning}" in knooppunt("pmode", "check", "--hub", site.settings).stderr
    assert f"worry: {warning}\n" in knooppunt("status", "--hub", site.settings).stdout


@pytest.mark.parametrize("command", ["cert list", "status"])
def test_every_use_of_a_certificate_is_one_that_the_shipped_schema_knows(command: str) -> None:
    facts = validator(command).schema["properties"]["facts"]["properties"]
    assert set(facts["certificates"]["items"]["properties"]["use"]["enum"]) == set(get_args(Use))


@pytest.mark.parametrize("with_key", [True, False], ids=["key", "alone"])
def test_a_file_that_holds_the_certificate_stays_as_it_is_and_a_key_in_it_is_told(site: Site, with_key: bool) -> None:
    new = issued("signing")
    pem = certificates_pem(new.certificate)
    assert add(site, "creditor", handed(site, pem)).exit_code == 0
    (place,) = (each for each in pmodes(site).rglob("creditor*.pem") if each.read_bytes() == pem)
    file = pmodes(site) / "creditor.yaml"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if place.name not in line))
    kept = b"as it came\n" + pem + (private_key_pem(new.private_key) if with_key else b"")
    place.write_bytes(kept)
    ended = add(site, "creditor", handed(site, pem))
    assert (ended.exit_code, place.read_bytes()) == (0, kept), ended.output
    assert (f"{place} holds a private key" in ended.output) is with_key
    assert (place.name not in file.read_text()) is with_key, "a file with a key in it is named by nothing"
