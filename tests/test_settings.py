"""The settings file: what is needed, what is refused, and that every key is explained."""

from __future__ import annotations

import os
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from uuid import uuid4

import pytest
from support.messages.message_ids import is_msg_id

from gateway.ebms.consistency import MOST_MESSAGE_ID_CHARACTERS
from gateway.ebms.header_rules import MOST_VALUE_CHARACTERS
from gateway.settings import Settings, SettingsFault, parse_settings, read_settings, settings_reference
from gateway.written.header_text import MOST_HEADER_CHARACTERS, MOST_PARTY_CHARACTERS

SECTIONS = {
    "hub": '[hub]\npublic_url = "https://hub.example.org/as4"\n',
    "data": '[data]\ndirectory = "data"\n',
    "pmodes": '[pmodes]\nfolder = "/etc/knooppunt/pmodes"\n',
    "keys": """\
[[keys.signing]]
key = "keys/signing.pem"
certificate = "keys/signing-certificate.pem"
[[keys.decryption]]
key = "keys/decryption.pem"
certificate = "keys/decryption-certificate.pem"
""",
}
LEAST = "".join(SECTIONS.values())


def complaints(text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsFault) as fault:
        parse_settings(text, name="hub.toml")
    return fault.value.complaints


def test_a_file_with_the_needed_keys_has_defaults_for_the_rest() -> None:
    settings = parse_settings(LEAST)
    assert settings.hub.base_urn == "urn:knooppunt"
    assert (settings.limits.header_seconds, settings.limits.idle_seconds) == (10.0, 30.0)
    assert settings.limits.soap_bytes == 256 * 1024
    assert settings.limits.parts == 64
    assert settings.listen.minimum_tls == "1.2"
    assert settings.modules.folders == []


def test_relative_paths_are_seen_from_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(LEAST, "utf-8")
    settings = read_settings(file)
    assert settings.data.directory == tmp_path / "data"
    assert settings.keys.decryption[0].key == tmp_path / "keys/decryption.pem"
    assert settings.pmodes.folder == Path("/etc/knooppunt/pmodes")


@pytest.mark.parametrize("mark", ["data", "data/mark", "elsewhere/../data/mark", "link/mark"])
def test_a_mark_in_the_directory_that_it_watches_is_refused(tmp_path: Path, mark: str) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "data")
    text = LEAST.replace(SECTIONS["data"], f'{SECTIONS["data"]}mark = "{mark}"\n')
    with pytest.raises(SettingsFault, match=r"data\.mark: lies in data\.directory; name a folder outside"):
        parse_settings(text, folder=tmp_path)


def test_the_folder_of_the_mark_is_seen_from_the_settings_file_and_may_hold_the_directory(tmp_path: Path) -> None:
    text = LEAST.replace(SECTIONS["data"], '[data]\ndirectory = "hub/data"\nmark = "hub"\n')
    assert parse_settings(text, folder=tmp_path).data.mark == tmp_path / "hub"
    assert parse_settings(LEAST).data.mark is None


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match=r"missing\.toml: there is no such file"):
        read_settings(tmp_path / "missing.toml")
    (tmp_path / "wide.toml").write_bytes(LEAST.encode("utf-16-le"))
    with pytest.raises(SettingsFault, match=r"wide\.toml: the file is UTF-16 text; save it as UTF-8"):
        read_settings(tmp_path / "wide.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xff")
    with pytest.raises(SettingsFault, match=r"odd\.toml: the file is not UTF-8 text"):
        read_settings(tmp_path / "odd.toml")


def test_a_wrong_value_hides_no_contradiction_of_another_section_and_makes_none_in_its_own(tmp_path: Path) -> None:
    text = LEAST.replace(SECTIONS["data"], f'{SECTIONS["data"]}mark = "data"\nlog_days = "x"\n')
    text += "[limits]\nidle_seconds = 900\ntotal_seconds = 30\n"
    with pytest.raises(SettingsFault) as refused:
        parse_settings(text, folder=tmp_path)
    said = [each.partition(": ")[2] for each in refused.value.complaints]
    assert [each.partition(":")[0] for each in said] == ["data.log_days", "limits.idle_seconds"]


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_settings_are_a_plain_file(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "hub.toml")
    with pytest.raises(SettingsFault, match=r"hub\.toml: it is a .*, and should be a plain file"):
        read_settings(tmp_path / "hub.toml")


