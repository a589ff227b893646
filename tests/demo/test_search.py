"""The canary search finds a token in every form it can lie in, and says what it could not look at."""

from __future__ import annotations

import base64
import gzip
import os
import secrets
import sqlite3
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.demo import search_forms
from gateway.demo.search import search
from gateway.demo.search_controls import (
    missed,
    open_deleted_control,
    plant_controls,
)

TOKEN = "CN-00112233445566778899aabbccddeeff"


def forms_found(tmp_path: Path, octets: bytes, *, chunk_octets: int = 1 << 20, token: str = TOKEN) -> set[str]:
    (tmp_path / "file").write_bytes(octets)
    findings = search([token], [tmp_path], chunk_octets=chunk_octets)
    assert findings.unread == ()
    return {hit.form for hit in findings.hits}


@pytest.mark.parametrize("chunk_octets", [64, 1000, 1 << 20])
def test_every_planted_control_is_found_whatever_the_chunks(tmp_path: Path, chunk_octets: int) -> None:
    controls = plant_controls(tmp_path, TOKEN)
    findings = search([TOKEN], [tmp_path], chunk_octets=chunk_octets)
    assert missed(controls, findings, TOKEN) == ()
    assert {control.form for control in controls} >= set(search_forms.encoded_forms(TOKEN))


def test_the_offset_is_where_the_token_starts(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(5000) + TOKEN.encode())
    (hit,) = search([TOKEN], [tmp_path], chunk_octets=512).hits
    assert (hit.offset, hit.form, hit.file) == (5000, "raw", str(tmp_path / "file"))


@pytest.mark.parametrize("at", range(len(TOKEN) - 16 + 1))
def test_any_sixteen_octets_of_a_token_are_found(tmp_path: Path, at: int) -> None:
    piece = TOKEN.encode()[at : at + 16]
    assert forms_found(tmp_path, b"\xff" * 7 + piece + b"\xff" * 7) == {"window"}


def test_fifteen_octets_are_taken_for_chance(tmp_path: Path) -> None:
    assert forms_found(tmp_path, b"\xff" + TOKEN.encode()[5:20] + b"\xff") == set()


@pytest.mark.parametrize("before", range(32))
def test_a_token_on_the_edge_of_a_chunk_is_one_whole_token(tmp_path: Path, before: int) -> None:
    assert forms_found(tmp_path, bytes(400 - before) + TOKEN.encode() + bytes(300), chunk_octets=400) == {"raw"}


@pytest.mark.parametrize("before", range(4))
def test_base64_is_found_at_every_shift_also_with_other_digits_around(tmp_path: Path, before: int) -> None:
    text = base64.b64encode(b"\xff" * before + TOKEN.encode() + b"\xff" * 5)
    assert forms_found(tmp_path, text) == {f"base64+{before % 3}"}


@pytest.mark.parametrize("level", [0, 1, 6, 9])
@pytest.mark.parametrize("window_bits", [9, 15, 31])
def test_every_level_and_window_of_a_stream_is_inflated(tmp_path: Path, level: int, window_bits: int) -> None:
    deflater = zlib.compressobj(level, zlib.DEFLATED, window_bits)
    stream = deflater.compress(b"first " + TOKEN.encode()) + deflater.flush()
    kind = "gzip" if window_bits == 31 else "zlib"
    assert f"{kind}:raw" in forms_found(tmp_path, os.urandom(777) + stream, chunk_octets=100)


@pytest.mark.parametrize("before", [397, 398, 399, 400, 401])
@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_a_stream_that_starts_on_the_edge_of_a_chunk_is_inflated(
    tmp_path: Path, before: int, compress: Callable[[bytes], bytes]
) -> None:
    stream = compress(TOKEN.encode() * 9)
    assert {form[5:] for form in forms_found(tmp_path, bytes(before) + stream, chunk_octets=400)} >= {"raw"}


def test_a_stream_that_breaks_off_is_read_up_to_its_break(tmp_path: Path) -> None:
    stream = gzip.compress(b"%b and again %b" % (TOKEN.encode(), TOKEN.encode()) * 3 + os.urandom(100_000))
    assert "gzip:raw" in forms_found(tmp_path, stream[:60_000])


def test_a_token_far_into_a_stream_is_found(tmp_path: Path) -> None:
    assert forms_found(tmp_path, gzip.compress(bytes(3_000_000) + TOKEN.encode())) == {"gzip:raw"}


