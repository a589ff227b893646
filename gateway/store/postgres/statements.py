"""The named statements of the store on PostgreSQL, and the schema that its tables stand in."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from gateway.postgres import Schema, bound_statements
from gateway.sql_files import read_migrations, read_statements

_FOLDER: Final = files("gateway.store.postgres.sql")
SQL: Final = bound_statements(_FOLDER)
LIST_MESSAGES: Final = read_statements(_FOLDER)["list_messages"]  # whose conditions are filled in before its names
SCHEMA: Final = Schema(
    name="knooppunt", made_by="knooppunt store", scripts=read_migrations(files("gateway.store.postgres.migrations"))
)
