"""PostgreSQL the safe way: how a database is reached, what it has to promise, and how a transaction ends.

Nothing here knows what is stored: the hub's store and the portal's tables both stand on it, each in a schema of its
own.
"""

from __future__ import annotations

from gateway.postgres.address import Address, read_address
from gateway.postgres.database import Database, Work
from gateway.postgres.faults import DatabaseAway, Rejected
from gateway.postgres.migrations import Schema
from gateway.postgres.statements import Statement, Statements, bound_statements
from gateway.postgres.transaction import Bindings, OnceMore, Row, Transaction

__all__ = [
    "Address",
    "Bindings",
    "Database",
    "DatabaseAway",
    "OnceMore",
    "Rejected",
    "Row",
    "Schema",
    "Statement",
    "Statements",
    "Transaction",
    "Work",
    "bound_statements",
    "read_address",
]
