"""A page with nothing on it but what a test hands in, under the policies of the portal: for modules of the desk alone.

The policies are written out here a second time on purpose: modules are held to what the portal promises, and not to
what it happens to send.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape
from types import MappingProxyType

from aiohttp import web

from gateway.desk_files import DeskFile, DeskFiles, read_desk_files

BASE = "/desk/files/"


def with_module(name: str, text: str) -> DeskFiles:
    """The files of the desk and one more, as if it had been packaged."""
    path = f"js/{name}.js"
    one = DeskFile(path=path, octets=text.encode(), media_type="text/javascript; charset=utf-8")
    return DeskFiles(files=MappingProxyType({**read_desk_files().files, path: one}))


def headers(csp_source: str) -> dict[str, str]:
    """What a page with modules bears."""
    policy = (
        f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval' {csp_source}; style-src 'self'; "
        "img-src 'self' blob:; connect-src 'self'; worker-src blob:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types knooppunt-worker"
    )
    return {
        "Content-Security-Policy": policy,
        "Integrity-Policy": "blocked-destinations=(script)",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def app(files: DeskFiles, promised: DeskFiles | None = None) -> web.Application:
    """Serves `files`; the page `/NAME` starts the module `js/NAME.js` of them.

    The page promises the hashes of `promised`, which are those of `files` unless a test cheats.
    """
    written = (promised or files).import_map(BASE)

    async def page(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        text = (
            '<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Proef</title>'
            f'<script type="importmap">{written.text}</script>'
            f'<script type="module" src="{BASE}js/{escape(name)}.js"></script>'
            "</head><body><main><h1>Proef</h1><output>niet begonnen</output></main></body></html>"
        )
        return web.Response(text=text, content_type="text/html", headers=headers(written.csp_source))

    async def file(request: web.Request) -> web.Response:
        path = request.match_info["path"]
        found = files.served.get(path)
        if found is None or found.media_type is None:
            raise web.HTTPNotFound
        kind, _, charset = found.media_type.partition("; charset=")
        return web.Response(body=found.octets, content_type=kind, charset=charset or None)

    made = web.Application()
    made.router.add_get("/{name}", page)
    made.router.add_get(BASE + "{path:.*}", file)
    return made


@asynccontextmanager
async def served(application: web.Application) -> AsyncIterator[str]:
    """Its address, by a name that browsers trust without TLS."""
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield f"http://localhost:{port}"
    finally:
        await runner.cleanup()
