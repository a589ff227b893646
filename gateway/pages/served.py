"""Where the files of the desk are served: below one address that holds the name of exactly these octets.

Relative imports between modules need nothing made for them so, and whatever is kept under an address can never be
another file. Every script that a page loads is named with its hash, by the page or by its import map.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.desk_files import DeskFile, DeskFiles, ImportMap


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The files of one edition under their address; templates and JavaScript know them by their path. They are the same
    for everybody, so what is made smaller for the way tells nobody anything.
    """

    edition: str
    files: DeskFiles
    gzipped: Mapping[str, bytes]  # by path, those that a browser may have
    import_map: ImportMap

    @classmethod
    def of(cls, files: DeskFiles) -> Served:
        """All that is served of these files."""
        return cls(
            edition=files.version,
            files=files,
            gzipped=MappingProxyType({path: gzip.compress(each.octets) for path, each in files.served.items()}),
            import_map=files.import_map(f"/desk/files/{files.version}/"),
        )

    @property
    def base(self) -> str:
        """The address below which all of them are."""
        return f"/desk/files/{self.edition}/"

    def address(self, path: str) -> str:
        """Where a file is served; KeyError where there is none of that path, which is a defect."""
        return self.base + self.files.files[path].path

    def integrity(self, path: str) -> str:
        """What a page says of a file that it loads."""
        return self.files.files[path].integrity

    def find(self, edition: str, path: str) -> DeskFile | None:
        """The file of that edition and path, if a browser may have it."""
        found = self.files.files.get(path) if edition == self.edition else None
        return None if found is None or found.media_type is None else found
