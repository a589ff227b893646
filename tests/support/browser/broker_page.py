"""The page of a broker, as a browser comes to it from the portal: it leads back at once."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import parse_qs, quote

from lxml import etree
from playwright.async_api import Page, Route
from support.portal.portals import TestedPortal


async def answer_as_broker(page: Page, portal: TestedPortal, service: str = "user") -> None:
    """Let the broker's page of that browser lead back at once, logged in as Jansen."""

    async def lead_back(route: Route) -> None:
        said: Mapping[str, list[str]] = parse_qs(route.request.post_data or "")
        request = etree.fromstring(base64.b64decode(said["SAMLRequest"][0]))
        artifact = portal.broker.artifact_for(portal.browser().answer(request.attrib["ID"], service))
        back = f"/eherkenning/1.13/acs?SAMLart={quote(artifact, safe='')}&RelayState={quote(said['RelayState'][0])}"
        to = f"{portal.running.portal.facts.origin}{back}"
        await route.fulfill(content_type="text/html", body=f'<a href="{to.replace("&", "&amp;")}">terug</a>')

    await page.route(f"{portal.broker.mock.login_url}**", lead_back)
