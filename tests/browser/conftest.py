"""One browser and one portal for a file of tests; every test has a profile of its own in that browser."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page
from support.browser.chromium import chromium, context
from support.browser.portal import SeenPortal, seen_portal


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser lives longer than a test, so these tests share the loop that it lives in."""
    for item in items:
        function = getattr(item, "function", None)
        if "tests/browser/" in item.path.as_posix() and inspect.iscoroutinefunction(function):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SeenPortal]:
    """A portal in which nobody logged in yet, and no message waits."""
    async with seen_portal(tmp_path_factory.mktemp("portal"), joining=True) as portal:
        yield portal


@pytest_asyncio.fixture(loop_scope="module")
async def profile(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A person's browser, in which nothing happened yet."""
    async with context(browser) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def page(profile: BrowserContext) -> Page:
    return await profile.new_page()