def test_a_mark_at_the_start_of_the_file_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text(LEAST, "utf-8-sig")
    assert read_settings(tmp_path / "hub.toml").hub.public_url == "https://hub.example.org/as4"


NOT_TOML = [
    ("two values", "port = 1 2", 1, "something follows the value in this line"),
    ("a unit", "soap_bytes = 5 MiB", 1, "something follows the value in this line"),
    ("a table twice", "[hub]\n[data]\n[hub]", 3, "this section or key stands above already"),
    ("a key twice", "a = 1\na = 2", 2, "this section or key stands above already"),
    ("an open quote", 'a = 1\nb = "x\nc = 3', 2, "a quote is opened here and never closed"),
    ("an open single quote", "a = 1\nb = 'x\nc = 3", 2, "a quote is opened here and never closed"),
    ("an open long quote", 'a = 1\nb = """x\nc = 3', 2, "a quote is opened here and never closed"),
    ("a bare word", "a = 1\nb = yes", 2, "put text in quotes"),
    ("True", "b = True", 1, "true or false in small letters"),
    ("no value", "b =", 1, "a value is missing here"),
    ("a backslash", r'a = "C:\keys"', 1, "use single quotes"),
    ("a backslash and u", r'a = "C:\users"', 1, "use single quotes"),
    ("an open bracket", "[hub\na = 1", 1, "write ] after its name"),
    ("two open brackets", "[[hub]\na = 1", 1, "write ]] after its name"),
    ("an open list", 'a = 1\nb = ["x", "y"\nc = 2', 2, "a list that begins with [ here is not closed"),
    ("an open list over lines", 'a = [\n  "x",\nc = 2', 1, "a list that begins with [ here is not closed"),
    ("an open list at the end", 'a = ["x",\n', 1, "a list that begins with [ here is not closed"),
    ("no comma", 'a = ["x" "y"]', 1, "lacks a comma"),
    ("an open table", "a = {b = 1", 1, "keys that begin with { here are not closed"),
    ("a bad date", "a = 2026-13-45", 1, "there is no such date or time"),
    ("a bad day", "a = 2026-02-30", 1, "there is no such date or time"),
    ("a bad time", "a = 12:99:00", 1, "there is no such date or time"),
    ("no equals sign", "a : 1", 1, "a key needs an equals sign"),
    ("no key", "= 1", 1, "a line begins with a key"),
    ("no name", "[]", 1, "needs a name"),
    ("a sign that cannot be seen", 'a = "\x01"', 1, "a sign that cannot be seen"),
]


@pytest.mark.parametrize(("text", "line", "said"), [row[1:] for row in NOT_TOML], ids=[row[0] for row in NOT_TOML])
def test_text_that_is_not_toml_is_told_with_its_line_and_what_to_do(text: str, line: int, said: str) -> None:
    (complaint,) = complaints(f"{text}\n")
    assert complaint.startswith(f"hub.toml:{line}: ")
    assert said in complaint
    assert "column" not in complaint


