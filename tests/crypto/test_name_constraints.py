"""Names are compared as RFC 5280 7.1 compares them: nobody leaves an excluded tree by writing its name otherwise."""

from __future__ import annotations

import pytest
from cryptography import x509
from support.keys.path_makers import constrained, named_below

from crypto.paths import judge_certificate


@pytest.mark.parametrize(
    ("excluded", "subject", "same"),
    [
        ("Hub", "hub", True),
        ("Hub", "HUB", True),
        ("Some Hub", " some   hub ", True),
        ("Some Hub", "some\thub", True),
        ("Straße", "STRASSE", True),
        ("Café", "Cafe\u0301", True),
        ("Hub", "H\u00adub", True),
        ("Hub", "H\u200bub", True),
        ("Hub", "H\x1fub", True),
        ("Hub", "\uff28\uff55\uff42", True),
        ("Some Hub", "SomeHub", False),
        ("Hub", "Huba", False),
        ("Cafe", "Café", False),
    ],
)
def test_a_directory_name_that_is_excluded_is_so_however_it_is_written_CE_06(
    excluded: str, subject: str, *, same: bool
) -> None:
    tree = x509.DirectoryName(named_below(excluded))
    path = constrained(excluded=[tree], subject=named_below(subject, "End"))
    failed = judge_certificate(path.end, path.policy()).failed
    assert (failed is not None and failed.what == "names") is same
