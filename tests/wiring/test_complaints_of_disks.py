"""A check tells of a disk like of everything else: with what to do, for nobody adds a step of his own."""

from __future__ import annotations

import errno
import os

import pytest

from gateway.wiring.stores import whole_complaint_of

NUMBERS = [errno.EIO, errno.EROFS, errno.ENOSPC, errno.EACCES, errno.EMFILE, errno.ENOENT]


@pytest.mark.parametrize("number", NUMBERS, ids=[errno.errorcode[each] for each in NUMBERS])
def test_a_complaint_of_a_check_names_the_file_the_reason_and_a_step(number: int) -> None:
    told = whole_complaint_of(OSError(number, os.strerror(number), "/data/store.db"))
    place, _, step = told.partition("; ")
    assert place == f"/data/store.db: {os.strerror(number)}"
    assert step