def test_an_encoded_token_inside_a_stream_is_found(tmp_path: Path) -> None:
    assert forms_found(tmp_path, zlib.compress(TOKEN.encode("utf-16-le"))) == {"zlib:utf-16le"}


def test_a_stream_is_inflated_up_to_the_bound_only(tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(gzip.compress(bytes(20_000_000) + TOKEN.encode()))
    assert search([TOKEN], [tmp_path], inflate_octets=1_000_000).hits == ()


def test_a_deleted_file_that_a_process_holds_open_is_found(tmp_path: Path) -> None:
    with open_deleted_control(tmp_path, TOKEN):
        assert search([TOKEN], [tmp_path]).hits == ()
        (hit,) = search([TOKEN], [], pids=[os.getpid()]).hits
    assert hit.form == "raw"
    assert hit.file.startswith(f"/proc/{os.getpid()}/fd/")


def test_a_database_and_its_log_are_read_as_octets(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "some.sqlite")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (c TEXT)")
    connection.execute("INSERT INTO t VALUES (?)", (TOKEN,))
    connection.commit()
    in_log = {Path(hit.file).name for hit in search([TOKEN], [tmp_path]).hits}
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    in_main = {Path(hit.file).name for hit in search([TOKEN], [tmp_path]).hits}
    connection.close()
    assert (in_log, in_main) == ({"some.sqlite-wal"}, {"some.sqlite"})


def test_a_file_that_is_named_for_the_token_is_found(tmp_path: Path) -> None:
    (tmp_path / f"{TOKEN}.csv").write_bytes(b"")
    assert [hit.form for hit in search([TOKEN], [tmp_path]).hits] == ["name"]


def test_tokens_are_told_apart(tmp_path: Path) -> None:
    tokens = [f"CN-{secrets.token_hex(16)}" for _ in range(50)]
    (tmp_path / "log").write_text(" ".join(tokens[7:9]))
    assert {hit.token for hit in search(tokens, [tmp_path]).hits} == set(tokens[7:9])


def test_what_is_not_there_is_reported_as_unread(tmp_path: Path) -> None:
    assert search([TOKEN], [tmp_path / "absent"]).unread == (str(tmp_path / "absent"),)
    assert search([TOKEN], [], pids=[2**22 + 1]).unread == (f"/proc/{2**22 + 1}/fd",)


def test_pipes_and_links_are_passed_by(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    findings = search([TOKEN], [tmp_path])
    assert (findings.files, findings.unread) == (0, ())


@pytest.mark.parametrize("tokens", [[], ["CN-short"]])
def test_a_search_for_nothing_or_for_too_little_is_refused(tmp_path: Path, tokens: list[str]) -> None:
    with pytest.raises(ValueError, match=r"a token has|nothing to search"):
        search(tokens, [tmp_path])


@pytest.mark.parametrize("form", ["utf-16be", "base64+2", "hex-upper", "json-escaped"])
def test_a_form_that_the_search_is_blind_to_is_missed_among_the_controls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    forms = search_forms.encoded_forms
    monkeypatch.setattr(
        search_forms, "encoded_forms", lambda token: {k: v for k, v in forms(token).items() if k != form}
    )
    controls = plant_controls(tmp_path, TOKEN)
    assert form in {each.form for each in missed(controls, search([TOKEN], [tmp_path]), TOKEN)}


@given(
    token=st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=16, max_size=40),
    noise=st.binary(max_size=300),
)
def test_any_token_is_found_in_any_form_among_any_octets(
    tmp_path_factory: pytest.TempPathFactory, token: str, noise: bytes
) -> None:
    folder = tmp_path_factory.mktemp("search")
    (folder / "raw").write_bytes(noise + token.encode() + noise)
    for form, runs in search_forms.encoded_forms(token).items():
        for number, run in enumerate(runs):
            (folder / f"{form}.{number}").write_bytes(noise + run + noise)
    found = {(Path(hit.file).name.rsplit(".", 1)[0], hit.form) for hit in search([token], [folder]).hits}
    assert found >= {(form, form) for form in ["raw", *search_forms.encoded_forms(token)]}


def test_two_hundred_megabytes_of_ciphertext_would_take_seconds(tmp_path: Path) -> None:
    (tmp_path / "sealed").write_bytes(os.urandom(10_000_000))
    started = time.process_time()
    assert search([TOKEN], [tmp_path]).octets == 10_000_000
    assert time.process_time() - started < 5  # measured at 0.1 s; the bound only catches a change of order