def test_all_complaints_come_at_once_with_their_lines() -> None:
    found = complaints(
        LEAST
        + """\
[listen]
prot = 8443
minimum_tls = "1.1"
[limits]
parts = 65
soap_bytes = "much"
[nonsense]
"""
    )
    assert found == (
        "hub.toml:14: listen.prot: there is no such key; did you mean port?",
        "hub.toml:15: listen.minimum_tls: must be '1.2' or '1.3'",
        "hub.toml:17: limits.parts: must be at most 64",
        "hub.toml:18: limits.soap_bytes: must be a whole number",
        "hub.toml:19: nonsense: there is no such key; take it out",
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_a_needed_section_that_is_missing_is_named(section: str) -> None:
    text = "".join(each for name, each in SECTIONS.items() if name != section)
    assert complaints(text) == (f"hub.toml: {section}: this key is needed",)


def test_a_fault_in_the_second_decryption_key_names_its_line() -> None:
    second = '[[keys.decryption]]\nkey = "other.pem"\ncertificate = 3\n'
    assert complaints(LEAST + second) == ("hub.toml:15: keys.decryption[1].certificate: must be a path",)


@pytest.mark.parametrize(
    ("addition", "complaint"),
    [
        ('[listen]\ntls_certificate = "c"\n', "tls_certificate and tls_key go together"),
        ('[listen]\nclient_certificate = "required"\n', "needs client_ca and tls_certificate"),
        ("[listen]\nproxy_protocol = true\n", "lets nobody in but trusted_proxies"),
        ('[listen]\nclient_certificate_header = "Client-Cert"\n', "is believed from trusted_proxies alone"),
        ('[listen]\nclient_certificate_header = "Client Cert"\n', "must be the name of an HTTP header"),
        ('[log]\nfile = "data/store.db"\n', "log.file: lies in data.directory or pmodes.folder"),
        ('[log]\nfile = "/etc/knooppunt/pmodes/hub.yaml"\n', "log.file: lies in data.directory or pmodes.folder"),
        ('[log]\nfile = "hub.toml"\n', "log.file: is a file that the hub reads"),
        ('[log]\nfile = "keys/signing.pem"\n', "log.file: is a file that the hub reads"),
        ('[log]\nfile = "keys/../keys/decryption.pem"\n', "log.file: is a file that the hub reads"),
        (
            '[store]\nurl = "postgresql://knooppunt@/hub"\nduplicate_key_file = "d.key"\n[log]\nfile = "d.key"\n',
            "log.file: is a file that the hub reads",
        ),
        ('[log]\nfile = "hub\\u0000log"\n', "log.file: has a NUL"),
        ("[limits]\nidle_seconds = 4000\n", "is more than total_seconds"),
        ("[limits]\nconnections = 10\n", "is more than connections"),
        ("[limits]\nconnections = 1\nconnections_per_address = 1\n", "limits.connections"),
        ("[limits]\nrequests_in_progress = 1\n", "limits.requests_in_progress"),
        ("[limits]\narriving_bytes = 5_000_000\n", "is less than soap_bytes"),
        ("[limits]\ndocument_bytes = 5_000_000_000\n", "is more than inflated_bytes"),
        ("[limits]\nmessage_bytes = 1024\n", "is more than message_bytes"),
        ("[limits]\nheader_seconds = 0\n", "must be more than 0"),
        ("[limits]\nrequests_per_second_per_address = inf\n", "must be a number"),
        ("[limits]\ntotal_seconds = nan\n", "must be a number"),
        ("[limits]\nretry_after_seconds = true\n", "must be a whole number"),
        ('[listen]\ntrusted_proxies = ["10.0.0.1/8"]\n', "must be an address or network"),
        ("[listen]\ntrusted_proxies = [10]\n", "must be an address or network"),
        ('[listen]\ntrusted_proxies = ["10.0.0.1:80"]\n', "must be an address or network"),
        ('[listen]\nhost = ""\n', "listen.host: must be a host name"),
        ("[listen]\nhost = []\n", "listen.host: must be an address, or a list of addresses"),
        ("[listen]\nhost = 3\n", "listen.host: must be an address, or a list of addresses"),
        ('[listen]\nhost = ["::", 3]\n', "listen.host[1]: must be an address, or a list of addresses"),
        ('[listen]\nhost = ["::1", "[::1]"]\n', "listen.host: names the same address twice"),
        ('[listen]\nhost = "127.0.0.1:8443"\n', "listen.host: has a port; the port stands in a key of its own"),
        ("[listen]\nport = 65536\n", "listen.port: must be at most 65535"),
        ("[limits]\nstranger_cpu_fraction_per_address = 7\n", "must be less than 1"),
        ('[listen]\nport = "8443"\n', "listen.port: must be a whole number"),
        ('[listen]\nport = 0\nhost = ["127.0.0.1", "::1"]\n', "with several, name the port"),
        ('[listen]\ntls_key_password_env = "not a name"\n', "has signs that do not belong in it"),
        ('[modules]\nfolders = "one"\n', "must be a list"),
        ("listen = 3\n" + LEAST, "must be a section"),
    ],
)
def test_values_that_make_no_sense_are_refused(addition: str, complaint: str) -> None:
    text = addition if LEAST in addition else LEAST + addition
    assert any(each.endswith(complaint) or complaint in each for each in complaints(text))


def test_every_bad_address_of_a_setting_is_told_at_once() -> None:
    hosts = '[listen]\nhost = ["127.0.0.1:80", "::1", "a b", 3]\ntrusted_proxies = ["x", "10.0.0.0/8", "10.0.0.1/8"]\n'
    assert [each.split(": ")[1] for each in complaints(LEAST + hosts)] == [
        "listen.host[0]", "listen.host[2]", "listen.host[3]", "listen.trusted_proxies[0]", "listen.trusted_proxies[2]",
    ]  # fmt: skip


def test_what_contradicts_something_else_is_told_with_its_line() -> None:
    found = complaints(LEAST + "[limits]\nidle_seconds = 4000\n[listen]\ntls_key = 'k'\n")
    assert [each.rpartition(": ")[0] for each in found] == ["hub.toml:14: limits.idle_seconds", "hub.toml:15: listen"]


def test_a_key_with_a_line_break_stays_on_the_line_of_its_complaint() -> None:
    (found,) = complaints(LEAST + f'[log]\n"x\\nhub.toml:1: {"y" * 200}" = 1\n')
    assert found.startswith("hub.toml:13: log.x\\nhub.toml:1: yyy")
    assert (len(found) < 160, found.isprintable()) == (True, True)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("https://hub.example.org/as4", "ftp://hub.example.org", "must be an http or https URL"),
        ("https://hub.example.org/as4", "https://hub.example.org/as4?x=1", "must be an http or https URL"),
        ("https://hub.example.org/as4", "https://::1:8443/as4", "hub.public_url: an IPv6 address in a URL stands"),
        ("https://hub.example.org/as4", "https://hub.example.org:99999/as4", "hub.public_url: has the port '99999'"),
        ("https://hub.example.org/as4", "https://hub example/as4", "hub.public_url: must be an http or https URL"),
        ('public_url = "', 'base_urn = "urn:knooppunt:"\npublic_url = "', "must be a URN"),
        ('public_url = "', 'base_urn = "http://x"\npublic_url = "', "must be a URN"),
        ('directory = "data"', 'directory = ""', "must be a path"),
        ('directory = "data"', 'directory = "da\\u0000ta"', "data.directory: has a NUL"),
        ('directory = "data"', 'directory = "data"\nlog_days = 99999999999', "data.log_days: must be at most 36500"),
    ],
)
def test_names_on_the_wire_and_paths_are_held_to_their_form(old: str, new: str, complaint: str) -> None:
    assert any(complaint in each for each in complaints(LEAST.replace(old, new)))


