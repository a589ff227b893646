"""Where the password of a key is: in a file, behind a descriptor, or in an environment variable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordReference:
    """Where a password is: at most one of the three."""

    file: Path | None
    fd: int | None
    env: str | None
    prefix: str  # what the three keys of the settings begin with, without their section

    @property
    def keys(self) -> tuple[str, ...]:
        """The three keys of the settings that can say it, the safest first, without their section."""
        return tuple(f"{self.prefix}_{kind}" for kind in ("file", "fd", "env"))

    @property
    def said_as(self) -> str:
        """The key that says it, without its section."""
        return f"{self.prefix}_{self.kind_and_place[0]}"

    @property
    def kind_and_place(self) -> tuple[str, Path | int | str | None]:
        """Which of the three it is, and which one."""
        if self.file is not None:
            return "file", self.file
        return ("fd", self.fd) if self.fd is not None else ("env", self.env)


def password_reference(section: BaseModel, prefix: str) -> PasswordReference:
    """What a section says under the three keys that begin so."""
    file, fd, env = (getattr(section, f"{prefix}_{kind}") for kind in ("file", "fd", "env"))
    return PasswordReference(file=file, fd=fd, env=env, prefix=prefix)
