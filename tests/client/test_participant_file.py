"""The folder of a participant is read back as it was written, and every complaint says what to do."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.keys.pki import PARTIES, authority, identity, key_pem
from support.keys.site_keys import curve

from crypto.certificates import der
from crypto.key_references import KeyReference
from crypto.pki import certificates_pem, private_key_pem
from gateway.client.participant_file import FILE_NAME, ParticipantFault, load_participant, write_participant
from gateway.client.transport import open_session
from gateway.ebms import names
from gateway.ebms.model import AgreementRef

OIN, HUB, CREDITOR, UNIT = (PARTIES[name][0] for name in ("counsellor", "hub", "creditor", "administrator"))


def files() -> dict[str, bytes]:
    who, hub = identity("counsellor"), identity("hub")
    return {
        "signing.key": private_key_pem(who.signing.private_key),
        "signing.pem": certificates_pem(who.signing.certificate),
        "encryption.key": private_key_pem(who.encryption.private_key),
        "encryption.pem": certificates_pem(who.encryption.certificate),
        "hub-signing.pem": certificates_pem(hub.signing.certificate),
        "hub-encryption.pem": certificates_pem(hub.encryption.certificate),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_participant(tmp_path, party=OIN, hub_party=HUB, url="https://hub.example/as4", files=files())
    return tmp_path


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    content = yaml.safe_load((folder / FILE_NAME).read_text())
    edit(content)
    (folder / FILE_NAME).write_text(yaml.safe_dump(content))


def complaints(folder: Path) -> str:
    with pytest.raises(ParticipantFault) as caught:
        load_participant(folder)
    return str(caught.value)


def test_a_pair_for_decryption_to_which_nobody_may_encrypt_is_told(folder: Path) -> None:
    """A hub seals nothing to it, and what waits for this participant would wait till its term is over."""
    change(folder, lambda content: content["decryption"].append({"key": "signing.key", "certificate": "signing.pem"}))
    (told,) = load_participant(folder).concerns
    assert told.startswith("decryption[1]: the key usage of the certificate in signing.pem allows no encryption")


def test_a_written_folder_is_read_back(folder: Path) -> None:
    who = load_participant(folder)
    assert (who.party, who.hub_party.value, who.url) == (OIN, HUB, "https://hub.example/as4")
    assert who.party_ids[0].type == names.OIN_TYPE
    assert who.mpc == f"urn:knooppunt:mpc:{OIN}"
    assert who.signing_key.certificate == identity("counsellor").signing.certificate
    assert who.decryption_keys[0].certificate == identity("counsellor").encryption.certificate
    assert who.hub_signing == (identity("hub").signing.certificate,)
    assert (who.suite.name, who.key_reference, who.origin_required) == ("as4-1.15-rsa", KeyReference.TOKEN, False)
    assert load_participant(folder / FILE_NAME).party == OIN


def test_private_keys_are_for_the_owner_alone(folder: Path) -> None:
    assert (folder / "signing.key").stat().st_mode & 0o077 == 0


def test_everything_that_may_be_said_is_read(folder: Path) -> None:
    (folder / "tls.pem").write_bytes(certificates_pem(identity("counsellor").signing.certificate))
    (folder / "tls.key").write_bytes(key_pem(identity("counsellor").signing.private_key, b"secret"))
    (folder / "tls.password").write_bytes(b"secret\nmore")
    (folder / "ca.pem").write_bytes(certificates_pem(authority().certificate))
    (folder / "creditor.pem").write_bytes(certificates_pem(identity("creditor").signing.certificate))
    (folder / "next.pem").write_bytes(certificates_pem(identity("hub", "next").signing.certificate))

    def edit(content: dict[str, Any]) -> None:
        content["party"] = [UNIT, OIN]
        content["hub"] |= {"ca": "ca.pem", "signing": ["hub-signing.pem", "next.pem"]}
        content["tls"] = {"key": "tls.key", "certificate": "tls.pem", "password_file": "tls.password"}
        content |= {"senders": {CREDITOR: ["creditor.pem"]}, "origin": "required", "receipts": "awareness"}
        content |= {"roles": ["shv-fase-2", "kredietbank"]}
        content |= {"key_reference": "ski", "base": "urn:other", "agreement": "urn:agreed"}

    change(folder, edit)
    who = load_participant(folder)
    assert [each.value for each in who.party_ids] == [UNIT, OIN]
    assert who.mpc == f"urn:other:mpc:{UNIT}"
    assert who.party_ids[0].type == names.UNIT_TYPE
    assert who.hub_signing == tuple(each.signing.certificate for each in (identity("hub"), identity("hub", "next")))
    assert who.senders == {CREDITOR: (identity("creditor").signing.certificate,)}
    assert who.roles == ("shv-fase-2", "kredietbank")
    assert (who.origin_required, who.awareness_receipts, who.key_reference) == (True, True, KeyReference.SKI)
    assert who.agreement_ref is not None
    assert who.tls is not None
    assert (who.tls.password, who.ca) == ("secret", (authority().certificate,))
    assert "secret" not in repr(who)


@pytest.mark.parametrize("form", ["DER", "PEM", "two in one file", "a list"])
async def test_whoever_vouches_for_the_hub_may_be_given_in_any_form(folder: Path, form: str) -> None:
    one, other = authority().certificate, identity("hub").signing.certificate
    (folder / "one.cer").write_bytes(der(one) if form == "DER" else certificates_pem(one))
    (folder / "other.cer").write_bytes(der(other))
    if form == "two in one file":
        (folder / "one.cer").write_bytes(certificates_pem(one) + certificates_pem(other))
    change(
        folder, lambda content: content["hub"].update(ca=["one.cer", "other.cer"] if form == "a list" else "one.cer")
    )
    who = load_participant(folder)
    assert who.ca == ((one, other) if form in ("two in one file", "a list") else (one,))
    await open_session(who).close()


@pytest.mark.parametrize(
    "url", ["https://[2001:db8::1]:8443/as4", "https://[::1]/as4", "http://[::1]:8443/as4", "http://127.0.0.2/as4"]
)
def test_addresses_of_both_families_are_taken(folder: Path, url: str) -> None:
    change(folder, lambda content: content["hub"].update(url=url))
    assert load_participant(folder).url == url


def test_a_pipe_for_a_file_waits_for_nobody(folder: Path) -> None:
    (folder / "hub-signing.pem").unlink()
    os.mkfifo(folder / "hub-signing.pem")
    assert "pipe" in complaints(folder)
    (folder / FILE_NAME).unlink()
    os.mkfifo(folder / FILE_NAME)
    assert "pipe" in complaints(folder)


def test_a_file_may_begin_with_a_byte_order_mark(folder: Path) -> None:
    path = folder / FILE_NAME
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_participant(folder).party == OIN


async def test_a_session_takes_the_tls_files(folder: Path) -> None:
    (folder / "tls.pem").write_bytes(certificates_pem(identity("counsellor").signing.certificate))
    (folder / "tls.key").write_bytes(private_key_pem(identity("counsellor").signing.private_key))
    (folder / "ca.pem").write_bytes(certificates_pem(authority().certificate))
    change(folder, lambda content: content.update(tls={"key": "tls.key", "certificate": "tls.pem"}))
    change(folder, lambda content: content["hub"].update(ca="ca.pem"))
    await open_session(load_participant(folder)).close()


@pytest.mark.parametrize("written", [b"pass word\n", b"\xef\xbb\xbfpass word\r\nmore", b"pass word"])
def test_a_key_with_a_password_is_opened(folder: Path, written: bytes) -> None:
    (folder / "signing.key").write_bytes(key_pem(identity("counsellor").signing.private_key, b"pass word"))
    (folder / "signing.password").write_bytes(written)
    assert "signing.key: the private key is encrypted" in complaints(folder)
    assert "say where it is with password_file beside it" in complaints(folder)
    change(folder, lambda content: content["signing"].update(password_file="signing.password"))
    assert load_participant(folder).party == OIN


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("as agreed in May", "agreement: as agreed in May is not a URI; write the one that was agreed with the hub"),
        ({"value": "as agreed"}, "agreement: as agreed is not a URI"),
        ("", "agreement: must not be empty"),
        (7, "agreement: must be text; put it in quotes"),
        ({"value": "a", "kind": "b"}, "agreement.kind: there is no such key"),
    ],
)
def test_an_agreement_that_no_hub_can_expect_is_refused_by_key_and_file(
    folder: Path, written: object, said: str
) -> None:
    change(folder, lambda content: content.update(agreement=written))
    with pytest.raises(ParticipantFault) as caught:
        load_participant(folder)
    (complaint,) = caught.value.complaints
    assert complaint.startswith(f"{FILE_NAME}:")
    assert said in complaint


def test_an_agreement_with_a_type_is_one_as_in_the_files_of_the_hub(folder: Path) -> None:
    change(folder, lambda content: content.update(agreement={"value": "as agreed in May", "type": "urn:example:kind"}))
    assert load_participant(folder).agreement_ref == AgreementRef(value="as agreed in May", type="urn:example:kind")


@pytest.mark.parametrize(
    "key",
    ["suite", "key_reference", "tls", "mpc", "base", "agreement", "roles", "senders", "origin", "receipts",
     "signing.password_file", "hub.ca", "hub.url", "decryption"],
)  # fmt: skip
@pytest.mark.parametrize("nothing", ["null", "~", ""])
def test_a_key_without_a_value_is_not_taken_for_one_that_is_left_out(folder: Path, key: str, nothing: str) -> None:
    section, _, inner = key.rpartition(".")
    change(folder, lambda content: (content[section] if section else content).update({inner: "NOTHING"}))
    file = folder / FILE_NAME
    file.write_text(file.read_text("utf-8").replace("NOTHING", nothing), "utf-8")
    with pytest.raises(ParticipantFault) as caught:
        load_participant(folder)
    assert [each for each in caught.value.complaints if each.startswith(FILE_NAME) and f" {key}: " in each]


@pytest.mark.parametrize("section", ["signing", "tls"])
def test_a_password_for_a_key_that_is_not_encrypted_is_told_with_its_setting(folder: Path, section: str) -> None:
    (folder / "password").write_bytes(b"secret")
    entry = {"key": "signing.key", "certificate": "signing.pem", "password_file": "password"}
    change(folder, lambda content: content.update({section: entry}))
    assert f"{section}.key: the private key is not encrypted" in complaints(folder)
    assert "take out password_file beside it" in complaints(folder)


@pytest.mark.parametrize(
    ("written", "said"), [(b"", "the password is empty"), (b"\n", "the password is empty"), (b"\xe9t\xe9", "not UTF-8")]
)
def test_a_password_file_without_a_password_is_told_once_and_its_octets_never(
    folder: Path, written: bytes, said: str
) -> None:
    (folder / "signing.key").write_bytes(key_pem(identity("counsellor").signing.private_key, b"pass word"))
    (folder / "signing.password").write_bytes(written)
    change(folder, lambda content: content["signing"].update(password_file="signing.password"))
    told = complaints(folder)
    assert (told.count("signing."), said in told, "0xe9" in told) == (1, True, False)


FAULTS: dict[str, tuple[Callable[[dict[str, Any]], object], tuple[str, ...]]] = {
    # what is wrong: (the edit, words that the complaint says)
    "unknown key": (lambda c: c.update(sute="x"), ("sute: there is no such key; did you mean suite?",)),
    "unknown key of the hub": (
        lambda c: c["hub"].update(uri="x"),
        ("hub.uri: there is no such key; did you mean url?",),
    ),
    "no party": (lambda c: c.pop("party"), ("party: this key is needed",)),
    "party without quotes": (lambda c: c.update(party=1000), ("party: must be text; put it in quotes",)),
    "a party as a mapping": (lambda c: c.update(party={"id": OIN}), ("party: must be an OIN in quotes", "or a list")),
    "a party as true": (lambda c: c.update(party=True), ("party: must be an OIN in quotes", '"0000009900000')),
    "an empty party": (lambda c: c.update(party=""), ("party: must be an OIN in quotes",)),
    "an empty list of parties": (lambda c: c.update(party=[]), ("party: must be an OIN in quotes", "or a list")),
    "a list in the list of parties": (lambda c: c.update(party=[[OIN]]), ("party[0]: must be an OIN in quotes",)),
    "a number among the parties": (lambda c: c.update(party=[OIN, 7]), ("party[1]: must be text; put it in quotes",)),
    "a party twice": (lambda c: c.update(party=[OIN, OIN]), (f"party: names {OIN} twice; name it once",)),
    "two parties of one type": (
        lambda c: c.update(party=[OIN, UNIT, CREDITOR]),
        ("party: names several party ids of one type", "a folder of its own"),
    ),
    "a list for the hub's party": (lambda c: c["hub"].update(party=[OIN]), ("hub.party: must be an OIN in quotes",)),
    "no OIN": (lambda c: c.update(party="123"), ("OIN of 20 digits",)),
    "no hub": (lambda c: c.pop("hub"), ("hub: this key is needed",)),
    "plain http": (lambda c: c["hub"].update(url="http://hub.example/as4"), ("https",)),
    "no address": (lambda c: c["hub"].update(url="hub.example"), ("hub.url", "https")),
    "no such file": (
        lambda c: c["hub"].update(encryption="gone.pem"),
        ("hub.encryption: gone.pem cannot be used", "put the file"),
    ),
    "a folder for a file": (lambda c: c["hub"].update(ca="."), ("hub.ca", "folder")),
    "a device for a file": (lambda c: c["signing"].update(key="/dev/zero"), ("signing.key", "device")),
    "an authority that is none": (lambda c: c["hub"].update(ca="signing.key"), ("hub.ca", "PEM or DER")),
    "no signing certificate at all": (lambda c: c["hub"].update(signing=[]), ("hub.signing: names no certificate",)),
    "a sender without certificate": (lambda c: c.update(senders={CREDITOR: []}), (f"senders.{CREDITOR}: names no",)),
    "a mailbox with blanks": (lambda c: c.update(mpc="urn:x y"), ("mpc: must be a URI",)),
    "a base without scheme": (lambda c: c.update(base="knooppunt"), ("base: must be a URI",)),
    "IPv6 without brackets": (lambda c: c["hub"].update(url="https://2001:db8::1:8443/as4"), ("hub.url", "brackets")),
    "half a bracket": (lambda c: c["hub"].update(url="https://[::1/as4"), ("hub.url", "brackets")),
    "a port that is none": (lambda c: c["hub"].update(url="https://hub.example:99999/as4"), ("hub.url", "65535")),
    "a port in letters": (lambda c: c["hub"].update(url="https://hub.example:as4/"), ("hub.url", "port")),
    "blanks in an address": (lambda c: c["hub"].update(url="https://hub.example/a s4"), ("hub.url",)),
    "a user in an address": (lambda c: c["hub"].update(url="https://me:secret@hub.example/as4"), ("hub.url", "user")),
    "tls that does not fit": (
        lambda c: c.update(tls={"key": "encryption.key", "certificate": "signing.pem"}),
        ("tls:", "belong together"),
    ),
    "no certificate": (lambda c: c["hub"].update(signing="signing.key"), ("hub.signing", "PEM or DER")),
    "keys that do not belong together": (lambda c: c["signing"].update(key="encryption.key"), ("signing", "belong")),
    "unknown suite": (lambda c: c.update(suite="rot13"), ("suite: rot13 is not known", "as4-1.15-rsa")),
    "unknown reference": (lambda c: c.update(key_reference="x"), ("key_reference: must be 'token', 'ski'",)),
    "unknown origin": (lambda c: c.update(origin="x"), ("origin: must be 'reported' or 'required'",)),
    "an unknown role": (lambda c: c.update(roles=["shv"]), ("roles[0]: must be one of: schuldeiser",)),
    "one role without a list": (lambda c: c.update(roles="schuldeiser"), ("roles: must be a list",)),
    "unknown receipts": (lambda c: c.update(receipts="x"), ("receipts: must be 'non-repudiation' or 'awareness'",)),
    "no decryption keys": (lambda c: c.update(decryption=[]), ("decryption: must be a list of key and certificate",)),
    "a sender without OIN": (lambda c: c.update(senders={"x": ["signing.pem"]}), ("senders", "OIN")),
    "tls without file": (lambda c: c.update(tls={"key": "gone.key"}), ("tls.certificate", "gone.key")),
}


def test_a_sender_whose_certificate_may_not_sign_is_named_before_anything_is_pulled(folder: Path) -> None:
    (folder / "other.pem").write_bytes(certificates_pem(identity("creditor").encryption.certificate))
    change(folder, lambda content: content.update(senders={CREDITOR: "other.pem"}))
    with pytest.raises(ParticipantFault) as caught:
        load_participant(folder)
    (said,) = caught.value.complaints
    assert f": senders.{CREDITOR}: the key usage of the certificate in other.pem allows no signatures" in said


@pytest.mark.parametrize(
    "setting", ["signing", "decryption[0]", "hub.signing", "hub.encryption", f"senders.{CREDITOR}"]
)
def test_a_key_of_a_kind_that_the_suite_has_no_use_for_is_named_by_its_setting(folder: Path, setting: str) -> None:
    private, certificate = curve()
    (folder / "ec.key").write_bytes(private)
    (folder / "ec.pem").write_bytes(certificate)
    own = {"key": "ec.key", "certificate": "ec.pem"}
    edits: dict[str, Callable[[dict[str, Any]], object]] = {
        "signing": lambda c: c.update(signing=own),
        "decryption[0]": lambda c: c.update(decryption=[own]),
        "hub.signing": lambda c: c["hub"].update(signing="ec.pem"),
        "hub.encryption": lambda c: c["hub"].update(encryption="ec.pem"),
        f"senders.{CREDITOR}": lambda c: c.update(senders={CREDITOR: "ec.pem"}),
    }
    change(folder, edits[setting])
    with pytest.raises(ParticipantFault) as caught:
        load_participant(folder)
    (said,) = caught.value.complaints
    assert f": {setting}: " in said
    assert "suite as4-1.15-rsa" in said
    assert said.endswith("of the kind RSA")


def test_a_key_that_stands_twice_is_refused_with_its_line(folder: Path) -> None:
    """The last one would win silently, and the reader of the file may have looked at the first."""
    file = folder / FILE_NAME
    file.write_text(f"party: '{UNIT}'\n" + file.read_text())
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if n > 1 and text.startswith("party:"))
    assert f"{FILE_NAME}:{line}: the key party stands twice" in complaints(folder)


def test_a_key_that_others_can_read_is_told_and_the_folder_is_used(folder: Path) -> None:
    assert load_participant(folder).concerns == ()
    for name in ("signing.key", "encryption.key"):
        (folder / name).chmod(0o644)
    (folder / "signing.pem").chmod(0o644)
    assert load_participant(folder).concerns == (
        f"signing.key: others can read or change it; run: chmod 600 {folder / 'signing.key'}",
        f"decryption[0].key: others can read or change it; run: chmod 600 {folder / 'encryption.key'}",
    )


@pytest.mark.parametrize(
    ("mode", "is_told"),
    [(0o600, False), (0o400, False), (0o640, False), (0o620, True), (0o604, True), (0o602, True), (0o601, True)],
    ids=oct,
)
def test_a_group_may_read_a_key_and_change_none_and_all_others_may_do_neither(
    folder: Path, mode: int, is_told: bool
) -> None:
    (folder / "signing.key").chmod(mode)
    assert [each.partition(":")[0] for each in load_participant(folder).concerns] == ["signing.key"] * is_told


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told_with_what_to_do(folder: Path, case: str) -> None:
    edit, words = FAULTS[case]
    change(folder, edit)
    said = complaints(folder)
    for word in words:
        assert word in said
    assert FILE_NAME in said


def test_every_complaint_has_the_line_of_its_key(folder: Path) -> None:
    """Forms, files that are named, keys that stand twice: one look at the file shows all there is to mend."""
    text = (folder / FILE_NAME).read_text()
    for old, new in (("hub-encryption.pem", "gone.pem"), ("- hub-signing.pem", "- hub-signing.pem\n  - lost.pem")):
        text = text.replace(old, new)
    (folder / FILE_NAME).write_text(f"{text}suite: {'x' * 90}\norigin: no\nsenders: {{1: x.pem}}\n")
    with pytest.raises(ParticipantFault) as caught:
        load_participant(folder)
    lines = (folder / FILE_NAME).read_text().splitlines()
    told = {}
    for each in caught.value.complaints:
        _, number, said = each.split(":", 2)
        told[said.strip()] = lines[int(number) - 1].strip()
    assert sorted(told.values()) == [
        "- lost.pem", "encryption: gone.pem", "origin: no", "senders: {1: x.pem}", f"suite: {'x' * 90}",
    ]  # fmt: skip
    lost = "lost.pem cannot be used, there is no such file; correct the name, or put the file there"
    assert f"hub.signing[1]: {lost}" in told
    assert str(caught.value).splitlines() == [f"{folder}/{each}" for each in caught.value.complaints]


@pytest.mark.parametrize("oin", ["00000099000000001000", "00000001234567012000", "10000000000000000000"])
def test_an_oin_without_quotes_is_the_one_that_is_written(folder: Path, oin: str) -> None:
    """YAML 1.1 reads digits with zeros before them, none above 7, as a number with base eight."""
    path = folder / FILE_NAME
    path.write_text(re.sub(r"(?m)^party: .*$", f"party: {oin}", path.read_text()))
    assert load_participant(folder).party == oin


def test_all_complaints_come_at_once(folder: Path) -> None:
    change(folder, lambda content: content.update(suite="x", origin="x", key_reference="x"))
    with pytest.raises(ParticipantFault) as caught:
        load_participant(folder)
    assert len(caught.value.complaints) == 3


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (None, "; name a folder that has participant.yaml, which "),
        (b"\xff\xfe", "UTF-8"),
        (b"a: [", ":2: this line cannot be read"),
        (b"", "the file is empty"),
    ],
)
def test_a_file_that_is_no_participant_is_refused(tmp_path: Path, octets: bytes | None, words: str) -> None:
    if octets is not None:
        (tmp_path / FILE_NAME).write_bytes(octets)
    assert words in complaints(tmp_path)


YAML_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["signing.pem", OIN]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = ["party", "hub", "signing", "decryption", "suite", "key_reference", "tls", "mpc", "base", "senders", "origin"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(KEYS), value=YAML_VALUES)
def test_whatever_stands_there_is_read_or_complained_of(folder: Path, key: str, value: object) -> None:
    before = (folder / FILE_NAME).read_text()
    said: tuple[str, ...] | None = None
    try:
        change(folder, lambda content: content.update({key: value}))
        load_participant(folder)
    except ParticipantFault as fault:
        said = fault.complaints
    finally:
        (folder / FILE_NAME).write_text(before)
    assert said is None or len(said) > 0