def test_a_secret_that_was_pasted_into_the_file_is_not_repeated() -> None:
    found = complaints(LEAST + 'password = "hunter2"\n[log]\nlevel = "hunter2"\n')
    assert len(found) == 2
    assert not any("hunter2" in each for each in found)


@pytest.mark.parametrize("use", ["signing", "decryption"])
def test_a_single_table_where_several_may_stand_is_led_to_double_brackets(use: str) -> None:
    said = complaints(LEAST.replace(f"[[keys.{use}]]", f"[keys.{use}]"))
    assert [each.partition("keys.")[2] for each in said] == [
        f"{use}: must be a list: write [[keys.{use}]] for each, in double brackets"
    ]


@pytest.mark.parametrize("key", ["key", "certificate", "password_file"])
def test_a_key_of_the_settings_from_before_there_were_several_is_led_to_its_place(key: str) -> None:
    said = complaints(SECTIONS["hub"] + SECTIONS["data"] + SECTIONS["pmodes"] + f'[keys]\nsigning_{key} = "a.pem"\n')
    assert any(f"signing_{key}: there is no such key; write {key} under [[keys.signing]]" in each for each in said)


def test_networks_of_both_families_are_read() -> None:
    settings = parse_settings(LEAST + '[listen]\ntrusted_proxies = ["10.0.0.0/8", "::1"]\n')
    assert settings.listen.trusted_proxies == [IPv4Network("10.0.0.0/8"), IPv6Network("::1/128")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"::1"', ["::1"]),
        ('"[::1]"', ["::1"]),
        ('["0.0.0.0", "::"]', ["0.0.0.0", "::"]),
        ('"2001:DB8:0::1"', ["2001:db8::1"]),
        ('"hub.internal"', ["hub.internal"]),
    ],
)
def test_one_address_or_several_to_listen_on_are_read(written: str, read: list[str]) -> None:
    assert parse_settings(LEAST + f"[listen]\nhost = {written}\n").listen.host == read


def test_settings_do_not_change_once_they_are_read() -> None:
    settings = parse_settings(LEAST)
    with pytest.raises(ValueError, match="frozen"):
        settings.hub.base_urn = "urn:other"  # type: ignore[misc]


def test_the_reference_explains_every_key_once() -> None:
    rows = settings_reference()
    keys = [row.key for row in rows]
    assert len(keys) == len(set(keys))
    assert {key.split(".")[0] for key in keys} == set(Settings.model_fields)
    assert all(row.description.endswith(".") and row.type for row in rows)
    assert [row.key for row in rows if row.needed] == [
        "hub.public_url", "data.directory", "pmodes.folder", "keys.signing[].key", "keys.signing[].certificate",
        "keys.decryption[].key", "keys.decryption[].certificate",
    ]  # fmt: skip


