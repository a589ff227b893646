"""What a serving process does about its memory."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from gateway.cli.hardening import give_back

MEBIBYTE = 2**20


def resident() -> int:
    """The memory that this process has, in octets."""
    line = next(each for each in Path("/proc/self/status").read_text("ascii").splitlines() if each.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library gives memory back by its own rules")
def test_memory_that_was_freed_between_what_stays_is_given_back() -> None:
    made = [bytearray(b"x" * 16_384) for _ in range(8_000)]
    staying = made[::40]
    full = resident()
    del made
    give_back()
    assert len(staying) == 200
    assert full - resident() > 80 * MEBIBYTE
