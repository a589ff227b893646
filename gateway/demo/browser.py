"""A browser without a window that does what a person would: it opens pages, chooses, presses, and says what it sees.

It is told so by the DevTools protocol over a WebSocket, so nothing has to be installed but the browser. Its profile is
a folder that its caller names, so that whatever it leaves behind can be searched; what it says of itself lies there
too.

SECURITY: root's Chromium has no sandbox. It opens the pages of this run's own portal and broker, and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp

START_SECONDS: Final = 60.0
STEP_SECONDS: Final = 120.0  # until what was asked for is on the page
END_SECONDS: Final = 15.0
LOOK_SECONDS: Final = 0.05
_SAID: Final = "said.log"
_ARGUMENTS: Final = (
    "--headless=new", "--remote-debugging-port=0", "--no-first-run", "--no-default-browser-check",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--password-store=basic",
)  # fmt: skip


class BrowserFault(Exception):
    """The browser did not start, or a page does not have what was looked for; the text says what."""


class Tab:
    """One page of the browser; it is looked at again every `look_seconds` until it shows what is waited for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, look_seconds: float) -> None:
        self.received_octets = 0  # from the network since `count_octets`, heads included and as compressed as they came
        self._socket = socket
        self._look_seconds = look_seconds
        self._asked = 0

    async def count_octets(self) -> None:
        """Have the browser tell what it receives."""
        await self._call("Network.enable")

    async def go(self, url: str) -> None:
        """Open that address."""
        await self._call("Page.navigate", url=url)

    async def press(self, words: str) -> None:
        """Press the button, link or choice of these words, as soon as it is there."""
        await self._until("const all = [...document.querySelectorAll('button, a, label')];"
                          f"const words = {json.dumps(words)};"
                          "const named = (each) => each.textContent.trim().replace(/\\s+/gu, ' ');"
                          "const one = all.find((each) => named(each) === words)"
                          " ?? all.find((each) => each.tagName === 'LABEL' && named(each).startsWith(words));"
                          "one?.click(); return one !== undefined;", f"no {words!r} to press")  # fmt: skip

    async def choose(self, field: str, value: str) -> None:
        """Set the field of that id, as soon as it is there."""
        await self._until(f"const one = document.getElementById({json.dumps(field)});"
                          f"if (one) one.value = {json.dumps(value)}; return one?.value === {json.dumps(value)};",
                          f"no {value!r} to choose in {field}")  # fmt: skip

    async def fill(self, label: str, text: str) -> None:
        """Write into the field whose label begins so, as soon as it is there."""
        await self._until(f"const all = [...document.querySelectorAll('label')]; const words = {json.dumps(label)};"
                          "const field = all.find((each) => each.textContent.trim().startsWith(words))?.control;"
                          f"if (!field) return false; field.focus(); field.value = {json.dumps(text)};"
                          "for (const each of ['input', 'change'])"
                          "  field.dispatchEvent(new Event(each, {bubbles: true}));"
                          "return true;", f"no field {label!r}")  # fmt: skip

    async def text(self, selector: str) -> str:
        """What stands in the first element of that selector, as soon as it is there."""
        one = f"document.querySelector({json.dumps(selector)})"
        await self._until(f"return ({one}?.innerText ?? '') !== '';", f"nothing at {selector}")
        return str(await self._evaluate(f"return {one}.innerText;"))

    async def save_into(self, folder: Path) -> None:
        """Have what is downloaded saved in that folder."""
        await self._call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))

    async def upload(self, field: str, file: Path) -> None:
        """Choose a file in the field of that id."""
        found = await self._call("Runtime.evaluate", expression=f"document.getElementById({json.dumps(field)})")
        chosen = found.get("result", {}).get("objectId")
        if chosen is None:
            raise BrowserFault(f"no field {field} for a file")
        await self._call("DOM.setFileInputFiles", files=[str(file)], objectId=chosen)

    async def see(self, words: str, *, within_seconds: float | None = None) -> str:
        """All that the page says, as soon as these words are on it."""
        said = f"document.querySelector('main')?.innerText.includes({json.dumps(words)})"
        is_there = f"return document.readyState === 'complete' && {said};"
        await self._until(is_there, f"{words!r} is nowhere", within_seconds=within_seconds)
        return str(await self._evaluate("return document.querySelector('main').innerText;"))

    async def _until(self, script: str, otherwise: str, *, within_seconds: float | None = None) -> None:
        """Look again and again until the script says yes; a page that is being left says nothing."""
        try:
            async with asyncio.timeout(STEP_SECONDS if within_seconds is None else within_seconds):
                while True:
                    if await self._evaluate(script):
                        return
                    await asyncio.sleep(self._look_seconds)
        except TimeoutError:
            shown = await self._evaluate(
                "return location.pathname + ' says: ' + document.querySelector('main')?.innerText;"
            )
            raise BrowserFault(f"{otherwise}: {str(shown)[:3000]}") from None

    async def _evaluate(self, script: str) -> Any:
        answer = await self._call("Runtime.evaluate", expression=f"(() => {{{script}}})()", returnByValue=True)
        return answer.get("result", {}).get("value")

    async def _call(self, method: str, **parameters: object) -> dict[str, Any]:
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "method": method, "params": parameters})
        async for message in self._socket:
            answer = json.loads(message.data)
            if answer.get("id") == self._asked:
                return dict(answer.get("result", {}))
            if answer.get("method") == "Network.loadingFinished":
                self.received_octets += int(answer["params"]["encodedDataLength"])
        raise BrowserFault("the browser has ended")


@asynccontextmanager
async def open_browser(program: str, profile: Path, *, look_seconds: float = LOOK_SECONDS) -> AsyncIterator[Tab]:
    """A browser with that folder as its profile, until the block ends; the folder stays."""
    process = await asyncio.to_thread(_start, program, profile)
    try:
        port = await asyncio.to_thread(_port_of, process, profile)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                pages = [each for each in await answer.json() if each["type"] == "page"]
            async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                yield Tab(socket, look_seconds)
    finally:
        await asyncio.to_thread(_end, process)


def _start(program: str, profile: Path) -> subprocess.Popen[bytes]:
    profile.mkdir(parents=True)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with open(profile / _SAID, "wb") as said:
        return subprocess.Popen(  # noqa: S603 - the browser that was found on this machine
            [program, *_ARGUMENTS, *sandbox, f"--user-data-dir={profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )


def _port_of(process: subprocess.Popen[bytes], profile: Path) -> int:
    """Where it listens for what it is told: it writes that into its profile, and a path on the line below."""
    file, until = profile / "DevToolsActivePort", time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        if file.exists() and "\n" in (written := file.read_text("ascii")):
            return int(written.splitlines()[0])
        time.sleep(LOOK_SECONDS)
    said = (profile / _SAID).read_text("utf-8", "replace")
    raise BrowserFault(f"the browser did not start: {said[-600:].strip()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Have it write what it has to write, and go."""
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