def test_the_reference_tells_defaults_and_types_as_they_are_written_in_the_file() -> None:
    rows = {row.key: row for row in settings_reference()}
    assert rows["listen.port"].default == "8443"
    assert (rows["listen.host"].type, rows["listen.host"].default) == ("address or list of addresses", '"127.0.0.1"')
    assert rows["hub.base_urn"].default == '"urn:knooppunt"'
    assert rows["log.level"].type == '"debug" | "info" | "warning" | "error"'
    assert rows["listen.trusted_proxies"].type == "list of networks"
    assert rows["modules.folders"].type == "list of paths"
    assert rows["limits.idle_seconds"].type == "number"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("a" * 64, "labels of letters, digits and hyphens, 63 of them at most"),
        ("hub..example", "with a dot between two"),
        ("-hub", "with a dot between two"),
        ("hub.example.org.", "with a dot between two"),
        (".".join(["a" * 54] * 4), "at most 218 characters, so that an id has 255"),
    ],
)
def test_a_host_of_ids_is_refused_where_an_id_of_it_would_be(host: str, said: str) -> None:
    text = LEAST.replace("[hub]\n", f'[hub]\nmessage_id_host = "{host}"\n')
    (complaint,) = complaints(text)
    assert said in complaint
    assert complaint.startswith("hub.toml:2: hub.message_id_host: must ")


def test_an_id_with_the_longest_host_is_one_that_every_reader_takes() -> None:
    host = ".".join(["a" * 54] * 3 + ["a" * 53])
    settings = parse_settings(LEAST.replace("[hub]\n", f'[hub]\nmessage_id_host = "{host}"\n'))
    made = f"{uuid4()}@{settings.hub.message_id_host}"
    assert len(made) == MOST_MESSAGE_ID_CHARACTERS
    assert is_msg_id(made)


def test_a_name_made_of_the_longest_base_and_party_ids_has_room_in_a_header() -> None:
    base = "urn:" + "a" * 32 + ":" + "b" * 163
    least = LEAST.replace("[hub]\n", '[hub]\nbase_urn = "BASE"\n')
    assert parse_settings(least.replace("BASE", base)).hub.base_urn == base
    assert "at most 200 characters" in complaints(least.replace("BASE", base + "b"))[0]
    assert MOST_HEADER_CHARACTERS == MOST_VALUE_CHARACTERS
    assert len(base) + len(":pmode:") + len(":for:") + 2 * MOST_PARTY_CHARACTERS < MOST_VALUE_CHARACTERS - 255
    assert "at most 2048 characters" in complaints(LEAST.replace("/as4", "/" + "a" * 2048))[0]


@pytest.mark.parametrize("named", ['[log]\nfile = "round"\n', '[log]\nfile = "round/hub.log"\n'])
def test_links_that_go_round_are_for_whoever_opens_them(tmp_path: Path, named: str) -> None:
    (tmp_path / "round").symlink_to("round")
    assert parse_settings(LEAST + named, folder=tmp_path).log.file is not None
    mark = LEAST.replace("[data]\n", '[data]\nmark = "round"\n')
    assert parse_settings(mark, folder=tmp_path).data.mark is not None


def test_a_log_that_is_a_key_under_another_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "signing.pem").touch()
    (tmp_path / "hub.log").hardlink_to(tmp_path / "keys" / "signing.pem")
    with pytest.raises(SettingsFault) as refused:
        parse_settings(LEAST + '[log]\nfile = "hub.log"\n', folder=tmp_path)
    assert "log.file: is a file that the hub reads" in str(refused.value.complaints)


def test_a_file_that_could_not_be_read_is_not_called_empty_as_well() -> None:
    (complaint,) = complaints("a = " + "[" * 4_000)
    assert "nested deeper" in complaint


def test_a_number_that_is_too_large_and_a_value_that_is_too_deep_are_complaints_among_the_others() -> None:
    deep = "[" * 40 + "1" + "]" * 40
    assert complaints(f'{LEAST}[listen]\nport = {2**64}\nprot = 1\n[limits]\nparts = {deep}\nsoap_bytes = "x"\n') == (
        "hub.toml:14: no setting is so large a number",
        "hub.toml:15: listen.prot: there is no such key; did you mean port?",
        "hub.toml:17: values are nested deeper than 16 levels",
        "hub.toml:18: limits.soap_bytes: must be a whole number",
    )
