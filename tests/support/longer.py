"""Values of a test that say little more than the first ones do, and that the long run alone asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def longer(*values: Any) -> Iterable[Any]:
    """The same parameters, each a test of `make soak` and not of the ordinary run.

    @pytest.mark.parametrize("engine", ["first", *longer("second", "third")])
    """
    return [pytest.param(*each if isinstance(each, tuple) else (each,), marks=pytest.mark.soak) for each in values]
