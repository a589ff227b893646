"""Which requests count as made by a page of the portal."""

from __future__ import annotations

import pytest

from gateway.pages.forgery import from_here, shows

ORIGIN = "https://portaal.example"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN},
        {"Origin": ORIGIN},
    ],
    ids=str,
)
def test_what_the_browser_says_comes_from_here_does_PO_25(headers: dict[str, str]) -> None:
    assert from_here(headers, ORIGIN) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://elders.example"},
        {"Origin": ORIGIN + ".elders.example"},
        {"Origin": ORIGIN + ":8443"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": ORIGIN},
        {"Sec-Fetch-Site": "none", "Origin": ORIGIN},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://elders.example"},
        {"Sec-Fetch-Site": "", "Origin": ORIGIN},
    ],
    ids=str,
)
def test_anything_else_does_not_PO_25(headers: dict[str, str]) -> None:
    assert from_here(headers, ORIGIN) is not None


def test_a_token_is_shown_whole_or_not_at_all() -> None:
    assert shows("abc", "abc")
    assert not any(
        (
            shows("abc", "ab"),
            shows("abc", None),
            shows(None, None),
            shows(None, "abc"),
            shows("abc", "é"),
            shows("abc", "\udcff"),
        )
    )
