"""The desk on one's own machine as a server: from a browser's request to a page of ours, or to an answer of the portal.

The order is the same for every request: the name it came by, its route, where it comes from, then the page or call.

SECURITY: pages, scripts, styles and headers are those of the installed package. A request is for our own name, or it
gets a bare status (DNS rebinding); whatever changes something comes from a page of ours. Answers of the portal are
never a document that a browser opens: they are saved at most, and run nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from gateway.client.own_desk.logins import Logins
from gateway.client.own_desk.pages import Pages
from gateway.client.own_desk.routes import Call, FoundHere, PageRoute, find, leads_to_page
from gateway.client.own_desk.upstream import Asking, FarPortal, SaidByPortal, Silent, Strange, session_of
from gateway.limits import KIB, WIRE_OCTETS
from gateway.pages.forgery import TOKEN_FIELD, TOKEN_HEADER, from_here
from gateway.pages.headers import safe_headers
from gateway.pages.texts import DUTCH, LANGUAGES

FILES: Final = "/desk/files/"
_MOST_FORM_OCTETS: Final = 16 * KIB
_MOST_JSON_OCTETS: Final = 512 * KIB
_HTML: Final = "text/html; charset=utf-8"
_START_SAID: Final = ("ended", "cancelled", "out")
_SERVICES: Final = ("user", "administrator")
_DOCUMENTS: Final = ("document", "iframe", "frame", "embed", "object")  # what a browser would open as a page
_FLAGS: Final = "Path=/; HttpOnly; SameSite=Lax"
# Over what a call answers: opened by itself it is saved, and whatever it holds runs nothing.
_NO_PAGE: Final = {"Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "attachment"}


class NotHere(Exception):
    """A request that is answered with an error page of ours; `text` is a key of the catalogue."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class OwnDesk:
    """Serves one desk, at one origin; `told` hears what the portal did not do as it should."""

    def __init__(self, origin: str, portal: FarPortal, pages: Pages, told: Callable[[str], None]) -> None:
        self.origin = origin
        self._host = origin.partition("://")[2]
        self._portal = portal
        self._pages = pages
        self._told = told
        self._logins = Logins()
        number = origin.rpartition(":")[2]  # cookies know no ports, and other programs of this machine have pages too
        self._session_cookie, self._login_cookie = f"knooppunt-desk-{number}", f"knooppunt-desk-login-{number}"
        self._language_cookie = f"knooppunt-desk-taal-{number}"
        self._secure = "; Secure" if origin.startswith("https:") else ""

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """One HTTP exchange."""
        if request.headers.getall("Host", []) != [self._host]:
            return web.Response(status=HTTPStatus.MISDIRECTED_REQUEST, headers=safe_headers())
        language = self._language(request)
        try:
            response = await self._exchange(request, language)
        except NotHere as refused:
            response = self._error(refused.status, refused.text, request, language)
        except Silent as fault:
            self._told(f"the portal did not answer: {fault}")
            response = self._error(HTTPStatus.BAD_GATEWAY, "error.portal_silent", request, language)
        except Strange as fault:
            self._told(f"the portal sent what is not shown: {fault}")
            response = self._error(HTTPStatus.BAD_GATEWAY, "error.portal_strange", request, language)
        if request.query.get("lang") in LANGUAGES and not response.prepared:
            self._give(response, self._language_cookie, language)
        return response

    async def _exchange(self, request: web.BaseRequest, language: str) -> web.StreamResponse:
        raw = request.rel_url.raw_path
        method = "GET" if request.method == "HEAD" else request.method
        found = find(method, raw)
        self._judge_origin(request, found)
        match method, raw:
            case "GET", "/":
                return await self._start(request, language)
            case "POST", "/inloggen":
                return await self._depart(request, language)
            case "GET", "/terug":
                return await self._come_back(request, language)
            case "POST", "/blijf":
                fields = await self._form(request)
                asking = self._asking(request, language, fields.pop(TOKEN_FIELD, ""))
                said = await self._portal.document("POST", "/desk/api/session", asking, said={})
                return self._logged_out(request) if said.status == HTTPStatus.UNAUTHORIZED else _see("/berichten")
        if method == "GET" and raw.startswith(FILES):
            return self._file(raw.removeprefix(FILES))
        if found is None:
            raise NotHere(HTTPStatus.NOT_FOUND, "error.missing")
        if isinstance(found.route, PageRoute):
            return await self._page(request, found, found.route, language)
        return await self._call(request, found, found.route, language)

    def _judge_origin(self, request: web.BaseRequest, found: FoundHere | None) -> None:
        """What changes something, and what scripts ask, is asked by our own pages alone."""
        is_call = found is not None and isinstance(found.route, Call)
        if request.method not in ("GET", "HEAD"):
            if from_here(request.headers, self.origin) is not None:
                raise NotHere(HTTPStatus.FORBIDDEN, "error.forged")
            return
        is_ours = request.headers.get("Origin") in (None, self.origin)
        if is_call:
            is_ours = is_ours and request.headers.get("Sec-Fetch-Site") in (None, "same-origin")
            is_ours = is_ours and request.headers.get("Sec-Fetch-Dest") not in _DOCUMENTS
        if not is_ours:
            raise NotHere(HTTPStatus.FORBIDDEN, "error.forged")

    async def _start(self, request: web.BaseRequest, language: str) -> web.Response:
        """Where one logs in; who is logged in goes on to the overview."""
        if self._logins.session(request.cookies.get(self._session_cookie)) is not None:
            return _see("/berichten")
        said = await self._portal.document("GET", "/desk/api/start", Asking(language=language), is_framed=True)
        frame = said.document.get("frame") if isinstance(said.document, dict) else None
        became = next((f"start.{each}" for each in _START_SAID if each in request.query), None)
        shown = SaidByPortal(said.status, {"frame": frame, "view": {"token": "", "said": became, "joining": False}})
        page = self._pages.page("start.html.j2", "/", shown, language)
        return self._html(HTTPStatus.OK, page, form_target=self._portal.origin)

    async def _depart(self, request: web.BaseRequest, language: str) -> web.Response:
        """Send the browser to the portal's login, with what it comes back with."""
        service = (await self._form(request)).get("service")
        if service not in _SERVICES:
            raise NotHere(HTTPStatus.BAD_REQUEST, "error.unusable")
        cookie, departed = self._logins.depart()
        said = {"service": service, "at": self.origin, "challenge": departed.challenge, "state": departed.state}
        response = _see(f"{self._portal.origin}/eigen-computer?{urlencode({**said, 'lang': language})}")
        self._give(response, self._login_cookie, cookie)
        return response

    async def _come_back(self, request: web.BaseRequest, language: str) -> web.Response:
        """A session for the browser that left, and for no other."""
        cookie = request.cookies.get(self._login_cookie)
        code = request.query.get("code", "")
        departed = self._logins.came_back(cookie, request.query.get("state", ""), code)
        if departed is None:
            raise NotHere(HTTPStatus.FORBIDDEN, "error.login_over")
        start = await self._portal.document("GET", "/desk/api/start", Asking(language=language))
        token = start.document.get("token") if isinstance(start.document, dict) else None
        asking = Asking(language=language, login=start.login, token=str(token))
        proof = {"code": code, "verifier": departed.verifier}
        said = await self._portal.document("POST", "/desk/api/own-machine", asking, said=proof)
        if said.status != HTTPStatus.OK:
            return self._html(HTTPStatus(said.status), self._pages.refusal(said, language))
        self._logins.end(request.cookies.get(self._session_cookie))
        response = self._lead(said)
        self._give(response, self._session_cookie, self._logins.begin(session_of(said)))
        return response

    def _file(self, rest: str) -> web.Response:
        edition, _, path = rest.partition("/")
        found = self._pages.served.find(edition, path)
        if found is None or found.media_type is None:
            raise NotHere(HTTPStatus.NOT_FOUND, "error.missing")
        headers = {**safe_headers(kept=True), "Content-Type": found.media_type}
        return web.Response(body=found.octets, headers=headers)

    async def _page(self, request: web.BaseRequest, found: FoundHere, route: PageRoute, language: str) -> web.Response:
        fields, token = None, ""
        if route.method == "POST":
            fields = await self._form(request)
            token = fields.pop(TOKEN_FIELD, "")
        asking = self._asking(request, language, token)
        query = urlencode([(name, value) for name, value in request.query.items() if name != "lang"])
        said = await self._portal.document(
            route.method, found.at_portal(), asking, query=query, said=fields, is_framed=True
        )
        if said.status == HTTPStatus.UNAUTHORIZED:
            return self._logged_out(request)
        document = said.document if isinstance(said.document, dict) else {}
        if "see" in document and said.status == HTTPStatus.OK:
            response = self._lead(said)
            if route.path == "/uitloggen":
                self._end(response, request)
            return response
        if "view" in document and route.template:
            return self._html(HTTPStatus(said.status), self._pages.page(route.template, route.path, said, language))
        if said.status < HTTPStatus.BAD_REQUEST:
            raise Strange("neither a view nor a way on")
        return self._html(HTTPStatus(said.status), self._pages.refusal(said, language))

    async def _call(self, request: web.BaseRequest, found: FoundHere, call: Call, language: str) -> web.StreamResponse:
        asking = self._asking(request, language, request.headers.get(TOKEN_HEADER, ""))
        data: bytes | AsyncIterator[bytes] | None = None
        length = None
        if call.sends_octets:
            length, data = request.content_length, _bounded(request, WIRE_OCTETS)
        elif call.method == "POST":
            if request.content_type != "application/json":
                raise NotHere(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "error.unusable")
            data = await _whole(request, _MOST_JSON_OCTETS)
        async with self._portal.relayed(
            call,
            found.at_portal(),
            asking,
            query=request.rel_url.raw_query_string,
            content_type=request.headers.get("Content-Type", "application/json"),
            data=data,
            length=length,
        ) as answer:
            headers = {**safe_headers(), **_NO_PAGE, "Content-Type": answer.content_type}
            if answer.message_type is not None:
                headers["Knooppunt-Content-Type"] = answer.message_type
            response = web.StreamResponse(status=answer.status, headers=headers)
            if answer.status == HTTPStatus.UNAUTHORIZED:
                self._end(response, request)
            await response.prepare(request)
            try:
                async for chunk in answer.chunks:
                    await response.write(chunk)
            except (Silent, Strange) as fault:
                self._told(f"an answer of the portal was cut: {fault}")
                if request.transport is not None:
                    request.transport.abort()
                return response
            await response.write_eof()
            return response

    def _asking(self, request: web.BaseRequest, language: str, token: str) -> Asking:
        return Asking(
            session=self._logins.session(request.cookies.get(self._session_cookie)),
            token=token,
            language=language,
            lease=request.headers.get("Knooppunt-Lease"),
        )

    @staticmethod
    async def _form(request: web.BaseRequest) -> dict[str, str]:
        if request.content_type != "application/x-www-form-urlencoded":
            raise NotHere(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "error.unusable")
        text = (await _whole(request, _MOST_FORM_OCTETS)).decode("ascii", "replace")
        return dict(parse_qsl(text, keep_blank_values=True))

    def _lead(self, said: SaidByPortal) -> web.Response:
        """Go on to a page of ours, and to nothing else."""
        to = said.document.get("see") if isinstance(said.document, dict) else None
        if not isinstance(to, str) or not leads_to_page(to):
            raise Strange("a way to no page of ours")
        return _see(to)

    def _logged_out(self, request: web.BaseRequest) -> web.Response:
        had_one = self._session_cookie in request.cookies
        response = _see("/?ended=1" if had_one else "/")
        self._end(response, request)
        return response

    def _end(self, response: web.StreamResponse, request: web.BaseRequest) -> None:
        self._logins.end(request.cookies.get(self._session_cookie))
        response.headers.add("Set-Cookie", f"{self._session_cookie}=; {_FLAGS}{self._secure}; Max-Age=0")

    def _give(self, response: web.StreamResponse, name: str, value: str) -> None:
        response.headers.add("Set-Cookie", f"{name}={value}; {_FLAGS}{self._secure}")

    def _language(self, request: web.BaseRequest) -> str:
        asked = (request.query.get("lang"), request.cookies.get(self._language_cookie))
        return next((each for each in asked if each in LANGUAGES), DUTCH)

    def _html(self, status: HTTPStatus, page: bytes, *, form_target: str | None = None) -> web.Response:
        headers = safe_headers(import_map=self._pages.served.import_map.csp_source, form_target=form_target)
        return web.Response(status=status, body=page, headers={**headers, "Content-Type": _HTML})

    def _error(self, status: HTTPStatus, text: str, request: web.BaseRequest, language: str) -> web.Response:
        if request.path.startswith("/desk/"):
            said: dict[str, Any] = {
                "status": int(status), "error": text, "text": self._pages.texts(language)(text), "number": ""
            }  # fmt: skip
            response = web.json_response(said, status=status, headers={**safe_headers(), **_NO_PAGE})
        else:
            response = self._html(status, self._pages.error(status, text, language))
        if request.can_read_body and not request.content.at_eof():
            response.force_close()
        return response


def _see(path: str) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={**safe_headers(), "Location": path})


async def _bounded(request: web.BaseRequest, most: int) -> AsyncIterator[bytes]:
    count = 0
    async for chunk in request.content.iter_any():
        count += len(chunk)
        if count > most:
            raise NotHere(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "error.unusable")
        yield chunk


async def _whole(request: web.BaseRequest, most: int) -> bytes:
    return b"".join([each async for each in _bounded(request, most)])
