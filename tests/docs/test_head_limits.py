"""The limits of a request's head, on the page of limits and at a hub that runs: each is taken, and one more is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from generator.limits import page
from support.hubs.hub import running_hub
from support.hubs.raw import connected, head

from gateway.limits import HEAD_LIMITS

NO_POST, NO_SUCH_PATH, UNREADABLE = 405, 404, 400
_VALUE = "octets of the value of one header; of the first one, of name and value together"


def of_target(octets: int) -> bytes:
    return head(None, method="GET", path="/" + "a" * (octets - 1))


def of_value(octets: int) -> bytes:
    return head(None, f"X-Long: {'a' * octets}", method="GET")


def of_first(octets: int) -> bytes:
    line = f"X-Long: {'a' * (octets - len('X-Long'))}"
    return head(None, method="GET").replace(b"Host:", f"{line}\r\nHost:".encode(), 1)


def of_headers(count: int) -> bytes:
    return head(None, *(f"X-{number}: 1" for number in range(count - 1)), method="GET")  # Host is one


@pytest.mark.parametrize(
    ("made", "most", "what", "status"),
    [
        (of_target, HEAD_LIMITS.target_octets, "octets of the request target, the path with its query", NO_SUCH_PATH),
        (of_value, HEAD_LIMITS.value_octets, _VALUE, NO_POST),
        (of_first, HEAD_LIMITS.value_octets, _VALUE, NO_POST),
        (of_headers, HEAD_LIMITS.headers, "headers", NO_POST),
    ],
    ids=["target", "value", "first value", "headers"],
)
async def test_a_head_is_taken_up_to_the_figure_that_the_page_names_and_no_further(
    tmp_path: Path, made: Callable[[int], bytes], most: int, what: str, status: int
) -> None:
    assert f"| {what} | {most:,} |" in page()
    async with running_hub(tmp_path) as hub:
        for count, expected in ((most, status), (most + 1, UNREADABLE)):
            async with connected(hub) as peer:
                await peer.send(made(count))
                assert (await peer.answer()).status == expected
                if expected == UNREADABLE:
                    assert await peer.gone() == b""
