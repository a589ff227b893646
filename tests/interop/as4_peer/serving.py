"""A very small hub on the `as4` package: enough to let the package talk to itself over a loopback socket."""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from as4.core.receipt import AS4Receipt
from multipart import split

if TYPE_CHECKING:
    from peer import Peer


def start(peer: Peer, request: Mapping[str, Any]) -> str:
    """Serves until the process ends; `queue` holds user messages (content_type, body) for whoever pulls."""
    from peer import own_party

    queue = list(request.get("queue", []))
    own = own_party(request)

    class Answering(BaseHTTPRequestHandler):
        """Tells the three kinds of request apart by what stands in the envelope."""

        def do_POST(self) -> None:
            content_type = self.headers.get("Content-Type", "")
            body = self.rfile.read(int(self.headers["Content-Length"]))
            envelope, _ = split(content_type, body)
            if b"UserMessage" in envelope:
                headers, answer = AS4Receipt.for_message(peer.read(request, content_type, body), own).get_request_data()
                self._send(200, headers["Content-Type"], answer)
            elif b"PullRequest" in envelope and queue:
                message = queue.pop(0)
                self._send(200, message["content_type"], b64decode(message["body"]))
            elif b"PullRequest" in envelope:
                empty = AS4Receipt.create_error_signal(
                    error_code="EBMS:0006",
                    short_description="EmptyMessagePartitionChannel",
                    description="nothing to pull",
                    severity="warning",
                    detail="nothing to pull",
                    category="Communication",
                    referenced_message_id="",
                    referenced_messaging_id="",
                    local_party=own,
                )
                headers, answer = empty.get_request_data()
                self._send(200, headers["Content-Type"], answer)
            else:
                self._send(204, "", b"")

        def _send(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            if content_type:
                self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Standard output is for answers."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/as4"
