"""The section of a store on PostgreSQL: where its database is, and what all hubs that share it have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.limits import KIB, MIB
from gateway.settings.password_reference import PasswordReference
from gateway.settings.values import FilePath, Section


class ObjectsSection(Section):
    """S3-compatible storage in which large parts lie, for a store on PostgreSQL; without this section they lie in the
    database. All hubs that share the database name the same.
    """

    bucket: Annotated[str, Field(min_length=3, max_length=255)] = Field(description="The bucket, which is there.")
    endpoint: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(
        None,
        description="The server (`https://objects.example:9000`), without TLS only on this machine; none: that of the"
        " region at AWS.",
    )
    region: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        "us-east-1", description="The region that requests are signed for; many servers take any."
    )
    prefix: Annotated[str, Field(max_length=255)] = Field(
        "", description="Folder in the bucket below which the hub has one of its own."
    )
    path_style: bool = Field(
        True, description="Whether the bucket stands in the path of URLs, and not in the name of the host."
    )
    access_key_id: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        None,
        description="As whom requests are signed; none: what environment or machine says, as `AWS_ACCESS_KEY_ID`"
        " with `AWS_SECRET_ACCESS_KEY`, or the role of a container or an instance.",
    )
    secret_key_file: FilePath | None = Field(
        None, description="File whose first line is the secret key; nobody but its owner and group may read it."
    )
    from_bytes: int = Field(
        MIB, ge=64 * KIB, le=1024 * MIB, description="Size from which the parts of a message lie there."
    )

    @property
    def secret_key(self) -> PasswordReference:
        """Where the secret key is."""
        return PasswordReference(file=self.secret_key_file, fd=None, env=None, prefix="secret_key")


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

    objects: ObjectsSection | None = Field(
        None, description="S3-compatible storage for large parts; without this section they lie in the database."
    )

    @property
    def password(self) -> PasswordReference:
        """Where the password is."""
        return PasswordReference(file=self.password_file, fd=None, env=None, prefix="password")
