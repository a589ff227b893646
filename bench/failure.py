"""What stops a measurement."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from gateway.site.hub_process import HubDidNotStart


class NotMeasured(Exception):
    """Something that was to be measured did not do what it should; the text is one line."""


@contextmanager
def measuring() -> Iterator[None]:
    """Whatever fails on the way is a `NotMeasured`."""
    try:
        yield
    except HubDidNotStart as fault:
        raise NotMeasured(f"the hub did not start: {last_line(str(fault))}") from None
    except subprocess.CalledProcessError as fault:
        said = fault.stderr.decode("utf-8", "replace") if isinstance(fault.stderr, bytes) else fault.stderr
        raise NotMeasured(f"{Path(fault.cmd[0]).name} ended with {fault.returncode}: {last_line(said or '')}") from None
    except (aiohttp.ClientError, TimeoutError) as fault:
        raise NotMeasured(f"the hub does not answer: {type(fault).__name__}") from None


def last_line(text: str) -> str:
    """What a program said last."""
    return text.rstrip().rpartition("\n")[2]
