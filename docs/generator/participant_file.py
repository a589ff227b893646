"""docs/reference/participant-file.md, from the module that reads the file."""

from __future__ import annotations

from textwrap import dedent, fill

from gateway.client import participant_file
from generator.markdown import block, document


def page() -> str:
    """The whole page: the example of the module's docstring, and what it says around it."""
    _, _, rest = dedent(participant_file.__doc__ or "").strip().partition("\n\n")
    example, _, last = rest.partition("\n\nFile names are")
    return document(
        "The folder of a participant",
        "`knooppunt push --as FOLDER` and `knooppunt pull --as FOLDER` work with a folder that holds `participant.yaml`"
        " and the\nfiles of keys and certificates that it names. `knooppunt pki new` makes such folders; what the"
        " client\nkeeps, its outbox and inbox, lies in `FOLDER/state`, and documents that were pulled go to"
        " `FOLDER/in`.",
        block(dedent(example), "yaml"),
        fill(" ".join(f"File names are{last}".split()), 120, break_on_hyphens=False),
    )
