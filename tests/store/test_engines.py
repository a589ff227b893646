"""What is not asked of every engine, and why: five reasons at most.

Every other row of this folder is written once and asked of each: by `store` or `open_store`, by `engine`, or by
`ENGINES` as a parameter. Kills of a process or a server are not among these.
"""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
OF_ONE_ENGINE = {
    "the file of SQLite, its log, its lock, its plans and its thread: a server has all of that to itself": {
        "portal/test_handlings.py",  # the last: a table that SQLite changes only by another in its place
        "portal/test_portal_file.py",
        "portal/test_terms.py",  # the last: what is left on the disk of copies for somebody who left
        "portal/test_wishes.py",  # likewise, of whom a request to take part named
        "test_counters.py",  # the last: a counter that would fall below nothing
        "test_database.py",
        "test_desk_lists.py",  # the one about a long list beside the event loop
        "test_emptied.py",
        "test_in_place.py",
        "test_in_the_way.py",
        "test_lost_log.py",
        "test_made_at_once.py",
        "test_overviews.py",  # the last: what a page costs, counted in steps of SQLite
        "test_residue.py",
        "test_statements.py",
        "test_writer.py",
    },
    "the mark beside that file; what a node saw of a server is compared in a way of its own": {
        "portal/test_went_back.py",
        "test_mark.py",
        "test_mark_outside.py",
        "test_went_back.py",
    },
    "parts as files, and the disk below them: on a server parts are rows": {
        "test_blobs.py",
        "test_broken_storage.py",
        "test_checking.py",  # those about files; of a server, those about its indexes and the key that nodes share
        "test_closing.py",  # the one about a file that cannot be unlinked
        "test_damage.py",  # those about reads of a file that fail
        "test_data_directory.py",
        "test_disk_images.py",
        "test_flush_order.py",
        "test_unnamed_files.py",
    },
    "several nodes, and the server between them": {
        "portal/test_portal_nodes.py",
        "test_copying.py",  # from the one engine to the other
        "test_dumps.py",
        "test_failover.py",  # a standby takes over from it
        "test_hub_on_postgresql.py",
        "test_hub_with_objects.py",
        "test_nodes.py",  # the one about two of them
        "test_large_parts.py",  # those about object storage, which such nodes share
        "test_moving_page.py",  # from the one engine to the other, too
        "test_postgres_server.py",
        "test_postgres_store.py",
        "test_postgres_words.py",
    },
}
"""By the reason, the files that hold such tests, some of them among others."""

_NAMES_ONE = re.compile(
    r"open_sqlite|open_database|gateway\.sqlite|gateway\.postgres|store\.sqlite|store\.postgres|ENGINES\[\""
    r"|portal\.sqlite|portal\.postgres|SqlitePlace|PostgresPlace"
)


def test_only_what_has_a_reason_is_asked_of_one_engine() -> None:
    of_one = {
        str(each.relative_to(HERE)) for each in HERE.rglob("test_*.py") if _NAMES_ONE.search(each.read_text("utf-8"))
    }
    assert of_one - {Path(__file__).name} == set().union(*OF_ONE_ENGINE.values())


def test_there_are_five_reasons_at_most() -> None:
    assert len(OF_ONE_ENGINE) <= 5
