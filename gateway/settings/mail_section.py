"""The section of mail: by which server letters to the organisations at the portal leave, and as whom."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from gateway.addresses import read_mail_address
from gateway.settings.password_reference import PasswordReference, password_reference
from gateway.settings.values import Descriptor, EnvironmentName, FilePath, Host, Section

PORTS: Final = {"implicit": 465, "starttls": 587}

MailAddress = Annotated[str, AfterValidator(read_mail_address)]


class MailSection(Section):
    """The mail server that takes letters to the organisations at the portal; without this section none are sent."""

    server: Host = Field(description="The mail server, by the name that its certificate is for.")
    port: int | None = Field(None, ge=1, le=65_535, description="Its port; else 465, and 587 with `starttls`.")
    tls: Literal["implicit", "starttls"] = Field(
        "implicit",
        description="How TLS begins: with the connection, or by STARTTLS, which is demanded. Nothing is sent without.",
    )
    ca: FilePath | None = Field(None, description="Authorities (PEM) for its certificate; none: those of the system.")
    sender: MailAddress = Field(alias="from", description="The address that letters come from.")
    user: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        None, description="Name to log in with; none: the server takes letters without."
    )
    password_file: FilePath | None = Field(
        None, description="File whose first line is the password; nobody but its owner and group may read it."
    )
    password_fd: Descriptor | None = Field(
        None, description="Number of an open descriptor from which the password is read."
    )
    password_env: EnvironmentName | None = Field(
        None, description="Environment variable with the password; a file or descriptor is safer."
    )

    @property
    def password(self) -> PasswordReference:
        """Where the password is."""
        return password_reference(self, "password")

    @property
    def port_used(self) -> int:
        """The port that is connected to."""
        return self.port or PORTS[self.tls]
