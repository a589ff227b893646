"""The section of one key, with its certificate and where its password is."""

from __future__ import annotations

from pydantic import Field

from gateway.settings.password_reference import PasswordReference, password_reference
from gateway.settings.values import Descriptor, EnvironmentName, FilePath, Section


class KeySection(Section):
    """One key of the hub, with its certificate."""

    key: FilePath = Field(description="Private key (PEM or PKCS #12).")
    certificate: FilePath = Field(description="Its certificate (PEM or DER).")
    password_file: FilePath | None = Field(
        None,
        description="File whose first line is the password of the key; nobody but its owner and group may read it.",
    )
    password_fd: Descriptor | None = Field(
        None, description="Number of an open descriptor from which the password of the key is read."
    )
    password_env: EnvironmentName | None = Field(
        None, description="Environment variable with the password of the key; a file or descriptor is safer."
    )

    @property
    def password(self) -> PasswordReference:
        """Where the password of the key is."""
        return password_reference(self, "password")
