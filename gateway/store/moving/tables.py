"""Which tables are copied from the embedded store into a PostgreSQL database, and by what their rows are compared.

A table has the same columns on both engines, but for what only one of them needs. Those that are not named here have a
reason, which stands here too, and a test holds that there are no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table, the columns that tell its rows apart and sort them alike on both engines, and those that the embedded
    engine alone has.
    """

    name: str
    key: tuple[str, ...]
    without: frozenset[str] = frozenset()


def _table(name: str, *key: str, without: tuple[str, ...] = ()) -> Table:
    return Table(name=name, key=key, without=frozenset(without))


# Each after those that it refers to.
OF_STORE: Final = (
    _table("message", "id"),
    _table("envelope", "message", without=("padding",)),
    _table("parts", "message", without=("padding", "blob")),
    _table("promised", "message"),
    _table("certificate", "sha256"),
    _table("signer", "id"),
    _table("evidence", "id"),
    _table("acceptance", "key"),
    _table("heard", "party", "message_id"),
    _table("ping", "party"),
)
OF_PORTAL: Final = (
    _table("person", "id"),
    _table("link", "id"),
    _table("wrong_code", "id"),
    _table("assertion", "key_sha256"),
    _table("lock", "id"),
    _table("key_set", "id"),
    _table("wrapped_copy", "key_set", "lock", without=("padding",)),
    _table("ceremony", "id"),
    _table("document", "kind", "organisation", "unit", "counter"),
    _table("request", "id"),
    _table("notice", "only_one"),
    _table("journal", "number"),
    _table("approving", "request"),
    _table("broker_metadata", "broker"),
    _table("mail_address", "id"),
    _table("mail_line", "number"),
    _table("mail_token", "token_sha256"),
    _table("watched_message", "message_id"),
    _table("arrivals", "only_one"),
    _table("administrator", "person"),
    _table("handling", "number"),
)
# What is not copied as rows, and why.
APART: Final[Mapping[str, str]] = {
    "store": "says which store this is: the copy is the same one, of the next generation",
    "tally": "counts messages: it is counted anew",
    "piece": "holds the large parts that lie in files: they are copied octet by octet",
    "object": "names large parts in object storage: those that are copied lie in the database until their end",
    "unnumbered": "lists messages without a number of arrival: all have one",
    "arrival": "numbers messages as they arrived: by their rows, as the embedded store does",
    "session": "a session ends with the move: everybody logs in anew",
    "open_login": "a login that is under way ends with the move",
    "node": "lists the hubs that serve the database: none does yet",
    "made_by": "says which version made the tables",
}
# Where the next number of a table comes from, by table: the column, and the statement that gives the last one.
NUMBERED_OF_STORE: Final[Mapping[str, str]] = {"message": "id", "signer": "id", "evidence": "id"}
NUMBERED_OF_PORTAL: Final[Mapping[str, str]] = {"wrong_code": "id", "journal": "number", "handling": "number"}
