"""JSON Schemas for editors: which there are, what the file that uses one says in its first line, and their texts.

They lie in `editor_schemas`, made from the shapes of the files by `docs/generator/editor_schemas.py`. Whoever writes a
file writes its schema beside it, so that an editor finds it without a network: the YAML extension of VS Code by a
modeline, those for TOML by a directive. An editor is stricter than nobody: what the hub takes, a schema takes, and what
no form shows (a party that two files have, a certificate that is not there) `knooppunt pmode check` tells.
"""

from __future__ import annotations

from enum import StrEnum
from importlib.resources import files


class EditorSchema(StrEnum):
    """The files that have one, by the word that commands use."""

    ORGANISATION = "organisation"
    HUB = "hub"
    SETTINGS = "settings"
    PARTICIPANT = "participant"

    @property
    def file_name(self) -> str:
        """Under which name it lies beside the files that use it."""
        return f"{self}.schema.json"

    @property
    def first_line(self) -> str:
        """What a file begins with whose schema lies beside it."""
        if self is EditorSchema.SETTINGS:  # the one that is TOML
            return f"#:schema ./{self.file_name}\n"
        return f"# yaml-language-server: $schema={self.file_name}\n"

    @property
    def octets(self) -> bytes:
        """The schema itself."""
        return (files("gateway.written") / "editor_schemas" / self.file_name).read_bytes()
