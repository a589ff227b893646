"""Where a process of the command `knooppunt` begins: from here on a Ctrl-C waits until it can be told.

So it ends in a sentence, and with --json in a document, also where it comes while this program is still being imported.
What comes before this module, while Python itself begins, ends the process as Python does.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` stands on, which takes a moment to import

_before = _signal.pthread_sigmask(_signal.SIG_BLOCK, (_signal.SIGINT,))

from gateway.cli import deed  # noqa: E402 - not before a Ctrl-C waits

deed.hold()
_signal.pthread_sigmask(_signal.SIG_SETMASK, _before)


def run() -> None:
    """Run the command of this process's arguments, and end the process."""
    from gateway.cli.main import main  # late, for it takes long

    main(prog_name="knooppunt")
