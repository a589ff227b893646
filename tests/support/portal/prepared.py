"""What every portal of a process makes of the same files is made once: the files of the desk made smaller for their
way, and the templates compiled. Both come to half of what starting a portal costs, and hundreds of tests start one.

What is kept is found again by the very octets that it was made of, so a test that serves other ones gets those.
"""

from __future__ import annotations

import gzip
from functools import cache
from types import CodeType, SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment

from gateway.pages import served


@cache
def prepare_once() -> None:
    """From now on, in this process."""
    patch = pytest.MonkeyPatch()
    patch.setattr(served, "gzip", SimpleNamespace(compress=cache(gzip.compress)))
    compile_anew, kept = Environment.compile, dict[object, CodeType]()

    def compiled(self: Environment, source: Any, name: Any = None, filename: Any = None, *rest: Any) -> Any:
        if rest or not isinstance(source, str):
            return compile_anew(self, source, name, filename, *rest)
        key = (source, name, filename, self.autoescape, self.trim_blocks, self.lstrip_blocks, self.undefined)
        if key not in kept:
            kept[key] = compile_anew(self, source, name, filename)
        return kept[key]

    patch.setattr(Environment, "compile", compiled)
