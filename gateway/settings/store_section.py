"""The section of a store on PostgreSQL: where its database is, and what all hubs that share it have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.settings.password_reference import PasswordReference
from gateway.settings.values import FilePath, Section


class StoreSection(Section):
    """A PostgreSQL database in the place of the embedded one; without this section the store lies in `data.directory`,
    which a hub on PostgreSQL has for what is its own alone.
    """

    url: Annotated[str, Field(min_length=1, max_length=1024)] = Field(
        description="The database (`postgresql://user@host:5432/database`), of PostgreSQL 15 or later; a password does"
        " not stand in it.",
    )
    password_file: FilePath | None = Field(
        None,
        description="File whose first line is the password of that user; nobody but its owner and group may read it."
        " None: the server lets the user in without, as by his certificate or over a socket.",
    )
    duplicate_key_file: FilePath | None = Field(
        None,
        description="File with the key under which duplicates are known, 32 octets, the same for all hubs that share"
        " the database; none: `duplicate.key` in `data.directory`, which the first start makes.",
    )

    @property
    def password(self) -> PasswordReference:
        """Where the password is."""
        return PasswordReference(file=self.password_file, fd=None, env=None, prefix="password")
