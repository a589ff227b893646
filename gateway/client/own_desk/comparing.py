"""What a portal serves to browsers, held beside the files that are installed here.

SECURITY: a portal can answer one who compares otherwise than a desk user; this notices whoever swaps the code for
everybody. Nothing that is fetched runs or is kept, and of each file no more is read than there should be.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

import aiohttp

from gateway.client.own_desk.upstream import Silent
from gateway.desk_files import DeskFiles
from gateway.http_faults import said_of
from gateway.limits import MIB
from gateway.pages.served import Served

_MOST_PAGE_OCTETS: Final = MIB


async def differences(portal: str, files: DeskFiles, session: aiohttp.ClientSession) -> tuple[str, ...]:
    """What differs, a sentence each: of the start page, then the files by their paths. Raises `Silent`."""
    served = Served.of(files)
    page = await _fetched(session, f"{portal}/", _MOST_PAGE_OCTETS)
    found = list(_of_page(page, served))
    for path, each in files.served.items():
        octets = await _fetched(session, f"{portal}{served.base}{path}", len(each.octets))
        if octets is None:
            found.append(f"{path}: is not served")
        elif octets != each.octets:
            found.append(f"{path}: has other octets")
    return tuple(found)


def _of_page(octets: bytes | None, served: Served) -> list[str]:
    if octets is None:
        return ["start page: is not served"]
    seen = _Loaded()
    seen.feed(octets.decode("utf-8", "replace"))
    seen.close()
    told = [] if seen.inline == [served.import_map.text] else ["start page: another list of hashes, or other script"]
    known = {served.address(path) for path in served.files.served}
    return told + [f"start page: loads {each[:200]!r}" for each in seen.loaded if each not in known]


class _Loaded(HTMLParser):
    """What a page runs and loads: text between `<script>` and its end, and the addresses of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.loaded: list[str] = []
        self._is_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self._is_script = tag == "script" and "src" not in said
        if tag == "script" and "src" in said:
            self.loaded.append(said["src"] or "")
        if tag == "link":
            self.loaded.append(said.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self._is_script = self._is_script and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._is_script:
            self.inline.append(data)


async def _fetched(session: aiohttp.ClientSession, url: str, most_octets: int) -> bytes | None:
    """The octets, of which one too many are read at most; None where there are none."""
    try:
        async with session.get(url, headers={"Accept-Encoding": "identity"}, allow_redirects=False) as response:
            if response.status != 200:
                return None
            octets = bytearray()
            async for chunk in response.content.iter_any():
                octets += chunk
                if len(octets) > most_octets:
                    break
            return bytes(octets)
    except (aiohttp.ClientError, TimeoutError, ConnectionError) as fault:
        raise Silent(said_of(fault)) from None
